"""The standing bodies: who sits there, what they follow, and the rules that bind the councils among them."""

from datetime import timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from actions.models import Action, Axe, Convention, Partenaire
from ctg.historique import Historise


class InstanceQuerySet(models.QuerySet):
    """The questions that are asked of bodies."""

    def get_by_natural_key(self, nom):
        return self.get(nom=nom)

    def conseils(self):
        return self.filter(nature=Instance.Nature.CONSEIL)


class Instance(Historise):
    """A standing body that steers the convention or votes it."""

    class Nature(models.TextChoices):
        CONSEIL = "conseil", "Conseil"
        COPIL = "copil", "Comité de pilotage"
        COTECH = "cotech", "Comité technique"
        COORDINATION = "coordination", "Coordination"
        COMMISSION = "commission", "Commission"
        TECHNIQUE = "technique", "Instance technique"

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="instances", verbose_name="convention")
    nom = models.CharField("nom", max_length=200, unique=True)
    nature = models.CharField("nature", max_length=15, choices=Nature)
    ordre = models.PositiveSmallIntegerField("ordre", default=1)
    objet = models.CharField("objet", max_length=300, blank=True)
    partenaire = models.ForeignKey(
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
    axes = models.ManyToManyField(Axe, blank=True, related_name="instances", verbose_name="axes suivis")
    fiches = models.ManyToManyField(Action, blank=True, related_name="instances", verbose_name="fiches suivies")

    # Read by simple-history: what a body follows is part of its history.
    _history_m2m_fields = [axes, fiches]

    objects = InstanceQuerySet.as_manager()

    class Meta:
        verbose_name = "instance"
        ordering = ["ordre", "nom"]

    def __str__(self):
        return self.nom

    def natural_key(self):
        return (self.nom,)

    natural_key.dependencies = ["actions.convention", "actions.partenaire"]

    def get_absolute_url(self):
        return reverse("instance", args=[self.pk])

    def clean(self):
        if self.est_conseil and not self.partenaire_id:
            raise ValidationError({"partenaire": "Indiquez la collectivité que ce conseil administre."})

    @property
    def est_conseil(self):
        return self.nature == self.Nature.CONSEIL

    @property
    def est_communautaire(self):
        return bool(self.partenaire and self.partenaire.nature == Partenaire.Nature.EPCI)

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


class MandatQuerySet(models.QuerySet):
    """The questions that are asked of seats."""

    def get_by_natural_key(self, siege, nom):
        return self.get(siege__nom=siege, nom=nom)

    def en_cours(self, on=None):
        """Seats that are held on a date (today by default); a mandate without dates is held."""
        on = on or timezone.localdate()
        return self.filter(Q(debut__isnull=True) | Q(debut__lte=on), Q(fin__isnull=True) | Q(fin__gte=on))


class Mandat(Historise):
    """A seat: who holds it, as what, for whom, from when to when."""

    class Role(models.TextChoices):
        TITULAIRE = "titulaire", "Titulaire"
        SUPPLEANT = "suppleant", "Suppléant"

    # Not "instance": simple-history keeps that name for itself.
    siege = models.ForeignKey(Instance, models.CASCADE, related_name="mandats", verbose_name="instance")
    nom = models.CharField("nom", max_length=150, help_text="Avec la civilité : Mme ou M.")
    qualite = models.CharField("qualité", max_length=150, blank=True)
    role = models.CharField("rôle", max_length=10, choices=Role, default=Role.TITULAIRE)
    partenaire = models.ForeignKey(
        Partenaire, models.PROTECT, null=True, blank=True, related_name="mandats", verbose_name="au titre de"
    )
    debut = models.DateField("depuis le", null=True, blank=True)
    fin = models.DateField("jusqu’au", null=True, blank=True)

    objects = MandatQuerySet.as_manager()

    class Meta:
        verbose_name = "mandat"
        ordering = ["-role", "nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["siege", "nom", "debut"],
                name="mandat_unique",
                violation_error_message="Cette personne siège déjà dans l’instance.",
            ),
            models.UniqueConstraint(
                fields=["siege", "nom"],
                condition=Q(debut__isnull=True),
                name="mandat_unique_sans_date",
                violation_error_message="Cette personne siège déjà dans l’instance.",
            ),
            models.CheckConstraint(
                condition=Q(fin__isnull=True) | Q(debut__isnull=True) | Q(fin__gte=models.F("debut")),
                name="mandat_fin_apres_debut",
                violation_error_message="La fin du mandat précède son début : corrigez l’une des deux dates.",
            ),
        ]

    def __str__(self):
        return self.nom + (f", {self.qualite}" if self.qualite else "")

    def natural_key(self):
        return (self.siege.nom, self.nom)

    natural_key.dependencies = ["pilotage.instance"]
