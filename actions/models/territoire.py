"""The territory, the bodies that take part, and what people do for them."""

import re
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from stdnum.fr import siret as stdnum_siret

from ctg.adresses import adresse
from ctg.francais import article_defini, enumerer
from ctg.historique import Historise, HistoriseQuerySet, trouver
from ctg.periodes import FIN_APRES_DEBUT, en_cours
from ctg.scelles import cle_de_scelle, sceller
from ctg.texte import sans_accents

TELEPHONE = RegexValidator(r"^[+(]?\d[\d\s.()/-]{2,}$", "Écrivez un numéro de téléphone en chiffres : 03 89 58 00 00.")

# The fixed words of the addresses: no territory may take their place.
RESERVES = frozenset(
    [
        "travail",
        "conventions",
        "territoires",
        "verifier",
        "aide",
        "sante",
        "comptes",
        "admin",
        "static",
        "media",
        "jsi18n",
        "mentions",
    ]
)


def valider_slug(slug):
    if slug in RESERVES:
        raise ValidationError(f"« {slug} » est un mot réservé des adresses du site : choisissez-en un autre.")


def valider_siret(siret):
    """Refuse a SIRET whose key is wrong (INSEE: Luhn, with the exception of La Poste, which python-stdnum knows)."""
    if len(siret) == 14 and siret.isdecimal() and not stdnum_siret.is_valid(siret):
        raise ValidationError("Ce numéro SIRET n’existe pas : sa clé de contrôle est fausse. Recopiez-le.")


class TerritoireQuerySet(HistoriseQuerySet):
    """The questions that are asked of territories."""

    def get_by_natural_key(self, slug):
        return self.get(slug=slug)

    def publics(self):
        """Territories that show at least one convention to everybody."""
        return self.filter(conventions__publiee=True).distinct()

    def visibles_pour(self, user):
        """Territories of which one convention may be read, or one of whose own councils has this secretary."""
        if user.is_superuser:
            return self.all()
        if not user.is_authenticated:
            return self.none()
        conventions = self.model._meta.get_field("conventions").related_model.objects.visibles_pour(user)
        siens = user.partenaires(Fonction.Nature.SECRETAIRE)
        return self.filter(Q(conventions__in=conventions) | Q(partenaires__in=siens)).distinct()


