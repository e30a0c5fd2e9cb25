"""Whose page it is: the address names a territory and a convention, and everything is fetched through them."""

from django.http import Http404
from django.utils.functional import SimpleLazyObject

from actions.models import Convention, Territoire
from actions.models.territoire import la_plus_vive


class Lieu:
    """Middleware: set `request.territoire` and `request.convention` from the address, or answer 404.

    It asks no right: pages do. An object of another territory is a 404 by construction, since it is not among these.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.territoire = request.convention = None
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        slug, cle = view_kwargs.pop("territoire", None), view_kwargs.pop("cle", None)
        if slug is None:
            return
        # One question for the place, whatever the page: the texts of its conventions wait until they are read.
        conventions = list(Convention.objects.filter(territoire__slug=slug).pour_le_lieu())
        territoire = conventions[0].territoire if conventions else Territoire.objects.filter(slug=slug).first()
        if territoire is None:
            raise Http404("Ce territoire n’existe pas, ou n’est pas publié.")
        for convention in conventions:
            convention.territoire = territoire
        territoire.les_conventions = conventions
        request.territoire = territoire
        if cle is None:
            return
        request.convention = next((c for c in conventions if c.cle == cle), None)
        if request.convention is None:
            raise Http404("Ce territoire n’a pas de convention à cette adresse.")


def _visible(request):
    """Return the convention of the page if who asks may know that it exists."""
    convention = getattr(request, "convention", None)
    if convention is None or convention.publiee or request.user.has_perm("plan.lire", convention):
        return convention
    return None


def _conventions(request):
    """Return the conventions of the territory between which who asks may go, the latest first."""
    territoire = getattr(request, "territoire", None)
    toutes = territoire.les_conventions if territoire else []
    for convention in toutes:
        convention.est_lue = request.user.has_perm("plan.lire", convention)
    return [c for c in toutes if c.publiee or c.est_lue]


def _territoire_connu(request):
    """Return the territory of the page if who asks may know of it: it is public, or it is read."""
    territoire = getattr(request, "territoire", None)
    if territoire and (territoire.est_public or request.user.has_perm("territoire.lire", territoire)):
        return territoire
    return None


def _du_menu(request):
    """Return the convention that the menu leads to: the page's; on the pages of a territory, the one that it lives by."""
    if convention := _visible(request):
        return convention
    return la_plus_vive(_conventions(request))


# What each word of an address, after the place, belongs to in the menus; any other is public.
RUBRIQUES = {
    "plan": "plan",
    "saisie": "saisie_courante",
    "tableau-de-bord": "tableau_de_bord",
    "cooperation": "tableau_de_bord",
    "bilans": "bilans",
    "convention": "convention",
    "signatures": "signatures",
    "pilotage": "pilotage",
    "gestion": "gestion",
}
RUBRIQUES_PUBLIQUES = {
    "services": "services_publics",
    "actes": "deliberations",
    "partenaires": "partenaires",
    "telechargements": "telechargements",
}
LEGALES = {"mentions", "donnees-personnelles", "contact", "accessibilite"}
MENU_DE_LA_CONVENTION = [
    ("plan", "Plan de travail"),
    ("saisie_courante", "Saisie"),
    ("tableau_de_bord", "Tableau de bord"),
    ("bilans", "Bilans"),
    ("convention", "Convention"),
    ("signatures", "Signatures"),
]
MENU_PUBLIC = [
    ("convention_publique", "Les actions"),
    ("services_publics", "Services aux familles"),
    ("deliberations", "Délibérations"),
    ("partenaires", "Partenaires"),
    ("telechargements", "Téléchargements"),
]


def ou_l_on_est(request):
    """Return (« travail » or « public », the entry of the menu) of a page, from the words of its address."""
    mots = request.path.strip("/").split("/")[1:]
    if mots and getattr(request, "convention", None) and mots[0] == request.convention.cle:
        mots = mots[1:]
    mot = mots[0] if mots else ""
    if mot in RUBRIQUES:
        return "travail", RUBRIQUES[mot]
    return "public", RUBRIQUES_PUBLIQUES.get(mot, "convention_publique" if mot not in LEGALES else "")


def contexte(request):
    """Give templates whose page it is, as far as who reads may know; read from the database only where it is used."""
    if not hasattr(request, "user"):
        return {}
    espace, rubrique = ou_l_on_est(request)
    return {
        "espace": espace,
        "rubrique": rubrique,
        "menu_de_la_convention": MENU_DE_LA_CONVENTION,
        "menu_public": MENU_PUBLIC,
        "convention": SimpleLazyObject(lambda: _visible(request)),
        "territoire": SimpleLazyObject(lambda: _territoire_connu(request)),
        "conventions_du_territoire": SimpleLazyObject(lambda: _conventions(request)),
        "menu": SimpleLazyObject(lambda: _du_menu(request)),
    }
