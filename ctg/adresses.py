"""Addresses: each says whose page it is, and the prefix is filled in from the object or from the page under way."""

from functools import cache

from django.urls import get_resolver, reverse


@cache
def _prefixe(nom):
    """Return how many words of the address of a route name its owner: territory and key 2, territory 1, neither 0."""
    for possibilites, *_ in get_resolver().reverse_dict.getlist(nom):
        parametres = possibilites[0][1]
        return 2 if "cle" in parametres else 1 if "territoire" in parametres else 0
    return 0


def adresse(nom, *args, de=None):
    """Return the address of a route for the convention or territory that `de` is, or belongs to."""
    prefixe = _prefixe(nom)
    if prefixe == 2:
        convention = de.convention
        return reverse(nom, args=[convention.territoire.slug, convention.cle, *args])
    if prefixe == 1:
        return reverse(nom, args=[de.territoire.slug, *args])
    return reverse(nom, args=args)
