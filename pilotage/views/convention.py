"""The convention as a whole: its page, its preview and its PDF, all from the same templates."""

import re
from functools import partial

from django.http import Http404
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods

from actions.forms import PARTIES_CONVENTION
from actions.views.documents import servir
from ctg.acces import exiger
from ctg.pdf import LIEN
from pilotage.documents import document_convention, parties_et_habilitations
from pilotage.views.pilotage import convention_saisie
from pilotage.views.saisie import saisir


def convention(request):
    convention = convention_saisie(request)
    if refus := exiger(request, "plan.lire", convention):
        return refus
    contexte = {
        "parties": parties_et_habilitations(convention),
        "articles": convention.articles.all(),
        "services": convention.services.select_related("gestionnaire", "thematique"),
        "axes": convention.axes.all(),
        "tient": request.user.has_perm("plan.modifier", convention),
        "reunions": convention.reunions.preparatoires(),
        "actes": convention.actes.dans_l_ordre().select_related("seance__organisatrice").prefetch_related("votes"),
        "bilans": convention.precedente.bilans.all() if convention.precedente else [],
    }
    return render(request, "pilotage/convention.html", contexte)


@require_http_methods(["GET", "POST"])
def modifier(request, partie):
    convention = convention_saisie(request)
    if refus := exiger(request, "plan.modifier", convention):
        return refus
    if partie not in PARTIES_CONVENTION:
        raise Http404("Cette partie de la convention n’existe pas.")
    section = PARTIES_CONVENTION[partie]
    partenaires = [(p.pk, str(p)) for p in convention.territoire.partenaires.all()]
    return saisir(
        request,
        section.titre,
        convention,
        form=section.form and partial(section.form, instance=convention),
        lignes=section.lignes and partial(section.lignes, instance=convention, prefix="lignes"),
        choix={"partenaire": partenaires, "gestionnaire": partenaires},
    )


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
