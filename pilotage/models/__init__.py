"""The governance as data, one file per aggregate."""

from .deliberation import ActeFige, Deliberation, Disposition, Vote
from .instance import Instance, Mandat
from .reunion import Assistance, Decision, Point, Presence, Reunion
from .scrutin import Scrutin

__all__ = [
    "ActeFige",
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
    "Vote",
]
