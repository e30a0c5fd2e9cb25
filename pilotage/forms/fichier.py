"""The files that a form takes."""

from django import forms

from actions.models.suivi import valider_pdf
from ctg.pdf import PDFIllisible, a_l_ecart, compter_les_pages


def pdf_lisible(fichier):
    """Return a file that was sent, if it is a PDF that opens. Raises `ValidationError`."""
    valider_pdf(fichier)
    try:
        a_l_ecart(compter_les_pages, fichier.read())
    except PDFIllisible as erreur:
        raise forms.ValidationError(str(erreur)) from erreur
    fichier.seek(0)
    return fichier
