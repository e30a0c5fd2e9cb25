"""What goes into the printed fiche, axe and plan: contexts for `templates/documents/`, never HTML of its own."""

from enum import Enum

from django.db.models import Prefetch
from django.utils import timezone

from actions.models import Action
from actions.saisies import SECTIONS, manques
from ctg.impression import EXEMPLE, morceau, sommaire
from ctg.pdf import Document, Entree

from .synthese import Synthese

# Beyond so many characters (HTML) the texts of a fiche take the whole width.
COLONNES_MAX = 6000


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
        "etiquettes": _etiquettes(action, usage),
        "textes": _sections("texte"),
        "tableaux": _sections("tableau"),
        "colonnes": _tient_en_colonnes(action),
        "manques": manques(action) if usage is Usage.TRAVAIL else [],
    }
    return morceau(
        f"Fiche {action.numero_affiche}",
        "documents/plan/_fiche.html",
        contexte,
        [Entree(niveau, str(action), action.ancre)],
        f"Fiche action {action.numero_affiche}",
    )


def _sections(place):
    return [f"documents/plan/sections/{cle}.html" for cle, s in SECTIONS.items() if s.papier == place]


def _etiquettes(action, usage):
    """Return what a reader looks for at a glance: the themes, whether it goes on from the last plan, where it stands."""
    etiquettes = [theme.nom for theme in action.thematiques.all()]
    if action.origine_id:
        etiquettes.append(f"poursuivie depuis {action.origine.convention.periode}")
    if usage is not Usage.CONTRAT:
        etiquettes.append(f"{action.get_statut_display()}, avancement {action.avancement} %")
    if usage is Usage.TRAVAIL:
        etiquettes.append(f"priorité {action.get_priorite_display().lower()}")
    return etiquettes


def _tient_en_colonnes(action):
    """Tell whether the texts of a fiche read well side by side: long ones, and tables, want the whole width."""
    textes = [getattr(action, champ) for champ in ("constats", "objectifs", "description", "moyens_humains")]
    return sum(map(len, textes)) < COLONNES_MAX and not any("<table" in texte for texte in textes)


def morceau_axe(axe, actions, niveau=1, usage=Usage.TRAVAIL):
    entree = Entree(niveau, str(axe), f"axe-{axe.pk}")
    annees = axe.convention.annees
    contexte = {"axe": axe, "annees": annees, "synthese": Synthese(annees, actions), "usage": usage.value}
    return morceau(
        str(axe), "documents/plan/_axe.html", contexte, [entree], f"Plan d’actions, axe {axe.numero_affiche}"
    )


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


def axes_imprimes(convention, usage=Usage.TRAVAIL):
    """Return the axes of a convention, each with its fiches as `imprimees`, in a constant number of queries."""
    axes = list(convention.axes.prefetch_related(Prefetch("actions", usage.fiches(), to_attr="imprimees")))
    for axe in axes:
        axe.convention = convention
        for action in axe.imprimees:
            action.axe, action.convention = axe, convention
    return axes


def morceaux_plan(axes, niveau=1, usage=Usage.TRAVAIL):
    """Return the pieces of the plan of some `axes_imprimes`: a page per axe, then its fiches."""
    pieces = []
    for axe in axes:
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
    pieces = [couverture, *morceaux_plan(axes_imprimes(convention, usage), usage=usage)]
    return _document(
        convention, f"{titre} – {convention.territoire}", pieces, sommaire=lambda pages: sommaire(pieces, pages)
    )
