"""The account of one year of a convention, or its final evaluation: who writes, who reads, who decides, what is sealed.

brouillon -> partagé (the parties observe) -> à reprendre (some pages open again) -> partagé -> arrêté (by a meeting, sealed)
-> transmis. The CAF is a party, not an examiner: its visa is optional. The frame of the final evaluation is the CNAF's:
coherence of the objectives, degree of attainment, adequacy of the means, durability of the effects. What another paper
tells of years before this software (the exposé of the seed) is an account too: "repris", by axe, naming that paper.
"""

import json

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from actions.models import Action, Axe, Convention, Partenaire
from actions.models.exercice import ANNEE
from ctg import scelles
from ctg.adresses import adresse
from ctg.compteurs import ecrit_depuis, fermer_l_ecriture
from ctg.francais import minuscule
from ctg.historique import Historise, HistoriseQuerySet
from ctg.texte import TexteRiche

from .reunion import Reunion

JSON, PDF = "application/json", "application/pdf"
FINALE = "evaluation"


class BilanQuerySet(HistoriseQuerySet):
    """The questions that are asked of accounts."""

    def a_l_adresse(self, quand):
        """The account whose address names a year, or the final evaluation."""
        if quand == FINALE:
            return self.filter(annee__isnull=True)
        return (
            self.filter(annee=int(quand)) if quand.isascii() and quand.isdecimal() and len(quand) == 4 else self.none()
        )

    def get_by_natural_key(self, territoire, cle, quand):
        return self.a_l_adresse(quand).get(convention__territoire__slug=territoire, convention__cle=cle)

    def figees(self):
        return self.filter(etat__in=Bilan.Etat.figes())

    def rendus(self):
        """Those that are told to everybody once their convention is published: closed, or taken from another paper."""
        return self.filter(etat__in=Bilan.Etat.rendus())

    def d_ensemble(self):
        """Those of a whole convention, each with what it says of its axes."""
        pages = PageDAxe.objects.exclude(texte="").select_related("axe__convention")
        return self.filter(annee__isnull=True).prefetch_related(models.Prefetch("pages_d_axe", pages))


