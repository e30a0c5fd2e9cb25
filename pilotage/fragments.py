"""What the governance adds to the pages of the plan: called once a page, with all its objects."""

from django.template.loader import render_to_string

from pilotage.models import Bilan, Decision, Instance, PageDAxe, PageDeBilan


def decisions_des_fiches(request, fiches):
    """What meetings decided about fiches, until it is done."""
    decisions = {fiche.pk: [] for fiche in fiches}
    ouvertes = Decision.objects.ouvertes().filter(action__in=decisions).select_related("reunion__territoire")
    for decision in ouvertes:
        decisions[decision.action_id].append(decision)
    return {
        pk: render_to_string("pilotage/_decisions_fiche.html", {"decisions": siennes}, request)
        for pk, siennes in decisions.items()
    }


def suites_des_fiches(request, fiches):
    """What the last account says of each fiche: « bilan 2028 : adaptée », for who prepares the next convention."""
    pages = PageDeBilan.objects.exclude(suite="").filter(action__in=fiches).select_related("bilan")
    dites = {}
    # The final evaluation (no year) comes after every year.
    for page in sorted(pages, key=lambda page: page.bilan.annee or 9999):
        quoi = f"bilan {page.bilan.annee}" if page.bilan.annee else "évaluation finale"
        dites[page.action_id] = f"{quoi} : {page.get_suite_display().lower()}"
    return dites


def instances_du_territoire(request, territoires):
    """The bodies of a territory, with the way to their composition for who keeps it."""
    fragments = {}
    for territoire in territoires:
        instances = Instance.objects.filter(territoire=territoire).select_related("collectivite")
        for instance in instances:
            instance.territoire = territoire
        fragments[territoire.pk] = render_to_string(
            "pilotage/_instances_gestion.html", {"instances": instances}, request
        )
    return fragments


def pages_d_un_lien(request, liens):
    """The pages of the account that who holds a link writes, beside the figures that it fills in."""
    fragments = {}
    for lien in liens:
        pages = PageDeBilan.objects.ouvertes().du_lien(lien)
        pages = pages.completes().prefetch_related("action__participations")
        siennes = [page for page in pages if lien.partenaire_id in page.pilotes_ids]
        for page in siennes:
            page.action.convention = page.action.axe.convention = lien.convention
        contexte = {"pages": siennes, "lien": lien}
        fragments[lien.pk] = render_to_string("pilotage/_pages_d_un_lien.html", contexte, request) if siennes else ""
    return fragments


def bilans_d_une_convention(request, conventions):
    """The accounts that inhabitants read, each with its paper in plain words."""
    fragments = {}
    for convention in conventions:
        bilans = list(convention.bilans.rendus())
        for bilan in bilans:
            bilan.convention = convention
        contexte = {"bilans": bilans, "convention": convention}
        fragments[convention.pk] = render_to_string("pilotage/_bilans_publics.html", contexte, request)
    return fragments


def bilans_d_un_axe(request, axes):
    """What the accounts of a whole convention say of its axes."""
    pages = PageDAxe.objects.filter(axe__in=axes, bilan__in=Bilan.objects.rendus().filter(annee=None))
    return {
        page.axe_id: render_to_string("pilotage/_bilan_d_un_axe.html", {"page": page}, request)
        for page in pages.exclude(texte="")
    }
