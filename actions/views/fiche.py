"""One fiche: read, edited section by section, ordered, noted, and its history."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from actions.documents import Usage, morceau_fiche
from actions.edition import Edition
from actions.forms import SECTIONS, ChangementAxeForm, NoteForm, PieceJointeForm
from actions.journal import retablir, sauvegardes
from actions.models import Action, Note
from ctg.acces import exiger
from ctg.pdf import preparer


def _action(pk, verrou=False):
    fiches = Action.objects.select_for_update(of=("self",)) if verrou else Action.objects.all()
    return get_object_or_404(fiches.select_related("axe__convention__territoire", "pilote"), pk=pk)


def _complete(pk):
    return get_object_or_404(Action.objects.completes().prefetch_related("notes__auteur", "pieces"), pk=pk)


def _preparer(pk):
    """Lay the fiche out now, in the background, for each reader: who prints next does not wait for it."""
    action = Action.objects.completes().get(pk=pk)
    for usage in Usage:
        preparer(morceau_fiche(action, usage=usage))


def _contexte(request, action, **plus):
    convention = action.axe.convention
    return {
        "action": action,
        "sections": SECTIONS,
        "modifiable": request.user.has_perm("fiche.modifier", action),
        "ordonnable": request.user.has_perm("plan.modifier", action),
        "commentable": request.user.has_perm("fiche.commenter", action),
        "note_form": NoteForm(auto_id="note_%s"),
        "piece_form": PieceJointeForm(auto_id="piece_%s"),
        "axe_form": ChangementAxeForm(convention=convention),
        "annees": convention.annees,
        **plus,
    }


def fiche(request, pk):
    action = _complete(pk)
    if refus := exiger(request, "plan.lire", action):
        return refus
    return render(request, "actions/fiche.html", _contexte(request, action))


@require_http_methods(["GET", "POST"])
@transaction.atomic
def section(request, pk, cle):
    """Edit one section: a fragment for htmx, a page of its own without JavaScript."""
    if cle not in SECTIONS:
        raise Http404("Cette section n’existe pas.")
    action = _action(pk, verrou=request.method == "POST")
    if refus := exiger(request, "fiche.modifier", action):
        return refus
    edition = Edition(action, cle, request.POST if request.method == "POST" else None)
    if request.method == "POST" and edition.enregistrer():
        messages.success(request, f"« {edition.section.titre} » est enregistré.")
        transaction.on_commit(lambda: _preparer(pk))
        if request.htmx:
            return render(
                request,
                "actions/_section.html",
                _contexte(request, _complete(pk), cle=cle, section=SECTIONS[cle], enregistree=True),
            )
        return redirect(f"{action.get_absolute_url()}#{cle}")
    if request.htmx and "annuler" in request.GET:
        return render(
            request, "actions/_section.html", _contexte(request, _complete(pk), cle=cle, section=SECTIONS[cle])
        )
    erreurs = request.method == "POST"
    gabarit = "actions/_section_form.html" if request.htmx else "actions/section_form.html"
    # htmx swaps only successful answers; a browser without it gets the true status.
    return render(
        request,
        gabarit,
        {"action": action, "edition": edition, "cle": cle},
        status=422 if erreurs and not request.htmx else 200,
    )


@require_POST
def geste(request, pk, nom):
    """Move up or down, duplicate, archive, put back: the acts of those who keep the order of the plan."""
    action = _action(pk)
    if refus := exiger(request, "plan.modifier", action):
        return refus
    if nom in {"monter", "descendre"}:
        action.deplacer(-1 if nom == "monter" else 1)
        return redirect(
            f"{request.POST.get('retour') or '/plan/'}#fiche-{pk}" if request.POST.get("retour") == "/plan/" else action
        )
    if nom == "dupliquer":
        copie = action.dupliquer()
        messages.success(request, f"La fiche est copiée sous le numéro {copie.numero}.")
        return redirect(copie)
    if nom == "archiver":
        action.archiver()
        messages.success(
            request, "La fiche est archivée. Elle reste consultable en bas du plan et peut être remise en place."
        )
    elif nom == "desarchiver":
        action.desarchiver()
        messages.success(request, f"La fiche est de retour dans le plan, au numéro {action.numero}.")
    else:
        form = ChangementAxeForm(request.POST, convention=action.axe.convention)
        if not form.is_valid():
            messages.error(request, "Choisissez l’axe vers lequel déplacer la fiche.")
        elif form.cleaned_data["axe"] != action.axe:
            action.changer_axe(form.cleaned_data["axe"])
            messages.success(request, f"La fiche porte désormais le numéro {action.numero}.")
    return redirect(action)


@require_POST
def noter(request, pk):
    action = _action(pk)
    modifie = request.user.has_perm("fiche.modifier", action)
    if refus := exiger(request, "fiche.modifier" if modifie else "fiche.commenter", action):
        return refus
    note = Note(action=action, auteur=request.user, nature=Note.Nature.SUIVI if modifie else Note.Nature.COMMENTAIRE)
    form = NoteForm(request.POST, instance=note, auto_id="note_%s")
    if form.is_valid():
        form.save()
        messages.success(request, f"{note.get_nature_display()} enregistrée." if modifie else "Commentaire enregistré.")
        return redirect(f"{action.get_absolute_url()}#suivi")
    return render(request, "actions/fiche.html", _contexte(request, _complete(pk), note_form=form), status=422)


def _note(pk, note):
    notes = Note.objects.select_related("action__axe__convention", "auteur")
    return get_object_or_404(notes, pk=note, action=pk)


@require_http_methods(["GET", "POST"])
def corriger_note(request, pk, note):
    """Let the author of a note correct it; what it said before is kept in the history of the fiche."""
    note = _note(pk, note)
    if refus := exiger(request, "note.modifier", note):
        return refus
    form = NoteForm(request.POST if request.method == "POST" else None, instance=note)
    if form.is_valid():
        form.save()
        messages.success(request, f"{note.get_nature_display()} : la correction est enregistrée.")
        return redirect(f"{note.action.get_absolute_url()}#suivi")
    contexte = {"form": form, "note": note, "action": note.action}
    return render(request, "actions/note.html", contexte, status=422 if form.errors else 200)


@require_POST
def retirer_note(request, pk, note):
    note = _note(pk, note)
    if refus := exiger(request, "note.modifier", note):
        return refus
    note.delete()
    messages.success(request, f"{note.get_nature_display()} : retirée de la fiche.")
    return redirect(f"{note.action.get_absolute_url()}#suivi")


@require_POST
def joindre(request, pk):
    action = _action(pk)
    if refus := exiger(request, "fiche.modifier", action):
        return refus
    form = PieceJointeForm(request.POST, request.FILES, auto_id="piece_%s")
    form.instance.action = action
    if form.is_valid():
        form.save()
        messages.success(request, "La pièce est jointe.")
        return redirect(f"{action.get_absolute_url()}#pieces")
    return render(request, "actions/fiche.html", _contexte(request, _complete(pk), piece_form=form), status=422)


@require_POST
def retirer_piece(request, pk, piece):
    action = _action(pk)
    if refus := exiger(request, "fiche.modifier", action):
        return refus
    get_object_or_404(action.pieces, pk=piece).delete()
    messages.success(request, "La pièce est retirée de la fiche.")
    return redirect(f"{action.get_absolute_url()}#pieces")


@require_http_methods(["GET", "POST"])
def historique(request, pk):
    action = _action(pk)
    if refus := exiger(request, "plan.lire", action):
        return refus
    modifiable = request.user.has_perm("fiche.modifier", action)
    if request.method == "POST":
        if refus := exiger(request, "fiche.modifier", action):
            return refus
        try:
            instant = datetime.fromisoformat(request.POST.get("instant", ""))
            retablir(action, instant)
        except (ValueError, TypeError, ObjectDoesNotExist):
            messages.error(request, "Cet état de la fiche n’existe pas : choisissez une ligne de l’historique.")
        else:
            messages.success(
                request, f"La fiche est rétablie telle qu’elle était le {instant.astimezone():%d/%m/%Y à %H:%M:%S}."
            )
            return redirect(action)
    page = Paginator(sauvegardes(action), 20).get_page(request.GET.get("page"))
    return render(request, "actions/historique.html", {"action": action, "page": page, "modifiable": modifiable})
