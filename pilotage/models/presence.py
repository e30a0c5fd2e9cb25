"""How one member attended one meeting: present, for a part of it, by a substitute, by a power."""

from django.core.exceptions import ValidationError
from django.db import models

from ctg.francais import est_feminin
from ctg.historique import HistoriseQuerySet

from .assistance import EtatDePresence, Siege
from .instance import Mandat
from .reunion import FIGEE, LigneDeReunion, Point, Reunion


class PresenceQuerySet(HistoriseQuerySet):
    """The questions that are asked of attendances."""

    def figees(self):
        return self.filter(reunion__in=Reunion.objects.figees().values("pk"))

    def completes(self):
        return self.select_related("mandat", "mandataire", "suppleant", "arrive_au", "part_au")


class Presence(LigneDeReunion):
    """How one member attended one meeting; part of the acts that were proclaimed there."""

    Etat = EtatDePresence

    reunion = models.ForeignKey(Reunion, models.CASCADE, related_name="presences")
    mandat = models.ForeignKey(Mandat, models.PROTECT, related_name="presences", verbose_name="membre")
    etat = models.CharField("présence", max_length=12, choices=Etat)
    mandataire = models.ForeignKey(
        Mandat, models.PROTECT, null=True, blank=True, related_name="procurations", verbose_name="procuration à"
    )

    # The seat is then present by its substitute, who votes for it (CGCT, L. 5211-6, L. 5212-7).
    suppleant = models.ForeignKey(
        Mandat, models.PROTECT, null=True, blank=True, related_name="remplacements", verbose_name="remplacé par"
    )

    # Present for a part of the meeting only; while away, the power of the seat is that of `mandataire`, if there is one.
    arrive_au = models.ForeignKey(
        Point, models.PROTECT, null=True, blank=True, related_name="arrivees", verbose_name="arrive au point"
    )
    part_au = models.ForeignKey(
        Point, models.PROTECT, null=True, blank=True, related_name="departs", verbose_name="part au point"
    )

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = "présence"
        ordering = ["mandat__rang", "mandat__nom"]
        constraints = [
            models.UniqueConstraint(
                fields=["reunion", "mandat"],
                name="presence_unique",
                violation_error_message="La présence de cette personne est déjà notée.",
            ),
            models.UniqueConstraint(
                fields=["reunion", "mandataire"],
                condition=models.Q(etat="procuration"),
                name="une_procuration_par_porteur",
                violation_error_message="Cette personne porte déjà une procuration (article L. 2121-20 du CGCT).",
            ),
            models.UniqueConstraint(
                fields=["reunion", "suppleant"],
                name="un_remplacement_par_suppleant",
                violation_error_message="Ce suppléant remplace déjà un autre membre.",
            ),
            models.CheckConstraint(
                condition=models.Q(etat="present") | models.Q(suppleant__isnull=True),
                name="suppleant_present",
                violation_error_message="Un membre remplacé par son suppléant est noté présent.",
            ),
            models.CheckConstraint(
                condition=models.Q(etat="procuration", mandataire__isnull=False)
                | models.Q(mandataire__isnull=True)
                | (models.Q(etat="present") & (models.Q(arrive_au__isnull=False) | models.Q(part_au__isnull=False))),
                name="procuration_pendant_l_absence",
                violation_error_message="Une procuration se donne pour le temps où l’on n’est pas là.",
            ),
            models.CheckConstraint(
                condition=~models.Q(etat="procuration", mandataire__isnull=True),
                name="procuration_a_quelqu_un",
                violation_error_message="Une procuration se donne à quelqu’un, et à lui seul.",
            ),
            models.CheckConstraint(
                condition=models.Q(etat="present") | models.Q(arrive_au__isnull=True, part_au__isnull=True),
                name="mouvement_de_qui_est_present",
                violation_error_message="Qui arrive ou part en cours de séance est noté présent.",
            ),
        ]

    def __str__(self):
        return f"{self.qui} : {self.get_etat_display().lower()}"

    def siege(self, rangs):
        """Return the `Siege` that this attendance is; `rangs` are the ranks of the points by their keys."""
        return Siege(self.etat, rangs.get(self.arrive_au_id), rangs.get(self.part_au_id), self.mandataire_id)

    def en_mots(self, etat):
        """Return the person as a list of attendances names it in a state: a power is told with who holds it."""
        if etat == self.Etat.PROCURATION:
            return f"{self.mandat} à {self.mandataire.personne}"
        return self.qui if self.suppleant else str(self.mandat)

    def clean(self):
        for champ, point in (("arrive_au", self.arrive_au), ("part_au", self.part_au)):
            if point and point.reunion_id != self.reunion_id:
                raise ValidationError({champ: "Ce point n’est pas à l’ordre du jour de cette réunion."})
        if raison := self.mouvement_impossible(self.reunion.rangs_des_points):
            raise ValidationError({"part_au" if self.part_au else "arrive_au": raison})

    def mouvement_impossible(self, rangs):
        """Return why one cannot arrive and leave as noted, the points having these ranks {key: rank}; "" if one can."""
        siege = self.siege(rangs)
        if siege.arrive and siege.part and siege.arrive >= siege.part:
            return f"{self.qui} : on part après être arrivé ; corrigez l’un des deux points."
        if siege.arrive == 1:
            return f"{self.qui} : arriver au premier point, c’est être présent dès le début ; retirez cette arrivée."
        return ""

    @property
    def qui(self):
        """Who sat: the member, or the substitute and for whom."""
        if self.suppleant is None:
            return self.mandat.personne
        accord = "e" if est_feminin(self.suppleant.personne) else ""
        return f"{self.suppleant.personne}, suppléant{accord} de {self.mandat.personne}"

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        presente = self._stockee()
        reunions = {self.reunion_id, *([presente.reunion_id] if presente else [])}
        return FIGEE if Reunion.objects.filter(pk__in=reunions).figees().exists() else ""

    def raison_de_figer(self, champs=()):
        return FIGEE
