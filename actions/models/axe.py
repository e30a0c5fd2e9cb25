"""The strategic axes of a convention."""

from django.db import models

from ctg.historique import Historise
from ctg.texte import TexteRiche

from .convention import Convention


class AxeManager(models.Manager):
    def get_by_natural_key(self, debut, fin, ordre):
        return self.get(convention__debut=debut, convention__fin=fin, ordre=ordre)


class Axe(Historise):
    """A strategic axis, numbered 1, 2, 3 ... by its order within its convention."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="axes")
    ordre = models.PositiveSmallIntegerField("numéro")
    titre = models.CharField("intitulé", max_length=200)
    presentation = TexteRiche("présentation")

    objects = AxeManager()

    class Meta:
        verbose_name = "axe stratégique"
        verbose_name_plural = "axes stratégiques"
        ordering = ["ordre"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "ordre"],
                name="axe_unique_par_rang",
                violation_error_message="Un autre axe porte déjà ce numéro.",
            )
        ]

    def __str__(self):
        return f"Axe {self.ordre} : {self.titre}"

    def natural_key(self):
        return (*self.convention.natural_key(), self.ordre)

    natural_key.dependencies = ["actions.convention"]

    def renumeroter(self):
        """Give its active fiches the ranks 1, 2, 3 ... in their present order, without holes."""
        for rang, action in enumerate(self.actions.actives().order_by("ordre", "pk"), start=1):
            if action.ordre != rang:
                action.ordre = rang
                action.save(update_fields=["ordre"])
