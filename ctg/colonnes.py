"""Two columns of about one height, filled before anything is laid out.

A layout engine that balances columns itself (CSS `columns`) lays the same text out six times; a fiche costs it half as
much again. Blocks are never cut, and a heading stays with what it heads.
"""

import re
from html.parser import HTMLParser
from math import ceil

# Characters in a line of a column of 84 mm at 9.4 pt, and the lines of a column that surely hold on one page.
CARACTERES, LIGNES_MAX = 52, 40
_VIDES = {"br", "hr", "img", "col", "wbr"}


class _Blocs(HTMLParser):
    """Note where each outermost element of a fragment on one line begins, but what follows a heading."""

    def __init__(self):
        super().__init__()
        self.profondeur, self.debuts, self._apres_un_titre = 0, [], False

    def handle_starttag(self, tag, attrs):
        if tag in _VIDES:
            return
        if self.profondeur == 0:
            if not self._apres_un_titre:
                self.debuts.append(self.getpos()[1])
            self._apres_un_titre = bool(re.fullmatch(r"h[1-6]", tag))
        self.profondeur += 1

    def handle_endtag(self, tag):
        self.profondeur -= tag not in _VIDES


def blocs(html):
    """Return the blocks of a fragment that a column may begin or end with, in their order."""
    html = " ".join(html.split("\n")).strip()
    lecteur = _Blocs()
    lecteur.feed(html)
    debuts = [0, *lecteur.debuts[1:]]
    return [
        html[debut:fin] for debut, fin in zip(debuts, [*debuts[1:], len(html)], strict=True) if html[debut:fin].strip()
    ]


def lignes(bloc):
    """Return about how many lines a block takes in a column: a heading counts for two, each item or row for itself."""
    dits = re.split(r"</(?:p|li|tr|h[1-6])>|<br[^>]*>", bloc)
    mots = [re.sub(r"<[^>]+>|\s+", " ", dit).strip() for dit in dits]
    return sum(ceil(len(m) / CARACTERES) for m in mots if m) + bloc.count("<h") + 0.3


def partager(html):
    """Return a fragment as (left, right), or None if it has only one block or would not hold on one page."""
    morceaux = blocs(html)
    poids = [lignes(bloc) for bloc in morceaux]
    if len(morceaux) < 2:
        return None
    hauteur, rang = min((max(sum(poids[:rang]), sum(poids[rang:])), rang) for rang in range(1, len(morceaux)))
    return ("".join(morceaux[:rang]), "".join(morceaux[rang:])) if hauteur <= LIGNES_MAX else None
