"""Who somebody is, when a server of their organisation says it (OpenID Connect): it opens no account, it names one."""

import logging

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect

from actions.models import Invitation
from ctg.models import User

journal = logging.getLogger("ctg.identite")
MUET = "Le service de connexion de votre organisation n’a pas répondu comme prévu. Recommencez, ou entrez avec votre mot de passe."


def renvoyer(request, phrase):
    """Say a sentence on the sign-in page, where a password still opens."""
    messages.error(request, phrase)
    return redirect("account_login")


class Identite(DefaultSocialAccountAdapter):
    """The account is the one whose address the server has verified, asked again each time: nothing is kept to link them.

    So who loses that address there, or changes it here, comes in no more by this door.
    """

    def pre_social_login(self, request, sociallogin):
        try:
            # Linking by hand an identity to the account that is signed in would pass over the address.
            if sociallogin.state.get("process") != AuthProcess.LOGIN:
                raise ValidationError(MUET)
            sociallogin.user = self._compte(sociallogin.account.extra_data)
        except ValidationError as refus:
            raise ImmediateHttpResponse(renvoyer(request, refus.message)) from refus

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(renvoyer(request, "Vous avez renoncé à vous connecter par votre organisation."))
        # What a server answers may be a whole page.
        journal.warning("Connexion par %s : %s %.300r", provider.sub_id, error, exception)
        raise ImmediateHttpResponse(renvoyer(request, MUET))

    def _compte(self, dit):
        """Return the account that the server names. Raises `ValidationError`."""
        jeton, fiche = dit.get("id_token", {}), dit.get("userinfo", {})
        # The token is for us; the sheet beside it must be of the same person (OpenID Connect Core, 5.3.2).
        if not jeton.get("sub") or jeton["sub"] != fiche.get("sub"):
            raise ValidationError(MUET)
        adresse = str(fiche.get("email") or "")
        # Some write it as a word; the word "false" is true to Python.
        if not adresse or fiche.get("email_verified") not in (True, "true"):
            raise ValidationError(
                "Votre organisation n’a pas vérifié votre adresse électronique : entrez avec votre mot de passe."
            )
        # PostgreSQL takes « ı » for an « i » when it ignores case: an address that is not ASCII is its own only.
        recherche = "email__iexact" if adresse.isascii() else "email"
        compte = User.objects.filter(**{recherche: adresse}).first()
        if compte is None:
            if Invitation.objects.ouverts().filter(destinataire__iexact=adresse).exists():
                raise ValidationError(
                    f"Une invitation attend à l’adresse {adresse} : ouvrez d’abord le lien qu’elle contient."
                )
            raise ValidationError(
                f"Aucun compte n’a l’adresse {adresse} : demandez une invitation à l’organisme pour lequel vous travaillez."
            )
        if not compte.is_active:
            raise ValidationError("Ce compte est fermé : un administrateur de l’installation peut le rouvrir.")
        return compte
