"""One meeting: when it was called, what was on its agenda, who was there, what was decided."""

from dataclasses import asdict, fields

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from actions.models import Action, Axe, Convention, Territoire
from ctg.adresses import adresse
from ctg.compteurs import ecriture
from ctg.francais import enumerer, est_feminin, sans_civilite
from ctg.historique import Historise, HistoriseQuerySet, trouver
from ctg.texte import TexteRiche, sans_accents, texte_brut

from .assistance import Assistance, EtatDePresence, etats_au, pouvoirs_portes
from .instance import Instance

FIGEE = "Une délibération est proclamée à cette séance : sa convocation et ses présences ne se modifient plus."


class ReunionQuerySet(HistoriseQuerySet):
    """The questions that are asked of meetings."""

    def get_by_natural_key(self, territoire, organisatrice, date, objet):
        champs = ["territoire__slug", "organisatrice__nom", "date", "objet"]
        return trouver(self, champs, [territoire, organisatrice, date, objet])

    def figees(self):
        """Meetings at which an act was proclaimed."""
        return self.filter(
            pk__in=self.model._meta.get_field("actes").related_model.objects.proclamees().values("seance")
        )

    def preparatoires(self, convention):
        """The meetings that led to a convention: any but the councils', before it began."""
        meres = self.filter(convention=convention, date__year__lt=convention.debut)
        return meres.exclude(organisatrice__nature=Instance.Nature.CONSEIL)

    def completes(self):
        return self.select_related("territoire", "organisatrice__collectivite", "convention").avec_les_presences()

    def avec_les_presences(self):
        """With its agenda and who was there, which its papers and its acts tell."""
        presences = Reunion._meta.get_field("presences").related_model.objects.completes()
        return self.prefetch_related("points", models.Prefetch("presences", presences))

    def a_venir(self, on=None):
        return self.filter(date__gte=on or timezone.localdate()).order_by("date", "heure")

    def de_l_annee(self, annee):
        return self.filter(date__year=annee).order_by("date", "heure")


