"""The whole plan on one page, for those who run it and those who read where it stands."""

from itertools import groupby

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from actions.context_processors import convention_de
from actions.filters import PlanFilter
from actions.forms import ActionCreationForm
from actions.models import Action
from ctg.acces import exiger

PAR_PAGE = 100


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
    page = Paginator(filtre.qs, PAR_PAGE).get_page(request.GET.get("page"))
    chiffres = toutes.aggregate(
        total=Count("pk"),
        en_cours=Count("pk", filter=Q(statut=Action.Statut.EN_COURS)),
        realisees=Count("pk", filter=Q(statut=Action.Statut.REALISEE)),
        bloquees=Count("pk", filter=Q(statut=Action.Statut.BLOQUEE)),
        en_retard=Count("pk", filter=toutes.condition_de_retard()),
    )
    contexte = {
        "filtre": filtre,
        "page": page,
        "axes": [(axe, list(actions)) for axe, actions in groupby(page, key=lambda a: a.axe)],
        "chiffres": chiffres,
        "filtree": any(request.GET.get(nom) for nom in filtre.filters),
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
