"""The one PDF renderer: pieces of HTML in, one tagged and archivable PDF out.

A document is a list of pieces that each begin a page (a cover, the articles, one fiche ...). WeasyPrint lays out a
piece in another process and the result is kept under the fingerprint of its HTML: when one fiche of a convention
changes, only that fiche is laid out anew. The pieces are then joined; page numbers, running heads, the watermark,
links, bookmarks and the tag tree are written over the whole.
"""

from .atelier import a_l_ecart, chauffer, deposer_une_image, pages_de, preparer
from .document import LIEN, Document, Entree, Feuillets, Jointe, Morceau
from .erreurs import MiseEnPageImpossible
from .etranger import PDFIllisible, compter_les_pages, extraire
from .preparation import Preparation

__all__ = [
    "LIEN",
    "Document",
    "Entree",
    "Feuillets",
    "Jointe",
    "MiseEnPageImpossible",
    "Morceau",
    "PDFIllisible",
    "Preparation",
    "a_l_ecart",
    "chauffer",
    "compter_les_pages",
    "deposer_une_image",
    "extraire",
    "pages_de",
    "preparer",
]
