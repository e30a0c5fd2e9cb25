"""XLSX in: all the rows or none, and a message that says what to do."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from actions.models import Action

pytestmark = pytest.mark.django_db
URL = "/admin/actions/action/import/"


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


def envoyer(agent, contenu, nom="plan.xlsx"):
    return agent.post(URL, {"format": "0", "resource": "0", "import_file": SimpleUploadedFile(nom, contenu)})


@pytest.mark.parametrize(
    ("contenu", "message"),
    [
        (lambda: classeur(["axe", "titre", "couleur"], [1, "A", "bleu"]), "Colonnes inconnues : couleur"),
        (lambda: classeur(["titre"], ["A"]), "Colonnes manquantes : axe"),
        (lambda: classeur(["axe", "titre"]), "ne contient aucune ligne"),
        (lambda: classeur(["axe", "titre"], [1, "Bonne"], [9, "Mauvaise"]), "L’axe « 9 » n’existe pas"),
        (
            lambda: classeur(["axe", "titre", "pilote"], [1, "Bonne", "Inconnu"]),
            "Le partenaire « Inconnu » n’existe pas",
        ),
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
    assert reponse.status_code == 200
    if message != "Mauvais":
        assert message in page
    assert "confirm_form" not in reponse.context or reponse.context.get("confirm_form") is None
    assert Action.objects.count() == avant


def test_a_formula_is_not_taken_for_a_value(agent):
    reponse = envoyer(agent, classeur(["axe", "titre"], [1, '=HYPERLINK("http://x","y")']))
    assert "confirm_form" not in reponse.context or reponse.context.get("confirm_form") is None


def test_a_good_sheet_is_shown_then_comes_in(agent):
    avant = Action.objects.count()
    reponse = envoyer(
        agent, classeur(["axe", "titre", "statut"], [1, "Fiche importée", "en_cours"], [2, "Autre fiche", "a_venir"])
    )
    formulaire = reponse.context["confirm_form"]
    assert Action.objects.count() == avant
    agent.post("/admin/actions/action/process_import/", formulaire.initial)
    assert Action.objects.count() == avant + 2
    importee = Action.objects.get(titre="Fiche importée")
    assert importee.numero == "1.3"
    assert importee.history.count() == 1
