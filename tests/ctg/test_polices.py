"""The fonts of the screen: pieces made on this machine, and fonts of the machine that stand in until they come."""

import re
import subprocess
from collections import Counter

import pytest
import yaml
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont

from ctg import polices

FEUILLE = polices.FEUILLE.read_text()
# The face of ours that each stand-in replaces, by the beginning of its family and by what it declares.
REMPLACEE = {
    ("Fira Sans", ""): "FiraSans-Regular",
    ("Fira Sans", "font-style: italic;"): "FiraSans-Italic",
    ("Fira Sans", "font-weight: 600;"): "FiraSans-SemiBold",
    ("Spectral", ""): "Spectral-Regular",
    ("Spectral", "font-weight: 600;"): "Spectral-SemiBold",
}
SECOURS = re.findall(
    r'font-family: "(Fira Sans|Spectral) par \w+"; ?(.*?) ?src: (.*?); size-adjust: (.*?)%; ascent-override: (.*?)%; '
    r"descent-override: (.*?)%; line-gap-override: 0%",
    FEUILLE,
)


def ttf(face):
    return polices.dossier_des_ttf(face.split("-")[0]) / f"{face}.ttf"


@pytest.fixture(scope="module")
def morceaux(tmp_path_factory):
    dossier = tmp_path_factory.mktemp("polices") / "ici"
    assert len(polices.fabriquer(dossier)) == 10
    return dossier


def test_each_piece_has_what_its_whole_font_has_of_its_characters_and_keeps_the_licence(morceaux):
    for nom, codes in polices.voulues().items():
        with TTFont(morceaux / nom) as morceau, TTFont(ttf(nom.split(".")[0])) as entiere:
            assert set(morceau.getBestCmap()) == codes & set(entiere.getBestCmap()), nom
            for dit in (0, 13, 14):  # copyright, licence, its address
                assert morceau["name"].getDebugName(dit) == entiere["name"].getDebugName(dit)
        assert (morceaux / nom).stat().st_size < 20 * 1024, nom


def test_a_word_of_french_is_in_the_first_piece_and_no_character_in_two():
    voulues = polices.voulues()
    for face in REMPLACEE.values():
        assert {ord(c) for c in "Œuvrés à Noël, «\u00a0ça\u202f»… l’été – 12\u202f€ ≥ 3 × 4"} <= voulues[
            f"{face}.latin.woff2"
        ]
        assert ord("ğ") in voulues[f"{face}.etendu.woff2"]
        assert not voulues[f"{face}.latin.woff2"] & voulues[f"{face}.etendu.woff2"]


def test_what_is_made_is_not_made_again_and_comes_out_the_same(morceaux, tmp_path):
    assert polices.fabriquer(morceaux) == []
    nom = "Spectral-Regular.latin.woff2"
    avant = (morceaux / nom).read_bytes()
    (morceaux / nom).unlink()
    ancien = morceaux.parent / ("0" * 16)
    ancien.mkdir()
    assert polices.fabriquer(morceaux) == [nom]
    assert (morceaux / nom).read_bytes() == avant
    assert not ancien.exists()  # the pieces of a font, a tool, a list that are no more


def test_the_pieces_are_static_files_like_others(monkeypatch, morceaux):
    monkeypatch.setattr(polices, "dossier", lambda: morceaux)
    trouveur = polices.Trouveur()
    nom = "FiraSans-Italic.latin.woff2"
    (morceaux / nom).unlink()
    assert trouveur.find(f"fonts/{nom}") == str(morceaux / nom)
    assert trouveur.find("fonts/Autre.latin.woff2") == trouveur.find("css/site.css") == []
    assert {chemin for chemin, _ in trouveur.list([])} == set(polices.voulues())
    assert {rangement.prefix for _, rangement in trouveur.list([])} == {"fonts"}
    assert finders.find("fonts/FiraSans-Regular.latin.woff2")


def largeur(police):
    """Return the mean advance of a font over the texts of the Val d'Argent, in em."""
    avances, noms, taille = police["hmtx"], police.getBestCmap(), police["head"].unitsPerEm
    lettres = {c: n for c, n in LETTRES.items() if ord(c) in noms}
    return sum(n * avances[noms[ord(c)]][0] for c, n in lettres.items()) / sum(lettres.values()) / taille


def textes(objet):
    if isinstance(objet, dict | list):
        for valeur in objet.values() if isinstance(objet, dict) else objet:
            yield from textes(valeur)
    elif isinstance(objet, str) and " " in objet:
        yield re.sub(r"<[^>]+>", " ", objet)


_DONNEES = yaml.safe_load((polices.RACINE / "fixtures" / "val_d_argent.yaml").read_text())
LETTRES = Counter(c for c in " ".join(textes(_DONNEES)) if c.isprintable())


def fichiers_de(nom):
    """Return the file of a font of this machine by its full name, as `local()` looks for it."""
    rendu = subprocess.run(["fc-list", f":fullname={nom}", "file"], capture_output=True, text=True, check=True).stdout
    return [ligne.rstrip(": ") for ligne in rendu.splitlines() if ligne.rstrip(": ").endswith(".ttf")]


@pytest.mark.parametrize(("famille", "style", "sources", "ajuste", "haut", "bas"), SECOURS)
def test_a_font_that_stands_in_has_the_measures_of_ours(famille, style, sources, ajuste, haut, bas):
    fichiers = [f for nom in re.findall(r'local\("(.*?)"\)', sources) for f in fichiers_de(nom)]
    if not fichiers:
        pytest.skip(f"{sources} is not on this machine")
    with TTFont(ttf(REMPLACEE[famille, style])) as notre, TTFont(fichiers[0]) as autre:
        echelle = largeur(notre) / largeur(autre)
        em = notre["head"].unitsPerEm * echelle
        attendus = (100 * echelle, 100 * notre["hhea"].ascent / em, -100 * notre["hhea"].descent / em)
    assert [float(x) for x in (ajuste, haut, bas)] == pytest.approx(attendus, rel=0.01)


def test_each_of_our_faces_has_its_stand_ins():
    assert Counter(REMPLACEE[famille, style] for famille, style, *_ in SECOURS) == dict.fromkeys(REMPLACEE.values(), 3)
