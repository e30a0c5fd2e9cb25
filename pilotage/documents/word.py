"""The model of an act as a text-processor file (DOCX, by python-docx): a secretary pastes it into her own software."""

import io

from bs4 import BeautifulSoup
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH

from ctg.francais import espaces


def modele_docx(texte, conseil):
    """Return the bytes of the DOCX of a `TexteModele` for a council."""
    fichier = Document()
    fichier.core_properties.title = texte.objet
    fichier.core_properties.language = "fr-FR"
    _centre(fichier, conseil.nom.upper())
    fichier.add_heading(espaces(texte.objet), level=1)
    for riche in (texte.visas, texte.expose):
        recopier(fichier, riche)
    _centre(fichier, f"{conseil.mots.l_assemblee.upper()}, après en avoir délibéré,")
    for verbe, suite in texte.dispositif:
        paragraphe = fichier.add_paragraph()
        paragraphe.add_run(verbe).bold = True
        paragraphe.add_run(f" {espaces(suite)}")
    sortie = io.BytesIO()
    fichier.save(sortie)
    return sortie.getvalue()


def _centre(fichier, texte):
    paragraphe = fichier.add_paragraph()
    paragraphe.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraphe.add_run(texte).bold = True


def recopier(fichier, riche):
    """Write a rich text: paragraphs, headings, lists, tables as rows of text; bold and italic are kept."""
    page = BeautifulSoup(riche or "", "html.parser")
    for bloc in page.find_all(["p", "h3", "h4", "h5", "li", "tr", "blockquote"]):
        if bloc.find_parent(["li", "tr", "blockquote"]) is not None:
            continue
        if bloc.name == "tr":
            fichier.add_paragraph(" | ".join(c.get_text(" ", strip=True) for c in bloc.find_all(["td", "th"])))
        elif bloc.name.startswith("h"):
            fichier.add_heading(espaces(bloc.get_text(" ", strip=True)), level=2)
        else:
            numerotee = bloc.name == "li" and bloc.parent.name == "ol"
            style = "List Number" if numerotee else "List Bullet" if bloc.name == "li" else None
            _morceaux(fichier.add_paragraph(style=style), bloc)


def _morceaux(paragraphe, noeud, gras=False, italique=False):
    for enfant in noeud.children:
        if enfant.name is None:
            trait = paragraphe.add_run(espaces(str(enfant)))
            trait.bold, trait.italic = gras or None, italique or None
        elif enfant.name == "br":
            paragraphe.add_run().add_break()
        else:
            _morceaux(
                paragraphe, enfant, gras or enfant.name in {"strong", "b"}, italique or enfant.name in {"em", "i"}
            )
