"""The pages of the machine: a fragment for htmx, a page without, the same rules for both."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from ctg.acces import refuser
from ctg.saisie.machine import Saisie, phrase_de
from ctg.saisie.parties import tout_est_fige


def _revenir(request, ou):
    """Return the page that one came from, if the address names one of ours (`?retour=`), else `ou`."""
    demande = request.GET.get("retour", "")
    return demande if demande.startswith("/") and url_has_allowed_host_and_scheme(demande, allowed_hosts=None) else ou


def _a_la_partie(adresse, cle):
    """Return the address of a part of a page, unless the address already names a place in it."""
    return adresse if "#" in adresse else f"{adresse}#{cle}"


def editer(request, objet, parties, cle, *, retour=None, lecture=None, fil=(), avant=""):
    """Show, or save, the part `cle` of an object that `ouvrir` has found: a fragment for htmx, a page without.

    `lecture(cle, **contexte)` answers with the part as it is read, for htmx; `retour` is where to go from a page;
    `fil` is the way there, [(address, words)]; `avant` is what is read beside it (HTML), on a page.
    """
    if cle not in parties:
        raise Http404("Cette partie n’existe pas.")
    partie = parties[cle]
    if raison := partie.si(objet):
        refuser(request, raison)
    if request.htmx and lecture and "annuler" in request.GET:
        return lecture(cle)
    poste = request.method == "POST"
    retour = _revenir(request, retour)
    saisie = Saisie(objet, partie, cle, request.POST if poste else None)
    if not poste and tout_est_fige(saisie):
        refuser(request, objet._gardien().raison_du_gel())
    if poste and saisie.enregistrer():
        if saisie.a_change:
            messages.success(request, f"{partie.titre} : c’est enregistré.")
        else:
            messages.info(request, f"{partie.titre} : rien n’a changé.")
        # After the save: a period that changes moves the address of its convention.
        suite = retour or saisie.objet.get_absolute_url()
        return lecture(cle, enregistree=True) if request.htmx and lecture else redirect(_a_la_partie(suite, cle))
    retour = _a_la_partie(retour or objet.get_absolute_url(), cle)
    contexte = {"saisie": saisie, "objet": objet, "cle": cle, "retour": retour, "fil": fil, "en_place": bool(lecture)}
    contexte["avant"] = avant
    if request.htmx:  # htmx swaps only successful answers
        return render(request, "saisie/_formulaire.html", contexte)
    return render(request, "saisie/page.html", contexte, status=422 if poste else 200)


def creer(request, titre, form, *, retour, fil=(), bouton="Enregistrer", succes="", vers=None, **page):
    """Show, or save, the form of a new object: all that was typed is right, or nothing is kept; return the answer.

    `form` is bound to what was posted, or unbound. One then goes to where one came from, to `vers(object)`, or to its page.
    `page` says how the form is shown: see `page_de_saisie`.
    """
    venu = _revenir(request, "")
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                objet = form.save()
        except ValidationError as erreur:  # what a method of the model refuses, under its lock
            form.add_error(None, erreur)
        except IntegrityError as erreur:
            modele = getattr(getattr(form, "_meta", None), "model", None)
            form.add_error(None, phrase_de(erreur, [modele] if modele else []))
        else:
            messages.success(request, succes(objet) if succes else f"« {objet} » est enregistré.")
            return redirect(venu or (vers(objet) if vers else objet if hasattr(objet, "get_absolute_url") else retour))
    return page_de_saisie(request, titre, form, retour=venu or retour, fil=fil, bouton=bouton, **page)


def page_de_saisie(
    request, titre, form, *, retour, fil=(), bouton="Enregistrer", gabarit="saisie/creer.html", contexte=None
):
    """Show a form on a page of its own (`gabarit`, with `contexte` beside the form): empty, or posted and refused (422)."""
    contexte = {**(contexte or {}), "titre_saisie": titre, "form": form, "retour": retour, "fil": fil, "bouton": bouton}
    return render(request, gabarit, contexte, status=422 if request.method == "POST" else 200)
