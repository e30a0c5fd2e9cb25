"""The standing bodies: who sits there, what they follow, and the rules that bind the councils among them."""

import re
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
from ctg.texte import sans_accents

from .regime import AFFICHAGE, ELECTRONIQUE, PAPIER, Mots, regime_de


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

    class Publication(models.TextChoices):
        """How an act becomes public (CGCT, L. 2131-1, III and IV)."""

        ELECTRONIQUE = ELECTRONIQUE, "En ligne"
        AFFICHAGE = AFFICHAGE, "Par affichage"
        PAPIER = PAPIER, "Sur papier, tenu à disposition"

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
        help_text="Pour un conseil municipal du Bas-Rhin, du Haut-Rhin ou de la Moselle (CGCT, L. 2541-1) ; les "
        "intercommunalités y suivent le droit commun.",
    )
    grande = models.BooleanField(
        "3 500 habitants et plus",
        default=False,
        help_text="La commune compte au moins 3 500 habitants. Sans effet pour une intercommunalité : elle suit toujours "
        "les règles des communes de 3 500 habitants et plus (CGCT, L. 5211-1).",
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
    tient_registre = models.BooleanField(
        "tient son registre ici",
        default=False,
        help_text="Sinon ses actes viennent de son propre logiciel : ni registre, ni liste, ni procès-verbal ici.",
    )
    publication = models.CharField(
        "mode de publication des actes",
        max_length=12,
        choices=Publication,
        blank=True,
        help_text="Tel que le conseil l’a choisi, s’il en a le choix ; vide : en ligne.",
    )
    publication_depuis = models.DateField("mode choisi le", null=True, blank=True)
    mots_assemblee = models.CharField(
        "nom de l’assemblée", max_length=60, blank=True, help_text="« conseil métropolitain ». Vide : selon la nature."
    )
    mots_chef = models.CharField(
        "titre de qui la préside",
        max_length=60,
        blank=True,
        help_text="« président / présidente ». Vide : selon la nature.",
    )
    mots_membres = models.CharField(
        "nom de ses membres", max_length=60, blank=True, help_text="« délégués ». Vide : selon la nature."
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
        if not self.est_conseil:
            return
        if not self.collectivite_id:
            raise ValidationError({"collectivite": "Indiquez la collectivité que ce conseil administre."})
        if self.droit_local and self.collectivite.nature != Partenaire.Nature.COMMUNE:
            raise ValidationError(
                {
                    "droit_local": "Le droit local ne vaut que pour les communes : les autres assemblées suivent le droit commun."
                }
            )
        permis = self.regime.modes_de_publication(self.grande)
        if self.publication and self.publication not in permis:
            raise ValidationError(
                {"publication": f"Cette assemblée publie ses actes en ligne ({self.regime.publication})."}
            )

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
    def regime(self):
        """The law that binds the council: that of its collectivité."""
        return regime_de(self.collectivite and self.collectivite.nature, self.droit_local)

    @property
    def mots(self):
        """What the council, its head and its members are called: its own words, or those of its kind."""
        regime = self.regime
        return Mots(
            self.mots_assemblee or regime.assemblee,
            self.mots_chef or regime.chef,
            self.mots_membres or regime.membres,
        )

    def _chef(self):
        """The seat of who presides over the council today, or None: the member whose office says so, else the first."""
        titres = {sans_accents(t.strip()) for t in self.mots.chef.split("/")}
        membres = self.mandats.en_cours().filter(role=Mandat.Role.TITULAIRE)
        return next((m for m in membres if sans_accents(m.qualite).strip() in titres), None) if self.pk else None

    def chef_en_phrase(self):
        """« Mme Noëlie HESTIN, maire, »: the head of the council by name; « le maire » while nobody is known to be."""
        chef = self._chef()
        if chef is None:
            return self.mots.chef_au_masculin
        return f"{chef.personne}, {self.mots.chef_au(chef.civilite == Mandat.Civilite.MADAME)},"

    @property
    def mode_de_publication(self):
        """How its acts are made public: as it chose; without a choice, online (CGCT, L. 2131-1, IV)."""
        return self.publication or self.Publication.ELECTRONIQUE

    def mode_de_publication_le(self, jour):
        """How its acts were made public on a day: before the day of its choice, online."""
        if self.publication_depuis and jour < self.publication_depuis:
            return self.Publication.ELECTRONIQUE
        return self.mode_de_publication

    def prochain_numero(self, jour):
        """Propose the number of its next act: the last one of the series on that day, one higher; "" for a first one.

        « 583 » gives « 584 », « 2026-050 » « 2026-051 », « CC/20-167 » « CC/20-168 », « 113/2021 » « 114/2021 ».
        """
        dernier = self.actes.filter(serie=self.serie_le(jour)).order_by("date", "pk").last()
        if dernier is None:
            return ""
        rang_puis_annee = re.fullmatch(r"(\d+)([/-])(20\d\d)", dernier.numero)
        if rang_puis_annee:
            rang, signe, annee = rang_puis_annee.groups()
            return f"{int(rang) + 1:0{len(rang)}d}{signe}{annee}"
        trouve = re.fullmatch(r"(.*?)(\d+)", dernier.numero)
        return f"{trouve[1]}{int(trouve[2]) + 1:0{len(trouve[2])}d}" if trouve else ""

    @property
    def delai_de_convocation(self):
        """Return the `Delai` between the convocation and the meeting of the council; None if its law names none."""
        return self.regime.delai(self.grande)

    @property
    def note_due(self):
        """The article that wants a note beside the convocation, "" if none does."""
        return self.regime.note(self.grande)

    @property
    def delai_d_urgence(self):
        """Return the `Delai` when the matter is urgent."""
        return self.regime.urgence(self.grande)

    def convoquer_au_plus_tard(self, jour, urgence=False):
        """Return the last day on which a council may be called for a meeting on `jour`; None where no law says.

        Clear days count neither the day of the sending nor that of the meeting.
        """
        if not self.est_conseil:
            return None
        delai = self.delai_d_urgence if urgence else self.delai_de_convocation
        return delai and jour - timedelta(days=delai.jours + (1 if delai.francs else 0))

    @property
    def article_du_quorum(self):
        """The article that sets the quorum."""
        return self.regime.quorum

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

    def pourquoi_garder(self):
        """Return why the seat may not be deleted, or ""."""
        if self.presences.exists() or self.votes.exists() or self.procurations.exists() or self.remplacements.exists():
            return f"{self.personne} a siégé : indiquez la fin de son mandat au lieu de le supprimer."
        return ""

    @property
    def personne(self):
        """The person in words: « Mme Noëlie HESTIN »."""
        return " ".join(filter(None, [self.civilite, self.prenom, self.nom]))

    def natural_key(self):
        return (*self.siege.natural_key(), self.prenom, self.nom)

    natural_key.dependencies = ["pilotage.instance"]
