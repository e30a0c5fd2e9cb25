"""Addresses: each says whose page it is, and the prefix is filled in from the object or from the page under way."""

from functools import cache, lru_cache

from django.urls import get_resolver, get_script_prefix, reverse
from django.utils.http import urlencode


@cache
def _prefixe(nom):
    """Return how many words of the address of a route name its owner: territory and key 2, territory 1, neither 0."""
    for possibilites, *_ in get_resolver().reverse_dict.getlist(nom):
        parametres = possibilites[0][1]
        return 2 if "cle" in parametres else 1 if "territoire" in parametres else 0
    return 0


@lru_cache(maxsize=8192)
def _chemin(_racine, nom, *args):
    """Return the address of a route: a page of fifty rows asks for two hundred, and they never change."""
    return reverse(nom, args=args)


def adresse(nom, *args, de=None):
    """Return the address of a route for the convention or territory that `de` is, or belongs to."""
    prefixe = _prefixe(nom)
    if prefixe == 2:
        convention = de.convention
        return _chemin(get_script_prefix(), nom, convention.territoire.slug, convention.cle, *args)
    if prefixe == 1:
        return _chemin(get_script_prefix(), nom, de.territoire.slug, *args)
    return _chemin(get_script_prefix(), nom, *args)


def sans_vides(request):
    """Return the address of a search without the parameters that ask nothing; "" if it has none: an address says what is asked."""
    if all(request.GET.values()):
        return ""
    demande = {nom: valeur for nom, valeur in request.GET.items() if valeur}
    return f"{request.path}?{urlencode(demande)}" if demande else request.path
