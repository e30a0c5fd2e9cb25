"""The printed plan: one fiche, one axe, the whole; for those who work on it and for the public."""

from functools import partial

from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import slugify

from actions.context_processors import convention_de
from actions.documents import Usage, document_axe, document_fiche, document_plan
from actions.models import Action, Axe
from ctg.acces import exiger
from ctg.historique import etat_des_donnees
from ctg.pdf import MiseEnPageImpossible, Preparation

from .public import _publiee


def servir(request, fabrique, *args, **kwargs):
    """Answer with the PDF if it is ready; else with a page that shows how far it is and comes back by itself.

    `fabrique(*args, **kwargs)` returns the `Document`; it is called only if the data changed since it was printed.
    """
    quoi = [fabrique.__name__, *(a.pk for a in args), kwargs, timezone.localdate(), etat_des_donnees()]
    preparation = Preparation(repr(quoi), partial(fabrique, *args, **kwargs))
    try:
        faits, total = (1, 1) if preparation.prete else preparation.avancement()
        if faits < total:
            return render(
                request,
                "documents/patience.html",
                {"faits": faits, "total": total, "titre": preparation.document.titre},
            )
        fichier = preparation.fichier()
    except MiseEnPageImpossible as erreur:
        return render(request, "documents/impossible.html", {"erreur": erreur}, status=503)
    if request.htmx:
        # htmx polls the waiting page: it is sent to the file as a browser would be.
        reponse = HttpResponseRedirect(request.get_full_path())
        reponse.status_code = 200
        reponse["HX-Redirect"] = request.get_full_path()
        return reponse
    return FileResponse(
        fichier.open("rb"),
        content_type="application/pdf",
        filename=f"{slugify(request.path.removesuffix('.pdf').rsplit('/', 1)[-1])}.pdf",
    )


def fiche_pdf(request, pk):
    action = get_object_or_404(Action.objects.completes(), pk=pk)
    return exiger(request, "plan.lire", action) or servir(request, document_fiche, action)


def fiche_publique_pdf(request, pk):
    _publiee(request)
    action = get_object_or_404(Action.objects.publiees().completes(), pk=pk)
    return servir(request, document_fiche, action, usage=Usage.PUBLIC)


def _axe(convention, ordre):
    axes = Axe.objects.select_related("convention__territoire", "convention__porteur")
    return get_object_or_404(axes, convention=convention, ordre=ordre)


def axe_pdf(request, ordre):
    convention = convention_de(request)
    if refus := exiger(request, "plan.lire", convention):
        return refus
    return servir(request, document_axe, _axe(convention, ordre))


def axe_public_pdf(request, ordre):
    return servir(request, document_axe, _axe(_publiee(request), ordre), usage=Usage.PUBLIC)


def plan_pdf(request):
    convention = convention_de(request)
    return exiger(request, "plan.lire", convention) or servir(request, document_plan, convention)


def plan_public_pdf(request):
    return servir(request, document_plan, _publiee(request), usage=Usage.PUBLIC)
