"""The signed link by which a council gives back the act that it voted with its own software, without an account."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from actions.models import Convention
from ctg.adresses import adresse
from ctg.liens import LienSigne

from .instance import Instance


class LienActe(LienSigne):
    """One council, one approval, sixty days."""

    SEL = "pilotage.lien"
    DUREE = timedelta(days=60)
    proprietaire = "conseil__territoire"
    droit_de_lecture = "territoire.gerer"

    conseil = models.ForeignKey(Instance, models.PROTECT, related_name="liens", verbose_name="conseil")
    approuve = models.ForeignKey(
        Convention, models.PROTECT, related_name="liens", verbose_name="approuve la convention"
    )
    destinataire = models.EmailField("adresse de la mairie ou du secrétariat")
    attendu_pour = models.DateField("acte attendu pour le", null=True, blank=True)

    class Meta(LienSigne.Meta):
        verbose_name = "lien envoyé à un conseil"
        verbose_name_plural = "liens envoyés aux conseils"

    def __str__(self):
        return f"{self.conseil}, {self.destinataire}"

    def clean(self):
        if self.attendu_pour and self.attendu_pour < timezone.localdate():
            raise ValidationError({"attendu_pour": "Cette date est passée : choisissez-en une à venir."})

    def get_absolute_url(self):
        return adresse("acte_rendre", self.jeton, de=self.conseil.territoire)
