"""The year of a convention: its figures and its money as one grid, saved cell by cell."""

from .bord import TableauDeBord
from .cases import Case
from .grille import Grille

__all__ = ["Case", "Grille", "TableauDeBord"]
