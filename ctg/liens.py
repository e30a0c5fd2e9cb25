"""A signed link: what it opens, for how long, and how it is closed; who holds it needs no account."""

from datetime import timedelta

from django.core import signing
from django.db import models, transaction
from django.utils import timezone

from ctg.historique import Historise, HistoriseQuerySet


class LienSigneQuerySet(HistoriseQuerySet):
    """The questions that are asked of links."""

    def ouverts(self, on=None):
        """Links that still open something on a date (today by default)."""
        return self.filter(retire_le__isnull=True, expire_le__gte=on or timezone.localdate())

    def du_jeton(self, jeton):
        """Return the link that a token names, if it is still open; None for any other text."""
        try:
            cle = self.model.signataire().unsign_object(jeton)
        except signing.BadSignature:
            return None
        return self.ouverts().filter(pk=cle).first()


class LienSigne(Historise):
    """A link sent to one address, good for `DUREE`, withdrawn with one click; `SEL` tells its kind from others."""

    SEL = ""
    DUREE = timedelta()
    etats = frozenset({"retire_le"})

    envoye_le = models.DateField("envoyé le", default=timezone.localdate, editable=False)
    expire_le = models.DateField("valable jusqu’au", editable=False)
    retire_le = models.DateField("retiré le", null=True, editable=False)

    objects = LienSigneQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-envoye_le", "-pk"]

    def save(self, *args, **kwargs):
        if self._state.adding and not self.expire_le:
            self.expire_le = self.envoye_le + self.DUREE
        super().save(*args, **kwargs)

    @classmethod
    def signataire(cls):
        """What signs the tokens of this kind: without the hour, for one link has one address, always the same."""
        return signing.Signer(salt=cls.SEL)

    @property
    def jeton(self):
        """What its address holds: the key, signed."""
        return self.signataire().sign_object(self.pk)

    @property
    def est_ouvert(self):
        return self.retire_le is None and self.expire_le >= timezone.localdate()

    def retirer(self):
        """Close it: its address opens nothing any more."""
        with transaction.atomic():
            self.verrouiller()
            self.retire_le = self.retire_le or timezone.localdate()
            self.ecrire_l_etat("retire_le")
