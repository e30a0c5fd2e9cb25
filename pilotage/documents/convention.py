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
    pieces = [_couverture(convention), _texte(convention), _signatures(convention)]
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
    pieces += _annexes_apres(convention, sans)
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
    return convention.actes.en_vigueur().completes().dans_l_ordre()


def parties_et_habilitations(convention):
    """Return the parties, each with `habilitation`: the act in virtue of which its representative signs, or None."""
    actes = {acte.conseil.partenaire_id: acte for acte in _actes(convention)}
    parties = list(convention.parties.select_related("partenaire"))
    for partie in parties:
        partie.habilitation = actes.get(partie.partenaire_id)
    return parties


def _couverture(convention):
    contexte = {
        "convention": convention,
        "parties": parties_et_habilitations(convention),
        "aujourdhui": timezone.localdate(),
    }
    return morceau(
        "Couverture", "documents/convention/_couverture.html", contexte, [Entree(1, str(convention), "couverture")]
    )


def _texte(convention):
    contexte = {
        "convention": convention,
        "parties": parties_et_habilitations(convention),
        "missions": Mission.objects.all(),
        "thematiques": Thematique.objects.all(),
        "articles": convention.articles.all(),
    }
    entrees = [Entree(1, "Les parties à la convention", "parties")]
    entrees += [Entree(1, "Visas", "visas")] if convention.visas else []
    entrees += [Entree(1, "Préambule", "preambule"), Entree(1, "Articles", "articles")]
    return morceau("Convention", "documents/convention/_texte.html", contexte, entrees, str(convention))


def _signatures(convention):
    contexte = {"parties": parties_et_habilitations(convention)}
    return morceau(
        "Signatures",
        "documents/convention/_signatures.html",
        contexte,
        [Entree(1, "Signatures", "signatures")],
        str(convention),
    )


def _annexe(convention, numero, titre, gabarit="_annexe", **contexte):
    ancre, entier = f"annexe-{numero}", f"Annexe {numero} – {titre}"
    rien = not any(contexte.values())
    contexte |= {"convention": convention, "ancre": ancre, "titre_annexe": entier, "rien": rien}
    return morceau(entier, f"documents/convention/{gabarit}.html", contexte, [Entree(1, entier, ancre)], entier)


def _annexes_avant(convention):
    precedente = convention.precedente
    bilans = list(precedente.bilans.all()) if precedente else []
    services = list(convention.services.select_related("gestionnaire", "thematique"))
    return [
        _annexe(convention, 1, "Diagnostic partagé et bilan", texte=convention.diagnostic, bilans=bilans),
        _annexe(convention, 2, "Services soutenus", services=services),
    ]


def _annexes_apres(convention, sans):
    actes = list(_actes(convention))
    instances, reunions = list(convention.instances.all()), list(convention.reunions.preparatoires())
    return [
        _annexe(convention, 4, "Pilotage", texte=convention.pilotage, instances=instances, reunions=reunions),
        _annexe(convention, 5, "Évaluation", texte=convention.evaluation),
        _annexe(convention, 6, "Délibérations", actes=actes),
        *(morceau_acte(acte, niveau=2) for acte in actes if acte != sans),
    ]
