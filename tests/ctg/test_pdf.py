"""Real PDFs, read back with real readers: pikepdf for the structure, poppler for the words."""

import itertools
import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from PIL import Image
from weasyprint import HTML

from actions.documents import Usage, document_fiche, document_plan
from actions.models import Action
from ctg.compteurs import jeton
from ctg.pdf import Document, Entree, MiseEnPageImpossible, Morceau, Preparation, atelier
from ctg.pdf.assemblage import assembler
from ctg.pdf.balises import _donner_un_corps, completer
from ctg.pdf.ouvriers import POLITESSE
from pilotage.documents import document_convention

pytestmark = [pytest.mark.django_db, pytest.mark.papier]


def imprimer(document):
    """Print under a key of its own: the address of an object is taken again by the next one."""
    return Preparation(f"test {uuid4()}", lambda: document).fichier()


def mots(fichier, *options):
    sortie = subprocess.run(
        ["pdftotext", "-layout", *options, str(fichier), "-"], check=True, capture_output=True, text=True
    ).stdout
    return " ".join(sortie.split())


@pytest.fixture
def pdf_convention(convention):
    """The printed convention; the second worker finds its pieces already laid out by the first."""
    return imprimer(document_convention(convention))


def test_the_convention_is_whole_tagged_and_archivable(pdf_convention, convention):
    with pikepdf.open(pdf_convention) as pdf:
        total = len(pdf.pages)
        assert 25 < total < 32
        racine = pdf.Root
        assert (racine.Lang, racine.MarkInfo.Marked, racine.ViewerPreferences.DisplayDocTitle) == ("fr", True, True)
        assert racine.OutputIntents[0].S == "/GTS_PDFA1"
        with pdf.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
            assert meta["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
            assert (
                meta["dc:title"] == "Convention Territoriale Globale 2026-2030 – Val d’Argent" == str(pdf.docinfo.Title)
            )
            assert meta["dc:creator"] == [str(convention.porteur)]
            assert "pdfaExtension:schemas" in pdf.Root.Metadata.read_bytes().decode()
        _verifier_les_balises(pdf)
        _verifier_les_titres_et_les_tableaux(pdf)
        _verifier_les_polices(pdf)
        _verifier_les_liens(pdf)
        with pdf.open_outline() as plan:
            assert [s.title for s in plan.root][:3] == [str(convention), "Sommaire", "Les parties à la convention"]
            annexe = next(s for s in plan.root if s.title.startswith("Annexe 3"))
            assert len(annexe.children) == 4
            assert [len(axe.children) for axe in annexe.children] == [2, 3, 3, 4]
    texte = mots(pdf_convention)
    for numero in (1, 2, total):
        assert f"Page {numero} sur {total}" in texte
    assert "Exemple : données de démonstration" in texte
    assert "Projet" in texte
    for action in Action.objects.de(convention):
        assert action.titre.split("«")[0].strip()[:40] in texte


def _verifier_les_balises(pdf):
    """Each page points to its entry of the parent tree, and every element reached belongs to that page."""
    arbre = pdf.Root.StructTreeRoot
    nums = list(arbre.ParentTree.Nums)
    cles = [int(k) for k in nums[::2]]
    assert cles == sorted(set(cles))
    par_cle = dict(zip(cles, nums[1::2], strict=True))
    for page in pdf.pages:
        elements = par_cle[int(page.obj.StructParents)]
        assert all(element.Pg.objgen == page.obj.objgen for element in elements)
        for lien in page.obj.get("/Annots", []):
            assert par_cle[int(lien.StructParent)].S == "/Link"
    types = set()

    def parcourir(element, parent):
        if not isinstance(element, pikepdf.Dictionary) or "/S" not in element:
            return
        assert element.P.objgen == parent.objgen
        types.add(str(element.S))
        for enfant in element.get("/K", []):
            parcourir(enfant, element)

    for element in arbre.K:
        parcourir(element, arbre)
    assert {
        "/Document",
        "/H1",
        "/H2",
        "/H3",
        "/P",
        "/L",
        "/LI",
        "/LBody",
        "/Table",
        "/TH",
        "/TD",
        "/Link",
        "/Figure",
    } <= types


def _verifier_les_titres_et_les_tableaux(pdf):
    """No heading level is skipped; each header has a scope; each cell names headers that the tree of names knows."""
    arbre = pdf.Root.StructTreeRoot
    noms = [bytes(n) for n in list(arbre.IDTree.Names)[::2]]
    assert noms == sorted(set(noms))
    niveaux, sans_portee, cites = [0], [], set()

    def parcourir(element):
        if not isinstance(element, pikepdf.Dictionary) or "/S" not in element:
            return
        if re.fullmatch(r"/H\d", str(element.S)):
            niveaux.append(int(str(element.S)[2:]))
        if element.S == "/TH" and "/Scope" not in element.A:
            sans_portee.append(element)
        if element.S == "/TD":
            cites.update(bytes(h) for h in element.A.get("/Headers", []))
        for enfant in element.get("/K", []):
            parcourir(enfant)

    for element in arbre.K:
        parcourir(element)
    assert niveaux.count(1) == 1
    assert all(suivant <= niveau + 1 for niveau, suivant in itertools.pairwise(niveaux))
    assert not sans_portee
    assert len(cites) > 50
    assert cites <= set(noms)


def _verifier_les_polices(pdf):
    polices = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
    assert polices
    assert all("/FontFile2" in p or "/FontFile3" in p for p in polices)


def _verifier_les_liens(pdf):
    internes = [a for page in pdf.pages for a in page.obj.get("/Annots", []) if "/Dest" in a]
    pages = {p.obj.objgen for p in pdf.pages}
    assert len(internes) > 30
    assert all(a.Dest[0].objgen in pages and "/Contents" in a for a in internes)
    assert not [
        a for page in pdf.pages for a in page.obj.get("/Annots", []) if "document.invalid" in str(a.get("/A", ""))
    ]


@pytest.mark.parametrize(
    ("item", "corps"),
    [
        ("<p>un</p>", ["P"]),
        ("mots <p>un</p>", ["Span", "P"]),
        ("<p>un</p> mots", ["P", "Span"]),
        ("<p>un</p> mots <p>deux</p> mots", ["P", "Span", "P", "Div"]),
        ("<table><tr><td>x</td></tr></table>", ["Table"]),
        ("<p>un</p><ul><li>deux</li></ul>", ["P"]),
        ("nu", ["Span"]),
    ],
)
def test_all_that_an_item_says_is_in_its_body_in_order(item, corps, tmp_path):
    fichier = tmp_path / "liste.pdf"
    HTML(string=f'<html lang="fr"><body><ul><li>{item}</li></ul>').write_pdf(fichier, pdf_variant="pdf/ua-1")
    completer(fichier, "a" * 16)
    with pikepdf.open(fichier) as pdf:
        (tout,) = pdf.Root.StructTreeRoot.K
        liste = next(e for e in tout.K if e.S == "/L")
        genres = [str(k.S) for k in liste.K[0].K]
        assert genres == ["/Lbl", "/LBody"]
        dits = liste.K[0].K[1]
        assert [str(k.S)[1:] for k in dits.K] == corps
        assert all(k.P.objgen == dits.objgen for k in dits.K)


def test_content_right_under_an_item_stays_there():
    pdf = pikepdf.new()
    paragraphe = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.P, K=1))
    item = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.LI, K=pikepdf.Array([0, paragraphe])))
    _donner_un_corps(pdf, item)
    assert list(item.K) == [0, paragraphe]


