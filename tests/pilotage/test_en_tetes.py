"""What papers bear at their head: logos on the cover, the letterhead of who calls; and minutes that lack something."""

from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from actions.models import Partenaire
from ctg import scelles
from pilotage import documents
from pilotage.models import Instance, Reunion
from tests.conftest import CTG, VAL
from tests.ctg.test_pdf import imprimer, mots

pytestmark = pytest.mark.django_db


def image(genre="PNG", taille=(2400, 800), mode="RGB"):
    Image.new(mode, taille, "#803030" if mode == "RGB" else 128).save(sortie := BytesIO(), genre)
    return sortie.getvalue()


@pytest.fixture
def ccva(convention):
    return convention.porteur


@pytest.fixture
def adresse(ccva):
    return f"{VAL}/gestion/partenaires/{ccva.pk}/logo/"


def donner(client, adresse, octets, nom="logo.png", **plus):
    return client.post(adresse, {"image": SimpleUploadedFile(nom, octets), **plus})


@pytest.mark.parametrize(
    ("genre", "nom", "mode"), [("PNG", "logo.png", "RGB"), ("JPEG", "logo.JPG", "CMYK"), ("PNG", "logo.png", "LA")]
)
def test_a_logo_is_kept_as_paper_takes_it(agent, adresse, ccva, genre, nom, mode):
    assert donner(agent, adresse, image(genre, mode=mode), nom).status_code == 302
    ccva.refresh_from_db()
    with Image.open(BytesIO(scelles.lire(ccva.logo_id))) as garde:
        assert (garde.format, garde.mode in {"RGB", "RGBA"}, garde.width) == ("PNG", True, 1200)
    assert ccva.history.first().logo_id == ccva.logo_id
    assert agent.post(adresse, {"retirer": "on"}).status_code == 302
    ccva.refresh_from_db()
    assert ccva.logo is None


@pytest.mark.parametrize(
    ("octets", "nom", "phrase"),
    [
        (b"bonjour", "logo.png", "n’est pas celui d’un fichier .png"),
        (image()[:60], "logo.png", "Cette image ne se lit pas"),
        (b"%PDF-1.4", "logo.pdf", "Choisissez une image PNG ou JPEG."),
        (image(taille=(6000, 5000), mode="L"), "logo.png", "trop grande"),
        (image(taille=(60, 50), mode="I;16"), "logo.png", "16 bits par couleur"),
    ],
    ids=["texte", "coupe", "pdf", "immense", "seize"],
)
def test_what_is_no_logo_is_refused_at_the_field(agent, adresse, ccva, octets, nom, phrase):
    reponse = donner(agent, adresse, octets, nom)
    assert reponse.status_code == 422
    assert phrase in reponse.content.decode()
    ccva.refresh_from_db()
    assert ccva.logo is None


def test_a_logo_stands_upright_and_brings_nothing_along(agent, adresse, ccva):
    photo = Image.new("RGB", (300, 100))
    exif = photo.getexif()
    exif[0x0112] = 6  # turned by a quarter
    photo.save(sortie := BytesIO(), "JPEG", exif=exif, icc_profile=b"profil")
    donner(agent, adresse, sortie.getvalue(), "logo.jpg")
    ccva.refresh_from_db()
    with Image.open(BytesIO(scelles.lire(ccva.logo_id))) as garde:
        assert garde.size == (100, 300)
        assert not {"icc_profile", "exif"} & set(garde.info)


def test_a_logo_whose_data_stumble_is_refused_not_a_fault(agent, adresse):
    photo = Image.new("RGB", (300, 100))
    exif = photo.getexif()
    exif[0x0112], exif[282] = 6, 72.0
    photo.save(sortie := BytesIO(), "JPEG", exif=exif)
    # A resolution said to be words: Pillow trips over it while it turns the picture.
    mots_faux = sortie.getvalue().replace(b"\x01\x1a\x00\x05", b"\x01\x1a\x00\x02")
    assert mots_faux != sortie.getvalue()
    reponse = donner(agent, adresse, mots_faux, "logo.jpg")
    assert (reponse.status_code, "Cette image ne se lit pas" in reponse.content.decode()) == (422, True)


