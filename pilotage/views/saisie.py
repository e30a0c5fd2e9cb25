"""One way to fill a form of the governance, with its rows or its grid: all that was typed is right, or nothing is kept."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render

from actions.edition import condenser, simple


def saisir(request, titre, retour, form=None, lignes=None, grille=None, choix=None, succes="C’est enregistré."):
    """Show the form, and save it when it is posted and right; `retour` is where to go then.

    `form`, `lignes` (a formset) and `grille` (a form with `rangees()`) are given unbound, as callables that take the
    posted data or None. `choix` are the choices of the rows' selects, {field: [(value, words)]}, read once.
    """
    donnees = request.POST if request.method == "POST" else None
    fabriques = [(n, f) for n, f in (("form", form), ("lignes", lignes), ("grille", grille)) if f is not None]
    # Taken before anything is bound: a bound form writes what was typed on the very objects that it edits.
    empreinte = _empreinte([fabrique(None) for _, fabrique in fabriques])
    parties = {nom: fabrique(donnees) for nom, fabrique in fabriques}
    for ligne in _lignes(parties.get("lignes")):
        for nom, valeurs in (choix or {}).items():
            if nom in ligne.fields:
                ligne.fields[nom].choices = [("", "---------"), *valeurs]
    # Each part is read, so that every mistake is shown at once.
    justes = [partie.is_valid() for partie in parties.values()]
    conflit = donnees is not None and donnees.get("empreinte", empreinte) != empreinte
    if donnees is not None and all(justes) and not conflit:
        with transaction.atomic():
            for partie in parties.values():
                partie.save()
        messages.success(request, succes)
        return redirect(retour)
    return montrer(request, titre, retour, conflit=conflit, empreinte=empreinte, **parties)


def montrer(request, titre, retour, **contexte):
    """Show a page to fill; one that was posted comes back with what is wrong, and says so."""
    faux = request.method == "POST"
    contexte = {"titre_saisie": titre, "retour": retour, "faux": faux, **contexte}
    return render(request, "pilotage/saisie.html", contexte, status=422 if faux else 200)


def _empreinte(parties):
    """Return a mark of what is stored, as the parts would show it."""
    formulaires = [f for p in parties for f in (getattr(p, "initial_forms", None) or [p]) if hasattr(f, "fields")]
    return condenser(
        [{nom: simple(f.get_initial_for_field(champ, nom)) for nom, champ in f.fields.items()} for f in formulaires]
    )


def _lignes(formset):
    return [*formset.forms, formset.empty_form] if formset is not None else []