def test_the_table_of_contents_gives_the_true_pages(pdf_convention, convention):
    sommaire = mots(pdf_convention, "-f", "2", "-l", "3")
    fiche = Action.objects.de(convention).last()
    page = int(re.search(rf"{re.escape(fiche.numero_affiche)} Proposer.*?(\d+) Annexe 4", sommaire)[1])
    assert f"{fiche.numero_affiche} Proposer" in mots(pdf_convention, "-f", str(page), "-l", str(page))


@pytest.mark.usefixtures("imprimerie_neuve")
def test_one_changed_fiche_lays_out_one_fiche(convention, fiche):
    imprimer(document_plan(convention))
    avant = {f.name for f in atelier.place("x").parent.glob("*.json")}
    fiche.description = "<p>Une phrase neuve, lue dans le PDF.</p>"
    fiche.save()
    fichier = imprimer(document_plan(convention))
    neufs = {f.name for f in atelier.place("x").parent.glob("*.json")} - avant
    # The fiche alone: pages and titles did not move, so the contents and the decoration are the same.
    assert len(neufs) == 1
    assert "Une phrase neuve, lue dans le PDF." in mots(fichier)


def test_the_joining_is_the_same_here_and_in_a_worker(convention, monkeypatch):
    """Workers are killed with what they traced: the joining is also run here, where its lines are counted."""
    verification = "https://ctg.example/verifier/abcdefgh2345/"
    document = document_convention(convention, texte=b"{}", verification=verification)
    la_bas = imprimer(document)
    monkeypatch.setattr(atelier, "joindre", assembler)
    ici = Preparation(f"ici {uuid4()}", lambda: replace(document, titre=f"{document.titre} (ici)")).fichier()
    with pikepdf.open(la_bas) as a, pikepdf.open(ici) as b:
        assert [len(a.pages), list(a.attachments)] == [len(b.pages), list(b.attachments)]
        assert len(a.Root.StructTreeRoot.ParentTree.Nums) == len(b.Root.StructTreeRoot.ParentTree.Nums)