class Bilan(Historise):
    """One account: its dates, its summary, and where it stands."""

    proprietaire = "convention"
    droit_de_lecture = "plan.lire"

    class Etat(models.TextChoices):
        BROUILLON = "brouillon", "Brouillon"
        PARTAGE = "partage", "Partagé"
        A_REPRENDRE = "a_reprendre", "À reprendre"
        ARRETE = "arrete", "Arrêté"
        TRANSMIS = "transmis", "Transmis"
        REPRIS = "repris", "Repris"

        @classmethod
        def figes(cls):
            """The states in which nothing of it is written any more."""
            return [cls.ARRETE, cls.TRANSMIS]

        @classmethod
        def rendus(cls):
            """The states in which it is told to everybody once its convention is published."""
            return [cls.REPRIS, *cls.figes()]

    # Each move: from where, to where.
    GESTES = {
        "partager": ({Etat.BROUILLON, Etat.A_REPRENDRE}, Etat.PARTAGE),
        "reprendre": ({Etat.PARTAGE}, Etat.A_REPRENDRE),
        "arreter": ({Etat.PARTAGE}, Etat.ARRETE),
        "transmettre": ({Etat.ARRETE}, Etat.TRANSMIS),
        "viser": ({Etat.TRANSMIS}, Etat.TRANSMIS),
        "completer": ({Etat.ARRETE, Etat.TRANSMIS}, None),  # it stays as it is: the complement stands beside it
    }

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="bilans")
    annee = models.PositiveSmallIntegerField("année", null=True, blank=True, validators=ANNEE)
    etat = models.CharField("état", max_length=12, choices=Etat, default=Etat.BROUILLON, editable=False)
    ouvert_le = models.DateField("ouvert le", default=timezone.localdate, editable=False)
    attendu_le = models.DateField("pages attendues pour le", null=True, blank=True)
    partage_le = models.DateField("partagé le", null=True, editable=False)
    observations_jusqu_au = models.DateField("observations jusqu’au", null=True, blank=True)
    arrete_le = models.DateField("arrêté le", null=True, editable=False)
    arrete_par = models.ForeignKey(
        Reunion, models.PROTECT, null=True, blank=True, editable=False, related_name="bilans", verbose_name="arrêté par"
    )
    transmis_le = models.DateField("transmis le", null=True, editable=False)
    vise_le = models.DateField("visé le", null=True, editable=False)
    vise_par = models.ForeignKey(
        Partenaire, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="visé par"
    )
    source = models.CharField(
        "repris de",
        max_length=250,
        blank=True,
        editable=False,
        help_text="Le document qui a déjà rendu compte de ces années, par exemple « délibération n° 12 du 3 mars 2025, exposé ».",
    )
    synthese = TexteRiche("synthèse")
    coherence = TexteRiche("cohérence et pertinence des objectifs")
    atteinte = TexteRiche("degré d’atteinte des objectifs")
    moyens = TexteRiche("moyens et leur adéquation")
    effets = TexteRiche("pérennité des effets")
    pdf = scelles.cle_de_scelle("PDF arrêté")
    json = scelles.cle_de_scelle("données arrêtées")

    etats = frozenset(
        {
            *("etat", "partage_le", "observations_jusqu_au", "arrete_le", "arrete_par", "transmis_le"),
            *("vise_le", "vise_par", "pdf", "json", "source"),
        }
    )

    objects = BilanQuerySet.as_manager()

    class Meta:
        verbose_name = "bilan"
        ordering = ["annee", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "annee"],
                name="bilan_unique_par_an",
                violation_error_message="Cette année a déjà son bilan.",
            ),
            models.UniqueConstraint(
                fields=["convention"],
                condition=Q(annee__isnull=True),
                name="bilan_final_unique",
                violation_error_message="Cette convention a déjà son évaluation finale.",
            ),
            models.CheckConstraint(
                condition=Q(etat="repris") ^ Q(source=""),
                name="bilan_repris_d_un_document",
                violation_error_message="Un bilan repris nomme le document d’où il vient, et lui seul.",
            ),
        ]

    def __str__(self):
        if self.annee:
            return f"Bilan {self.annee}"
        return f"{'Bilan' if self.source else 'Évaluation finale'} {self.convention.periode}"

    def natural_key(self):
        return (*self.convention.natural_key(), self.quand)

    natural_key.dependencies = ["actions.convention"]

    @property
    def apres_a(self):
        """Its name after « complément »: « au bilan 2026 », « à l’évaluation finale 2026-2030 »."""
        nom = minuscule(str(self))
        return f"à l’{nom}" if nom.startswith("é") else f"au {nom}"

    @property
    def quand(self):
        """How its address names it."""
        return str(self.annee) if self.annee else FINALE

    @property
    def annees(self):
        """The years that it accounts for."""
        return [self.annee] if self.annee else list(self.convention.annees)

    def get_absolute_url(self):
        return adresse("bilan", self.quand, de=self)

    @property
    def est_public(self):
        """Tell whether inhabitants read it, in plain words (`rendus`)."""
        return bool(self.convention.est_public and self.etat in self.Etat.rendus())

    @property
    def est_fige(self):
        return self.etat in self.Etat.figes()

    def raison_de_figer(self, champs=()):
        return (
            f"Le bilan est arrêté depuis le {self.arrete_le:%d/%m/%Y} : il ne se modifie plus. "
            "Des montants définitifs arrivés depuis font un complément daté."
        )

    def peut_etre_modifie(self):
        """Return why its summary may not be written now, or ""."""
        if self.est_fige:
            return self.raison_de_figer()
        if self.etat == self.Etat.PARTAGE:
            return "Le bilan est partagé : rouvrez-le (« À reprendre ») pour le modifier."
        return ""

    # --- Opening ---------------------------------------------------------------------------------------

    @classmethod
    def refus_d_ouvrir(cls, convention):
        """Return why no account may be opened for a convention, or "": it must be, or have been, in force."""
        return "" if convention.a_pris_effet() else "Un bilan s’ouvre quand la convention est en vigueur, ou l’a été."

    @classmethod
    def ouvrir(cls, convention, annee=None, attendu_le=None, source=""):
        """Open the account of a year (None: the final evaluation), a page for each fiche and each axe.

        With a `source`, the paper that told it before, it has a page for each axe and goes through no move. Raises
        `ValidationError`.
        """
        with transaction.atomic():
            convention.ouvrir_l_ecriture()
            if raison := cls.refus_d_ouvrir(convention):
                raise ValidationError(raison)
            if annee is not None and annee not in convention.annees:
                raise ValidationError(
                    {"annee": f"La convention couvre {convention.periode} : choisissez une de ces années."}
                )
            bilan = cls(convention=convention, annee=annee, attendu_le=attendu_le)
            bilan.full_clean()
            bilan.save()
            if source:
                bilan.etat, bilan.source = cls.Etat.REPRIS, source
                bilan.ecrire_l_etat("etat", "source")
            for axe in convention.axes.all():
                PageDAxe.objects.create(bilan=bilan, axe=axe)
            for action in () if source else Action.objects.actives().de(convention):
                PageDeBilan.objects.create(bilan=bilan, action=action)
        return bilan

    def effacer(self):
        """Take away what was copied from another paper: opened by mistake, it would stand in the way of a true account.

        Raises `ValidationError` for an account of ours.
        """
        with transaction.atomic():
            self.verrouiller()
            if self.etat != self.Etat.REPRIS:
                raise ValidationError("Seul un bilan repris d’un document s’efface : les autres se gardent.")
            self.pages_d_axe.all().delete()
            self.delete()

    def nouvelles(self):
        """Return the fiches that came into the plan since it was opened: they have no page in it."""
        return Action.objects.actives().de(self.convention).exclude(pages_de_bilan__bilan=self)

    def completer(self):
        """Add a page for each fiche that came since, while the account is a draft. Raises `ValidationError`."""
        with transaction.atomic():
            self.convention.ouvrir_l_ecriture()
            self.refresh_from_db()
            if self.etat != self.Etat.BROUILLON:
                raise ValidationError("Les pages s’ajoutent tant que le bilan est un brouillon.")
            for action in self.nouvelles():
                PageDeBilan.objects.create(bilan=self, action=action)

    # --- Moves -----------------------------------------------------------------------------------------

    def permis(self, geste):
        """Return why a move is not possible from where it stands, or ""."""
        depuis, _ = self.GESTES[geste]
        if self.etat in depuis:
            return ""
        noms = " ou ".join(sorted(f"« {e.label} »" for e in depuis))
        return f"Ce bilan est « {self.get_etat_display()} » : ce geste demande qu’il soit {noms}."

    def verrouiller(self):
        """Count the territory too: what an account seals is compared with all that its convention shows (`ecrit_depuis`)."""
        self.convention.ouvrir_l_ecriture()
        super().verrouiller()

    def _verrouiller_pour(self, geste):
        """Lock the account, read it again, and refuse a move that is not from where it stands now."""
        self.verrouiller()
        if raison := self.permis(geste):
            raise ValidationError(raison)

    def _passer(self, geste, **champs):
        self.etat = self.GESTES[geste][1]
        for nom, valeur in champs.items():
            setattr(self, nom, valeur)
        self.ecrire_l_etat("etat", *champs)

    def partager(self, observations_jusqu_au):
        """Open it to the observations of the parties until a date. Raises `ValidationError`."""
        with transaction.atomic():
            self._verrouiller_pour("partager")
            if observations_jusqu_au < timezone.localdate():
                raise ValidationError({"observations_jusqu_au": "Cette date est passée : choisissez-en une à venir."})
            for page in self.pages.filter(a_reprendre=True):
                page.bilan = self
                page.noter_la_reprise(False, page.demande)
            self._passer("partager", partage_le=timezone.localdate(), observations_jusqu_au=observations_jusqu_au)

    def reprendre(self, demandes):
        """Give some pages back to who writes them; `demandes` is {page: what is asked}. Raises `ValidationError`."""
        with transaction.atomic():
            self._verrouiller_pour("reprendre")
            if not demandes or not all(texte.strip() for texte in demandes.values()):
                raise ValidationError("Choisissez au moins une page, et dites ce qui est à reprendre dans chacune.")
            for page, texte in demandes.items():
                page.bilan = self
                page.noter_la_reprise(True, texte.strip())
            self._passer("reprendre")

    def arreter(self, reunion, lu, octets_json, octets_pdf, identifiant=None):
        """Close it by a meeting, and seal what was printed. Raises `ValidationError`; then nothing is kept.

        `lu` are the counters read before the printing: if anybody wrote since, nothing is sealed.
        """
        with transaction.atomic():
            self._verrouiller_pour("arreter")
            lieux = [self.convention.territoire, self.convention]
            if ecrit_depuis(lu, lieux, comptes=lieux):
                raise ValidationError(
                    "Quelque chose a changé pendant la mise en page : rien n’est arrêté. Relisez le bilan, puis recommencez."
                )
            if reunion.date > timezone.localdate():
                raise ValidationError(
                    {"reunion": "Cette réunion est à venir : arrêtez le bilan une fois qu’elle a eu lieu."}
                )
            if reunion.territoire_id != self.convention.territoire_id:
                raise ValidationError({"reunion": "Cette réunion est celle d’un autre territoire."})
            nom = f"{self.convention.territoire.slug}-{self.convention.cle}-bilan-{self.quand}"
            self._passer(
                "arreter",
                arrete_le=reunion.date,
                arrete_par=reunion,
                json=scelles.sceller(octets_json, f"{nom}.json", JSON),
                pdf=scelles.sceller(octets_pdf, f"{nom}.pdf", PDF, identifiant),
            )
            fermer_l_ecriture()

    def transmettre(self, le):
        """Note the day on which it was sent to the CAF. Raises `ValidationError`."""
        with transaction.atomic():
            self._verrouiller_pour("transmettre")
            if not self.arrete_le <= le <= timezone.localdate():
                raise ValidationError({"le": "La transmission suit l’arrêt du bilan, et n’est pas à venir."})
            self._passer("transmettre", transmis_le=le)

    def viser(self, partenaire, le):
        """Note that the CAF, a party, has seen it. Raises `ValidationError`."""
        with transaction.atomic():
            self._verrouiller_pour("viser")
            if self.vise_le:
                raise ValidationError(f"Le bilan est déjà visé, depuis le {self.vise_le:%d/%m/%Y}.")
            if partenaire.nature != Partenaire.Nature.CAF or not self.convention.est_partie(partenaire.pk):
                raise ValidationError("Le visa est celui de la CAF, partie à la convention.")
            if not self.transmis_le <= le <= timezone.localdate():
                raise ValidationError({"le": "Le visa suit la transmission, et n’est pas à venir."})
            self._passer("viser", vise_le=le, vise_par=partenaire)

    @cached_property
    def arretees(self):
        """The figures and texts as they were sealed, or None while they may move. Raises `OSError` if the store lost them."""
        return json.loads(scelles.lire(self.json_id)) if self.json_id else None