class Reunion(Historise):
    """One meeting, of a standing body or of the partners at large (then `organisatrice` is empty).

    The attendance of a council is kept by name (`Presence`), or by count where names are not known.
    """

    proprietaire = "territoire"
    droit_de_lecture = "territoire.lire"
    # What may still be said of a meeting once an act was proclaimed there.
    vivants = frozenset({"convention", "objet", "compte_rendu", "exemple"})

    territoire = models.ForeignKey(Territoire, models.PROTECT, related_name="reunions", verbose_name="territoire")
    convention = models.ForeignKey(
        Convention,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reunions",
        verbose_name="au sujet de la convention",
    )
    # Not "instance": simple-history keeps that name for itself.
    organisatrice = models.ForeignKey(
        Instance, models.PROTECT, null=True, blank=True, related_name="reunions", verbose_name="instance"
    )
    date = models.DateField("date")
    heure = models.TimeField("heure", null=True, blank=True)
    lieu = models.CharField("lieu", max_length=150, blank=True)
    objet = models.CharField("objet", max_length=300)
    convoquee_le = models.DateField("convocation envoyée le", null=True, blank=True)
    urgence = models.BooleanField("convoquée en urgence", default=False)
    seconde_convocation = models.BooleanField(
        "seconde convocation",
        default=False,
        help_text="Le quorum manquait à la première : le conseil délibère quel que soit le nombre de présents.",
    )
    president = models.CharField(
        "sous la présidence de", max_length=150, blank=True, help_text="Avec la civilité : Mme ou M."
    )
    qualite_president = models.CharField("en qualité de", max_length=100, blank=True)
    secretaire = models.CharField(
        "secrétaire de séance", max_length=150, blank=True, help_text="Avec la civilité : Mme ou M."
    )
    effectif_legal = models.PositiveSmallIntegerField("membres élus", null=True, blank=True)
    en_exercice = models.PositiveSmallIntegerField("membres en exercice", null=True, blank=True)
    presents = models.PositiveSmallIntegerField("présents", null=True, blank=True)
    procurations = models.PositiveSmallIntegerField("excusés ayant donné procuration", null=True, blank=True)
    excuses = models.PositiveSmallIntegerField("excusés", null=True, blank=True)
    absents = models.PositiveSmallIntegerField("absents", null=True, blank=True)
    compte_rendu = TexteRiche("compte rendu")
    exemple = models.BooleanField(
        "donnée d’exemple", default=False, editable=False, help_text="Ses documents le signalent."
    )

    objects = ReunionQuerySet.as_manager()

    class Meta:
        verbose_name = "réunion"
        ordering = ["date", "heure"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisatrice", "date", "heure"],
                name="reunion_unique",
                violation_error_message="Cette instance se réunit déjà ce jour-là à cette heure.",
            ),
            models.UniqueConstraint(
                fields=["organisatrice", "date"],
                condition=models.Q(heure__isnull=True),
                name="reunion_unique_sans_heure",
                violation_error_message="Cette instance se réunit déjà ce jour-là : précisez l’heure.",
            ),
        ]

    def __str__(self):
        return f"{self.objet} ({self.date:%d/%m/%Y})"

    def natural_key(self):
        organisatrice = self.organisatrice and self.organisatrice.nom
        return (self.territoire.slug, organisatrice, self.date, self.objet)

    natural_key.dependencies = ["pilotage.instance"]

    def get_absolute_url(self):
        return adresse("reunion", self.pk, de=self.territoire)

    @property
    def conseil(self):
        """The council that meets, or None (ctg/droits.py)."""
        return self.organisatrice and self.organisatrice.conseil

    @property
    def est_fige(self):
        """Tell whether an act was proclaimed there: its convocation and attendance are then part of that act."""
        return any(acte.est_fige for acte in self.actes.all())

    def raison_de_figer(self, champs=()):
        return FIGEE

    def save(self, *args, **kwargs):
        with ecriture():
            super().save(*args, **kwargs)
            # Its projects follow: they are dated, and numbered, by the day of the séance.
            for acte in self.actes.projets().exclude(date=self.date):
                acte.seance = self
                acte.save(update_fields=["date", "serie"])

    @property
    def fonction_du_president(self):
        """Under what title who presided signs: as it was noted, or as the head of the assembly."""
        return self.qualite_president or self.conseil.mots.chef_au(est_feminin(self.president))

    @property
    def est_seance(self):
        """Tell whether it is a meeting of a council, where deliberations are voted."""
        return bool(self.organisatrice and self.organisatrice.est_conseil)

    def comptes(self):
        """Return the five counts as they are kept, missing ones as None."""
        return {champ.name: getattr(self, champ.name) for champ in fields(Assistance)}

    def _assistance_comptee(self):
        """Return the `Assistance` that the counts tell; None while the two that matter are unknown."""
        if self.en_exercice is None or self.presents is None:
            return None
        return Assistance(**{nom: valeur or 0 for nom, valeur in self.comptes().items()})

    @property
    def rangs_des_points(self):
        """Return {key of a point: its rank on the agenda, from 1}."""
        return {point.pk: rang for rang, point in enumerate(self.points.all(), start=1)} if self.pk else {}

    @property
    def sieges(self):
        """Return {key of a seat: `Siege`} from the names, if any was noted."""
        if not self.pk:
            return {}
        rangs = self.rangs_des_points
        return {p.mandat_id: p.siege(rangs) for p in self.presences.all()}

    def assistance(self, point=None):
        """Return the `Assistance` at a point of the agenda (its rank), or at any time of the meeting.

        It comes from the names if any was noted, else from the counts; None while unknown.
        """
        sieges = self.sieges
        return Assistance.de(sieges, point, self.en_exercice) if sieges else self._assistance_comptee()

    @property
    def a_l_ouverture(self):
        """At which point the attendance of the whole is told: the first when members come and go, else any (None)."""
        return 1 if any(p.arrive_au_id or p.part_au_id for p in self.presences.all()) else None

    def compter_les_noms(self):
        """Have the counts follow the names, as they were when the meeting opened; an act has those of its point."""
        lue = Reunion.objects.completes().get(pk=self.pk)
        comptes = asdict(lue.assistance(lue.a_l_ouverture))
        for nom, compte in comptes.items():
            setattr(self, nom, compte)
        self.save(update_fields=list(comptes))

    def quorums(self):
        """Return [(rank of a point, its `Assistance`)] when members come and go: the quorum is asked at each point.

        CGCT, L. 2121-17; R. 2121-9 has who was there told for each deliberation.
        """
        rangs = sorted(self.rangs_des_points.values()) if self.pk and self.a_l_ouverture else []
        return [(rang, self.assistance(rang)) for rang in rangs]

    def presences_au(self, point=None):
        """Return [(attendance, its state at a point)], in the order of the tableau."""
        etats = etats_au(self.sieges, point)
        return [(p, etats[p.mandat_id]) for p in self.presences.all()]

    def appel(self, point=None):
        """Return [(« Présents », [names])…] at a point, those who hold a power told with whose; empty groups are left out."""
        groupes = {
            "Présents": EtatDePresence.PRESENT,
            "Ont donné procuration": EtatDePresence.PROCURATION,
            "Excusés": EtatDePresence.EXCUSE,
            "Absents": EtatDePresence.ABSENT,
        }
        presences = self.presences_au(point)
        lots = [(nom, [p.en_mots(e) for p, e in presences if e == etat]) for nom, etat in groupes.items()]
        return [(nom, noms) for nom, noms in lots if noms]

    def mouvements(self):
        """Return who arrived and who left during the meeting, as French sentences in the order of the points."""
        lignes, rangs = [], self.rangs_des_points
        for presence in self.presences.all():
            for point, verbe in ((presence.arrive_au, "arrive"), (presence.part_au, "quitte la séance")):
                if point:
                    phrase = f"{presence.qui} {verbe} avant le point {rangs[point.pk]}"
                    if verbe != "arrive" and presence.mandataire:
                        phrase += f" et donne procuration à {presence.mandataire.personne}"
                    lignes.append((rangs[point.pk], f"{phrase}."))
        return [phrase for _, phrase in sorted(lignes, key=lambda ligne: ligne[0])]

    def manques_du_compte_rendu(self):
        """Return what its minutes still lack, in French: without it they are printed as a project."""
        manques = [(texte_brut(self.compte_rendu), "le texte des débats")]
        if self.est_seance:
            manques += [
                (self.president, "qui préside"),
                (self.secretaire, "qui est secrétaire"),
                (self.assistance(), "les présences"),
                (self.rangs_des_points or self.actes.all(), "l’ordre du jour"),
            ]
        return [quoi for valeur, quoi in manques if not valeur]

    def mouvements_impossibles(self):
        """Return which arrivals and departures the order of the points does not allow, as French sentences."""
        rangs = self.rangs_des_points
        return [raison for p in self.presences.all() if (raison := p.mouvement_impossible(rangs))]

    def pouvoirs_impossibles(self):
        """Return who holds more than one power at some point, as French sentences."""
        sieges, noms = self.sieges, {p.mandat_id: p.mandat.personne for p in self.presences.all()}
        fautes = []
        for point in [*self.rangs_des_points.values()] or [None]:
            for porteur, donneurs in pouvoirs_portes(sieges, point).items():
                if len(donneurs) > 1:
                    qui = enumerer(noms[d] for d in donneurs)
                    fautes.append(f"{noms[porteur]} porte à la fois les procurations de {qui} : une seule.")
        return list(dict.fromkeys(fautes))

    def clean(self):
        if self.date and not 2000 <= self.date.year <= 2100:
            raise ValidationError({"date": "Vérifiez l’année : elle doit être comprise entre 2000 et 2100."})
        if any(compte is not None for compte in self.comptes().values()):
            if self.en_exercice is None:
                raise ValidationError({"en_exercice": "Indiquez le nombre de membres en exercice."})
            if self.effectif_legal is not None and self.en_exercice > self.effectif_legal:
                raise ValidationError(
                    {
                        "en_exercice": f"{self.en_exercice} membres en exercice, pour {self.effectif_legal} élus : "
                        "il ne peut pas y en avoir davantage."
                    }
                )
            if (comptee := self._assistance_comptee()) and (fautes := comptee.erreurs()):
                raise ValidationError({"presents": fautes})
        if self.convoquee_le and self.date and self.convoquee_le > self.date:
            raise ValidationError({"convoquee_le": "La convocation ne peut pas suivre la réunion."})

    def hors_mandat(self):
        """Return the names of those whose attendance is noted and who do not sit on that day."""
        siegent = self.organisatrice.mandats.en_cours(self.date).values("pk")
        partis = self.presences.exclude(mandat__in=siegent).select_related("mandat")
        return [p.mandat.personne for p in partis]

    def _presence_de(self, nom):
        """Return (whether attendances were noted and somebody is named, the `Presence` noted under that name or None)."""
        nom = sans_accents(sans_civilite(nom)).strip()
        presences = list(self.presences.select_related("mandat", "suppleant")) if self.pk else []
        notes = {
            sans_accents(sans_civilite(p.suppleant.personne if p.suppleant else p.mandat.personne)): p
            for p in presences
        }
        return bool(nom and notes), notes.get(nom)

    def president_impossible(self):
        """Return why who is named may not have presided over the séance, or "": a member who was away (CGCT, L. 2121-14)."""
        _, presence = self._presence_de(self.president)
        if presence and presence.etat != EtatDePresence.PRESENT:
            return f"{self.president} préside la séance et n’y est pas noté présent : corrigez l’un des deux."
        return ""

    def secretaire_impossible(self):
        """Return why the secretary of the séance may not be who is named, or "".

        A member who is there (CGCT, L. 2121-15); in the communes of Alsace-Moselle anybody (L. 2541-6), but not a
        member who was away.
        """
        notee, presence = self._presence_de(self.secretaire)
        if not notee:
            return ""
        if presence and presence.etat != EtatDePresence.PRESENT:
            return (
                f"{self.secretaire} est secrétaire de la séance et n’y est pas noté présent : corrigez l’un des deux."
            )
        if not presence and not self.conseil.regime.secretaire_hors_membres:
            article = self.conseil.regime.secretaire
            return f"{self.secretaire} n’est pas un membre présent : le secrétaire se choisit parmi eux ({article})."
        return ""

    @property
    def convoquer_au_plus_tard(self):
        """The last day on which the convocation of a council may leave; None for another body."""
        return self.organisatrice and self.organisatrice.convoquer_au_plus_tard(self.date, self.urgence)

    @property
    def est_passee(self):
        return self.date < timezone.localdate()

    def convocation_tardive(self):
        """Return a French sentence when the council was called too late, with the article; "" otherwise."""
        if not self.est_seance or not self.convoquee_le:
            return ""
        if not self.convoquer_au_plus_tard or self.convoquee_le <= self.convoquer_au_plus_tard:
            return ""
        article = self.organisatrice.delai_de_convocation.article
        return f"La convocation devait partir le {self.convoquer_au_plus_tard:%d/%m/%Y} au plus tard ({article})."

    def ajouter_au_ordre_du_jour(self, fiches):
        """Put fiches on the agenda, once each, after what is there."""
        deja = set(self.points.values_list("action_id", flat=True))
        ordre = self.points.aggregate(haut=models.Max("ordre"))["haut"] or 0
        for fiche in fiches:
            if fiche.pk not in deja:
                ordre += 1
                self.points.create(ordre=ordre, objet=str(fiche)[:300], action=fiche)


