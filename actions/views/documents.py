"""The printed plan: one fiche, one axe, the whole; for those who work on it and for the public."""

from django.http import Http404

from actions.documents import Usage, document_axe, document_fiche, document_plan
from ctg.acces import exiger, ouvrir
from ctg.impression import servir


def _servir(request, fabrique, objet, **kwargs):
    return servir(request, fabrique, objet, lus=[request.territoire, request.convention], **kwargs)


def _publie(request):
    if not request.convention.publiee:
        raise Http404("Cette convention n’est pas publiée.")
    return request.convention


def fiche_pdf(request, pk):
    return _servir(request, document_fiche, ouvrir(request, request.convention.fiches, "plan.lire", pk=pk))


def fiche_publique_pdf(request, pk):
    fiches = _publie(request).fiches.publiees().select_related("convention")
    return _servir(request, document_fiche, ouvrir(request, fiches, "publie.lire", pk=pk), usage=Usage.PUBLIC)


def axe_pdf(request, ordre):
    return _servir(request, document_axe, ouvrir(request, request.convention.axes, "plan.lire", ordre=ordre))


def axe_public_pdf(request, ordre):
    axe = ouvrir(request, _publie(request).axes, "publie.lire", ordre=ordre)
    return _servir(request, document_axe, axe, usage=Usage.PUBLIC)


def plan_pdf(request):
    exiger(request, "plan.lire", request.convention)
    return _servir(request, document_plan, request.convention)


def plan_public_pdf(request):
    return _servir(request, document_plan, _publie(request), usage=Usage.PUBLIC)
