"""Every kind of paper, read back: whole, dense, tagged truly by several checkers, and carrying what it was printed from."""

import json
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from html import escape
from io import BytesIO, StringIO
from pathlib import Path

import page as validateur
import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from PIL import Image

from actions.documents import (
    Usage,
    document_annee_de_poste,
    document_axe,
    document_comparaison,
    document_fiche,
    document_plan,
)
from actions.models import Action, Convention, Etat, Partenaire, Poste
from ctg import scelles
from ctg.models import Scelle
from pilotage import documents
from pilotage.documents import bilan
from pilotage.management.commands.mesurer import remplissage
from pilotage.models import Bilan, Deliberation, Version
from tests import fabriques
from tests.conftest import CTG
from tests.ctg.test_pdf import imprimer

pytestmark = [pytest.mark.django_db, pytest.mark.papier]
# Taken out, and why. page-validation 0.11 drops a final carriage return of a binary stream before it counts its length.
FAUX_PAGE = {"PDFA3A-STREAM-LENGTH-001"}
# outloud 0.2: a table of one row has more headers than data, which it takes for a heading cut into cells.
FAUX_OUTLOUD = "TBL-010"


def papiers(convention):
    """Yield (name, document) of every kind of paper that the application prints."""
    fiche = convention.fiches.actives().first()
    # What people put into papers: a logo, a table without headings whose rows are of several lengths.
    image = BytesIO()
    Image.new("RGB", (300, 100), "#7a2b3a").save(image, "PNG")
    logo = scelles.sceller(image.getvalue(), "logo.png", "image/png", fait_foi=False)
    QuerySet(Partenaire).filter(pk=convention.porteur_id).update(logo=logo)
    QuerySet(Action).filter(pk=fiche.pk).update(
        description="<table><tbody><tr><td>a</td><td rowspan=2>b</td><td>c</td></tr><tr><td>d</td></tr></tbody></table>"
    )
    convention, fiche = Convention.objects.get(pk=convention.pk), Action.objects.get(pk=fiche.pk)
    acte = Deliberation.objects.completes().get(numero="583")
    conseil, seance = acte.conseil, acte.seance
    yield "convention", documents.document_convention(convention, texte=documents.texte_canonique(convention))
    yield "plan", document_plan(convention, Usage.PUBLIC)
    yield "comparaison", document_comparaison(Convention.objects.get(cle="2031-2035"))
    yield "axe", document_axe(convention.axes.first())
    yield "fiche", document_fiche(fiche, Usage.TRAVAIL)
    yield "acte", documents.document_deliberation(acte, verification="https://ctg.example/verifier/abc/")
    yield "dossier", documents.document_dossier(acte)
    yield "modele", documents.document_modele(convention, conseil)
    yield "registre", documents.document_registre(conseil, acte.date.year)
    for nom in ("convocation", "emargement", "compte_rendu", "liste", "proces_verbal", "cloture"):
        yield nom, getattr(documents, f"document_{nom}")(seance)
    compte = Bilan.objects.create(convention=convention, annee=2026)
    for action in convention.fiches.actives():
        compte.pages.create(action=action, fait="<p>Fait.</p><ul><li>Un</li><li>Deux</li></ul>", suite="poursuivie")
    octets = bilan.octets_du_bilan(compte)
    yield "bilan", bilan.document_bilan(compte, verification="https://ctg.example/verifier/abd/", octets=octets)
    yield "en clair", bilan.document_en_clair(compte)
    difference = {"fiche": "2.1", "financeur": "CAF", "nature": "Fonctionnement", "dispositif": "", "definitif": True}
    difference |= {"avant": "100.00", "apres": None, "ecart": "-100.00"}
    yield "complement", bilan.document_complement(compte, "Montants définitifs", [difference])
    poste = Poste.objects.create(convention=convention, employeur=convention.porteur, etp=1, debut=date(2026, 1, 1))
    yield "poste", document_annee_de_poste(poste.annees.create(annee=2026, cout=10, faits="Une\nDeux"))


