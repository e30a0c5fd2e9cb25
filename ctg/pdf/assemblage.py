"""Join laid-out pieces into one PDF: pages, links, bookmarks, tag tree, page numbers, metadata.

Rules followed: PDF 32000-1 (14.7 logical structure, 12.3.3 outlines), PDF/A-3a (ISO 19005-3), PDF/UA-1 (ISO 14289-1).
"""

from datetime import datetime
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from ctg.signes import sans_controles

from .balises import descendre_les_titres
from .document import LIEN
from .etranger import verser

PRODUCTEUR = "WeasyPrint, pikepdf"
NORMES = """<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
"""
# Written out, since PDF/A wants the one property that it does not know itself (pdfuaid) to be described in the
# packet (ISO 19005-3, 6.6.2.3), which no library does for us.
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{titre}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{auteur}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{langue}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>
<pdf:Producer>{producteur}</pdf:Producer>
{normes}</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def assembler(morceaux, decor, document, entrees, destination):
    """Write at `destination` the join of `morceaux`, a list of (path of the PDF, its anchors, levels to lower its headings).

    Pages that are not ours have None for their levels: they come without tags, and the whole then claims no standard.

    `decor` is the path of a PDF with as many pages as the whole, drawn under each page as an artifact (running
    heads, numbers, watermark). `entrees` are the bookmarks, as `Entree`s in order.
    """
    pdf = pikepdf.Pdf.new()
    racine = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    etrangeres = False
    tout = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.Document, P=racine, K=Array(), Lang=String(document.langue))
    )
    nums, ancres, noms = Array(), {}, []
    for chemin, reperes, niveaux in morceaux:
        with pikepdf.open(chemin) as source:
            debut = len(pdf.pages)
            if niveaux is None:
                verser(pdf, source)
                etrangeres = True
                continue
            pdf.pages.extend(source.pages)
            for nom, (rang, x, y) in reperes.items():
                ancres.setdefault(nom, (debut + rang, x, y))
            arbre = pdf.copy_foreign(source.Root.StructTreeRoot)
            _greffer(arbre, tout, nums, niveaux)
            noms += _paires(arbre.IDTree.Names)
            if Name.OutputIntents not in pdf.Root:
                pdf.Root.OutputIntents = pdf.copy_foreign(source.make_indirect(source.Root.OutputIntents))
    _relier(pdf, ancres)
    racine.K = Array([tout])
    racine.ParentTree = pdf.make_indirect(Dictionary(Nums=nums))
    racine.ParentTreeNextKey = len(nums) // 2
    noms.sort(key=lambda paire: bytes(paire[0]))
    racine.IDTree = pdf.make_indirect(Dictionary(Names=Array([x for paire in noms for x in paire])))
    pdf.Root.StructTreeRoot = racine
    _decorer(pdf, decor)
    _signets(pdf, entrees, ancres)
    _identifier(pdf, document, conforme=not etrangeres)
    _joindre(pdf, document.jointes)
    pdf.save(
        destination, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True, min_version="1.7"
    )


def _greffer(arbre, tout, nums, niveaux):
    """Hang the tree of one piece under the whole, and renumber what its pages and links point back with."""
    decalage = len(nums) // 2
    for document in arbre.K:
        if niveaux:
            descendre_les_titres(document, niveaux)
        for enfant in document.K:
            enfant.P = tout
            tout.K.append(enfant)
    for cle, valeur in _paires(arbre.ParentTree.Nums):
        cle = decalage + int(cle)
        nums.extend([cle, valeur])
        page = _page_de(valeur) if isinstance(valeur, Array) else None
        if page is not None:
            page.StructParents = cle
        elif isinstance(valeur, Dictionary):
            for kid in valeur.K:
                if isinstance(kid, Dictionary) and kid.get(Name.Type) == Name.OBJR:
                    kid.Obj.StructParent = cle


def _paires(tableau):
    return [(tableau[rang], tableau[rang + 1]) for rang in range(0, len(tableau), 2)]


def _page_de(elements):
    for element in elements:
        if Name.Pg in element:
            return element.Pg
    return None


