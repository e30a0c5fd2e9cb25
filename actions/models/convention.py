"""The convention: its period and state, its parties, its texts."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from ctg.adresses import adresse
from ctg.francais import date_fr, enumerer
from ctg.historique import CONTRAT, PLAN, Historise, HistoriseQuerySet
from ctg.texte import TexteRiche

from .references import Thematique
from .territoire import Partenaire, Territoire, parties_en_phrase


class Etat(models.TextChoices):
    """Where a convention stands on a date; never stored, always asked (`Convention.etat`)."""

    EN_PREPARATION = "en_preparation", "En préparation"
    EN_SIGNATURE = "en_signature", "En signature"
    EN_VIGUEUR = "en_vigueur", "En vigueur"
    ECHUE = "echue", "Échue"
    RESILIEE = "resiliee", "Résiliée"


GEL = {
    Etat.EN_PREPARATION: frozenset(),
    Etat.EN_SIGNATURE: frozenset({CONTRAT, PLAN}),
    Etat.EN_VIGUEUR: frozenset({CONTRAT}),
    Etat.ECHUE: frozenset({CONTRAT, PLAN}),
    Etat.RESILIEE: frozenset({CONTRAT, PLAN}),
}


def annee_close(annee):
    """Return what a closed year freezes, as a name among those that a convention freezes (see exercice.py)."""
    return f"annee {annee}"


class ConventionQuerySet(HistoriseQuerySet):
    """The questions that are asked of conventions."""

    def get_by_natural_key(self, territoire, cle):
        return self.get(territoire__slug=territoire, cle=cle)

    def dans_l_etat(self, etat, on=None):
        """Conventions that are in a state on a date (today by default): the rule of `Convention.etat`, in the database."""
        on = on or timezone.localdate()
        resiliee = Q(resiliee_le__isnull=False, resiliee_le__lte=on)
        effective = Q(effet_le__isnull=False, effet_le__lte=on) | Q(
            effet_le__isnull=True, texte_non_verse=True, debut__lte=on.year
        )
        ouverte = Q(signature_ouverte_le__isnull=False, signature_ouverte_le__lte=on)
        condition = {
            Etat.RESILIEE: resiliee,
            Etat.ECHUE: ~resiliee & effective & Q(terme__lt=on),
            Etat.EN_VIGUEUR: ~resiliee & effective & Q(terme__gte=on),
            Etat.EN_SIGNATURE: ~resiliee & ~effective & ouverte,
            Etat.EN_PREPARATION: ~resiliee & ~effective & ~ouverte,
        }
        return self.filter(condition[Etat(etat)])

    def completes(self):
        return self.select_related("territoire", "porteur", "precedente")

    def pour_le_lieu(self):
        """With what the head of each page says, and without the texts, which are read where they are shown."""
        return self.select_related("territoire", "porteur").defer(*Convention.TEXTES)

    def connues(self):
        """Conventions that a page of the governance may name: all but drafts, which their readers alone know."""
        brouillons = self.model.objects.dans_l_etat(Etat.EN_PREPARATION).filter(publiee=False)
        return self.exclude(pk__in=brouillons.values("pk"))

    def en_vigueur(self, on=None):
        return self.dans_l_etat(Etat.EN_VIGUEUR, on)

    def publiees(self):
        """Conventions that everybody may read."""
        return self.filter(publiee=True)

    def visibles_pour(self, user):
        """Conventions whose plan an account may read: the rule of `Convention.lecteurs_ids`, in the database."""
        if user.is_superuser or not user.is_authenticated:
            return super().visibles_pour(user)
        siens = user.partenaires()
        pilotees = self.model._meta.get_field("fiches").related_model.objects.pilotees_par(siens)
        signees = Signataire.objects.filter(partenaire__in=siens)
        brouillons = self.model.objects.dans_l_etat(Etat.EN_PREPARATION)
        return self.filter(
            Q(porteur__in=siens)
            | Q(pk__in=pilotees.values("convention"))
            | Q(pk__in=signees.filter(brouillon_ouvert=True).values("convention"))
            | (Q(pk__in=signees.values("convention")) & ~Q(pk__in=brouillons.values("pk")))
        )


class Convention(Historise):
    """The contract between a CAF, an EPCI and its communes for four or five years; its `cle` is its address."""

    class Numerotation(models.TextChoices):
        """How fiches are numbered (seen in real conventions: shared/field.md)."""

        AXE_RANG = "axe_rang", "Par axe : 1.1, 1.2, 2.1"
        AXE_LETTRE = "axe_lettre", "Par axe, avec une lettre : 1A, 1B, 2A"
        SUITE = "suite", "En une seule suite : 1, 2, 3"

    TEXTES = ("visas", "preambule", "diagnostic", "pilotage", "evaluation", "deliberations")

    proprietaire = "territoire"
    droit_de_lecture = "plan.lire"
    gele_avec = CONTRAT
    # What still moves on a signed convention: what is shown of it, and the dates of its life (by methods alone).
    suivi = frozenset({"publiee", "exemple", "precedente", "signature_ouverte_le", "effet_le", "terme", "resiliee_le"})

    etats = frozenset({"signature_ouverte_le", "effet_le", "resiliee_le"})

    territoire = models.ForeignKey(Territoire, models.PROTECT, related_name="conventions", verbose_name="territoire")
    cle = models.SlugField(
        "adresse", max_length=30, editable=False, help_text="« 2026-2030 » : ne change plus, même prolongée."
    )
    titre = models.CharField("titre", max_length=200, default="Convention Territoriale Globale")
    debut = models.PositiveSmallIntegerField("première année")
    fin = models.PositiveSmallIntegerField("dernière année")
    terme = models.DateField("dernier jour", blank=True, editable=False)
    precedente = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="suivantes", verbose_name="fait suite à"
    )
    porteur = models.ForeignKey(
        Partenaire,
        models.PROTECT,
        related_name="conventions_portees",
        verbose_name="porteur",
        help_text="L’intercommunalité dont les agents tiennent le plan.",
    )
    numerotation = models.CharField(
        "numérotation des fiches", max_length=12, choices=Numerotation, default=Numerotation.AXE_RANG
    )
    visas = TexteRiche("visas")
    preambule = TexteRiche("préambule")
    diagnostic = TexteRiche("diagnostic partagé")
    pilotage = TexteRiche("modalités de pilotage")
    evaluation = TexteRiche("modalités d’évaluation")
    deliberations = models.TextField("délibérations", blank=True, help_text="Une par ligne.")
    publiee = models.BooleanField("publiée", default=False, help_text="Visible du public.")
    exemple = models.BooleanField(
        "contient des données d’exemple", default=False, help_text="Chaque page et chaque document le signale."
    )
    # The dates from which its state follows; written by the methods of its signature (pilotage.Version).
    signature_ouverte_le = models.DateField("mise en signature le", null=True, blank=True, editable=False)
    effet_le = models.DateField("prend effet le", null=True, blank=True, editable=False)
    resiliee_le = models.DateField("résiliée le", null=True, blank=True, editable=False)
    texte_non_verse = models.BooleanField(
        "convention antérieure, texte signé non versé",
        default=False,
        help_text="Elle a été signée avant l’application : son état suit sa période, sans le texte signé.",
    )

    objects = ConventionQuerySet.as_manager()

    class Meta:
        verbose_name = "convention"
        ordering = ["-debut", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["territoire", "cle"],
                name="convention_unique_par_cle",
                violation_error_message="Ce territoire a déjà une convention pour cette période.",
            ),
            models.CheckConstraint(
                condition=Q(fin__gte=F("debut")),
                name="convention_fin_apres_debut",
                violation_error_message="La dernière année ne peut pas précéder la première.",
            ),
        ]

    def __str__(self):
        return f"{self.titre} {self.periode}"

    def natural_key(self):
        return (self.territoire.slug, self.cle)

    natural_key.dependencies = ["actions.territoire", "actions.partenaire"]

    def get_absolute_url(self):
        return adresse("convention", de=self)

    def clean(self):
        if self.debut is not None and not 2000 <= self.debut <= 2100:
            raise ValidationError({"debut": "Indiquez une année à quatre chiffres, par exemple 2026."})
        if self.debut and self.fin and self.fin < self.debut:
            raise ValidationError({"fin": "La dernière année ne peut pas précéder la première."})
        if self.debut and self.fin and self.fin - self.debut > 9:
            raise ValidationError({"fin": "Une convention dure quatre ou cinq ans : vérifiez la dernière année."})
        if self.debut and self.fin:
            self._cler()
            autres = Convention.objects.filter(territoire=self.territoire_id, cle=self.cle).exclude(pk=self.pk)
            if autres.exists():
                raise ValidationError({"debut": "Ce territoire a déjà une convention pour cette période."})
            if dehors := self._hors_de_la_periode():
                raise ValidationError(
                    {
                        "debut": f"Des montants, des cibles ou des mesures portent sur {enumerer(map(str, dehors))}, hors de "
                        f"{self.periode} : déplacez-les ou supprimez-les d’abord."
                    }
                )

    def _hors_de_la_periode(self):
        """Return the years outside the period for which the plan holds figures, in order."""
        if not self.pk:
            return []
        fiches = self.fiches.all()
        annees = set(fiches.values_list("financements__annee", flat=True))
        for valeurs in ("cibles", "mesures"):
            annees |= set(fiches.values_list(f"indicateurs__{valeurs}__annee", flat=True))
        return sorted(a for a in annees if a and not self.debut <= a <= self.fin)

    def _cler(self):
        """Take the key of the period, as long as nobody can have kept the address."""
        if not self.cle or (not self.publiee and self.est_brouillon):
            self.cle = self.periode
        if self.terme is None or self.est_en_preparation:
            self.terme = date(self.fin, 12, 31)

    def save(self, *args, **kwargs):
        champs = kwargs.get("update_fields")
        if champs is None or {"debut", "fin"} & set(champs):
            self._cler()
            if champs is not None:
                kwargs["update_fields"] = {*champs, "cle", "terme"}
        nouvelle = self._state.adding
        super().save(*args, **kwargs)
        if nouvelle and self.est_en_preparation:
            self.annexes.model.annexer(self)

    @property
    def les_annexes(self):
        """What is annexed, in its order; the usual annexes where the signed text is not here to tell."""
        annexes = list(self.annexes.all())
        return self.annexes.model.habituelles(self) if self.texte_non_verse and not annexes else annexes

    # --- Whose it is ---------------------------------------------------------------------------------

    @property
    def convention(self):
        return self

    @property
    def lus(self):
        """The owners of all that its print shows: its acts and meetings, its plan, the former one's account."""
        return [self.territoire, self, self.precedente]

    @property
    def est_public(self):
        return self.publiee

    def a_compter(self):
        return [self.territoire, self] if self.pk else [self.territoire]

    @classmethod
    def proprietaires_de(cls, lignes):
        return list(lignes.order_by("pk"))

    @cached_property
    def lecteurs_ids(self):
        """The keys of the partners whose people read the plan: porteur, pilotes, parties.

        In preparation, the parties to whom the draft was opened and no others: naming a signataire opens nothing.
        """
        signataires = self.signataires.all()
        if self.etat() == Etat.EN_PREPARATION:
            signataires = [s for s in signataires if s.brouillon_ouvert]
        pilotes = self.fiches.model.pilotes_de(self)
        return {self.porteur_id, *(s.partenaire_id for s in signataires), *pilotes}

    def est_lue_par(self, partenaires):
        """Tell whether one of these partners (keys) reads the plan; its porteur is known without a question."""
        return self.porteur_id in partenaires or bool(partenaires and self.lecteurs_ids & partenaires)

    def est_partie(self, partenaire_id):
        """Tell whether a body signs this convention."""
        return any(s.partenaire_id == partenaire_id for s in self.signataires.all())

    # --- In time -------------------------------------------------------------------------------------

    @property
    def periode(self):
        """The period as people write it: 2026-2030."""
        return f"{self.debut}-{self.fin}"

    def parties_en_phrase(self):
        """Name the parties as a text does: « la communauté de communes du …, les communes de … et la caisse … »."""
        return parties_en_phrase([s.partenaire for s in self.signataires.select_related("partenaire")])

    @property
    def annees(self):
        """The calendar years that the convention covers, in order."""
        return range(self.debut, self.fin + 1)

    def annee_du_moment(self, on=None):
        """Return the year that one looks at on a date (today by default): the current one, else the nearest covered."""
        return min(max((on or timezone.localdate()).year, self.annees[0]), self.annees[-1])

    def etat(self, on=None):
        """Return the `Etat` on a date (today by default), from the dates kept on the row."""
        on = on or timezone.localdate()
        if self.resiliee_le and self.resiliee_le <= on:
            return Etat.RESILIEE
        effet = self.effet_le or (date(self.debut, 1, 1) if self.texte_non_verse else None)
        if effet and effet <= on:
            terme = self.terme or date(self.fin, 12, 31)
            return Etat.ECHUE if terme < on else Etat.EN_VIGUEUR
        if self.signature_ouverte_le and self.signature_ouverte_le <= on:
            return Etat.EN_SIGNATURE
        return Etat.EN_PREPARATION

    def a_pris_effet(self, on=None):
        """Tell whether it is, or has been, in force on a date (today by default)."""
        effet = self.effet_le or (date(self.debut, 1, 1) if self.texte_non_verse else None)
        return bool(effet and effet <= (on or timezone.localdate()))

    def est_en_vigueur(self, on=None):
        return self.etat(on) == Etat.EN_VIGUEUR

    @property
    def est_finie(self):
        """Over by its dates, or ended before them."""
        return self.etat() in (Etat.ECHUE, Etat.RESILIEE)

    @property
    def est_en_preparation(self):
        return self.etat() == Etat.EN_PREPARATION

    @property
    def est_brouillon(self):
        """A draft: in preparation, and seen by nobody but who writes it and those to whom it was opened."""
        return self.est_en_preparation and not self.publiee

    @property
    def etat_en_mots(self):
        """Where the convention stands today, as the head of each page says it: « en vigueur »."""
        return "projet non publié" if self.est_brouillon else self.etat().label.lower()

    # --- Numbers -------------------------------------------------------------------------------------

    def numeros_fixes(self):
        """Tell whether numbers are stored, from the signature on; read now, under the lock of who asks."""
        presente = Convention.objects.get(pk=self.pk)
        return presente.etat() != Etat.EN_PREPARATION and not presente.texte_non_verse

    def fiches_avant(self, axe):
        """Return how many fiches of the plan stand in the axes before this one (for a single series of numbers)."""
        return sum(nombre for ordre, nombre in self._fiches_par_axe if ordre < axe.ordre)

    @cached_property
    def _fiches_par_axe(self):
        comptes = self.fiches.actives().values_list("axe__ordre").annotate(nombre=models.Count("pk"))
        return list(comptes.order_by("axe__ordre"))

    def fixer_les_numeros(self):
        """Store the numbers that the ranks give, of axes and fiches: they are kept from then on."""
        for axe in self.axes.all():
            axe.numero = axe.ordre
            axe.save(update_fields=["numero"])
        for fiche in self.fiches.actives().select_related("axe").dans_l_ordre():
            fiche.convention = self
            fiche.numero = fiche.numero_affiche
            fiche.save(update_fields=["numero"])

    def liberer_les_numeros(self):
        """Forget the stored numbers, which nobody has signed: ranks give them again."""
        for lignes in (self.axes.exclude(numero=None), self.fiches.exclude(numero=None)):
            for ligne in lignes:
                ligne.numero = None
                ligne.save(update_fields=["numero"])

    # --- Frozen --------------------------------------------------------------------------------------

    def gel_connu(self):
        return GEL[self.etat()]

    def gel_en_base(self):
        # One question: the convention, once for each of its years that somebody closed or reopened.
        par_annee = {"annee_dite": F("exercices__annee"), "close_le": F("exercices__clos_le")}
        lues = list(Convention.objects.filter(pk=self.pk).annotate(**par_annee))
        if not lues:
            return frozenset()
        return GEL[lues[0].etat()] | {annee_close(lue.annee_dite) for lue in lues if lue.close_le}

    def champs_figes(self, gel):
        return super().champs_figes(gel) - {"deliberations"}

    def _gardien(self):
        return self

    def raison_du_gel(self):
        presente = Convention.objects.filter(pk=self.pk).first() or self
        etat = presente.etat()
        if etat == Etat.EN_SIGNATURE and presente.effet_le:
            return (
                f"La convention est signée et prend effet le {date_fr(presente.effet_le)} : son texte et son plan ne se "
                "modifient pas d’ici là."
            )
        if etat == Etat.EN_SIGNATURE:
            return (
                f"La convention est en signature depuis le {date_fr(presente.signature_ouverte_le)} : son texte et son plan "
                "ne se modifient plus. Le porteur peut la remettre en préparation tant que personne n’a signé."
            )
        if etat == Etat.EN_VIGUEUR:
            return (
                "La convention est signée : ses parties, sa période et ses textes ne changent plus que par un avenant."
            )
        return f"La convention est {etat.label.lower()} : seul le suivi de ses années se complète encore."


