"""The fiche action: the sheet that staff edit, and the questions that are asked of it."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from ctg.historique import Historise
from ctg.templatetags.francais import date_fr
from ctg.texte import TexteRiche, sans_accents, texte_brut

from .axe import Axe
from .convention import Thematique
from .territoire import Partenaire


class ActionQuerySet(models.QuerySet):
    """The questions that are asked of fiches."""

    def get_by_natural_key(self, debut, fin, axe, ordre):
        return self.get(
            axe__convention__debut=debut, axe__convention__fin=fin, axe__ordre=axe, ordre=ordre, archivee=False
        )

    def actives(self):
        """Fiches that are part of the plan."""
        return self.filter(archivee=False)

    def publiees(self):
        """Fiches that an inhabitant may read."""
        return self.actives().filter(publiee=True, axe__convention__publiee=True)

    def de(self, convention):
        """Fiches of one convention, in the order of the plan."""
        return self.filter(axe__convention=convention).order_by("axe__ordre", "ordre", "pk")

    def en_retard(self, on=None):
        """Fiches late on a date: their end has passed, or their start while they are still to come.

        `on` is a date, today by default. A fiche done, paused or given up is not late.
        """
        return self.actives().filter(self.condition_de_retard(on))

    @staticmethod
    def condition_de_retard(on=None):
        """Return the condition of `en_retard`, for counts made beside others."""
        on = on or timezone.localdate()
        return models.Q(fin__lt=on, statut__in=Action.Statut.ouverts()) | models.Q(
            debut__lt=on, statut=Action.Statut.A_VENIR
        )

    def contenant(self, recherche):
        """Fiches that hold every word of `recherche`, whatever its accents and capitals, without their markup.

        Compared here rather than in the database: SQLite folds no accent, and PostgreSQL needs an extension to.
        """
        mots = sans_accents(recherche).split()
        champs = ("titre", "constats", "objectifs", "description", "public_vise", "pilote__nom", "pilote__sigle")
        textes = ((pk, " ".join(filter(None, valeurs))) for pk, *valeurs in self.values_list("pk", *champs))
        trouvees = [pk for pk, texte in textes if all(mot in sans_accents(texte_brut(texte)) for mot in mots)]
        return self.filter(pk__in=trouvees)

    def pour_liste(self):
        """With all that a line of the plan shows, in a constant number of queries."""
        return self.select_related("axe__convention", "pilote").prefetch_related("thematiques")

    def completes(self):
        """With all that a fiche shows, in a constant number of queries."""
        return (
            self.pour_liste()
            .select_related("axe__convention__territoire", "axe__convention__porteur")
            .prefetch_related(
                "participations__partenaire",
                "jalons",
                "financements__partenaire",
                "indicateurs__cibles",
                "indicateurs__mesures",
            )
        )


class Action(Historise):
    """One fiche action. Its number (2.3) is the rank of its axe and its own rank."""

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

    axe = models.ForeignKey(Axe, models.PROTECT, related_name="actions", verbose_name="axe")
    ordre = models.PositiveSmallIntegerField("rang", default=0, editable=False)
    titre = models.CharField("intitulé", max_length=250)
    constats = TexteRiche("constats et enjeux")
    objectifs = TexteRiche("objectifs")
    description = TexteRiche("description")
    public_vise = models.CharField("public visé", max_length=300, blank=True)
    thematiques = models.ManyToManyField(
        Thematique, blank=True, related_name="actions", verbose_name="thématiques CNAF"
    )
    pilote = models.ForeignKey(
        Partenaire, models.PROTECT, null=True, blank=True, related_name="actions_pilotees", verbose_name="pilote"
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
                condition=models.Q(fin__isnull=True)
                | models.Q(debut__isnull=True)
                | models.Q(fin__gte=models.F("debut")),
                name="action_fin_apres_debut",
                violation_error_message="La date de fin précède la date de début : corrigez l’une des deux.",
            ),
            models.CheckConstraint(
                condition=models.Q(avancement__lte=100),
                name="action_avancement_pourcentage",
                violation_error_message="L’avancement va de 0 à 100 %.",
            ),
        ]

    def __str__(self):
        return f"{self.numero} {self.titre}".strip()

    def natural_key(self):
        return (*self.axe.natural_key(), self.ordre)

    natural_key.dependencies = ["actions.axe", "actions.thematique", "actions.partenaire"]

    def get_absolute_url(self):
        return reverse("fiche", args=[self.pk])

    def clean(self):
        if self.debut and self.fin and self.fin < self.debut:
            raise ValidationError({"fin": "La date de fin précède la date de début : corrigez l’une des deux."})
        for champ in ("debut", "fin"):
            valeur = getattr(self, champ)
            if valeur and not 2000 <= valeur.year <= 2100:
                raise ValidationError({champ: "Vérifiez l’année : elle doit être comprise entre 2000 et 2100."})

    def save(self, *args, **kwargs):
        if self._state.adding and not self.ordre:
            self.ordre = self.axe.actions.actives().count() + 1
        super().save(*args, **kwargs)

    @property
    def numero(self):
        """The number on the fiche, from the order of the plan; empty once archived."""
        return "" if self.archivee else f"{self.axe.ordre}.{self.ordre}"

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

    def manques(self):
        """Return what is still missing for the fiche to be complete, as French names in screen order."""
        textes = [
            (self.constats, "les constats et enjeux"),
            (self.objectifs, "les objectifs"),
            (self.description, "la description"),
            (self.public_vise, "le public visé"),
            (self.thematiques.all(), "au moins une thématique"),
            (self.pilote_id, "le pilote"),
            (self.participations.all(), "au moins un partenaire"),
            (self.elu_referent, "l’élu référent"),
            (self.technicien_referent, "le technicien référent"),
            (self.debut and self.fin, "les dates de début et de fin"),
            (self.moyens_humains or self.moyens_materiels, "les moyens"),
            (self.financements.all(), "au moins un financement"),
            (self.indicateurs.all(), "au moins un indicateur"),
        ]
        return [nom for valeur, nom in textes if not valeur]

    def tableau_financier(self):
        """Return (years, rows) of the fiche's funding; see `FinancementQuerySet.tableau`."""
        return self.financements.all().tableau(self.axe.convention.annees)

    def deplacer(self, sens):
        """Swap with the neighbour above (`sens` = -1) or below (+1) in the axe; at the edge, nothing moves."""
        with transaction.atomic():
            voisines = list(self.axe.actions.actives().select_for_update().order_by("ordre", "pk"))
            rang = voisines.index(self)
            cible = rang + sens
            if 0 <= cible < len(voisines):
                voisines[rang], voisines[cible] = voisines[cible], voisines[rang]
                for ordre, action in enumerate(voisines, start=1):
                    if action.ordre != ordre:
                        action.ordre = ordre
                        action.save(update_fields=["ordre"])
        self.refresh_from_db()

    def changer_axe(self, axe):
        """Move to the end of another axe; both axes are numbered anew."""
        with transaction.atomic():
            ancien, self.axe = self.axe, axe
            self.ordre = axe.actions.actives().count() + 1
            self.save(update_fields=["axe", "ordre"])
            ancien.renumeroter()

    def archiver(self):
        """Take the fiche out of the plan; the following ones move up. Nothing is deleted."""
        with transaction.atomic():
            self.archivee = True
            self.save(update_fields=["archivee"])
            self.axe.renumeroter()

    def desarchiver(self):
        """Put the fiche back, at the end of its axe."""
        with transaction.atomic():
            self.ordre = self.axe.actions.actives().count() + 1
            self.archivee = False
            self.save(update_fields=["archivee", "ordre"])

    def dupliquer(self):
        """Return a copy at the end of the axe, to be reworked: texts, partners, indicators, milestones, funding.

        What was measured, spent, noted or attached belongs to the original and is not copied.
        """
        with transaction.atomic():
            copie = Action(axe=self.axe, titre=f"{self.titre[:240]} (copie)")
            for champ in (
                "constats",
                "objectifs",
                "description",
                "public_vise",
                "pilote",
                "elu_referent",
                "technicien_referent",
                "debut",
                "fin",
                "moyens_humains",
                "moyens_materiels",
                "priorite",
            ):
                setattr(copie, champ, getattr(self, champ))
            copie.save()
            copie.thematiques.set(self.thematiques.all())
            for participation in self.participations.all():
                copie.participations.create(partenaire=participation.partenaire, role=participation.role)
            for jalon in self.jalons.all():
                copie.jalons.create(libelle=jalon.libelle, echeance=jalon.echeance)
            for ligne in self.financements.all():
                copie.financements.create(partenaire=ligne.partenaire, annee=ligne.annee, prevu=ligne.prevu)
            for indicateur in self.indicateurs.all():
                clone = copie.indicateurs.create(
                    **{
                        c: getattr(indicateur, c)
                        for c in ("libelle", "unite", "source", "reference", "annee_reference")
                    }
                )
                for cible in indicateur.cibles.all():
                    clone.cibles.create(annee=cible.annee, valeur=cible.valeur)
        return copie


class Participation(Historise):
    """A partner of a fiche and what it does there."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="participations")
    partenaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="participations", verbose_name="partenaire")
    role = models.CharField("rôle", max_length=200, blank=True)

    class Meta:
        verbose_name = "partenaire de la fiche"
        verbose_name_plural = "partenaires de la fiche"
        ordering = ["partenaire__nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "partenaire"],
                name="participation_unique",
                violation_error_message="Ce partenaire figure déjà sur la fiche.",
            )
        ]

    def __str__(self):
        return f"{self.partenaire}" + (f" ({self.role})" if self.role else "")