class Territoire(Historise):
    """The place: an EPCI and its communes. Its `slug` begins the address of each of its pages."""

    droit_de_lecture = "territoire.lire"

    class Conformite(models.TextChoices):
        """What an audit found (RGAA); without one a site is « non conforme » (décret n° 2019-768, art. 3)."""

        NON = "non", "Non conforme"
        PARTIELLE = "partielle", "Partiellement conforme"
        TOTALE = "totale", "Totalement conforme"

    nom = models.CharField("nom", max_length=150, unique=True)
    slug = models.SlugField(
        "adresse",
        max_length=50,
        unique=True,
        validators=[valider_slug],
        help_text="Le premier mot des adresses de ses pages : minuscules, chiffres et traits d’union.",
    )
    departement = models.CharField("département", max_length=100, blank=True)
    region = models.CharField("région", max_length=100, blank=True)
    # What the law wants said on a public site (LCEN, art. 1-1; RGPD, art. 13; loi n° 2005-102, art. 47).
    directeur = models.CharField(
        "directeur de la publication",
        max_length=150,
        blank=True,
        help_text="Le plus souvent la présidente ou le président.",
    )
    hebergeur = models.TextField(
        "hébergeur", blank=True, max_length=500, help_text="Nom, adresse, téléphone. Vide : celui de l’installation."
    )
    contact_courriel = models.EmailField("courriel de contact", blank=True)
    contact_telephone = models.CharField("téléphone de contact", max_length=20, blank=True, validators=[TELEPHONE])
    contact_adresse = models.TextField("adresse postale", blank=True, max_length=300)
    dpo = models.CharField(
        "délégué à la protection des données",
        max_length=250,
        blank=True,
        help_text="Son nom ou sa fonction, et comment lui écrire.",
    )
    conformite = models.CharField(
        "accessibilité",
        max_length=12,
        choices=Conformite,
        default=Conformite.NON,
        help_text="Non conforme tant qu’aucun audit n’est fait.",
    )
    audit_le = models.DateField("audit d’accessibilité du", null=True, blank=True)
    exemple = models.BooleanField("territoire d’exemple", default=False, help_text="Inventé : chaque page le signale.")

    objects = TerritoireQuerySet.as_manager()

    class Meta:
        verbose_name = "territoire"
        ordering = ["nom"]

    def __str__(self):
        return self.nom

    def natural_key(self):
        return (self.slug,)

    def get_absolute_url(self):
        return adresse("territoire", de=self)

    def clean(self):
        if self.conformite != self.Conformite.NON and not self.audit_le:
            raise ValidationError({"audit_le": "Sans date d’audit, le site se déclare non conforme : indiquez-la."})
        if self.audit_le and self.audit_le > timezone.localdate():
            raise ValidationError({"audit_le": "Un audit est déjà passé quand on le déclare : vérifiez sa date."})

    @property
    def territoire(self):
        return self

    @property
    def est_public(self):
        return any(c.publiee for c in self.les_conventions)

    def a_compter(self):
        return [None, self] if self.pk else [None]

    @classmethod
    def proprietaires_de(cls, lignes):
        return [None, *lignes.order_by("pk")]

    def est_lu_par(self, user):
        """Tell whether an account reads this territory's governance: the rule of `visibles_pour`, for one account."""
        siens = user.partenaires()
        secretaires = [f for f in user.fonctions_en_cours if f.nature == Fonction.Nature.SECRETAIRE]
        return any(f.partenaire.territoire_id == self.pk for f in secretaires) or any(
            c.est_lue_par(siens) for c in self.les_conventions
        )

    @cached_property
    def les_conventions(self):
        """The conventions of the territory, the latest first: read once, or given by the page (actions/lieu.py)."""
        return list(self.conventions.all())

    @property
    def suivie(self):
        """The convention that the territory lives by, or None."""
        return la_plus_vive(self.les_conventions)

    @cached_property
    def tenant_id(self):
        """The key of the partner whose agents hold what the territory owns, or None without any convention.

        The porteur of the convention that the territory lives by.
        """
        return self.suivie.porteur_id if self.suivie else None


def la_plus_vive(conventions):
    """Return, among some conventions of a territory, the one that it lives by; None for none.

    The one in force; if none is, the latest that is public or signed; else the latest.
    """
    rangees = sorted(conventions, key=lambda c: (c.est_en_vigueur(), not c.est_brouillon, c.debut))
    return rangees[-1] if rangees else None


def nom_compare(nom):
    """Return a name as it is compared: « CAF du Haut-Rhin » and « caf du haut rhin » are one."""
    return " ".join(re.findall(r"\w+", sans_accents(nom)))


class PartenaireQuerySet(HistoriseQuerySet):
    """The questions that are asked of partners."""

    def get_by_natural_key(self, territoire, nom):
        return trouver(self, ["territoire__slug", "nom"], [territoire, nom])

    def utilisables(self, territoire):
        """The partners that a territory may name: its own, and the common ones."""
        return self.filter(Q(territoire=territoire) | Q(territoire__isnull=True))

    def visibles_pour(self, user):
        if user.is_superuser or not user.is_authenticated:
            return super().visibles_pour(user)
        territoires = Territoire.objects.visibles_pour(user)
        return self.filter(Q(territoire__isnull=True) | Q(territoire__in=territoires))