class LigneDeBilan(Historise):
    """What belongs to an account."""

    proprietaire = "bilan__convention"
    droit_de_lecture = "plan.lire"

    class Meta:
        abstract = True

    def raison_de_figer(self, champs=()):
        return self.bilan.peut_etre_modifie() or "Cette page n’est pas à reprendre : elle ne se modifie pas."


class PageDAxeQuerySet(HistoriseQuerySet):
    """Pages of axes, in number."""

    def figees(self):
        return self.exclude(bilan__etat__in=[Bilan.Etat.BROUILLON, Bilan.Etat.A_REPRENDRE, Bilan.Etat.REPRIS])


class PageDAxe(LigneDeBilan):
    """What the coordinator says of an axe."""

    bilan = models.ForeignKey(Bilan, models.PROTECT, related_name="pages_d_axe")
    axe = models.ForeignKey(Axe, models.PROTECT, related_name="pages_de_bilan")
    texte = TexteRiche("ce qu’il faut retenir de cet axe")

    objects = PageDAxeQuerySet.as_manager()

    class Meta:
        verbose_name = "page d’un axe"
        verbose_name_plural = "pages des axes"
        ordering = ["axe__ordre"]
        constraints = [models.UniqueConstraint(fields=["bilan", "axe"], name="page_unique_par_axe")]

    def __str__(self):
        return f"{self.bilan} – {self.axe}"

    @property
    def est_fige(self):
        return bool(self.bilan.peut_etre_modifie())

    def peut_etre_modifie(self):
        return self.bilan.peut_etre_modifie()

    def get_absolute_url(self):
        return f"{self.bilan.get_absolute_url()}#axe-{self.axe_id}"


