"""`{% adresse 'fiche' action.pk %}`: the address of a page of the convention or territory that the page is about."""

from django import template

from ctg.adresses import adresse as adresse_de

register = template.Library()


@register.simple_tag(takes_context=True)
def adresse(context, nom, *args, de=None):
    """Return the address of a route; `de` is an object of another convention or territory than the page's."""
    request = context.get("request")
    lieu = de or (request and (getattr(request, "convention", None) or getattr(request, "territoire", None)))
    return adresse_de(nom, *args, de=lieu)
