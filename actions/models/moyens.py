"""The calendar and the money of a fiche."""

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from ctg.historique import HistoriseQuerySet
from ctg.texte import sans_accents

from .action import Action, LigneDeFiche
from .indicateur import ANNEE
from .references import Dispositif
from .territoire import Partenaire

POSITIF = [MinValueValidator(0, "Un montant ne peut pas être négatif.")]


class Jalon(LigneDeFiche):
    """A step of a fiche, with the date by which it is due."""

    suivi = frozenset({"atteint"})

    action = models.ForeignKey(Action, models.CASCADE, related_name="jalons")
    libelle = models.CharField("jalon", max_length=250)
    echeance = models.DateField("échéance")
    atteint = models.BooleanField("atteint", default=False)

    class Meta:
        verbose_name = "jalon"
        verbose_name_plural = "jalons"
        ordering = ["echeance", "pk"]

    def __str__(self):
        return self.libelle


@dataclass(frozen=True)
class Somme:
    """Amounts in euros; None where nobody has written any."""

    prevu: Decimal | None
    realise: Decimal | None

    @classmethod
    def de(cls, financements):
        lignes = list(financements)
        prevus = [f.prevu for f in lignes if f.prevu is not None]
        realises = [f.realise for f in lignes if f.realise is not None]
        return cls(sum(prevus) if prevus else None, sum(realises) if realises else None)


def tableau_des_financements(lignes, annees=()):
    """Return who pays what, year by year: (years, rows), the last row being the totals of all.

    A row is (`Partenaire` or None for the totals, [`Somme` for each year], `Somme` of the row), in euros.
    Years are those asked (`annees`) and any other that a line names. No line: ([], []).
    """
    if not lignes:
        return [], []
    annees = sorted({*annees, *(f.annee for f in lignes)})
    partenaires = sorted({f.partenaire for f in lignes}, key=lambda p: sans_accents(p.nom))
    rangees = []
    for partenaire in [*partenaires, None]:
        siennes = [f for f in lignes if partenaire in (None, f.partenaire)]
        sommes = [Somme.de(f for f in siennes if f.annee == annee) for annee in annees]
        rangees.append((partenaire, sommes, Somme.de(siennes)))
    return annees, rangees


class FinancementQuerySet(HistoriseQuerySet):
    """The questions that are asked of the money."""

    def tableau(self, annees):
        """Return the `tableau_des_financements` of these lines; `annees` are those of the convention."""
        return tableau_des_financements(list(self), annees)


class Financement(LigneDeFiche):
    """What one partner pays for a fiche in one calendar year, in euros, under one programme or none."""

    suivi = frozenset({"realise"})

    action = models.ForeignKey(Action, models.CASCADE, related_name="financements")
    partenaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="financements", verbose_name="financeur")
    dispositif = models.ForeignKey(
        Dispositif, models.PROTECT, null=True, blank=True, related_name="financements", verbose_name="dispositif"
    )
    annee = models.PositiveSmallIntegerField("année", validators=ANNEE)
    prevu = models.DecimalField("prévu (€)", max_digits=12, decimal_places=2, null=True, blank=True, validators=POSITIF)
    realise = models.DecimalField(
        "réalisé (€)", max_digits=12, decimal_places=2, null=True, blank=True, validators=POSITIF
    )

    objects = FinancementQuerySet.as_manager()

    class Meta:
        verbose_name = "financement"
        ordering = ["annee", "partenaire__nom", "pk"]

    def __str__(self):
        return f"{self.partenaire} {self.annee}" + (f" ({self.dispositif})" if self.dispositif else "")

    def clean(self):
        """Money is planned and spent in the years of the convention: another year is a slip, unless it stood there."""
        annees = self.action.convention.annees if self.action_id else []
        if self.annee and annees and self.annee not in annees:
            presente = self._stockee()
            if presente is not None and presente.annee == self.annee:
                return
            periode = self.action.convention.periode
            raise ValidationError({"annee": f"La convention couvre {periode} : choisissez une de ces années."})

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        """What was spent beyond what was planned is follow-up: a row without a planned amount may come and go."""
        presente = self._stockee()
        if (self.prevu is None and presente is None) or (suppression and presente and presente.prevu is None):
            return ""
        return super().refus_d_ecrire(gel, champs, suppression)
