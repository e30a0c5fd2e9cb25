"""A workbook as it is read, without any lock: its sheets, its rows, and what of it cannot be read."""

import io
import time
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from actions.resources import FEUILLES, LIGNES_MAX, verifier_le_classeur

from .feuillet import Feuillet

COLONNES_MAX = 60
DUREE_MAX = 20  # seconds, reading and comparing included


@dataclass
class Faute:
    """What is wrong, and where: the sheet, the cell as a spreadsheet names it (or its row), and what to do."""

    feuille: str
    cellule: str
    phrase: str


@dataclass
class Changement:
    """One row that would change: where it stands, what it is, and each cell before and after."""

    feuille: str
    rang: int
    nouvelle: bool
    mots: str
    cellules: list = field(default_factory=list)
    forme_perdue: list = field(default_factory=list)


@dataclass
class Lecture:
    """What a workbook would change, and what stands in its way."""

    changements: list = field(default_factory=list)
    fautes: list = field(default_factory=list)
    inchangees: int = 0
    archivees: int = 0


class Lecteur:
    """The rows of a workbook; what is wrong with it is kept in `lecture`."""

    def __init__(self, octets, convention):
        self.convention = convention
        self.echeance = time.monotonic() + DUREE_MAX
        self.lecture = Lecture()
        self.feuilles = self._ouvrir(octets)

    def _presser(self):
        """Raise `ValidationError` once it has taken too long."""
        if time.monotonic() > self.echeance:
            raise ValidationError(
                f"Ce classeur demande plus de {DUREE_MAX} secondes : faites-le entrer en plusieurs fois."
            )

    def _ouvrir(self, octets):
        """Return [(Feuillet, [(row, {column: value})])] of the sheets that are ours. Raises `ValidationError`."""
        verifier_le_classeur(octets)
        try:
            classeur = load_workbook(io.BytesIO(octets), read_only=True, data_only=False)
            titres = {feuille.title.strip().casefold(): feuille for feuille in classeur.worksheets}
            lues = [
                (f, self._lire(f, titres[f.titre.casefold()]))
                for f in self._feuillets()
                if f.titre.casefold() in titres
            ]
        except ValidationError:
            raise
        except Exception as erreur:  # whatever a library says of a file that is a workbook by its name alone
            raise ValidationError(
                "Ce classeur ne se lit pas : ouvrez-le dans votre tableur, enregistrez-le en .xlsx, puis recommencez."
            ) from erreur
        if not lues:
            noms = ", ".join(titre for titre, _ in FEUILLES.values())
            raise ValidationError(
                f"Aucune feuille de ce classeur n’est une table du plan. Feuilles attendues : {noms}."
            )
        return lues

    def _feuillets(self):
        return [Feuillet(cle, self.convention) for cle in FEUILLES]

    def _lire(self, feuillet, feuille):
        rangees = feuille.iter_rows(values_only=True)
        entete = [str(v).strip() if v is not None else "" for v in next(rangees, ())]
        while entete and not entete[-1]:
            entete.pop()
        if len(entete) > COLONNES_MAX:
            raise ValidationError(
                f"La feuille « {feuillet.titre} » compte {len(entete)} colonnes : ce n’est pas la nôtre."
            )
        feuillet.lettres = {nom: get_column_letter(n) for n, nom in enumerate(entete, 1) if nom}
        for rang, nom in enumerate(entete, 1):
            if nom not in feuillet.colonnes:
                quoi = f"La colonne « {nom} » n’est pas connue." if nom else "Cette colonne n’a pas de nom."
                self._fauter(feuillet, f"{get_column_letter(rang)}1", quoi)
            elif entete.count(nom) > 1:
                self._fauter(feuillet, f"{get_column_letter(rang)}1", f"La colonne « {nom} » est là deux fois.")
        lignes = []
        for rang, cellules in enumerate(rangees, 2):
            if rang > LIGNES_MAX:
                raise ValidationError(
                    f"La feuille « {feuillet.titre} » va au-delà de la ligne {LIGNES_MAX} : supprimez les lignes vides "
                    "du bas, ou faites entrer le classeur en plusieurs fois."
                )
            if rang % 500 == 0:
                self._presser()
            ligne = {nom: v for nom, v in zip(entete, cellules, strict=False) if nom}
            if any(v not in (None, "") and str(v).strip() for v in ligne.values()):
                lignes.append((rang, ligne))
        return lignes

    def _fauter(self, feuillet, cellule, phrase):
        self.lecture.fautes.append(Faute(feuillet.titre, cellule, phrase))
