"""What goes into the printed fiche, axe and plan: contexts for `templates/documents/`, never HTML of its own."""

from enum import Enum

from django.db.models import Prefetch
from django.utils import timezone

from actions.models import Action
from actions.saisies import SECTIONS, manques
from ctg.impression import EXEMPLE, morceau, sommaire
from ctg.pdf import Document, Entree


class Usage(Enum):
    """Whom a printed plan is for: what it shows follows from that."""

    TRAVAIL = "travail"  # those who run the plan: all the fiches, points of vigilance, what is missing
    PUBLIC = "public"  # inhabitants: the published fiches, nothing internal
    CONTRAT = "contrat"  # the annex of the convention: all the fiches, as they are agreed, not as they advance

    def fiches(self):
        """Return the fiches that this reader is shown, with all that they print."""
        fiches = Action.objects.publiees() if self is Usage.PUBLIC else Action.objects.actives()
        return fiches.completes().order_by("ordre", "pk")


def morceau_fiche(action, niveau=1, usage=Usage.TRAVAIL):
    contexte = {
        "action": action,
        "annees": action.convention.annees,
        "usage": usage.value,
        "sections": [f"documents/plan/sections/{cle}.html" for cle, s in SECTIONS.items() if s.papier],
        "manques": manques(action) if usage is Usage.TRAVAIL else [],
    }
    return morceau(
        f"Fiche {action.numero_affiche}",
        "documents/plan/_fiche.html",
        contexte,
        [Entree(niveau, str(action), action.ancre)],
        f"Fiche action {action.numero_affiche}",
    )


def morceau_axe(axe, actions, niveau=1, usage=Usage.TRAVAIL):
    entree = Entree(niveau, str(axe), f"axe-{axe.pk}")
    contexte = {"axe": axe, "actions": actions, "usage": usage.value}
    return morceau(str(axe), "documents/plan/_axe.html", contexte, [entree], str(axe))


def mention(convention):
    """Return the label that pages built from invented data bear, or ""."""
    return EXEMPLE if convention.exemple or convention.territoire.exemple else ""


def _document(convention, titre, morceaux, **plus):
    return Document(titre=titre, auteur=str(convention.porteur), morceaux=morceaux, mention=mention(convention), **plus)


def document_fiche(action, usage=Usage.TRAVAIL):
    return _document(action.convention, f"Fiche action {action}", [morceau_fiche(action, usage=usage)])


def document_axe(axe, usage=Usage.TRAVAIL):
    actions = list(usage.fiches().filter(axe=axe))
    pieces = [morceau_axe(axe, actions, usage=usage), *(morceau_fiche(a, 2, usage) for a in actions)]
    return _document(axe.convention, f"{axe} – CTG {axe.convention.periode}", pieces)


def morceaux_plan(convention, niveau=1, usage=Usage.TRAVAIL):
    """Return the pieces of the whole plan: a page per axe, then its fiches; a constant number of queries."""
    pieces = []
    for axe in convention.axes.prefetch_related(Prefetch("actions", usage.fiches(), to_attr="imprimees")):
        axe.convention = convention
        for action in axe.imprimees:
            action.axe, action.convention = axe, convention
        pieces.append(morceau_axe(axe, axe.imprimees, niveau, usage))
        pieces += [morceau_fiche(action, niveau + 1, usage) for action in axe.imprimees]
    return pieces


def document_plan(convention, usage=Usage.TRAVAIL):
    titre = f"Plan d’actions de la CTG {convention.periode}"
    couverture = morceau(
        "Couverture",
        "documents/plan/_couverture.html",
        {"convention": convention, "titre_document": titre, "aujourdhui": timezone.localdate()},
        [Entree(1, titre, "couverture")],
    )
    pieces = [couverture, *morceaux_plan(convention, usage=usage)]
    return _document(
        convention, f"{titre} – {convention.territoire}", pieces, sommaire=lambda pages: sommaire(pieces, pages)
    )
