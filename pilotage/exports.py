"""What leaves the governance for other software: the calendar of a body, the feed of the published acts."""

from datetime import datetime, timedelta

from django.contrib.syndication.views import Feed
from django.http import Http404
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from icalendar import Calendar, Event

from ctg.adresses import adresse
from ctg.francais import date_fr
from ctg.signes import sans_controles
from pilotage.models import Deliberation

# What a calendar says for a meeting whose end nobody wrote.
DUREE = timedelta(hours=2)


def calendrier_de(instance):
    """Return the meetings of a body as a calendar (RFC 5545), its time zone described in it."""
    calendrier = Calendar()
    calendrier.add("prodid", "-//CTG//Agenda//FR")
    calendrier.add("version", "2.0")
    calendrier.add("x-wr-calname", str(instance))
    for reunion in instance.reunions.all():
        calendrier.add_component(_evenement(instance, reunion))
    calendrier.add_missing_timezones()
    return calendrier.to_ical()


def _evenement(instance, reunion):
    evenement = Event()
    # It lasts: no host, which a move would change.
    evenement.add("uid", f"reunion-{reunion.pk}@{instance.territoire.slug}.ctg")
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


class FluxDesActes(Feed):
    """The acts of a territory that were published, the latest first (RFC 4287)."""

    feed_type = Atom1Feed
    language = "fr"

    def get_object(self, request):
        if not request.territoire.est_public:
            raise Http404("Ce territoire ne publie encore aucune convention.")
        return request.territoire

    def title(self, territoire):
        return f"Délibérations – {territoire}"

    def link(self, territoire):
        return adresse("deliberations", de=territoire)

    def feed_url(self, territoire):
        return adresse("actes_flux", de=territoire)

    def items(self, territoire):
        actes = Deliberation.objects.publiques().filter(conseil__territoire=territoire)
        return actes.select_related("conseil__territoire").order_by("-publiee_le", "-pk")[:50]

    def item_title(self, acte):
        return sans_controles(f"N° {acte.numero} : {acte.objet}")

    def item_description(self, acte):
        return f"{acte.conseil}, {date_fr(acte.date)}. Délibération {acte.get_statut_display().lower()}."

    def item_pubdate(self, acte):
        return timezone.make_aware(datetime.combine(acte.publiee_le, datetime.min.time()))

    item_updateddate = item_pubdate

    def item_author_name(self, acte):
        return str(acte.conseil)
