"""The workbook that goes out: a first sheet that explains, then a sheet per table, typed, without any formula."""

import io
from datetime import date

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from actions.resources import FEUILLES
from ctg.historique import CONTRAT, PLAN

from .feuillet import Feuillet, montree

ENTETE = PatternFill("solid", fgColor="F0E7DB")


def ecrire(convention, contrat=False):
    """Return the workbook of a plan, as bytes; for a `contrat`, of what a signature holds alone."""
    classeur = Workbook()
    notice = classeur.active
    notice.title = "Lisez-moi"
    _ecrire_la_notice(notice, convention)
    for cle, (_, classe) in FEUILLES.items():
        if contrat and classe._meta.model.gele_avec not in {CONTRAT, PLAN}:
            continue
        feuillet = Feuillet(cle, convention, contrat)
        _ecrire_une_feuille(classeur.create_sheet(feuillet.titre), feuillet)
        notice.cell(notice.max_row + 2, 1, feuillet.titre).font = Font(bold=True)
        for colonne in feuillet.colonnes:
            ajouter(notice, ["", colonne, feuillet.explication(colonne)])
    sortie = io.BytesIO()
    classeur.save(sortie)
    return sortie.getvalue()


def _ecrire_la_notice(notice, convention):
    phrases = [
        f"{convention} – {convention.territoire}",
        "Chaque feuille est une table du plan. Modifiez, ajoutez des lignes (sans identifiant), puis faites entrer le "
        "classeur par la même page : ce qui changerait est montré avant d’être enregistré, et tout entre ou rien.",
        "Une ligne effacée ici n’est pas supprimée du plan. Une formule n’est jamais calculée : mettez sa valeur.",
        "Un texte que vous ne touchez pas garde sa mise en forme ; un texte modifié ici la perd.",
        "Une fiche se nomme par son numéro (2.1), un partenaire par son nom ou son sigle.",
    ]
    for phrase in phrases:
        ajouter(notice, [phrase])
    notice["A1"].font = Font(bold=True, size=14)
    for lettre, largeur in zip("ABC", (28, 24, 90), strict=True):
        notice.column_dimensions[lettre].width = largeur


def ajouter(feuille, valeurs):
    """Append a row in which nothing is taken for a formula."""
    rang = feuille.max_row + (feuille.cell(1, 1).value is not None)
    for colonne, valeur in enumerate(valeurs, 1):
        _poser(feuille.cell(rang, colonne), valeur)


def _poser(cellule, valeur):
    if isinstance(valeur, str):
        cellule.value = valeur[:32_767] or None
        if cellule.value:
            cellule.data_type = "s"  # text, though it begins with = + - or @
            cellule.quotePrefix = valeur[:1] in "=+-@"
    else:
        cellule.value = valeur
        if isinstance(valeur, date):
            cellule.number_format = "DD/MM/YYYY"


def entete(feuille, titres):
    """Write the heads of the columns."""
    feuille.append(titres)
    for cellule in feuille[1]:
        cellule.font, cellule.fill = Font(bold=True), ENTETE


def _ecrire_une_feuille(feuille, feuillet):
    entete(feuille, feuillet.colonnes)
    feuille.freeze_panes = "B2"
    for brute in feuillet.lignes.values():
        ajouter(feuille, [montree(feuillet, c, brute[c]) for c in feuillet.colonnes])
    fin = max(feuille.max_row + 200, 300)
    for rang, colonne in enumerate(feuillet.colonnes, 1):
        lettre = get_column_letter(rang)
        large = colonne in feuillet.riches or colonne in {"titre", "libelle", "nom", "presentation", "en_clair"}
        feuille.column_dimensions[lettre].width = 8 if colonne == "id" else 44 if large else 18
        if large:
            for (cellule,) in feuille.iter_rows(min_row=2, min_col=rang, max_col=rang):
                cellule.alignment = Alignment(wrap_text=True, vertical="top")
        if mots := feuillet.choix(colonne):
            liste = f'"{",".join(mots)}"'
            if len(liste) <= 255 and not any("," in mot for mot in mots):
                validation = DataValidation(type="list", formula1=liste, allow_blank=True)
                validation.error = f"Choisissez parmi : {', '.join(mots)}."[:250]
                feuille.add_data_validation(validation)
                validation.add(f"{lettre}2:{lettre}{fin}")
