"""Where signing in leads, and every convention that an account may read."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render

from actions.models import Convention, Territoire
from ctg.adresses import adresse


def _lues(request):
    conventions = Convention.objects.visibles_pour(request.user).select_related("territoire", "porteur")
    return list(conventions.order_by("territoire__nom", "-debut"))


@login_required
def travail(request):
    """My only convention, else the list of mine; an administrator's first steps lead to what is to be done."""
    lues = _lues(request)
    if request.user.is_superuser and not lues:
        territoire = Territoire.objects.first()
        return redirect(adresse("gestion", de=territoire) if territoire else "territoire_creer")
    return redirect(adresse("plan", de=lues[0]) if len(lues) == 1 else "conventions")


@login_required
def conventions(request):
    """Every convention that I may read, by territory, and where each stands."""
    territoires = {t.pk: t for t in Territoire.objects.visibles_pour(request.user)}
    groupes = {t: [] for t in sorted(territoires.values(), key=lambda t: t.nom)}
    for convention in _lues(request):
        convention.territoire = territoires.get(convention.territoire_id, convention.territoire)
        groupes.setdefault(convention.territoire, []).append(convention)
    return render(request, "pilotage/conventions.html", {"groupes": groupes.items()})
