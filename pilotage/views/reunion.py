"""One meeting: its convocation, its agenda, who was there, its minutes and decisions, and its papers."""

from functools import partial

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from actions.models import Action
from actions.views.documents import servir
from ctg.acces import exiger
from pilotage import documents
from pilotage.forms import (
    DECISIONS,
    POINTS,
    CompteRenduForm,
    ComptesForm,
    DeliberationCreationForm,
    OrdreDuJourForm,
    PresencesForm,
    ReunionForm,
)
from pilotage.models import Deliberation, Reunion
from pilotage.views.saisie import montrer, saisir

PAPIERS = {
    "convocation": ("Convocation", documents.document_convocation, False),
    "emargement": ("Feuille d’émargement", documents.document_emargement, False),
    "compte-rendu": ("Compte rendu", documents.document_compte_rendu, False),
    # What the law asks of a council.
    "liste": ("Liste des délibérations", documents.document_liste, True),
    "proces-verbal": ("Procès-verbal", documents.document_proces_verbal, True),
    "cloture": ("Feuillet de clôture", documents.document_cloture, True),
}


def _reunion(pk):
    reunions = Reunion.objects.select_related(
        "organisatrice__partenaire", "convention__territoire", "convention__porteur"
    )
    return get_object_or_404(reunions.prefetch_related("actes"), pk=pk)


def reunion(request, pk):
    reunion = _reunion(pk)
    if refus := exiger(request, "plan.lire", reunion):
        return refus
    contexte = {
        "reunion": reunion,
        "points": reunion.points.select_related("action__axe"),
        "presences": reunion.presences.select_related("mandat", "mandataire"),
        "assistance": reunion.assistance(),
        "decisions": reunion.decisions.select_related("action__axe"),
        "actes": reunion.actes.dans_l_ordre().prefetch_related("votes").select_related("seance"),
        "papiers": [(cle, nom) for cle, (nom, _, conseil) in PAPIERS.items() if reunion.est_seance or not conseil],
        "gere": request.user.has_perm("instance.gerer", reunion),
    }
    return render(request, "pilotage/reunion.html", contexte)


def _fiches(reunion):
    return {"action": [(a.pk, str(a)) for a in Action.objects.actives().de(reunion.convention).select_related("axe")]}


@require_http_methods(["GET", "POST"])
def modifier(request, pk, partie):
    """Edit one part of a meeting; once an act is proclaimed there, its attendance is part of that act."""
    reunion = _reunion(pk)
    if refus := exiger(request, "instance.gerer", reunion):
        return refus
    figee = reunion.est_figee
    if partie == "convocation" and not figee:
        return saisir(request, "Convocation", reunion, form=partial(ReunionForm, instance=reunion))
    if partie == "points":
        lignes = partial(POINTS, instance=reunion, prefix="lignes")
        return saisir(request, "Ordre du jour", reunion, lignes=lignes, choix=_fiches(reunion))
    if partie == "presences" and not figee and reunion.organisatrice_id:
        return saisir(request, "Présences par nom", reunion, grille=partial(PresencesForm, reunion=reunion))
    if partie == "comptes" and not figee and reunion.est_seance:
        return saisir(request, "Présences, par leur nombre", reunion, form=partial(ComptesForm, instance=reunion))
    if partie == "compte-rendu":
        lignes = partial(DECISIONS, instance=reunion, prefix="lignes")
        form = partial(CompteRenduForm, instance=reunion)
        return saisir(request, "Compte rendu et décisions", reunion, form=form, lignes=lignes, choix=_fiches(reunion))
    raise Http404("Cette partie de la réunion n’existe pas, ou ne se modifie plus.")


@require_http_methods(["GET", "POST"])
def ordre_du_jour(request, pk):
    """Build the agenda from the fiches that are late, at risk, or to be decided."""
    reunion = _reunion(pk)
    if refus := exiger(request, "instance.gerer", reunion):
        return refus
    form = OrdreDuJourForm(request.POST if request.method == "POST" else None, reunion=reunion)
    if form.is_valid():
        reunion.ajouter_au_ordre_du_jour(form.cleaned_data["fiches"])
        return redirect(reunion)
    return montrer(request, "Inscrire des fiches à l’ordre du jour", reunion, form=form)


@require_http_methods(["GET", "POST"])
def creer_acte(request, pk):
    """Begin a deliberation, from the model of the CTG or from a blank page."""
    reunion = _reunion(pk)
    if not reunion.est_seance:
        raise Http404("Une délibération se vote à une séance d’un conseil.")
    if refus := exiger(request, "deliberation.gerer", reunion):
        return refus
    acte = Deliberation(convention=reunion.convention, seance=reunion)
    form = DeliberationCreationForm(request.POST if request.method == "POST" else None, instance=acte)
    if form.is_valid():
        if form.cleaned_data["depart"] == "modele":
            acte = Deliberation.modele(reunion.convention, reunion, form.cleaned_data["numero"])
        else:
            acte = form.save()
        return redirect(acte)
    return montrer(request, "Nouvelle délibération", reunion, form=form)


def papier(request, pk, cle):
    reunion = _reunion(pk)
    if cle not in PAPIERS or (PAPIERS[cle][2] and not reunion.est_seance):
        raise Http404("Ce document n’existe pas pour cette réunion.")
    return exiger(request, "plan.lire", reunion) or servir(request, PAPIERS[cle][1], reunion)
