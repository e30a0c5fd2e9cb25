"""Charts as SVG, drawn on the server: the same on page and on paper, with a title, a description and words to read aloud.

Our own, where libraries exist: pygal 3.1 writes the date, a random identifier and a style sheet of its own into each
drawing (our pages let no inline style in, and a paper must be the same twice); leather 0.4 draws neither grouped bars nor
tones that hold in black and white, and knows no title. Both leave the table of data to who calls them.
"""

from dataclasses import dataclass, field

from ctg.francais import nombre

LARGEUR, MARGE, FIN, TRAIT, ECART = 640, 190, 90, 13, 9
# Tones from dark to white: they hold in black and white; the last has an outline (tokens of jetons.css).
TONS = (
    ("#6d2230", "#6d2230", "#fff"),
    ("#a8737c", "#6d2230", "#fff"),
    ("#e3d5c8", "#6d2230", "#22262b"),
    ("#fff", "#6d2230", "#22262b"),
)


@dataclass(frozen=True)
class Rect:
    """A bar as it is drawn: its place, its tone, and the words inside or after it."""

    x: float
    y: float
    largeur: float
    fond: str
    bord: str
    encre: str
    mots: str
    dedans: bool

    centre = property(lambda self: round(self.x + self.largeur / 2, 1))
    apres = property(lambda self: round(self.x + self.largeur + 5, 1))
    ligne = property(lambda self: round(self.y + (12.5 if self.dedans else 10), 1))


@dataclass
class Barres:
    """Horizontal bars: one group a line, one bar a series; stacked, the values of a line stand end to end.

    `lignes` are [(label, [value of each series or None])], values being positive; `mots` writes one of them.
    """

    titre: str
    description: str
    series: list
    lignes: list
    empilees: bool = False
    mots: object = nombre
    tons: list = field(default_factory=list)
    marques: dict = field(default_factory=dict)  # {(rank of the line, of the series): what follows its words}

    def __post_init__(self):
        self.tons = self.tons or list(TONS[: len(self.series)])
        self.lignes = [(str(nom), list(valeurs)) for nom, valeurs in self.lignes]

    def __bool__(self):
        return any(v for _, valeurs in self.lignes for v in valeurs)

    largeur, marge = LARGEUR, MARGE

    @property
    def hauteur(self):
        return round(24 + sum(self._hauteur_de_ligne() + ECART for _ in self.lignes))

    def _hauteur_de_ligne(self):
        return TRAIT + 4 if self.empilees else TRAIT * len(self.series)

    @property
    def legende(self):
        """Return [(x, tone, name)] of the series."""
        pas = (LARGEUR - MARGE) / len(self.series)
        return [(round(MARGE + n * pas), *self.tons[n][:2], nom) for n, nom in enumerate(self.series)]

    @property
    def dessins(self):
        """Return [(label, y of the label, [Rect])] of each line."""
        echelle = (LARGEUR - MARGE - FIN) / float(self._maximum() or 1)
        trouves, y = [], 24
        for rang, (nom, valeurs) in enumerate(self.lignes):
            hauteur = self._hauteur_de_ligne()
            rects = self._empiler(valeurs, y, echelle) if self.empilees else self._grouper(rang, valeurs, y, echelle)
            trouves.append((_couper(nom), round(y + hauteur / 2 + 4, 1), rects))
            y += hauteur + ECART
        return trouves

    def _maximum(self):
        sommes = (
            sum(v or 0 for v in valeurs) if self.empilees else max((v or 0 for v in valeurs), default=0)
            for _, valeurs in self.lignes
        )
        return max(sommes, default=0)

    def _grouper(self, rang, valeurs, y, echelle):
        return [
            Rect(
                MARGE,
                y + n * TRAIT,
                round(float(v) * echelle, 1),
                *self.tons[n],
                self.mots(v) + self.marques.get((rang, n), ""),
                False,
            )
            for n, v in enumerate(valeurs)
            if v is not None
        ]

    def _empiler(self, valeurs, y, echelle):
        rects, x = [], float(MARGE)
        for n, v in enumerate(valeurs):
            if v:
                largeur = round(float(v) * echelle, 1)
                rects.append(
                    Rect(round(x, 1), y, largeur, *self.tons[n], self.mots(v), largeur > 7 * len(self.mots(v)))
                )
                x += largeur
        return rects

    hauteur_de_barre = property(lambda self: TRAIT + 4 if self.empilees else TRAIT - 2)


def _couper(nom, maximum=30):
    return nom if len(nom) <= maximum else nom[: maximum - 1].rstrip() + "…"
