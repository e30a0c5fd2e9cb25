"""The next convention: opened with what it takes over, completed from the former one, compared with it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from actions import places
from actions.comparaison import comparer
from actions.documents import document_comparaison
from actions.forms.reprise import ConventionNouvelleForm, ReprendreForm
from actions.models import Convention
from actions.models.territoire import la_plus_vive
from ctg.acces import exiger, refuser
from ctg.adresses import adresse
from ctg.impression import servir
from ctg.saisie import creer


def _page(request, titre, reprise, ancienne, **plus):
    """Return the context of a page that takes over: each fiche with what its last account says of it."""
    if reprise:
        suites = places.remplir("suite", request, reprise.restent)
        for fiche in reprise.restent:
            fiche.suite_dite = suites.get(fiche.pk, "")
    return {"titre": titre, "reprise": reprise, "ancienne": ancienne, **plus}


@require_http_methods(["GET", "POST"])
def convention_nouvelle(request):
    """Open the draft of a next convention: seen by its porteur, its pilotes and those to whom it is opened."""
    territoire = request.territoire
    exiger(request, "territoire.gerer", territoire)
    # What is taken over is read: a draft of another porteur is neither shown nor copied.
    conventions = [c for c in territoire.les_conventions if request.user.has_perm("plan.lire", c)]
    demandee = next((c for c in conventions if c.cle == request.GET.get("suite_de")), None)
    ancienne = demandee or la_plus_vive(conventions)
    initial = {}
    if ancienne:
        initial = {"debut": ancienne.fin + 1, "fin": ancienne.fin + 5, "porteur": ancienne.porteur}
        initial["numerotation"] = ancienne.numerotation
    nouvelle = Convention(territoire=territoire, precedente=ancienne)
    form = ConventionNouvelleForm(request.POST or None, instance=nouvelle, initial=initial)
    retour = adresse("gestion", de=territoire)
    titre = "Préparer la convention suivante" if ancienne else "Ouvrir la première convention"
    autres = [c for c in conventions if c != ancienne]
    ouverts = [c for c in autres if ancienne and c.precedente_id == ancienne.pk and c.est_en_preparation]
    return creer(
        request,
        titre,
        form,
        retour=retour,
        fil=[(retour, "Gestion")],
        bouton="Ouvrir le projet",
        succes=lambda c: (
            f"Le projet {c.periode} est ouvert. Il n’est vu que de son porteur, tant que vous ne l’ouvrez pas."
        ),
        gabarit="actions/reprendre.html",
        contexte=_page(request, titre, form.reprise, ancienne, autres=autres, ouverts=ouverts),
    )


def _precedente(request):
    """Return the convention that the page's one follows, if who asks reads both."""
    convention, ancienne = request.convention, request.convention.precedente
    if ancienne is None:
        raise Http404("Cette convention n’en suit aucune autre.")
    ancienne.territoire = convention.territoire
    for lue in (convention, ancienne):
        exiger(request, "plan.lire", lue)
    return ancienne


@require_http_methods(["GET", "POST"])
def reprendre(request):
    """Take over more of the former convention, as long as this one is in preparation."""
    exiger(request, "plan.modifier", request.convention)
    ancienne = _precedente(request)
    if not request.convention.est_en_preparation:
        refuser(request, request.convention.raison_du_gel())
    form = ReprendreForm(
        request.POST if request.method == "POST" else None, ancienne=ancienne, convention=request.convention
    )
    plan = adresse("plan", de=request.convention)
    if form.is_bound and form.is_valid():
        try:
            form.save()
        except ValidationError as erreur:
            form.add_error(None, erreur)
        else:
            if dit := form.dit():
                messages.success(request, f"Repris de la {ancienne} : {dit}.")
            else:
                messages.info(request, "Rien de plus n’a été repris : ce que vous avez coché y est déjà.")
            return redirect(plan)
    contexte = _page(request, f"Reprendre de la {ancienne}", form, ancienne, form=form, bouton="Reprendre")
    contexte |= {"fil": [(plan, "Plan de travail")], "retour": plan}
    return render(request, "actions/reprendre.html", contexte, status=422 if form.is_bound else 200)


def comparaison(request):
    """The convention and the one before, side by side."""
    ancienne = _precedente(request)
    contexte = {
        "titre": f"De {ancienne.periode} à {request.convention.periode}",
        "avant": ancienne,
        "apres": request.convention,
        "parties": comparer(request.convention),
        "fil": [(adresse("plan", de=request.convention), "Plan de travail")],
    }
    return render(request, "actions/comparaison.html", contexte)


def comparaison_pdf(request):
    ancienne = _precedente(request)
    lus = [request.territoire, request.convention, ancienne]
    return servir(request, document_comparaison, request.convention, lus=lus)
