"""What a page is made of: as long as none of it has changed, what was made is shown again."""

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from ctg import VERSION
from ctg.compteurs import cle_de, jeton

# {word of the address: the counters of that territory and of its conventions}, as this process last saw them.
_COMPTEURS_DU_LIEU = {}


def marque(request):
    """Return a text that changes with all that a page of this place may show, whoever reads it.

    The counters of the territory and of its conventions, the day (what is late depends on it) and the delivery. Read it *before*
    the data: what is kept under it may be younger than it says, never older. What a page shows to some alone must be told apart
    beside it (`ctg.templatetags.pages`, which keeps no token of a form).
    """
    territoire = request.territoire
    cles = [cle_de(objet) for objet in (territoire, *territoire.les_conventions)]
    _COMPTEURS_DU_LIEU[territoire.slug] = cles
    return _marque(cles)


def marque_du_lieu(slug):
    """Return the same before the place is looked for, in one query; "" for a place that this process has not shown yet.

    It names its counters, so it is never taken for that of another state: a convention that comes, and a territory that takes
    another address, count for the territory.
    """
    cles = _COMPTEURS_DU_LIEU.get(slug)
    return _marque(cles) if cles else ""


def _marque(cles):
    return f"{jeton(*cles)}|{timezone.localdate()}|{_livraison()}"


def _livraison():
    """Return what tells two deliveries of the application apart: its release, its collected files, the settings that pages say."""
    try:
        rassemblees = (Path(settings.STATIC_ROOT) / "staticfiles.json").stat().st_mtime_ns
    except FileNotFoundError:  # in development nothing is collected
        rassemblees = 0
    return f"{VERSION}|{rassemblees}|{settings.HEBERGEUR}|{settings.SITE_URL}"
