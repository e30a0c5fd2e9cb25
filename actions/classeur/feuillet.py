"""One sheet of the workbook, and its cells as they are shown and as they are compared."""

from copy import copy
from datetime import date, datetime
from decimal import Decimal

from actions.resources import FEUILLES, Choix, OuiNon
from ctg.texte import TexteRiche, texte_brut

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Feuillet:
    """One sheet of the workbook: a resource of the plan, its columns, its rows as they are now.

    For a `contrat`, only what a signature holds: neither follow-up nor what those who run the plan note for themselves.
    """

    def __init__(self, cle, convention, contrat=False):
        self.cle, (self.titre, classe) = cle, FEUILLES[cle]
        self.ressource = classe(convention=convention)
        self.ressource._meta = copy(self.ressource._meta)
        self.ressource._meta.skip_diff = True  # what comes in was compared already
        self.modele = self.ressource._meta.model
        champs = self.ressource.get_export_fields()
        suivi = self.modele.suivi if contrat else frozenset()
        champs = [c for c in champs if c.column_name not in suivi]
        self.colonnes = [c.column_name for c in champs]
        self.champs = dict(zip(self.colonnes, champs, strict=True))
        self.riches = {c for c in self.colonnes if isinstance(self._champ_du_modele(c), TexteRiche)}
        # What is shown for the eye alone; the fiche of a value is how it is found.
        self.lues = {c for c in self.colonnes if self.champs[c].readonly and c != "fiche"}

    def _champ_du_modele(self, colonne):
        attribut = self.champs[colonne].attribute
        return next((f for f in self.modele._meta.concrete_fields if f.name == attribut), None)

    @property
    def lignes(self):
        """Return {key: {column: raw value}} of the rows as they are now."""
        donnees = self.ressource.export()
        return {str(ligne["id"]): ligne for ligne in donnees.dict}

    def explication(self, colonne):
        """Return what a column holds, in words."""
        champ = self._champ_du_modele(colonne)
        if colonne == "id":
            return "Laissez tel quel ; vide pour une ligne nouvelle."
        if colonne in self.lues:
            return "Pour lecture : se modifie sur l’autre feuille."
        widget = self.champs[colonne].widget
        mots = str(champ.verbose_name) if champ is not None else colonne
        if isinstance(widget, Choix):
            return f"{mots} : {', '.join(map(str, widget.libelles.values()))}"
        if isinstance(widget, OuiNon):
            return f"{mots} : oui ou non"
        if colonne in self.riches:
            return f"{mots} (texte ; modifié ici, il perd sa mise en forme)"
        return mots

    def choix(self, colonne):
        """Return the words between which one chooses, or None."""
        widget = self.champs[colonne].widget
        if isinstance(widget, OuiNon):
            return ["oui", "non"]
        return [str(m) for m in widget.libelles.values()] if isinstance(widget, Choix) else None


def montree(feuillet, colonne, valeur):
    if colonne in feuillet.riches:
        return texte_brut(valeur or "")
    if colonne == "id":
        return int(valeur)
    return valeur


def comparable(valeur):
    """Return a cell as it is compared: numbers, dates and texts alike, whoever wrote the file."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, int | float | Decimal):
        return f"{Decimal(str(valeur)).normalize():f}"
    if isinstance(valeur, datetime):
        return valeur.date().isoformat()
    if isinstance(valeur, date):
        return valeur.isoformat()
    lignes = [" ".join(ligne.split()) for ligne in str(valeur).replace("\r\n", "\n").replace("_x000D_", "").split("\n")]
    return "\n".join(ligne for ligne in lignes if ligne)
