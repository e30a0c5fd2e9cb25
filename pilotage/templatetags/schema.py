"""The picture of who steers what: tiers of boxes, from those who decide to what is done."""

import textwrap
from dataclasses import dataclass

from django import template

from pilotage.models import Instance

register = template.Library()
LARGEUR, MARGE, HAUTEUR, ECART, TITRE = 960, 12, 74, 46, 20
NATURE = Instance.Nature
ETAGES = [
    ("Décident", {NATURE.CONSEIL}),
    ("Pilote", {NATURE.COPIL}),
    ("Coordonnent", {NATURE.COTECH, NATURE.COORDINATION}),
    ("Suivent sur le terrain", {NATURE.COMMISSION, NATURE.TECHNIQUE}),
]


@dataclass(frozen=True)
class Boite:
    """A box of the picture, in its own units: position, size, lines of text with their baselines."""

    x: float
    y: float
    largeur: float
    lignes: list

    @property
    def milieu(self):
        return self.x + self.largeur / 2


def _rangee(contenus, y):
    """Return the boxes of one tier, side by side over the whole width."""
    largeur = (LARGEUR - MARGE * (len(contenus) + 1)) / len(contenus)
    boites = []
    for rang, texte in enumerate(contenus):
        x = MARGE + rang * (largeur + MARGE)
        lignes = textwrap.wrap(texte, max(10, int(largeur / 8.2)), max_lines=4, placeholder="…")
        haut = y + HAUTEUR / 2 - (len(lignes) - 1) * 8 + 5
        boites.append(Boite(x, y, largeur, [(ligne, haut + 16 * numero) for numero, ligne in enumerate(lignes)]))
    return boites


@register.inclusion_tag("pilotage/_schema.html")
def schema(instances, axes):
    """Draw the bodies by tier, then the axes that they steer; a tier without a body is left out."""
    etages, y = [], TITRE
    for titre, natures in ETAGES:
        contenus = [str(instance) for instance in instances if instance.nature in natures]
        if contenus:
            etages.append({"titre": titre, "y": y, "boites": _rangee(contenus, y)})
            y += HAUTEUR + ECART
    if axes:
        etages.append({"titre": "Le plan", "y": y, "boites": _rangee([str(axe) for axe in axes], y)})
        y += HAUTEUR + ECART
    fleches = [etage["y"] - ECART for etage in etages[1:]]
    hauteur = y - ECART + MARGE
    return {"etages": etages, "fleches": fleches, "largeur": LARGEUR, "hauteur": hauteur, "boite_hauteur": HAUTEUR}
