"""A clerical error in a proclaimed act, corrected beside it: the original stays as it was voted."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from ctg.historique import Historise, HistoriseQuerySet

from .deliberation import Deliberation

FIGE = "Un erratum ne se modifie ni ne se supprime : corrigez-le par un autre erratum."


class ErratumQuerySet(HistoriseQuerySet):
    def figees(self):
        return self.all()


class Erratum(Historise):
    """What an act says by a slip of the pen, and what is to be read; it changes nothing that was decided."""

    proprietaire = "deliberation__conseil__territoire"
    droit_de_lecture = "deliberation.lire"

    deliberation = models.ForeignKey(Deliberation, models.PROTECT, related_name="errata", verbose_name="délibération")
    le = models.DateField("daté du", default=timezone.localdate)
    ecrit = models.TextField("au lieu de", max_length=1000)
    lire = models.TextField("lire", max_length=1000)
    auteur = models.CharField("établi par", max_length=150, help_text="Avec la civilité et la qualité.")

    objects = ErratumQuerySet.as_manager()

    class Meta:
        verbose_name = "erratum"
        verbose_name_plural = "errata"
        ordering = ["le", "pk"]

    def __str__(self):
        return f"Erratum du {self.le:%d/%m/%Y} à la {self.deliberation}"

    @property
    def est_public(self):
        return self.deliberation.est_public

    def clean(self):
        if not self.deliberation.est_fige:
            raise ValidationError("Ce projet n’est pas proclamé : corrigez son texte.")
        if self.le and not self.deliberation.date <= self.le <= timezone.localdate():
            raise ValidationError({"le": "Un erratum est daté entre la séance et aujourd’hui."})
        if self.ecrit and self.ecrit.strip() == (self.lire or "").strip():
            raise ValidationError({"lire": "C’est le même texte : écrivez ce qu’il faut lire."})

    def raison_de_figer(self, champs=()):
        return FIGE

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        return FIGE if self._stockee() is not None else ""
