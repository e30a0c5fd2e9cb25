"""What is asked of every answer: a signed-in page is kept by nobody, a public one is not made twice for one reader."""

import hashlib

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, get_conditional_response, patch_vary_headers
from django.utils.text import compress_string

from ctg.pages import marque, marque_du_lieu


class RienEnMemoire:
    """What was made for a person is stored by no browser nor proxy: the next one at that desk reads nothing of it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        reponse = self.get_response(request)
        # The account was looked at while answering, or the answer does not depend on it.
        compte = getattr(request, "_cached_user", None)
        if compte is not None and compte.is_authenticated:
            add_never_cache_headers(reponse)
        return reponse


class SecondFacteurDesAdministrateurs:
    """Who may change the whole installation proves it twice (`SECOND_FACTEUR_EXIGE`): until then, only that page opens."""

    OUVERTES = ("/comptes/", "/static/", "/sante/", "/aide/")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SECOND_FACTEUR_EXIGE and not request.path.startswith(self.OUVERTES):
            compte = request.user
            if compte.is_authenticated and compte.is_superuser and not is_mfa_enabled(compte):
                messages.warning(request, "Un administrateur se connecte avec un second facteur : activez-le d’abord.")
                return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)


class PagesPubliques:
    """Middleware, after the place is known: a public page that has not changed is answered 304, before it is made.

    Its mark tells all that it is made of (`ctg.pages.marque`). Only what anybody reads has one, compressed: no token stands
    in it, so its length tells nothing (BREACH).
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.marque = ""
        reponse = self._inchangee(request) or self.get_response(request)
        if request.marque and self._se_garde(reponse):
            reponse["ETag"] = request.marque
            reponse["Cache-Control"] = "no-cache"  # kept, and asked again each time
            if reponse.status_code == 200 and "gzip" in request.headers.get("Accept-Encoding", ""):
                reponse.content = compress_string(reponse.content)
                reponse["Content-Encoding"] = "gzip"
                reponse["Content-Length"] = str(len(reponse.content))
            patch_vary_headers(reponse, ["Accept-Encoding", "Cookie"])
        return reponse

    def process_view(self, request, view_func, view_args, view_kwargs):
        if getattr(request, "territoire", None) is None or not self._est_a_tous(request):
            return None
        return self._comparer(request, marque(request))

    def _inchangee(self, request):
        """Answer at once to who reads again a page of a place that this process knows; None if it must be looked for."""
        if not self._est_a_tous(request) or "If-None-Match" not in request.headers:
            return None
        connue = marque_du_lieu(request.path_info.split("/", 2)[1])
        return self._comparer(request, connue) if connue else None

    @staticmethod
    def _comparer(request, etat):
        """Mark the page with the state of what it is made of; answer 304 if the reader holds that one."""
        cle = f"{request.get_full_path()}|{etat}|{request.headers.get('HX-Request', '')}"
        request.marque = f'W/"{hashlib.sha256(cle.encode()).hexdigest()[:32]}"'
        return get_conditional_response(request, etag=request.marque)

    @staticmethod
    def _est_a_tous(request):
        """Tell whether a page is asked for by nobody in particular."""
        return request.method == "GET" and not {settings.SESSION_COOKIE_NAME, "messages"} & set(request.COOKIES)

    @staticmethod
    def _se_garde(reponse):
        if reponse.status_code == 304:
            return True
        return (
            reponse.status_code == 200
            and not reponse.streaming
            and not reponse.cookies
            and "Cache-Control" not in reponse
            and reponse.get("Content-Type", "").startswith("text/html")
            and b"csrfmiddlewaretoken" not in reponse.content
        )
