"""What is followed on a fiche: a unit, a baseline, a target and a measure per year."""

from django.core.exceptions import ValidationError
from django.db import models

from ctg.historique import PLAN, Historise, HistoriseQuerySet

from .action import Action, LigneDeFiche
from .exercice import ANNEE, DansUnExercice
from .grandeurs import Genre, Periode, Progres, Sens, montrer, mots_de_l_echelle, progres
from .suivi import PieceJointe
from .territoire import Partenaire


class IndicateurQuerySet(HistoriseQuerySet):
    def get_by_natural_key(self, territoire, cle, axe, ordre, libelle):
        return self.get(action=Action.objects.get_by_natural_key(territoire, cle, axe, ordre), libelle=libelle)


class Indicateur(LigneDeFiche):
    """One indicator of a fiche; values are in `unite`, with two decimals (see grandeurs.py for what each kind keeps).

    `cumulable` tells whether its values add up, over the periods of a year and over years: places do not, children
    received do. Sums are shown only where they mean something.
    """

    class Nature(models.TextChoices):
        MOYENS = "moyens", "De moyens"
        REALISATION = "realisation", "De réalisation"
        RESULTAT = "resultat", "De résultat"

    action = models.ForeignKey(Action, models.CASCADE, related_name="indicateurs")
    libelle = models.CharField("indicateur", max_length=250)
    unite = models.CharField("unité", max_length=50, blank=True)
    source = models.CharField("source", max_length=150, blank=True)
    reference = models.DecimalField("valeur de départ", max_digits=14, decimal_places=2, null=True, blank=True)
    annee_reference = models.PositiveSmallIntegerField("année de départ", null=True, blank=True, validators=ANNEE)
    nature = models.CharField("nature", max_length=12, choices=Nature, blank=True)
    genre = models.CharField("valeur", max_length=12, choices=Genre, default=Genre.NOMBRE)
    echelle = models.CharField(
        "mots de l’échelle",
        max_length=250,
        blank=True,
        help_text="Du plus faible au plus fort, séparés par des points-virgules.",
    )
    sens = models.CharField("sens attendu", max_length=8, choices=Sens, default=Sens.HAUSSE)
    cumulable = models.BooleanField("les valeurs s’additionnent", default=False)
    periode = models.CharField("mesuré", max_length=14, choices=Periode, default=Periode.ANNEE)
    saisi_par = models.ForeignKey(
        Partenaire,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="indicateurs_saisis",
        verbose_name="saisi par",
        help_text="Le pilote de la fiche, sauf indication contraire.",
    )

    objects = IndicateurQuerySet.as_manager()

    class Meta:
        verbose_name = "indicateur"
        ordering = ["pk"]

    def __str__(self):
        return self.libelle

    def clean(self):
        if self.genre == Genre.ECHELLE and len(mots_de_l_echelle(self.echelle)) < 2:
            raise ValidationError(
                {"echelle": "Écrivez au moins deux mots, du plus faible au plus fort, séparés par des points-virgules."}
            )
        if self.cumulable and self.genre in {Genre.POURCENTAGE, Genre.OUI_NON, Genre.ECHELLE}:
            raise ValidationError({"cumulable": "Seuls des nombres et des montants s’additionnent."})

    @property
    def rangs(self):
        """The ranks of the periods of a year in which it is measured; (0,) if once a year."""
        return Periode(self.periode).rangs

    def montrer(self, valeur):
        """Return a value in words or figures, as its kind is read; "" for None."""
        return montrer(self.genre, valeur, self.echelle)

    def valeurs(self, annees):
        """Return [(year, target or None, measure or None)] for the years asked."""
        cibles = {c.annee: c.valeur for c in self.cibles.all()}
        return [(annee, cibles.get(annee), self.mesure_de(annee)) for annee in annees]

    def mesure_de(self, annee):
        """Return the value of a year: of its periods, the sum where values add up, else the last that is known."""
        siennes = sorted((m.rang, m.valeur) for m in self.mesures.all() if m.annee == annee)
        if not siennes:
            return None
        return sum(valeur for _, valeur in siennes) if self.cumulable else siennes[-1][1]

    def progres(self, annee) -> Progres:
        """Return how far the measure of a year is on its way to the target of that year."""
        [(_, cible, mesure)] = self.valeurs([annee])
        return progres(self.sens, self.reference, cible, mesure)

    @property
    def saisi_par_qui(self):
        """Who fills it in, in acronyms: the partner that is named, else who leads the fiche."""
        return self.saisi_par.nom_court if self.saisi_par_id else self.action.pilotes_en_bref


class ValeurAnnuelle(Historise):
    """A value of an indicator for one calendar year."""

    proprietaire = "indicateur__action__convention"
    droit_de_lecture = "plan.lire"

    annee = models.PositiveSmallIntegerField("année", validators=ANNEE)
    valeur = models.DecimalField("valeur", max_digits=14, decimal_places=2)

    class Meta:
        abstract = True
        ordering = ["annee"]

    def __str__(self):
        return f"{self.indicateur} {self.annee} : {self.valeur}"


class Cible(ValeurAnnuelle):
    """What an indicator should reach in a year."""

    gele_avec = PLAN

    indicateur = models.ForeignKey(Indicateur, models.CASCADE, related_name="cibles")

    class Meta(ValeurAnnuelle.Meta):
        verbose_name = "cible"
        constraints = [
            models.UniqueConstraint(
                fields=["indicateur", "annee"],
                name="cible_unique_par_an",
                violation_error_message="Cet indicateur a déjà une cible pour cette année.",
            )
        ]


class Mesure(DansUnExercice, ValeurAnnuelle):
    """What was measured in a year, or in one of its periods (`rang`; 0 is the whole year)."""

    indicateur = models.ForeignKey(Indicateur, models.CASCADE, related_name="mesures")
    rang = models.PositiveSmallIntegerField("période", default=0)
    numerateur = models.DecimalField("numérateur", max_digits=14, decimal_places=2, null=True, blank=True)
    denominateur = models.DecimalField("dénominateur", max_digits=14, decimal_places=2, null=True, blank=True)
    commentaire = models.CharField("commentaire", max_length=500, blank=True)
    preuve = models.ForeignKey(
        PieceJointe, models.SET_NULL, null=True, blank=True, related_name="mesures", verbose_name="justificatif"
    )

    class Meta(ValeurAnnuelle.Meta):
        verbose_name = "mesure"
        ordering = ["annee", "rang"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicateur", "annee", "rang"],
                name="mesure_unique_par_periode",
                violation_error_message="Cet indicateur a déjà une mesure pour cette période.",
            ),
            models.CheckConstraint(condition=models.Q(rang__lte=4), name="mesure_rang_de_trimestre"),
        ]

    def clean(self):
        if self.preuve_id and self.indicateur_id and self.preuve.action_id != self.indicateur.action_id:
            raise ValidationError({"preuve": "Choisissez une pièce jointe à cette fiche."})

    @property
    def en_toutes_lettres(self):
        """The figure as it was typed: « 31/39 » for a percentage that keeps what it was made of."""
        if self.denominateur is not None:
            return f"{montrer(Genre.NOMBRE, self.numerateur)}/{montrer(Genre.NOMBRE, self.denominateur)}"
        return self.indicateur.montrer(self.valeur)
