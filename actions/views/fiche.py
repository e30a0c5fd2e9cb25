"""One fiche: read, edited section by section, ordered, noted, and its history."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_http_methods, require_POST

from actions import places
from actions.copies import dupliquer
from actions.forms import ChangementAxeForm, NoteForm, PieceJointeForm
from actions.models import Note, PieceJointe
from actions.saisies import SECTIONS, manques
from ctg.acces import dire, exiger, ouvrir
from ctg.adresses import adresse
from ctg.journal import Journal
from ctg.journal import historique as page_d_historique
from ctg.pages import marque
from ctg.saisie import editer


def _fiches(request):
    return request.convention.fiches.select_related("axe")


def _ouvrir(request, droit, pk):
    action = ouvrir(request, _fiches(request), droit, pk=pk)
    action.convention = request.convention
    return action


def _trouver(request, fiches, pk):
    action = get_object_or_404(fiches, pk=pk)
    action.convention = request.convention
    return action


def _complete(request, pk):
    """Return a fiche with all the rows that its sections show."""
    return _trouver(request, _fiches(request).completes(), pk)


def _lire(request, pk):
    """Return the head of a fiche; what its page shows of its texts and rows is read where it is made."""
    return _trouver(request, _fiches(request).sans_textes(), pk)


def _contexte(request, action, **plus):
    """Say of a fiche all that its page shows; its rows are read by the parts of the page that have to be made again."""
    convention = action.convention
    complete = SimpleLazyObject(lambda: _complete(request, action.pk))
    modifiable = request.user.has_perm("fiche.modifier", action) and not action.peut_etre_modifie()
    tient = request.user.has_perm("plan.modifier", action)
    return {
        "action": action,
        "complete": complete,
        "sections": SECTIONS,
        "manques": lambda: manques(complete),
        "notes": lambda: action.notes.select_related("auteur"),
        "voisines": lambda: _voisines(convention, action),
        "modifiable": modifiable,
        "figees": {cle for cle, s in SECTIONS.items() if s.est_figee(convention.gel())},
        "ordonnable": tient and "plan" not in convention.gel(),
        "gel": convention.raison_du_gel() if modifiable and "plan" in convention.gel() else "",
        "commentable": request.user.has_perm("fiche.commenter", action),
        # Each is made where it has to be shown anew.
        "note_form": lambda: NoteForm(auto_id="note_%s"),
        "piece_form": lambda: PieceJointeForm(auto_id="piece_%s"),
        "axe_form": lambda: ChangementAxeForm(convention=convention, auto_id="axe_%s"),
        "annees": convention.annees,
        **plus,
    }


def _voisines(convention, action):
    """Return the fiches before and after one in the order of the plan; None at its ends, and around one that is archived."""
    fiches = list(convention.fiches.actives().sans_textes().select_related("axe").dans_l_ordre())
    rang = next((rang for rang, fiche in enumerate(fiches) if fiche.pk == action.pk), None)
    if rang is None:
        return None, None
    autour = (fiches[rang - 1] if rang else None, fiches[rang + 1] if rang + 1 < len(fiches) else None)
    for fiche in filter(None, autour):
        fiche.convention = convention
    return autour


def _page(request, action, status=200, **plus):
    """Answer with the page of a fiche; what is kept of it (`complete`, `ajouts`) is read after its mark."""

    def ajouts():
        return places.remplir("fiche", request, [action]).get(action.pk, "")

    contexte = _contexte(request, action, marque=marque(request), ajouts=ajouts, **plus)
    return render(request, "actions/fiche.html", contexte, status=status)


def fiche(request, pk):
    action = _lire(request, pk)
    exiger(request, "plan.lire", action)
    return _page(request, action)


@require_http_methods(["GET", "POST"])
def section(request, pk, cle_section):
    """Edit one section: a fragment for htmx, a page of its own without JavaScript."""
    action = _ouvrir(request, "fiche.modifier", pk)

    def lecture(cle, **plus):
        contexte = _contexte(request, _complete(request, pk), cle=cle, section=SECTIONS[cle], **plus)
        return render(request, "actions/_section.html", contexte)

    fil = [
        (adresse("plan", de=action), "Plan de travail"),
        (action.get_absolute_url(), f"Fiche {action.numero_affiche}"),
    ]
    return editer(request, action, SECTIONS, cle_section, lecture=lecture, fil=fil)


@require_POST
def geste(request, pk, nom):
    """Move up or down, duplicate, archive, put back: the acts of those who keep the order of the plan."""
    action = _trouver(request, _fiches(request), pk)
    exiger(request, "plan.modifier", action.convention)
    plan = adresse("plan", de=action)
    try:
        if nom in {"monter", "descendre"}:
            action.deplacer(-1 if nom == "monter" else 1)
            rang, sur = action.ordre, action.axe.actions.actives().count()
            messages.success(request, f"Fiche {action.numero_affiche} : rang {rang} sur {sur} dans son axe.")
            return redirect(f"{plan}#fiche-{pk}" if request.POST.get("retour") == plan else action)
        if nom == "dupliquer":
            copie = dupliquer(action)
            messages.success(request, f"La fiche est copiée sous le numéro {copie.numero_affiche}.")
            return redirect(copie)
        if nom == "archiver":
            action.archiver()
            messages.success(
                request, "La fiche est archivée. Elle reste consultable en bas du plan et peut être remise en place."
            )
        elif nom == "desarchiver":
            action.desarchiver()
            messages.success(request, f"La fiche est de retour dans le plan, au numéro {action.numero_affiche}.")
        else:
            _changer_d_axe(request, action)
    except ValidationError as erreur:
        dire(request, erreur)
    return redirect(action)


def _changer_d_axe(request, action):
    form = ChangementAxeForm(request.POST, convention=action.convention)
    if not form.is_valid():
        messages.error(request, "Choisissez l’axe vers lequel déplacer la fiche.")
    elif form.cleaned_data["axe"].pk != action.axe_id:
        action.changer_axe(form.cleaned_data["axe"])
        if action.numero:
            phrase = (
                f"La fiche garde son numéro signé, {action.numero}, et se range désormais dans l’{action.axe}.".replace(
                    "l’Axe", "l’axe"
                )
            )
        else:
            phrase = f"La fiche porte désormais le numéro {action.numero_affiche}."
        messages.success(request, phrase)


@require_POST
def noter(request, pk):
    action = _trouver(request, _fiches(request), pk)
    modifie = request.user.has_perm("fiche.modifier", action)
    exiger(request, "fiche.modifier" if modifie else "fiche.commenter", action)
    note = Note(action=action, auteur=request.user, nature=Note.Nature.SUIVI if modifie else Note.Nature.COMMENTAIRE)
    form = NoteForm(request.POST, instance=note, auto_id="note_%s")
    if form.is_valid():
        form.save()
        messages.success(request, f"{note.get_nature_display()} enregistrée." if modifie else "Commentaire enregistré.")
        return redirect(f"{action.get_absolute_url()}#suivi")
    return _page(request, _lire(request, pk), status=422, refusee=True, note_form=form)


def _note(request, pk, note):
    notes = Note.objects.filter(action__convention=request.convention, action=pk)
    return ouvrir(request, notes.select_related("action__convention__territoire", "auteur"), "note.modifier", pk=note)


@require_http_methods(["GET", "POST"])
def corriger_note(request, pk, note):
    """Let the author of a note correct it; what it said before is kept in the history of the fiche."""
    note = _note(request, pk, note)
    form = NoteForm(request.POST if request.method == "POST" else None, instance=note)
    if form.is_valid():
        form.save()
        messages.success(request, f"{note.get_nature_display()} : la correction est enregistrée.")
        return redirect(f"{note.action.get_absolute_url()}#suivi")
    contexte = {"form": form, "note": note, "action": note.action}
    return render(request, "actions/note.html", contexte, status=422 if form.errors else 200)


@require_POST
def retirer_note(request, pk, note):
    note = _note(request, pk, note)
    note.delete()
    messages.success(request, f"{note.get_nature_display()} : retirée de la fiche.")
    return redirect(f"{note.action.get_absolute_url()}#suivi")


@require_POST
def joindre(request, pk):
    action = _ouvrir(request, "fiche.modifier", pk)
    form = PieceJointeForm(request.POST, request.FILES, auto_id="piece_%s")
    form.instance.action = action
    if form.is_valid():
        try:
            with transaction.atomic():
                form.save()
        except OSError:
            form.add_error("fichier", "Le serveur n’a pas pu garder ce fichier : prévenez l’administrateur.")
        else:
            messages.success(request, "La pièce est jointe.")
            return redirect(f"{action.get_absolute_url()}#pieces")
    return _page(request, _lire(request, pk), status=422, refusee=True, piece_form=form)


@require_POST
def retirer_piece(request, pk, piece):
    action = _ouvrir(request, "fiche.modifier", pk)
    get_object_or_404(action.pieces, pk=piece).delete()
    messages.success(request, "La pièce est retirée de la fiche.")
    return redirect(f"{action.get_absolute_url()}#pieces")


@require_http_methods(["GET", "POST"])
def historique(request, pk):
    action = _ouvrir(request, "plan.lire", pk)
    journal = Journal(action, SECTIONS, {Note: "action", PieceJointe: "action"}, masques=_note_retiree)
    fil = [
        (adresse("plan", de=action), "Plan de travail"),
        (action.get_absolute_url(), f"Fiche {action.numero_affiche}"),
    ]
    titre = f"Historique de la fiche {action.numero_affiche}"
    return page_d_historique(request, action, SECTIONS, journal, droit="fiche.modifier", fil=fil, titre=titre)


def _note_retiree(etat, supprimes):
    """What a withdrawn note said is read by nobody any more."""
    return etat.instance_type is Note and etat.id in supprimes
