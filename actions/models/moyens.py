"""The calendar and the money of a fiche."""

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from ctg.historique import PLAN
from ctg.texte import sans_accents

from .action import Action, LigneDeFiche
from .convention import Service
from .exercice import ANNEE, DansUnExercice, DansUnExerciceQuerySet
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


class EtatMontant(models.TextChoices):
    """How firm an amount is, from the weakest to the firmest: a CAF's is final after the declaration of 31 March."""

    DEMANDE = "demande", "Demandé"
    NOTIFIE = "notifie", "Notifié"
    PROVISOIRE = "provisoire", "Provisoire"
    DEFINITIF = "definitif", "Définitif"

    @classmethod
    def le_plus_faible(cls, etats):
        """Return the weakest of some states ("" is a state that nobody gave, the weakest of all), or "" for none."""
        etats = set(etats)
        return "" if not etats or "" in etats else min(etats, key=cls.values.index)


# What is not final is marked, wherever an amount is written: a sum bears the mark of its weakest part.
MARQUES = {"demande": ("d", "demandé"), "notifie": ("n", "notifié"), "provisoire": ("p", "provisoire")}


@dataclass(frozen=True)
class Somme:
    """Amounts in euros, None where nobody has written any, each with the weakest state of what it is made of."""

    prevu: Decimal | None
    realise: Decimal | None
    etat_prevu: str = ""
    etat_realise: str = ""

    @classmethod
    def de(cls, financements):
        lignes = list(financements)
        prevus = [f for f in lignes if f.prevu is not None]
        realises = [f for f in lignes if f.realise is not None]
        return cls(
            sum(f.prevu for f in prevus) if prevus else None,
            sum(f.realise for f in realises) if realises else None,
            EtatMontant.le_plus_faible(f.etat_prevu for f in prevus),
            EtatMontant.le_plus_faible(f.etat_realise for f in realises),
        )

    @property
    def provisoire(self):
        """Tell whether the realised amount is not final: every paper marks it."""
        return self.realise is not None and self.etat_realise != EtatMontant.DEFINITIF

    @property
    def marque_prevu(self):
        """How papers mark the planned amount, as (sign, word); None if it is firm, or nobody said how firm it is."""
        return MARQUES.get(self.etat_prevu) if self.prevu is not None else None

    @property
    def marque_realise(self):
        """How papers mark the realised amount, as (sign, word); None if it is final."""
        return (MARQUES.get(self.etat_realise) or MARQUES["provisoire"]) if self.provisoire else None

    @property
    def ecart(self):
        """What was realised beyond (or short of) what was planned, in euros; None unless both are known."""
        return None if self.prevu is None or self.realise is None else self.realise - self.prevu


def part_de_la_caf(lignes):
    """Return the (planned, realised) shares of the CAF in some lines, in per cent; None where nothing is counted."""
    tout, siens = Somme.de(lignes), Somme.de(f for f in lignes if f.partenaire.nature == Partenaire.Nature.CAF)
    return tuple(
        round(100 * (sien or Decimal(0)) / total) if total else None
        for sien, total in ((siens.prevu, tout.prevu), (siens.realise, tout.realise))
    )


def _rang(fiche):
    return fiche.axe.ordre, fiche.ordre or 0, fiche.pk


# By what money is told apart: {name: (words, what a line is counted under, the order of what it is counted under)}.
PAR = {
    "partenaire": ("financeur", lambda f: f.partenaire, lambda p: (sans_accents(p.nom), p.pk)),
    "axe": ("axe", lambda f: f.action.axe, lambda axe: axe.ordre),
    "action": ("fiche", lambda f: f.action, _rang),
    "nature": ("nature", lambda f: f.get_nature_display(), str),
    "service": (
        "service",
        lambda f: f.service or "Hors service",
        lambda s: (isinstance(s, str), sans_accents(str(s))),
    ),
    "dispositif": (
        "dispositif",
        lambda f: f.dispositif or "Hors dispositif",
        lambda d: (isinstance(d, str), sans_accents(str(d))),
    ),
}


