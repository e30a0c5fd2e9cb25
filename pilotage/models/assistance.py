"""Who was there, point by point: pure rules on seats, without a database."""

from dataclasses import dataclass

from django.db import models


class EtatDePresence(models.TextChoices):
    PRESENT = "present", "Présent"
    PROCURATION = "procuration", "A donné procuration"
    EXCUSE = "excuse", "Excusé"
    ABSENT = "absent", "Absent"


@dataclass(frozen=True)
class Siege:
    """How one seat attended: `arrive` and `part` are ranks of points of the agenda, from 1, for who was present.

    One is there from the point at which one arrives, and no more from the point at which one leaves. `porteur` is the
    key of who holds the power of the seat while nobody sits there.
    """

    etat: str
    arrive: int | None = None
    part: int | None = None
    porteur: object = None

    def est_la(self, point=None):
        """Tell whether somebody sits there at a point; without a point, at any time of the meeting."""
        if self.etat != EtatDePresence.PRESENT:
            return False
        return point is None or ((self.arrive or 0) <= point and (self.part is None or point < self.part))


def etats_au(sieges, point=None):
    """Return {key: state} of seats {key: `Siege`} at a point of the agenda.

    A power falls while its holder is away: only who is present votes for another (CGCT, L. 2121-20).
    """
    etats = {}
    for cle, siege in sieges.items():
        if siege.est_la(point):
            etats[cle] = EtatDePresence.PRESENT
        elif siege.porteur is not None and siege.porteur in sieges and sieges[siege.porteur].est_la(point):
            etats[cle] = EtatDePresence.PROCURATION
        elif siege.etat in {EtatDePresence.PRESENT, EtatDePresence.ABSENT}:
            etats[cle] = EtatDePresence.ABSENT
        else:
            etats[cle] = EtatDePresence.EXCUSE
    return etats


def pouvoirs_portes(sieges, point=None):
    """Return {holder: [whose powers]} at a point; more than one is too many (CGCT, L. 2121-20)."""
    portes = {}
    for cle, etat in etats_au(sieges, point).items():
        if etat == EtatDePresence.PROCURATION:
            portes.setdefault(sieges[cle].porteur, []).append(cle)
    return portes


def accorder(nombre, un, plusieurs, aucun):
    """Write a counter as a sentence does: « aucun absent », « un absent », « 3 absents »."""
    return {0: aucun, 1: un}.get(nombre, f"{nombre} {plusieurs}")


@dataclass(frozen=True)
class Assistance:
    """Who was there, in numbers of members; `en_exercice` are those in office on that day."""

    en_exercice: int
    presents: int
    procurations: int = 0
    excuses: int = 0
    absents: int = 0

    @classmethod
    def de(cls, sieges, point=None, en_exercice=None):
        """Count the seats at a point; those in office are all the seats, unless told."""
        etats = list(etats_au(sieges, point).values())
        return cls(
            en_exercice=len(sieges) if en_exercice is None else en_exercice,
            presents=etats.count(EtatDePresence.PRESENT),
            procurations=etats.count(EtatDePresence.PROCURATION),
            excuses=etats.count(EtatDePresence.EXCUSE),
            absents=etats.count(EtatDePresence.ABSENT),
        )

    @property
    def somme(self):
        return self.presents + self.procurations + self.excuses + self.absents

    @property
    def votants(self):
        """The voices of a vote: those present, and those whose power they hold."""
        return self.presents + self.procurations

    @property
    def phrase(self):
        """The counters in words: « 17 présents, 10 procurations, aucun excusé, aucun absent »."""
        return ", ".join(
            [
                accorder(self.presents, "un présent", "présents", "aucun présent"),
                accorder(self.procurations, "une procuration", "procurations", "aucune procuration"),
                accorder(self.excuses, "un excusé", "excusés", "aucun excusé"),
                accorder(self.absents, "un absent", "absents", "aucun absent"),
            ]
        )

    def erreurs(self):
        """Return what cannot be, in French, with the sums.

        CGCT, L. 2121-20: one holds one power at the most, and only who is present votes for another.
        """
        fautes = []
        if self.somme != self.en_exercice:
            fautes.append(
                f"Le compte n’y est pas : {self.presents} présents + {self.procurations} procurations + "
                f"{self.excuses} excusés + {self.absents} absents = {self.somme}, "
                f"pour {self.en_exercice} membres en exercice."
            )
        if self.procurations > self.presents:
            fautes.append(
                f"{self.procurations} procurations pour {self.presents} présents : "
                "un membre présent n’en porte qu’une (article L. 2121-20 du CGCT)."
            )
        return fautes

    @property
    def quorum(self):
        """The smallest majority of the members in office (CGCT, L. 2121-17); powers do not count towards it."""
        return self.en_exercice // 2 + 1

    def quorum_atteint(self, seconde_convocation=False):
        """Tell whether the council may deliberate; called a second time on the same object, it always may.

        CGCT, L. 2121-17, second paragraph; in Alsace-Moselle L. 2541-4, 1°.
        """
        return self.presents > 0 and (seconde_convocation or self.presents >= self.quorum)