def test_workers_are_born_with_the_engine_loaded():
    """Python 3.11 swallows a preload that fails: each print would then wait a second for its worker."""
    atelier.chauffer()
    pool, *_ = atelier._equipe()
    charge = pool.schedule(eval, args=("'weasyprint' in __import__('sys').modules",)).result(30)
    assert charge is True
    # They let whoever serves a page go first.
    assert pool.schedule(eval, args=("__import__('os').getpriority(0, 0)",)).result(30) == POLITESSE


@pytest.mark.usefixtures("imprimerie_neuve")
def test_who_waits_writes_nothing_anew(convention):
    """The poll of a waiting page wrote all the pieces of the document again, 0.1 to 0.4 s each time."""
    ecrits, cle = [], f"attente {uuid4()}"

    def fabrique():
        ecrits.append(1)
        return document_plan(convention)

    for _ in range(400):
        prete = Preparation(cle, fabrique)
        if prete.prete:
            break
        _, total = prete.avancement()
        assert total == len(prete.document.morceaux) + 1
        time.sleep(0.1)
    assert prete.prete
    assert ecrits == [1]


@pytest.mark.usefixtures("imprimerie_neuve")
def test_the_style_sheet_is_whole_or_not_there(monkeypatch, settings):
    """A disk that is full at that moment broke every later print."""
    monkeypatch.setattr(Path, "write_bytes", lambda *a, **k: (_ for _ in ()).throw(OSError("plein")))
    with pytest.raises(OSError, match="plein"):
        atelier.feuille_de_style()
    assert not list(Path(settings.DOCUMENTS_ROOT).glob("document-*.css"))


