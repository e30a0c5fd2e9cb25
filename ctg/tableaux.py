"""Tables that a person typed: how wide they are, and whole as paper wants them.

lxml reads what the sanitiser wrote, or what was typed before it; it is what python-docx and the field use for broken HTML.
"""

from html import escape

from lxml import html as balises

# From so many columns on, or with so long a word, equal columns and cut words hold where natural ones run off the sheet.
SERRE, LONG = 5, 22


def _lire(html):
    return balises.fragment_fromstring(html, create_parent="div")


def _entier(cellule, nom):
    valeur = cellule.get(nom) or "1"
    return int(valeur) if valeur.isdecimal() and len(valeur) < 4 else 1


def _rangees(table):
    """Return [(row, its cells, the columns that they and those merged from above take)] of one table."""
    tenues, lues = {}, []  # column: rows that a cell from above still takes there
    for rangee in table.iter("tr"):
        if next(rangee.iterancestors("table")) is not table:
            continue
        prises = {c for c, reste in tenues.items() if reste}
        tenues = {c: tenues[c] - 1 for c in prises}
        colonne, cellules = 0, [c for c in rangee if c.tag in ("td", "th")]
        occupees = set(prises)
        for cellule in cellules:
            while colonne in occupees:
                colonne += 1
            for _ in range(_entier(cellule, "colspan")):
                occupees.add(colonne)
                if (hauteur := _entier(cellule, "rowspan")) > 1:
                    tenues[colonne] = max(tenues.get(colonne, 0), hauteur - 1)
                colonne += 1
        lues.append((rangee, cellules, len(occupees)))
    return lues


def _largeurs(tout):
    """Return the width of each table, with that of the widest one within it: the deepest are measured first."""
    largeurs, dedans = {}, {}
    for table in reversed(list(tout.iter("table"))):
        propre = max((largeur for *_, largeur in _rangees(table)), default=0)
        largeurs[table] = propre + dedans.get(table, 1) - 1
        au_dessus = next(table.iterancestors("table"), None)
        if au_dessus is not None:
            dedans[au_dessus] = max(dedans.get(au_dessus, 1), largeurs[table])
    return largeurs


def colonnes(html):
    """Return how many columns the widest table of `html` has, those of merged and nested cells too (0 without table)."""
    if "<table" not in html.lower():
        return 0
    return max(_largeurs(_lire(html)).values(), default=0)


def accorder(html):
    """Return a sanitised text whose tables hold on a page: a first row of headings, rows of one length, tight if wide.

    A table without headings, or with ragged rows, is read aloud as noise (ISO 14289-1, 7.5).
    """
    if "<table" not in html:
        return html
    tout = _lire(html)
    for table in tout.iter("table"):
        rangees = _rangees(table)
        largeur = max((n for *_, n in rangees), default=0)
        if rangees and not any(c.tag == "th" for _, cellules, _ in rangees for c in cellules):
            for cellule in rangees[0][1]:
                cellule.tag = "th"
        for rangee, _, n in rangees:
            for _ in range(largeur - n):
                rangee.append(balises.Element("td"))
        mots = max((len(mot) for mot in table.text_content().split()), default=0)
        if largeur >= SERRE or mots > LONG:
            table.set("class", "tableau-serre")
    texte = "".join(balises.tostring(enfant, encoding="unicode") for enfant in tout)
    return escape(tout.text or "", quote=False) + texte