class LigneDeReunion(Historise):
    """A row that belongs to a meeting."""

    proprietaire = "reunion__territoire"
    droit_de_lecture = "territoire.lire"

    class Meta:
        abstract = True


class Point(LigneDeReunion):
    """A line of the agenda, about a fiche or not."""

    reunion = models.ForeignKey(Reunion, models.CASCADE, related_name="points")
    ordre = models.PositiveSmallIntegerField("rang", default=1)
    objet = models.CharField("objet", max_length=300)
    action = models.ForeignKey(
        Action, models.PROTECT, null=True, blank=True, related_name="points", verbose_name="fiche"
    )

    class Meta:
        verbose_name = "point de l’ordre du jour"
        verbose_name_plural = "points de l’ordre du jour"
        ordering = ["ordre", "pk"]

    def __str__(self):
        return self.objet

    def pourquoi_garder(self):
        """Return why the point may not be deleted, or ""."""
        if self.actes.exists() or self.arrivees.exists() or self.departs.exists():
            return f"« {self.objet} » : une délibération, une arrivée ou un départ s’y rapporte ; détachez-les d’abord."
        return ""

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        """Once an act is proclaimed, the ranks of the points tell who was there for it: they stay."""
        presente = self._stockee()
        touche = presente and (suppression or presente.ordre != self.ordre)
        if touche and Reunion.objects.filter(pk=presente.reunion_id).figees().exists():
            return "Une délibération est proclamée à cette séance : ses points gardent leur rang."
        suivants = presente is None and Point.objects.filter(reunion=self.reunion_id, ordre__gt=self.ordre)
        if suivants and Reunion.objects.filter(pk=self.reunion_id).figees().exists():
            return (
                "Une délibération est proclamée à cette séance : un nouveau point vient après les autres ; "
                f"donnez-lui un rang supérieur à {suivants.last().ordre}."
            )
        return super().refus_d_ecrire(gel, champs, suppression)


