"""What a convention annexes, in the order and under the names that its porteur chose."""

from django.db import models

from ctg.historique import CONTRAT, Historise

from .convention import Convention


class Annexe(Historise):
    """One annex of the printed convention; its number is its rank."""

    class Genre(models.TextChoices):
        """What it holds; each is written from what the application knows (pilotage/documents/annexes.py)."""

        DIAGNOSTIC = "diagnostic", "Diagnostic partagé et bilan"
        SERVICES = "services", "Équipements et services soutenus"
        PLAN = "plan", "Plan d’actions"
        MOYENS = "moyens", "Moyens de chaque partenaire"
        PILOTAGE = "pilotage", "Pilotage"
        EVALUATION = "evaluation", "Évaluation"
        DELIBERATIONS = "deliberations", "Délibérations"

    # Those of a convention at its creation: what most conventions annex.
    HABITUELLES = (
        Genre.DIAGNOSTIC,
        Genre.SERVICES,
        Genre.PLAN,
        Genre.PILOTAGE,
        Genre.EVALUATION,
        Genre.DELIBERATIONS,
    )

    proprietaire = "convention"
    droit_de_lecture = "plan.lire"
    gele_avec = CONTRAT

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="annexes")
    ordre = models.PositiveSmallIntegerField("numéro")
    genre = models.CharField("contenu", max_length=15, choices=Genre)
    titre = models.CharField("titre", max_length=200, blank=True, help_text="Vide : celui du contenu.")

    class Meta:
        verbose_name = "annexe"
        ordering = ["ordre"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "ordre"],
                name="annexe_unique_par_rang",
                violation_error_message="Une autre annexe porte déjà ce numéro.",
            ),
            models.UniqueConstraint(
                fields=["convention", "genre"],
                name="annexe_unique_par_contenu",
                violation_error_message="Ce contenu est déjà annexé : une fois suffit.",
            ),
        ]

    def __str__(self):
        return f"Annexe {self.ordre} – {self.nom}"

    @property
    def nom(self):
        return self.titre or self.get_genre_display()

    @classmethod
    def annexer(cls, convention):
        """Give a new convention the usual annexes."""
        for annexe in cls.habituelles(convention):
            annexe.save()

    @classmethod
    def habituelles(cls, convention):
        """Return the usual annexes of a convention, not saved."""
        return [cls(convention=convention, ordre=n, genre=genre) for n, genre in enumerate(cls.HABITUELLES, start=1)]
