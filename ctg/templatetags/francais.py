"""French typography and safe rich text for every template."""

import re
from decimal import Decimal

from django import template
from django.utils import formats
from django.utils.safestring import mark_safe

from ctg import texte

register = template.Library()
FINE, INSECABLE = "\u202f", "\u00a0"
MOIS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


@register.filter
def riche(html):
    """Return a stored rich text as sanitised HTML, with French spaces."""
    return mark_safe(espaces(texte.assainir(html)))  # noqa: S308 - assainir is the sanitiser


@register.filter
def espaces(chaine):
    """Set the non-breaking spaces of French before ; ? ! : and inside « »."""
    chaine = re.sub(r"(?<=\S) (?=[;?!](?:\s|<|$))", FINE, str(chaine))
    chaine = re.sub(r"(?<=\S) (?=:(?:\s|<|$))", INSECABLE, chaine)
    return chaine.replace("« ", f"«{INSECABLE}").replace(" »", f"{INSECABLE}»")


@register.filter
def date_fr(date):
    """Write a date as French does: 1er avril 2025, 11 février 2026."""
    if not date:
        return ""
    jour = "1er" if date.day == 1 else date.day
    return f"{jour}{INSECABLE}{MOIS[date.month - 1]} {date.year}"


@register.filter
def nombre(valeur):
    """Write a number with French separators and no useless decimals: 1 234,5."""
    if valeur is None or valeur == "":
        return "–"
    valeur = Decimal(valeur).normalize()
    decimales = max(0, -valeur.as_tuple().exponent)
    return formats.number_format(valeur, decimal_pos=decimales, use_l10n=True, force_grouping=True)


@register.filter
def euros(valeur):
    """Write an amount in euros: 12 500 €."""
    return "–" if valeur is None else f"{nombre(valeur)}{INSECABLE}€"


@register.filter
def attr(objet, nom):
    """Return an attribute of an object by its name."""
    return getattr(objet, nom)


@register.filter
def valeurs(indicateur, annees):
    """Return [(year, target, measure)] of an indicator for the years asked."""
    return indicateur.valeurs(annees)
