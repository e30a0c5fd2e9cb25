"""The guard of a page: it asks droits.py, and answers as one should."""

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied


def exiger(request, droit, objet):
    """Let pass who has the right; raise `PermissionDenied` for others. Returns a redirect for who is not signed in."""
    if request.user.has_perm(droit, objet):
        return None
    if request.user.is_authenticated:
        raise PermissionDenied("Votre compte ne donne pas accès à cette page.")
    return redirect_to_login(request.get_full_path())
