"""Who steers what, who meets when, what is still to be done; and the calendars that others subscribe to."""

from datetime import datetime, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_POST
from icalendar import Calendar, Event

from actions.context_processors import convention_de
from ctg.acces import exiger
from pilotage.models import Decision, Instance, Reunion

# What the calendar of a browser says for a meeting whose end nobody wrote.
DUREE = timedelta(hours=2)


def convention_saisie(request):
    convention = convention_de(request)
    if convention is None and request.user.is_authenticated:
        raise Http404("Aucune convention n’est encore saisie.")
    return convention


def annee_ou_404(annee):
    """Refuse a year that no convention can know."""
    if not 2000 <= annee <= 2100:
        raise Http404("Choisissez une année entre 2000 et 2100.")


def pilotage(request):
    convention = convention_saisie(request)
    if refus := exiger(request, "plan.lire", convention):
        return refus
    instances = convention.instances.select_related("partenaire").prefetch_related("axes", "fiches__axe")
    decisions = Decision.objects.ouvertes().filter(reunion__convention=convention)
    contexte = {
        "instances": list(instances),
        "axes": convention.axes.all(),
        "prochaines": convention.reunions.a_venir().select_related("organisatrice")[:6],
        "decisions": decisions.select_related("action__axe", "reunion"),
        "annee": timezone.localdate().year,
        "tient": request.user.has_perm("plan.modifier", convention),
    }
    return render(request, "pilotage/pilotage.html", contexte)


def calendrier(request, annee):
    convention = convention_saisie(request)
    if refus := exiger(request, "plan.lire", convention):
        return refus
    annee_ou_404(annee)
    mois = {numero: [] for numero in range(1, 13)}
    for reunion in convention.reunions.de_l_annee(annee).select_related("organisatrice"):
        mois[reunion.date.month].append(reunion)
    contexte = {"annee": annee, "mois": [(datetime(annee, n, 1), siennes) for n, siennes in mois.items()]}
    return render(request, "pilotage/calendrier.html", contexte)


def agenda(request, pk, jeton):
    """The calendar of a body (RFC 5545), for who holds its address: a calendar cannot sign in."""
    instance = get_object_or_404(Instance, pk=pk)
    if not constant_time_compare(jeton, instance.jeton):
        raise Http404("Cette adresse d’agenda n’est pas la bonne.")
    calendrier = Calendar()
    calendrier.add("prodid", "-//CTG//Agenda//FR")
    calendrier.add("version", "2.0")
    calendrier.add("x-wr-calname", str(instance))
    for reunion in instance.reunions.all():
        calendrier.add_component(_evenement(request, reunion))
    reponse = HttpResponse(calendrier.to_ical(), content_type="text/calendar; charset=utf-8")
    reponse["Content-Disposition"] = 'inline; filename="agenda.ics"'
    return reponse


def _evenement(request, reunion):
    evenement = Event()
    evenement.add("uid", f"reunion-{reunion.pk}@{request.get_host()}")
    evenement.add("summary", reunion.objet)
    evenement.add("dtstamp", reunion.history.first().history_date)
    if reunion.heure:
        debut = timezone.make_aware(datetime.combine(reunion.date, reunion.heure))
        evenement.add("dtstart", debut)
        evenement.add("dtend", debut + DUREE)
    else:
        evenement.add("dtstart", reunion.date)
    if reunion.lieu:
        evenement.add("location", reunion.lieu)
    return evenement


@require_POST
def decision_faite(request, pk):
    """Strike a decision off, or put it back on the list."""
    decision = get_object_or_404(
        Decision.objects.select_related("reunion__organisatrice", "reunion__convention"), pk=pk
    )
    if refus := exiger(request, "instance.gerer", decision.reunion):
        return refus
    decision.faite_le = None if decision.faite_le else timezone.localdate()
    decision.save()
    return redirect(decision.reunion)


def reunions_de(instance):
    """Return the meetings of a body, newest first, with what the list shows."""
    return Reunion.objects.filter(organisatrice=instance).order_by("-date").prefetch_related("actes")
