"""The printing kit: a piece from a template, a document served once it is laid out, the same HTML as a preview."""

import logging
import re

from django.http import FileResponse, Http404, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.text import slugify

from ctg import VERSION, scelles
from ctg.compteurs import jeton
from ctg.pdf import LIEN, Entree, MiseEnPageImpossible, Morceau, Preparation, deposer_une_image

journal = logging.getLogger(__name__)

EXEMPLE = "Exemple : données de démonstration"


def morceau(nom, gabarit, contexte, entrees=(), tete=""):
    """Return the piece that a template makes: the same template shows the preview on screen."""
    html = render_to_string(
        "documents/_page.html", {"gabarit": gabarit, "lien": LIEN, "pdf": True, "titre": nom, **contexte}
    )
    return Morceau(nom, html, tuple(entrees), tete)


def sommaire(morceaux, pages):
    """Return the piece of the table of contents; `pages` is {anchor: page number}, empty while unknown."""
    lignes = [(entree, pages.get(entree.ancre, "")) for m in morceaux for entree in m.entrees]
    return morceau(
        "Sommaire", "documents/_sommaire.html", {"lignes": lignes}, [Entree(1, "Sommaire", "sommaire")], "Sommaire"
    )


def corps(document):
    """Return [(name, body)] of each piece of a document, with links that work on one page; those of others stay aside."""
    pieces = [piece for piece in document.morceaux if isinstance(piece, Morceau)]
    if document.sommaire:
        pieces.insert(document.rang_sommaire, document.sommaire({}))
    return [(piece.nom, _corps(piece.html)) for piece in pieces]


def _corps(html):
    dedans = re.search(r"<body>(.*)</body>", html, re.S)[1]
    dedans = re.sub(r'<img [^>]*src="file:[^>]*>', "", dedans)  # pictures that the workers alone read
    return mark_safe(dedans.replace(LIEN, "#"))  # noqa: S308 - our own templates, already escaped


def relire(objet):
    """Return an object as the database holds it now, with all that its documents print."""
    return type(objet)._default_manager.completes().get(pk=objet.pk)


def preparation(fabrique, *objets, lus, **kwargs):
    """Return the `Preparation` of the document that `fabrique(*objets, **kwargs)` makes of these rows.

    `lus` are the owners of all that is printed. Their counters are read first, the rows again after: a print that is
    kept may be newer than its key, never older.
    """
    cle = [fabrique.__module__, fabrique.__qualname__, *(f"{o._meta.label}:{o.pk}" for o in objets), kwargs]
    cle += [timezone.localdate(), VERSION, jeton(*lus)]
    return Preparation(repr(cle), lambda: fabrique(*(relire(o) for o in objets), **kwargs))


def servir(request, fabrique, *objets, lus, **kwargs):
    """Answer with the PDF if it is ready; else with a page that shows how far it is and comes back by itself."""
    prete = preparation(fabrique, *objets, lus=lus, **kwargs)
    try:
        faits, total = (1, 1) if prete.prete else prete.avancement()
        if faits < total:
            contexte = {"faits": faits, "total": total, "titre": prete.document.titre}
            return render(request, "documents/patience.html", contexte)
        fichier = prete.fichier()
    except MiseEnPageImpossible as erreur:
        return render(request, "documents/impossible.html", {"erreur": erreur}, status=503)
    if request.htmx:
        # htmx polls the waiting page: it is sent to the file as a browser would be.
        reponse = HttpResponseRedirect(request.get_full_path())
        reponse.status_code = 200
        reponse["HX-Redirect"] = request.get_full_path()
        return reponse
    return FileResponse(
        fichier.open("rb"),
        content_type="application/pdf",
        filename=_nom_du_fichier(request.path, objets[0]),
    )


def servir_scelle(scelle, nom=None):
    """Answer with the very bytes that were sealed."""
    try:
        fichier = scelles.ouvrir(scelle.pk)
    except OSError as erreur:
        raise Http404("Ce fichier scellé n’est plus dans le magasin : prévenez l’administrateur.") from erreur
    return FileResponse(fichier, content_type=scelle.nature, filename=nom or scelle.nom)


def image_scellee(scelle):
    """Return the address of a sealed picture for a document, or "" if there is none or the store has lost it."""
    try:
        return deposer_une_image(scelle.pk, lambda: scelles.lire(scelle.pk)) if scelle else ""
    except OSError:
        journal.exception("Image perdue : %s", scelle.pk)
        return ""


def tirer_une_adresse(request):
    """Draw what a paper about to be sealed bears: (its identifier, the whole address at which it is verified)."""
    identifiant = scelles.tirer()
    return identifiant, request.build_absolute_uri(reverse("verifier", args=[identifiant]))


def _nom_du_fichier(chemin, objet):
    """Name a download for what it is: « fiche-2-1-maintenir-….pdf », not « fiche.pdf » for the twelve of them."""
    genre, quoi = slugify(chemin.removesuffix(".pdf").rsplit("/", 1)[-1]), slugify(re.sub(r"[./’']", "-", str(objet)))
    return f"{quoi if quoi.startswith(genre) else f'{genre}-{quoi}'}"[:120].rstrip("-") + ".pdf"
