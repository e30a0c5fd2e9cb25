"""What is expected of each council about a convention: the model of the act, the link, and the act that comes back."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from actions.models import Etat
from ctg.acces import exiger, refuser
from ctg.adresses import adresse
from ctg.courriels import ecrire
from ctg.saisie import page_de_saisie
from pilotage.forms import LienForm
from pilotage.models import Instance, LienActe
from pilotage.reception import conseils_attendus, enregistrer_l_acte, formulaire_de_l_acte, repondre_le_modele


def attendus(request):
    """Which council has voted the convention, which has not, and what each of them needs."""
    exiger(request, "plan.lire", request.convention)
    miens = request.user.partenaires("secretaire")
    contexte = {
        "conseils": sorted(conseils_attendus(request.convention), key=lambda c: c.collectivite_id not in miens),
        "tient": request.user.has_perm("plan.modifier", request.convention),
        "attendue": _attendue(request.convention),
        "miens": miens,
    }
    return render(request, "pilotage/attendus.html", contexte)


def _attendue(convention):
    """Tell whether acts are still awaited: until the last signature (an avenant has its own)."""
    return convention.etat() in (Etat.EN_PREPARATION, Etat.EN_SIGNATURE)


def _conseil(request, pk):
    conseils = Instance.objects.conseils().select_related("collectivite", "territoire")
    conseil = get_object_or_404(conseils, pk=pk, territoire=request.territoire)
    if not request.convention.signataires.filter(partenaire=conseil.collectivite_id).exists():
        refuser(request, "Ce conseil n’est pas celui d’une partie à la convention.")
    return conseil


def _retour(request):
    return adresse("attendus", de=request.convention)


def _fil(request):
    return [(_retour(request), "Actes attendus des conseils")]


def modele(request, pk, suffixe):
    exiger(request, "plan.lire", request.convention)
    return repondre_le_modele(request, request.convention, _conseil(request, pk), suffixe)


@require_http_methods(["GET", "POST"])
def envoyer_le_lien(request, pk):
    """Send the town hall a link that gives the model and takes the act back, without an account."""
    exiger(request, "plan.modifier", request.convention)
    conseil = _conseil(request, pk)
    if not _attendue(request.convention):
        refuser(request, f"La convention est {request.convention.etat_en_mots} : plus aucun acte n’est attendu.")
    lien = LienActe(conseil=conseil, approuve=request.convention)
    form = LienForm(request.POST or None, instance=lien)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            lien = form.save()
            contexte = {
                "lien": lien,
                "convention": request.convention,
                "conseil": conseil,
                "url": request.build_absolute_uri(lien.get_absolute_url()),
                "auteur": request.user,
            }
            sujet = f"{request.convention} : la délibération de votre conseil"
            ecrire("acte_attendu", contexte, a=lien.destinataire, sujet=sujet)
        messages.success(request, f"Le lien part à {lien.destinataire} ; il vaut jusqu’au {lien.expire_le:%d/%m/%Y}.")
        return redirect(_retour(request))
    titre = f"Envoyer le lien : {conseil}"
    return page_de_saisie(request, titre, form, retour=_retour(request), fil=_fil(request), bouton="Envoyer le lien")


@require_POST
def retirer_le_lien(request, pk):
    exiger(request, "plan.modifier", request.convention)
    lien = get_object_or_404(request.convention.liens.select_related("conseil__territoire"), pk=pk)
    lien.retirer()
    messages.success(request, f"Le lien envoyé à {lien.destinataire} n’ouvre plus rien.")
    return redirect(_retour(request))


@require_http_methods(["GET", "POST"])
def recevoir(request, pk):
    """Take in an act that was voted elsewhere: by the secretary of the council, or by who holds the convention."""
    conseil = _conseil(request, pk)
    if not request.user.has_perm("deliberation.gerer", conseil):
        exiger(request, "plan.modifier", request.convention)
    form = formulaire_de_l_acte(request, request.convention)
    if acte := enregistrer_l_acte(form, conseil, request.convention):
        messages.success(request, f"La délibération n° {acte.numero} est enregistrée et son fichier scellé.")
        return redirect(acte)
    titre = f"Rendre la délibération : {conseil}"
    return page_de_saisie(request, titre, form, retour=_retour(request), fil=_fil(request), bouton="Rendre l’acte")
