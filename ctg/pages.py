"""What a page is made of: as long as none of it has changed, what was made is shown again."""

from django.utils import timezone

from ctg import VERSION
from ctg.compteurs import jeton


def marque(request):
    """Return a text that changes with all that a page of this place may show, whoever reads it.

    The counters of the territory and of its conventions, the day (what is late depends on it) and the release. Read it *before*
    the data: what is kept under it may be younger than it says, never older. What a page shows to some alone must be told apart
    beside it, and no form is kept: the token that it holds is that of one reader.
    """
    comptes = jeton(request.territoire, *request.territoire.les_conventions)
    return f"{comptes}|{timezone.localdate()}|{VERSION}"