class Partenaire(Historise):
    """A body that takes part: of one territory, or common to all (a CAF, the MSA, the Département, the State)."""

    class Nature(models.TextChoices):
        CAF = "caf", "Caisse d’allocations familiales"
        MSA = "msa", "Mutualité sociale agricole"
        CPAM = "cpam", "Caisse primaire d’assurance maladie"
        EPCI = "epci", "Intercommunalité"
        COMMUNE = "commune", "Commune"
        CCAS = "ccas", "CCAS ou CIAS"
        SYNDICAT = "syndicat", "Syndicat ou PETR"
        DEPARTEMENT = "departement", "Département"
        REGION = "region", "Région"
        ETAT = "etat", "Service de l’État"
        EDUCATION = "education", "Éducation nationale"
        CENTRE_SOCIAL = "centre_social", "Centre social"
        ASSOCIATION = "association", "Association"
        AUTRE = "autre", "Autre organisme"

    proprietaire = "territoire"
    droit_de_lecture = "partenaire.lire"

    territoire = models.ForeignKey(
        Territoire,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="partenaires",
        verbose_name="territoire",
        help_text="Vide : commun à tous les territoires (CAF, MSA, Département, État…).",
    )
    nom = models.CharField("nom", max_length=200)
    sigle = models.CharField("sigle", max_length=30, blank=True)
    nature = models.CharField("nature", max_length=20, choices=Nature)
    siret = models.CharField(
        "SIRET",
        max_length=14,
        blank=True,
        validators=[RegexValidator(r"^\d{14}$", "Le numéro SIRET compte 14 chiffres, sans espace."), valider_siret],
    )
    site = models.URLField("site internet", blank=True)
    presentation = models.TextField("présentation", blank=True, max_length=1000)
    # The letterhead of its papers.
    adresse = models.TextField("adresse postale", blank=True, max_length=300, help_text="En tête de ses courriers.")
    telephone = models.CharField("téléphone", max_length=25, blank=True, validators=[TELEPHONE])
    courriel = models.EmailField("courriel", blank=True)
    logo = cle_de_scelle("logo")

    objects = PartenaireQuerySet.as_manager()

    class Meta:
        verbose_name = "partenaire"
        ordering = ["nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["territoire", "nom"],
                name="partenaire_unique",
                violation_error_message="Ce territoire a déjà un partenaire de ce nom.",
            ),
            models.UniqueConstraint(
                fields=["nom"],
                condition=Q(territoire__isnull=True),
                name="partenaire_commun_unique",
                violation_error_message="Un partenaire commun porte déjà ce nom.",
            ),
        ]

    def __str__(self):
        return self.nom

    def natural_key(self):
        return (self.territoire and self.territoire.slug, self.nom)

    natural_key.dependencies = ["actions.territoire"]

    def clean(self):
        """A body that is there, common to all or of the territory, is not written again: it is chosen."""
        self._dit_deja_connu = False
        if self.territoire_id and self._est_renomme() and (connu := self.deja_connu()):
            self._dit_deja_connu = True
            raise ValidationError(
                f"« {connu} » est déjà enregistré{'' if connu.territoire_id else ', commun à tous les territoires'} : "
                "choisissez-le dans les listes.",
                code="deja_connu",
            )

    def validate_constraints(self, exclude=None):
        """Say once that a partner is known already: `clean` names it."""
        if not getattr(self, "_dit_deja_connu", False):
            super().validate_constraints(exclude)

    def _est_renomme(self):
        """Tell whether this is a new partner, or one that takes another name or SIRET."""
        return self._state.adding or not Partenaire.objects.filter(pk=self.pk, nom=self.nom, siret=self.siret).exists()

    def deja_connu(self):
        """Return the common partner, or the territory's, of the same SIRET, else of the same name; None without one.

        Accents, capitals, apostrophes and hyphens tell nobody apart; a common body is known by its acronym too (« CAF »).
        """
        connus = list(Partenaire.objects.utilisables(self.territoire).exclude(pk=self.pk))
        if self.siret and (meme := next((p for p in connus if p.siret == self.siret), None)):
            return meme
        noms = {nom_compare(p.sigle): p for p in connus if p.sigle and p.territoire_id is None}
        noms |= {nom_compare(p.nom): p for p in connus}
        return noms.get(nom_compare(self.nom))

    def porter(self, image):
        """Put a logo (PNG bytes) on its papers, or take it away (None). Raises `OSError` if it cannot be kept."""
        with transaction.atomic():
            self.ouvrir_l_ecriture()
            self.logo = image and sceller(image, "logo.png", "image/png", fait_foi=False)
            self.save(update_fields=["logo"])

    @property
    def nom_court(self):
        """The acronym where there is one: what people call that body."""
        return self.sigle or self.nom


