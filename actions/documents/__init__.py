"""What goes into each printed document of the plan: contexts for `templates/documents/`, never HTML of its own."""

from .comparaison import document_comparaison
from .cooperation import document_annee_de_poste
from .plan import (
    Usage,
    axes_imprimes,
    document_axe,
    document_fiche,
    document_plan,
    mention,
    morceau_fiche,
    morceaux_plan,
)
from .synthese import Synthese

__all__ = [
    "Synthese",
    "Usage",
    "axes_imprimes",
    "document_annee_de_poste",
    "document_axe",
    "document_comparaison",
    "document_fiche",
    "document_plan",
    "mention",
    "morceau_fiche",
    "morceaux_plan",
]
