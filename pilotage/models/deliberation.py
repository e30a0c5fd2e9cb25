"""What a council voted: a project until it is proclaimed, an act that nobody edits afterwards."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils import timezone

from actions.models import Convention, Territoire
from ctg.adresses import adresse
from ctg.compteurs import ecrit_depuis, ecriture
from ctg.francais import date_fr, enumerer
from ctg.historique import Historise, HistoriseQuerySet
from ctg.scelles import cle_de_scelle, faire_foi, sceller
from ctg.texte import TexteRiche, sans_accents, texte_brut

from .instance import Instance, Mandat
from .matieres import MATIERES
from .presence import Presence
from .reunion import Point, Reunion
from .scrutin import Scrutin

# What the transmission takes of a number (ACTES, cahier des charges).
SIGNES_D_ACTES = 15


class DeliberationQuerySet(HistoriseQuerySet):
    """The questions that are asked of acts."""

    def get_by_natural_key(self, territoire, conseil, numero):
        actes = self.exclude(statut=Deliberation.Statut.ECARTEE)
        return actes.get(conseil__territoire__slug=territoire, conseil__nom=conseil, numero=numero)

    def visibles_pour(self, user):
        """The acts of the territories that an account reads, and those that everybody reads."""
        if user.is_superuser:
            return self.all()
        publiques = self.publiques().values("pk")
        if not user.is_authenticated:
            return self.filter(pk__in=publiques)
        lus = Instance.objects.visibles_pour(user)
        return self.filter(models.Q(conseil__in=lus) | models.Q(pk__in=publiques))

    def figees(self):
        """Acts that nobody edits: proclaimed here, or received from elsewhere."""
        return self.exclude(statut=Deliberation.Statut.PROJET)

    def projets(self):
        return self.filter(statut=Deliberation.Statut.PROJET)

    def proclamees(self):
        """Acts that count as put to the vote, adopted or not."""
        return self.exclude(statut__in=Deliberation.NE_COMPTENT_PAS)

    def a_confirmer(self):
        """Acts that came by a signed link, and that the porteur has not looked at yet."""
        return self.filter(statut=Deliberation.Statut.RECUE)

    def en_vigueur(self):
        return self.filter(statut=Deliberation.Statut.ADOPTEE)

    def publiques(self):
        """Acts that an inhabitant may read: proclaimed, published, of a territory that shows a convention."""
        publics = Territoire.objects.publics().values("pk")
        return self.proclamees().filter(publiee_le__isnull=False, conseil__territoire__in=publics)

    def de_l_annee(self, conseil, annee):
        """The acts of a council in a year, in the order of the register."""
        return self.proclamees().filter(conseil=conseil, date__year=annee).dans_l_ordre()

    def dans_l_ordre(self):
        return self.order_by("date", "seance__heure", "ordre", "numero")

    def completes(self):
        """With all that a printed act shows, in a constant number of queries."""
        return self.select_related(
            "conseil__territoire",
            "conseil__collectivite",
            "approuve__territoire",
            "approuve__porteur",
            "piece",
            "dossier",
            "annexe",
            "seance__territoire",
            "seance__organisatrice",
            "modifie__conseil__territoire",
            "retiree_par__conseil__territoire",
        ).prefetch_related(
            "dispositions",
            "votes__mandat",
            "seance__points",
            models.Prefetch("seance__presences", Presence.objects.completes()),
        )


class Deliberation(Historise):
    """A council's vote: its numbers, its texts, its figures, what it approves, and what became of it.

    Voted here, it has its `seance`; held elsewhere, it has its council and its date alone.
    """

    proprietaire = "conseil__territoire"
    droit_de_lecture = "deliberation.lire"
    # What a proclaimed act may still receive: the dates of its life; its withdrawal is a state.
    vivants = frozenset(
        {"transmise_le", "accusee_le", "identifiant_actes", "publiee_le", "adresse_en_ligne", "publication"}
    )
    etats = frozenset({"statut", "retiree_par"})

    class Statut(models.TextChoices):
        PROJET = "projet", "Projet"
        ADOPTEE = "adoptee", "Adoptée"
        REJETEE = "rejetee", "Rejetée"
        RETIREE = "retiree", "Retirée"
        # An act that was voted elsewhere and came by a signed link (`recevoir`).
        RECUE = "recue", "Reçue, à confirmer"
        ECARTEE = "ecartee", "Écartée"

    NE_COMPTENT_PAS = (Statut.PROJET, Statut.RECUE, Statut.ECARTEE)

    class Issue(models.TextChoices):
        """How a vote that was taken elsewhere ended."""

        UNANIMITE = "unanimite", "Adoptée à l’unanimité"
        ADOPTEE = "adoptee", "Adoptée à la majorité"
        REJETEE = "rejetee", "Rejetée"

    class Mode(models.TextChoices):
        MAIN_LEVEE = "main_levee", "À main levée"
        PUBLIC = "public", "Scrutin public, par noms"
        SECRET = "secret", "Scrutin secret"

    class Voix(models.TextChoices):
        POUR = "pour", "Pour"
        CONTRE = "contre", "Contre"

    conseil = models.ForeignKey(Instance, models.PROTECT, related_name="actes", verbose_name="conseil")
    seance = models.ForeignKey(
        Reunion, models.PROTECT, null=True, blank=True, related_name="actes", verbose_name="séance"
    )
    date = models.DateField("date de l’acte", editable=False)
    point = models.ForeignKey(
        Point,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actes",
        verbose_name="point de l’ordre du jour",
        help_text="Celui auquel l’acte a été voté : il dit qui était là.",
    )
    approuve = models.ForeignKey(
        Convention,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actes",
        verbose_name="approuve la convention",
        help_text="Vide pour un acte qui porte sur autre chose.",
    )
    texte_vote = models.CharField(
        "empreinte du texte voté",
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 du texte que le conseil avait sous les yeux ; vide, elle n’est pas connue.",
    )
    serie = models.CharField("série", max_length=20, blank=True, editable=False)
    numero = models.CharField(
        "numéro au registre",
        max_length=30,
        help_text=f"{SIGNES_D_ACTES} signes au plus. La transmission (ACTES) l’écrit en capitales, les signes . / - devenus _.",
        validators=[RegexValidator(r"^[\w./-]+$", "Des lettres, des chiffres, et les signes . / - sans espace.")],
    )
    ordre = models.PositiveSmallIntegerField("numéro d’ordre dans la séance", null=True, blank=True)
    objet = models.CharField("objet", max_length=300)
    matiere = models.CharField("matière (nomenclature ACTES)", max_length=5, choices=MATIERES, default="8.2")
    rapporteur = models.CharField("rapporteur", max_length=150, blank=True, help_text="Avec la civilité : Mme ou M.")
    visas = TexteRiche("visas")
    expose = TexteRiche("exposé")
    considerants = TexteRiche("considérants")
    mode = models.CharField("mode de scrutin", max_length=12, choices=Mode, default=Mode.MAIN_LEVEE)
    pour = models.PositiveSmallIntegerField("pour", null=True, blank=True)
    contre = models.PositiveSmallIntegerField("contre", null=True, blank=True)
    abstentions = models.PositiveSmallIntegerField("abstentions", null=True, blank=True)
    sans_part = models.PositiveSmallIntegerField("ne prennent pas part au vote", null=True, blank=True)
    voix_du_president = models.CharField(
        "voix du président",
        max_length=6,
        choices=Voix,
        blank=True,
        help_text="Seulement si les voix sont partagées : elle est prépondérante.",
    )
    unanimite = models.BooleanField(
        "adoptée à l’unanimité, sans décompte",
        default=False,
        help_text="Quand le registre dit l’unanimité sans donner de chiffres.",
    )
    majorite_interessee = models.BooleanField(
        "la moitié des membres ou plus sont intéressés à l’affaire",
        default=False,
        help_text="En Alsace-Moselle le quorum n’est alors pas exigé (CGCT, L. 2541-4, 2°).",
    )
    statut = models.CharField("statut", max_length=10, choices=Statut, default=Statut.PROJET, editable=False)
    modifie = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="modifications", verbose_name="modifie l’acte"
    )
    retiree_par = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="retraits", editable=False
    )
    transmise_le = models.DateField("transmise au contrôle de légalité le", null=True, blank=True)
    accusee_le = models.DateField("accusé de réception du", null=True, blank=True)
    identifiant_actes = models.CharField(
        "identifiant ACTES", max_length=60, blank=True, help_text="« 068-…-DE », sur l’accusé de réception."
    )
    publiee_le = models.DateField("publiée le", null=True, blank=True)
    publication = models.CharField(
        "publiée", max_length=12, choices=Instance.Publication, blank=True, editable=False
    )  # as the council published on that day: what it chooses later changes nothing of it
    adresse_en_ligne = models.URLField(
        "mise en ligne à l’adresse", blank=True, help_text="Celle de la page où l’acte se lit : le site de la commune."
    )
    # Held elsewhere: how it ended there, and from which address it came. `piece` is the PDF as it was received, or as it
    # was proclaimed here; `dossier` is that with its annex, as it was voted, and `annexe` that annex alone.
    issue = models.CharField("issue du vote", max_length=10, choices=Issue, blank=True, editable=False)
    piece = cle_de_scelle("acte scellé")
    dossier = cle_de_scelle("dossier scellé")
    annexe = cle_de_scelle("annexe scellée")
    recue_de = models.EmailField("reçue de", blank=True, editable=False)

    objects = DeliberationQuerySet.as_manager()

    class Meta:
        verbose_name = "délibération"
        ordering = ["date", "ordre", "numero"]
        constraints = [
            models.UniqueConstraint(
                fields=["conseil", "serie", "numero"],
                condition=~models.Q(statut="ecartee"),  # what was set aside leaves its number to the right file
                name="deliberation_unique_par_numero",
                violation_error_message="Ce conseil a déjà une délibération de ce numéro.",
            )
        ]

    def __str__(self):
        return f"Délibération n° {self.numero} du {self.date:%d/%m/%Y}"

    def natural_key(self):
        return (*self.conseil.natural_key(), self.numero)

    natural_key.dependencies = ["pilotage.reunion"]

    def get_absolute_url(self):
        return adresse("deliberation", self.pk, de=self.conseil.territoire)

    @property
    def est_public(self):
        return bool(self.compte and self.publiee_le and self.conseil.territoire.est_public)

    @property
    def compte(self):
        """Tell whether it was put to the vote, and confirmed if it came by a signed link."""
        return self.statut not in self.NE_COMPTENT_PAS

    @property
    def ancre(self):
        return f"acte-{self.pk}"

    @property
    def est_fige(self):
        return self.statut != self.Statut.PROJET

    @property
    def lus(self):
        """The owners of all that its dossier shows: the convention that it approves among them."""
        return self.approuve.lus if self.approuve else [self.territoire]

    @property
    def vient_d_ailleurs(self):
        """Tell whether it was voted with the council's own software, and taken in here as a file."""
        return self.seance_id is None

    @property
    def numero_actes(self):
        """Its number as the transmission takes it (ACTES: capitals, figures and _, `SIGNES_D_ACTES` at the most)."""
        return re.sub(r"[^0-9A-Z_]", "_", sans_accents(self.numero).upper())[:SIGNES_D_ACTES]

    @property
    def mode_de_publication(self):
        """How it was made public; not published yet, how its council does today."""
        return self.publication or self.conseil.mode_de_publication_le(self.publiee_le or timezone.localdate())

    @property
    def executoire_le(self):
        """The day from which the act binds: transmitted and published, the later of the two (CGCT, L. 2131-1)."""
        if self.statut != self.Statut.ADOPTEE or not (self.transmise_le and self.publiee_le):
            return None
        return max(self.transmise_le, self.publiee_le)

    @property
    def rang_du_point(self):
        """The rank on the agenda of the point at which it is voted, or None."""
        return self.seance.rangs_des_points.get(self.point_id) if self.point_id else None

    def assistance(self):
        """Return the `Assistance` of its séance at its point, or None while unknown."""
        return self.seance.assistance(self.rang_du_point) if self.seance_id else None

    def appel(self):
        """Return who was there for it, in groups (`Reunion.appel`)."""
        return self.seance.appel(self.rang_du_point) if self.seance_id else []

    def voix(self):
        """Return the attendances whose voice counts at its point: members present, and those who gave a power."""
        votent = {Presence.Etat.PRESENT, Presence.Etat.PROCURATION}
        presences = self.seance.presences_au(self.rang_du_point) if self.seance_id else []
        return [(p, etat) for p, etat in presences if etat in votent]

    def scrutin(self):
        """Return the `Scrutin`, from the names if any was noted, else from the figures; None while unknown."""
        votes = [v.sens for v in self.votes.all()] if self.pk else []
        reste = {
            "voix_du_president": self.voix_du_president,
            "secret": self.mode == self.Mode.SECRET,
            "voix_au_secret": bool(self.conseil_id and self.conseil.regime.voix_au_secret),
        }
        if votes:
            return Scrutin(*(votes.count(sens) for sens in Vote.Sens.values), **reste)
        if self.pour is None:
            return None
        return Scrutin(self.pour, self.contre or 0, self.abstentions or 0, self.sans_part or 0, **reste)

    @property
    def est_rejete(self):
        """Tell whether the council turned the proposal down: its articles then decide nothing."""
        scrutin = self.scrutin()
        return self.statut == self.Statut.REJETEE or bool(scrutin and not scrutin.adopte)

    @property
    def resultat(self):
        """How the vote ended, in words; empty while it is a project without figures."""
        scrutin = self.scrutin()
        if scrutin:
            return scrutin.resultat()
        if self.issue:
            return self.get_issue_display().lower()
        return "adoptée à l’unanimité" if self.unanimite else ""

    def clean(self):
        if self.seance_id and not self.seance.est_seance:
            raise ValidationError({"seance": "Une délibération se vote à une séance d’un conseil."})
        self._situer()
        if self.conseil_id and self.date and self.numero:
            autres = Deliberation.objects.filter(conseil=self.conseil, serie=self.serie, numero=self.numero)
            if autres.exclude(pk=self.pk).exclude(statut=self.Statut.ECARTEE).exists():
                raise ValidationError({"numero": "Ce conseil a déjà une délibération de ce numéro."})
        if self._state.adding and len(self.numero) > SIGNES_D_ACTES:
            raise ValidationError(
                {"numero": f"{SIGNES_D_ACTES} signes au plus : la transmission (ACTES) n’en prend pas davantage."}
            )
        chiffres = [self.pour, self.contre, self.abstentions, self.sans_part]
        if self.unanimite and any(chiffre is not None for chiffre in chiffres):
            raise ValidationError(
                {"unanimite": "Donnez les chiffres du vote, ou l’unanimité sans décompte : pas les deux."}
            )
        if self.pour is None and any(chiffre is not None for chiffre in chiffres):
            raise ValidationError({"pour": "Indiquez le nombre de voix pour."})
        if self.majorite_interessee and self.conseil_id and not self.conseil.regime.majorite_interessee:
            raise ValidationError(
                {"majorite_interessee": "Cette règle ne vaut que pour les communes d’Alsace-Moselle : décochez-la."}
            )
        if self.pk and self.votes.exists():
            if self.mode == self.Mode.SECRET:
                raise ValidationError({"mode": "Le scrutin est secret et des votes sont notés par nom : retirez-les."})
            if any(chiffre is not None for chiffre in chiffres) or self.unanimite:
                raise ValidationError(
                    {"pour": "Le vote est noté par nom, et le décompte en vient : laissez ces cases vides."}
                )
        if self.point_id and self.point.reunion_id != self.seance_id:
            raise ValidationError({"point": "Ce point n’est pas à l’ordre du jour de la séance de cet acte."})
        assistance, scrutin = self.assistance(), self.scrutin()
        if scrutin and assistance and (fautes := scrutin.erreurs(assistance.votants)):
            raise ValidationError({"pour": fautes})
        self._verifier_la_vie()

    def _verifier_la_vie(self):
        """Refuse days of its life that cannot be, by whatever door they come. Raises `ValidationError`."""
        if not self.date:
            return
        for champ in ("transmise_le", "accusee_le", "publiee_le"):
            valeur = getattr(self, champ)
            if valeur and valeur < self.date:
                raise ValidationError({champ: "Cette date précède la séance."})
            if valeur and valeur > timezone.localdate():
                raise ValidationError({champ: "Cette date est à venir : notez-la le jour où c’est fait."})
        if self.accusee_le and (not self.transmise_le or self.accusee_le < self.transmise_le):
            raise ValidationError({"accusee_le": "L’accusé de réception suit la transmission : indiquez-en la date."})

    def _situer(self):
        """Take the council and the date of the séance, and the series that the council numbers in on that day."""
        if self.seance_id:
            self.conseil, self.date = self.seance.organisatrice, self.seance.date
        if (
            self.conseil_id
            and self.date
            and not self.est_fige
            and (self._state.adding or self.conseil.serie_suit_la_date)
        ):
            self.serie = self.conseil.serie_le(self.date)

    def save(self, *args, **kwargs):
        with ecriture():
            self._situer()
            self.ouvrir_l_ecriture()
            if self.ordre is None and self.seance_id:
                self.ordre = (self.seance.actes.aggregate(haut=models.Max("ordre"))["haut"] or 0) + 1
            super().save(*args, **kwargs)

    def raison_de_figer(self, champs=()):
        return acte_fige(champs)

    def peut_etre_modifie(self):
        return acte_fige() if self.est_fige else ""

    def obstacles(self):
        """Return what still stands between the project and its proclamation, as French sentences."""
        if not self.seance:
            return ["Cet acte n’a pas de séance : son résultat ne se proclame pas ici."]
        manques = [
            (texte_brut(self.expose), "L’exposé est vide."),
            (self.dispositions.all(), "Le dispositif ne compte aucun article."),
            (self.seance.president, "La séance n’a pas de président."),
            (self.seance.secretaire, "La séance n’a pas de secrétaire."),
        ]
        phrases = [phrase for valeur, phrase in manques if not valeur]
        if self.seance.date > timezone.localdate():
            phrases.append(f"La séance est le {date_fr(self.seance.date)} : le résultat se proclame après le vote.")
        if partis := self.seance.hors_mandat():
            phrases.append(
                f"Ne siègent pas le {date_fr(self.seance.date)} et sont notés présents : {enumerer(partis)}."
            )
        phrases += filter(None, [self.seance.president_impossible(), self.seance.secretaire_impossible()])
        if self.seance.mouvements() and not self.point_id:
            phrases.append(
                "Des membres arrivent ou partent en cours de séance : dites à quel point de l’ordre du jour l’acte est voté."
            )
        phrases += self.seance.mouvements_impossibles() + self.seance.pouvoirs_impossibles()
        assistance, scrutin = self.assistance(), self.scrutin()
        if assistance is None:
            phrases.append("Les présences de la séance ne sont pas notées.")
        else:
            phrases += assistance.erreurs()
            sans_quorum = self.seance.seconde_convocation or self.majorite_interessee
            if not assistance.quorum_atteint(sans_quorum):
                phrases.append(
                    f"Le quorum n’est pas atteint : {assistance.presents} présents, il en faut {assistance.quorum} "
                    f"({self.conseil.article_du_quorum})."
                )
            if scrutin:
                phrases += scrutin.erreurs(assistance.votants)
        if not scrutin and not self.unanimite:
            phrases.append("Le vote n’est pas saisi.")
        voix = {p.mandat_id for p, _ in self.voix()}
        votes = {vote.mandat_id: vote.mandat.personne for vote in self.votes.select_related("mandat")}
        if voix and (sans_voix := [nom for cle, nom in votes.items() if cle not in voix]):
            phrases.append(f"Ont un vote noté et n’avaient pas de voix à ce point : {enumerer(sans_voix)}.")
        elif voix and self.mode == self.Mode.PUBLIC and set(votes) != voix:
            phrases.append("Au scrutin public, le vote de chaque présent et de chaque mandant est noté.")
        return phrases

    def proclamer(self, texte_vote="", imprimes=None):
        """Put the result of the vote on the act: from here on nobody edits it. Raises `ValidationError`.

        `texte_vote` is the SHA-256 of the text that the council had before it, if it approves one (see `Version`).
        `imprimes` are its papers, printed beforehand without a lock: they are sealed, and are what is served from then on.
        """
        with transaction.atomic():
            self.verrouiller()
            if self.est_fige:
                raise ValidationError("Cette délibération est déjà proclamée.")
            if obstacles := self.obstacles():
                raise ValidationError(obstacles)
            scrutin = self.scrutin()
            adopte = scrutin.adopte if scrutin else True
            self._situer()
            self.statut = self.Statut.ADOPTEE if adopte else self.Statut.REJETEE
            self.texte_vote = texte_vote if self.approuve_id else ""
            if imprimes:
                self._sceller(imprimes)
            self.ecrire_l_etat("statut", "texte_vote", "conseil", "date", "serie", "piece", "dossier", "annexe")

    def _sceller(self, imprimes):
        """Store the papers of the act, if nobody has written since they were printed."""
        if ecrit_depuis(imprimes.lu, self.lus, comptes=[self.territoire]):
            raise ValidationError(
                "Quelque chose a été modifié pendant la mise en page : rien n’est proclamé. Relisez, puis recommencez."
            )
        nom = f"deliberation-{self.numero_actes.lower()}"
        for champ, papier, suite in (
            ("piece", imprimes.acte, ""),
            ("dossier", imprimes.dossier, "-dossier"),
            ("annexe", imprimes.annexe, "-annexe"),
        ):
            if papier:
                octets, identifiant = papier
                setattr(self, champ, sceller(octets, f"{nom}{suite}.pdf", "application/pdf", identifiant))

    def dater(self, **vie):
        """Write what happens to a proclaimed act, `vivants` alone. Raises `ValidationError`."""
        with transaction.atomic():
            self.verrouiller()
            if not self.est_fige:
                raise ValidationError("Proclamez d’abord la délibération.")
            if inconnus := set(vie) - self.vivants:
                raise ValueError(f"Not of the life of an act: {inconnus}")
            publiee_le = self.publiee_le
            for champ, valeur in vie.items():
                setattr(self, champ, valeur)
            self._verifier_la_vie()
            if self.publiee_le != publiee_le:
                self._noter_le_mode()
            self.save(update_fields=sorted({*vie, "publication"}))

    def _noter_le_mode(self):
        self.publication = self.conseil.mode_de_publication_le(self.publiee_le) if self.publiee_le else ""

    @classmethod
    def recevoir(cls, conseil, approuve, octets, *, recue_de="", texte_vote="", **champs):
        """Take in an act that the council voted with its own software: its stamped PDF is sealed as it was received.

        It counts at once when the porteur or the secretary gives it; when it came by a signed link (`recue_de`) the
        porteur confirms it first. `champs` are its number, date, object, issue and life. Raises `ValidationError`.
        """
        with transaction.atomic():
            acte = cls(conseil=conseil, approuve=approuve, recue_de=recue_de, texte_vote=texte_vote, **champs)
            acte.ouvrir_l_ecriture()
            acte.full_clean(exclude=["piece"])
            if acte.date > timezone.localdate():
                raise ValidationError({"date": "Cette séance n’a pas encore eu lieu."})
            acte._noter_le_mode()
            nom = f"deliberation-{acte.numero_actes.lower()}.pdf"
            acte.piece = sceller(octets, nom, "application/pdf", fait_foi=not recue_de)
            acte.statut = cls.Statut.RECUE if recue_de else acte._statut_de_l_issue()
            acte._etat_ecrit = frozenset({"statut"})
            acte.save()
        return acte

    def _statut_de_l_issue(self):
        return self.Statut.REJETEE if self.issue == self.Issue.REJETEE else self.Statut.ADOPTEE

    def confirmer(self, accepte=True):
        """Let an act that came by a link count, or put it aside: it stays readable. Raises `ValidationError`."""
        with transaction.atomic():
            self.verrouiller()
            if self.statut != self.Statut.RECUE:
                raise ValidationError("Cet acte n’attend pas de confirmation.")
            self.statut = self._statut_de_l_issue() if accepte else self.Statut.ECARTEE
            if accepte:
                faire_foi(self.piece)
            self.ecrire_l_etat("statut")

    def refus_de_retirer(self):
        """Return why the act may not be withdrawn, or ""."""
        return "" if self.statut == self.Statut.ADOPTEE else "Seule une délibération adoptée peut être retirée."

    def retirer(self, par):
        """Withdraw the act by another adopted act of the same council. Raises `ValidationError`."""
        with transaction.atomic():
            self.verrouiller()
            if raison := self.refus_de_retirer():
                raise ValidationError(raison)
            if par.pk == self.pk or par.statut != self.Statut.ADOPTEE or par.conseil != self.conseil:
                raise ValidationError("Un acte est retiré par une autre délibération, adoptée, du même conseil.")
            if par.date < self.date:
                raise ValidationError("L’acte qui retire ne peut pas précéder celui qu’il retire.")
            self.statut, self.retiree_par = self.Statut.RETIREE, par
            self.ecrire_l_etat("statut", "retiree_par")

    @classmethod
    def modele(cls, convention, seance, numero, point=None):
        """Return a new project for a council of the convention, from its model (`TexteModele`)."""
        texte = TexteModele.de(convention, seance.organisatrice)
        with transaction.atomic():
            acte = cls(
                conseil=seance.organisatrice,
                date=seance.date,
                approuve=convention,
                seance=seance,
                point=point,
                numero=numero,
                objet=texte.objet,
                matiere=texte.matiere,
                visas=texte.visas,
                expose=texte.expose,
            )
            acte.full_clean()
            acte.save()
            for rang, (verbe, suite) in enumerate(texte.dispositif, start=1):
                acte.dispositions.create(ordre=rang, verbe=verbe, texte=suite)
        return acte


