"""The standing bodies: who sits there, what they follow, and the rules that bind the councils among them."""

from datetime import timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from actions.models import Action, Axe, Partenaire, Territoire
from ctg.adresses import adresse
from ctg.historique import Historise, HistoriseQuerySet, trouver
from ctg.periodes import FIN_APRES_DEBUT, en_cours


class InstanceQuerySet(HistoriseQuerySet):
    """The questions that are asked of bodies."""

    def get_by_natural_key(self, territoire, nom):
        return self.get(territoire__slug=territoire, nom=nom)

    def completes(self):
        return self.select_related("territoire", "collectivite")

    def conseils(self):
        return self.filter(nature=Instance.Nature.CONSEIL)


class Instance(Historise):
    """A standing body of a territory, that steers its conventions or votes them. A council names its collectivité."""

    proprietaire = "territoire"
    droit_de_lecture = "territoire.lire"

    class Serie(models.TextChoices):
        """Within what the number of an act is unique (seen in real registers: 2026-050, 583, CC/20-167)."""

        ANNEE = "annee", "L’année"
        MANDAT = "mandat", "Le mandat du conseil"
        CONTINUE = "continue", "Toujours : une seule suite"

    class Nature(models.TextChoices):
        CONSEIL = "conseil", "Conseil"
        COPIL = "copil", "Comité de pilotage"
        COTECH = "cotech", "Comité technique"
        COORDINATION = "coordination", "Coordination"
        COMMISSION = "commission", "Commission"
        TECHNIQUE = "technique", "Instance technique"

    territoire = models.ForeignKey(Territoire, models.PROTECT, related_name="instances", verbose_name="territoire")
    nom = models.CharField("nom", max_length=200)
    nature = models.CharField("nature", max_length=15, choices=Nature)
    ordre = models.PositiveSmallIntegerField("ordre", default=1)
    objet = models.CharField("objet", max_length=300, blank=True)
    collectivite = models.ForeignKey(
        Partenaire,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="instances",
        verbose_name="collectivité",
        help_text="Pour un conseil : la collectivité qu’il administre.",
    )
    droit_local = models.BooleanField(
        "droit local d’Alsace-Moselle",
        default=False,
        help_text="Pour un conseil municipal du Bas-Rhin, du Haut-Rhin ou de la Moselle (CGCT, L. 2541-1).",
    )
    grande = models.BooleanField(
        "3 500 habitants et plus",
        default=False,
        help_text="La commune, ou l’une des communes de l’intercommunalité, compte au moins 3 500 habitants.",
    )
    serie_des_actes = models.CharField(
        "numérotation des actes", max_length=10, choices=Serie, default=Serie.MANDAT, help_text="Pour un conseil."
    )
    serie_du_mandat = models.CharField(
        "mandat en cours",
        max_length=20,
        blank=True,
        help_text="Pour un conseil dont les numéros suivent le mandat : « 2026-2032 ».",
    )
    axes = models.ManyToManyField(Axe, blank=True, related_name="instances", verbose_name="axes suivis")
    fiches = models.ManyToManyField(Action, blank=True, related_name="instances", verbose_name="fiches suivies")

    # Read by simple-history: what a body follows is part of its history.
    _history_m2m_fields = [axes, fiches]

    objects = InstanceQuerySet.as_manager()

    class Meta:
        verbose_name = "instance"
        ordering = ["ordre", "nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["territoire", "nom"],
                name="instance_unique",
                violation_error_message="Ce territoire a déjà une instance de ce nom.",
            )
        ]

    def __str__(self):
        return self.nom

    def natural_key(self):
        return (self.territoire.slug, self.nom)

    natural_key.dependencies = ["actions.territoire", "actions.partenaire"]

    def get_absolute_url(self):
        return adresse("instance", self.pk, de=self)

    def clean(self):
        if self.est_conseil and not self.collectivite_id:
            raise ValidationError({"collectivite": "Indiquez la collectivité que ce conseil administre."})

    @property
    def est_conseil(self):
        return self.nature == self.Nature.CONSEIL

    @property
    def conseil(self):
        """The council that this body is, or None: who its secretary is follows from it (ctg/droits.py)."""
        return self if self.est_conseil else None

    @property
    def serie_suit_la_date(self):
        """Tell whether the series of a project changes with its date; a mandate's is the one in which it was begun."""
        return self.serie_des_actes != self.Serie.MANDAT

    def serie_le(self, jour):
        """Return the series in which an act voted on a date is numbered: "2026", "2026-2032", or "" for ever."""
        if self.serie_des_actes == self.Serie.ANNEE:
            return str(jour.year)
        return self.serie_du_mandat if self.serie_des_actes == self.Serie.MANDAT else ""

    @property
    def est_communautaire(self):
        return bool(self.collectivite and self.collectivite.nature == Partenaire.Nature.EPCI)

    @property
    def assemblee(self):
        """The name under which a council decides."""
        return "conseil communautaire" if self.est_communautaire else "conseil municipal"

    @property
    def chef(self):
        """Who presides over the council by law: its mayor (L. 2122-18) or its president (L. 5211-9)."""
        return "président" if self.est_communautaire else "maire"

    @property
    def delai_de_convocation(self):
        """Return (days, whether they are clear days, article) between the convocation and the meeting of a council.

        CGCT: five clear days from 3,500 inhabitants (L. 2121-12), three below (L. 2121-11), for the council of a
        communauté too (L. 5211-1). Under the local law three days, not clear ones (L. 2541-2), but L. 2121-12 holds
        there as well (answer to the Senate's question 17397, 17 October 1996).
        """
        if self.grande:
            return 5, True, "article L. 2121-12 du CGCT"
        if self.droit_local:
            return 3, False, "article L. 2541-2 du CGCT"
        return 3, True, "article L. 2121-11 du CGCT"

    @property
    def delai_d_urgence(self):
        """Return (days, clear, article) when the matter is urgent: one clear day, or the day before (L. 2541-2)."""
        _jours, francs, article = self.delai_de_convocation
        return 1, francs, article

    def convoquer_au_plus_tard(self, jour, urgence=False):
        """Return the last day on which a council may be called for a meeting on `jour`; None for another body.

        Clear days count neither the day of the sending nor that of the meeting.
        """
        if not self.est_conseil:
            return None
        jours, francs, _article = self.delai_d_urgence if urgence else self.delai_de_convocation
        return jour - timedelta(days=jours + (1 if francs else 0))

    @property
    def article_du_quorum(self):
        """The article that sets the quorum, and the local law's exceptions to it (L. 2541-4)."""
        if self.droit_local:
            return "articles L. 2121-17 et L. 2541-4 du CGCT"
        return "article L. 2121-17 du CGCT"

    @property
    def jeton(self):
        """The secret part of the address of its calendar: calendars cannot sign in."""
        return signing.Signer(salt="agenda").signature(f"instance:{self.pk}")


