"""The whole plan in one typed workbook (XLSX): out to be worked on, in again after a preview in words, all or nothing.

What comes in is read (lecture.py) and compared, cell by cell and in memory, with what the plan is (entree.py): only rows
that changed pass through the resources (actions/resources.py), hence through the same rules as a page. A text whose plain
lines are as they were keeps its formatting. Faults are named by sheet and cell.
"""

from .entree import Entree
from .feuillet import XLSX
from .sortie import ecrire

__all__ = ["XLSX", "Entree", "ecrire"]
