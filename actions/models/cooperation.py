"""The chargé de coopération CTG: who employs the post, since when, what a year of it costs, its time by axe.

Source: the national mission sheet of the chargé de coopération, a share of full time, a subsidy of the CAF, a yearly report.
"""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from ctg.adresses import adresse
from ctg.historique import Historise
from ctg.periodes import FIN_APRES_DEBUT

from .axe import Axe
from .convention import Convention
from .exercice import ANNEE
from .moyens import POSITIF
from .territoire import Partenaire


class Poste(Historise):
    """A post of cooperation of a convention; nobody is named: the post outlives who holds it."""

    proprietaire = "convention"
    droit_de_lecture = "plan.lire"

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="postes")
    intitule = models.CharField("intitulé du poste", max_length=150, default="Chargé de coopération CTG")
    employeur = models.ForeignKey(Partenaire, models.PROTECT, related_name="postes", verbose_name="employeur")
    etp = models.DecimalField(
        "équivalent temps plein",
        max_digits=3,
        decimal_places=2,
        validators=[
            MinValueValidator(0, "Un temps de travail ne peut pas être négatif."),
            MaxValueValidator(1, "Un poste compte un équivalent temps plein au plus : ouvrez-en un second."),
        ],
    )
    debut = models.DateField("depuis le")
    fin = models.DateField("jusqu’au", null=True, blank=True)

    class Meta:
        verbose_name = "poste de coopération"
        verbose_name_plural = "postes de coopération"
        ordering = ["debut", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=FIN_APRES_DEBUT,
                name="poste_fin_apres_debut",
                violation_error_message="La date de fin précède la date de début : corrigez l’une des deux.",
            )
        ]

    def __str__(self):
        return f"{self.intitule} ({self.employeur.nom_court})"

    def get_absolute_url(self):
        return f"{adresse('cooperation', de=self)}#poste-{self.pk}"

    def clean(self):
        if self.debut and self.fin and self.fin < self.debut:
            raise ValidationError({"fin": "La date de fin précède la date de début : corrigez l’une des deux."})


class AnneeDePoste(Historise):
    """One year of a post: its cost and the CAF's subsidy, in euros, and what was done."""

    proprietaire = "poste__convention"
    droit_de_lecture = "plan.lire"

    poste = models.ForeignKey(Poste, models.CASCADE, related_name="annees")
    annee = models.PositiveSmallIntegerField("année", validators=ANNEE)
    cout = models.DecimalField("coût (€)", max_digits=10, decimal_places=2, null=True, blank=True, validators=POSITIF)
    subvention = models.DecimalField(
        "subvention de la CAF (€)", max_digits=10, decimal_places=2, null=True, blank=True, validators=POSITIF
    )
    faits = models.TextField("ce qui a été fait", blank=True, max_length=4000)

    class Meta:
        verbose_name = "année d’un poste"
        verbose_name_plural = "années d’un poste"
        ordering = ["annee"]
        constraints = [
            models.UniqueConstraint(
                fields=["poste", "annee"],
                name="annee_unique_par_poste",
                violation_error_message="Ce poste a déjà une ligne pour cette année.",
            )
        ]

    def __str__(self):
        return f"{self.annee}"

    def clean(self):
        if self.cout is not None and self.subvention is not None and self.subvention > self.cout:
            raise ValidationError({"subvention": "La subvention dépasse le coût : corrigez l’un des deux."})

    @property
    def reste(self):
        """What is left to the employer, in euros; None unless both amounts are known."""
        return None if self.cout is None or self.subvention is None else self.cout - self.subvention

    def temps_par_axe(self):
        """Return [(axe, share of its time in per cent or None)] for the axes of the convention."""
        parts = {t.axe_id: t.part for t in self.temps.all()}
        return [(axe, parts.get(axe.pk)) for axe in self.poste.convention.axes.all()]


class TempsParAxe(Historise):
    """The share of a year of a post that one axe took, in per cent."""

    proprietaire = "annee__poste__convention"
    droit_de_lecture = "plan.lire"

    annee = models.ForeignKey(AnneeDePoste, models.CASCADE, related_name="temps")
    axe = models.ForeignKey(Axe, models.PROTECT, related_name="+")
    part = models.PositiveSmallIntegerField("part du temps (%)", validators=[MaxValueValidator(100, "100 % au plus.")])

    class Meta:
        verbose_name = "temps par axe"
        verbose_name_plural = "temps par axe"
        ordering = ["axe__ordre"]
        constraints = [models.UniqueConstraint(fields=["annee", "axe"], name="temps_unique_par_axe")]

    def __str__(self):
        return f"{self.axe} : {self.part} %"
