"""The guard of a page: it asks droits.py, and answers as one should. What was typed is never thrown away."""

from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.csrf import csrf_failure

# Never shown back, nor sent twice: the guard of the form, and passwords.
NON_RENDUS = {"csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2"}


def exiger(request, droit, objet):
    """Let pass who has the right; raise `PermissionDenied` for others. Returns an answer for who is not signed in."""
    if request.user.has_perm(droit, objet):
        return None
    if request.user.is_authenticated:
        raise PermissionDenied("Votre compte ne donne pas accès à cette page.")
    if request.htmx:
        # ctg.js says so beside the open form, which stays as it is.
        return HttpResponse(status=401)
    return reprise(request) if request.method == "POST" else redirect_to_login(request.get_full_path())


def jeton_refuse(request, reason=""):
    """Answer a form whose guard is stale, as after signing in from another tab (`CSRF_FAILURE_VIEW`).

    Only what came from a page of ours is offered again: a form sent by another site gets Django's refusal.
    """
    origine = request.headers.get("Origin") or request.headers.get("Referer") or ""
    if request.method == "POST" and urlsplit(origine).netloc == request.get_host():
        return HttpResponse(status=401) if request.htmx else reprise(request)
    return csrf_failure(request, reason)


def reprise(request):
    """Give back what was typed, ready to be sent again once signed in; files have to be chosen again."""
    champs = [(nom, valeur) for nom in request.POST for valeur in request.POST.getlist(nom) if nom not in NON_RENDUS]
    contexte = {"champs": champs, "fichiers": bool(request.FILES)}
    return render(request, "reprise.html", contexte, status=403)
