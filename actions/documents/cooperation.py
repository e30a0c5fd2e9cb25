"""The yearly sheet of a post of cooperation: employer, time, cost, subsidy, what was done."""

from ctg.impression import morceau
from ctg.pdf import Document, Entree

from .plan import mention


def document_annee_de_poste(ligne):
    poste, convention = ligne.poste, ligne.poste.convention
    titre = f"{poste.intitule}, année {ligne.annee}"
    contexte = {"ligne": ligne, "poste": poste, "convention": convention, "titre_fiche": titre}
    piece = morceau(titre, "documents/plan/_poste.html", contexte, [Entree(1, titre, "debut")], str(convention))
    return Document(
        titre=f"{titre} – {convention.territoire}",
        auteur=str(poste.employeur),
        morceaux=[piece],
        mention=mention(convention),
    )
