"""The fiche action: the sheet that staff edit, and the questions that are asked of it."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from ctg.adresses import adresse
from ctg.compteurs import ecriture
from ctg.francais import date_fr
from ctg.historique import PLAN, Fige, Historise, HistoriseQuerySet
from ctg.periodes import FIN_APRES_DEBUT
from ctg.rangs import ranger
from ctg.texte import TexteRiche

from .axe import Axe, Objectif
from .convention import Convention
from .numeros import ecrire_numero
from .references import Thematique
from .territoire import Partenaire


class ActionQuerySet(HistoriseQuerySet):
    """The questions that are asked of fiches."""

    def get_by_natural_key(self, territoire, cle, axe, ordre):
        return self.get(
            convention__territoire__slug=territoire, convention__cle=cle, axe__ordre=axe, ordre=ordre, archivee=False
        )

    def actives(self):
        """Fiches that are part of the plan."""
        return self.filter(archivee=False)

    def publiees(self):
        """Fiches that an inhabitant may read."""
        return self.actives().filter(publiee=True, convention__publiee=True)

    def de(self, convention):
        """Fiches of one convention, in the order of the plan."""
        return self.filter(convention=convention).dans_l_ordre()

    def delete(self):
        """The fiches that follow a deleted one move up, as after one deletion."""
        axes = list(Axe.objects.filter(actions__in=self).distinct())
        with transaction.atomic():
            faits = super().delete()
            for axe in axes:
                axe.renumeroter()
        return faits

    def dans_l_ordre(self):
        return self.order_by("axe__ordre", "ordre", "pk")

    def pilotees_par(self, partenaires):
        """Fiches in the plan of which one of these partners (keys) is a pilote."""
        return self.actives().filter(
            participations__nature=Participation.Nature.PILOTE, participations__partenaire__in=partenaires
        )

    def en_retard(self, on=None):
        """Fiches late on a date: their end has passed, or their start while they are still to come.

        `on` is a date, today by default. A fiche done, paused or given up is not late.
        """
        on = on or timezone.localdate()
        return self.actives().filter(
            models.Q(fin__lt=on, statut__in=Action.Statut.ouverts())
            | models.Q(debut__lt=on, statut=Action.Statut.A_VENIR)
        )

    def pour_liste(self):
        """With all that a line of the plan shows, in a constant number of queries."""
        participations = models.Prefetch("participations", Participation.objects.select_related("partenaire"))
        return self.select_related("axe", "convention__territoire").prefetch_related("thematiques", participations)

    def sans_textes(self):
        """Without the rich texts, which are most of what a fiche weighs."""
        return self.defer(*(champ.name for champ in self.model._meta.concrete_fields if isinstance(champ, TexteRiche)))

    def completes(self):
        """With all that a fiche shows, in a constant number of queries."""
        Financement = self.model._meta.get_field("financements").related_model  # noqa: N806 - declared after the fiche
        return (
            self.pour_liste()
            .select_related("convention__porteur", "objectif", "origine__convention__territoire", "origine__axe")
            .prefetch_related(
                "jalons",
                models.Prefetch(
                    "financements", Financement.objects.select_related("partenaire", "dispositif", "service")
                ),
                "indicateurs__cibles",
                "indicateurs__mesures",
            )
        )


class Action(Historise):
    """One fiche action. Its number is its place in the plan until the convention is in signature, then it is kept."""

    proprietaire = "convention"
    droit_de_lecture = "plan.lire"
    gele_avec = PLAN
    # What a fiche tells of its own progress: never frozen by a signature.
    suivi = frozenset({"statut", "avancement", "priorite", "vigilance", "publiee", "en_clair"})

    class Statut(models.TextChoices):
        A_VENIR = "a_venir", "À venir"
        EN_COURS = "en_cours", "En cours"
        REALISEE = "realisee", "Réalisée"
        EN_PAUSE = "en_pause", "En pause"
        BLOQUEE = "bloquee", "Bloquée"
        ABANDONNEE = "abandonnee", "Abandonnée"

        @classmethod
        def ouverts(cls):
            """The states in which work is still owed, so that a date can be missed."""
            return [cls.A_VENIR, cls.EN_COURS, cls.BLOQUEE]

    class Priorite(models.IntegerChoices):
        HAUTE = 1, "Haute"
        NORMALE = 2, "Normale"
        BASSE = 3, "Basse"

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="fiches", editable=False)
    axe = models.ForeignKey(Axe, models.PROTECT, related_name="actions", verbose_name="axe")
    objectif = models.ForeignKey(
        Objectif, models.PROTECT, null=True, blank=True, related_name="actions", verbose_name="objectif"
    )
    ordre = models.PositiveSmallIntegerField("rang", null=True, blank=True, editable=False)
    numero = models.CharField("numéro", max_length=12, null=True, blank=True, editable=False)  # noqa: DJ001 - unique
    titre = models.CharField("intitulé", max_length=250)
    en_clair = models.TextField(
        "en clair",
        blank=True,
        max_length=600,
        help_text="Trois phrases au plus, pour un habitant : ce qui est fait, pour qui, où en est-on.",
    )
    origine = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="suites",
        verbose_name="poursuit la fiche",
        help_text="La fiche de la convention précédente qu’elle continue.",
    )
    constats = TexteRiche("constats et enjeux")
    objectifs = TexteRiche("objectifs")
    description = TexteRiche("description")
    public_vise = models.CharField("public visé", max_length=300, blank=True)
    thematiques = models.ManyToManyField(
        Thematique, blank=True, related_name="actions", verbose_name="thématiques CNAF"
    )
    elu_referent = models.CharField("élu référent", max_length=150, blank=True)
    technicien_referent = models.CharField("technicien référent", max_length=150, blank=True)
    debut = models.DateField("début", null=True, blank=True)
    fin = models.DateField("fin", null=True, blank=True)
    moyens_humains = TexteRiche("moyens humains")
    moyens_materiels = TexteRiche("moyens matériels")
    statut = models.CharField("statut", max_length=12, choices=Statut, default=Statut.A_VENIR)
    priorite = models.PositiveSmallIntegerField("priorité", choices=Priorite, default=Priorite.NORMALE)
    avancement = models.PositiveSmallIntegerField(
        "avancement (%)", default=0, validators=[MaxValueValidator(100, "L’avancement va de 0 à 100 %%.")]
    )
    vigilance = TexteRiche("points de vigilance")
    publiee = models.BooleanField(
        "publiée", default=False, help_text="Visible du public dès que la convention est publiée."
    )
    archivee = models.BooleanField("archivée", default=False, editable=False)

    # Read by simple-history: the themes of a fiche are part of its history.
    _history_m2m_fields = [thematiques]

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche action"
        verbose_name_plural = "fiches actions"
        ordering = ["axe__ordre", "ordre", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=FIN_APRES_DEBUT,
                name="action_fin_apres_debut",
                violation_error_message="La date de fin précède la date de début : corrigez l’une des deux.",
            ),
            models.CheckConstraint(
                condition=models.Q(avancement__lte=100),
                name="action_avancement_pourcentage",
                violation_error_message="L’avancement va de 0 à 100 %.",
            ),
            models.UniqueConstraint(
                fields=["axe", "ordre"],
                name="action_unique_par_rang",
                violation_error_message="Une autre fiche de cet axe porte déjà ce rang.",
            ),
            models.UniqueConstraint(
                fields=["convention", "numero"],
                name="action_unique_par_numero",
                violation_error_message="Une autre fiche de la convention porte déjà ce numéro.",
            ),
            models.CheckConstraint(
                condition=Q(archivee=True, ordre__isnull=True) | Q(archivee=False, ordre__isnull=False),
                name="action_rang_sauf_archivee",
                violation_error_message="Une fiche archivée n’a pas de rang, une autre en a un.",
            ),
        ]

    def __str__(self):
        return f"{self.numero_affiche} {self.titre}".strip()

    def natural_key(self):
        return (*self.axe.natural_key(), self.ordre)

    natural_key.dependencies = ["actions.axe", "actions.thematique", "actions.partenaire"]

    def get_absolute_url(self):
        return adresse("fiche", self.pk, de=self)

    def clean_fields(self, exclude=None):
        if self.axe_id and not self.convention_id:
            self.convention = self.axe.convention
        super().clean_fields(exclude)

    def validate_constraints(self, exclude=None):
        """The rank of a new fiche is taken at the save, under the lock: nothing is asked of it before."""
        sans_rang = {"ordre"} if self._state.adding and self.ordre is None else set()
        super().validate_constraints({*(exclude or ()), *sans_rang})

    def clean(self):
        if self.debut and self.fin and self.fin < self.debut:
            raise ValidationError({"fin": "La date de fin précède la date de début : corrigez l’une des deux."})
        for champ in ("debut", "fin"):
            valeur = getattr(self, champ)
            if valeur and not 2000 <= valeur.year <= 2100:
                raise ValidationError({champ: "Vérifiez l’année : elle doit être comprise entre 2000 et 2100."})
        if self.publiee and not self.en_clair.strip():
            presente = self._stockee()
            # Asked on the way to the public, and of who would take the words away. What arrives already published (the
            # seed, a new row of a sheet) is shown without.
            if presente is not None and (not presente.publiee or presente.en_clair):
                raise ValidationError(
                    {"en_clair": "Dites l’action en trois phrases, pour un habitant, avant de la publier."}
                )

    def save(self, *args, **kwargs):
        with ecriture():
            if self.axe_id and self.convention_id != self.axe.convention_id:
                self.convention = self.axe.convention
            self.ouvrir_l_ecriture()
            if self._state.adding and self.axe_id:
                self._prendre_place()
            super().save(*args, **kwargs)

    def _prendre_place(self):
        """Take the last place of the axe, and its next number if numbers are already fixed."""
        if self.ordre is None and not self.archivee:
            self.ordre = self.axe.prochain_rang()
        if self.numero is None and self.convention.numeros_fixes():
            self.numero = self.axe.prochain_numero()

    def delete(self, *args, **kwargs):
        with transaction.atomic():
            axe = self.axe
            fait = super().delete(*args, **kwargs)
            axe.renumeroter()
        return fait

    @property
    def fiche(self):
        return self

    @property
    def est_public(self):
        return self.publiee and not self.archivee and self.convention.publiee

    @property
    def numero_affiche(self):
        """The number on the fiche: the stored one, or the one that its place gives; "" for an archived, unnumbered one."""
        if self.numero:
            return self.numero
        if self.archivee or self.ordre is None:
            return ""
        rang = self.ordre
        if self.convention.numerotation == Convention.Numerotation.SUITE:
            rang += self.convention.fiches_avant(self.axe)
        return ecrire_numero(self.convention.numerotation, self.axe.numero_affiche, rang)

    # --- Who does it ---------------------------------------------------------------------------------

    def _participants(self, nature):
        return sorted(
            (p for p in self.participations.all() if p.nature == nature),
            key=lambda p: (p.ordre, p.partenaire.nom),
        )

    @property
    def pilotes(self):
        """The partners that lead the fiche, in their order."""
        return [p.partenaire for p in self._participants(Participation.Nature.PILOTE)]

    @cached_property
    def pilotes_ids(self):
        return {p.partenaire_id for p in self.participations.all() if p.nature == Participation.Nature.PILOTE}

    @property
    def pilotes_en_bref(self):
        """Who leads the fiche, in acronyms: « CCVA, CSCVA »; "" while nobody does."""
        return ", ".join(p.nom_court for p in self.pilotes)

    @property
    def contributeurs(self):
        return self._participants(Participation.Nature.CONTRIBUTEUR)

    @classmethod
    def pilotes_de(cls, convention):
        """Return the keys of the partners that lead an active fiche of a convention, as a queryset."""
        participations = Participation.objects.filter(
            action__convention=convention, action__archivee=False, nature=Participation.Nature.PILOTE
        )
        return participations.values_list("partenaire_id", flat=True)

    # --- May it be written? --------------------------------------------------------------------------

    def peut_etre_modifie(self):
        if self.archivee:
            return "Cette fiche est archivée : remettez-la dans le plan avant de la modifier."
        return ""

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        if suppression and self.numero:
            return f"La fiche {self.numero} porte un numéro signé : archivez-la plutôt que de la supprimer."
        if suppression and self._tient_une_annee_close():
            return "Cette fiche porte des chiffres d’une année close : archivez-la plutôt que de la supprimer."
        return super().refus_d_ecrire(gel, champs, suppression)

    def _tient_une_annee_close(self):
        closes = self.convention.exercices.filter(clos_le__isnull=False).values("annee")
        mesuree = self.indicateurs.filter(mesures__annee__in=closes).exists()
        return mesuree or self.financements.filter(annee__in=closes).exists()

    @property
    def ancre(self):
        """The anchor of the fiche in a printed document: stable when the plan is reordered."""
        return f"fiche-{self.pk}"

    @property
    def calendrier(self):
        """The dates of the fiche in words, as many as are known; empty without any."""
        if self.debut and self.fin:
            return f"du {date_fr(self.debut)} au {date_fr(self.fin)}"
        if self.debut:
            return f"à partir du {date_fr(self.debut)}"
        return f"jusqu’au {date_fr(self.fin)}" if self.fin else ""

    def est_en_retard(self, on=None):
        """Tell whether the fiche is late on a date (same rule as `ActionQuerySet.en_retard`)."""
        on = on or timezone.localdate()
        finie = bool(self.fin and self.fin < on and self.statut in self.Statut.ouverts())
        pas_commencee = bool(self.debut and self.debut < on and self.statut == self.Statut.A_VENIR)
        return not self.archivee and (finie or pas_commencee)

    @property
    def argent_du_moment(self):
        """Return (the year that one looks at, what all pay together in it: the last line of the table); None without money."""
        annee = self.convention.annee_du_moment()
        annees, lignes = self.tableau_financier()
        return (annee, lignes[-1][1][annees.index(annee)]) if lignes and annee in annees else None

    def tableau_financier(self):
        """Return (years, rows) of the fiche's funding; see `FinancementQuerySet.tableau`."""
        return self.financements.all().tableau(self.convention.annees)

    # --- Its place in the plan -----------------------------------------------------------------------

    def _verrouiller(self):
        """Lock the plan of the convention, read the fiche again; raise `Fige` if the plan may not move."""
        if "plan" in self.ouvrir_l_ecriture():
            raise Fige(self.convention.raison_du_gel())
        self.refresh_from_db()

    def deplacer(self, sens):
        """Swap with the neighbour above (`sens` = -1) or below (+1) in the axe; at the edge, nothing moves."""
        with transaction.atomic():
            self._verrouiller()
            if self.archivee:
                raise Fige(self.peut_etre_modifie())
            voisines = list(self.axe.actions.actives().order_by("ordre", "pk"))
            rang = voisines.index(self)
            cible = rang + sens
            if 0 <= cible < len(voisines):
                voisines[rang], voisines[cible] = voisines[cible], voisines[rang]
                ranger(voisines)
        self.refresh_from_db()

    def changer_axe(self, axe):
        """Move to the end of another axe, whose ranks and those of the first follow; a stored number is kept."""
        with transaction.atomic():
            self._verrouiller()
            if self.archivee:
                raise Fige(self.peut_etre_modifie())
            if axe.convention_id != self.convention_id:
                raise ValidationError("Cet axe est celui d’une autre convention.")
            if axe.pk == self.axe_id:
                return
            ancien, self.axe, self.objectif = self.axe, axe, None
            self.ordre = axe.prochain_rang()
            self.save(update_fields=["axe", "objectif", "ordre"])
            ancien.renumeroter()

    def archiver(self):
        """Take the fiche out of the plan; the following ones move up. Nothing is deleted, its number is not reused."""
        with transaction.atomic():
            self._verrouiller()
            if self.archivee:
                return
            self.archivee, self.ordre = True, None
            self.save(update_fields=["archivee", "ordre"])
            self.axe.renumeroter()

    def desarchiver(self):
        """Put the fiche back, at the end of its axe."""
        with transaction.atomic():
            self._verrouiller()
            if not self.archivee:
                return
            self.archivee, self.ordre = False, self.axe.prochain_rang()
            if not self.numero and self.convention.numeros_fixes():
                self.numero = self.axe.prochain_numero()
            self.save(update_fields=["archivee", "ordre", "numero"])


