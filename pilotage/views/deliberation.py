"""One act: written, voted, proclaimed, dated, withdrawn; and its papers."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ctg.acces import dire, exiger, ouvrir
from ctg.adresses import adresse
from ctg.impression import servir
from ctg.journal import Journal
from ctg.journal import historique as page_d_historique
from ctg.saisie import editer
from pilotage.documents import document_deliberation, document_dossier, empreinte_du_texte
from pilotage.forms import DatesForm, RetraitForm
from pilotage.models import Deliberation, Instance
from pilotage.saisies import ACTE


def _actes(request):
    return Deliberation.objects.completes().filter(conseil__territoire=request.territoire)


def deliberations(request):
    """The acts of the territory: all of them for its members, the published ones for an inhabitant."""
    territoire = request.territoire
    membre = request.user.has_perm("territoire.lire", territoire)
    if not membre and not territoire.est_public:
        raise Http404("Ce territoire ne publie encore aucune convention.")
    actes = _actes(request).dans_l_ordre()
    if not membre:
        actes = actes.publiques()
    contexte = {
        "actes": actes,
        "conseils": Instance.objects.conseils().filter(territoire=territoire).select_related("territoire"),
        "membre": membre,
        "annees": sorted({acte.date.year for acte in actes}, reverse=True),
    }
    return render(request, "pilotage/deliberations.html", contexte)


def deliberation(request, pk, **formulaires):
    acte = ouvrir(request, _actes(request), "deliberation.lire", pk=pk)
    gere = request.user.has_perm("deliberation.gerer", acte)
    contexte = {
        "acte": acte,
        "assistance": acte.seance.assistance() if acte.seance else None,
        "obstacles": acte.obstacles() if gere and not acte.est_fige else [],
        "gere": gere,
        "membre": request.user.has_perm("territoire.lire", acte),
        "dates_form": DatesForm(initial={"transmise_le": acte.transmise_le, "publiee_le": acte.publiee_le}),
        "retrait_form": RetraitForm(acte=acte),
        **formulaires,
    }
    return render(request, "pilotage/deliberation.html", contexte, status=422 if formulaires else 200)


def _gerer(request, pk):
    """Open an act, whatever its state, for the secretary of its council."""
    acte = ouvrir(request, _actes(request), "deliberation.lire", pk=pk)
    exiger_de_gerer(request, acte)
    return acte


def exiger_de_gerer(request, acte):
    """Ask who, not whether: the life of a proclaimed act goes on."""
    exiger(request, "instance.gerer", acte.conseil)


def _fil(acte):
    return [(adresse("deliberations", de=acte), "Délibérations"), (acte.get_absolute_url(), f"N° {acte.numero}")]


@require_http_methods(["GET", "POST"])
def modifier(request, pk, partie):
    acte = ouvrir(request, _actes(request), "deliberation.gerer", pk=pk)
    return editer(request, acte, ACTE, partie, fil=_fil(acte))


@require_http_methods(["GET", "POST"])
def historique(request, pk):
    acte = ouvrir(request, _actes(request), "territoire.lire", pk=pk)
    journal = Journal(acte, ACTE)
    return page_d_historique(request, acte, ACTE, journal, droit="deliberation.gerer", fil=_fil(acte))


@require_POST
def proclamer(request, pk):
    acte = _gerer(request, pk)
    texte_vote = empreinte_du_texte(acte.approuve) if acte.approuve else ""
    try:
        acte.proclamer(texte_vote)
    except ValidationError as erreur:
        dire(request, erreur)
    else:
        messages.success(request, f"La délibération est {acte.resultat}. Elle ne se modifie plus.")
    return redirect(acte)


@require_POST
def supprimer(request, pk):
    """Throw a project away; a proclaimed act is withdrawn, never deleted."""
    acte = ouvrir(request, _actes(request), "deliberation.gerer", pk=pk)
    acte.delete()
    messages.success(request, f"Le projet n° {acte.numero} est supprimé.")
    return redirect(acte.seance or acte.conseil)


@require_POST
def dater(request, pk):
    acte = _gerer(request, pk)
    form = DatesForm(request.POST)
    if form.is_valid():
        try:
            acte.dater(**form.cleaned_data)
        except ValidationError as erreur:
            form.add_error(None, erreur)
        else:
            messages.success(request, "Les dates sont enregistrées.")
            return redirect(acte)
    return deliberation(request, pk, dates_form=form)


@require_POST
def retirer(request, pk):
    acte = _gerer(request, pk)
    form = RetraitForm(request.POST, acte=acte)
    if form.is_valid():
        try:
            acte.retirer(form.cleaned_data["par"])
        except ValidationError as erreur:
            form.add_error("par", erreur)
        else:
            messages.success(request, "La délibération est retirée.")
            return redirect(acte)
    return deliberation(request, pk, retrait_form=form)


def pdf(request, pk):
    acte = ouvrir(request, _actes(request), "deliberation.lire", pk=pk)
    return servir(request, document_deliberation, acte, lus=[request.territoire])


def dossier(request, pk):
    """The act and the convention that it approves: for those who read the whole convention."""
    acte = ouvrir(request, _actes(request), "territoire.lire", pk=pk)
    if acte.approuve is None:
        raise Http404("Cet acte n’approuve aucune convention : il n’a pas d’annexe.")
    exiger(request, "plan.lire", acte.approuve)
    lus = [request.territoire, acte.approuve, acte.approuve.precedente]
    return servir(request, document_dossier, acte, lus=lus)
