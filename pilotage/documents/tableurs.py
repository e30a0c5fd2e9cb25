"""An account for who must rework it: its figures as a workbook (XLSX), its words as a text (DOCX), from the same data."""

import io
from datetime import date
from decimal import Decimal

from docx import Document
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from actions.classeur.sortie import ajouter, entete
from ctg.francais import date_fr, espaces, euros

from .bilan import QUESTIONS
from .word import recopier

TEXTES = {
    "fait": "Ce qui a été fait",
    "ecarts": "Écarts au prévu, et pourquoi",
    "difficultes": "Difficultés et leviers",
    "participation": "Participation des habitants",
    "suite_dite": "Ce qui suit",
}


def bilan_xlsx(donnees):
    """Return the figures of an account as a workbook: money and indicators, a row each, typed, without a formula."""
    classeur = Workbook()
    argent = classeur.active
    argent.title = "Montants"
    _entete(
        argent,
        [
            "Axe",
            "Fiche",
            "Intitulé",
            "Financeur",
            "Nature",
            "Dispositif",
            "Prévu (€)",
            "Réalisé (€)",
            "Écart (€)",
            "État",
        ],
    )
    indicateurs = classeur.create_sheet("Indicateurs")
    _entete(
        indicateurs,
        [
            "Axe",
            "Fiche",
            "Indicateur",
            "Unité",
            "Année",
            "Départ",
            "Cible",
            "Mesure",
            "Valeur",
            "Progrès",
            "Commentaire",
        ],
    )
    for axe in donnees["axes"]:
        for fiche in axe["fiches"]:
            tete = [axe["numero"], fiche["numero"]]
            for f in fiche["financements"]:
                etat = "" if f["realise"] is None else "provisoire" if f["provisoire"] else "définitif"
                mots = [fiche["titre"], f["financeur"], f["nature"], f["dispositif"]]
                ajouter(argent, [*tete, *mots, *(_nombre(f[n]) for n in ("prevu", "realise", "ecart")), etat])
            for i in fiche["indicateurs"]:
                mots = [i["libelle"], i["unite"], i["annee"], i["depart"], i["cible"], i["mesure"]]
                ajouter(indicateurs, [*tete, *mots, _nombre(i["valeur"]), i["progres"], i["commentaire"]])
    sortie = io.BytesIO()
    classeur.save(sortie)
    return sortie.getvalue()


def _nombre(texte):
    return None if texte is None else Decimal(texte)


def _entete(feuille, titres):
    entete(feuille, titres)
    for rang, titre in enumerate(titres, 1):
        large = titre in {"Intitulé", "Indicateur", "Commentaire"}
        feuille.column_dimensions[get_column_letter(rang)].width = 30 if large else 16
    feuille.freeze_panes = "A2"


def bilan_docx(donnees):
    """Return the words of an account, its figures in tables, as a text."""
    fichier = Document()
    fichier.core_properties.title = donnees["titre"]
    fichier.core_properties.language = "fr-FR"
    fichier.add_heading(donnees["titre"], level=0)
    fichier.add_paragraph(f"{donnees['territoire']}, convention territoriale globale {donnees['convention']}")
    if donnees.get("source"):
        fichier.add_paragraph(f"Repris de : {donnees['source']}")
    fichier.add_heading("Synthèse", level=1)
    recopier(fichier, donnees["synthese"])
    for nom, texte in donnees["questions"].items():
        fichier.add_heading(QUESTIONS[nom], level=2)
        recopier(fichier, texte)
    if donnees["financeurs"]:
        _tableau(
            fichier,
            ["Financeur", "Prévu", "Réalisé", "Écart"],
            [[f["nom"], *_somme(f)] for f in [*donnees["financeurs"], {"nom": "Total", **donnees["total"]}]],
        )
    for axe in donnees["axes"]:
        fichier.add_heading(espaces(f"Axe {axe['numero']} : {axe['titre']}"), level=1)
        recopier(fichier, axe["texte"])
        for fiche in axe["fiches"]:
            _fiche(fichier, fiche)
    sortie = io.BytesIO()
    fichier.save(sortie)
    return sortie.getvalue()


def _fiche(fichier, fiche):
    fichier.add_heading(espaces(f"{fiche['numero']} {fiche['titre']}"), level=2)
    suite = f" ; la fiche est {fiche['suite'].lower()}" if fiche["suite"] else ""
    fichier.add_paragraph(
        f"{fiche['pilotes'] or 'Pilote à désigner'} ; {fiche['statut'].lower()}, avancement {fiche['avancement']} %{suite}"
    )
    for nom, titre in TEXTES.items():
        if fiche[nom]:
            fichier.add_heading(titre, level=3)
            recopier(fichier, fiche[nom])
    if fiche["indicateurs"]:
        lignes = [[i["libelle"], i["depart"], i["cible"], i["mesure"], i["progres"]] for i in fiche["indicateurs"]]
        _tableau(fichier, ["Indicateur", "Départ", "Cible", "Mesure", "Progrès"], lignes)
    if fiche["financements"]:
        lignes = [
            [f["financeur"], *_somme(f)] for f in [*fiche["financements"], {"financeur": "Total", **fiche["total"]}]
        ]
        _tableau(fichier, ["Financeur", "Prévu", "Réalisé", "Écart"], lignes)
    for jalon in fiche["jalons"]:
        atteint = "atteint" if jalon["atteint"] else "non atteint"
        fichier.add_paragraph(
            f"{jalon['libelle']}, {date_fr(date.fromisoformat(jalon['echeance']))} : {atteint}", style="List Bullet"
        )


def _somme(somme):
    realise = euros(somme["realise"]) + (" (provisoire)" if somme["provisoire"] else "")
    return [euros(somme["prevu"]), realise, euros(somme["ecart"])]


def _tableau(fichier, titres, lignes):
    tableau = fichier.add_table(rows=1, cols=len(titres), style="Light Grid Accent 1")
    for cellule, titre in zip(tableau.rows[0].cells, titres, strict=True):
        cellule.text = titre
    for ligne in lignes:
        for cellule, valeur in zip(tableau.add_row().cells, ligne, strict=True):
            cellule.text = str(valeur or "–")
    fichier.add_paragraph()
