"""What is followed on a fiche: a unit, a baseline, a target and a measure per year."""

from django.core.exceptions import ValidationError
from django.db import models

from ctg.historique import PLAN, Historise, HistoriseQuerySet

from .action import Action, LigneDeFiche
from .exercice import ANNEE, DansUnExercice, Exercice
from .grandeurs import CENTIEME, Genre, Periode, Progres, Sens, convient, montrer, mots_de_l_echelle, progres
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

    # What decides how its figures are read and added up.
    DECISIFS = frozenset({"genre", "echelle", "cumulable", "periode"})

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

        self._valider_le_change()

    @classmethod
    def from_db(cls, db, field_names, values):
        lu = super().from_db(db, field_names, values)
        lu._lu = {c: lu.__dict__.get(c) for c in cls.DECISIFS}
        return lu

    def _change(self):
        """Return the names of the fields that decide how its figures read, and that are no longer as they were read."""
        return {c for c, lu in getattr(self, "_lu", {}).items() if lu is not None and lu != getattr(self, c)}

    def _valider_le_change(self):
        """Refuse to change what stored figures mean: they would read as something else, or as nothing."""
        change = self._change()
        if change & {"genre", "echelle"}:
            valeurs = [*self.cibles.values_list("valeur", flat=True), *self.mesures.values_list("valeur", flat=True)]
            if not all(convient(self.genre, valeur, self.echelle) for valeur in valeurs):
                champ = "genre" if "genre" in change else "echelle"
                raise ValidationError({champ: "Des valeurs déjà saisies ne s’y liraient plus : videz-les d’abord."})
        if "periode" in change and self.mesures.exclude(rang__in=self.rangs).exists():
            raise ValidationError({"periode": "Des mesures sont saisies pour d’autres périodes : videz-les d’abord."})

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        decide = suppression or bool(
            self._change() & (self.DECISIFS if champs is None else self.DECISIFS & set(champs))
        )
        if decide and self.pk and self.mesures.filter(annee__in=Exercice.closes(self.action.convention_id)).exists():
            return "Cet indicateur porte des mesures d’une année close : il reste tel qu’il est."
        return super().refus_d_ecrire(gel, champs, suppression)

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
        siennes = sorted((m.rang, m.valeur) for m in self.mesures.all() if m.annee == annee and m.rang in self.rangs)
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

    def clean(self):
        """A value is of a year of the convention, and of the kind of its indicator."""
        if not self.indicateur_id or self.annee is None or self.valeur is None:
            return
        convention = self.indicateur.action.convention
        if self.annee not in convention.annees:
            raise ValidationError(
                {"annee": f"La convention couvre {convention.periode} : choisissez une de ces années."}
            )
        if not convient(self.indicateur.genre, self.valeur, self.indicateur.echelle):
            quoi = self.indicateur.get_genre_display().lower()
            raise ValidationError({"valeur": f"Cette valeur ne se lit pas pour cet indicateur ({quoi})."})


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
        super().clean()
        if self.indicateur_id and self.rang not in self.indicateur.rangs:
            mots = self.indicateur.get_periode_display().lower()
            raise ValidationError({"rang": f"Cet indicateur est mesuré {mots} : ce rang n’en est pas une période."})
        if not self._fraction_juste():
            self.numerateur = self.denominateur = None
        if self.preuve_id and self.indicateur_id and self.preuve.action_id != self.indicateur.action_id:
            raise ValidationError({"preuve": "Choisissez une pièce jointe à cette fiche."})

    def _fraction_juste(self):
        """Tell whether what the percentage was made of still gives it."""
        if self.numerateur is None or not self.denominateur or self.valeur is None:
            return self.numerateur is None and self.denominateur is None
        return (100 * self.numerateur / self.denominateur).quantize(CENTIEME) == self.valeur

    @property
    def en_toutes_lettres(self):
        """The figure as it was typed: « 31/39 » for a percentage that keeps what it was made of."""
        if self.denominateur is not None:
            return f"{montrer(Genre.NOMBRE, self.numerateur)}/{montrer(Genre.NOMBRE, self.denominateur)}"
        return self.indicateur.montrer(self.valeur)