@pytest.mark.usefixtures("imprimerie_neuve")
def test_an_unchanged_document_is_not_even_written_anew(agent, fiche):
    while (
        "attachment"
        not in (reponse := agent.get(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/fiche.pdf")).get(
            "Content-Disposition", "inline"
        )
        and reponse["Content-Type"] != "application/pdf"
    ):
        assert "Mise en page en cours" in reponse.content.decode()
        time.sleep(0.2)
    premier = b"".join(reponse.streaming_content)
    appels = []
    preparation = Preparation(f"essai {jeton(fiche.convention)}", lambda: appels.append(1) or document_fiche(fiche))
    preparation.fichier()
    assert appels == [1]
    Preparation(f"essai {jeton(fiche.convention)}", lambda: appels.append(2)).fichier()
    assert appels == [1]
    assert premier.startswith(b"%PDF-1.7")


def test_each_reader_gets_what_is_meant_for_them(fiche):
    travail, public, contrat = (mots(imprimer(document_fiche(fiche, usage=usage))) for usage in Usage)
    assert "Points de vigilance" in travail
    assert "Points de vigilance" not in public + contrat
    assert "avancement 55 %" in travail
    assert "avancement 55 %" in public
    assert "(139 800 p)" in public.replace("\u202f", " ").replace("\xa0", " ")
    # What the parties sign is what they agree, not where it stands on the day it is printed.
    assert "avancement" not in contrat
    assert "(139" not in contrat


def test_a_layout_that_fails_is_told_once_then_tried_again(monkeypatch):
    monkeypatch.setattr(atelier, "DELAI", 1)
    lourd = page("<table><tr><td>x</td></tr></table>" * 20_000)
    preparation = Preparation("échec", lambda: lourd)
    with pytest.raises(MiseEnPageImpossible):
        while preparation.avancement() == (0, 2):
            time.sleep(0.1)
    assert preparation.avancement() == (0, 2)


@pytest.mark.parametrize(
    ("faute", "phrase"),
    [
        (TimeoutError("60 s"), "Simplifiez ses tableaux"),
        (OSError(28, "No space left on device"), "n’a pas pu écrire le document"),
        (RuntimeError("arbre"), "Simplifiez ses tableaux"),
    ],
)
@pytest.mark.parametrize("etape", ["joindre", "decor"])
def test_a_joining_that_fails_is_told_in_words_and_leaves_nothing(monkeypatch, agent, faute, phrase, etape):
    def echouer(*_, **__):
        raise faute

    lancer = atelier.lancer
    if etape == "joindre":
        monkeypatch.setattr(atelier, "joindre", echouer)
    else:
        monkeypatch.setattr(atelier, "lancer", lambda html, balise=True: lancer(html) if balise else echouer())
    with pytest.raises(MiseEnPageImpossible, match=phrase):
        imprimer(page(f"<p>{uuid4()}</p>"))
    # Who asked by a page gets that sentence, not a fault of the server.
    monkeypatch.setattr(Preparation, "avancement", lambda self: (1, 1))
    reponse = agent.get("/val-d-argent/2026-2030/plan/plan.pdf")
    assert reponse.status_code == 503
    assert phrase in reponse.content.decode()


@pytest.mark.usefixtures("imprimerie_neuve")
def test_what_a_stopped_worker_left_half_made_is_swept():
    for nom in ("a.1-2.partiel", "a.1.reperes", "b.pdf"):
        (atelier.place("x").parent / nom).write_text("moitié")
    atelier.ranger(maintenant=time.time() + atelier.CONSERVATION + 60)
    assert not [f for f in atelier.place("x").parent.iterdir() if f.suffix in {".partiel", ".reperes", ".pdf"}]


def page(corps):
    return Document(
        "Essai",
        "Nous",
        [
            Morceau(
                "Essai",
                f'<!doctype html><html lang="fr"><title>Essai</title><body><h1 id="a">Essai</h1>{corps}</body></html>',
                (Entree(1, "Essai", "a"),),
            )
        ],
    )


@pytest.mark.parametrize(
    "adresse",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:9/x.png",
        "/etc/hostname",
        "data:image/png;base64,AAAA",
        "../ctg/settings.py",
    ],
)
def test_nothing_is_fetched_but_our_own_files(adresse, tmp_path):
    fichier = imprimer(page(f'<img alt="x" src="{adresse}"><link rel="attachment" href="{adresse}"><p>Fin</p>'))
    with pikepdf.open(fichier) as pdf:
        assert not pdf.attachments
        assert not [o for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Image"]
    assert mots(fichier).endswith("Fin Page 1 sur 1") or "Fin" in mots(fichier)


def test_a_huge_picture_is_refused_before_it_is_opened(settings):
    settings.MEDIA_ROOT.mkdir(parents=True)
    image = settings.MEDIA_ROOT / "grande.png"
    Image.new("1", (20_000, 20_000)).save(image)
    fichier = imprimer(page(f'<img alt="x" src="{image.as_uri()}">'))
    with pikepdf.open(fichier) as pdf:
        assert not [o for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Image"]


@pytest.mark.parametrize(
    "saisie",
    [
        '<table><tbody><tr><td colspan="65534" rowspan="65534">Cellule</td></tr></tbody></table>',
        "<table><tbody><tr><td>" * 300 + "Cellule",
        "<ul><li>" * 3000 + "Cellule",
    ],
)
def test_a_monstrous_text_cannot_stall_the_printing(fiche, saisie):
    # As if it had come in by another road than the forms: the output sanitises too.
    Action.objects.filter(pk=fiche.pk).update(description=saisie)
    fiche.refresh_from_db()
    debut = time.monotonic()
    fichier = imprimer(document_fiche(fiche))
    assert time.monotonic() - debut < 20
    assert "Cellule" in mots(fichier)


def test_a_piece_that_takes_too_long_is_named(monkeypatch):
    monkeypatch.setattr(atelier, "DELAI", 1)
    with pytest.raises(MiseEnPageImpossible, match="« Essai »"):
        imprimer(page("<table><tr><td>x</td></tr></table>" * 20_000))
