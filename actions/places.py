"""The named places that a page of the plan offers to later rooms: it knows their names, not who fills them.

A room declares a filler in its `AppConfig.ready`; a page asks once, with all its objects.
"""

_REMPLISSEURS = {}


def offrir(place, remplisseur):
    """Fill a place: `remplisseur(request, objets)` returns {pk: fragment of HTML}."""
    _REMPLISSEURS.setdefault(place, []).append(remplisseur)


def remplir(place, request, objets):
    """Return {pk: HTML} of what the rooms add to these objects; each is asked once a page, never once a row."""
    fragments = {}
    for remplisseur in _REMPLISSEURS.get(place, []):
        for pk, fragment in remplisseur(request, objets).items():
            fragments[pk] = fragments[pk] + fragment if pk in fragments else fragment
    return fragments
