"""When something breaks: a number that its page shows and the log keeps; a database that is away heals by itself."""

import logging
import sys
import time
import uuid

from allauth.core.internal.httpkit import get_client_ip
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404

journal = logging.getLogger("ctg.erreurs")
acces = logging.getLogger("ctg.acces")


class Numero:
    """Middleware, the outermost: number each request, and log it once it is answered."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.numero = uuid.uuid4().hex[:8]
        debut = time.perf_counter()
        reponse = self.get_response(request)
        duree = (time.perf_counter() - debut) * 1000
        user = getattr(request, "user", None)
        # Read only if the page has asked who it is: logging must not ask the database itself.
        qui = user.pk if user is not None and "_wrapped" in vars(user) and getattr(user, "pk", None) else "-"
        acces.info(
            '%s %s "%s %s" %s %.0f ms compte=%s',
            request.numero, _client(request), request.method, request.path, reponse.status_code,
            duree, qui,
        )  # fmt: skip
        reponse["X-Request-Id"] = request.numero
        return reponse


def _client(request):
    """Return the address of who asks, as the front servers that we trust saw it (`ALLAUTH_TRUSTED_PROXY_COUNT`)."""
    try:
        return get_client_ip(request) or "-"
    except ImproperlyConfigured:  # fewer front servers than were trusted: a health check from within
        return request.META.get("REMOTE_ADDR", "-")


def erreur_404(request, exception):
    """Say why, where the page that raised it has said it in French."""
    phrase = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    du_code = isinstance(exception, Resolver404) or phrase.startswith("No ")  # get_object_or_404 speaks English
    return render(request, "404.html", {"phrase": "" if du_code else phrase}, status=404)


def erreur_500(request):
    """Answer an exception: 503 if the database is away, for as long as it is; else 500 with the number to tell."""
    exception = sys.exc_info()[1]
    numero = getattr(request, "numero", "")
    if isinstance(exception, OperationalError | InterfaceError):
        journal.error("%s base de données injoignable : %s", numero, exception)
        reponse = HttpResponse(render_to_string("503.html"), status=503)
        reponse["Retry-After"] = "10"
        return reponse
    journal.error("%s %s %s", numero, request.method, request.path, exc_info=exception)
    return HttpResponse(render_to_string("500.html", {"numero": numero}), status=500)
