"""What goes into the printed convention: the contract, then its annexes, the plan among them."""

from django.utils import timezone

from actions.documents import EXEMPLE, Usage, morceau, morceaux_plan, sommaire
from actions.models import Mission, Thematique
from ctg.pdf import Document, Entree
from pilotage.documents.deliberation import morceau_acte


def document_convention(convention, sans=None):
    """Return the whole convention as a `Document`: contract and six annexes, each of which begins a page.

    `sans` is an act that the reader already holds: annex 6 names it without printing it again.
    """
    actes = _actes(convention)
    parties = parties_et_habilitations(convention, actes)
    pieces = [_couverture(convention, parties), _texte(convention, parties), _signatures(convention, parties)]
    pieces += _annexes_avant(convention)
    pieces.append(
        _annexe(
            convention,
            3,
            "Plan d’actions",
            texte="<p>Le plan d’actions compte une fiche par action, classées par axe stratégique.</p>",
        )
    )
    pieces += morceaux_plan(convention, niveau=2, usage=Usage.CONTRAT)
    pieces += _annexes_apres(convention, actes, sans)
    return Document(
        titre=f"{convention} – {convention.territoire}",
        auteur=str(convention.porteur),
        morceaux=pieces,
        sommaire=lambda pages: sommaire(convention, pieces, pages),
        mention=EXEMPLE if convention.exemple else "",
        filigrane="Projet" if convention.projet else "",
    )


def _actes(convention):
    """The acts by which the councils approved the convention, and that still hold."""
    return list(convention.actes.en_vigueur().completes().dans_l_ordre())


def parties_et_habilitations(convention, actes=None):
    """Return the parties, each with `habilitation`: the act in virtue of which its representative signs, or None.

    `actes` are those of `_actes`, for who has read them already.
    """
    actes = _actes(convention) if actes is None else actes
    par_partenaire = {acte.conseil.partenaire_id: acte for acte in actes}
    parties = list(convention.parties.select_related("partenaire"))
    for partie in parties:
        partie.habilitation = par_partenaire.get(partie.partenaire_id)
    return parties


def _couverture(convention, parties):
    contexte = {
        "convention": convention,
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
    return morceau(entier, "documents/convention/_annexe.html", contexte, [Entree(1, entier, ancre)], entier)


def _annexes_avant(convention):
    precedente = convention.precedente
    bilans = list(precedente.bilans.all()) if precedente else []
    services = list(convention.services.select_related("gestionnaire", "thematique"))
    return [
        _annexe(convention, 1, "Diagnostic partagé et bilan", texte=convention.diagnostic, bilans=bilans),
        _annexe(convention, 2, "Services soutenus", services=services),
    ]


def _annexes_apres(convention, actes, sans):
    instances, reunions = list(convention.instances.all()), list(convention.reunions.preparatoires())
    return [
        _annexe(convention, 4, "Pilotage", texte=convention.pilotage, instances=instances, reunions=reunions),
        _annexe(convention, 5, "Évaluation", texte=convention.evaluation),
        _annexe(convention, 6, "Délibérations", actes=actes),
        *(morceau_acte(acte, niveau=2) for acte in actes if acte != sans),
    ]
