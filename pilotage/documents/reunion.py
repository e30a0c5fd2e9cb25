"""The papers of a meeting: convocation, attendance sheet, minutes; for a council also what the law asks of it."""

from ctg.francais import date_fr
from ctg.impression import EXEMPLE, image_scellee, morceau
from ctg.pdf import Document, Entree


def tete_de_seance(reunion):
    """The running head that each leaf of a register bears: the body and the date (CGCT, R. 2121-9)."""
    return f"{reunion.organisatrice or reunion.territoire} – {date_fr(reunion.date)}"


def _document(reunion, titre, gabarit, filigrane="", **contexte):
    entier = f"{titre} – {reunion.organisatrice or reunion.objet}, {date_fr(reunion.date)}"
    piece = morceau(
        titre,
        f"documents/reunion/{gabarit}.html",
        {"reunion": reunion, "instance": reunion.organisatrice, "territoire": reunion.territoire, **contexte},
        [Entree(1, titre, "debut")],
        tete_de_seance(reunion),
    )
    auteur = (reunion.organisatrice and reunion.organisatrice.collectivite) or reunion.territoire
    return Document(
        titre=entier,
        auteur=str(auteur),
        morceaux=[piece],
        mention=EXEMPLE if reunion.exemple else "",
        filigrane=filigrane,
    )


def _projet(reunion):
    """The mark of minutes that lack something: no dots to be filled in by hand, no sentence that says what to write."""
    return "Projet" if reunion.manques_du_compte_rendu() else ""


def _membres(reunion):
    """The members of the body on that day, full members first."""
    return list(reunion.organisatrice.mandats.en_cours(reunion.date).dans_l_ordre()) if reunion.organisatrice else []


def document_convocation(reunion):
    """A letter: its head is that of the body that calls, or of the porteur for the partners at large."""
    expediteur = (reunion.organisatrice and reunion.organisatrice.collectivite) or (
        reunion.convention and reunion.convention.porteur
    )
    return _document(
        reunion,
        "Convocation",
        "_convocation",
        "" if reunion.rangs_des_points else "Projet",
        points=reunion.points.all(),
        membres=_membres(reunion),
        expediteur=expediteur or reunion.territoire,
        logo=expediteur and image_scellee(expediteur.logo),
    )


def document_emargement(reunion):
    """One line a member with a place for a signature, and blank lines where the members are not known by name."""
    membres = _membres(reunion)
    comptes = reunion.en_exercice or 0
    return _document(
        reunion, "Feuille d’émargement", "_emargement", membres=membres, vides=range(max(comptes - len(membres), 5))
    )


def document_compte_rendu(reunion):
    return _document(
        reunion,
        "Compte rendu",
        "_compte_rendu",
        _projet(reunion),
        points=reunion.points.all(),
        appel=reunion.appel(reunion.a_l_ouverture),
        mouvements=reunion.mouvements(),
        decisions=reunion.decisions.select_related("action__axe", "action__convention"),
    )


def _actes(reunion):
    """The acts of a council's meeting, in their order, with all that they print."""
    return [acte for acte in reunion.actes.completes().dans_l_ordre() if acte.est_fige]


def document_liste(reunion):
    """The list of the acts examined, to be posted within a week (CGCT, L. 2121-25)."""
    return _document(reunion, "Liste des délibérations", "_liste", actes=_actes(reunion))


def document_proces_verbal(reunion):
    """The minutes of a council: what CGCT, L. 2121-15 asks, the secretary being named under L. 2541-6 in Alsace-Moselle."""
    return _document(
        reunion,
        "Procès-verbal",
        "_proces_verbal",
        _projet(reunion),
        actes=_actes(reunion),
        assistance=reunion.assistance(reunion.a_l_ouverture),
        appel=reunion.appel(reunion.a_l_ouverture),
        mouvements=reunion.mouvements(),
        quorums=reunion.quorums(),
        points=reunion.points.all(),
    )


def document_cloture(reunion):
    """The leaf that closes a meeting in the register (CGCT, R. 2121-9)."""
    return _document(reunion, "Feuillet de clôture", "_cloture", **contexte_cloture(reunion))


def contexte_cloture(reunion):
    # Who was there at any time: all of them took part in what was voted.
    return {
        "actes": _actes(reunion),
        "assistance": reunion.assistance(),
        "appel": reunion.appel(),
        "mouvements": reunion.mouvements(),
    }
