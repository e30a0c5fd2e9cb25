"""What was signed, and by whom: the only contractual truth of a convention, never rewritten."""

import re
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from actions.models import Convention, Etat, Signataire
from ctg import scelles
from ctg.compteurs import ecrit_depuis, fermer_l_ecriture
from ctg.historique import Historise, HistoriseQuerySet
from ctg.models import Scelle
from ctg.texte import texte_brut

from .deliberation import Deliberation

JSON, PDF = "application/json", "application/pdf"


class VersionQuerySet(HistoriseQuerySet):
    """The questions that are asked of versions."""

    def figees(self):
        return self.all()

    def valables(self):
        """Versions that were not abandoned before anybody signed."""
        return self.filter(abandonnee_le__isnull=True)

    def qui_vaut(self):
        """Return the last version that was not abandoned, or None."""
        return self.valables().order_by("rang").last()


class Version(Historise):
    """The convention exactly as it was put to signature: canonical JSON and PDF, sealed under their SHA-256."""

    class Source(models.TextChoices):
        APPLICATION = "application", "Mise en page ici"
        PAPIER = "papier", "Signée sur papier, reprise"

    proprietaire = "convention"
    droit_de_lecture = "plan.lire"
    etats = frozenset({"abandonnee_le"})

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="versions", verbose_name="convention")
    rang = models.PositiveSmallIntegerField("version")
    source = models.CharField("source", max_length=12, choices=Source, default=Source.APPLICATION)
    json = models.ForeignKey(Scelle, models.PROTECT, related_name="+", verbose_name="texte")
    pdf = models.ForeignKey(Scelle, models.PROTECT, related_name="+", verbose_name="PDF")
    figee_le = models.DateTimeField("figée le", default=timezone.now)
    figee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="figée par"
    )
    abandonnee_le = models.DateTimeField("abandonnée le", null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version"
        ordering = ["convention", "rang"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "rang"],
                name="version_unique_par_rang",
                violation_error_message="Cette convention a déjà une version de ce rang.",
            )
        ]

    def __str__(self):
        return f"Version {self.rang} de la {self.convention}"

    @property
    def est_fige(self):
        return True

    def raison_de_figer(self, champs=()):
        return "Une version signée ne se modifie ni ne se supprime : elle est le texte du contrat."

    # --- To signature, and back ------------------------------------------------------------------------

    @classmethod
    def obstacles(cls, convention):
        """Return what still stands between a convention and its signature, as French sentences."""
        signataires = list(convention.signataires.all())
        manques = [
            (len(signataires) > 1, "Nommez au moins deux parties : une convention se signe à plusieurs."),
            (convention.fiches.actives().exists(), "Le plan ne compte aucune fiche."),
            (convention.articles.exists(), "La convention ne compte aucun article."),
        ]
        return [phrase for juste, phrase in manques if not juste]

    @staticmethod
    def renvois(convention):
        """Return [(article, the number of the annex that it cites, that annex or None)], in the order of the articles.

        Annexes are numbered by their rank: who moves one reads again what cites it.
        """
        annexes = {annexe.ordre: annexe for annexe in convention.les_annexes}
        return [
            (article, rang, annexes.get(rang))
            for article in convention.articles.all()
            for rang in dict.fromkeys(
                int(n) for n in re.findall(r"\bannexes?\s+(\d{1,2})\b", texte_brut(article.texte), re.I)
            )
        ]

    @classmethod
    def mettre_en_signature(
        cls, convention, lu, octets_json, octets_pdf, par=None, source=Source.APPLICATION, identifiant=None
    ):
        """Freeze a convention in preparation, and return its `Version`. Raises `ValidationError`.

        `lu` are the counters (`ctg.compteurs.valeurs`) that were read before the texts were made: if anybody wrote
        since, nothing is frozen. Rendering is done before, without a lock; `identifiant` is what the PDF bears.
        """
        with transaction.atomic():
            convention.ouvrir_l_ecriture()
            convention = Convention.objects.select_for_update(of=("self",)).get(pk=convention.pk)
            if convention.etat() != Etat.EN_PREPARATION:
                raise ValidationError("Cette convention n’est plus en préparation.")
            if obstacles := cls.obstacles(convention):
                raise ValidationError(obstacles)
            proprietaires = [convention.territoire, convention]
            if ecrit_depuis(lu, proprietaires, comptes=proprietaires):
                raise ValidationError(
                    "La convention a été modifiée pendant sa mise en page : rien n’est figé. Relisez-la, puis recommencez."
                )
            convention.fixer_les_numeros()
            convention.signature_ouverte_le = timezone.localdate()
            convention.ecrire_l_etat("signature_ouverte_le")
            version = cls.objects.create(
                convention=convention,
                rang=convention.versions.count() + 1,
                source=source,
                json=scelles.sceller(octets_json, f"{convention.territoire.slug}-{convention.cle}.json", JSON),
                pdf=scelles.sceller(octets_pdf, f"{convention.territoire.slug}-{convention.cle}.pdf", PDF, identifiant),
                figee_par=par,
            )
            fermer_l_ecriture()
        return version

    @classmethod
    def reprendre(cls, convention, lu, octets_json, octets_pdf, le, lieu, effet_le, par=None):
        """Take in a convention that all its parties have signed on paper, on one day; return its `Version`.

        Raises `ValidationError`; then nothing is kept.
        """
        with transaction.atomic():
            version = cls.mettre_en_signature(convention, lu, octets_json, octets_pdf, par, cls.Source.PAPIER)
            for signataire in list(version.restants()):
                version.signer(signataire, le, lieu, effet_le=effet_le, par=par)
        return version

    def abandonner(self):
        """Put the convention back in preparation, as long as nobody has signed; this version is kept. Raises `ValidationError`."""
        with transaction.atomic():
            convention = self._verrouiller()
            if self.signatures.exists():
                raise ValidationError("Une partie a déjà signé : la convention reste en signature.")
            self.abandonnee_le = timezone.now()
            self.ecrire_l_etat("abandonnee_le")
            convention.signature_ouverte_le = None
            convention.ecrire_l_etat("signature_ouverte_le")
            fermer_l_ecriture()
            convention.liberer_les_numeros()

    def _verrouiller(self):
        """Lock the convention and read this version again; return the convention. Raises `ValidationError`."""
        self.convention.ouvrir_l_ecriture()
        convention = Convention.objects.select_for_update(of=("self",)).get(pk=self.convention_id)
        self.refresh_from_db()
        if self.abandonnee_le or convention.etat() != Etat.EN_SIGNATURE or convention.effet_le:
            raise ValidationError("Cette convention n’est pas en signature.")
        self.convention = convention
        return convention

    # --- Who has signed --------------------------------------------------------------------------------

    def restants(self):
        """Return the parties that have not signed yet, in their order."""
        signes = self.signatures.values("signataire")
        return self.convention.signataires.exclude(pk__in=signes).select_related("partenaire")

    def effet_propose(self, le):
        """Return the date of effect that is proposed: the later of 1 January of the first year and the last signature."""
        dates = [le, *self.signatures.values_list("le", flat=True)]
        return max(date(self.convention.debut, 1, 1), *[d for d in dates if d])

    def signer(self, signataire, le, lieu="", acte=None, scan=None, effet_le=None, par=None):
        """Note that a party has signed; the last one puts the convention in force from `effet_le`. Raises `ValidationError`."""
        with transaction.atomic():
            convention = self._verrouiller()
            if signataire.convention_id != convention.pk:
                raise ValidationError("Cette partie n’est pas celle de cette convention.")
            restants = {s.pk for s in self.restants()}
            if signataire.pk not in restants:
                raise ValidationError("Cette partie a déjà signé.")
            if le > timezone.localdate():
                raise ValidationError({"le": "Cette date est à venir : notez la signature le jour où elle a lieu."})
            if self.source == self.Source.APPLICATION and le < convention.signature_ouverte_le:
                raise ValidationError(
                    {
                        "le": f"Le texte est en signature depuis le {convention.signature_ouverte_le:%d/%m/%Y} : personne ne l’a signé avant."
                    }
                )
            derniere = restants == {signataire.pk}
            if derniere and not effet_le:
                raise ValidationError(
                    {"effet_le": "C’est la dernière signature : indiquez la date à laquelle la convention prend effet."}
                )
            signature = self.signatures.create(
                signataire=signataire,
                representants=" et ".join(f"{n}, {q}" if q else n for n, q in signataire.representants),
                le=le,
                lieu=lieu,
                acte=acte,
                scan=scan,
                notee_par=par,
            )
            if derniere:
                convention.effet_le = self._valider_effet(effet_le)
                convention.ecrire_l_etat("effet_le")
                fermer_l_ecriture()
        return signature

    def retirer(self, signature):
        """Take back a signature that was noted by mistake, as long as the convention is in signature. Raises `ValidationError`."""
        with transaction.atomic():
            self._verrouiller()
            self.signatures.get(pk=signature.pk).delete()

    def _valider_effet(self, effet_le):
        if not date(self.convention.debut, 1, 1) <= effet_le <= self.convention.terme:
            raise ValidationError(
                {
                    "effet_le": f"La prise d’effet tombe pendant la convention : au plus tôt le 1er janvier {self.convention.debut}, au plus tard le {self.convention.terme:%d/%m/%Y}."
                }
            )
        return effet_le

    def actes(self):
        """Return the adopted acts that approve the convention, each with `autre_texte`: it voted a text that is not this one.

        None where the text that the council had before it is not known (an act on paper).
        """
        actes = list(self.convention.actes.en_vigueur().completes().dans_l_ordre())
        for acte in actes:
            acte.autre_texte = acte.texte_vote != self.json_id if acte.texte_vote else None
        return actes