def tableau_des_financements(lignes, annees=(), par="partenaire"):
    """Return who pays what, year by year: (years, rows), the last row being the totals of all.

    A row is (what it is counted under, see `PAR`, or None for the totals, [`Somme` for each year], `Somme` of the row), in
    euros. Years are those asked (`annees`) and any other that a line names. No line: ([], []).
    """
    if not lignes:
        return [], []
    _, sous, ordre = PAR[par]
    annees = sorted({*annees, *(f.annee for f in lignes)})
    groupes = {}
    for f in lignes:
        groupes.setdefault(sous(f), []).append(f)
    rangees = []
    for titre, siennes in [*sorted(groupes.items(), key=lambda groupe: ordre(groupe[0])), (None, lignes)]:
        sommes = [Somme.de(f for f in siennes if f.annee == annee) for annee in annees]
        rangees.append((titre, sommes, Somme.de(siennes)))
    return annees, rangees


class FinancementQuerySet(DansUnExerciceQuerySet):
    """The questions that are asked of the money."""

    def tableau(self, annees):
        """Return the `tableau_des_financements` of these lines; `annees` are those of the convention."""
        return tableau_des_financements(list(self), annees)


class Financement(DansUnExercice, LigneDeFiche):
    """What one partner pays for a fiche in one calendar year, in euros, under one programme or none.

    Several lines of one partner in one year are as many grants. A realised amount is provisional until it is said final.
    """

    class Nature(models.TextChoices):
        FONCTIONNEMENT = "fonctionnement", "Fonctionnement"
        INVESTISSEMENT = "investissement", "Investissement"

    suivi = frozenset(
        {"etat_prevu", "prevu_le", "source_prevu", "realise", "etat_realise", "realise_le", "source_realise"}
    )
    vivants = frozenset(
        {"partenaire", "dispositif", "service", "nature", "prevu", "etat_prevu", "prevu_le", "source_prevu"}
    )

    action = models.ForeignKey(Action, models.CASCADE, related_name="financements")
    partenaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="financements", verbose_name="financeur")
    dispositif = models.ForeignKey(
        Dispositif, models.PROTECT, null=True, blank=True, related_name="financements", verbose_name="dispositif"
    )
    service = models.ForeignKey(
        Service,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="financements",
        verbose_name="service",
        help_text="Pour un bonus territoire, une PSU : le service qui le reçoit.",
    )
    annee = models.PositiveSmallIntegerField("année", validators=ANNEE)
    prevu = models.DecimalField("prévu (€)", max_digits=12, decimal_places=2, null=True, blank=True, validators=POSITIF)
    realise = models.DecimalField(
        "réalisé (€)", max_digits=12, decimal_places=2, null=True, blank=True, validators=POSITIF
    )
    nature = models.CharField("nature", max_length=14, choices=Nature, default=Nature.FONCTIONNEMENT)
    etat_prevu = models.CharField("état du prévu", max_length=10, choices=EtatMontant, blank=True)
    prevu_le = models.DateField("prévu : date", null=True, blank=True)
    source_prevu = models.CharField("prévu : source", max_length=150, blank=True)
    etat_realise = models.CharField(
        "état du réalisé", max_length=10, choices=EtatMontant, default=EtatMontant.PROVISOIRE
    )
    realise_le = models.DateField("réalisé : date", null=True, blank=True)
    source_realise = models.CharField("réalisé : source", max_length=150, blank=True)

    objects = FinancementQuerySet.as_manager()

    class Meta:
        verbose_name = "financement"
        ordering = ["annee", "partenaire__nom", "pk"]

    def __str__(self):
        return f"{self.partenaire} {self.annee}" + (f" ({self.dispositif})" if self.dispositif else "")

    def clean(self):
        """Money is planned and spent in the years of the convention: another year is a slip, unless it stood there."""
        if self.service_id and self.action_id and self.service.convention_id != self.action.convention_id:
            raise ValidationError({"service": "Choisissez un service de cette convention."})
        annees = self.action.convention.annees if self.action_id else []
        if self.annee and annees and self.annee not in annees:
            presente = self._stockee()
            if presente is not None and presente.annee == self.annee:
                return
            periode = self.action.convention.periode
            raise ValidationError({"annee": f"La convention couvre {periode} : choisissez une de ces années."})

    def _dit_le_realise(self):
        return self.realise is not None

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        """What was spent beyond what was planned is follow-up: a row without a planned amount may come and go."""
        presente = self._stockee()
        if (self.prevu is None and presente is None) or (suppression and presente and presente.prevu is None):
            gel = gel - {PLAN}  # a closed year stays closed
        return super().refus_d_ecrire(gel, champs, suppression)