class LigneDeFiche(Historise):
    """A row that belongs to a fiche."""

    proprietaire = "action__convention"
    droit_de_lecture = "plan.lire"
    gele_avec = PLAN

    class Meta:
        abstract = True


class Participation(LigneDeFiche):
    """A partner of a fiche: a pilote (one or several, ranked) or a contributor, and what it does there."""

    class Nature(models.TextChoices):
        PILOTE = "pilote", "Pilote"
        CONTRIBUTEUR = "contributeur", "Contribue"

    action = models.ForeignKey(Action, models.CASCADE, related_name="participations")
    partenaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="participations", verbose_name="partenaire")
    nature = models.CharField("participe comme", max_length=12, choices=Nature, default=Nature.CONTRIBUTEUR)
    ordre = models.PositiveSmallIntegerField("rang", default=1)
    role = models.CharField("rôle", max_length=200, blank=True)

    class Meta:
        verbose_name = "partenaire de la fiche"
        verbose_name_plural = "partenaires de la fiche"
        ordering = ["-nature", "ordre", "partenaire__nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "partenaire"],
                name="participation_unique",
                violation_error_message="Ce partenaire figure déjà sur la fiche.",
            )
        ]

    def __str__(self):
        return f"{self.partenaire}" + (f" ({self.role})" if self.role else "")
