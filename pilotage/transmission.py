"""The folder that an operator takes to transmit an act to the legality control, named and checked as ACTES asks.

Rules: shared/standards/actes.md (public configuration of two operators). The XML is the operator's business.
"""

import re
import zipfile
from functools import cache
from io import BytesIO

import pycountry

from ctg import scelles
from ctg.francais import date_fr
from ctg.texte import sans_accents

# Bytes, all the files of one transmission; signs of the subject.
POIDS_MAX, OBJET_MAX = 150 * 1024 * 1024, 499
NUMERO = re.compile(r"^[0-9A-Z_]{1,15}$")


class DossierImpossible(Exception):
    """What keeps an act from being transmitted, as French sentences that say what to do."""

    def __init__(self, phrases):
        self.phrases = phrases
        super().__init__(" ".join(phrases))


def code_du_departement(nom):
    """Return the code of a département on 3 signs (« Haut-Rhin » is 068), or "" if no département bears that name."""
    return _departements().get(_lettres(nom), "")


@cache
def _departements():
    """Return {letters of a name: code}; ISO 3166-2 writes Paris « 75C », its régions and the rest otherwise."""
    lieux = pycountry.subdivisions.get(country_code="FR")
    codes = ((re.fullmatch(r"FR-(\d\d|2[AB]|97\d)C?", lieu.code), lieu) for lieu in lieux)
    return {_lettres(lieu.name.removesuffix(" (française)")): code[1].rjust(3, "0") for code, lieu in codes if code}


def _lettres(nom):
    """Return the letters alone of a name, whatever its accents, apostrophes, hyphens and article."""
    return re.sub(r"[^a-z]", "", re.sub(r"^l(a|e|es)\s", "", sans_accents(nom).strip()))


def _pieces(acte):
    return [piece for piece in (acte.piece, acte.annexe) if piece]


def obstacles(acte):
    """Return what is missing for the folder, as French sentences."""
    partenaire, pieces = acte.conseil.collectivite, _pieces(acte)
    manques = [
        (acte.piece, "L’acte n’est pas scellé : proclamez-le, ou rendez le fichier signé."),
        (
            partenaire and partenaire.siret,
            f"« {partenaire} » n’a pas de SIRET : qui gère le territoire le renseigne sous « Gestion ».",
        ),
        (
            code_du_departement(acte.conseil.territoire.departement),
            "Le département du territoire n’est pas reconnu : qui gère le territoire écrit son nom sous « Gestion » (« Haut-Rhin »).",
        ),
        (NUMERO.match(acte.numero_actes), f"Le numéro « {acte.numero} » ne se transmet pas : lettres, chiffres et _."),
        (len(acte.objet) <= OBJET_MAX, f"L’objet dépasse {OBJET_MAX} signes."),
        (sum(p.taille for p in pieces) <= POIDS_MAX, "Les fichiers dépassent 150 Mo ensemble."),
    ]
    return [phrase for juste, phrase in manques if not juste]


def nom_de_piece(acte, rang):
    """Return the name of a file of the transmission: « 99_DE-068-216802939-20260211-583-DE-1-1_1.pdf »."""
    return _nom(acte.conseil, f"{acte.date:%Y%m%d}", acte.numero_actes, rang)


def _nom(conseil, jour, numero, rang):
    departement, siren = code_du_departement(conseil.territoire.departement), conseil.collectivite.siret[:9]
    return f"99_DE-{departement}-{siren}-{jour}-{numero}-DE-1-1_{rang}.pdf"


def noms_a_donner(conseil):
    """Return how a council names its act and its annex to transmit them itself, day and number still to be set; or []."""
    if not (conseil.collectivite.siret and code_du_departement(conseil.territoire.departement)):
        return []
    return [_nom(conseil, "AAAAMMJJ", "NUMERO", rang) for rang in (1, 2)]


def dossier_actes(acte):
    """Return the bytes of the folder (ZIP): the sealed act, its annex, and what to type. Raises `DossierImpossible`."""
    if phrases := obstacles(acte):
        raise DossierImpossible(phrases)
    fiche = [
        f"Numéro interne : {acte.numero_actes}",
        f"Date de la décision : {acte.date:%Y-%m-%d} ({date_fr(acte.date)})",
        "Nature : 1 (délibérations)",
        f"Matière : {acte.get_matiere_display()}",
        f"Objet : {acte.objet}",
    ]
    sortie = BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        for rang, piece in enumerate(_pieces(acte), start=1):
            try:
                archive.writestr(nom_de_piece(acte, rang), scelles.lire(piece.pk))
            except OSError as erreur:
                phrase = f"« {piece.nom} » n’est plus dans le magasin des fichiers scellés : prévenez l’administrateur."
                raise DossierImpossible([phrase]) from erreur
            fiche.append(f"{'Acte' if rang == 1 else 'Annexe'} : {nom_de_piece(acte, rang)} (SHA-256 {piece.pk})")
        archive.writestr("a-saisir.txt", "\n".join(fiche) + "\n")
    return sortie.getvalue()
