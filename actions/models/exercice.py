"""A year of a convention: open while its figures are typed, then closed by the agents of the porteur."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone

from ctg.compteurs import fermer_l_ecriture
from ctg.historique import Historise, HistoriseQuerySet

from .convention import Convention, annee_close

ANNEE = [
    MinValueValidator(2000, "Indiquez une année à quatre chiffres, par exemple 2026."),
    MaxValueValidator(2100, "Indiquez une année à quatre chiffres, par exemple 2026."),
]


class Exercice(Historise):
    """One year of a convention. No row: the year is open; its history says who closed and reopened it."""

    proprietaire = "convention"
    droit_de_lecture = "plan.lire"
    etats = frozenset({"clos_le"})

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="exercices")
    annee = models.PositiveSmallIntegerField("année", validators=ANNEE)
    clos_le = models.DateField("clos le", null=True, editable=False)

    class Meta:
        verbose_name = "exercice"
        ordering = ["annee"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "annee"],
                name="exercice_unique",
                violation_error_message="Cet exercice existe déjà.",
            )
        ]

    def __str__(self):
        return str(self.annee)

    @classmethod
    def _changer(cls, convention, annee, clos_le):
        with transaction.atomic():
            nouveau = cls(convention=convention, annee=annee)
            nouveau.ouvrir_l_ecriture()
            exercice = cls.objects.select_for_update(of=("self",)).filter(convention=convention, annee=annee).first()
            if exercice is None:
                nouveau.save()
                exercice = nouveau
            if bool(exercice.clos_le) != bool(clos_le):
                exercice.clos_le = clos_le
                exercice.ecrire_l_etat("clos_le")
            fermer_l_ecriture()
        return exercice

    @classmethod
    def clore(cls, convention, annee):
        """Close a year: its measures and realised amounts stay as they are."""
        return cls._changer(convention, annee, timezone.localdate())

    @classmethod
    def rouvrir(cls, convention, annee):
        """Open a closed year again."""
        return cls._changer(convention, annee, None)

    @classmethod
    def closes(cls, convention):
        """Return the closed years of a convention, as a queryset of years."""
        return cls.objects.filter(convention=convention, clos_le__isnull=False).values("annee")

    @classmethod
    def gestes(cls, convention, annee):
        """Return [(moment, who, "close" or "rouverte")] of a year, the latest first."""
        etats = (
            cls.history.filter(convention=convention, annee=annee).select_related("history_user").order_by("history_id")
        )
        gestes, clos = [], False
        for etat in etats:
            if bool(etat.clos_le) != clos:
                clos = bool(etat.clos_le)
                gestes.append((etat.history_date, etat.history_user, "close" if clos else "rouverte"))
        return gestes[::-1]

    @classmethod
    def clos(cls, convention, annee):
        """Return the closed year, or None if it is open."""
        return cls.objects.filter(convention=convention, annee=annee, clos_le__isnull=False).first()


class DansUnExerciceQuerySet(HistoriseQuerySet):
    """Rows of a year, in number."""

    def figees(self):
        clos = Exercice.objects.filter(
            convention=models.OuterRef(self.model.proprietaire), annee=models.OuterRef("annee"), clos_le__isnull=False
        )
        return self.filter(models.Exists(clos))


class DansUnExercice(models.Model):
    """What belongs to a year: once it is closed the row is frozen by itself, but for its `vivants`."""

    objects = DansUnExerciceQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def est_fige(self):
        return type(self)._default_manager.filter(pk=self.pk).figees().exists()

    def raison_de_figer(self, champs=()):
        return (
            f"L’année {self.annee} est close : ses mesures et ses montants réalisés ne changent plus. "
            "Un agent du porteur peut la rouvrir sur la page de saisie."
        )

    def _est_fige_par(self, gel):
        return annee_close(self.annee) in gel

    def _refus_de_creer(self, gel):
        """Nothing new comes into a closed year."""
        return self.raison_de_figer() if self._dit_le_realise() and self._est_fige_par(gel) else ""

    def _refus_de_figee(self, presente, champs, suppression, gel):
        """Nothing is moved into a closed year either."""
        if raison := super()._refus_de_figee(presente, champs, suppression, gel):
            return raison
        return self._refus_de_creer(gel) if presente.annee != self.annee and not suppression else ""

    def _dit_le_realise(self):
        """Tell whether the row says something of what was done in its year."""
        return True
