"""Lay out one piece, in a process of its own. Sets no Django up: a worker starts in the time of WeasyPrint."""

import json
import os
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from PIL import Image
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from ctg.pdf.balises import completer

IMAGE_PIXELS_MAX = 25_000_000
SUFFIXES_IMAGES = {".png", ".jpg", ".jpeg"}


class NosFichiersSeulement(URLFetcher):
    """Fetch nothing but files of our own folders; whatever a text names elsewhere is not even looked at."""

    def __init__(self, dossiers):
        super().__init__(allowed_protocols={"file"}, allow_redirects=False)
        self._dossiers = [Path(d).resolve() for d in dossiers]

    def fetch(self, url, headers=None):
        parties = urlsplit(url)
        chemin = Path(unquote(parties.path)).resolve()
        if parties.scheme != "file" or parties.netloc or not any(chemin.is_relative_to(d) for d in self._dossiers):
            raise ValueError(f"Adresse refusée : {url}")
        if chemin.suffix.lower() in SUFFIXES_IMAGES:
            with Image.open(chemin) as image:
                if image.width * image.height > IMAGE_PIXELS_MAX:
                    raise ValueError(f"Image trop grande : {chemin.name}")
        return super().fetch(chemin.as_uri(), headers)


@cache
def _style(feuille, _horodatage, dossiers):
    polices = FontConfiguration()
    return CSS(filename=feuille, font_config=polices, url_fetcher=NosFichiersSeulement(dossiers)), polices


def mettre_en_page(html, feuille, dossiers, destination, balise=True):
    """Write `html` as a PDF at `destination` and its anchors beside it (.json); return the number of pages.

    The side file holds `pages` and `ancres` {name: [page index, x, y]} in PDF points from the bottom left.
    `balise` chooses a tagged piece (PDF/A-3a) or a plain one, for what is only decoration.
    """
    style, polices = _style(feuille, Path(feuille).stat().st_mtime_ns, dossiers)
    document = HTML(
        string=html, base_url=Path(dossiers[0]).as_uri() + "/", url_fetcher=NosFichiersSeulement(dossiers)
    ).render(stylesheets=[style], font_config=polices)
    ancres = {}
    for rang, page in enumerate(document.pages):
        for nom, (x, y, *_) in page.anchors.items():
            ancres.setdefault(nom, [rang, x * 0.75, (page.height - y) * 0.75])
    destination = Path(destination)
    # Two servers may lay out one piece at once: each writes its own file, the last to finish wins.
    temporaire = destination.with_suffix(f".{os.getpid()}.partiel")
    document.write_pdf(temporaire, pdf_variant="pdf/a-3a" if balise else "pdf/a-3b")
    if balise:
        completer(temporaire, destination.stem[:16])
    reperes = temporaire.with_suffix(".reperes")
    reperes.write_text(json.dumps({"pages": len(document.pages), "ancres": ancres}), encoding="utf-8")
    reperes.replace(destination.with_suffix(".json"))
    temporaire.replace(destination)
    return len(document.pages)
