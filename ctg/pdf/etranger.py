"""PDF files that other software wrote: read in a worker, with care, and joined as they are."""

import resource
import zlib
from io import BytesIO
from pathlib import Path

import pikepdf

# A file of a few bytes may swell to gigabytes when it is opened: what a worker may take more than it has, to read one
# (bytes of address space).
MEMOIRE_DE_LECTURE = 1024**3


class PDFIllisible(ValueError):
    """The file cannot be joined; the message says why, in French."""


def a_l_etroit(lire, *arguments):
    """Return `lire(*arguments)`, whose memory is bounded: what swells fails alone. Raises `PDFIllisible` for any fault."""
    avant = resource.getrlimit(resource.RLIMIT_AS)
    pris = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (pris + MEMOIRE_DE_LECTURE, avant[1]))
    try:
        return lire(*arguments)
    except PDFIllisible:
        raise
    except MemoryError as erreur:
        raise PDFIllisible("Ce PDF prend trop de place une fois ouvert : allégez-le.") from erreur
    except Exception as erreur:  # whatever a library finds in a file of anybody's, the person is told
        raise PDFIllisible("Ce fichier n’est pas un PDF lisible.") from erreur
    finally:
        resource.setrlimit(resource.RLIMIT_AS, avant)


def extraire(octets, nom, maximum):
    """Return the bytes of a file embedded in a PDF under a name, `maximum` at most; None without it. Raises `PDFIllisible`."""
    try:
        with pikepdf.open(BytesIO(octets)) as pdf:
            if nom not in pdf.attachments:
                return None
            flux = pdf.attachments[nom].get_file().obj
            filtre, brut = flux.get("/Filter"), flux.read_raw_bytes()
            if filtre in ("/FlateDecode", [pikepdf.Name.FlateDecode]):
                brut = zlib.decompressobj().decompress(brut, maximum + 1)
            elif filtre is not None:
                raise PDFIllisible("Le fichier que ce PDF porte n’est pas écrit comme nos documents l’écrivent.")
    except pikepdf.PasswordError as erreur:
        raise PDFIllisible("Ce PDF est protégé par un mot de passe : il ne se lit pas ici.") from erreur
    if len(brut) > maximum:
        raise PDFIllisible("Le fichier que ce PDF porte est trop lourd.")
    return brut


def compter_les_pages(octets):
    """Return the number of pages of a PDF. Raises `PDFIllisible` if it is locked, broken or empty."""
    try:
        with pikepdf.open(BytesIO(octets)) as pdf:
            pages = len(pdf.pages)
    except pikepdf.PasswordError as erreur:
        raise PDFIllisible(
            "Ce PDF est protégé par un mot de passe : enregistrez-le sans protection, puis joignez-le à nouveau."
        ) from erreur
    except (pikepdf.PdfError, ValueError, RuntimeError) as erreur:
        raise PDFIllisible(
            "Ce PDF est abîmé : ouvrez-le dans son logiciel, enregistrez-le à nouveau en PDF, puis joignez-le."
        ) from erreur
    if not pages:
        raise PDFIllisible("Ce PDF n’a aucune page.")
    return pages


# The page of ours on which another is set, within the margins of document.css (points).
A4 = (210 * 72 / 25.4, 297 * 72 / 25.4)
CADRE = (18 * 72 / 25.4, 20 * 72 / 25.4, 192 * 72 / 25.4, 277 * 72 / 25.4)


def verser(pdf, source):
    """Add the pages of `source` to `pdf`, each set whole on a page of ours, between its head and its number.

    What they link to or run is left behind; whatever their size and their turn, nothing of ours is drawn over them.
    """
    source.flatten_annotations()
    for page in source.pages:
        pdf.add_blank_page(page_size=A4).add_overlay(page, pikepdf.Rectangle(*CADRE))