def test_every_kind_of_paper_passes_every_checker(convention, tmp_path):
    fautes, fichiers = [], []
    for nom, document in papiers(convention):
        fichier = tmp_path / f"{nom}.pdf"
        fichier.write_bytes(imprimer(document).read_bytes())
        fichiers.append(str(fichier))
        with pikepdf.open(fichier) as pdf:
            fautes += [f"{nom}, qpdf : {probleme}" for probleme in pdf.check_pdf_syntax()]
        for profil in (validateur.ValidationProfile.PDF_UA_1, validateur.ValidationProfile.PDF_A_3A):
            echecs = validateur.validate_pdf(str(fichier), profile=profil).failures
            fautes += [f"{nom}, {f.rule_id} : {f.message}" for f in echecs if f.rule_id not in FAUX_PAGE]
    outils = Path(sys.executable).parent
    for outil, *options in (["outloud", "--no-info", "--skip", FAUX_OUTLOUD], ["pdfua", "check"]):
        rendu = subprocess.run([outils / outil, *options, *fichiers], capture_output=True, text=True)
        # What was found stands under the name of its file.
        fautes += [ligne for ligne in rendu.stdout.splitlines() if re.match(r" +\[?ERROR", ligne)]
    assert fautes == [], "\n".join(fautes)


def test_the_demonstration_wastes_no_paper(convention, tmp_path):
    parts = remplissage(imprimer(documents.document_convention(convention)), tmp_path)
    assert len(parts) < 32
    assert sum(part < 0.4 for part in parts) <= 0.12 * len(parts)


def test_each_fiche_of_the_demonstration_is_one_page(convention):
    for fiche in convention.fiches.actives():
        with pikepdf.open(imprimer(document_fiche(fiche, Usage.CONTRAT))) as pdf:
            assert len(pdf.pages) == 1, fiche


