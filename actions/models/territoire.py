"""The territory and the bodies that take part."""

from django.core.validators import RegexValidator
from django.db import models

from ctg.historique import Historise


class ParNom(models.Manager):
    """Rows known by their `nom` in the fixtures."""

    def get_by_natural_key(self, nom):
        return self.get(nom=nom)


class Territoire(Historise):
    """The territory that the convention is about: an EPCI and its communes."""

    nom = models.CharField("nom", max_length=150, unique=True)
    departement = models.CharField("département", max_length=100, blank=True)
    region = models.CharField("région", max_length=100, blank=True)

    objects = ParNom()

    class Meta:
        verbose_name = "territoire"
        ordering = ["nom"]

    def __str__(self):
        return self.nom

    def natural_key(self):
        return (self.nom,)


class Partenaire(Historise):
    """Any body that takes part in the convention."""

    class Nature(models.TextChoices):
        CAF = "caf", "Caisse d’allocations familiales"
        EPCI = "epci", "Intercommunalité"
        COMMUNE = "commune", "Commune"
        CENTRE_SOCIAL = "centre_social", "Centre social"
        ETAT = "etat", "Service de l’État"
        SYNDICAT = "syndicat", "PETR ou syndicat mixte"
        ASSOCIATION = "association", "Association"
        AUTRE = "autre", "Autre organisme"

    territoire = models.ForeignKey(Territoire, models.CASCADE, related_name="partenaires", verbose_name="territoire")
    nom = models.CharField("nom", max_length=200, unique=True)
    sigle = models.CharField("sigle", max_length=30, blank=True)
    nature = models.CharField("nature", max_length=20, choices=Nature)
    siret = models.CharField(
        "SIRET",
        max_length=14,
        blank=True,
        validators=[RegexValidator(r"^\d{14}$", "Le numéro SIRET compte 14 chiffres, sans espace.")],
    )
    site = models.URLField("site internet", blank=True)
    presentation = models.TextField("présentation", blank=True, max_length=1000)

    objects = ParNom()

    class Meta:
        verbose_name = "partenaire"
        ordering = ["nom"]

    def __str__(self):
        return self.nom

    def natural_key(self):
        return (self.nom,)

    natural_key.dependencies = ["actions.territoire"]

    @property
    def nom_court(self):
        """The acronym where there is one: what people call that body."""
        return self.sigle or self.nom