def test_neither_image_nor_removal_is_said(agent, adresse):
    assert "Choisissez une image, ou cochez" in agent.post(adresse, {}).content.decode()


def test_an_image_that_cannot_be_kept_is_said(agent, adresse, monkeypatch):
    monkeypatch.setattr(scelles, "magasin", lambda: (_ for _ in ()).throw(OSError("plein")))
    reponse = donner(agent, adresse, image())
    assert (reponse.status_code, "n’a pas pu garder cette image" in reponse.content.decode()) == (422, True)


@pytest.mark.papier
def test_the_cover_bears_the_logos_of_the_parties(agent, adresse, convention, ccva):
    donner(agent, adresse, image())
    fichier = imprimer(documents.document_convention(type(convention).objects.get(pk=convention.pk)))
    with pikepdf.open(fichier) as pdf:
        images = [o for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Image"]
        figures = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == pikepdf.Name.Figure]
        assert len(images) == 1
        assert [str(f.Alt) for f in figures if "/Alt" in f].count(str(ccva)) == 1
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
    # The preview on screen has its words; pictures are read by the workers alone.
    page = agent.get(f"{CTG}/convention/apercu/").content.decode()
    assert "file:" not in page


def test_a_lost_logo_keeps_nobody_from_printing(agent, adresse, convention, ccva, imprimerie_neuve):
    donner(agent, adresse, image())
    ccva.refresh_from_db()
    scelles.magasin().delete(scelles.chemin(ccva.logo_id))
    document = documents.document_convention(type(convention).objects.get(pk=convention.pk))
    assert "couverture-logos" not in document.morceaux[0].html


@pytest.mark.papier
def test_a_convocation_is_a_letter(ccva, convention):
    Partenaire.objects.filter(pk=ccva.pk).update(
        adresse="11a rue Maurice Burrus\n68160 Sainte-Croix-aux-Mines",
        telephone="03 89 58 00 00",
        courriel="ccva@ctg.example",
    )
    copil = Instance.objects.get(nature="copil", territoire=convention.territoire)
    reunion = copil.reunions.first()
    reunion.points.create(ordre=1, objet="Bilan de l’année")
    texte = mots(imprimer(documents.document_convocation(Reunion.objects.completes().get(pk=reunion.pk))))
    debut = texte[: texte.index("Madame, Monsieur")]
    for mot in (str(ccva), "11a rue Maurice Burrus", "68160", "03 89 58 00 00 – ccva@ctg.example", "Convocation"):
        assert mot in debut
    assert texte.index("Bilan de l’année") > texte.index("J’ai l’honneur")


def test_minutes_that_lack_something_are_a_project_without_dots(convention, agent):
    acte = convention.actes.get(numero="583")
    seance = Reunion.objects.completes().get(pk=acte.seance_id)
    seance.president, seance.secretaire, seance.compte_rendu = "", "", ""
    document = documents.document_proces_verbal(seance)
    assert document.filigrane == "Projet"
    for mot in ("…", "rédiger", "à préciser", "à noter", "Débats"):
        assert mot not in document.morceaux[0].html
    assert seance.manques_du_compte_rendu()[:3] == ["le texte des débats", "qui préside", "qui est secrétaire"]
    seance.president, seance.secretaire, seance.compte_rendu = "Mme A", "M. B", "<p>Les débats.</p>"
    complet = documents.document_proces_verbal(seance)
    assert complet.filigrane == ""
    assert "Les débats." in complet.morceaux[0].html
    # The page says what is missing; an agenda without points makes no letter to be sent.
    copil = Instance.objects.get(nature="copil", territoire=convention.territoire)
    reunion = copil.reunions.first()
    reunion.points.all().delete()
    assert documents.document_convocation(Reunion.objects.completes().get(pk=reunion.pk)).filigrane == "Projet"
    Reunion.objects.filter(pk=reunion.pk).update(date="2026-01-05", compte_rendu="")
    assert (
        "s’imprime comme projet tant que manquent le texte des débats"
        in agent.get(reunion.get_absolute_url()).content.decode()
    )
