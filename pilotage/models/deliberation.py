"""What a council voted: a project until it is proclaimed, an act that nobody edits afterwards."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction

from actions.models import Convention, Territoire
from ctg.adresses import adresse
from ctg.compteurs import ecriture
from ctg.historique import Historise, HistoriseQuerySet
from ctg.texte import TexteRiche, texte_brut

from .instance import Instance, Mandat
from .matieres import MATIERES
from .reunion import Reunion
from .scrutin import Scrutin


class DeliberationQuerySet(HistoriseQuerySet):
    """The questions that are asked of acts."""

    def get_by_natural_key(self, territoire, conseil, numero):
        return self.get(conseil__territoire__slug=territoire, conseil__nom=conseil, numero=numero)

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
        return self.proclamees()

    def projets(self):
        return self.filter(statut=Deliberation.Statut.PROJET)

    def proclamees(self):
        """Acts that were put to the vote, adopted or not."""
        return self.exclude(statut=Deliberation.Statut.PROJET)

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
            "seance__territoire",
            "seance__organisatrice",
            "modifie__conseil__territoire",
            "retiree_par__conseil__territoire",
        ).prefetch_related(
            "dispositions", "votes__mandat", "seance__presences__mandat", "seance__presences__mandataire"
        )


class Deliberation(Historise):
    """A council's vote: its numbers, its texts, its figures, what it approves, and what became of it.

    Voted here, it has its `seance`; held elsewhere, it has its council and its date alone.
    """

    proprietaire = "conseil__territoire"
    droit_de_lecture = "deliberation.lire"
    # What a proclaimed act may still receive: the dates of its life; its withdrawal is a state.
    vivants = frozenset({"transmise_le", "publiee_le"})
    etats = frozenset({"statut", "retiree_par"})

    class Statut(models.TextChoices):
        PROJET = "projet", "Projet"
        ADOPTEE = "adoptee", "Adoptée"
        REJETEE = "rejetee", "Rejetée"
        RETIREE = "retiree", "Retirée"

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
    statut = models.CharField("statut", max_length=10, choices=Statut, default=Statut.PROJET, editable=False)
    modifie = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="modifications", verbose_name="modifie l’acte"
    )
    retiree_par = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="retraits", editable=False
    )
    transmise_le = models.DateField("transmise au contrôle de légalité le", null=True, blank=True)
    publiee_le = models.DateField("publiée le", null=True, blank=True)

    objects = DeliberationQuerySet.as_manager()

    class Meta:
        verbose_name = "délibération"
        ordering = ["date", "ordre", "numero"]
        constraints = [
            models.UniqueConstraint(
                fields=["conseil", "serie", "numero"],
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
        return bool(self.est_fige and self.publiee_le and self.conseil.territoire.est_public)

    @property
    def ancre(self):
        return f"acte-{self.pk}"

    @property
    def est_fige(self):
        return self.statut != self.Statut.PROJET

    @property
    def executoire_le(self):
        """The day from which the act binds: transmitted and published, the later of the two (CGCT, L. 2131-1)."""
        if self.statut != self.Statut.ADOPTEE or not (self.transmise_le and self.publiee_le):
            return None
        return max(self.transmise_le, self.publiee_le)

    def scrutin(self):
        """Return the `Scrutin`, from the names if any was noted, else from the figures; None while unknown."""
        votes = [v.sens for v in self.votes.all()] if self.pk else []
        reste = {"voix_du_president": self.voix_du_president, "secret": self.mode == self.Mode.SECRET}
        if votes:
            return Scrutin(*(votes.count(sens) for sens in Vote.Sens.values), **reste)
        if self.pour is None:
            return None
        return Scrutin(self.pour, self.contre or 0, self.abstentions or 0, self.sans_part or 0, **reste)

    @property
    def resultat(self):
        """How the vote ended, in words; empty while it is a project without figures."""
        scrutin = self.scrutin()
        if scrutin:
            return scrutin.resultat()
        return "adoptée à l’unanimité" if self.unanimite else ""

    def clean(self):
        if self.seance_id and not self.seance.est_seance:
            raise ValidationError({"seance": "Une délibération se vote à une séance d’un conseil."})
        self._situer()
        if self.conseil_id and self.date and self.numero:
            autres = Deliberation.objects.filter(conseil=self.conseil, serie=self.serie, numero=self.numero)
            if autres.exclude(pk=self.pk).exists():
                raise ValidationError({"numero": "Ce conseil a déjà une délibération de ce numéro."})
        chiffres = [self.pour, self.contre, self.abstentions, self.sans_part]
        if self.unanimite and any(chiffre is not None for chiffre in chiffres):
            raise ValidationError(
                {"unanimite": "Donnez les chiffres du vote, ou l’unanimité sans décompte : pas les deux."}
            )
        if self.pour is None and any(chiffre is not None for chiffre in chiffres):
            raise ValidationError({"pour": "Indiquez le nombre de voix pour."})
        assistance = self.seance.assistance() if self.seance_id else None
        scrutin = self.scrutin()
        if scrutin and assistance and (fautes := scrutin.erreurs(assistance.votants)):
            raise ValidationError({"pour": fautes})
        for champ in ("transmise_le", "publiee_le"):
            valeur = getattr(self, champ)
            if valeur and self.date and valeur < self.date:
                raise ValidationError({champ: "Cette date précède la séance."})

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
        assistance, scrutin = self.seance.assistance(), self.scrutin()
        if assistance is None:
            phrases.append("Les présences de la séance ne sont pas notées.")
        else:
            phrases += assistance.erreurs()
            if not assistance.quorum_atteint(self.seance.seconde_convocation):
                phrases.append(
                    f"Le quorum n’est pas atteint : {assistance.presents} présents, il en faut {assistance.quorum} "
                    f"({self.conseil.article_du_quorum})."
                )
            if scrutin:
                phrases += scrutin.erreurs(assistance.votants)
        if not scrutin and not self.unanimite:
            phrases.append("Le vote n’est pas saisi.")
        if self.seance.presences.exists() and self.mode == self.Mode.PUBLIC:
            votants = set(self.seance.presences.votants().values_list("mandat_id", flat=True))
            if set(self.votes.values_list("mandat_id", flat=True)) != votants:
                phrases.append(
                    "Au scrutin public, le vote de chaque présent et de chaque mandant est noté, et lui seul."
                )
        return phrases

    def _verrouiller(self):
        """Lock the row and read it again, whatever this instance held: a state follows from what the database holds."""
        self.ouvrir_l_ecriture()
        type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        self.refresh_from_db()

    def proclamer(self, texte_vote=""):
        """Put the result of the vote on the act: from here on nobody edits it. Raises `ValidationError`.

        `texte_vote` is the SHA-256 of the text that the council had before it, if it approves one (see `Version`).
        """
        with transaction.atomic():
            self._verrouiller()
            if self.est_fige:
                raise ValidationError("Cette délibération est déjà proclamée.")
            if obstacles := self.obstacles():
                raise ValidationError(obstacles)
            scrutin = self.scrutin()
            adopte = scrutin.adopte if scrutin else True
            self._situer()
            self.statut = self.Statut.ADOPTEE if adopte else self.Statut.REJETEE
            self.texte_vote = texte_vote if self.approuve_id else ""
            self.ecrire_l_etat("statut", "texte_vote", "conseil", "date", "serie")

    def dater(self, transmise_le, publiee_le):
        """Write the dates of the life of a proclaimed act, and nothing else. Raises `ValidationError`."""
        with transaction.atomic():
            self._verrouiller()
            if not self.est_fige:
                raise ValidationError("Proclamez d’abord la délibération.")
            for champ, valeur in (("transmise_le", transmise_le), ("publiee_le", publiee_le)):
                if valeur and valeur < self.date:
                    raise ValidationError({champ: "Cette date précède la séance."})
                setattr(self, champ, valeur)
            self.save(update_fields=["transmise_le", "publiee_le"])

    def retirer(self, par):
        """Withdraw the act by another adopted act of the same council. Raises `ValidationError`."""
        with transaction.atomic():
            self._verrouiller()
            if self.statut != self.Statut.ADOPTEE:
                raise ValidationError("Seule une délibération adoptée peut être retirée.")
            if par.pk == self.pk or par.statut != self.Statut.ADOPTEE or par.conseil != self.conseil:
                raise ValidationError("Un acte est retiré par une autre délibération, adoptée, du même conseil.")
            if par.date < self.date:
                raise ValidationError("L’acte qui retire ne peut pas précéder celui qu’il retire.")
            self.statut, self.retiree_par = self.Statut.RETIREE, par
            self.ecrire_l_etat("statut", "retiree_par")

    @classmethod
    def modele(cls, convention, seance, numero):
        """Return a new project for a council of the convention, from a council that has already voted it.

        The exposé, the visas and the considérants are taken over word for word; the articles are written anew for
        that council. Where none has voted yet, the texts come from the convention itself.
        """
        conseil = seance.organisatrice
        source = convention.actes.en_vigueur().dans_l_ordre().first()
        with transaction.atomic():
            acte = cls(
                conseil=conseil,
                date=seance.date,
                approuve=convention,
                seance=seance,
                numero=numero,
                objet=source.objet if source else f"Approbation de la {convention}",
                matiere=source.matiere if source else "8.2",
                visas=source.visas if source else convention.visas,
                expose=source.expose if source else convention.preambule,
                considerants=source.considerants if source else "",
            )
            acte.full_clean()
            acte.save()
            titre = f"{convention.titre} {convention.periode}"
            parties = ", ".join(str(p.partenaire) for p in convention.signataires.select_related("partenaire"))
            acte.dispositions.create(ordre=1, verbe="APPROUVE", texte=f"le projet de la {titre}")
            acte.dispositions.create(
                ordre=2,
                verbe="AUTORISE",
                texte=f"M. ou Mme le {conseil.chef.title()} à signer la {titre} entre {parties} et ses éventuels avenants, "
                "ainsi que toutes les pièces nécessaires à son exécution.",
            )
        return acte


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
        return self.raison_de_figer() if Deliberation.objects.proclamees().filter(pk__in=actes).exists() else ""


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