def _relier(pdf, ancres):
    """Turn the links between pieces into true internal links; one to an absent anchor is taken away."""
    for page in pdf.pages:
        if Name.Annots not in page.obj:
            continue
        gardees = Array()
        for lien in page.obj.Annots:
            adresse = str(lien.get(Name.A, Dictionary()).get(Name.URI, ""))
            if adresse.startswith(LIEN):
                ancre = adresse.removeprefix(LIEN)
                if ancre not in ancres:
                    continue
                rang, x, y = ancres[ancre]
                del lien["/A"]
                lien.Dest = Array([pdf.pages[rang].obj, Name.XYZ, x, y, 0])
                lien.Contents = String(f"Aller à la page {rang + 1}")
            elif Name.Contents not in lien and adresse:
                lien.Contents = String(adresse)
            gardees.append(lien)
        page.obj.Annots = gardees


def _decorer(pdf, decor):
    """Draw the decoration under each page, marked as an artifact: no screen reader reads it."""
    with pikepdf.open(decor) as source:
        for page, fond in zip(pdf.pages, source.pages, strict=True):
            forme = pdf.copy_foreign(fond.as_form_xobject())
            nom = page.add_resource(forme, Name.XObject, prefix="Decor")
            page.contents_add(f"q /Artifact <</Type /Pagination>> BDC {nom} Do EMC Q\n".encode(), prepend=True)


def _signets(pdf, entrees, ancres):
    with pdf.open_outline() as plan:
        pile = [plan.root]
        for entree in entrees:
            if entree.ancre not in ancres:
                continue
            rang, x, y = ancres[entree.ancre]
            signet = pikepdf.OutlineItem(entree.titre, rang, "XYZ", left=x, top=y)
            del pile[max(1, entree.niveau) :]
            pile[-1].append(signet)
            pile.append(signet.children)


def _joindre(pdf, jointes):
    """Embed files unchanged, each said for what it is to the document (ISO 19005-3, 6.8; so does Factur-X)."""
    for jointe in jointes:
        pdf.attachments[jointe.nom] = pikepdf.AttachedFileSpec(
            pdf,
            jointe.octets,
            filename=jointe.nom,
            description=jointe.description,
            mime_type=jointe.nature,
            relationship=Name(f"/{jointe.relation}"),
            mod_date=_date_pdf(datetime.now().astimezone()),
        )
    if jointes:
        pdf.Root.AF = Array([pdf.attachments[jointe.nom].obj for jointe in jointes])


def _xml(texte):
    """Escape a text for a packet of XML, which some signs of a paste would break."""
    return escape(sans_controles(texte))


def _date_pdf(instant):
    """Write a moment as PDF does (ISO 32000-1, 7.9.4): D:20261124193000+01'00'."""
    date = instant.strftime("D:%Y%m%d%H%M%S%z")
    return f"{date[:-2]}'{date[-2:]}'"


def _identifier(pdf, document, conforme=True):
    """Write the metadata; not `conforme`, they claim neither PDF/A nor PDF/UA."""
    pdf.Root.Lang = String(document.langue)
    pdf.Root.MarkInfo = Dictionary(Marked=conforme)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.Root.PageMode = Name.UseOutlines
    # The date has the second of the file: PDF/A wants the same one in both places.
    maintenant = datetime.now().astimezone().replace(microsecond=0)
    pdf.Root.Metadata = pdf.make_stream(
        XMP.format(
            titre=_xml(document.titre),
            auteur=_xml(document.auteur),
            langue=document.langue,
            date=maintenant.isoformat(),
            producteur=PRODUCTEUR,
            normes=NORMES if conforme else "",
        ).encode(),
        Type=Name.Metadata,
        Subtype=Name.XML,
    )
    date = _date_pdf(maintenant)
    pdf.docinfo = pdf.make_indirect(
        Dictionary(
            Title=String(document.titre),
            Author=String(document.auteur),
            Producer=String(PRODUCTEUR),
            CreationDate=String(date),
            ModDate=String(date),
        )
    )
