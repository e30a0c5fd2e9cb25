"""The posts of cooperation of a convention: their years, and the sheet of each year."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from actions.documents import document_annee_de_poste
from actions.forms import PosteForm
from actions.models import AnneeDePoste, Partenaire, Poste
from actions.saisies import POSTE
from ctg.acces import exiger, ouvrir
from ctg.adresses import adresse
from ctg.impression import servir
from ctg.saisie import creer as saisir_un_nouveau
from ctg.saisie import editer


def _postes(request):
    return Poste.objects.filter(convention=request.convention).select_related("employeur", "convention__territoire")


def _fil(request):
    return [(adresse("cooperation", de=request.convention), "Coopération")]


@require_GET
def cooperation(request):
    exiger(request, "plan.lire", request.convention)
    postes = list(_postes(request).prefetch_related("annees__temps__axe"))
    tient = request.user.has_perm("plan.modifier", request.convention)
    return render(request, "actions/cooperation.html", {"postes": postes, "tient": tient})


@require_http_methods(["GET", "POST"])
def creer(request):
    convention = request.convention
    exiger(request, "plan.modifier", convention)
    limites = {"employeur": Partenaire.objects.utilisables(convention.territoire)}
    form = PosteForm(request.POST or None, instance=Poste(convention=convention), limites=limites)
    retour = adresse("cooperation", de=convention)
    return saisir_un_nouveau(request, "Nouveau poste", form, retour=retour, fil=_fil(request), bouton="Ouvrir le poste")


@require_http_methods(["GET", "POST"])
def modifier(request, pk):
    poste = ouvrir(request, _postes(request), "plan.modifier", pk=pk)
    retour = adresse("cooperation", de=request.convention)
    return editer(request, poste, POSTE, "poste", retour=retour, fil=_fil(request))


def fiche_pdf(request, pk, annee):
    """The sheet of one year of a post."""
    exiger(request, "plan.lire", request.convention)
    ligne = get_object_or_404(AnneeDePoste, poste__convention=request.convention, poste=pk, annee=annee)
    return servir(request, document_annee_de_poste, ligne, lus=[request.territoire, request.convention])