def test_a_very_long_word_breaks_and_loses_no_letter(convention):
    """A word of 19,900 letters ran off the sheet; in a cell it took the table with it."""
    fiche = convention.fiches.actives().first()
    mot = "anticonstitutionnel" * 1_000
    fiche.constats = f"<p>{mot}</p>"
    fiche.objectifs = f"<table><tbody><tr><td>court</td><td>{mot[:9_000]}</td></tr></tbody></table>"
    fiche.full_clean()
    texte = subprocess.run(
        ["pdftotext", "-raw", imprimer(document_fiche(fiche)), "-"], capture_output=True, text=True, check=True
    ).stdout
    lettres = re.sub(r"[^a-z]", "", texte)
    assert lettres.count("anticonstitutionnel") >= 1_000 + 400
    # Nothing lies outside the sheet: what is cropped to the page is all that there is.
    dans_la_page = subprocess.run(
        ["pdftotext", "-raw", "-nopgbrk", "-x", "0", "-y", "0", "-W", "595", "-H", "842", imprimer(document_fiche(fiche)), "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert re.sub(r"[^a-z]", "", dans_la_page) == lettres


def test_a_table_too_wide_for_a_page_is_refused_with_a_sentence(convention):
    fiche = convention.fiches.actives().first()
    fiche.description = f"<table><tbody><tr>{'<td>x</td>' * 40}</tr></tbody></table>"
    with pytest.raises(ValidationError, match="tableau de 40 colonnes ; une page en tient 12"):
        fiche.full_clean()
    fiche.description = f"<table><tbody><tr>{'<td>x</td>' * 12}</tr></tbody></table>"
    fiche.full_clean()


@pytest.fixture
def version(convention, agent):
    """The first version of the demonstration convention, put to signature by its page."""
    assert agent.post(f"{CTG}/signatures/ouvrir/").status_code == 302
    return Version.objects.select_related("pdf", "json").get(convention=convention)


def test_a_version_carries_its_own_text(version, tmp_path):
    octets = scelles.lire(version.pdf_id)
    assert documents.extraire(octets) == scelles.lire(version.json_id)
    assert documents.lire_la_convention(octets) == json.loads(scelles.lire(version.json_id))
    fichier = tmp_path / "version.pdf"
    fichier.write_bytes(octets)
    sortie = StringIO()
    call_command("lire", fichier, stdout=sortie)
    assert "2026-2030 – Val d’Argent : 6 parties, 13 articles, 4 axes, 12 fiches." in sortie.getvalue()
    assert "Scellé ici" in sortie.getvalue()
    with pikepdf.open(fichier) as pdf:
        assert pdf.Root.AF[0].AFRelationship == "/Source"
        metadonnees = pdf.open_metadata()
        assert (metadonnees["pdfaid:part"], metadonnees["pdfaid:conformance"]) == ("3", "A")
        assert metadonnees["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"


def test_what_carries_no_text_is_said(tmp_path, convention):
    fichier = tmp_path / "autre.pdf"
    fichier.write_bytes(imprimer(document_fiche(convention.fiches.actives().first())).read_bytes())
    with pytest.raises(CommandError, match="ne porte pas le texte"):
        call_command("lire", fichier)
    fichier.write_bytes(b"bonjour")
    with pytest.raises(CommandError, match="pas un PDF lisible"):
        call_command("lire", fichier)
    with pytest.raises(documents.Illisible, match="trop ancienne"):
        documents.lire_la_convention(b'{"format": "ctg-convention", "version": 99}')


def test_the_address_on_the_paper_tells_the_file_and_one_byte_changed(version, client):
    adresse = f"/verifier/{version.pdf.identifiant}/"
    assert adresse in mots_du_pied(version)
    page = client.get(adresse).content.decode()
    assert version.pdf_id in page
    octets = scelles.lire(version.pdf_id)
    juste = client.post(adresse, {"fichier": SimpleUploadedFile("a.pdf", octets)}).content.decode()
    assert "à l’octet près" in juste
    assert "12 fiches" in juste
    change = octets[:-10] + bytes([octets[-10] ^ 1]) + octets[-9:]
    faux = client.post(adresse, {"fichier": SimpleUploadedFile("a.pdf", change)}).content.decode()
    assert "n’est pas celui que cette adresse désigne, ou il a été modifié depuis" in faux
    autre = client.post(adresse, {"fichier": SimpleUploadedFile("a.json", scelles.lire(version.json_id))})
    assert "scellé ici aussi" in autre.content.decode()
    assert client.get("/verifier/aaaaaaaaaaaa/").status_code == 404


def mots_du_pied(version):
    with scelles.ouvrir(version.pdf_id) as fichier:
        return subprocess.run(
            ["pdftotext", "-f", "1", "-l", "1", "-", "-"], input=fichier.read(), capture_output=True, check=True
        ).stdout.decode()


def test_an_identifier_is_drawn_once_for_each_paper(version):
    assert len(version.pdf.identifiant) == 12
    assert Scelle.objects.filter(identifiant=version.pdf.identifiant).count() == 1
    assert version.json.identifiant is None


# Words of any alphabet, without the signs that nobody sees (they are taken out at the save).
TITRES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=60)
MONTANTS = st.none() | st.decimals(0, 10**9, places=2)
PLANS = st.lists(st.tuples(TITRES, MONTANTS), min_size=1, max_size=3)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(titre=TITRES, plan=PLANS, article=TITRES)
def test_what_is_read_is_what_was_printed(titre, plan, article, db):
    """Any convention: its state, printed as it is sealed, is read back from the paper alone, and equals the base."""
    convention = fabriques.ConventionFactory(titre=titre)
    convention.articles.update(texte=f"<p>{escape(article)}</p>")
    for intitule, montant in plan:
        fiche = fabriques.ActionFactory(axe=convention.axes.get(), titre=intitule)
        fiche.financements.create(partenaire=convention.porteur, annee=2026, prevu=montant)
    convention = Convention.objects.get(pk=convention.pk)
    texte = documents.texte_canonique(convention)
    papier = documents.document_convention(convention, etat=Etat.EN_SIGNATURE, texte=texte)
    lue = documents.lire_la_convention(imprimer(papier).read_bytes())
    assert lue == json.loads(texte)
    assert lue["convention"]["titre"] == titre
    assert [f["titre"] for f in lue["axes"][0]["fiches"]] == [intitule for intitule, _ in plan]
    montants = [[Decimal(f["prevu"]) for f in fiche["financements"]] for fiche in lue["axes"][0]["fiches"]]
    assert montants == [[] if montant is None else [montant] for _, montant in plan]


def test_a_version_carries_the_plan_as_a_workbook_without_what_is_internal(version):
    with pikepdf.open(BytesIO(scelles.lire(version.pdf_id))) as pdf:
        classeur = load_workbook(BytesIO(pdf.attachments["plan.xlsx"].get_file().read_bytes()))
    assert classeur["Fiches actions"].max_row == 13 and "Mesures" not in classeur.sheetnames
    assert "vigilance" not in {c.value for c in classeur["Fiches actions"][1]}
