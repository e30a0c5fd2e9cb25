"""The plan as data, one file per aggregate."""

from .action import Action, Participation
from .axe import Axe
from .convention import Article, BilanAxe, Convention, Mission, Partie, Service, Thematique
from .indicateur import Cible, Indicateur, Mesure
from .moyens import Financement, Jalon
from .suivi import Note, PieceJointe
from .territoire import Partenaire, Territoire

__all__ = [
    "Action",
    "Article",
    "Axe",
    "BilanAxe",
    "Cible",
    "Convention",
    "Financement",
    "Indicateur",
    "Jalon",
    "Mesure",
    "Mission",
    "Note",
    "Partenaire",
    "Participation",
    "Partie",
    "PieceJointe",
    "Service",
    "Territoire",
    "Thematique",
]
