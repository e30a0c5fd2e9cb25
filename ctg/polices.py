"""The fonts of the screen: WOFF2 pieces of the TTF files that Python packages ship, made on this machine.

Spectral and Fira Sans are under the OFL and reserve no font name: a piece may keep the name, with the notice and the
licence in its own metadata. `static/css/polices.css` says which pieces it wants, and of which characters; they are kept
in `var/polices/`, under a fingerprint of whatever shapes them. The installer makes them (`python -m ctg.polices`, which
needs no settings); the finder makes what is missing, so that `collectstatic` never lacks a file. Paper reads the TTFs.
"""

import hashlib
import os
import re
import shutil
import threading
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

RACINE = Path(__file__).resolve().parents[1]
FEUILLE = RACINE / "static" / "css" / "polices.css"
PAQUETS = {"Spectral": "fontpkg_spectral", "FiraSans": "fontpkg_fira_sans"}
# Where the browser asks for them, as polices.css writes it.
PREFIXE = "fonts"
# Copyright, names, trademark, licence and its address: what the OFL wants each copy to contain.
NOMS_GARDES = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
_VOULU = re.compile(r"url\(\.\./fonts/([\w-]+\.\w+\.woff2)\)[^}]*?unicode-range:\s*([^;}]+)")
_verrou = threading.Lock()


def dossier_des_ttf(police):
    """Return the folder of the TTF files of a font."""
    return Path(find_spec(PAQUETS[police]).origin).parent / "files"


def voulues():
    """Return {name of the file: characters} of what the style sheet wants."""
    return {nom: _caracteres(plage) for nom, plage in _VOULU.findall(FEUILLE.read_text(encoding="utf-8"))}


def _caracteres(plages):
    """Return the code points of a `unicode-range`."""
    codes = set()
    for plage in plages.split(","):
        debut, _, fin = plage.strip().removeprefix("U+").partition("-")
        codes.update(range(int(debut, 16), int(fin or debut, 16) + 1))
    return codes


@cache
def dossier():
    """Return where the pieces are kept: a new font, tool or list of characters makes a new folder."""
    versions = [version(paquet) for paquet in ("fonttools", *PAQUETS.values())]
    sources = [FEUILLE.read_bytes(), Path(__file__).read_bytes(), *(v.encode() for v in versions)]
    return RACINE / "var" / "polices" / hashlib.sha256(b"\0".join(sources)).hexdigest()[:16]


def fabriquer(cible=None):
    """Make the pieces that are missing; return their names."""
    cible = cible or dossier()
    with _verrou:
        manquantes = {nom: codes for nom, codes in voulues().items() if not (cible / nom).exists()}
        for nom, codes in manquantes.items():
            cible.mkdir(parents=True, exist_ok=True)
            # Two processes may make one piece at once: each writes its own file, the last to finish wins.
            temporaire = cible / f".{nom}-{os.getpid()}"
            _tailler(nom, codes, temporaire)
            temporaire.replace(cible / nom)
        for ancien in cible.parent.iterdir() if manquantes else ():
            if ancien != cible and re.fullmatch(r"[0-9a-f]{16}", ancien.name):
                shutil.rmtree(ancien, ignore_errors=True)
    return list(manquantes)


def _tailler(nom, codes, destination):
    from fontTools import subset  # a second to load, and only to make something

    face = nom.split(".")[0]
    # Hints serve screens that fonts of this kind no longer need, and would double the weight.
    choix = subset.Options(flavor="woff2", hinting=False, name_IDs=NOMS_GARDES, drop_tables=["meta", "DSIG"])
    police = subset.load_font(str(dossier_des_ttf(face.split("-")[0]) / f"{face}.ttf"), choix)
    tailleur = subset.Subsetter(choix)
    tailleur.populate(unicodes=codes)
    tailleur.subset(police)
    subset.save_font(police, str(destination), choix)
    police.close()


class Trouveur(FileSystemFinder):
    """Find the pieces among static files, made first if they are missing."""

    def __init__(self, app_names=None, *args, **kwargs):
        rangement = FileSystemStorage(location=dossier())
        rangement.prefix = PREFIXE
        self.locations = [(PREFIXE, str(dossier()))]
        self.storages = {str(dossier()): rangement}

    def check(self, **kwargs):
        return []

    def find_location(self, root, path, prefix=None):
        if Path(path).suffix == ".woff2" and path.startswith(f"{PREFIXE}/"):
            fabriquer()
        return super().find_location(root, path, prefix)

    def list(self, ignore_patterns):
        fabriquer()
        return super().list(ignore_patterns)


if __name__ == "__main__":
    fabriquer()
