"""One act: written, voted, proclaimed, dated, withdrawn; and its papers."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from actions.context_processors import convention_de
from actions.views.documents import servir
from ctg.acces import exiger
from pilotage.documents import document_deliberation, document_dossier
from pilotage.forms import DISPOSITIONS, ActeForm, DatesForm, RetraitForm, VoteForm, VotesNominauxForm
from pilotage.models import Deliberation
from pilotage.views.saisie import saisir


def _acte(pk):
    return get_object_or_404(Deliberation.objects.completes(), pk=pk)


def deliberations(request):
    """The acts of the convention: all of them for its members, the published ones for an inhabitant."""
    convention = convention_de(request)
    if convention is None:
        raise Http404("Aucune convention n’est encore saisie.")
    actes = convention.actes.dans_l_ordre().select_related("seance__organisatrice").prefetch_related("votes")
    membre = request.user.has_perm("plan.lire", convention)
    if not membre:
        if not request.user.has_perm("publie.lire", convention):
            raise Http404("Aucune convention n’est publiée.")
        actes = actes.publiques()
    conseils = convention.instances.conseils().select_related("partenaire")
    contexte = {
        "actes": actes,
        "conseils": conseils,
        "membre": membre,
        "annees": sorted({acte.seance.date.year for acte in actes}, reverse=True),
    }
    return render(request, "pilotage/deliberations.html", contexte)


def deliberation(request, pk, **formulaires):
    acte = _acte(pk)
    if refus := exiger(request, "deliberation.lire", acte):
        return refus
    gere = request.user.has_perm("deliberation.gerer", acte)
    contexte = {
        "acte": acte,
        "assistance": acte.seance.assistance(),
        "obstacles": acte.obstacles() if gere and not acte.est_fige else [],
        "gere": gere,
        "membre": request.user.has_perm("plan.lire", acte),
        "dates_form": DatesForm(instance=acte),
        "retrait_form": RetraitForm(acte=acte),
        **formulaires,
    }
    return render(request, "pilotage/deliberation.html", contexte, status=422 if formulaires else 200)


@require_http_methods(["GET", "POST"])
def modifier(request, pk, partie):
    acte = _acte(pk)
    if refus := exiger(request, "deliberation.modifier", acte):
        return refus
    if partie == "texte":
        form, lignes = partial(ActeForm, instance=acte), partial(DISPOSITIONS, instance=acte, prefix="lignes")
        return saisir(request, f"Texte de la délibération n° {acte.numero}", acte, form=form, lignes=lignes)
    if partie == "vote":
        return saisir(request, "Vote", acte, form=partial(VoteForm, instance=acte))
    if partie == "noms":
        return saisir(request, "Vote, par noms", acte, grille=partial(VotesNominauxForm, acte=acte))
    raise Http404("Cette partie de la délibération n’existe pas.")


@require_POST
def proclamer(request, pk):
    acte = _acte(pk)
    if refus := exiger(request, "deliberation.gerer", acte):
        return refus
    try:
        acte.proclamer()
    except ValidationError as erreur:
        for phrase in erreur.messages:
            messages.error(request, phrase)
    else:
        messages.success(request, f"La délibération est {acte.resultat}. Elle ne se modifie plus.")
    return redirect(acte)


@require_POST
def supprimer(request, pk):
    """Throw a project away; a proclaimed act is withdrawn, never deleted."""
    acte = _acte(pk)
    if refus := exiger(request, "deliberation.modifier", acte):
        return refus
    seance = acte.seance
    acte.delete()
    messages.success(request, f"Le projet n° {acte.numero} est supprimé.")
    return redirect(seance)


@require_POST
def dater(request, pk):
    acte = _acte(pk)
    if refus := exiger(request, "deliberation.gerer", acte):
        return refus
    form = DatesForm(request.POST, instance=acte)
    if form.is_valid():
        form.save()
        messages.success(request, "Les dates sont enregistrées.")
        return redirect(acte)
    return deliberation(request, pk, dates_form=form)


@require_POST
def retirer(request, pk):
    acte = _acte(pk)
    if refus := exiger(request, "deliberation.gerer", acte):
        return refus
    form = RetraitForm(request.POST, acte=acte)
    if form.is_valid():
        try:
            acte.retirer(form.cleaned_data["par"])
        except ValidationError as erreur:
            form.add_error("par", erreur)
        else:
            messages.success(request, "La délibération est retirée.")
            return redirect(acte)
    return deliberation(request, pk, retrait_form=form)


def pdf(request, pk):
    acte = _acte(pk)
    return exiger(request, "deliberation.lire", acte) or servir(request, document_deliberation, acte)


def dossier(request, pk):
    """The act and the convention that it approves: for those who read the whole convention."""
    acte = _acte(pk)
    return exiger(request, "plan.lire", acte) or servir(request, document_dossier, acte)
