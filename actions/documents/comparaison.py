"""Two conventions side by side, on paper."""

from actions.comparaison import comparer
from ctg.impression import morceau
from ctg.pdf import Document, Entree

from .plan import mention


def document_comparaison(convention):
    titre = f"De la CTG {convention.precedente.periode} à la CTG {convention.periode}"
    contexte = {
        "parties": comparer(convention),
        "avant": convention.precedente,
        "apres": convention,
        "convention": convention,
        "titre_document": titre,
    }
    piece = morceau(titre, "documents/plan/_comparaison.html", contexte, [Entree(1, titre, "debut")], titre)
    return Document(
        titre=f"{titre} – {convention.territoire}",
        auteur=str(convention.porteur),
        morceaux=[piece],
        mention=mention(convention),
    )
