"""The governance as data, one file per aggregate."""

from .deliberation import Deliberation
from .instance import Instance, Reunion

__all__ = ["Deliberation", "Instance", "Reunion"]
