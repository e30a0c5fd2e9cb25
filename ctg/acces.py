"""The door of every page: it finds, asks who (droits.py) and whether (the model), and answers as one should.

What was typed is never thrown away: a form sent after the session has expired comes back, ready to be sent again.
"""

from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.csrf import csrf_failure

# Never shown back, nor sent twice: the guard of the form, and passwords.
NON_RENDUS = {"csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2"}


class Reponse(Exception):
    """An answer that a door gives in the place of the view; `RendreLaReponse` returns it."""

    def __init__(self, reponse):
        super().__init__(reponse.status_code)
        self.reponse = reponse


class RendreLaReponse:
    """Middleware: return the answer that a door has given."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return exception.reponse if isinstance(exception, Reponse) else None


def ouvrir(request, queryset, droit, **cle):
    """Return the object that `cle` finds in `queryset`, if the account has the right `droit` on it.

    Raises `Http404` if there is none; for a right that writes, also asks the object whether it may be changed.
    """
    objet = get_object_or_404(queryset, **cle)
    exiger(request, droit, objet)
    return objet


def exiger(request, droit, objet):
    """Let pass who has the right on an object that may be changed; send others to sign-in, or raise `PermissionDenied`."""
    if not request.user.has_perm(droit, objet):
        if request.user.is_authenticated:
            refuser(request, "Votre compte ne donne pas accès à cette page.")
        raise Reponse(_a_connecter(request))
    if droit.endswith((".modifier", ".gerer")) and (raison := objet.peut_etre_modifie()):
        refuser(request, raison)


def refuser(request, phrase):
    """Refuse in words (403); what was typed is given back, to be copied elsewhere. Always raises."""
    if request.htmx:
        # ctg.js says the sentence beside the open form, which stays as it is.
        raise Reponse(HttpResponse(phrase, status=403, content_type="text/plain; charset=utf-8"))
    if champs := _saisie(request):
        raise Reponse(render(request, "403.html", {"exception": phrase, "champs": champs}, status=403))
    raise PermissionDenied(phrase)


def dire(request, erreur):
    """Say each sentence of a `ValidationError` at the head of the next page."""
    for phrase in erreur.messages:
        messages.error(request, phrase)


def _a_connecter(request):
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
    contexte = {"champs": _saisie(request), "fichiers": bool(request.FILES)}
    return render(request, "reprise.html", contexte, status=403)


def _saisie(request):
    """Return [(name, value)] of all that was posted, but for what is never shown back."""
    return [(nom, valeur) for nom in request.POST for valeur in request.POST.getlist(nom) if nom not in NON_RENDUS]
