"""French typography and safe rich text, for every template: the functions of ctg/francais.py, as filters."""

from datetime import date

from django import template

from ctg import francais

register = template.Library()
for _nom in (
    "riche",
    "espaces",
    "date_fr",
    "nombre",
    "euros",
    "montant",
    "heure_fr",
    "minuscule",
    "contracter_de",
    "sans_civilite",
    "signataire",
    "represente",
):
    register.filter(_nom, getattr(francais, _nom))


@register.filter
def pluralize(nombre, formes="s"):
    """Return the ending that a number wants in French, where zero is singular: « 0 page », « 1,5 heure », « 2 pages »."""
    un, plusieurs = formes.split(",") if "," in formes else ("", formes)
    try:
        combien = len(nombre) if hasattr(nombre, "__len__") and not isinstance(nombre, str) else float(nombre)
    except (TypeError, ValueError):
        return ""  # as Django does for what is no number
    return un if abs(combien) < 2 else plusieurs


@register.filter
def attr(objet, nom):
    """Return an attribute of an object by its name."""
    return getattr(objet, nom)


@register.filter
def valeurs(indicateur, annees):
    """Return [(year, target, measure)] of an indicator for the years asked."""
    return indicateur.valeurs(annees)


@register.filter
def jour(texte):
    """Write an ISO date (2026-03-01) as one reads it."""
    return francais.date_fr(date.fromisoformat(texte))


@register.filter
def montre(valeur, indicateur):
    """Return a value of an indicator as its kind is read: a number, « oui », a word of its scale; « – » for None."""
    return indicateur.montrer(valeur) or "–"


@register.filter
def cle(dictionnaire, nom):
    """Return what a dictionary holds under a name, or None."""
    return dictionnaire.get(nom)
