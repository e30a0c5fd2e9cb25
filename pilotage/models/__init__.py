"""The governance as data, one file per aggregate."""

from .deliberation import Deliberation, Disposition, Imprimes, TexteModele, Vote
from .instance import Instance, Mandat
from .lien import LienActe
from .reunion import Assistance, Decision, Point, Presence, Reunion
from .scrutin import Scrutin
from .version import Signature, Version

__all__ = [
    "Assistance",
    "Decision",
    "Deliberation",
    "Disposition",
    "Imprimes",
    "Instance",
    "LienActe",
    "Mandat",
    "Point",
    "Presence",
    "Reunion",
    "Scrutin",
    "Signature",
    "TexteModele",
    "Version",
    "Vote",
]
