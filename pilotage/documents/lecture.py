"""A convention read back from its own PDF: the canonical JSON that it carries, whatever version wrote it."""

import json
from io import BytesIO

import pikepdf

from actions.models import Annexe
from pilotage.documents.canonique import FORMAT, NOM_DU_TEXTE

# One reader a version of the format: each returns the text in the words of today's version.
# Version 1 named no annex: six of them were fixed.
FIXES = [{"numero": n, "genre": g.value, "titre": g.label} for n, g in enumerate(Annexe.HABITUELLES, start=1)]
LECTEURS = {1: lambda texte: {**texte, "annexes": FIXES}, 2: lambda texte: texte}


class Illisible(ValueError):
    """The file carries no text of a convention; the message says why, in French."""


def extraire(octets):
    """Return the bytes of the canonical JSON that a PDF carries. Raises `Illisible`."""
    try:
        with pikepdf.open(BytesIO(octets)) as pdf:
            if NOM_DU_TEXTE not in pdf.attachments:
                raise Illisible(
                    "Ce PDF ne porte pas le texte d’une convention : seules les versions scellées le portent."
                )
            return pdf.attachments[NOM_DU_TEXTE].get_file().read_bytes()
    except pikepdf.PdfError as erreur:
        raise Illisible("Ce fichier n’est pas un PDF lisible.") from erreur


def lire_le_texte(octets):
    """Return the text of a convention from its canonical JSON, in today's words. Raises `Illisible`."""
    try:
        texte = json.loads(octets)
    except ValueError as erreur:
        raise Illisible("Le texte que ce fichier porte n’est pas du JSON.") from erreur
    if not isinstance(texte, dict) or texte.get("format") != FORMAT:
        raise Illisible("Ce fichier ne porte pas le texte d’une convention.")
    if texte.get("version") not in LECTEURS:
        raise Illisible(f"Version {texte.get('version')} du texte : cette application est trop ancienne pour la lire.")
    return LECTEURS[texte["version"]](texte)


def lire_la_convention(octets):
    """Return the text of a convention from the PDF of one of its versions, or from its JSON. Raises `Illisible`."""
    return lire_le_texte(octets if octets[:1] == b"{" else extraire(octets))


def resumer(texte):
    """Return what a text holds, in one French sentence."""
    fiches = sum(len(axe["fiches"]) for axe in texte["axes"])
    convention = texte["convention"]
    return (
        f"{convention['titre']} {convention['debut']}-{convention['fin']} – {texte['territoire']['nom']} : "
        f"{len(texte['parties'])} parties, {len(texte['articles'])} articles, {len(texte['axes'])} axes, "
        f"{fiches} fiches."
    )
