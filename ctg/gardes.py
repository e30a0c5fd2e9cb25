"""What is asked of every answer: a signed-in page is kept by nobody, an administrator has a second factor."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers


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
