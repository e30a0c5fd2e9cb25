"""What a council voted. Kept here as the seed states it; the life of an act comes with its own pages."""

from django.db import models

from actions.models import Convention
from ctg.historique import Historise
from ctg.texte import TexteRiche

from .instance import Instance


class Deliberation(Historise):
    """A council's vote: its number, its texts, who was there and how it ended (seed, deliberation 583)."""

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="actes", verbose_name="convention")
    conseil = models.ForeignKey(Instance, models.PROTECT, related_name="deliberations", verbose_name="conseil")
    numero = models.CharField("numéro", max_length=30)
    date = models.DateField("date de la séance")
    objet = models.CharField("objet", max_length=300)
    president = models.CharField("sous la présidence de", max_length=150, blank=True)
    rapporteur = models.CharField("rapporteur", max_length=150, blank=True)
    secretaire = models.CharField("secrétaire de séance", max_length=150, blank=True)
    effectif_legal = models.PositiveSmallIntegerField("membres élus", null=True, blank=True)
    en_exercice = models.PositiveSmallIntegerField("membres en fonction", null=True, blank=True)
    presents = models.PositiveSmallIntegerField("présents", null=True, blank=True)
    procurations = models.PositiveSmallIntegerField("absents excusés ayant donné procuration", null=True, blank=True)
    excuses = models.PositiveSmallIntegerField("absents excusés", null=True, blank=True)
    absents = models.PositiveSmallIntegerField("absents", null=True, blank=True)
    expose = TexteRiche("exposé")
    considerants = TexteRiche("considérants")
    dispositif = TexteRiche("dispositif")
    resultat = models.CharField("résultat", max_length=200, blank=True)

    class Meta:
        verbose_name = "délibération"
        ordering = ["date", "numero"]
        constraints = [
            models.UniqueConstraint(
                fields=["conseil", "numero"],
                name="deliberation_unique",
                violation_error_message="Ce conseil a déjà une délibération de ce numéro.",
            )
        ]

    def __str__(self):
        return f"Délibération n° {self.numero} du {self.date:%d/%m/%Y}"
