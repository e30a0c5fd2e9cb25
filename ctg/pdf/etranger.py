"""PDF files that other software wrote: read with care, joined as they are."""

from io import BytesIO

import pikepdf


class PDFIllisible(ValueError):
    """The file cannot be joined; the message says why, in French."""


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


def verser(pdf, source):
    """Add the pages of `source` to `pdf`, as they look; what they link to or run is left behind."""
    source.flatten_annotations()
    debut = len(pdf.pages)
    pdf.pages.extend(source.pages)
    for page in pdf.pages[debut:]:
        for cle in ("/Annots", "/StructParents", "/AA", "/B"):
            if cle in page.obj:
                del page.obj[cle]
