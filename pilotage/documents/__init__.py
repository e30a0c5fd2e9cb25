"""What goes into the printed papers of the governance: contexts for `templates/documents/`, never HTML of its own."""

from .annexes import bilans_de, nom_de_fichier
from .canonique import empreinte_du_texte, texte_canonique
from .convention import document_convention, parties_et_habilitations
from .deliberation import (
    document_certificat,
    document_deliberation,
    document_erratum,
    document_modele,
    document_registre,
)
from .dossier import document_annexe, document_dossier
from .lecture import Illisible, extraire, lire_la_convention, resumer
from .reunion import (
    document_cloture,
    document_compte_rendu,
    document_convocation,
    document_emargement,
    document_liste,
    document_proces_verbal,
)
from .word import modele_docx

__all__ = [
    "Illisible",
    "bilans_de",
    "document_annexe",
    "document_certificat",
    "document_cloture",
    "document_compte_rendu",
    "document_convention",
    "document_convocation",
    "document_deliberation",
    "document_dossier",
    "document_emargement",
    "document_erratum",
    "document_liste",
    "document_modele",
    "document_proces_verbal",
    "document_registre",
    "empreinte_du_texte",
    "extraire",
    "lire_la_convention",
    "modele_docx",
    "nom_de_fichier",
    "parties_et_habilitations",
    "resumer",
    "texte_canonique",
]
