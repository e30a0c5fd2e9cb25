"""A PDF that others wrote is annexed: joined in what one works with, embedded unchanged in what is sealed."""

import json
from io import BytesIO

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from weasyprint import HTML

from actions.models import Annexe
from ctg import scelles
from ctg.compteurs import fermer_l_ecriture
from pilotage import documents
from pilotage.models import Deliberation, Version
from tests.conftest import CTG, VAL
from tests.ctg.test_pdf import imprimer, mots
from tests.pages import champs

pytestmark = pytest.mark.django_db
ADRESSE = f"{CTG}/convention/annexes/joindre/"


@pytest.fixture(scope="module")
def carte():
    """Two pages of another make: one lies across, one is a letter of other measures with a link."""
    css = "<style>@page { size: A3 landscape } @page suite { size: 100mm 200mm } section { page: suite }</style>"
    corps = '<p>Carte des équipements</p><section><a href="https://ailleurs.example/">Légende</a></section>'
    return HTML(string=f"<html lang=fr>{css}<body>{corps}").write_pdf()


def joindre(client, octets, titre="Carte des équipements", nom="carte.pdf"):
    return client.post(ADRESSE, {"titre": titre, "fichier": SimpleUploadedFile(nom, octets, "application/pdf")})


@pytest.fixture
def annexe(agent, carte, convention):
    assert joindre(agent, carte).status_code == 302
    return convention.annexes.get(genre="fichier")


def test_a_file_is_annexed_by_its_page_and_read_back(annexe, agent, carte):
    assert (annexe.ordre, str(annexe)) == (7, "Annexe 7 – Carte des équipements")
    assert annexe.history.count() == 1
    page = agent.get(f"{CTG}/convention/").content.decode()
    assert f"{CTG}/convention/annexes/{annexe.pk}.pdf" in page
    reponse = agent.get(f"{CTG}/convention/annexes/{annexe.pk}.pdf")
    assert b"".join(reponse.streaming_content) == carte
    assert "annexe-7-carte-des-equipements.pdf" in reponse["Content-Disposition"]
    # As many as wanted, each under its title; the others keep their lines.
    assert joindre(agent, carte, "Charte").status_code == 302
    envoi = champs(agent.get(f"{CTG}/convention/modifier/annexes/"))
    ligne = next(n.removesuffix("id") for n, v in envoi.items() if n.endswith("-id") and v == str(annexe.pk))
    assert agent.post(f"{CTG}/convention/modifier/annexes/", envoi | {f"{ligne}rang": "1"}).status_code == 302
    assert [a.nom for a in annexe.convention.annexes.all()][:2] == [
        "Carte des équipements",
        "Diagnostic partagé et bilan",
    ]


def proteger(octets):
    sortie = BytesIO()
    with pikepdf.open(BytesIO(octets)) as pdf:
        pdf.save(sortie, encryption=pikepdf.Encryption(owner="a", user="b"))
    return sortie.getvalue()


@pytest.mark.parametrize(
    ("faire", "nom", "phrase"),
    [
        (proteger, "carte.pdf", "protégé par un mot de passe"),
        (lambda octets: octets[:400], "carte.pdf", "Ce PDF est abîmé"),
        (lambda octets: b"bonjour", "carte.pdf", "n’est pas celui d’un fichier .pdf"),
        (lambda octets: octets, "carte.docx", "Joignez un fichier PDF."),
    ],
)
def test_what_cannot_be_joined_is_refused_at_the_field(agent, carte, convention, faire, nom, phrase):
    reponse = joindre(agent, faire(carte), nom=nom)
    assert reponse.status_code == 422
    page = reponse.content.decode()
    assert phrase in page
    assert 'value="Carte des équipements"' in page
    assert not convention.annexes.filter(genre="fichier").exists()


def test_a_file_that_cannot_be_kept_is_said(agent, carte, convention, monkeypatch):
    monkeypatch.setattr(scelles, "magasin", lambda: (_ for _ in ()).throw(OSError("plein")))
    assert "n’a pas pu garder ce fichier" in joindre(agent, carte).content.decode()
    assert convention.annexes.count() == 6


