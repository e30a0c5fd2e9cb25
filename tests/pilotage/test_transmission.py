"""After the vote: acts found, followed, transmitted, certified, corrected; and what leaves as open data."""

import csv
import io
import json
import re
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from icalendar import Calendar
from stdnum.fr import siret

from ctg import scelles
from ctg.pdf import Document, Entree, Morceau
from pilotage import documents, transmission
from pilotage.models import Deliberation, Erratum, Instance, Scrutin
from pilotage.resources import sans_formule
from pilotage.transmission import code_du_departement
from tests.conftest import VAL
from tests.ctg.test_pdf import imprimer, mots
from tests.pages import saisir

pytestmark = pytest.mark.django_db
SCHEMA = json.loads((Path(__file__).parents[1] / "donnees" / "scdl-deliberations-2.1.5.schema.json").read_text())
ATOM = "{http://www.w3.org/2005/Atom}"
SIRET = "21680269400002"


@pytest.fixture
def acte(convention):
    """Deliberation 583, as its secretary finds it."""
    return Deliberation.objects.completes().get(numero="583")


@pytest.fixture
def secretaire(navigateur):
    return navigateur("secretaire")


@pytest.fixture
def proclame(acte, convention, secretaire):
    """An act of the same meeting, proclaimed by its page: its papers are sealed."""
    projet = Deliberation.modele(convention, acte.seance, "113/2026")
    projet.unanimite = True
    projet.save()
    assert secretaire.post(f"{VAL}/pilotage/actes/{projet.pk}/proclamer/").status_code == 302
    return Deliberation.objects.completes().get(pk=projet.pk)


def marques(octets):
    """Count the marks of a project in a PDF: the slanted one comes out letter by letter, that of the cover as a line."""
    lu = subprocess.run(["pdftotext", "-raw", "-", "-"], input=octets, capture_output=True, check=True)
    return len(re.findall(r"^Projet édité|P\nr\no\nj\ne\nt", lu.stdout.decode(), re.M))


@pytest.mark.papier
def test_what_was_voted_is_sealed_without_the_mark_of_a_project(proclame):
    assert [marques(scelles.lire(papier.pk)) for papier in (proclame.dossier, proclame.annexe)] == [0, 0]
    # Before the vote it is one, and says so on each page.
    projet = imprimer(documents.document_annexe(Deliberation.objects.completes().get(numero="583")))
    assert marques(projet.read_bytes()) > 20


def test_acts_are_found_by_council_year_and_words(secretaire, acte, convention):
    autre = Deliberation.modele(convention, acte.seance, "999")
    Deliberation.objects.filter(pk=autre.pk).update(objet="Tarifs de la cantine scolaire")

    def trouver(**criteres):
        return secretaire.get(f"{VAL}/actes/", criteres).content.decode()

    assert "1 délibération sur 2" in trouver(q="CANTINE")
    assert "N° 583" not in trouver(q="cantine")
    assert "N° 583" in trouver(q="583", annee=2026, conseil=acte.conseil_id)
    assert "Aucune délibération ne répond" in trouver(q="piscine")
    # What an address asks that does not exist is said, and hides nothing.
    assert "2 délibérations sur 2" in trouver(annee="abc", conseil="9999")


def test_published_acts_are_followed_by_a_feed(client, acte):
    def entrees():
        return ElementTree.fromstring(client.get(f"{VAL}/actes/flux.atom").content).findall(f"{ATOM}entry")

    assert entrees() == []
    acte.dater(publiee_le=date(2026, 2, 18))
    (entree,) = entrees()
    assert entree.find(f"{ATOM}title").text.startswith("N° 583 : ")
    assert entree.find(f"{ATOM}link").get("href").endswith(f"{VAL}/actes/{acte.pk}/")
    assert entree.find(f"{ATOM}updated").text.startswith("2026-02-18")


def test_signs_that_nobody_sees_break_neither_the_feed_nor_the_paper(client, acte):
    projet = Deliberation.modele(acte.approuve, acte.seance, "77")
    projet.objet = "Tarif\x02s\x0bde la cantine\x1f"
    projet.save()
    projet.refresh_from_db()
    assert projet.objet == "Tarifs de la cantine"
    assert projet.history.first().objet == "Tarifs de la cantine"
    # A door that writes without `save`, or a row from before: what leaves as XML is clean all the same.
    acte.dater(publiee_le=date(2026, 2, 18))
    QuerySet.update(Deliberation.objects.filter(pk=acte.pk), objet="Cantine\x02")
    flux = ElementTree.fromstring(client.get(f"{VAL}/actes/flux.atom").content)
    assert flux.find(f"{ATOM}entry/{ATOM}title").text == "N° 583 : Cantine"


def test_the_metadata_of_a_paper_are_xml_whatever_its_title(tmp_path):
    piece = Morceau("a", "<!doctype html><html lang='fr'><body><h1 id='e'>A</h1></body></html>", (Entree(1, "A", "e"),))
    fichier = imprimer(Document("A\x02 & B", "C\x0b<D>", [piece]))
    with pikepdf.open(fichier) as pdf:
        assert pdf.open_metadata()["dc:title"] == "A & B"


