"""The lists that are common to the installation: missions and themes of the CNAF, funding programmes."""

from django.db import models

from ctg.historique import Historise, HistoriseQuerySet
from ctg.periodes import FIN_APRES_DEBUT, en_cours

from .territoire import Partenaire


class ReferenceQuerySet(HistoriseQuerySet):
    """Reference rows known by their rank."""

    def get_by_natural_key(self, ordre):
        return self.get(ordre=ordre)


class Reference(Historise):
    """A numbered line of a national list."""

    ordre = models.PositiveSmallIntegerField("ordre", unique=True)
    nom = models.CharField("intitulé", max_length=250)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["ordre"]

    def __str__(self):
        return self.nom

    def natural_key(self):
        return (self.ordre,)


class Mission(Reference):
    """One of the 4 missions of the Famille branch (seed, exposé)."""

    class Meta(Reference.Meta):
        verbose_name = "mission"


class Thematique(Reference):
    """One of the 9 priority themes of the CNAF (seed, exposé); an avenant may add others."""

    class Meta(Reference.Meta):
        verbose_name = "thématique"


class DispositifQuerySet(HistoriseQuerySet):
    """The questions that are asked of funding programmes."""

    def get_by_natural_key(self, nom):
        return self.get(nom=nom)

    def ouverts(self, annee):
        """Programmes that existed in a year."""
        return self.filter(en_cours(annee))


class Dispositif(Historise):
    """A funding programme of the CAF or of others, from one year to another; an old name stays readable in old years."""

    nom = models.CharField("nom", max_length=150, unique=True)
    financeur = models.CharField(
        "financeur", max_length=20, choices=Partenaire.Nature.choices, default=Partenaire.Nature.CAF
    )
    debut = models.PositiveSmallIntegerField("depuis l’année", null=True, blank=True)
    fin = models.PositiveSmallIntegerField("jusqu’à l’année", null=True, blank=True)
    remplace = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="remplacants", verbose_name="remplace"
    )

    objects = DispositifQuerySet.as_manager()

    class Meta:
        verbose_name = "dispositif de financement"
        verbose_name_plural = "dispositifs de financement"
        ordering = ["nom"]
        constraints = [
            models.CheckConstraint(
                condition=FIN_APRES_DEBUT,
                name="dispositif_fin_apres_debut",
                violation_error_message="La dernière année précède la première : corrigez l’une des deux.",
            )
        ]

    def __str__(self):
        return self.nom

    def natural_key(self):
        return (self.nom,)
