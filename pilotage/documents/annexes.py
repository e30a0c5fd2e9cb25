"""The annexes of a convention, each as the pieces that it prints: a new kind is a line of `FABRIQUES` and its function."""

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

from django.utils.text import slugify

from actions.documents import Synthese, Usage, axes_imprimes, morceaux_plan
from actions.models import Annexe, Convention
from ctg import scelles
from ctg.impression import morceau
from ctg.pdf import Entree, Feuillets, Jointe, MiseEnPageImpossible, PDFIllisible, pages_de
from ctg.texte import sans_accents
from pilotage.documents.deliberation import morceau_acte
from pilotage.models import Deliberation, Reunion


@dataclass(frozen=True)
class Matiere:
    """What annexes are made from: a convention, the acts that approve it, and the plan, read once for those that tell it.

    `sans` is the act that the reader already holds: it is named, not printed again. `scelle` tells that the whole is about
    to be sealed: files that others wrote are then embedded unchanged, where a working print joins their pages.
    """

    convention: Convention
    actes: list
    sans: Deliberation | None = None
    scelle: bool = False

    @cached_property
    def axes(self):
        return axes_imprimes(self.convention, Usage.CONTRAT)

    @cached_property
    def synthese(self):
        return Synthese(self.convention.annees, [action for axe in self.axes for action in axe.imprimees])


def morceaux_annexes(matiere):
    """Return the pieces of all the annexes, in their order; each of them begins a page."""
    pieces, convention = [], matiere.convention
    for annexe in convention.les_annexes:
        contexte, suite = FABRIQUES[annexe.genre](matiere, annexe)
        pieces += [_tete(matiere, annexe, contexte), *suite]
    return pieces


def _tete(matiere, annexe, contexte):
    convention = matiere.convention
    ancre = f"annexe-{annexe.ordre}"
    rien = not any(contexte.values())
    contexte |= {
        "convention": convention,
        "ancre": ancre,
        "titre_annexe": str(annexe),
        "rien": rien,
        "scelle": matiere.scelle,
    }
    entree = Entree(1, str(annexe), ancre)
    return morceau(str(annexe), "documents/convention/_annexe.html", contexte, [entree], f"Annexe {annexe.ordre}")


def bilans_de(convention):
    """Return the accounts of a whole convention that are told to others; [] without convention."""
    return list(convention.bilans.rendus().d_ensemble()) if convention else []


def _diagnostic(matiere, annexe):
    convention = matiere.convention
    return {"texte": convention.diagnostic, "bilans": bilans_de(convention.precedente)}, []


def _services(matiere, annexe):
    return {
        "services": list(matiere.convention.services.select_related("gestionnaire", "thematique", "cofinance_par"))
    }, []


def _plan(matiere, annexe):
    """The plan in one page (what each axe counts, who pays what by year), then each axe and its fiches."""
    axes, annees = matiere.axes, matiere.convention.annees
    plan = axes and {
        "axes": [(axe, Synthese(annees, axe.imprimees).prevu) for axe in axes],
        "synthese": matiere.synthese,
    }
    return {"plan": plan}, morceaux_plan(axes, niveau=2, usage=Usage.CONTRAT)


def _moyens(matiere, annexe):
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


def _pilotage(matiere, annexe):
    convention = matiere.convention
    instances = list(convention.territoire.instances.all())
    reunions = list(Reunion.objects.preparatoires(convention))
    return {"texte": convention.pilotage, "instances": instances, "reunions": reunions}, []


def _evaluation(matiere, annexe):
    return {"texte": matiere.convention.evaluation}, []


def _deliberations(matiere, annexe):
    # An act that was voted elsewhere is named; its own file is what was sealed.
    imprimes = [acte for acte in matiere.actes if acte != matiere.sans and acte.seance]
    return {"actes": matiere.actes}, [morceau_acte(acte, niveau=2) for acte in imprimes]


def _fichier(matiere, annexe):
    """A title page of ours; then the pages of the file in a working print, where it is not embedded (`fichiers_joints`)."""
    lire = partial(scelles.lire, annexe.fichier_id)
    feuillets = Feuillets(annexe.nom, annexe.fichier_id, lire, f"Annexe {annexe.ordre}")
    with _nommer(annexe):
        contexte = {"fichier": annexe, "pages": pages_de(feuillets), "scelle": matiere.scelle}
    return contexte, [] if matiere.scelle else [feuillets]


@contextmanager
def _nommer(annexe):
    """Say which annex it is whose file cannot be read. Raises `MiseEnPageImpossible`."""
    try:
        yield
    except (OSError, PDFIllisible) as erreur:
        raise MiseEnPageImpossible(str(annexe), erreur) from erreur


def fichiers_joints(convention):
    """Return the files annexed to a convention, as what a sealed paper embeds. Raises `MiseEnPageImpossible`."""
    jointes = []
    for annexe in [annexe for annexe in convention.les_annexes if annexe.fichier_id]:
        with _nommer(annexe):
            octets = scelles.lire(annexe.fichier_id)
        jointes.append(Jointe(nom_de_fichier(annexe), octets, "application/pdf", str(annexe), "Supplement"))
    return tuple(jointes)


def nom_de_fichier(annexe):
    """Name an annexed file so that no two of one convention share a name: « annexe-7-carte.pdf »."""
    return f"annexe-{annexe.ordre}-{slugify(annexe.nom)[:60]}.pdf"


FABRIQUES = {
    Annexe.Genre.DIAGNOSTIC: _diagnostic,
    Annexe.Genre.SERVICES: _services,
    Annexe.Genre.PLAN: _plan,
    Annexe.Genre.MOYENS: _moyens,
    Annexe.Genre.PILOTAGE: _pilotage,
    Annexe.Genre.EVALUATION: _evaluation,
    Annexe.Genre.DELIBERATIONS: _deliberations,
    Annexe.Genre.FICHIER: _fichier,
}
