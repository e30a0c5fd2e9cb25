"""What goes into the printed fiche, axe and plan: contexts for `templates/documents/`, never HTML of its own."""

from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.utils import timezone

from actions.models import Action
from ctg.pdf import LIEN, Document, Entree, Morceau

EXEMPLE = "Exemple : données de démonstration"


def morceau(nom, gabarit, contexte, entrees=(), tete=""):
    """Return the piece that a template makes: the same template shows the preview on screen."""
    html = render_to_string(
        "documents/_page.html", {"gabarit": gabarit, "lien": LIEN, "pdf": True, "titre": nom, **contexte}
    )
    return Morceau(nom, html, tuple(entrees), tete)


def fiches_completes(fiches):
    """With all that a printed fiche shows, in a constant number of queries."""
    return (
        fiches.pour_liste()
        .select_related("axe__convention__territoire")
        .prefetch_related(
            "participations__partenaire",
            "jalons",
            "financements__partenaire",
            "indicateurs__cibles",
            "indicateurs__mesures",
        )
    )


def contexte_fiche(action, interne):
    """Context of one fiche; `interne` adds what the public does not read (vigilance, what is missing)."""
    return {
        "action": action,
        "annees": action.axe.convention.annees,
        "interne": interne,
        "aujourdhui": timezone.localdate(),
    }


def morceau_fiche(action, niveau=1, interne=True):
    entree = Entree(niveau, f"{action.numero} {action.titre}", action.ancre)
    return morceau(
        f"Fiche {action.numero}",
        "documents/plan/_fiche.html",
        contexte_fiche(action, interne),
        [entree],
        f"Fiche action {action.numero}",
    )


def morceau_axe(axe, actions, niveau=1):
    entree = Entree(niveau, str(axe), f"axe-{axe.pk}")
    return morceau(str(axe), "documents/plan/_axe.html", {"axe": axe, "actions": actions}, [entree], str(axe))


def _document(convention, titre, morceaux, **plus):
    return Document(
        titre=titre,
        auteur=str(convention.porteur),
        morceaux=morceaux,
        mention=EXEMPLE if convention.exemple else "",
        **plus,
    )


def document_fiche(action, interne=True):
    return _document(action.axe.convention, f"Fiche action {action}", [morceau_fiche(action, interne=interne)])


def document_axe(axe, interne=True):
    actions = list(
        fiches_completes(
            Action.objects.actives().filter(axe=axe).order_by("ordre")
            if interne
            else Action.objects.publiees().filter(axe=axe).order_by("ordre")
        )
    )
    pieces = [morceau_axe(axe, actions), *(morceau_fiche(a, 2, interne) for a in actions)]
    return _document(axe.convention, f"{axe} – CTG {axe.convention.periode}", pieces)


def axes_et_fiches(convention, interne=True):
    """Return [(axe, [fiches])] with all that print shows, in a constant number of queries."""
    fiches = Action.objects.actives() if interne else Action.objects.publiees()
    axes = convention.axes.prefetch_related(
        Prefetch("actions", fiches_completes(fiches.order_by("ordre", "pk")), to_attr="imprimees")
    )
    return [(axe, axe.imprimees) for axe in axes]


def morceaux_plan(convention, niveau=1, interne=True):
    """Return the pieces of the whole plan: a page per axe, then its fiches."""
    pieces = []
    for axe, actions in axes_et_fiches(convention, interne):
        pieces.append(morceau_axe(axe, actions, niveau))
        pieces += [morceau_fiche(action, niveau + 1, interne) for action in actions]
    return pieces


def sommaire(convention, morceaux, pages):
    """Return the piece of the table of contents; `pages` is {anchor: page number}, empty while unknown."""
    lignes = [(entree, pages.get(entree.ancre, "")) for m in morceaux for entree in m.entrees]
    return morceau(
        "Sommaire", "documents/_sommaire.html", {"lignes": lignes}, [Entree(1, "Sommaire", "sommaire")], "Sommaire"
    )


def document_plan(convention, interne=True):
    titre = f"Plan d’actions de la CTG {convention.periode}"
    couverture = morceau(
        "Couverture",
        "documents/plan/_couverture.html",
        {"convention": convention, "titre_document": titre, "aujourdhui": timezone.localdate()},
        [Entree(1, titre, "couverture")],
    )
    pieces = [couverture, *morceaux_plan(convention, interne=interne)]
    return _document(
        convention,
        f"{titre} – {convention.territoire}",
        pieces,
        sommaire=lambda pages: sommaire(convention, pieces, pages),
    )
