"""How people get an account and come in: it is opened for them, its address is theirs, nobody else locks it."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse


class ComptesFermes(DefaultAccountAdapter):
    """Accounts stand for a partner of the convention, so they are given, not taken."""

    def is_open_for_signup(self, request):
        return False

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Count wrong passwords by account *and* client: who guesses locks themselves out, not the person."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{self.get_client_ip(request)}"


def entrer_dans_l_administration(request, extra_context=None):
    """Sign in to the administration by the same door as everybody, with its limits and its second factor."""
    suite = reverse("admin:index")
    if request.user.is_authenticated:
        if request.user.is_active and request.user.is_superuser:
            return redirect(suite)
        raise PermissionDenied("L’administration est réservée aux administrateurs de l’installation.")
    demandee = request.GET.get("next", "")
    return redirect_to_login(demandee if demandee.startswith(suite) else suite)