@dataclass(frozen=True)
class Imprimes:
    """The papers of an act about to be proclaimed: the counters read before they were printed, then the act, its dossier
    and its annex if it has them, each as (bytes, the identifier that it bears).
    """

    lu: dict
    acte: tuple
    dossier: tuple | None = None
    annexe: tuple | None = None


@dataclass(frozen=True)
class TexteModele:
    """What a council is asked to vote: the convention's own texts, which its porteur keeps correct."""

    objet: str
    matiere: str
    visas: str
    expose: str
    dispositif: tuple

    @classmethod
    def de_l_acte(cls, acte):
        """Return the texts of a project, to be taken into the council's own software."""
        dispositif = tuple((d.verbe, d.texte) for d in acte.dispositions.all())
        return cls(acte.objet, acte.matiere, acte.visas, acte.expose + acte.considerants, dispositif)

    @classmethod
    def de(cls, convention, conseil):
        """Return the model for a council: its head is named, its articles are written for it.

        Nothing comes from the act of another council: its slips would be voted again.
        """
        titre = f"{convention.titre} {convention.periode}"
        return cls(
            objet=f"Approbation de la {convention}",
            matiere=Deliberation._meta.get_field("matiere").default,
            visas=convention.visas,
            expose=convention.preambule,
            dispositif=(
                ("APPROUVE", f"le projet de la {titre}"),
                (
                    "AUTORISE",
                    f"{conseil.chef_en_phrase()} à signer la {titre} entre {convention.parties_en_phrase()} et ses "
                    "éventuels avenants, ainsi que toutes les pièces nécessaires à son exécution.",
                ),
            ),
        )


