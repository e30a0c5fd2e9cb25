"""The SCDL file « délibérations » 2.1.2 (OpenDataFrance): a row an act, columns and rules of the published schema."""

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
            "renseignez-le sous « Gestion », à la fiche du partenaire."
        )


def rangee(acte: Deliberation, adresse):
    """Return the row of an act, {column: value}; `adresse` is where it can be read. Raises `SiretManquant`."""
    partenaire = acte.conseil.collectivite
    if not partenaire.siret:
        raise SiretManquant(partenaire)
    assistance, scrutin = acte.assistance(), acte.scrutin()
    return {
        "COLL_NOM": str(partenaire),
        "COLL_SIRET": partenaire.siret,
        "DELIB_ID": acte.numero,
        "DELIB_DATE": acte.date.isoformat(),
        "DELIB_MATIERE_CODE": acte.matiere,
        "DELIB_MATIERE_NOM": NOMS[acte.matiere],
        "DELIB_OBJET": acte.objet,
        "PREF_DATE": acte.transmise_le.isoformat() if acte.transmise_le else "",
        "VOTE_EFFECTIF": assistance.en_exercice if assistance else "",
        "VOTE_REEL": scrutin.somme - scrutin.sans_part if scrutin else "",
        "VOTE_POUR": scrutin.pour if scrutin else "",
        "VOTE_CONTRE": scrutin.contre if scrutin else "",
        "VOTE_ABSTENTION": scrutin.abstentions if scrutin else "",
        "DELIB_URL": adresse,
    }
