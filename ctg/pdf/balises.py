"""Complete the tag tree of a laid-out piece: table headers that a reader can announce, lists whose items have a body.

WeasyPrint 70 ties each cell to its headers by identifiers, but gives the same ones again on the next page of a
table and in the next piece, and writes neither the scope of a header nor the tree of identifiers; the item of a list
that holds paragraphs gets no body.
Rules followed: ISO 32000-1 (14.7.2 identifiers, 14.8.4.3 lists, 14.8.5.7 table attributes), ISO 14289-1 (7.5 tables).
"""

import pikepdf
from pikepdf import Array, Dictionary, Name, String


def completer(chemin, prefixe):
    """Rewrite the PDF at `chemin`; `prefixe` (hexadecimal) makes its identifiers unique among all pieces.

    The structure root gets an `IDTree` whose `Names` the joining of pieces concatenates.
    """
    with pikepdf.open(chemin, allow_overwriting_input=True) as pdf:
        racine = pdf.Root.StructTreeRoot
        identifiants = []
        for rang, table in enumerate(_tables(racine.K)):
            identifiants += _nommer(table, f"{prefixe}-{rang}")
            _porter(table)
        for document in racine.K:
            for element in list(_descendants(document, Name.LI)):
                _donner_un_corps(pdf, element)
        racine.IDTree = pdf.make_indirect(
            Dictionary(Names=Array([x for nom, element in sorted(identifiants, key=_octets) for x in (nom, element)]))
        )
        pdf.save(chemin)


def _octets(paire):
    return bytes(paire[0])


def _enfants(element):
    """Return the structure elements right under one; page content and links are left out."""
    kids = element.get(Name.K, Array())
    kids = kids if isinstance(kids, Array) else [kids]
    return [k for k in kids if isinstance(k, Dictionary) and Name.S in k]


def _descendants(element, *types):
    for enfant in _enfants(element):
        if enfant.S in types:
            yield enfant
        yield from _descendants(enfant, *types)


def _donner_un_corps(pdf, element):
    """Put all that an item of a list says, but its label, into one body, in its order (ISO 32000-1, 14.8.4.3.3)."""
    kids = _enfants(element)
    dits = [kid for kid in kids if kid.S != Name.Lbl]
    if len(kids) < _nombre_d_enfants(element) or [kid.S for kid in dits] == [Name.LBody]:
        return  # content of the page right under an item is tied to it by its page: it stays there
    corps = next((kid for kid in dits if kid.S == Name.LBody), None)
    if corps is None:
        corps = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.LBody, P=element, K=Array()))
        if Name.Pg in element:
            corps.Pg = element.Pg
        dedans = dits
    else:
        rang = dits.index(corps)
        siens = corps.get(Name.K, Array())
        siens = list(siens) if isinstance(siens, Array) else [siens]
        dedans = [*dits[:rang], *siens, *dits[rang + 1 :]]
    for kid in dits:
        if kid != corps:
            kid.P = corps
            if kid.S == Name.LBody:
                kid.S = Name.Div
    corps.K = Array(dedans)
    element.K = Array([*(kid for kid in kids if kid.S == Name.Lbl), corps])


def _nombre_d_enfants(element):
    kids = element.get(Name.K, Array())
    return len(kids) if isinstance(kids, Array) else 1


def _tables(elements):
    """Yield the outermost tables, in reading order."""
    for element in elements:
        if element.S == Name.Table:
            yield element
        else:
            yield from _tables(_enfants(element))


def _nommer(table, prefixe):
    """Give each header of a table an identifier of its own; return [(identifier, element)]."""
    noms, identifiants = {}, []
    for cellule in _descendants(table, Name.TH):
        if Name.ID in cellule:
            nom = String(f"{prefixe}-{len(noms)}")
            noms[bytes(cellule.ID)] = nom
            cellule.ID = nom
            identifiants.append((nom, cellule))
    for cellule in _descendants(table, Name.TD):
        if Name.Headers in cellule.get(Name.A, Dictionary()):
            cellule.A.Headers = Array([noms[bytes(h)] for h in cellule.A.Headers if bytes(h) in noms])
    return identifiants


def _porter(table):
    """Say which way each header looks: a row of headers alone heads columns, any other header heads its row."""
    for rangee in _descendants(table, Name.TR):
        cellules = [c for c in _enfants(rangee) if c.S in (Name.TH, Name.TD)]
        sens = Name.Column if all(c.S == Name.TH for c in cellules) else Name.Row
        for cellule in cellules:
            if cellule.S == Name.TH:
                attributs = cellule.get(Name.A, Dictionary(O=Name.Table))
                attributs.Scope = sens
                cellule.A = attributs


def descendre_les_titres(element, niveaux):
    """Lower the headings under an element by some levels, down to H6: what opens a whole is alone at its level."""
    titres = [Name(f"/H{n}") for n in range(1, 7)]
    for titre in list(_descendants(element, *titres)):
        titre.S = Name(f"/H{min(int(str(titre.S)[2:]) + niveaux, 6)}")
