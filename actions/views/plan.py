"""The whole plan on one page, for those who run it and those who read where it stands."""

from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from actions.filters import PlanFilter
from actions.forms import ActionCreationForm
from actions.lignes import lignes_des_axes
from actions.models import Action
from ctg.acces import exiger
from ctg.adresses import adresse
from ctg.pages import marque
from ctg.saisie import creer as saisir_un_nouveau


def _chiffres(fiches):
    """Return {"total", "en_retard", "par_statut": [(status, its words, number)]}: these add up, and each leads to its fiches."""
    lus = fiches.aggregate(
        total=Count("pk"),
        en_retard=Count("pk", filter=fiches.condition_de_retard()),
        **{statut: Count("pk", filter=Q(statut=statut)) for statut in Action.Statut.values},
    )
    return lus | {"par_statut": [(s, s.label, lus[s]) for s in Action.Statut if lus[s]]}


def plan(request):
    convention = request.convention
    exiger(request, "plan.lire", convention)
    if any(not valeur for valeur in request.GET.values()):  # an address says what is asked, and nothing else
        demande = {nom: valeur for nom, valeur in request.GET.items() if valeur}
        return redirect(f"{request.path}?{urlencode(demande)}" if demande else request.path)
    lue = marque(request)
    toutes = Action.objects.actives().de(convention)
    axes = list(convention.axes.all())
    filtre = PlanFilter(request.GET, queryset=toutes, convention=convention, axes=axes)
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
        "chiffres": lambda: _chiffres(toutes),
        "statut": request.GET.get("statut", ""),
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