class DecisionQuerySet(HistoriseQuerySet):
    """The questions that are asked of decisions."""

    def ouvertes(self):
        return self.filter(faite_le__isnull=True)


class Decision(LigneDeReunion):
    """What a meeting decided: who does it, by when, on which fiche or axe; listed there until it is done."""

    reunion = models.ForeignKey(Reunion, models.CASCADE, related_name="decisions")
    texte = models.CharField("décision", max_length=300)
    responsable = models.CharField("responsable", max_length=150, blank=True)
    echeance = models.DateField("échéance", null=True, blank=True)
    action = models.ForeignKey(
        Action, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name="fiche"
    )
    axe = models.ForeignKey(
        Axe, models.PROTECT, null=True, blank=True, editable=False, related_name="decisions", verbose_name="axe"
    )
    faite_le = models.DateField("faite le", null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "décision"
        ordering = ["echeance", "pk"]

    def __str__(self):
        return self.texte

    def est_en_retard(self, on=None):
        return bool(self.echeance and not self.faite_le and self.echeance < (on or timezone.localdate()))

    def basculer(self):
        """Strike the decision off, or put it back on the list."""
        with transaction.atomic():
            self.verrouiller()
            self.faite_le = None if self.faite_le else timezone.localdate()
            self.save(update_fields=["faite_le"])
