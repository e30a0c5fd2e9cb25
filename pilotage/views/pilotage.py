"""Who steers what, who meets when, what is still to be done; and the calendars that others subscribe to."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_POST

from ctg.acces import exiger
from pilotage.exports import calendrier_de
from pilotage.models import Decision, Deliberation, Instance, Reunion


def pilotage(request):
    territoire = request.territoire
    exiger(request, "territoire.lire", territoire)
    instances = Instance.objects.filter(territoire=territoire).select_related("territoire", "collectivite")
    instances = instances.prefetch_related("axes__convention", "fiches__axe", "fiches__convention__territoire")
    decisions = Decision.objects.ouvertes().filter(reunion__territoire=territoire)
    reunions = Reunion.objects.filter(territoire=territoire).a_venir()
    suivie = territoire.suivie
    contexte = {
        "instances": list(instances),
        "axes": suivie.axes.all() if suivie else [],
        "suivie": suivie,
        "prochaines": reunions.select_related("organisatrice", "territoire")[:6],
        "decisions": decisions.select_related(
            "action__axe", "action__convention__territoire", "reunion__territoire", "reunion__organisatrice"
        ),
        "annee": timezone.localdate().year,
        "tient": request.user.has_perm("territoire.gerer", territoire),
        "a_confirmer": Deliberation.objects.a_confirmer()
        .filter(conseil__territoire=territoire)
        .select_related("conseil__territoire"),
    }
    return render(request, "pilotage/pilotage.html", contexte)


def calendrier(request, annee):
    exiger(request, "territoire.lire", request.territoire)
    mois = {numero: [] for numero in range(1, 13)}
    reunions = Reunion.objects.filter(territoire=request.territoire).de_l_annee(annee)
    for reunion in reunions.select_related("organisatrice", "territoire"):
        mois[reunion.date.month].append(reunion)
    contexte = {"annee": annee, "mois": [(datetime(annee, n, 1), siennes) for n, siennes in mois.items()]}
    return render(request, "pilotage/calendrier.html", contexte)


def agenda(request, pk, jeton):
    """The calendar of a body (RFC 5545), for who holds its address: a calendar cannot sign in."""
    instance = get_object_or_404(Instance.objects.select_related("territoire"), pk=pk, territoire=request.territoire)
    if not constant_time_compare(jeton, instance.jeton):
        raise Http404("Cette adresse d’agenda n’est pas la bonne.")
    reponse = HttpResponse(calendrier_de(instance), content_type="text/calendar; charset=utf-8")
    reponse["Content-Disposition"] = 'inline; filename="agenda.ics"'
    return reponse


@require_POST
def decision_faite(request, pk):
    """Strike a decision off, or put it back on the list."""
    decisions = Decision.objects.filter(reunion__territoire=request.territoire)
    decision = get_object_or_404(decisions.select_related("reunion__organisatrice", "reunion__territoire"), pk=pk)
    exiger(request, "instance.gerer", decision.reunion)
    decision.basculer()
    return redirect(decision.reunion)
