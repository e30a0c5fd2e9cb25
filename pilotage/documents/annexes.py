"""The annexes of a convention, each as the pieces that it prints: a new kind is a line of `FABRIQUES` and its function."""

from dataclasses import dataclass
from functools import cached_property

from actions.documents import Synthese, Usage, axes_imprimes, morceaux_plan
from actions.models import Annexe, Convention
from ctg.impression import morceau
from ctg.pdf import Entree
from ctg.texte import sans_accents
from pilotage.documents.deliberation import morceau_acte
from pilotage.models import Deliberation, Reunion


@dataclass(frozen=True)
class Matiere:
    """What annexes are made from: a convention, the acts that approve it, and the plan, read once for those that tell it.

    `sans` is the act that the reader already holds: it is named, not printed again.
    """

    convention: Convention
    actes: list
    sans: Deliberation | None = None

    @cached_property
    def axes(self):
        return axes_imprimes(self.convention, Usage.CONTRAT)

    @cached_property
    def synthese(self):
        return Synthese(self.convention.annees, [action for axe in self.axes for action in axe.imprimees])


def morceaux_annexes(convention, actes, sans):
    """Return the pieces of all the annexes, in their order; each of them begins a page (see `Matiere`)."""
    pieces, matiere = [], Matiere(convention, actes, sans)
    for annexe in convention.les_annexes:
        contexte, suite = FABRIQUES[annexe.genre](matiere)
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


def _diagnostic(matiere):
    convention = matiere.convention
    return {"texte": convention.diagnostic, "bilans": bilans_de(convention.precedente)}, []


def _services(matiere):
    return {"services": list(matiere.convention.services.select_related("gestionnaire", "thematique"))}, []


def _plan(matiere):
    """The plan in one page (what each axe counts, who pays what by year), then each axe and its fiches."""
    axes, annees = matiere.axes, matiere.convention.annees
    plan = axes and {
        "axes": [(axe, Synthese(annees, axe.imprimees).prevu) for axe in axes],
        "synthese": matiere.synthese,
    }
    return {"plan": plan}, morceaux_plan(axes, niveau=2, usage=Usage.CONTRAT)


def _moyens(matiere):
    """What each partner brings: the fiches that it pilots, those to which it contributes and as what, its money."""
    montants, moyens = matiere.synthese.par_financeur, {}
    for action in matiere.synthese.actions:
        for participation in action.participations.all():
            siens = moyens.setdefault(participation.partenaire, {"pilote": [], "contribue": []})
            siens["pilote" if participation.nature == participation.Nature.PILOTE else "contribue"].append(
                (action, participation.role)
            )
    partenaires = sorted(moyens.keys() | montants.keys(), key=lambda p: (sans_accents(p.nom), p.pk))
    return {"moyens": [(p, moyens.get(p), montants.get(p)) for p in partenaires]}, []


def _pilotage(matiere):
    convention = matiere.convention
    instances = list(convention.territoire.instances.all())
    reunions = list(Reunion.objects.preparatoires(convention))
    return {"texte": convention.pilotage, "instances": instances, "reunions": reunions}, []


def _evaluation(matiere):
    return {"texte": matiere.convention.evaluation}, []


def _deliberations(matiere):
    # An act that was voted elsewhere is named; its own file is what was sealed.
    imprimes = [acte for acte in matiere.actes if acte != matiere.sans and acte.seance]
    return {"actes": matiere.actes}, [morceau_acte(acte, niveau=2) for acte in imprimes]


FABRIQUES = {
    Annexe.Genre.DIAGNOSTIC: _diagnostic,
    Annexe.Genre.SERVICES: _services,
    Annexe.Genre.PLAN: _plan,
    Annexe.Genre.MOYENS: _moyens,
    Annexe.Genre.PILOTAGE: _pilotage,
    Annexe.Genre.EVALUATION: _evaluation,
    Annexe.Genre.DELIBERATIONS: _deliberations,
}