class SignatureQuerySet(HistoriseQuerySet):
    def figees(self):
        return self.filter(version__convention__effet_le__isnull=False)


class Signature(Historise):
    """That a party signed: by whom, on which day, where, in virtue of which act, with the scan of the signed page."""

    proprietaire = "version__convention"
    droit_de_lecture = "plan.lire"
    vivants = frozenset({"scan"})

    version = models.ForeignKey(Version, models.PROTECT, related_name="signatures")
    signataire = models.ForeignKey(Signataire, models.PROTECT, related_name="signatures_notees", verbose_name="partie")
    representants = models.CharField("par", max_length=400, blank=True, help_text="Les noms du jour de la signature.")
    le = models.DateField("signée le")
    lieu = models.CharField("à", max_length=150, blank=True)
    acte = models.ForeignKey(
        Deliberation, models.PROTECT, null=True, blank=True, related_name="signatures", verbose_name="en vertu de"
    )
    scan = models.ForeignKey(
        Scelle, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="page signée"
    )
    notee_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = "signature"
        ordering = ["le", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "signataire"],
                name="signature_unique",
                violation_error_message="Cette partie a déjà signé.",
            )
        ]

    def __str__(self):
        return f"{self.signataire.partenaire}, le {self.le:%d/%m/%Y}"

    @property
    def est_fige(self):
        return self.version.convention.effet_le is not None

    def raison_de_figer(self, champs=()):
        return "La convention est en vigueur : ses signatures ne se modifient plus."
