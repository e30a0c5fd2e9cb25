"""Join laid-out pieces into one PDF: pages, links, bookmarks, tag tree, page numbers, metadata.

Rules followed: PDF 32000-1 (14.7 logical structure, 12.3.3 outlines), PDF/A-3a (ISO 19005-3), PDF/UA-1 (ISO 14289-1).
"""

from datetime import datetime

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from .document import LIEN


def assembler(morceaux, decor, document, entrees, destination):
    """Write at `destination` the join of `morceaux`, a list of (path of the PDF, its anchors).

    `decor` is the path of a PDF with as many pages as the whole, drawn under each page as an artifact (running
    heads, numbers, watermark). `entrees` are the bookmarks, as `Entree`s in order.
    """
    pdf = pikepdf.Pdf.new()
    racine = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    tout = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.Document, P=racine, K=Array(), Lang=String(document.langue))
    )
    nums, ancres = Array(), {}
    for chemin, reperes in morceaux:
        with pikepdf.open(chemin) as source:
            debut = len(pdf.pages)
            pdf.pages.extend(source.pages)
            for nom, (rang, x, y) in reperes.items():
                ancres.setdefault(nom, (debut + rang, x, y))
            arbre = pdf.copy_foreign(source.Root.StructTreeRoot)
            _greffer(arbre, tout, nums)
            if Name.OutputIntents not in pdf.Root:
                pdf.Root.OutputIntents = pdf.copy_foreign(source.make_indirect(source.Root.OutputIntents))
    _relier(pdf, ancres)
    racine.K = Array([tout])
    racine.ParentTree = pdf.make_indirect(Dictionary(Nums=nums))
    racine.ParentTreeNextKey = len(nums) // 2
    pdf.Root.StructTreeRoot = racine
    _decorer(pdf, decor)
    _signets(pdf, entrees, ancres)
    _identifier(pdf, document)
    pdf.save(
        destination, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True, min_version="1.7"
    )


def _greffer(arbre, tout, nums):
    """Hang the tree of one piece under the whole, and renumber what its pages and links point back with."""
    decalage = len(nums) // 2
    for document in arbre.K:
        for enfant in document.K:
            enfant.P = tout
            tout.K.append(enfant)
    paires = arbre.ParentTree.Nums
    for rang in range(0, len(paires), 2):
        valeur = paires[rang + 1]
        nums.append(decalage + int(paires[rang]))
        nums.append(valeur)
        page = _page_de(valeur) if isinstance(valeur, Array) else None
        if page is not None:
            page.StructParents = decalage + int(paires[rang])
        elif isinstance(valeur, Dictionary):
            for kid in valeur.K:
                if isinstance(kid, Dictionary) and kid.get(Name.Type) == Name.OBJR:
                    kid.Obj.StructParent = decalage + int(paires[rang])


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
            page.contents_add(f"q /Artifact BMC {nom} Do EMC Q\n".encode(), prepend=True)


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


def _identifier(pdf, document):
    pdf.Root.Lang = String(document.langue)
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.Root.PageMode = Name.UseOutlines
    # The date has the second of the file: PDF/A wants the same one in both places.
    maintenant = datetime.now().astimezone().replace(microsecond=0)
    with pdf.open_metadata(set_pikepdf_as_editor=False) as meta:
        meta["dc:title"] = document.titre
        meta["dc:creator"] = [document.auteur]
        meta["dc:language"] = {document.langue}
        meta["xmp:CreateDate"] = meta["xmp:ModifyDate"] = maintenant.isoformat()
        meta["pdf:Producer"] = "WeasyPrint, pikepdf"
        meta["pdfaid:part"], meta["pdfaid:conformance"] = "3", "A"
        meta["{http://www.aiim.org/pdfua/ns/id/}part"] = "1"
    date = maintenant.strftime("D:%Y%m%d%H%M%S%z")
    date = f"{date[:-2]}'{date[-2:]}'"
    pdf.docinfo = pdf.make_indirect(
        Dictionary(
            Title=String(document.titre),
            Author=String(document.auteur),
            Producer=String("WeasyPrint, pikepdf"),
            CreationDate=String(date),
            ModDate=String(date),
        )
    )