def acte_fige(champs=()):
    """Return the sentence told to who tries to change an act that was proclaimed."""
    quoi = f", on ne peut plus changer : {', '.join(map(str, champs))}" if champs else ", elle ne se modifie plus"
    return f"Cette délibération est proclamée{quoi}. Modifiez-la ou retirez-la par une autre délibération."


class LigneActeQuerySet(HistoriseQuerySet):
    def figees(self):
        return self.exclude(deliberation__statut=Deliberation.Statut.PROJET)


class LigneActe(Historise):
    """A row of an act: it is frozen with it."""

    proprietaire = "deliberation__conseil__territoire"
    droit_de_lecture = "deliberation.lire"

    objects = LigneActeQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def est_public(self):
        return self.deliberation.est_public

    def raison_de_figer(self, champs=()):
        return acte_fige([self._meta.verbose_name])

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        presente = self._stockee()
        actes = {self.deliberation_id, *([presente.deliberation_id] if presente else [])}
        return self.raison_de_figer() if Deliberation.objects.figees().filter(pk__in=actes).exists() else ""


class Disposition(LigneActe):
    """One article of what the council decides: a verb in capitals, and what follows it."""

    deliberation = models.ForeignKey(Deliberation, models.CASCADE, related_name="dispositions")
    ordre = models.PositiveSmallIntegerField("rang", default=1)
    verbe = models.CharField("verbe", max_length=40, help_text="APPROUVE, AUTORISE, DÉCIDE…")
    texte = models.TextField("texte", max_length=4000)

    class Meta:
        verbose_name = "article du dispositif"
        verbose_name_plural = "articles du dispositif"
        ordering = ["ordre", "pk"]

    def __str__(self):
        return f"{self.verbe} {self.texte}"


class Vote(LigneActe):
    """How one member voted, where names are asked."""

    class Sens(models.TextChoices):
        POUR = "pour", "Pour"
        CONTRE = "contre", "Contre"
        ABSTENTION = "abstention", "Abstention"
        SANS_PART = "sans_part", "Ne prend pas part au vote"

    deliberation = models.ForeignKey(Deliberation, models.CASCADE, related_name="votes")
    mandat = models.ForeignKey(Mandat, models.PROTECT, related_name="votes", verbose_name="membre")
    sens = models.CharField("vote", max_length=10, choices=Sens)

    class Meta:
        verbose_name = "vote"
        ordering = ["mandat__rang", "mandat__nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["deliberation", "mandat"],
                name="vote_unique",
                violation_error_message="Le vote de cette personne est déjà noté.",
            )
        ]

    def __str__(self):
        return f"{self.mandat.personne} : {self.get_sens_display().lower()}"

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        """A name on a secret ballot is no vote, by whatever door it comes (CGCT, L. 2121-21)."""
        if not suppression and self.deliberation.mode == Deliberation.Mode.SECRET:
            return "Le scrutin est secret : aucun vote n’est noté par nom."
        return super().refus_d_ecrire(gel, champs, suppression)
