"""The annexes of a convention, each as the pieces that it prints: a new kind is a line of `FABRIQUES` and its function."""

from actions.documents import Synthese, Usage, axes_imprimes, morceaux_plan
from actions.models import Annexe
from ctg.impression import morceau
from ctg.pdf import Entree
from pilotage.documents.deliberation import morceau_acte
from pilotage.models import Reunion


def morceaux_annexes(convention, actes, sans):
    """Return the pieces of all the annexes, in their order; each of them begins a page.

    `actes` approve the convention; `sans` is the one that the reader already holds: it is named, not printed again.
    """
    pieces = []
    for annexe in convention.les_annexes:
        contexte, suite = FABRIQUES[annexe.genre](convention, actes, sans)
        pieces += [_tete(convention, annexe, contexte), *suite]
    return pieces


def _tete(convention, annexe, contexte):
    ancre = f"annexe-{annexe.ordre}"
    rien = not any(contexte.values())
    contexte |= {"convention": convention, "ancre": ancre, "titre_annexe": str(annexe), "rien": rien}
    entree = Entree(1, str(annexe), ancre)
    return morceau(str(annexe), "documents/convention/_annexe.html", contexte, [entree], f"Annexe {annexe.ordre}")


def bilans_de(convention):
    """Return the axes of a convention of which the account was written, in their order; [] without convention."""
    return list(convention.axes.filter(bilan__isnull=False).select_related("bilan")) if convention else []


def _diagnostic(convention, actes, sans):
    return {"texte": convention.diagnostic, "bilans": bilans_de(convention.precedente)}, []


def _services(convention, actes, sans):
    return {"services": list(convention.services.select_related("gestionnaire", "thematique"))}, []


def _plan(convention, actes, sans):
    """The plan in one page (what each axe counts, who pays what by year), then each axe and its fiches."""
    axes = axes_imprimes(convention, Usage.CONTRAT)
    annees = convention.annees
    plan = axes and {
        "axes": [(axe, Synthese(annees, axe.imprimees).prevu) for axe in axes],
        "synthese": Synthese(annees, [action for axe in axes for action in axe.imprimees]),
    }
    return {"plan": plan}, morceaux_plan(axes, niveau=2, usage=Usage.CONTRAT)


def _moyens(convention, actes, sans):
    """What each partner brings: the fiches that it pilots, those to which it contributes and as what, its money."""
    actions = [action for axe in axes_imprimes(convention, Usage.CONTRAT) for action in axe.imprimees]
    montants = {nom: total for nom, _, total, _ in Synthese(convention.annees, actions).financeurs}
    moyens = {}
    for action in actions:
        for participation in action.participations.all():
            siens = moyens.setdefault(participation.partenaire, {"pilote": [], "contribue": []})
            siens["pilote" if participation.nature == participation.Nature.PILOTE else "contribue"].append(
                (action, participation.role)
            )
    lignes = [(p, siens, montants.get(p.nom_court)) for p, siens in sorted(moyens.items(), key=lambda m: m[0].nom)]
    return {"moyens": lignes}, []


def _pilotage(convention, actes, sans):
    instances = list(convention.territoire.instances.all())
    reunions = list(Reunion.objects.preparatoires(convention))
    return {"texte": convention.pilotage, "instances": instances, "reunions": reunions}, []


def _evaluation(convention, actes, sans):
    return {"texte": convention.evaluation}, []


def _deliberations(convention, actes, sans):
    # An act that was voted elsewhere is named; its own file is what was sealed.
    imprimes = [acte for acte in actes if acte != sans and acte.seance]
    return {"actes": actes}, [morceau_acte(acte, niveau=2) for acte in imprimes]


FABRIQUES = {
    Annexe.Genre.DIAGNOSTIC: _diagnostic,
    Annexe.Genre.SERVICES: _services,
    Annexe.Genre.PLAN: _plan,
    Annexe.Genre.MOYENS: _moyens,
    Annexe.Genre.PILOTAGE: _pilotage,
    Annexe.Genre.EVALUATION: _evaluation,
    Annexe.Genre.DELIBERATIONS: _deliberations,
}
