"""A person asks to be forgotten (RGPD, art. 17): the account loses who it was; what the law keeps as archives stays.

Names in acts, attendances, votes and sealed papers are public archives (Code du patrimoine, L. 214-3): they are not an
account's, and are not touched.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Replace

from actions.models import Invitation, LienDeSaisie
from ctg.historique import Historise
from ctg.models import Courriel, User

# The domain that no server answers for (RFC 2606).
NULLE_PART = "anonyme.invalid"


def rendre_anonyme(compte):
    """Close an account for good, forget whose it was and return its new address. Raises `ValidationError` while it still has a function.

    What it wrote keeps naming the account, under its number. E-mails still kept and links that name its address go too.
    """
    with transaction.atomic():
        compte = User.objects.select_for_update().get(pk=compte.pk)
        if fonctions := list(compte.fonctions.en_cours().select_related("partenaire", "compte")):
            dites = ", ".join(map(str, fonctions))
            raise ValidationError(f"Mettez d’abord fin à ce que cette personne fait encore : {dites}.")
        ancienne, nouvelle = compte.email, f"compte-{compte.pk}@{NULLE_PART}"
        compte.first_name, compte.last_name, compte.email = "Compte", f"n° {compte.pk}", nouvelle
        compte.is_active = compte.is_staff = compte.is_superuser = False
        compte.last_login = None
        compte.set_unusable_password()
        compte.save()
        EmailAddress.objects.filter(user=compte).exclude(email=nouvelle).delete()
        Authenticator.objects.filter(user=compte).delete()
        # Past every door: only who it was sent to is forgotten, in the rows and in their histories.
        for modele in (Invitation, LienDeSaisie):
            for lignes in (models.QuerySet(modele), modele.history.all()):
                lignes.filter(destinataire__iexact=ancienne).update(destinataire=nouvelle)
        for modele in filter(lambda m: issubclass(m, Historise), apps.get_models()):
            dites = modele.history.filter(history_change_reason__icontains=ancienne)
            dites.update(
                history_change_reason=Replace("history_change_reason", models.Value(ancienne), models.Value(nouvelle))
            )
        Courriel.objects.filter(destinataires__icontains=ancienne).exclude(statut=Courriel.Statut.EN_FILE).delete()
    return nouvelle
