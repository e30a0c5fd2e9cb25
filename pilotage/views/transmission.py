"""What happens to an act after its vote: the folder for the operator, the certificate of posting, an erratum."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods

from ctg.acces import exiger, ouvrir
from ctg.impression import servir
from ctg.saisie import creer
from pilotage.documents import document_certificat, document_erratum
from pilotage.forms import ErratumForm
from pilotage.models import Deliberation, Erratum
from pilotage.transmission import DossierImpossible, dossier_actes


def _ouvrir(request, pk, gere=True):
    """Open a proclaimed act, for who keeps the council's papers or, not `gere`, for who reads it."""
    actes = Deliberation.objects.completes().filter(conseil__territoire=request.territoire)
    acte = ouvrir(request, actes, "deliberation.lire", pk=pk)
    if gere:
        exiger(request, "instance.gerer", acte.conseil)
    if not acte.compte:
        raise Http404("Cet acte n’est pas proclamé, ou n’a pas été retenu.")
    return acte


def dossier(request, pk):
    """The folder for the operator, or the page that says what is missing."""
    acte = _ouvrir(request, pk)
    try:
        octets = dossier_actes(acte)
    except DossierImpossible as erreur:
        return render(request, "pilotage/transmission_impossible.html", {"erreur": erreur, "acte": acte}, status=409)
    reponse = HttpResponse(octets, content_type="application/zip")
    reponse["Content-Disposition"] = f'attachment; filename="actes-{slugify(acte.numero)}.zip"'
    return reponse


def certificat(request, pk):
    acte = _ouvrir(request, pk)
    if not acte.publiee_le:
        raise Http404("Notez d’abord la date de publication de cet acte.")
    return servir(request, document_certificat, acte, lus=[request.territoire])


@require_http_methods(["GET", "POST"])
def corriger(request, pk):
    """Set down an erratum beside a proclaimed act."""
    acte = _ouvrir(request, pk)
    form = ErratumForm(request.POST if request.method == "POST" else None, instance=Erratum(deliberation=acte))
    fil = [(acte.get_absolute_url(), str(acte))]
    return creer(
        request,
        "Corriger une erreur matérielle",
        form,
        retour=acte.get_absolute_url(),
        fil=fil,
        succes=lambda erratum: (
            f"L’erratum du {erratum.le:%d/%m/%Y} est enregistré ; l’acte reste tel qu’il a été voté."
        ),
    )


def erratum(request, pk, erratum):
    acte = _ouvrir(request, pk, gere=False)
    trouve = acte.errata.filter(pk=erratum).first()
    if trouve is None:
        raise Http404("Cet erratum n’est pas celui de cet acte.")
    return servir(request, document_erratum, trouve, lus=[request.territoire])
