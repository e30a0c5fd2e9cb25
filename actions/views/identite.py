"""The way to the server of an organisation and back; without one in the settings, neither address exists."""

from functools import wraps

from allauth.socialaccount.providers.openid_connect import views
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from actions.identite import MUET, journal, renvoyer


def _si_le_serveur_repond(vue):
    """Say it in words when the server cannot be reached: the library reads its addresses outside of any guard."""

    @wraps(vue)
    def gardee(request, provider_id):
        try:
            return vue(request, provider_id)
        except RequestException as panne:
            journal.warning("Connexion par %s : %.300r", provider_id, panne)
            return renvoyer(request, MUET)

    return never_cache(gardee)


# By POST, with its token: nobody is sent there by another site.
aller = require_POST(_si_le_serveur_repond(views.login))
revenir = require_GET(_si_le_serveur_repond(views.callback))
