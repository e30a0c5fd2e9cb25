"""The layout itself, run here: what the workers do is then measured, and seen without a pool around it."""

import json

import pikepdf
import pytest
from PIL import Image

from ctg.pdf import atelier
from ctg.pdf.mise_en_page import mettre_en_page

TABLEAU = """<!doctype html><html lang="fr"><title>Essai</title><body><h1 id="haut">Financements</h1>
<table><thead><tr><th>Partenaire</th><th>Montant</th></tr></thead>
<tbody><tr><th>CAF</th><td>1 000 €</td></tr><tr><th>CCVA</th><td>2 000 €</td></tr></tbody></table>
<p><a href="#haut">Revenir</a></p>{suite}</body></html>"""


@pytest.fixture
def poser(tmp_path):
    """Return a function that lays out a text in this process and gives (pages, anchors, path)."""

    def poser(suite="", **options):
        destination = tmp_path / "0123456789abcdef.pdf"
        html = TABLEAU.replace("{suite}", suite)
        pages = mettre_en_page(
            html, atelier.feuille_de_style(), (str(tmp_path), *atelier._dossiers()), str(destination), **options
        )
        reperes = json.loads(destination.with_suffix(".json").read_text(encoding="utf-8"))
        assert reperes["pages"] == pages
        return pages, reperes["ancres"], destination

    return poser


def test_every_header_is_named_and_looks_its_way(poser):
    pages, ancres, chemin = poser()
    assert pages == 1
    assert ancres["haut"][0] == 0
    with pikepdf.open(chemin) as pdf:
        noms = list(pdf.Root.StructTreeRoot.IDTree.Names)
        assert [bytes(nom)[:16] for nom in noms[::2]] == [b"0123456789abcdef"] * (len(noms) // 2)
        assert [str(entete.A.Scope) for entete in noms[1::2]] == ["/Column", "/Column", "/Row", "/Row"]
    assert [f.name for f in chemin.parent.iterdir() if "partiel" in f.name] == []


def test_a_decoration_has_no_tags(poser):
    with pikepdf.open(poser(balise=False)[2]) as pdf:
        assert "/IDTree" not in pdf.Root.get("/StructTreeRoot", {})


def test_only_our_own_reasonable_images_are_read(poser, tmp_path, monkeypatch):
    """A text that names a file of the server, an address or an enormous image prints without it."""
    monkeypatch.setattr("ctg.pdf.mise_en_page.IMAGE_PIXELS_MAX", 100)
    Image.new("RGB", (5, 5), "red").save(tmp_path / "petite.png")
    Image.new("RGB", (50, 50), "red").save(tmp_path / "grande.png")
    images = "".join(
        f'<img alt="" src="{source}">'
        for source in ("petite.png", "grande.png", "file:///etc/hostname", "http://127.0.0.1:9/x")
    )
    with pikepdf.open(poser(images)[2]) as pdf:
        assert len(pdf.pages[0].get_images()) == 1
