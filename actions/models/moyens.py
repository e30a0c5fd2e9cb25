"""The calendar and the money of a fiche."""

from django.core.validators import MinValueValidator
from django.db import models

from ctg.historique import Historise

from .action import Action
from .indicateur import ANNEE
from .territoire import Partenaire

POSITIF = [MinValueValidator(0, "Un montant ne peut pas être négatif.")]


class Jalon(Historise):
    """A step of a fiche, with the date by which it is due."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="jalons")
    libelle = models.CharField("jalon", max_length=250)
    echeance = models.DateField("échéance")
    atteint = models.BooleanField("atteint", default=False)

    class Meta:
        verbose_name = "jalon"
        verbose_name_plural = "jalons"
        ordering = ["echeance", "pk"]

    def __str__(self):
        return self.libelle


class Financement(Historise):
    """What one partner pays for a fiche in one calendar year, in euros."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="financements")
    partenaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="financements", verbose_name="financeur")
    annee = models.PositiveSmallIntegerField("année", validators=ANNEE)
    prevu = models.DecimalField("prévu (€)", max_digits=12, decimal_places=2, null=True, blank=True, validators=POSITIF)
    realise = models.DecimalField(
        "réalisé (€)", max_digits=12, decimal_places=2, null=True, blank=True, validators=POSITIF
    )

    class Meta:
        verbose_name = "financement"
        ordering = ["annee", "partenaire__nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "partenaire", "annee"],
                name="financement_unique",
                violation_error_message="Ce financeur a déjà une ligne pour cette année.",
            )
        ]

    def __str__(self):
        return f"{self.partenaire} {self.annee}"
