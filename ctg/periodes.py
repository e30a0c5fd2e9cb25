"""A period may be open at either end: no beginning, it always was; no end, it still is."""

from django.db.models import F, Q

FIN_APRES_DEBUT = Q(fin__isnull=True) | Q(debut__isnull=True) | Q(fin__gte=F("debut"))


def en_cours(quand):
    """Return the filter of the rows whose `debut` and `fin` hold `quand`, both ends included (a date, or a year)."""
    return Q(Q(debut__isnull=True) | Q(debut__lte=quand), Q(fin__isnull=True) | Q(fin__gte=quand))
