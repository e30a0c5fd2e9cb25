"""The whole plan on one page, for those who run it and those who read where it stands."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from actions.context_processors import convention_de
from actions.filters import PlanFilter
from actions.forms import ActionCreationForm
from actions.models import Action
from ctg.acces import exiger


def _par_axe(convention, fiches, vides):
    """Return [(axe, its fiches)] in the order of the plan; axes without a fiche too if `vides`."""
    groupes = {axe.pk: (axe, []) for axe in convention.axes.all()}
    for fiche in fiches:
        groupes[fiche.axe_id][1].append(fiche)
    return [(axe, siennes) for axe, siennes in groupes.values() if siennes or vides]


def plan(request):
    convention = convention_de(request)
    if convention is None:
        if not request.user.is_authenticated:
            return exiger(request, "plan.lire", None)
        return render(request, "actions/plan_vide.html")
    if refus := exiger(request, "plan.lire", convention):
        return refus
    toutes = Action.objects.actives().de(convention)
    filtre = PlanFilter(request.GET, queryset=toutes.pour_liste(), convention=convention)
    fiches = list(filtre.qs)
    filtree = any(request.GET.get(nom) for nom in filtre.filters)
    chiffres = toutes.aggregate(
        total=Count("pk"),
        en_cours=Count("pk", filter=Q(statut=Action.Statut.EN_COURS)),
        realisees=Count("pk", filter=Q(statut=Action.Statut.REALISEE)),
        bloquees=Count("pk", filter=Q(statut=Action.Statut.BLOQUEE)),
        en_retard=Count("pk", filter=toutes.condition_de_retard()),
    )
    contexte = {
        "filtre": filtre,
        "fiches": fiches,
        "axes": _par_axe(convention, fiches, vides=not filtree),
        "chiffres": chiffres,
        "filtree": filtree,
        "modifiable": request.user.has_perm("plan.modifier", convention),
        "archives": Action.objects.filter(axe__convention=convention, archivee=True).select_related("axe"),
    }
    gabarit = "actions/_plan_liste.html" if request.htmx and not request.htmx.boosted else "actions/plan.html"
    return render(request, gabarit, contexte)


@require_http_methods(["GET", "POST"])
def creer(request):
    convention = convention_de(request)
    if refus := exiger(request, "plan.modifier", convention):
        return refus
    form = ActionCreationForm(request.POST or None, convention=convention, initial={"axe": request.GET.get("axe")})
    if request.method == "POST" and form.is_valid():
        action = form.save()
        messages.success(request, f"La fiche {action.numero} est créée. Remplissez-la section par section.")
        return redirect(action)
    return render(request, "actions/fiche_creer.html", {"form": form}, status=422 if form.errors else 200)