class PageDeBilanQuerySet(HistoriseQuerySet):
    """The questions that are asked of pages."""

    def ouvertes(self):
        return self.filter(
            Q(bilan__etat=Bilan.Etat.BROUILLON) | Q(bilan__etat=Bilan.Etat.A_REPRENDRE, a_reprendre=True)
        )

    def du_lien(self, lien):
        """Those that the holder of a link writes: of its year, and with the last one of the final evaluation."""
        annees = Q(bilan__annee=lien.annee)
        if lien.annee == lien.convention.fin:
            annees |= Q(bilan__annee=None)
        return self.filter(annees, bilan__convention=lien.convention)

    def figees(self):
        return self.exclude(pk__in=self.ouvertes().values("pk"))

    def completes(self):
        return self.select_related("bilan__convention__territoire", "action__axe")


class PageDeBilan(LigneDeBilan):
    """What the pilote says of a fiche in the account of a year."""

    class Suite(models.TextChoices):
        POURSUIVIE = "poursuivie", "Poursuivie"
        ADAPTEE = "adaptee", "Adaptée"
        ARRETEE = "arretee", "Arrêtée"

    etats = frozenset({"a_reprendre", "demande"})

    bilan = models.ForeignKey(Bilan, models.PROTECT, related_name="pages")
    action = models.ForeignKey(Action, models.PROTECT, related_name="pages_de_bilan")
    fait = TexteRiche("ce qui a été fait")
    ecarts = TexteRiche("écarts au prévu, et pourquoi")
    difficultes = TexteRiche("difficultés et leviers")
    participation = TexteRiche("participation des habitants")
    suite = models.CharField("la fiche est", max_length=10, choices=Suite, blank=True)
    suite_dite = TexteRiche("ce qui suit")
    rendue = models.BooleanField("page terminée", default=False)
    a_reprendre = models.BooleanField("à reprendre", default=False, editable=False)
    demande = models.TextField("ce qui est à reprendre", blank=True, editable=False, max_length=2000)

    objects = PageDeBilanQuerySet.as_manager()

    class Meta:
        verbose_name = "page de bilan"
        verbose_name_plural = "pages de bilan"
        ordering = ["action__axe__ordre", "action__ordre", "pk"]
        constraints = [models.UniqueConstraint(fields=["bilan", "action"], name="page_unique_par_fiche")]

    def __str__(self):
        return f"{self.bilan} – fiche {self.action}"

    @property
    def fiche(self):
        return self.action

    @property
    def pilotes_ids(self):
        """Whose agents write it (ctg/droits.py)."""
        return self.action.pilotes_ids

    @property
    def est_ouverte(self):
        etat = self.bilan.etat
        return etat == Bilan.Etat.BROUILLON or (etat == Bilan.Etat.A_REPRENDRE and self.a_reprendre)

    @property
    def est_fige(self):
        return not self.est_ouverte

    def peut_etre_modifie(self):
        return "" if self.est_ouverte else self.raison_de_figer()

    def get_absolute_url(self):
        return f"{self.bilan.get_absolute_url()}#page-{self.pk}"

    def noter_la_reprise(self, a_reprendre, demande):
        """Open the page again, or close it: by the moves of its account, under their lock."""
        self.a_reprendre, self.demande = a_reprendre, demande
        champs = ["a_reprendre", "demande"]
        if a_reprendre:  # it is to be written again, whatever was said of it
            self.rendue = False
            champs.append("rendue")
        self.ecrire_l_etat(*champs)


