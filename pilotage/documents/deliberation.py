"""The papers of an act: the extract of the register, and the register of the year."""

from django.utils import timezone

from ctg.francais import date_fr
from ctg.impression import EXEMPLE, morceau
from ctg.pdf import Document, Entree
from ctg.texte import sans_accents
from pilotage.documents.reunion import contexte_cloture, tete_de_seance
from pilotage.models import Deliberation, TexteModele


def document_modele(convention, conseil):
    """What a council is asked to vote, to be taken into its own software: the model of the act, without a meeting."""
    texte = TexteModele.de(convention, conseil)
    titre = f"Modèle de délibération – {convention}"
    piece = morceau(
        titre,
        "documents/deliberation/_modele.html",
        {"texte": texte, "conseil": conseil, "convention": convention},
        [Entree(1, titre, "modele")],
        str(conseil),
    )
    return Document(titre=titre, auteur=str(convention.porteur), morceaux=[piece], filigrane="Modèle")


def morceau_acte(acte, niveau=1, **contexte):
    return morceau(
        f"Délibération n° {acte.numero}",
        "documents/deliberation/_acte.html",
        {
            "acte": acte,
            "seance": acte.seance,
            "conseil": acte.conseil,
            "assistance": acte.assistance(),
            "appel": acte.appel(),
            **contexte,
        },
        [Entree(niveau, f"Délibération n° {acte.numero} – {acte.objet}", acte.ancre)],
        tete_de_seance(acte.seance),
    )


def auteur(conseil):
    return str(conseil.collectivite or conseil)


def filigrane(acte):
    return {acte.Statut.PROJET: "Projet", acte.Statut.RETIREE: "Retirée"}.get(acte.statut, "")


def document_deliberation(acte, proclamee=False, verification=""):
    """The act alone; `proclamee`, as it will stand once its result is proclaimed, with the address printed on it."""
    return Document(
        titre=f"{acte} – {acte.objet}",
        auteur=auteur(acte.conseil),
        morceaux=[morceau_acte(acte)],
        mention=EXEMPLE if acte.seance.exemple else "",
        filigrane="" if proclamee else filigrane(acte),
        verification=verification,
    )


def document_certificat(acte):
    """The head of the council certifies when and how an act was published (CGCT, L. 2131-1)."""
    return _papier_d_acte(acte, "Certificat de publication", "_certificat", certifie_le=timezone.localdate())


def document_erratum(erratum):
    """A slip of the pen and its correction; the act stays as it was voted."""
    return _papier_d_acte(erratum.deliberation, f"Erratum du {date_fr(erratum.le)}", "_erratum", erratum=erratum)


def _papier_d_acte(acte, nom, gabarit, **contexte):
    titre = f"{nom} – {acte}"
    piece = morceau(
        nom,
        f"documents/deliberation/{gabarit}.html",
        {"acte": acte, "conseil": acte.conseil, **contexte},
        [Entree(1, titre, "debut")],
        str(acte.conseil),
    )
    exemple = acte.seance and acte.seance.exemple
    return Document(titre=titre, auteur=auteur(acte.conseil), morceaux=[piece], mention=EXEMPLE if exemple else "")


def document_registre(conseil, annee):
    """The register of a council for a year: each meeting's acts and its closing leaf, then the two tables.

    CGCT, R. 2121-9: acts numbered within the meeting, a leaf that closes each meeting, a table by date and a table by
    subject.
    """
    actes = list(Deliberation.objects.completes().de_l_annee(conseil, annee))
    titre = f"Registre des délibérations {annee}"
    contexte = {"conseil": conseil, "annee": annee, "titre_document": titre, "actes": actes}
    pieces = [
        morceau(titre, "documents/deliberation/_registre_titre.html", contexte, [Entree(1, titre, "couverture")], titre)
    ]
    for rang, seance in enumerate(dict.fromkeys(acte.seance for acte in actes), start=1):
        siens = [acte for acte in actes if acte.seance_id == seance.pk]
        pieces += [morceau_acte(acte, dans_le_registre=True) for acte in siens]
        ancre, nom = f"cloture-{rang}", f"Clôture de la séance du {date_fr(seance.date)}"
        cloture = {"reunion": seance, "instance": conseil, "ancre": ancre, **contexte_cloture(seance)}
        pieces.append(
            morceau(nom, "documents/reunion/_cloture.html", cloture, [Entree(1, nom, ancre)], tete_de_seance(seance))
        )
    return Document(
        titre=f"{titre} – {conseil}",
        auteur=auteur(conseil),
        morceaux=pieces,
        # The tables close the book, and give the page of each act: it is bound on paper.
        sommaire=lambda pages: _tables(contexte, titre, pages),
        rang_sommaire=len(pieces),
        mention=EXEMPLE if any(acte.seance.exemple for acte in actes) else "",
    )


def _tables(contexte, tete, pages):
    def lignes(actes):
        return [(acte, pages.get(acte.ancre, "")) for acte in actes]

    actes = contexte["actes"]
    tables = [
        ("Table par date", "table-date", lignes(actes)),
        ("Table par objet", "table-objet", lignes(_par_objet(actes))),
    ]
    entrees = [Entree(1, nom, ancre) for nom, ancre, _ in tables]
    gabarit = "documents/deliberation/_registre_tables.html"
    return morceau("Tables", gabarit, {**contexte, "tables": tables}, entrees, tete)


def _par_objet(actes):
    """Acts by subject of the nomenclature, then by their own subject."""
    return sorted(actes, key=lambda acte: ([int(n) for n in acte.matiere.split(".")], sans_accents(acte.objet)))
