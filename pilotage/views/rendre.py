"""The three screens of a signed link: what is expected, the act to give back, thank you. No account is asked."""

from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ctg.adresses import adresse
from ctg.historique import signer_du_lien
from ctg.impression import servir
from pilotage import courriels
from pilotage.documents import document_convention
from pilotage.forms import DatesForm
from pilotage.models import Deliberation, LienActe
from pilotage.reception import enregistrer_l_acte, formulaire_de_l_acte, repondre_le_modele
from pilotage.transmission import noms_a_donner


def _lien(request, jeton):
    liens = LienActe.objects.filter(conseil__territoire=request.territoire)
    return liens.select_related("conseil__collectivite", "conseil__territoire", "approuve__territoire").du_jeton(jeton)


def _ferme(request):
    return render(request, "pilotage/lien_ferme.html", status=410)


@never_cache
def accueil(request, jeton):
    lien = _lien(request, jeton)
    if lien is None:
        return _ferme(request)
    return render(
        request,
        "pilotage/rendre.html",
        {
            "lien": lien,
            "jeton": jeton,
            "rendu": _rendu(lien),
            "noms": noms_a_donner(lien.conseil),
        },
    )


def _rendu(lien):
    """The act that came by this link and was not set aside, or None."""
    actes = lien.approuve.actes.exclude(statut=Deliberation.Statut.ECARTEE)
    siens = actes.filter(conseil=lien.conseil, recue_de=lien.destinataire)
    return siens.select_related("conseil__territoire").order_by("-pk").first()


@never_cache
def piece(request, jeton, piece):
    """Hand out what the council votes: the model, as text or as PDF, and the convention as its annex."""
    lien = _lien(request, jeton)
    if lien is None:
        return _ferme(request)
    convention = lien.approuve
    if piece == "convention.pdf":
        return servir(request, document_convention, convention, lus=convention.lus)
    return repondre_le_modele(request, convention, lien.conseil, piece.rpartition(".")[2])


@never_cache
@require_http_methods(["GET", "POST"])
def acte(request, jeton):
    lien = _lien(request, jeton)
    if lien is None:
        return _ferme(request)
    form = formulaire_de_l_acte(request, lien.approuve)
    signer_du_lien(request, lien)
    if rendu := enregistrer_l_acte(form, lien.conseil, lien.approuve, recue_de=lien.destinataire):
        courriels.acte_rendu(request, rendu)
        return redirect(adresse("acte_merci", jeton, de=request.territoire))
    contexte = {"lien": lien, "jeton": jeton, "form": form}
    return render(request, "pilotage/rendre_acte.html", contexte, status=422 if request.method == "POST" else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def suite(request, jeton):
    """What becomes of an act that was given back: sent on, acknowledged, published."""
    lien = _lien(request, jeton)
    rendu = lien and _rendu(lien)
    if rendu is None:
        return _ferme(request)
    signer_du_lien(request, lien)
    form = DatesForm(request.POST if request.method == "POST" else None, instance=rendu)
    if form.is_bound and form.enregistrer(rendu, request.build_absolute_uri(rendu.get_absolute_url())):
        return redirect(adresse("acte_merci", jeton, de=request.territoire))
    contexte = {"lien": lien, "jeton": jeton, "form": form, "rendu": rendu}
    return render(request, "pilotage/rendre_suite.html", contexte, status=422 if form.is_bound else 200)


@never_cache
def merci(request, jeton):
    lien = _lien(request, jeton)
    return _ferme(request) if lien is None else render(request, "pilotage/rendre_merci.html", {"lien": lien})