class SignataireQuerySet(HistoriseQuerySet):
    """The questions that are asked of parties."""

    def get_by_natural_key(self, territoire, cle, proprietaire, nom):
        return self.get(
            convention__territoire__slug=territoire,
            convention__cle=cle,
            partenaire=Partenaire.objects.get_by_natural_key(proprietaire, nom),
        )


class Signataire(Historise):
    """A party of the convention, and who signs for it: one person, or two (a CAF: its president and its director)."""

    proprietaire = "convention"
    droit_de_lecture = "plan.lire"
    gele_avec = CONTRAT
    suivi = frozenset({"brouillon_ouvert"})

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="signataires")
    partenaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="signatures", verbose_name="partenaire")
    ordre = models.PositiveSmallIntegerField("ordre", default=1)
    representant = models.CharField("représentée par", max_length=150, blank=True)
    qualite = models.CharField("en qualité de", max_length=150, blank=True)
    second_representant = models.CharField("et par", max_length=150, blank=True)
    seconde_qualite = models.CharField("en qualité de (seconde personne)", max_length=150, blank=True)
    brouillon_ouvert = models.BooleanField(
        "lit le projet", default=False, help_text="Ses comptes lisent la convention dès sa préparation."
    )

    objects = SignataireQuerySet.as_manager()

    class Meta:
        verbose_name = "partie signataire"
        verbose_name_plural = "parties signataires"
        ordering = ["ordre"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "partenaire"],
                name="signataire_unique",
                violation_error_message="Ce partenaire figure déjà parmi les signataires.",
            ),
            models.UniqueConstraint(
                fields=["convention", "ordre"],
                name="signataire_unique_par_rang",
                violation_error_message="Une autre partie porte déjà ce rang.",
            ),
        ]

    def __str__(self):
        return f"{self.partenaire} ({self.convention.periode})"

    @property
    def representants(self):
        """Return [(who, as what)] of the one or two persons that sign; [] while nobody is named."""
        personnes = [(self.representant, self.qualite), (self.second_representant, self.seconde_qualite)]
        return [(nom, qualite) for nom, qualite in personnes if nom]