class Observation(LigneDeBilan):
    """What a party says of a shared account; never changed, taken into it once it is closed."""

    bilan = models.ForeignKey(Bilan, models.PROTECT, related_name="observations")
    page = models.ForeignKey(
        PageDeBilan, models.PROTECT, null=True, blank=True, related_name="observations", verbose_name="page"
    )
    partenaire = models.ForeignKey(Partenaire, models.PROTECT, related_name="+", verbose_name="de la part de")
    auteur = models.ForeignKey("ctg.User", models.PROTECT, related_name="+", editable=False)
    le = models.DateField("le", default=timezone.localdate, editable=False)
    texte = models.TextField("observation", max_length=4000)

    class Meta:
        verbose_name = "observation"
        ordering = ["le", "pk"]

    def __str__(self):
        return f"{self.partenaire}, {self.le:%d/%m/%Y}"

    @property
    def est_fige(self):
        return True

    def raison_de_figer(self, champs=()):
        return "Une observation reste telle qu’elle a été faite."

    def clean(self):
        if self.bilan.etat != Bilan.Etat.PARTAGE:
            raise ValidationError("Les observations se font pendant que le bilan est partagé.")
        if self.bilan.observations_jusqu_au < timezone.localdate():
            raise ValidationError(
                f"Les observations étaient attendues jusqu’au {self.bilan.observations_jusqu_au:%d/%m/%Y}."
            )


