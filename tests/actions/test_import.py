"""XLSX in: all the rows or none, and a message that says what to do."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from actions.models import Action, Financement, Jalon
from actions.resources import FEUILLES
from tests.conftest import CTG

pytestmark = pytest.mark.django_db
TABLES = list(FEUILLES)


def classeur(*lignes):
    wb = Workbook()
    for ligne in lignes:
        wb.active.append(ligne)
    sortie = io.BytesIO()
    wb.save(sortie)
    return sortie.getvalue()


def bombe():
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (60 * 1024 * 1024))
    return sortie.getvalue()


def envoyer(agent, contenu, table="fiches", nom="plan.xlsx"):
    return agent.post(f"{CTG}/plan/feuilles/{table}/", {"fichier": SimpleUploadedFile(nom, contenu)})


def confirmer(agent, reponse, table):
    """Send back what the preview shows; a sheet with a mistake offers nothing to confirm."""
    assert reponse.context.get("feuille"), reponse.content.decode()
    return agent.post(f"{CTG}/plan/feuilles/{table}/", {"feuille": reponse.context["feuille"]})


@pytest.mark.parametrize(
    ("contenu", "message"),
    [
        (lambda: classeur(["axe", "titre", "couleur"], [1, "A", "bleu"]), "Colonnes inconnues : couleur"),
        (lambda: classeur(["titre"], ["A"]), "Colonnes manquantes : axe"),
        (lambda: classeur(["axe", "titre"]), "ne contient aucune ligne"),
        (lambda: classeur(["axe", "titre"], [1, "Bonne"], [9, "Mauvaise"]), "L’axe « 9 » n’existe pas"),
        (lambda: classeur(["axe", "titre", "avancement"], [1, "Bonne", 140]), "de 0 à 100"),
        (
            lambda: classeur(["axe", "titre", "debut", "fin"], [1, "Bonne", "2026-05-01", "2026-01-01"]),
            "précède la date de début",
        ),
        (lambda: classeur(["axe", "titre"], [1, "Bonne"], [1, ""]), "Mauvais"),
        (lambda: b"pas un classeur", "pas un classeur Excel"),
        (bombe, "60 Mo une fois ouvert"),
    ],
)
def test_a_bad_sheet_brings_nothing_in(agent, contenu, message):
    avant = Action.objects.count()
    reponse = envoyer(agent, contenu())
    page = reponse.content.decode().replace("&#x27;", "'")
    assert reponse.status_code == 422
    if message != "Mauvais":
        assert message in page
    assert not reponse.context.get("feuille")
    assert Action.objects.count() == avant


def test_a_formula_is_not_taken_for_a_value(agent):
    reponse = envoyer(agent, classeur(["axe", "titre"], [1, '=HYPERLINK("http://x","y")']))
    assert not reponse.context.get("feuille")


def test_a_good_sheet_is_shown_then_comes_in(agent):
    avant = Action.objects.count()
    feuille = classeur(
        ["axe", "titre", "statut", "debut", "thematiques"],
        [1, "Fiche importée", "En cours", "05/01/2026", "logement ; Handicap"],
        [2, "Autre fiche", "a_venir", None, None],
    )
    reponse = envoyer(agent, feuille)
    assert Action.objects.count() == avant
    confirmer(agent, reponse, "fiches")
    assert Action.objects.count() == avant + 2
    importee = Action.objects.get(titre="Fiche importée")
    assert importee.numero_affiche == "1.3"
    assert importee.statut == "en_cours"
    assert str(importee.debut) == "2026-01-05"  # never the American order
    assert {str(t) for t in importee.thematiques.all()} == {"Logement", "Handicap"}
    assert importee.history.filter(history_user__email="agent@ctg.example").exists()


@pytest.mark.parametrize("table", TABLES)
def test_a_sheet_that_goes_out_comes_back_in_unchanged(agent, table):
    sortie = agent.get(f"{CTG}/plan/feuilles/{table}.xlsx")
    assert sortie["Content-Type"].endswith("spreadsheetml.sheet")
    assert len(list(load_workbook(io.BytesIO(sortie.content)).active.rows)) > 1
    reponse = envoyer(agent, sortie.content, table)
    assert reponse.status_code == 200, reponse.content.decode()
    assert reponse.context["totaux"]["skip"] == reponse.context["resultat"].total_rows > 1
    assert "Ce classeur ne change rien" in reponse.content.decode()


def test_rows_of_fiches_come_in_by_the_number_of_their_fiche(agent, fiche):
    jalons = classeur(["fiche", "libelle", "echeance", "atteint"], ["2.1", "Venu d’une feuille", "2027-03-02", "oui"])
    confirmer(agent, envoyer(agent, jalons, "jalons"), "jalons")
    assert Jalon.objects.get(libelle="Venu d’une feuille").action == fiche
    financements = classeur(["fiche", "partenaire", "annee", "prevu"], [2.1, "caf", "2029", "1 250,50"])
    confirmer(agent, envoyer(agent, financements, "financements"), "financements")
    assert str(Financement.objects.get(action=fiche, annee=2029).prevu) == "1250.50"


@pytest.mark.parametrize(
    ("table", "colonnes", "ligne", "message"),
    [
        ("jalons", ["fiche", "libelle", "echeance"], ["9.1", "Jalon", "2026-01-01"], "La fiche « 9.1 » n’existe pas"),
        ("jalons", ["fiche", "libelle", "echeance"], ["2.1", "Jalon", "demain"], "« demain » n’est pas une date"),
        (
            "jalons",
            ["fiche", "libelle", "echeance", "atteint"],
            ["2.1", "J", "2026-01-01", "bof"],
            "écrivez oui ou non",
        ),
        ("financements", ["fiche", "partenaire", "annee", "prevu"], ["2.1", "CAF", 2029, "cent"], "« cent » n’est pas"),
        ("financements", ["fiche", "partenaire", "annee"], ["2.1", "CAF", 2026.5], "un nombre entier"),
        ("participations", ["fiche", "partenaire"], ["2.1", "Inconnu"], "Le partenaire « Inconnu » n’existe pas"),
        ("participations", ["fiche", "partenaire"], ["2.1", "CCPE"], "Le partenaire « CCPE » n’existe pas"),
        ("financements", ["fiche", "partenaire", "annee", "prevu"], ["2.1", "CAF", 2029, -3], "négatif"),
        ("fiches", ["axe", "titre", "statut"], [1, "A", "fini"], "choisissez parmi À venir"),
        ("fiches", ["axe", "titre", "thematiques"], [1, "A", "Sport"], "Thématique inconnue : Sport"),
        (
            "cibles",
            ["fiche", "indicateur", "annee", "valeur"],
            ["2.1", "Rien", 2027, 3],
            "n’existe pas sur la fiche 2.1",
        ),
    ],
)
def test_a_wrong_cell_is_named(agent, table, colonnes, ligne, message):
    reponse = envoyer(agent, classeur(colonnes, ligne), table)
    assert message in reponse.content.decode().replace("&#x27;", "'")
    assert not reponse.context.get("feuille")


def test_a_number_that_a_spreadsheet_may_have_cut_is_not_guessed(agent, fiche):
    """2.10 becomes 2.1 in a cell of numbers."""
    for n in range(10):
        Action(axe=fiche.axe, titre=f"Fiche {n}").save()
    reponse = envoyer(agent, classeur(["fiche", "libelle", "echeance"], [2.1, "Jalon", "2026-01-01"]), "jalons")
    assert "au format Texte" in reponse.content.decode()
