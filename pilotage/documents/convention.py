"""What goes into the printed convention: the contract, then its annexes, the plan among them."""

from django.utils import timezone

from actions.classeur import XLSX
from actions.documents import mention
from actions.models import Etat, Mission, Thematique
from ctg.impression import image_scellee, morceau, sommaire
from ctg.pdf import Document, Entree, Jointe
from pilotage.documents.annexes import Matiere, fichiers_joints, morceaux_annexes
from pilotage.documents.canonique import NOM_DU_TEXTE


def document_convention(convention, sans=None, etat=None, texte=None, verification="", classeur=None):
    """Return the whole convention as a `Document`: contract and annexes, each of which begins a page.

    `sans` is an act that the reader already holds: the annex of acts names it without printing it again. `etat` is the state
    that it is about to have, when it is printed to be sealed: one in preparation is marked « Projet », and what others wrote
    is embedded, not joined.
    `texte` is its canonical JSON (bytes), which the PDF of a version carries, with the plan as a workbook (`classeur`, bytes);
    `verification` is the address printed on it.
    """
    projet = (etat or convention.etat()) == Etat.EN_PREPARATION
    actes = _actes(convention)
    parties = parties_et_habilitations(convention, actes)
    pieces = [_couverture(convention, parties, projet), _texte(convention, parties)]
    pieces += morceaux_annexes(Matiere(convention, actes, sans, scelle=etat is not None))
    jointes = fichiers_joints(convention) if etat else ()
    if texte:
        jointe = Jointe(NOM_DU_TEXTE, texte, "application/json", "Le texte de la convention, lisible par machine")
        jointes = (jointe, *jointes)
    if classeur:
        jointes = (*jointes, Jointe("plan.xlsx", classeur, XLSX, "Le plan signé, pour un tableur", "Supplement"))
    return Document(
        titre=f"{convention} – {convention.territoire}",
        auteur=str(convention.porteur),
        morceaux=pieces,
        sommaire=lambda pages: sommaire(pieces, pages),
        mention=mention(convention),
        filigrane="Projet" if projet else "",
        verification=verification,
        jointes=jointes,
    )


def _actes(convention):
    """The acts by which the councils approved this convention, and that still hold: those that say so."""
    return list(convention.actes.en_vigueur().completes().dans_l_ordre())


def parties_et_habilitations(convention, actes=None):
    """Return the parties, each with `habilitation`: the act in virtue of which its representative signs, or None.

    `actes` are those of `_actes`, for who has read them already.
    """
    actes = _actes(convention) if actes is None else actes
    par_partenaire = {acte.conseil.collectivite_id: acte for acte in actes}
    parties = list(convention.signataires.select_related("partenaire__logo"))
    for partie in parties:
        partie.habilitation = par_partenaire.get(partie.partenaire_id)
    return parties


def _couverture(convention, parties, projet):
    contexte = {
        "convention": convention,
        "projet": projet,
        "parties": parties,
        "logos": [(p.partenaire, image) for p in parties if (image := image_scellee(p.partenaire.logo))],
        "aujourdhui": timezone.localdate(),
    }
    return morceau(
        "Couverture", "documents/convention/_couverture.html", contexte, [Entree(1, str(convention), "couverture")]
    )


def _texte(convention, parties):
    contexte = {
        "convention": convention,
        "parties": parties,
        "missions": Mission.objects.all(),
        "thematiques": Thematique.objects.all(),
        "articles": convention.articles.all(),
    }
    entrees = [Entree(1, "Les parties à la convention", "parties")]
    entrees += [Entree(1, "Visas", "visas")] if convention.visas else []
    entrees += [
        Entree(1, "Préambule", "preambule"),
        Entree(1, "Articles", "articles"),
        Entree(1, "Signatures", "signatures"),
    ]
    return morceau("Convention", "documents/convention/_texte.html", contexte, entrees, str(convention))
