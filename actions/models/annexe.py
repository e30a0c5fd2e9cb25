"""What a convention annexes, in the order and under the names that its porteur chose."""

from django.core.exceptions import ValidationError
from django.db import models, transaction

from ctg.historique import CONTRAT, Historise
from ctg.scelles import cle_de_scelle, sceller

from .convention import Convention

# All the files annexed to one convention (bytes): each sealed paper carries them.
POIDS_MAX = 30 * 1024**2


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
        # Written elsewhere: a map, a charter, a diagnosis by a consultant.
        FICHIER = "fichier", "Fichier PDF joint"

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
    remis = frozenset({"fichier"})

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="annexes")
    ordre = models.PositiveSmallIntegerField("numéro")
    genre = models.CharField("contenu", max_length=15, choices=Genre)
    titre = models.CharField("titre", max_length=200, blank=True, help_text="Vide : celui du contenu.")

    # The very bytes that were given: a sealed paper carries them unchanged, a working print joins their pages.
    fichier = cle_de_scelle("fichier")

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
                condition=~models.Q(genre="fichier"),
                name="annexe_unique_par_contenu",
                violation_error_message="Ce contenu est déjà annexé : une fois suffit.",
            ),
            models.CheckConstraint(
                condition=models.Q(genre="fichier", fichier__isnull=False)
                | (~models.Q(genre="fichier") & models.Q(fichier__isnull=True)),
                name="annexe_fichier_de_son_genre",
                violation_error_message="Un fichier s’annexe par « Joindre un fichier PDF », et reste un fichier.",
            ),
        ]

    def __str__(self):
        return f"Annexe {self.ordre} – {self.nom}"

    @property
    def nom(self):
        return self.titre or self.get_genre_display()

    def clean(self):
        """A file comes with its page and stays one: the contents of a row are chosen among the others."""
        est_fichier = self.genre == self.Genre.FICHIER
        if est_fichier and not self.fichier_id:
            raise ValidationError({"genre": "Un fichier s’annexe par « Joindre un fichier PDF », sur cette page."})
        if self.fichier_id and not est_fichier:
            raise ValidationError({"genre": "Cette annexe est un fichier : retirez sa ligne, puis ajoutez l’autre."})
        if est_fichier and not self.titre:
            raise ValidationError({"titre": "Donnez un titre à ce fichier : c’est sous ce nom qu’il est annexé."})

    @classmethod
    def joindre(cls, convention, titre, octets, nom):
        """Annex a PDF that others wrote, after what is annexed; its bytes are kept as they are.

        Raises `ValidationError`, `OSError`.
        """
        with transaction.atomic():
            annexe = cls(convention=convention, genre=cls.Genre.FICHIER, titre=titre)
            annexe.ouvrir_l_ecriture()
            poids = convention.annexes.aggregate(total=models.Sum("fichier__taille"))["total"] or 0
            if poids + len(octets) > POIDS_MAX:
                raise ValidationError(
                    f"Les fichiers annexés pèseraient plus de {POIDS_MAX // 1024**2} Mo ensemble, que les documents "
                    "scellés emportent tous : allégez celui-ci, ou retirez-en un autre."
                )
            annexe.ordre = (convention.annexes.aggregate(haut=models.Max("ordre"))["haut"] or 0) + 1
            annexe.fichier = sceller(octets, nom[:150], "application/pdf", fait_foi=False)
            annexe.full_clean()
            annexe.save()
        return annexe

    @classmethod
    def annexer(cls, convention):
        """Give a new convention the usual annexes."""
        for annexe in cls.habituelles(convention):
            annexe.save()

    @classmethod
    def habituelles(cls, convention):
        """Return the usual annexes of a convention, not saved."""
        return [cls(convention=convention, ordre=n, genre=genre) for n, genre in enumerate(cls.HABITUELLES, start=1)]
