"""The page of a year: all its measures and all its money, for those who fill them in, with an account or by a link."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from actions import places
from actions.annee import Grille
from actions.forms import LienDeSaisieForm, MontantForm
from actions.models import Exercice, LienDeSaisie
from ctg.acces import dire, exiger, refuser
from ctg.adresses import adresse
from ctg.courriels import ecrire
from ctg.droits import AGENT
from ctg.historique import signer_du_lien


def _verifier(convention, annee):
    if annee not in convention.annees:
        raise Http404(f"La convention couvre {convention.periode} : {annee} n’en est pas.")


@require_GET
def annee_courante(request):
    exiger(request, "plan.lire", request.convention)
    return redirect(adresse("saisie", request.convention.annee_du_moment(), de=request.convention))


def _grille(request, annee):
    siens = request.user.partenaires(AGENT)

    def saisit(fiche, indicateur):
        nomme = indicateur is not None and indicateur.saisi_par_id in siens
        return nomme or request.user.has_perm("fiche.modifier", fiche)

    return Grille(request.convention, annee, saisit)


@require_http_methods(["GET", "POST"])
def saisie(request, annee):
    convention = request.convention
    exiger(request, "plan.lire", convention)
    _verifier(convention, annee)
    return _repondre(request, _grille(request, annee), "actions/saisie.html")


def _repondre(request, grille, gabarit, **plus):
    """Save what was posted; answer a script with its cells, else with the page and what became of each."""
    faites = grille.enregistrer(request.POST) if request.method == "POST" else []
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"cases": {case.nom: _en_json(case) for case in faites}, "compte": grille.compte})
    refusees = [case for case in faites if case.etat != "enregistre"]
    if faites and not refusees:
        messages.success(request, _en_mots(len(faites)))
        return redirect(request.path)
    contexte = _contexte(request, grille) | {"faites": len(faites) - len(refusees), "refusees": refusees} | plus
    return render(request, gabarit, contexte, status=422 if refusees else 200)


def _en_json(case):
    return {"etat": case.etat, "message": case.message, "texte": case.saisie, "avant": case.texte}


def _en_mots(nombre):
    return "Une case est enregistrée." if nombre == 1 else f"{nombre} cases sont enregistrées."


def _contexte(request, grille):
    convention = request.convention
    annees = convention.annees
    tient = request.user.has_perm("plan.modifier", convention)
    return {
        "grille": grille,
        "annee": grille.annee,
        "annees": annees,
        "precedente": grille.annee - 1 if grille.annee - 1 in annees else None,
        "suivante": grille.annee + 1 if grille.annee + 1 in annees else None,
        "tient": tient,
        "gestes": Exercice.gestes(convention, grille.annee) if tient else [],
        "montant_form": MontantForm(grille=grille) if grille.fiches and not grille.clos else None,
        "lien_form": LienDeSaisieForm(auto_id="lien-%s", instance=_nouveau_lien(convention, grille.annee))
        if tient
        else None,
        "liens": _liens(convention, grille.annee) if tient else [],
    }


def _nouveau_lien(convention, annee):
    return LienDeSaisie(convention=convention, annee=annee)


def _liens(convention, annee):
    return convention.liens_de_saisie.filter(annee=annee, retire_le__isnull=True).select_related("partenaire")


@require_POST
def ajouter_un_montant(request, annee):
    """Add a line of funding to the year, from its own page."""
    convention = request.convention
    exiger(request, "plan.lire", convention)
    _verifier(convention, annee)
    grille = _grille(request, annee)
    if not grille.fiches:
        refuser(request, "Votre compte ne donne pas accès à cette page.")
    form = MontantForm(request.POST, grille=grille)
    if form.is_valid():
        try:
            form.save()
        except ValidationError as erreur:
            form.add_error(None, erreur)
        else:
            messages.success(request, "Le montant est ajouté.")
            return redirect(f"{adresse('saisie', annee, de=convention)}#montants")
    contexte = _contexte(request, grille) | {"montant_form": form}
    return render(request, "actions/saisie.html", contexte, status=422)


@require_POST
def clore(request, annee, geste):
    """Close the year, or open it again: the history says who did."""
    convention = request.convention
    exiger(request, "plan.modifier", convention)
    _verifier(convention, annee)
    if geste == "clore":
        Exercice.clore(convention, annee)
        messages.success(request, f"L’année {annee} est close : ses mesures et ses montants réalisés ne changent plus.")
    else:
        Exercice.rouvrir(convention, annee)
        messages.success(request, f"L’année {annee} est rouverte.")
    return redirect(adresse("saisie", annee, de=convention))


@require_POST
def envoyer_un_lien(request, annee):
    """Send to a partner the link by which it fills in its own rows."""
    convention = request.convention
    exiger(request, "plan.modifier", convention)
    _verifier(convention, annee)
    form = LienDeSaisieForm(request.POST, auto_id="lien-%s", instance=_nouveau_lien(convention, annee))
    if form.is_valid():
        with transaction.atomic():
            lien = form.save()
            contexte = {
                "lien": lien,
                "adresse": request.build_absolute_uri(lien.get_absolute_url()),
                "par": request.user,
            }
            ecrire(
                "lien_de_saisie",
                contexte,
                a=lien.destinataire,
                sujet=f"CTG {convention.territoire} : vos chiffres de {annee}",
            )
        messages.success(request, f"Le lien est envoyé à {lien.destinataire}.")
        return redirect(f"{adresse('saisie', annee, de=convention)}#liens")
    grille = _grille(request, annee)
    contexte = _contexte(request, grille) | {"lien_form": form}
    return render(request, "actions/saisie.html", contexte, status=422)


@require_POST
def retirer_un_lien(request, annee, pk):
    convention = request.convention
    exiger(request, "plan.modifier", convention)
    lien = get_object_or_404(convention.liens_de_saisie, pk=pk, annee=annee)
    try:
        lien.retirer()
        messages.success(request, "Le lien est retiré : il n’ouvre plus rien.")
    except ValidationError as erreur:
        dire(request, erreur)
    return redirect(f"{adresse('saisie', annee, de=convention)}#liens")


@never_cache
@require_http_methods(["GET", "POST"])
def par_lien(request, jeton):
    """The rows of one partner, for who holds its link: no account is asked."""
    liens = LienDeSaisie.objects.filter(convention=request.convention).select_related("partenaire")
    lien = liens.du_jeton(jeton)
    if lien is None:
        return render(request, "actions/saisie_fermee.html", status=410)

    def saisit(fiche, indicateur):
        return lien.partenaire_id in fiche.pilotes_ids or (
            indicateur is not None and indicateur.saisi_par_id == lien.partenaire_id
        )

    lien.convention = request.convention
    signer_du_lien(request, lien)
    grille = Grille(request.convention, lien.annee, saisit, seulement=True)
    ajouts = places.remplir("lien_de_saisie", request, [lien]).get(lien.pk, "")
    return _repondre(request, grille, "actions/saisie_par_lien.html", lien=lien, ajouts=ajouts)