def test_a_file_stays_a_file_by_every_door(annexe, agent):
    envoi = champs(agent.get(f"{CTG}/convention/modifier/annexes/"))
    ligne = next(n.removesuffix("id") for n, v in envoi.items() if n.endswith("-id") and v == str(annexe.pk))
    refus = agent.post(f"{CTG}/convention/modifier/annexes/", envoi | {f"{ligne}genre": "moyens"})
    assert "Cette annexe est un fichier" in refus.content.decode()
    vide = next(n.removesuffix("genre") for n, v in envoi.items() if n.endswith("-genre") and not v)
    refus = agent.post(f"{CTG}/convention/modifier/annexes/", envoi | {f"{vide}genre": "fichier", f"{vide}titre": "X"})
    assert "Un fichier s’annexe par « Joindre un fichier PDF »" in refus.content.decode()
    for champs_faux in ({"genre": "moyens"}, {"fichier": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Annexe.objects.filter(pk=annexe.pk).update(**champs_faux)


def test_a_file_taken_away_comes_back_with_its_bytes(annexe, agent, carte):
    convention, adresse = annexe.convention, f"{CTG}/convention/modifier/annexes/"
    instants = {"avec": timezone.now()}
    envoi = champs(agent.get(adresse))
    ligne = next(n.removesuffix("id") for n, v in envoi.items() if n.endswith("-id") and v == str(annexe.pk))
    assert agent.post(adresse, envoi | {f"{ligne}DELETE": "on"}).status_code == 302
    instants["sans"] = timezone.now()
    assert not convention.annexes.filter(genre="fichier").exists()

    def retablir(nom):
        demande = {"instant": instants[nom].isoformat(), "partie": "annexes"}
        assert "Carte des équipements" in agent.get(f"{CTG}/convention/historique/", demande).content.decode()
        assert agent.post(f"{CTG}/convention/historique/", demande).status_code == 302

    retablir("avec")
    revenue = convention.annexes.get(genre="fichier")
    assert (revenue.pk, revenue.fichier_id, revenue.titre) == (annexe.pk, annexe.fichier_id, annexe.titre)
    # A restore is undone, and done again.
    retablir("sans")
    assert not convention.annexes.filter(genre="fichier").exists()
    retablir("avec")
    assert convention.annexes.get(genre="fichier").fichier_id == annexe.fichier_id


def test_what_is_only_annexed_is_told_as_sealed_by_nobody(annexe, client, carte):
    page = client.post("/verifier/", {"fichier": SimpleUploadedFile("a.pdf", carte)}).content.decode()
    assert "n’est pas un document scellé ici" in page
    # The same bytes sealed as an act are one.
    avant = annexe.fichier.scelle_le
    scelle = scelles.sceller(carte, "deliberation-1.pdf", "application/pdf")
    assert scelle.scelle_le > avant  # it proves nothing from before
    page = client.post("/verifier/", {"fichier": SimpleUploadedFile("a.pdf", carte)}).content.decode()
    assert "le document « deliberation-1.pdf »" in page
    annexe.refresh_from_db()
    assert annexe.fichier == scelle


@pytest.mark.usefixtures("imprimerie_neuve")
def test_a_lost_file_is_named_where_it_is_missing(annexe, agent):
    scelles.magasin().delete(scelles.chemin(annexe.fichier_id))
    for papier in ("convention/apercu/", "convention/convention.pdf"):
        reponse = agent.get(f"{CTG}/{papier}")
        assert reponse.status_code == 503
        page = reponse.content.decode()
        assert "« Annexe 7 – Carte des équipements » n’a pas pu être mis en page" in page
        assert "n’est plus dans le magasin" in page
    reponse = agent.post(f"{CTG}/signatures/ouvrir/")
    assert (reponse.status_code, "n’est plus dans le magasin" in reponse.content.decode()) == (503, True)


def test_all_the_files_together_are_bounded(annexe, agent, carte, monkeypatch):
    monkeypatch.setattr("actions.models.annexe.POIDS_MAX", len(carte) + 10)
    refus = joindre(agent, carte, "Une de trop")
    assert (refus.status_code, "pèseraient plus de" in refus.content.decode()) == (422, True)
    assert annexe.convention.annexes.filter(genre="fichier").count() == 1


def test_a_file_bears_the_name_that_this_convention_gives_it(annexe, voisine, carte):
    """The store keeps the first name under which bytes came, maybe another territory's."""
    autre = Annexe.joindre(annexe.convention, "Charte", carte, "brouillon-interne.pdf")
    assert autre.fichier.nom == "carte.pdf"
    html = "".join(m.html for m in documents.document_convention(annexe.convention).morceaux)
    assert "fichier « Charte »" in html
    assert "carte.pdf" not in html
    autre.titre = ""
    with pytest.raises(ValidationError, match="Donnez un titre"):
        autre.full_clean()


def test_what_is_in_signature_takes_no_annex(annexe, agent, carte):
    annexe.convention.signature_ouverte_le = annexe.convention.history.first().history_date.date()
    annexe.convention.ecrire_l_etat("signature_ouverte_le")
    assert agent.get(ADRESSE).status_code == 403
    assert joindre(agent, carte, "Trop tard").status_code == 403
    fermer_l_ecriture()
    with pytest.raises(ValidationError):
        Annexe.joindre(annexe.convention, "Trop tard", carte, "carte.pdf")


@pytest.mark.papier
def test_a_working_print_joins_the_pages_and_claims_nothing(annexe, agent):
    fichier = imprimer(documents.document_convention(annexe.convention))
    texte = mots(fichier)
    assert "Les 2 pages qui suivent sont celles du fichier « Carte des équipements »" in texte
    with pikepdf.open(fichier) as pdf:
        total = len(pdf.pages)
        assert b"pdfaid:part" not in bytes(pdf.Root.Metadata.read_bytes()).replace(b"xmlns:pdfaid", b"")
        assert b"pdfuaid:part>" not in pdf.Root.Metadata.read_bytes()
        assert not pdf.attachments
        assert not any("ailleurs.example" in str(a) for page in pdf.pages[-2:] for a in page.obj.get("/Annots", []))
        assert [round(float(v)) for v in pdf.pages[-2].mediabox[2:]] == [595, 842]
        # Whatever it measured, it stands between our head and our number, and hides neither.
        assert "Carte des équipements" in texte and f"Page {total} sur {total}" in texte
    # Numbered with the others, on their own paper.
    for rang, mot in ((total - 1, "Carte des équipements"), (total, "Légende")):
        page = mots(fichier, "-f", str(rang), "-l", str(rang))
        assert mot in page
        assert f"Page {rang} sur {total}" in page
        assert "Annexe 7" in page
    # The preview on screen names it, and shows what is ours.
    assert "Les 2 pages qui suivent" in agent.get(f"{CTG}/convention/apercu/").content.decode()


@pytest.mark.papier
def test_a_sealed_version_embeds_it_unchanged(annexe, agent, carte):
    assert agent.post(f"{CTG}/signatures/ouvrir/").status_code == 302
    version = Version.objects.select_related("pdf", "json").get(convention=annexe.convention)
    octets = scelles.lire(version.pdf_id)
    with pikepdf.open(BytesIO(octets)) as pdf:
        assert set(pdf.attachments) == {"convention.json", "plan.xlsx", "annexe-7-carte-des-equipements.pdf"}
        assert pdf.attachments["annexe-7-carte-des-equipements.pdf"].get_file().read_bytes() == carte
        assert [str(f.AFRelationship) for f in pdf.Root.AF] == ["/Source", "/Supplement", "/Supplement"]
        assert pdf.open_metadata()["pdfaid:part"] == "3"
    texte = json.loads(scelles.lire(version.json_id))
    assert texte["annexes"][-1] == {
        "numero": 7, "genre": "fichier", "titre": "Carte des équipements", "sha256": annexe.fichier_id,
    }  # fmt: skip
    assert documents.lire_la_convention(octets) == texte


@pytest.mark.papier
def test_what_a_council_votes_embeds_it_too(annexe, navigateur, carte):
    acte = Deliberation.objects.completes().get(numero="583")
    projet = Deliberation.modele(annexe.convention, acte.seance, "113/2026")
    projet.unanimite = True
    projet.save()
    assert navigateur("secretaire").post(f"{VAL}/pilotage/actes/{projet.pk}/proclamer/").status_code == 302
    projet = Deliberation.objects.completes().get(pk=projet.pk)
    for papier in (projet.dossier, projet.annexe):
        with pikepdf.open(BytesIO(scelles.lire(papier.pk))) as pdf:
            assert pdf.attachments["annexe-7-carte-des-equipements.pdf"].get_file().read_bytes() == carte
