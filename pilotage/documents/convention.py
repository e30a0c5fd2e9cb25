"""What goes into the printed convention: the contract, then its annexes, the plan among them."""

from django.utils import timezone

from actions.documents import Synthese, Usage, axes_imprimes, mention, morceaux_plan
from actions.models import Etat, Mission, Thematique
from ctg.impression import morceau, sommaire
from ctg.pdf import Document, Entree, Jointe
from pilotage.documents.canonique import NOM_DU_TEXTE
from pilotage.documents.deliberation import morceau_acte
from pilotage.models import Reunion


def document_convention(convention, sans=None, etat=None, texte=None, verification=""):
    """Return the whole convention as a `Document`: contract and six annexes, each of which begins a page.

    `sans` is an act that the reader already holds: annex 6 names it without printing it again. `etat` is the state
    in which it is printed, its own unless it is about to change: a convention in preparation is marked « Projet ».
    `texte` is its canonical JSON (bytes), which the PDF of a version carries; `verification` is the address printed on it.
    """
    projet = (etat or convention.etat()) == Etat.EN_PREPARATION
    actes = _actes(convention)
    parties = parties_et_habilitations(convention, actes)
    pieces = [_couverture(convention, parties, projet), _texte(convention, parties), _signatures(convention, parties)]
    pieces += _annexes_avant(convention)
    axes = axes_imprimes(convention, Usage.CONTRAT)
    pieces.append(_annexe(convention, 3, "Plan d’actions", plan=_plan(convention, axes)))
    pieces += morceaux_plan(axes, niveau=2, usage=Usage.CONTRAT)
    pieces += _annexes_apres(convention, actes, sans)
    return Document(
        titre=f"{convention} – {convention.territoire}",
        auteur=str(convention.porteur),
        morceaux=pieces,
        sommaire=lambda pages: sommaire(pieces, pages),
        mention=mention(convention),
        filigrane="Projet" if projet else "",
        verification=verification,
        jointe=Jointe(NOM_DU_TEXTE, texte, "application/json", "Le texte de la convention, lisible par machine")
        if texte
        else None,
    )


def _plan(convention, axes):
    """Return the plan in one page: what each axe counts, who pays what by year; None without axe."""
    if not axes:
        return None
    annees = convention.annees
    toutes = [action for axe in axes for action in axe.imprimees]
    return {
        "axes": [(axe, Synthese(annees, axe.imprimees).prevu) for axe in axes],
        "synthese": Synthese(annees, toutes),
        "annees": annees,
    }


def _actes(convention):
    """The acts by which the councils approved this convention, and that still hold: those that say so."""
    return list(convention.actes.en_vigueur().completes().dans_l_ordre())


def parties_et_habilitations(convention, actes=None):
    """Return the parties, each with `habilitation`: the act in virtue of which its representative signs, or None.

    `actes` are those of `_actes`, for who has read them already.
    """
    actes = _actes(convention) if actes is None else actes
    par_partenaire = {acte.conseil.collectivite_id: acte for acte in actes}
    parties = list(convention.signataires.select_related("partenaire"))
    for partie in parties:
        partie.habilitation = par_partenaire.get(partie.partenaire_id)
    return parties


def _couverture(convention, parties, projet):
    contexte = {
        "convention": convention,
        "projet": projet,
        "parties": parties,
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
    entrees += [Entree(1, "Préambule", "preambule"), Entree(1, "Articles", "articles")]
    return morceau("Convention", "documents/convention/_texte.html", contexte, entrees, str(convention))


def _signatures(convention, parties):
    contexte = {"parties": parties}
    return morceau(
        "Signatures",
        "documents/convention/_signatures.html",
        contexte,
        [Entree(1, "Signatures", "signatures")],
        str(convention),
    )


def _annexe(convention, numero, titre, **contexte):
    ancre, entier = f"annexe-{numero}", f"Annexe {numero} – {titre}"
    rien = not any(contexte.values())
    contexte |= {"convention": convention, "ancre": ancre, "titre_annexe": entier, "rien": rien}
    return morceau(
        entier, "documents/convention/_annexe.html", contexte, [Entree(1, entier, ancre)], f"Annexe {numero}"
    )


def bilans_de(convention):
    """Return the axes of a convention of which the account was written, in their order; [] without convention."""
    return list(convention.axes.filter(bilan__isnull=False).select_related("bilan")) if convention else []


def _annexes_avant(convention):
    precedente = convention.precedente
    bilans = bilans_de(precedente)
    services = list(convention.services.select_related("gestionnaire", "thematique"))
    return [
        _annexe(convention, 1, "Diagnostic partagé et bilan", texte=convention.diagnostic, bilans=bilans),
        _annexe(convention, 2, "Services soutenus", services=services),
    ]


def _annexes_apres(convention, actes, sans):
    instances = list(convention.territoire.instances.all())
    reunions = list(Reunion.objects.preparatoires(convention))
    return [
        _annexe(convention, 4, "Pilotage", texte=convention.pilotage, instances=instances, reunions=reunions),
        _annexe(convention, 5, "Évaluation", texte=convention.evaluation),
        _annexe(convention, 6, "Délibérations", actes=actes),
        # An act that was voted elsewhere is named above; its own file is what was sealed.
        *(morceau_acte(acte, niveau=2) for acte in actes if acte != sans and acte.seance),
    ]
