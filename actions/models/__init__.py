"""The plan as data, one file per aggregate."""

from .action import Action, Participation
from .annexe import Annexe
from .axe import Axe, BilanAxe, Objectif
from .convention import Article, Convention, Etat, Service, Signataire
from .indicateur import Cible, Indicateur, Mesure
from .moyens import Financement, Jalon
from .references import Dispositif, Mission, Thematique
from .suivi import Note, PieceJointe
from .territoire import Fonction, Partenaire, Territoire

__all__ = [
    "Action",
    "Annexe",
    "Article",
    "Axe",
    "BilanAxe",
    "Cible",
    "Convention",
    "Dispositif",
    "Etat",
    "Financement",
    "Fonction",
    "Indicateur",
    "Jalon",
    "Mesure",
    "Mission",
    "Note",
    "Objectif",
    "Partenaire",
    "Participation",
    "PieceJointe",
    "Service",
    "Signataire",
    "Territoire",
    "Thematique",
]
