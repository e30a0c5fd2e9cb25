"""A convention read back from its own PDF: the canonical JSON that it carries, whatever version wrote it."""

import json

from actions.models import Annexe
from ctg import pdf
from ctg.pdf import a_l_ecart
from ctg.signes import sans_controles
from pilotage.documents.canonique import FORMAT, NOM_DU_TEXTE

# One reader a version of the format: each returns the text in the words of today's version.
# Version 1 named no annex: six of them were fixed.
FIXES = [{"numero": n, "genre": g.value, "titre": g.label} for n, g in enumerate(Annexe.HABITUELLES, start=1)]
# Version 2 said neither the nature of money nor what an indicator's figures are: what is absent is what was understood.
LECTEURS = {1: lambda texte: {**texte, "annexes": FIXES}, 2: lambda texte: texte, 3: lambda texte: texte}

# What a text may weigh, in bytes: thirty times that of a plan of 300 fiches. Files come from anybody (`/verifier/`).
POIDS_MAX = 32 * 1024 * 1024
# What every text holds, and of which kind (pilotage/documents/canonique.py).
FORME = {"territoire": dict, "convention": dict} | dict.fromkeys(("parties", "articles", "annexes", "axes"), list)


class Illisible(ValueError):
    """The file carries no text of a convention; the message says why, in French."""


def extraire(octets):
    """Return the bytes of the canonical JSON that a PDF carries, read in a worker. Raises `Illisible`."""
    try:
        texte = a_l_ecart(pdf.extraire, octets, NOM_DU_TEXTE, POIDS_MAX)
    except pdf.PDFIllisible as erreur:
        raise Illisible(str(erreur)) from erreur
    if texte is None:
        raise Illisible("Ce PDF ne porte pas le texte d’une convention : seules les versions scellées le portent.")
    return texte


def lire_le_texte(octets):
    """Return the text of a convention from its canonical JSON, in today's words. Raises `Illisible`."""
    try:
        texte = json.loads(octets)
    except (ValueError, RecursionError) as erreur:
        raise Illisible("Le texte que ce fichier porte n’est pas du JSON.") from erreur
    if not isinstance(texte, dict) or texte.get("format") != FORMAT:
        raise Illisible("Ce fichier ne porte pas le texte d’une convention.")
    version = texte.get("version")
    if type(version) is not int or version not in LECTEURS:
        raise Illisible(f"Version {str(version)[:20]} du texte : cette application est trop ancienne pour la lire.")
    texte = LECTEURS[version](texte)
    if not all(isinstance(texte.get(nom), genre) for nom, genre in FORME.items()) or not all(
        isinstance(axe, dict) and isinstance(axe.get("fiches"), list) for axe in texte["axes"]
    ):
        raise Illisible("Le texte que ce fichier porte est incomplet : ce n’est pas celui d’une convention.")
    return texte


def lire_la_convention(octets):
    """Return the text of a convention from the PDF of one of its versions, or from its JSON. Raises `Illisible`."""
    return lire_le_texte(octets if octets[:1] == b"{" else extraire(octets))


def resumer(texte):
    """Return what a text holds, in one French sentence."""
    fiches = sum(len(axe["fiches"]) for axe in texte["axes"])
    convention, territoire = texte["convention"], texte["territoire"]
    return sans_controles(
        f"{convention.get('titre')} {convention.get('debut')}-{convention.get('fin')} – {territoire.get('nom')} : "
        f"{len(texte['parties'])} parties, {len(texte['articles'])} articles, {len(texte['axes'])} axes, "
        f"{fiches} fiches."
    )
