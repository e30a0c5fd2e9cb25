"""A person asks to be forgotten (RGPD, art. 17): the account loses who it was; what the law keeps as archives stays.

Names in acts, attendances, votes and sealed papers are public archives (Code du patrimoine, L. 214-3): they are not an
account's, and are not touched.
"""

import re

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from actions.models import Invitation, LienDeSaisie
from ctg.historique import Historise
from ctg.models import Courriel, User

# The domain that no server answers for (RFC 2606).
NULLE_PART = "anonyme.invalid"


def rendre_anonyme(compte):
    """Close an account for good, forget whose it was and return its new address. Raises `ValidationError` while it still
    has a function, or is to have one.

    What it wrote keeps naming the account, under its number. E-mails still kept and links that name its addresses go too.
    """
    with transaction.atomic():
        compte = User.objects.select_for_update().get(pk=compte.pk)
        a_finir = compte.fonctions.filter(Q(fin=None) | Q(fin__gte=timezone.localdate()))
        if fonctions := list(a_finir.select_related("partenaire", "compte")):
            dites = ", ".join(map(str, fonctions))
            raise ValidationError(f"Mettez d’abord fin à ce que cette personne fait encore : {dites}.")
        adresses = {compte.email, *EmailAddress.objects.filter(user=compte).values_list("email", flat=True)}
        nouvelle = f"compte-{compte.pk}@{NULLE_PART}"
        _fermer(compte, nouvelle)
        for ancienne in adresses:
            _oublier_une_adresse(ancienne, nouvelle)
        siennes = LogEntry.objects.filter(content_type__app_label__in=["ctg", "actions"])
        fonctions = [str(pk) for pk in compte.fonctions.values_list("pk", flat=True)]
        siennes.filter(content_type__model="user", object_id=str(compte.pk)).update(object_repr=str(compte))
        siennes.filter(content_type__model="fonction", object_id__in=fonctions).update(object_repr=str(compte))
    return nouvelle


def oublier(adresse):
    """Forget an address that no account has: of an invitation never accepted, of who fills in by a link.

    Return how many rows named it. Raises `ValidationError` while one of its links still opens something.
    """
    with transaction.atomic():
        for modele in (Invitation, LienDeSaisie):
            if modele.objects.ouverts().filter(destinataire__iexact=adresse).exists():
                raise ValidationError("Un lien est encore ouvert pour cette adresse : retirez-le d’abord.")
        trouvees = sum(
            lignes.filter(destinataire__iexact=adresse).count()
            for modele in (Invitation, LienDeSaisie)
            for lignes in (models.QuerySet(modele), modele.history.all())
        )
        courriels = len(_courriels_a(adresse))
        _oublier_une_adresse(adresse, f"adresse-oubliee@{NULLE_PART}")
    return trouvees + courriels


def _fermer(compte, nouvelle):
    compte.first_name, compte.last_name, compte.email = "Compte", f"n° {compte.pk}", nouvelle
    compte.is_active = compte.is_staff = compte.is_superuser = False
    compte.last_login = None
    compte.set_unusable_password()
    compte.save()
    EmailAddress.objects.filter(user=compte).exclude(email=nouvelle).delete()
    Authenticator.objects.filter(user=compte).delete()


def _oublier_une_adresse(ancienne, nouvelle):
    """Put the new address in the place of one, whole: another that ends in the same letters is somebody else's."""
    # Past every door: only who it was sent to is forgotten, in the rows and in their histories.
    for modele in (Invitation, LienDeSaisie):
        for lignes in (models.QuerySet(modele), modele.history.all()):
            lignes.filter(destinataire__iexact=ancienne).update(destinataire=nouvelle)
    entiere = re.compile(rf"(?<![\w.+-]){re.escape(ancienne)}(?![\w.-]*\w)", re.I)
    for modele in filter(lambda m: issubclass(m, Historise), apps.get_models()):
        for etat in modele.history.filter(history_change_reason__icontains=ancienne):
            etat.history_change_reason = entiere.sub(nouvelle, etat.history_change_reason)
            etat.save(update_fields=["history_change_reason"])
    for courriel in _courriels_a(ancienne):
        courriel.delete()


def _courriels_a(adresse):
    """Return the e-mails to an address that wait for nothing any more."""
    courriels = Courriel.objects.filter(destinataires__icontains=adresse).exclude(statut=Courriel.Statut.EN_FILE)
    return [c for c in courriels if adresse.lower() in map(str.lower, c.destinataires)]
