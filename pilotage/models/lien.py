"""The signed link by which a council gives back the act that it voted with its own software, without an account."""

from datetime import timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from actions.models import Convention
from ctg.adresses import adresse
from ctg.historique import Historise, HistoriseQuerySet

from .instance import Instance

DUREE = timedelta(days=60)
SEL = "pilotage.lien"


class LienActeQuerySet(HistoriseQuerySet):
    """The questions that are asked of links."""

    def ouverts(self, on=None):
        """Links that still open something on a date (today by default)."""
        return self.filter(retire_le__isnull=True, expire_le__gte=on or timezone.localdate())

    def du_jeton(self, jeton):
        """Return the link that a token names, if it is still open; None for any other text."""
        try:
            cle = signing.loads(jeton, salt=SEL)
        except signing.BadSignature:
            return None
        return self.ouverts().filter(pk=cle).first()


class LienActe(Historise):
    """One council, one approval, sixty days; withdrawn with one click."""

    proprietaire = "conseil__territoire"
    droit_de_lecture = "territoire.gerer"
    etats = frozenset({"retire_le"})

    conseil = models.ForeignKey(Instance, models.PROTECT, related_name="liens", verbose_name="conseil")
    approuve = models.ForeignKey(
        Convention, models.PROTECT, related_name="liens", verbose_name="approuve la convention"
    )
    destinataire = models.EmailField("adresse de la mairie ou du secrétariat")
    attendu_pour = models.DateField("acte attendu pour le", null=True, blank=True)
    envoye_le = models.DateField("envoyé le", default=timezone.localdate, editable=False)
    expire_le = models.DateField("valable jusqu’au", editable=False)
    retire_le = models.DateField("retiré le", null=True, editable=False)

    objects = LienActeQuerySet.as_manager()

    class Meta:
        verbose_name = "lien envoyé à un conseil"
        verbose_name_plural = "liens envoyés aux conseils"
        ordering = ["-envoye_le", "-pk"]

    def __str__(self):
        return f"{self.conseil}, {self.destinataire}"

    def save(self, *args, **kwargs):
        if self._state.adding and not self.expire_le:
            self.expire_le = self.envoye_le + DUREE
        super().save(*args, **kwargs)

    def clean(self):
        if self.attendu_pour and self.attendu_pour < timezone.localdate():
            raise ValidationError({"attendu_pour": "Cette date est passée : choisissez-en une à venir."})

    @property
    def jeton(self):
        """What its address holds: the key, signed."""
        return signing.dumps(self.pk, salt=SEL)

    def get_absolute_url(self):
        return adresse("acte_rendre", self.jeton, de=self.conseil.territoire)

    @property
    def est_ouvert(self):
        return self.retire_le is None and self.expire_le >= timezone.localdate()

    def retirer(self):
        """Close it: its address opens nothing any more."""
        with transaction.atomic():
            self.ouvrir_l_ecriture()
            type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
            self.refresh_from_db()
            self.retire_le = self.retire_le or timezone.localdate()
            self.ecrire_l_etat("retire_le")
