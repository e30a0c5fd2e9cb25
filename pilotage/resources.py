"""The SCDL file « délibérations » 2.1.5 (OpenDataFrance): a row an act, columns and rules of the published schema."""

import re

from pilotage.models import Deliberation
from pilotage.models.matieres import NOMS

COLONNES = [
    "COLL_NOM",
    "COLL_SIRET",
    "DELIB_ID",
    "DELIB_DATE",
    "DELIB_MATIERE_CODE",
    "DELIB_MATIERE_NOM",
    "DELIB_OBJET",
    "BUDGET_ANNEE",
    "BUDGET_NOM",
    "PREF_ID",
    "PREF_DATE",
    "VOTE_EFFECTIF",
    "VOTE_REEL",
    "VOTE_POUR",
    "VOTE_CONTRE",
    "VOTE_ABSTENTION",
    "DELIB_URL",
]


class SiretManquant(Exception):
    """The body has no SIRET, which the schema requires."""

    def __init__(self, partenaire):
        super().__init__(
            f"« {partenaire} » n’a pas de numéro SIRET, que le format demande : "
            "qui gère le territoire le renseigne sous « Gestion », à la fiche du partenaire."
        )


def rangee(acte: Deliberation, adresse):
    """Return the row of an act, {column: value}; `adresse` is where it can be read. Raises `SiretManquant`."""
    partenaire = acte.conseil.collectivite
    if not partenaire.siret:
        raise SiretManquant(partenaire)
    rangee = {
        "COLL_NOM": str(partenaire),
        "COLL_SIRET": partenaire.siret,
        "DELIB_ID": acte.numero,
        "DELIB_DATE": acte.date.isoformat(),
        "DELIB_MATIERE_CODE": acte.matiere,
        "DELIB_MATIERE_NOM": NOMS[acte.matiere],
        "DELIB_OBJET": acte.objet,
        "PREF_ID": f"PREF{acte.identifiant_actes[:3]}" if re.match(r"\d{3}-", acte.identifiant_actes) else "",
        "PREF_DATE": acte.transmise_le.isoformat() if acte.transmise_le else "",
        **_voix(acte),
        "DELIB_URL": acte.adresse_en_ligne or adresse,
    }
    return {colonne: sans_formule(valeur) for colonne, valeur in rangee.items()}


def _voix(acte):
    """Return the five figures of the vote, or none of them: the schema wants them together."""
    assistance, scrutin = acte.assistance(), acte.scrutin()
    if not (assistance and scrutin):
        return {}
    return {
        "VOTE_EFFECTIF": assistance.en_exercice,
        "VOTE_REEL": scrutin.somme - scrutin.sans_part,
        "VOTE_POUR": scrutin.pour,
        "VOTE_CONTRE": scrutin.contre,
        "VOTE_ABSTENTION": scrutin.abstentions,
    }


def sans_formule(valeur):
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{valeur}" if isinstance(valeur, str) and valeur.startswith(("=", "+", "-", "@", "\t", "\r")) else valeur