@pytest.mark.parametrize(
    ("nom", "code"),
    [
        *(("Haut-Rhin", "068"), ("haut rhin", "068"), ("Corse-du-Sud", "02A"), ("Rhône", "069")),
        *(("La Réunion", "974"), ("Réunion", "974"), ("Guyane", "973"), ("Martinique", "972"), ("Paris", "075")),
        *(("Côte-d’Or", "021"), ("Côte-d'Or", "021"), ("Val-d’Oise", "095"), ("Côtes-d’Armor", "022")),
        *(("Alsace", ""), ("Corse", ""), ("Nouvelle-Calédonie", ""), ("Atlantide", ""), ("", "")),
    ],
)
def test_the_code_of_a_departement(nom, code):
    assert code_du_departement(nom) == code


def test_every_departement_has_its_code():
    # 96 in metropolitan France and five overseas (INSEE, Code officiel géographique).
    codes = transmission._departements().values()
    assert len(codes) == len(set(codes)) == 101
    assert all(re.fullmatch(r"0\d\d|02[AB]|97\d", code) for code in codes)


@pytest.mark.papier
def test_the_folder_for_the_operator_is_named_and_checked(secretaire, proclame):
    adresse = f"{VAL}/pilotage/actes/{proclame.pk}/actes.zip"
    refus = secretaire.get(adresse)
    assert refus.status_code == 409
    assert "n’a pas de SIRET" in refus.content.decode()
    partenaire = proclame.conseil.collectivite
    partenaire.siret = SIRET
    partenaire.save()
    with zipfile.ZipFile(io.BytesIO(secretaire.get(adresse).content)) as archive:
        noms = archive.namelist()
        fiche = archive.read("a-saisir.txt").decode()
        octets = [archive.read(nom) for nom in noms[:2]]
    base = f"99_DE-068-{SIRET[:9]}-20260211-113_2026-DE-1-1"
    assert noms == [f"{base}_1.pdf", f"{base}_2.pdf", "a-saisir.txt"]
    assert all(o.startswith(b"%PDF") for o in octets)
    assert octets[0] == secretaire.get(f"{VAL}/actes/{proclame.pk}/deliberation.pdf").getvalue()
    assert "Numéro interne : 113_2026\nDate de la décision : 2026-02-11" in fiche
    assert "Nature : 1 (délibérations)" in fiche


@pytest.mark.papier
def test_a_sealed_file_that_the_store_has_lost_is_said(secretaire, proclame):
    partenaire = proclame.conseil.collectivite
    partenaire.siret = SIRET
    partenaire.save()
    scelles.magasin().delete(scelles.chemin(proclame.annexe_id))
    refus = secretaire.get(f"{VAL}/pilotage/actes/{proclame.pk}/actes.zip")
    assert refus.status_code == 409
    assert "n’est plus dans le magasin des fichiers scellés" in refus.content.decode()


def test_an_act_that_is_not_sealed_has_no_folder(secretaire, acte):
    assert "n’est pas scellé" in secretaire.get(f"{VAL}/pilotage/actes/{acte.pk}/actes.zip").content.decode()


@pytest.mark.papier
def test_the_certificate_says_what_was_published_and_where(acte):
    acte.dater(
        transmise_le=date(2026, 2, 13), publiee_le=date(2026, 2, 18), adresse_en_ligne="https://mairie.example/583"
    )
    texte = mots(imprimer(documents.document_certificat(acte)))
    assert "Mme Noëlie HESTIN, maire, certifie que la délibération n° 583" in texte
    assert "publiée sous forme électronique le 18 février 2026, à l’adresse https://mairie.example/583" in texte
    assert "exécutoire depuis le 18 février 2026" in texte


def test_there_is_no_certificate_before_the_publication(secretaire, acte):
    assert secretaire.get(f"{VAL}/pilotage/actes/{acte.pk}/certificat.pdf").status_code == 404


def test_a_slip_of_the_pen_is_corrected_beside_the_act(secretaire, acte, client):
    adresse = f"{VAL}/pilotage/actes/{acte.pk}/erratum/"
    avant = Deliberation.objects.filter(pk=acte.pk).values().get()
    faux = saisir(secretaire, adresse, {"ecrit": "Florents", "lire": "Florents", "auteur": "Mme HESTIN, maire"})
    assert faux.status_code == 422
    assert "C’est le même texte" in faux.content.decode()
    faux = saisir(secretaire, adresse, {"le": "2025-01-01", "ecrit": "a", "lire": "b", "auteur": "Mme HESTIN, maire"})
    assert "entre la séance et aujourd’hui" in faux.content.decode()
    juste = saisir(secretaire, adresse, {"ecrit": "Florents", "lire": "Florentz", "auteur": "Mme HESTIN, maire"})
    assert juste.status_code == 302
    assert "au lieu de « Florents », lire « Florentz »" in secretaire.get(f"{VAL}/actes/{acte.pk}/").content.decode()
    assert Deliberation.objects.filter(pk=acte.pk).values().get() == avant
    erratum = Erratum.objects.get()
    for porte in (erratum.save, erratum.delete, Erratum.objects.all().delete, lambda: Erratum.objects.update(lire="x")):
        with pytest.raises(ValidationError):
            porte()
    # It is public with its act, and not before.
    fichier = f"{VAL}/actes/{acte.pk}/erratum-{erratum.pk}.pdf"
    assert client.get(fichier).status_code == 302
    assert secretaire.get(f"{VAL}/actes/{acte.pk}/erratum-9999.pdf").status_code == 404


