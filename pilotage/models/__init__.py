"""The governance as data, one file per aggregate."""

from .deliberation import Deliberation, Disposition, Vote
from .instance import Instance, Mandat
from .reunion import Assistance, Decision, Point, Presence, Reunion
from .scrutin import Scrutin
from .version import Signature, Version

__all__ = [
    "Assistance",
    "Decision",
    "Deliberation",
    "Disposition",
    "Instance",
    "Mandat",
    "Point",
    "Presence",
    "Reunion",
    "Scrutin",
    "Signature",
    "Version",
    "Vote",
]
