"""The convention as a whole: its page, its preview and its PDF, all from the same templates."""

import re

from django.shortcuts import render
from django.utils.safestring import mark_safe

from actions.views.documents import servir
from ctg.acces import exiger
from ctg.pdf import LIEN
from pilotage.documents import document_convention
from pilotage.views.pilotage import convention_saisie


def convention(request):
    convention = convention_saisie(request)
    if refus := exiger(request, "plan.lire", convention):
        return refus
    contexte = {
        "parties": convention.parties.select_related("partenaire"),
        "articles": convention.articles.all(),
        "reunions": convention.reunions.preparatoires(),
        "actes": convention.actes.dans_l_ordre().select_related("seance__organisatrice").prefetch_related("votes"),
        "bilans": convention.precedente.bilans.all() if convention.precedente else [],
    }
    return render(request, "pilotage/convention.html", contexte)


def apercu(request):
    """Show on screen, piece by piece, exactly the HTML that is printed."""
    convention = convention_saisie(request)
    if refus := exiger(request, "plan.lire", convention):
        return refus
    document = document_convention(convention)
    return render(request, "documents/apercu.html", {"document": document, "pieces": corps(document)})


def corps(document):
    """Return [(name, body)] of each piece of a document, with links that work on one page."""
    pieces = list(document.morceaux)
    pieces.insert(document.rang_sommaire, document.sommaire({}))
    return [(piece.nom, _corps(piece.html)) for piece in pieces]


def _corps(html):
    corps = re.search(r"<body>(.*)</body>", html, re.S)[1]
    return mark_safe(corps.replace(LIEN, "#"))  # noqa: S308 - our own templates, already escaped


def pdf(request):
    convention = convention_saisie(request)
    return exiger(request, "plan.lire", convention) or servir(request, document_convention, convention)
