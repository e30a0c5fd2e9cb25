"""The whole plan on one page, for those who run it and those who read where it stands."""

from collections import Counter

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from actions.filters import PlanFilter
from actions.forms import ActionCreationForm
from actions.lignes import lignes_des_axes
from actions.models import Action
from ctg.acces import exiger
from ctg.adresses import adresse, sans_vides
from ctg.pages import marque
from ctg.saisie import creer as saisir_un_nouveau


def _chiffres(fiches):
    """Return {"total", "en_retard", "par_statut": [(status, its words, number)]}: these add up, and each leads to its fiches."""
    nombres = Counter(fiche.statut for fiche in fiches)
    return {
        "total": len(fiches),
        "en_retard": sum(fiche.est_en_retard() for fiche in fiches),
        "par_statut": [(s, s.label, nombres[s]) for s in Action.Statut if nombres[s]],
    }


def plan(request):
    convention = request.convention
    exiger(request, "plan.lire", convention)
    if nette := sans_vides(request):
        return redirect(nette)
    lue = marque(request)
    toutes = Action.objects.actives().de(convention)
    axes = list(convention.axes.all())
    filtre = PlanFilter(request.GET, queryset=toutes, convention=convention, axes=axes)
    # What the counters count, and lead to: the fiches of the other filters, status by status.
    autres = request.GET.copy()
    statut = autres.pop("statut", [""])[-1]

    def chiffres():
        if not statut:
            return _chiffres(filtre.fiches)
        return _chiffres(PlanFilter(autres, queryset=toutes, convention=convention, axes=axes).fiches)

    filtree = any(request.GET.get(nom) for nom in filtre.filters)
    fige = "plan" in convention.gel()
    tient = request.user.has_perm("plan.modifier", convention)
    # The place of the page has read every convention of the territory already.
    precedente = next((c for c in request.territoire.les_conventions if c.pk == convention.precedente_id), None)
    if precedente and not request.user.has_perm("plan.lire", precedente):
        precedente = None
    contexte = {
        "precedente": precedente,
        "a_reprendre": precedente and tient and convention.est_en_preparation,
        "filtre": filtre,
        # What is read of the plan is asked for by the part of the page that shows it, if it has to be made again.
        "axes": lambda: lignes_des_axes(convention, axes, filtre.fiches, vides=not filtree),
        "marque": lue,
        "demande": request.GET.urlencode(),
        "chiffres": chiffres,
        "statut": statut,
        "autres": autres.urlencode(),
        "filtree": filtree,
        "tient": tient,
        "modifiable": tient and not fige,
        # A plan that is filtered does not show all the ranks.
        "deplacable": tient and not fige and not filtree,
        "gel": convention.raison_du_gel() if tient and fige else "",
        "archives": convention.fiches.filter(archivee=True).select_related("axe", "convention__territoire"),
    }
    gabarit = "actions/_plan_liste.html" if request.htmx and not request.htmx.boosted else "actions/plan.html"
    return render(request, gabarit, contexte)


@require_http_methods(["GET", "POST"])
def creer(request):
    convention = request.convention
    exiger(request, "plan.modifier", convention)
    form = ActionCreationForm(request.POST or None, convention=convention, initial={"axe": request.GET.get("axe")})
    retour = adresse("plan", de=convention)
    return saisir_un_nouveau(
        request,
        "Nouvelle fiche action",
        form,
        retour=retour,
        fil=[(retour, "Plan de travail")],
        bouton="Créer la fiche",
        succes=lambda action: f"La fiche {action.numero_affiche} est créée. Remplissez-la section par section.",
    )
