"""The convention as a whole: its page, its preview and its PDF, all from the same templates."""

import re

from django.http import Http404
from django.shortcuts import render
from django.utils.safestring import mark_safe

from actions.context_processors import convention_de
from actions.views.documents import servir
from ctg.acces import exiger
from ctg.pdf import LIEN
from pilotage.documents import document_convention


def _convention(request):
    convention = convention_de(request)
    if convention is None and request.user.is_authenticated:
        raise Http404("Aucune convention n’est encore saisie.")
    return convention


def convention(request):
    convention = _convention(request)
    if refus := exiger(request, "plan.lire", convention):
        return refus
    contexte = {
        "parties": convention.parties.select_related("partenaire"),
        "articles": convention.articles.all(),
        "instances": convention.instances.all(),
        "reunions": convention.reunions.all(),
        "actes": convention.actes.select_related("conseil"),
        "bilans": convention.precedente.bilans.all() if convention.precedente else [],
    }
    return render(request, "pilotage/convention.html", contexte)


def apercu(request):
    """Show on screen, piece by piece, exactly the HTML that is printed."""
    convention = _convention(request)
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
    convention = _convention(request)
    return exiger(request, "plan.lire", convention) or servir(request, document_convention, convention)
