"""The plan as data, one file per aggregate."""

from .action import Action, Participation
from .annexe import Annexe
from .axe import Axe, Objectif
from .convention import Article, Convention, Etat, Service, Signataire
from .cooperation import AnneeDePoste, Poste, TempsParAxe
from .exercice import Exercice
from .grandeurs import Genre, Periode, Progres, Sens
from .indicateur import Cible, Indicateur, Mesure
from .invitation import Invitation
from .lien import LienDeSaisie
from .moyens import EtatMontant, Financement, Jalon, Somme
from .references import Dispositif, Mission, Thematique
from .suivi import Note, PieceJointe
from .territoire import Fonction, Partenaire, Territoire

__all__ = [
    "Action",
    "AnneeDePoste",
    "Annexe",
    "Article",
    "Axe",
    "Cible",
    "Convention",
    "Dispositif",
    "Etat",
    "EtatMontant",
    "Exercice",
    "Financement",
    "Fonction",
    "Genre",
    "Indicateur",
    "Invitation",
    "Jalon",
    "LienDeSaisie",
    "Mesure",
    "Mission",
    "Note",
    "Objectif",
    "Partenaire",
    "Participation",
    "Periode",
    "PieceJointe",
    "Poste",
    "Progres",
    "Sens",
    "Service",
    "Signataire",
    "Somme",
    "TempsParAxe",
    "Territoire",
    "Thematique",
]
