"""What is followed on a fiche: a unit, a baseline, a target and a measure per year."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from ctg.historique import PLAN, Historise, HistoriseQuerySet

from .action import Action, LigneDeFiche

ANNEE = [
    MinValueValidator(2000, "Indiquez une année à quatre chiffres, par exemple 2026."),
    MaxValueValidator(2100, "Indiquez une année à quatre chiffres, par exemple 2026."),
]


class IndicateurQuerySet(HistoriseQuerySet):
    def get_by_natural_key(self, territoire, cle, axe, ordre, libelle):
        return self.get(action=Action.objects.get_by_natural_key(territoire, cle, axe, ordre), libelle=libelle)


class Indicateur(LigneDeFiche):
    """One indicator of a fiche; values are in `unite`, with two decimals."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="indicateurs")
    libelle = models.CharField("indicateur", max_length=250)
    unite = models.CharField("unité", max_length=50, blank=True)
    source = models.CharField("source", max_length=150, blank=True)
    reference = models.DecimalField("valeur de départ", max_digits=14, decimal_places=2, null=True, blank=True)
    annee_reference = models.PositiveSmallIntegerField("année de départ", null=True, blank=True, validators=ANNEE)

    objects = IndicateurQuerySet.as_manager()

    class Meta:
        verbose_name = "indicateur"
        ordering = ["pk"]

    def __str__(self):
        return self.libelle

    def valeurs(self, annees):
        """Return [(year, target or None, measure or None)] for the years asked."""
        cibles = {c.annee: c.valeur for c in self.cibles.all()}
        mesures = {m.annee: m.valeur for m in self.mesures.all()}
        return [(annee, cibles.get(annee), mesures.get(annee)) for annee in annees]


class ValeurAnnuelle(Historise):
    """A value of an indicator for one calendar year."""

    proprietaire = "indicateur__action__convention"
    droit_de_lecture = "plan.lire"

    annee = models.PositiveSmallIntegerField("année", validators=ANNEE)
    valeur = models.DecimalField("valeur", max_digits=14, decimal_places=2)

    class Meta:
        abstract = True
        ordering = ["annee"]

    def __str__(self):
        return f"{self.indicateur} {self.annee} : {self.valeur}"


class Cible(ValeurAnnuelle):
    """What an indicator should reach in a year."""

    gele_avec = PLAN

    indicateur = models.ForeignKey(Indicateur, models.CASCADE, related_name="cibles")

    class Meta(ValeurAnnuelle.Meta):
        verbose_name = "cible"
        constraints = [
            models.UniqueConstraint(
                fields=["indicateur", "annee"],
                name="cible_unique_par_an",
                violation_error_message="Cet indicateur a déjà une cible pour cette année.",
            )
        ]


class Mesure(ValeurAnnuelle):
    """What was measured in a year."""

    indicateur = models.ForeignKey(Indicateur, models.CASCADE, related_name="mesures")

    class Meta(ValeurAnnuelle.Meta):
        verbose_name = "mesure"
        constraints = [
            models.UniqueConstraint(
                fields=["indicateur", "annee"],
                name="mesure_unique_par_an",
                violation_error_message="Cet indicateur a déjà une mesure pour cette année.",
            )
        ]
