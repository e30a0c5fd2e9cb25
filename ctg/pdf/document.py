"""What a printed document is made of."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

# Inside a PDF a link to another piece cannot be resolved while its piece is laid out: it is written with this
# address, which leads nowhere, and becomes a true internal link when the pieces are joined.
LIEN = "https://document.invalid/#"


# Tokens first: document.css is written with them.
FEUILLES = [
    Path(__file__).with_name("polices.css"),
    *(Path(settings.BASE_DIR) / "static" / "css" / nom for nom in ("jetons.css", "document.css")),
]
# Whatever of ours changes how a piece comes out; what was laid out before a change is not taken for the same.
_SOURCES = [*FEUILLES, *sorted(Path(__file__).parent.glob("*.py"))]


@cache
def _empreinte_du_moteur(_horodatages):
    sources = b"".join(source.read_bytes() for source in _SOURCES)
    return hashlib.sha256(sources + version("weasyprint").encode()).hexdigest()


def empreinte(*parties):
    """Return the fingerprint of some texts, of the style sheets and of the layout engine."""
    moteur = _empreinte_du_moteur(tuple(source.stat().st_mtime_ns for source in _SOURCES))
    return hashlib.sha256("\0".join([moteur, *parties]).encode()).hexdigest()


@dataclass(frozen=True)
class Entree:
    """A line of the table of contents and a bookmark: level (1 = outermost), title, anchor in the HTML."""

    niveau: int
    titre: str
    ancre: str


@dataclass(frozen=True)
class Morceau:
    """A piece that begins a page: its name for messages, its whole HTML page, its entries, its running head."""

    nom: str
    html: str
    entrees: tuple[Entree, ...] = ()
    tete: str = ""

    @property
    def empreinte(self):
        return empreinte(self.html)


@dataclass(frozen=True)
class Feuillets:
    """Pages that are not ours, joined as they are to a working print; they have no tags and claim nothing."""

    nom: str
    sha256: str
    lire: Callable[[], bytes] = field(compare=False)
    tete: str = ""
    entrees: tuple[Entree, ...] = ()

    @property
    def html(self):
        """What stands for its text where texts are compared."""
        return f"sha256:{self.sha256}"


@dataclass(frozen=True)
class Jointe:
    """A file embedded in a document, unchanged; `relation` says what it is to it (ISO 19005-3, 6.8).

    « Source »: what it was printed from; « Supplement »: what is annexed to it.
    """

    nom: str
    octets: bytes
    nature: str
    description: str
    relation: str = "Source"


@dataclass(frozen=True)
class Document:
    """A document to print.

    `sommaire(pages)` returns the piece that holds the table of contents, given {anchor: page number}; it is
    placed at `rang_sommaire` among the pieces. `mention` is repeated at the head of every page (the label of
    example data), `filigrane` is the watermark, `jointes` the files that it carries, `verification` the address at which the
    paper is verified, printed as a QR code on its first page.
    """

    titre: str
    auteur: str
    morceaux: list[Morceau | Feuillets]
    sommaire: Callable | None = None
    rang_sommaire: int = 1
    mention: str = ""
    filigrane: str = ""
    langue: str = "fr"
    jointes: tuple[Jointe, ...] = ()
    verification: str = ""
    entrees: list[Entree] = field(default_factory=list)

    def descente(self, rang, morceau):
        """Return by how many levels the headings of a piece go down: the title of what opens the document is its only h1.

        None for pages that are not ours.
        """
        if isinstance(morceau, Feuillets):
            return None
        if rang == 0:
            return 0
        niveau = morceau.entrees[0].niveau if morceau.entrees else 1
        return niveau if self.sommaire else niveau - 1

    @property
    def empreinte(self):
        sommaire = self.sommaire({}).html if self.sommaire else ""
        return empreinte(
            self.titre,
            self.auteur,
            self.mention,
            self.filigrane,
            self.verification,
            sommaire,
            *(f"{j.nom} {hashlib.sha256(j.octets).hexdigest()}" for j in self.jointes),
            *(m.html for m in self.morceaux),
            *(m.tete for m in self.morceaux),
        )