@pytest.mark.papier
def test_an_erratum_is_printed(acte):
    erratum = Erratum.objects.create(deliberation=acte, ecrit="Florents", lire="Florentz", auteur="Mme HESTIN, maire")
    texte = mots(imprimer(documents.document_erratum(erratum)))
    assert "Au lieu de Florents Lire Florentz" in texte


def test_the_calendar_describes_its_time_zone_and_names_meetings_for_good(client):
    copil = Instance.objects.get(nature="copil", territoire__slug="val-d-argent")
    adresse = f"{VAL}/pilotage/instances/{copil.pk}/agenda/{copil.jeton}.ics"
    ici, ailleurs = (Calendar.from_ical(client.get(adresse, headers=h).content) for h in ({}, {"host": "localhost"}))
    assert [str(z["TZID"]) for z in ici.walk("VTIMEZONE")] == ["Europe/Paris"]
    identifiants = [[str(e["UID"]) for e in agenda.walk("VEVENT")] for agenda in (ici, ailleurs)]
    assert identifiants[0] == identifiants[1]


@pytest.mark.parametrize("texte", ['=HYPERLINK("http://x")', "+1", "-1", "@a", "\t=1"])
def test_no_cell_is_a_formula(texte):
    assert sans_formule(texte) == f"'{texte}"
    assert sans_formule(-1) == -1


def test_a_siret_has_its_key(agent, acte):
    partenaire = acte.conseil.collectivite
    partenaire.siret = "12345678901234"
    with pytest.raises(ValidationError, match="clé de contrôle"):
        partenaire.full_clean()
    partenaire.siret = "35600000000048"  # La Poste, whose key is another
    partenaire.full_clean()


def _nombre(texte):
    return int(texte) if texte.isdecimal() else texte


def fautes_scdl(ligne):
    """Apply the custom checks of the published schema to a row; return those that it breaks."""
    fautes = []
    for controle in SCHEMA["custom_checks"]:
        p, nom = controle["params"], controle["name"]
        valeur = ligne[p["column"]]
        if not valeur:
            continue
        if nom == "french-siret-value":
            juste = siret.is_valid(valeur)
        elif nom == "cohesive-columns-value":
            juste = all(ligne[autre] for autre in p["othercolumns"])
        elif nom == "compare-columns-value":
            juste = not ligne[p["column2"]] or _nombre(valeur) >= _nombre(ligne[p["column2"]])
        elif nom == "sum-columns-value":
            juste = int(valeur) == sum(int(ligne[c]) for c in p["columns"])
        elif nom == "nomenclature-actes-value":  # the words themselves are tried by the test of the nomenclature
            juste = valeur.count("/") == 1 and valeur == valeur.lower() and not set(valeur) & set(",()")
        elif nom == "year-interval-value":
            juste = re.fullmatch(r"\d{4}(/\d{4})?", valeur)
        else:
            raise AssertionError(f"The schema has a check that this test does not know: {nom}")
        fautes += [] if juste else [controle]
    return fautes


def test_the_open_data_keep_the_custom_checks_of_the_schema(secretaire, acte, convention):
    partenaire = acte.conseil.collectivite
    partenaire.siret = SIRET
    partenaire.save()
    acte.dater(
        transmise_le=date(2026, 2, 13), accusee_le=date(2026, 2, 13), identifiant_actes="068-216802694-20260211-583-DE"
    )
    chiffree = Deliberation.modele(convention, acte.seance, "584")
    chiffree.pour, chiffree.contre, chiffree.abstentions, chiffree.sans_part = 20, 4, 2, 1
    chiffree.objet = "=HYPERLINK(1)"
    chiffree.save()
    chiffree.proclamer()
    lignes = list(
        csv.DictReader(io.StringIO(secretaire.get(f"{VAL}/actes/scdl-{acte.conseil_id}.csv").content.decode()))
    )
    assert [fautes_scdl(ligne) for ligne in lignes] == [[], []]
    assert lignes[0]["PREF_ID"] == "PREF068"
    assert not any(lignes[0][c] for c in ("VOTE_EFFECTIF", "VOTE_REEL", "VOTE_POUR"))  # 583 gives no figures
    assert lignes[1]["DELIB_OBJET"] == "'=HYPERLINK(1)"
    # The checks can fail.
    assert len(fautes_scdl({**lignes[1], "VOTE_REEL": "25", "COLL_SIRET": "12345678901234"})) == 2
    assert Scrutin(20, 4, 2, 1).somme == 27
