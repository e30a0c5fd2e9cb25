"""How people get an account: an administrator opens it, nobody signs up alone."""

from allauth.account.adapter import DefaultAccountAdapter


class ComptesFermes(DefaultAccountAdapter):
    """Accounts stand for a partner of the convention, so they are given, not taken."""

    def is_open_for_signup(self, request):
        return False