def _origine(quoi):
    """Return the key to the row of the convention before that this one goes on from, whatever it is called since."""
    return models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="suites",
        verbose_name=f"poursuit {quoi}",
    )


class Article(Historise):
    """One article of the convention; its number is its rank."""

    proprietaire = "convention"
    droit_de_lecture = "plan.lire"
    gele_avec = CONTRAT

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="articles")
    ordre = models.PositiveSmallIntegerField("numéro")
    titre = models.CharField("titre", max_length=200)
    texte = TexteRiche("texte")
    origine = _origine("l’article")

    class Meta:
        verbose_name = "article"
        ordering = ["ordre"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "ordre"],
                name="article_unique_par_rang",
                violation_error_message="Un autre article porte déjà ce numéro.",
            )
        ]

    def __str__(self):
        return f"Article {self.ordre} – {self.titre}"


class Service(Historise):
    """A service to families that the convention supports, as they are annexed to it."""

    class Genre(models.TextChoices):
        EAJE = "eaje", "Accueil du jeune enfant (EAJE)"
        RPE = "rpe", "Relais petite enfance"
        LAEP = "laep", "Lieu d’accueil enfants-parents"
        MAM = "mam", "Maison d’assistants maternels"
        ALSH = "alsh", "Accueil de loisirs"
        JEUNES = "jeunes", "Accueil de jeunes"
        LUDOTHEQUE = "ludotheque", "Ludothèque"
        CENTRE_SOCIAL = "centre", "Centre social"
        EVS = "evs", "Espace de vie sociale"
        COORDINATION = "coordination", "Coordination"
        AUTRE = "autre", "Autre service"

    class Offre(models.TextChoices):
        EXISTANTE = "existante", "Offre existante"
        NOUVELLE = "nouvelle", "Offre nouvelle"

    proprietaire = "convention"
    droit_de_lecture = "plan.lire"
    gele_avec = PLAN
    # What a family looks for moves when it moves: no signature holds it.
    suivi = frozenset({"adresse", "telephone", "horaires", "ages"})

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="services")
    nom = models.CharField("service", max_length=200)
    gestionnaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="services", verbose_name="gestionnaire")
    commune = models.CharField("lieu", max_length=150, blank=True)
    thematique = models.ForeignKey(Thematique, models.PROTECT, null=True, blank=True, verbose_name="thématique")
    genre = models.CharField("genre", max_length=12, choices=Genre, blank=True)
    places = models.PositiveSmallIntegerField("places", null=True, blank=True)
    places_psu = models.PositiveSmallIntegerField("dont places PSU", null=True, blank=True)
    offre = models.CharField("offre", max_length=10, choices=Offre, blank=True)
    cofinance_par = models.ForeignKey(
        Partenaire,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="services_cofinances",
        verbose_name="cofinancé par",
        help_text="La collectivité dont le cofinancement ouvre le bonus territoire.",
    )
    adresse = models.CharField("adresse", max_length=250, blank=True)
    telephone = models.CharField("téléphone", max_length=30, blank=True)
    horaires = models.CharField("horaires", max_length=250, blank=True)
    ages = models.CharField("âges accueillis", max_length=100, blank=True)

    origine = _origine("le service")

    class Meta:
        verbose_name = "service soutenu"
        verbose_name_plural = "services soutenus"
        ordering = ["nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "nom"],
                name="service_unique",
                violation_error_message="Ce service figure déjà dans la liste.",
            )
        ]

    def __str__(self):
        return self.nom

    def clean(self):
        if self.places_psu is not None and (self.places is None or self.places_psu > self.places):
            raise ValidationError(
                {"places_psu": "Les places PSU sont parmi les places : corrigez l’un des deux nombres."}
            )

    @property
    def capacite(self):
        """Return its places in words, "" where nobody counted: « 40 places, dont 36 en PSU »."""
        if self.places is None:
            return ""
        places = f"{self.places} place{'s' if self.places > 1 else ''}"
        return places if self.places_psu is None else f"{places}, dont {self.places_psu} en PSU"