class FonctionQuerySet(HistoriseQuerySet):
    """The questions that are asked of functions."""

    def en_cours(self, on=None):
        """Functions held on a date (today by default)."""
        return self.filter(en_cours(on or timezone.localdate()))


class Fonction(Historise):
    """What a person does for a partner, from when to when. One person may have several."""

    class Nature(models.TextChoices):
        AGENT = "agent", "Agent ou technicien"
        ELU = "elu", "Élu"
        SECRETAIRE = "secretaire", "Secrétariat d’assemblée"
        LECTEUR = "lecteur", "Lecteur"

    # Who works for a common body is read by the administrators alone.
    proprietaire = "partenaire__territoire"
    droit_de_lecture = "territoire.lire"

    compte = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="fonctions")
    partenaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="fonctions", verbose_name="partenaire")
    nature = models.CharField("fonction", max_length=12, choices=Nature, default=Nature.AGENT)
    debut = models.DateField("depuis le", null=True, blank=True)
    fin = models.DateField("jusqu’au", null=True, blank=True)

    objects = FonctionQuerySet.as_manager()

    class Meta:
        verbose_name = "fonction"
        ordering = ["compte__email", "partenaire__nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["compte", "partenaire", "nature"],
                condition=Q(fin__isnull=True),
                name="fonction_en_cours_unique",
                violation_error_message="Cette personne exerce déjà cette fonction pour ce partenaire.",
            ),
            models.CheckConstraint(
                condition=FIN_APRES_DEBUT,
                name="fonction_fin_apres_debut",
                violation_error_message="La fin de la fonction précède son début : corrigez l’une des deux dates.",
            ),
        ]

    def __str__(self):
        return f"{self.compte}, {self.get_nature_display().lower()} ({self.partenaire.nom_court})"

    def finir(self):
        """End the function today: the account stays, what it wrote too. Raises `ValidationError`."""
        with transaction.atomic():
            self.verrouiller()
            if self.fin and self.fin < timezone.localdate():
                raise ValidationError("Cette fonction est déjà terminée.")
            # The day before: it opens nothing from now on, even begun today.
            self.fin = timezone.localdate() - timedelta(days=1)
            if self.debut and self.debut > self.fin:
                self.debut = self.fin
            self.save(update_fields=["debut", "fin"])

    @property
    def territoire_id(self):
        return self.partenaire.territoire_id


def parties_en_phrase(partenaires):
    """Name bodies as a text does, communes together: « la communauté de communes du …, les communes de A et de B ».

    Communes stand where the first of them stands. Names begin with a small letter where French has a common noun.
    """
    morceaux, communes = [], [p for p in partenaires if _commune(p)]
    for partenaire in partenaires:
        if len(communes) > 1 and _commune(partenaire):
            if partenaire is communes[0]:
                morceaux.append(f"les communes {enumerer(_commune(c) for c in communes)}")
            continue
        morceaux.append(_avec_son_article(partenaire))
    return enumerer(morceaux)


def _commune(partenaire):
    """Return « de Lièpvre », « d’Aubure », « du Bonhomme » of a commune that is named so, else ""."""
    trouve = re.match(r"Commune ((?:d’|de |du |des ).+)", partenaire.nom.replace("d'", "d’"))
    return trouve[1] if trouve and partenaire.nature == Partenaire.Nature.COMMUNE else ""


def _avec_son_article(partenaire):
    nom = partenaire.nom
    premier = nom.split()[0]
    if premier.isupper():  # an acronym is no common noun: its article follows what the body is
        return article_defini(nom) if partenaire.nature != Partenaire.Nature.ASSOCIATION else f"l’association {nom}"
    return article_defini(nom[:1].lower() + nom[1:])
