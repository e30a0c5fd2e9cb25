"""What the agents who hold a territory need: its partners, its people, its next convention; and a new territory."""

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import IntegrityError, transaction
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from actions import places
from actions.a_faire import a_faire
from actions.forms import LogoForm, PartenaireForm, PartenairesCollesForm, TerritoireNouveauForm
from actions.models import Fonction, Partenaire
from actions.saisies import PARTENAIRE, TERRITOIRE
from ctg.acces import exiger, ouvrir
from ctg.adresses import adresse
from ctg.journal import Journal
from ctg.journal import historique as page_d_historique
from ctg.saisie import creer, editer, page_de_saisie


def gestion(request):
    territoire = request.territoire
    exiger(request, "territoire.gerer", territoire)
    partenaires = Partenaire.objects.filter(territoire=territoire)
    conventions, taches = territoire.les_conventions, a_faire(territoire)
    contexte = {
        "partenaires": partenaires,
        "communs": Partenaire.objects.filter(territoire=None, signatures__convention__in=conventions).distinct(),
        "personnes": Fonction.objects.en_cours()
        .filter(partenaire__territoire=territoire)
        .select_related("compte", "partenaire"),
        "conventions": conventions,
        "a_faire": taches if any(not t.faite for t in taches) else [],
        "ajouts": places.remplir("gestion", request, [territoire]).get(territoire.pk, ""),
    }
    return render(request, "actions/gestion.html", contexte)


def _fil(request):
    return [(adresse("gestion", de=request.territoire), "Gestion")]


@require_http_methods(["GET", "POST"])
def partenaire_nouveau(request):
    exiger(request, "territoire.gerer", request.territoire)
    form = PartenaireForm(request.POST or None, instance=Partenaire(territoire=request.territoire))
    if request.htmx:
        return _partenaire_sans_quitter(request, form)
    return creer(
        request,
        "Nouveau partenaire",
        form,
        retour=adresse("gestion", de=request.territoire),
        fil=_fil(request),
        succes=lambda p: f"« {p} » est enregistré parmi les partenaires.",
    )


def _partenaire_sans_quitter(request, form):
    """Answer a list from which one is missing (static/js/partenaire.js): its form, then what the list has to show."""
    connu = None
    if form.is_bound:
        if form.is_valid():
            try:
                with transaction.atomic():
                    partenaire = form.save()
            except IntegrityError:  # a double click: the first one has just been written
                form.add_error("nom", "Ce partenaire vient d’être enregistré : choisissez-le dans la liste.")
            else:
                return JsonResponse({"pk": partenaire.pk, "nom": str(partenaire)})
        connu = form.instance.deja_connu() if form.has_error(NON_FIELD_ERRORS, "deja_connu") else None
    return render(request, "actions/_partenaire_nouveau.html", {"form": form, "connu": connu})


@require_http_methods(["GET", "POST"])
def partenaires_coller(request):
    """Take partners in from a block of a spreadsheet: shown as they were read, then written once that was confirmed."""
    exiger(request, "territoire.gerer", request.territoire)
    form = PartenairesCollesForm(
        request.POST if request.method == "POST" else None, territoire=request.territoire, auto_id="coller-%s"
    )
    lus = None
    if form.is_bound and form.is_valid():
        lus = form.cleaned_data["liste"]
        if "confirme" in request.POST:
            try:
                with transaction.atomic():
                    for partenaire in lus:
                        partenaire.save()
            except IntegrityError:  # somebody has just confirmed the same list
                messages.error(request, "Un de ces partenaires vient d’être enregistré : relisez la liste.")
                return redirect(request.path)
            n = len(lus)
            messages.success(request, f"{n} partenaire{'s' if n > 1 else ''} enregistré{'s' if n > 1 else ''}.")
            return redirect(adresse("gestion", de=request.territoire))
    contexte = {"form": form, "lus": lus, "fil": _fil(request)}
    return render(request, "actions/partenaires_coller.html", contexte, status=422 if form.errors else 200)


def _partenaire(request, pk, droit="partenaire.modifier"):
    return ouvrir(request, Partenaire.objects.utilisables(request.territoire), droit, pk=pk)


@require_http_methods(["GET", "POST"])
def partenaire(request, pk):
    partenaire = _partenaire(request, pk)
    retour = adresse("gestion", de=request.territoire)
    return editer(request, partenaire, PARTENAIRE, "partenaire", retour=retour, fil=_fil(request))


@require_http_methods(["GET", "POST"])
def logo(request, pk):
    """The logo of a partner, or its removal; nothing else of it is written."""
    partenaire = _partenaire(request, pk)
    envoi = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form, titre = LogoForm(*envoi), f"Logo : {partenaire}"
    retour = adresse("gestion", de=request.territoire)
    if form.is_valid():
        try:
            partenaire.porter(form.cleaned_data["image"])
        except OSError:
            form.add_error("image", "Le serveur n’a pas pu garder cette image : réessayez plus tard.")
        else:
            messages.success(
                request, f"Le logo de « {partenaire} » est {'enregistré' if partenaire.logo else 'retiré'}."
            )
            return redirect(retour)
    return page_de_saisie(request, titre, form, retour=retour, fil=_fil(request))


@require_http_methods(["GET", "POST"])
def partenaire_historique(request, pk):
    partenaire = _partenaire(request, pk)
    journal = Journal(partenaire, PARTENAIRE)
    return page_d_historique(request, partenaire, PARTENAIRE, journal, droit="partenaire.modifier", fil=_fil(request))


@require_http_methods(["GET", "POST"])
def territoire(request, partie="territoire"):
    exiger(request, "territoire.gerer", request.territoire)
    retour = adresse("gestion", de=request.territoire)
    return editer(request, request.territoire, TERRITOIRE, partie, retour=retour, fil=_fil(request))


@require_http_methods(["GET", "POST"])
def territoire_nouveau(request):
    """An administrator opens a territory."""
    if not request.user.is_superuser:
        if request.user.is_authenticated:
            raise PermissionDenied("Un territoire est ouvert par un administrateur de l’installation.")
        exiger(request, "territoire.gerer", None)
    form = TerritoireNouveauForm(request.POST or None)
    retour = adresse("conventions")
    return creer(
        request,
        "Ouvrir un territoire",
        form,
        retour=retour,
        fil=[(retour, "Conventions")],
        succes=lambda t: f"« {t} » est ouvert. Voici ce qui reste à faire.",
        vers=lambda t: adresse("gestion", de=t),
    )