class Complement(LigneDeBilan):
    """What final amounts that came later change in a closed account: the difference, dated, sealed beside it."""

    bilan = models.ForeignKey(Bilan, models.PROTECT, related_name="complements")
    le = models.DateField("le", default=timezone.localdate, editable=False)
    objet = models.CharField("objet", max_length=200)
    differences = models.JSONField("différences", editable=False)
    pdf = scelles.cle_de_scelle("PDF")

    class Meta:
        verbose_name = "complément"
        ordering = ["le", "pk"]

    def __str__(self):
        return f"Complément du {self.le:%d/%m/%Y} {self.bilan.apres_a}"

    @property
    def est_fige(self):
        return True

    def raison_de_figer(self, champs=()):
        return "Un complément scellé ne se modifie ni ne se supprime."

    @classmethod
    def sceller(cls, bilan, objet, differences, lu, octets_pdf, identifiant=None):
        """Seal a complement to a closed account. Raises `ValidationError`; then nothing is kept."""
        with transaction.atomic():
            bilan.verrouiller()
            if not bilan.est_fige:
                raise ValidationError("Seul un bilan arrêté reçoit un complément.")
            if not differences:
                raise ValidationError("Aucun montant n’a changé depuis : il n’y a rien à compléter.")
            lieux = [bilan.convention.territoire, bilan.convention]
            if ecrit_depuis(lu, lieux, comptes=lieux):
                raise ValidationError("Quelque chose a changé pendant la mise en page : recommencez.")
            nom = f"{bilan.convention.territoire.slug}-{bilan.convention.cle}-bilan-{bilan.quand}-complement.pdf"
            pdf = scelles.sceller(octets_pdf, nom, PDF, identifiant)
            return cls.objects.create(bilan=bilan, objet=objet, differences=differences, pdf=pdf)