class MandatQuerySet(HistoriseQuerySet):
    """The questions that are asked of seats."""

    def get_by_natural_key(self, territoire, siege, prenom, nom):
        champs = ["siege__territoire__slug", "siege__nom", "prenom", "nom"]
        return trouver(self, champs, [territoire, siege, prenom, nom])

    def en_cours(self, on=None):
        """Seats that are held on a date (today by default); a mandate without dates is held."""
        return self.filter(en_cours(on or timezone.localdate()))

    def figees(self):
        """Seats that a proclaimed act names: they have sat, or voted, at its meeting."""
        proclames = ~Q(presences__reunion__actes__statut="projet") & Q(presences__reunion__actes__isnull=False)
        votes = Q(votes__isnull=False) & ~Q(votes__deliberation__statut="projet")
        return self.filter(proclames | votes).distinct()

    def dans_l_ordre(self):
        """Full members first, in the order of the tableau, then by name."""
        return self.order_by("-role", models.F("rang").asc(nulls_last=True), "nom", "prenom")


class Mandat(Historise):
    """A seat: who holds it, in which rank, as what, for whom, in the place of whom, from when to when."""

    proprietaire = "siege__territoire"
    droit_de_lecture = "territoire.lire"

    vivants = frozenset({"rang", "qualite", "role", "suppleant_de", "partenaire", "debut", "fin"})

    class Civilite(models.TextChoices):
        MADAME = "Mme", "Mme"
        MONSIEUR = "M.", "M."

    class Role(models.TextChoices):
        TITULAIRE = "titulaire", "Titulaire"
        SUPPLEANT = "suppleant", "Suppléant"

    # Not "instance": simple-history keeps that name for itself.
    siege = models.ForeignKey(Instance, models.PROTECT, related_name="mandats", verbose_name="instance")
    rang = models.PositiveSmallIntegerField("rang", null=True, blank=True, help_text="Dans l’ordre du tableau.")
    civilite = models.CharField("civilité", max_length=4, choices=Civilite, blank=True)
    prenom = models.CharField("prénom", max_length=80, blank=True)
    nom = models.CharField("nom", max_length=150)
    qualite = models.CharField("qualité", max_length=150, blank=True)
    role = models.CharField("rôle", max_length=10, choices=Role, default=Role.TITULAIRE)
    suppleant_de = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="suppleants", verbose_name="supplée"
    )
    partenaire = models.ForeignKey(
        Partenaire, models.PROTECT, null=True, blank=True, related_name="mandats", verbose_name="au titre de"
    )
    debut = models.DateField("depuis le", null=True, blank=True)
    fin = models.DateField("jusqu’au", null=True, blank=True)

    objects = MandatQuerySet.as_manager()

    class Meta:
        verbose_name = "mandat"
        ordering = ["-role", models.F("rang").asc(nulls_last=True), "nom", "prenom"]
        constraints = [
            models.UniqueConstraint(
                fields=["siege", "nom", "prenom", "debut"],
                name="mandat_unique",
                violation_error_message="Cette personne siège déjà dans l’instance.",
            ),
            models.UniqueConstraint(
                fields=["siege", "nom", "prenom"],
                condition=Q(debut__isnull=True),
                name="mandat_unique_sans_date",
                violation_error_message="Cette personne siège déjà dans l’instance.",
            ),
            models.CheckConstraint(
                condition=FIN_APRES_DEBUT,
                name="mandat_fin_apres_debut",
                violation_error_message="La fin du mandat précède son début : corrigez l’une des deux dates.",
            ),
        ]

    def __str__(self):
        return self.personne + (f", {self.qualite}" if self.qualite else "")

    @property
    def est_fige(self):
        """Tell whether a proclaimed act names the person: its name is then that of its day."""
        return Mandat.objects.filter(pk=self.pk).figees().exists()

    def raison_de_figer(self, champs=()):
        return (
            f"{self.personne} est nommé dans une délibération proclamée : son nom ne change plus, terminez son mandat."
        )

    @property
    def personne(self):
        """The person in words: « Mme Noëlie HESTIN »."""
        return " ".join(filter(None, [self.civilite, self.prenom, self.nom]))

    def natural_key(self):
        return (*self.siege.natural_key(), self.prenom, self.nom)

    natural_key.dependencies = ["pilotage.instance"]
