"""The convention: its period, parties, texts, and the reference lists that the CNAF gives."""

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from ctg.historique import Historise
from ctg.texte import TexteRiche

from .territoire import Partenaire, Territoire


class ParOrdre(models.Manager):
    """Reference rows known by their rank."""

    def get_by_natural_key(self, ordre):
        return self.get(ordre=ordre)


class Reference(Historise):
    """A numbered line of a national list."""

    ordre = models.PositiveSmallIntegerField("ordre", unique=True)
    nom = models.CharField("intitulé", max_length=250)

    objects = ParOrdre()

    class Meta:
        abstract = True
        ordering = ["ordre"]

    def __str__(self):
        return self.nom

    def natural_key(self):
        return (self.ordre,)


class Mission(Reference):
    """One of the 4 missions of the Famille branch (seed, exposé)."""

    class Meta(Reference.Meta):
        verbose_name = "mission"


class Thematique(Reference):
    """One of the 9 priority themes of the CNAF (seed, exposé); an avenant may add others."""

    class Meta(Reference.Meta):
        verbose_name = "thématique"


class ConventionQuerySet(models.QuerySet):
    """The questions that are asked of conventions."""

    def get_by_natural_key(self, debut, fin):
        return self.get(debut=debut, fin=fin)

    def courante(self):
        """Return the convention that the application works on, or None: the latest to begin."""
        return self.select_related("territoire", "porteur", "caf", "precedente").order_by("-debut").first()


class Convention(Historise):
    """The contract between the CAF, the EPCI and its communes for 4 to 5 years."""

    territoire = models.ForeignKey(Territoire, models.PROTECT, related_name="conventions", verbose_name="territoire")
    titre = models.CharField("titre", max_length=200)
    debut = models.PositiveSmallIntegerField("première année")
    fin = models.PositiveSmallIntegerField("dernière année")
    precedente = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="suivantes", verbose_name="fait suite à"
    )
    porteur = models.ForeignKey(
        Partenaire,
        models.PROTECT,
        related_name="conventions_portees",
        verbose_name="porteur",
        help_text="L’intercommunalité dont les agents tiennent le plan.",
    )
    caf = models.ForeignKey(Partenaire, models.PROTECT, related_name="conventions_caf", verbose_name="CAF")
    visas = TexteRiche("visas")
    preambule = TexteRiche("préambule")
    diagnostic = TexteRiche("diagnostic partagé")
    pilotage = TexteRiche("modalités de pilotage")
    evaluation = TexteRiche("modalités d’évaluation")
    bilan = TexteRiche("bilan d’ensemble")
    deliberations = models.TextField("délibérations", blank=True, help_text="Une par ligne.")
    projet = models.BooleanField(
        "projet", default=True, help_text="Tant que la convention n’est pas signée, ses documents portent « Projet »."
    )
    publiee = models.BooleanField("publiée", default=False, help_text="Visible du public.")
    exemple = models.BooleanField(
        "contient des données d’exemple", default=False, help_text="Chaque page et chaque document le signale."
    )

    objects = ConventionQuerySet.as_manager()

    class Meta:
        verbose_name = "convention"
        ordering = ["-debut"]
        constraints = [
            models.UniqueConstraint(
                fields=["territoire", "debut", "fin"],
                name="convention_unique_par_periode",
                violation_error_message="Ce territoire a déjà une convention pour cette période.",
            ),
            models.CheckConstraint(
                condition=models.Q(fin__gte=models.F("debut")),
                name="convention_fin_apres_debut",
                violation_error_message="La dernière année ne peut pas précéder la première.",
            ),
        ]

    def __str__(self):
        return f"{self.titre} {self.periode}"

    def natural_key(self):
        return (self.debut, self.fin)

    natural_key.dependencies = ["actions.territoire", "actions.partenaire"]

    def get_absolute_url(self):
        return reverse("convention")

    def clean(self):
        if self.debut and self.fin and not 2000 <= self.debut <= 2100:
            raise ValidationError({"debut": "Indiquez une année à quatre chiffres, par exemple 2026."})
        if self.debut and self.fin and self.fin - self.debut > 9:
            raise ValidationError({"fin": "Une convention dure quatre ou cinq ans : vérifiez la dernière année."})

    @property
    def periode(self):
        """The period as people write it: 2026-2030."""
        return f"{self.debut}-{self.fin}"

    @property
    def annees(self):
        """The calendar years that the convention covers, in order."""
        return range(self.debut, self.fin + 1)

    def est_partie(self, partenaire_id):
        """Tell whether a body signs this convention."""
        return any(partie.partenaire_id == partenaire_id for partie in self.parties.all())


class Partie(Historise):
    """One signatory of the convention, and who signs for it."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="parties")
    partenaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="parties", verbose_name="partenaire")
    ordre = models.PositiveSmallIntegerField("ordre", default=1)
    representant = models.CharField("représentée par", max_length=150, blank=True)
    qualite = models.CharField("en qualité de", max_length=150, blank=True)

    class Meta:
        verbose_name = "partie signataire"
        verbose_name_plural = "parties signataires"
        ordering = ["ordre"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "partenaire"],
                name="partie_unique",
                violation_error_message="Ce partenaire figure déjà parmi les signataires.",
            )
        ]

    def __str__(self):
        return f"{self.partenaire} ({self.convention.periode})"


class Article(Historise):
    """One article of the convention; its number is its rank."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="articles")
    ordre = models.PositiveSmallIntegerField("numéro")
    titre = models.CharField("titre", max_length=200)
    texte = TexteRiche("texte")

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
    """A service to families that the convention supports (annexe 2)."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="services")
    nom = models.CharField("service", max_length=200)
    gestionnaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="services", verbose_name="gestionnaire")
    commune = models.CharField("lieu", max_length=150, blank=True)
    thematique = models.ForeignKey(Thematique, models.PROTECT, null=True, blank=True, verbose_name="thématique")

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


class BilanAxe(Historise):
    """What was done under one axe of a convention, as its parties tell it (seed, exposé)."""

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="bilans")
    ordre = models.PositiveSmallIntegerField("axe")
    titre = models.CharField("intitulé", max_length=200)
    texte = TexteRiche("réalisations")

    class Meta:
        verbose_name = "bilan d’un axe"
        verbose_name_plural = "bilans par axe"
        ordering = ["ordre"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "ordre"],
                name="bilan_unique_par_axe",
                violation_error_message="Cet axe a déjà son bilan.",
            )
        ]

    def __str__(self):
        return f"Axe {self.ordre} : {self.titre}"
