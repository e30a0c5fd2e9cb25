"""The one editing machine: a part of an object is shown, typed, merged with what others saved meanwhile, and saved.

A form carries, signed, a mark of each field and of each cell of its rows *as they were shown*, on cleaned values. At
the save, under the lock of the object, each is compared with what is typed and with what the database now holds: only
theirs changed, theirs stays; only mine, mine; both, it is a conflict, shown with who and when. A row edited here and
deleted there is a conflict too; rows added on both sides are both kept. The merged whole is then validated again.
"""

from ctg.saisie.machine import Saisie, phrase_de
from ctg.saisie.pages import creer, editer, page_de_saisie
from ctg.saisie.parties import Partie

__all__ = ["Partie", "Saisie", "creer", "editer", "page_de_saisie", "phrase_de"]
