"""The convention as a whole: its page, its parts, its preview and its PDF, all from the same templates."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from actions.models import Etat
from actions.saisies import CONVENTION
from ctg.acces import exiger
from ctg.adresses import adresse
from ctg.impression import corps, relire, servir
from ctg.journal import Journal
from ctg.journal import historique as page_d_historique
from ctg.saisie import editer
from pilotage.documents import bilans_de, document_convention, parties_et_habilitations
from pilotage.models import Reunion


def convention(request):
    exiger(request, "plan.lire", request.convention)
    convention = relire(request.convention)
    convention.territoire = request.territoire
    tient = request.user.has_perm("plan.modifier", convention)
    gel = convention.gel()
    version = convention.versions.qui_vaut()
    contexte = {
        "convention": convention,
        "etat": convention.etat(),
        "etats": Etat,
        "parties": parties_et_habilitations(convention),
        "articles": convention.articles.all(),
        "services": convention.services.select_related("gestionnaire", "thematique"),
        "axes": convention.axes.all(),
        "tient": tient,
        "modifie_le_contrat": tient and "contrat" not in gel,
        "modifie_le_plan": tient and "plan" not in gel,
        "raison_du_gel": convention.raison_du_gel() if tient and gel else "",
        "version": version,
        "reunions": Reunion.objects.preparatoires(convention).select_related("territoire"),
        "actes": convention.actes.dans_l_ordre().select_related("conseil__territoire").prefetch_related("votes"),
        "bilans": bilans_de(convention),
        "bilans_precedents": bilans_de(convention.precedente),
    }
    return render(request, "pilotage/convention.html", contexte)


def _fil(request):
    return [(adresse("convention", de=request.convention), str(request.convention))]


@require_http_methods(["GET", "POST"])
def modifier(request, partie):
    exiger(request, "plan.modifier", request.convention)
    return editer(request, request.convention, CONVENTION, partie, fil=_fil(request))


@require_http_methods(["GET", "POST"])
def historique(request):
    exiger(request, "plan.lire", request.convention)
    journal = Journal(request.convention, CONVENTION)
    droit = "plan.modifier"
    titre = f"Historique de la convention {request.convention.periode}"
    return page_d_historique(
        request, request.convention, CONVENTION, journal, droit=droit, fil=_fil(request), titre=titre
    )


def apercu(request):
    """Show on screen, piece by piece, exactly the HTML that is printed."""
    exiger(request, "plan.lire", request.convention)
    document = document_convention(relire(request.convention))
    return render(request, "documents/apercu.html", {"document": document, "pieces": corps(document)})


def pdf(request):
    exiger(request, "plan.lire", request.convention)
    return servir(request, document_convention, request.convention, lus=request.convention.lus)
