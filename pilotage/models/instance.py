"""The standing bodies and their meetings."""

from django.db import models

from actions.models import Convention, Partenaire
from actions.models.territoire import ParNom
from ctg.historique import Historise
from ctg.texte import TexteRiche


class Instance(Historise):
    """A standing body that steers the convention or votes it."""

    class Nature(models.TextChoices):
        COPIL = "copil", "Comité de pilotage"
        COTECH = "cotech", "Comité technique"
        COORDINATION = "coordination", "Coordination"
        COMMISSION = "commission", "Commission"
        TECHNIQUE = "technique", "Instance technique"
        CONSEIL = "conseil", "Conseil"

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="instances", verbose_name="convention")
    nom = models.CharField("nom", max_length=200, unique=True)
    nature = models.CharField("nature", max_length=15, choices=Nature)
    ordre = models.PositiveSmallIntegerField("ordre", default=1)
    objet = models.CharField("objet", max_length=300, blank=True)
    partenaire = models.ForeignKey(
        Partenaire,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="instances",
        verbose_name="collectivité",
        help_text="Pour un conseil : la collectivité qu’il administre.",
    )

    objects = ParNom()

    class Meta:
        verbose_name = "instance"
        ordering = ["ordre", "nom"]

    def __str__(self):
        return self.nom

    def natural_key(self):
        return (self.nom,)

    natural_key.dependencies = ["actions.convention", "actions.partenaire"]


class Reunion(Historise):
    """One meeting, of a standing body or of the partners at large (then `organisatrice` is empty)."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="reunions", verbose_name="convention")
    # Not "instance": simple-history keeps that name for itself.
    organisatrice = models.ForeignKey(Instance, models.CASCADE, null=True, blank=True, related_name="reunions")
    date = models.DateField("date")
    lieu = models.CharField("lieu", max_length=150, blank=True)
    objet = models.CharField("objet", max_length=300)
    compte_rendu = TexteRiche("compte rendu")

    class Meta:
        verbose_name = "réunion"
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "date", "objet"],
                name="reunion_unique",
                violation_error_message="Cette réunion est déjà enregistrée.",
            )
        ]

    def __str__(self):
        return f"{self.objet} ({self.date:%d/%m/%Y})"
