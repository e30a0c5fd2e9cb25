"""The governance as data, one file per aggregate."""

from .assistance import Assistance, Siege, etats_au
from .bilan import Bilan, Complement, Observation, PageDAxe, PageDeBilan
from .deliberation import Deliberation, Disposition, Imprimes, TexteModele, Vote
from .erratum import Erratum
from .instance import Instance, Mandat
from .lien import LienActe
from .presence import Presence
from .reunion import Decision, Point, Reunion
from .scrutin import Scrutin
from .version import Signature, Version

__all__ = [
    "Assistance",
    "Bilan",
    "Complement",
    "Decision",
    "Deliberation",
    "Disposition",
    "Erratum",
    "Imprimes",
    "Instance",
    "LienActe",
    "Mandat",
    "Observation",
    "PageDAxe",
    "PageDeBilan",
    "Point",
    "Presence",
    "Reunion",
    "Scrutin",
    "Siege",
    "Signature",
    "TexteModele",
    "Version",
    "Vote",
    "etats_au",
]
