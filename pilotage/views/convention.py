"""The convention as a whole: its page, its parts, its preview and its PDF, all from the same templates."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from actions.models import Annexe, Etat
from actions.saisies import CONVENTION
from ctg.acces import exiger
from ctg.adresses import adresse
from ctg.historique import CONTRAT
from ctg.impression import corps, relire, servir, servir_scelle
from ctg.journal import Journal
from ctg.journal import historique as page_d_historique
from ctg.pdf import MiseEnPageImpossible
from ctg.saisie import creer, editer, page_de_saisie
from pilotage.documents import bilans_de, document_convention, nom_de_fichier, parties_et_habilitations
from pilotage.forms import AnnexeForm
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
        "services": convention.services.select_related("gestionnaire", "thematique", "cofinance_par"),
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


@require_http_methods(["GET", "POST"])
def joindre(request):
    """Annex a PDF that others wrote, while the contract may be written."""
    exiger(request, "plan.modifier", request.convention)
    if CONTRAT in request.convention.gel():
        raise PermissionDenied(request.convention.raison_du_gel())
    envoi = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = AnnexeForm(*envoi, instance=Annexe(convention=request.convention))
    retour = adresse("convention", de=request.convention)
    titre = "Joindre un fichier PDF"
    try:
        return creer(request, titre, form, retour=retour, fil=_fil(request), bouton="Joindre")
    except OSError:
        form.add_error("fichier", "Le serveur n’a pas pu garder ce fichier : réessayez plus tard.")
    except ValidationError as erreur:
        form.add_error("fichier", erreur.messages)
    return page_de_saisie(request, titre, form, retour=retour, fil=_fil(request), bouton="Joindre")


def annexe(request, pk):
    """The file annexed, byte for byte."""
    exiger(request, "plan.lire", request.convention)
    trouvee = request.convention.annexes.select_related("fichier").filter(pk=pk, fichier__isnull=False).first()
    if trouvee is None:
        raise Http404("Cette annexe n’est pas un fichier : elle s’imprime avec la convention.")
    return servir_scelle(trouvee.fichier, nom_de_fichier(trouvee))


def apercu(request):
    """Show on screen, piece by piece, exactly the HTML that is printed."""
    exiger(request, "plan.lire", request.convention)
    try:
        document = document_convention(relire(request.convention))
    except MiseEnPageImpossible as erreur:
        return render(request, "documents/impossible.html", {"erreur": erreur}, status=503)
    return render(request, "documents/apercu.html", {"document": document, "pieces": corps(document)})


def pdf(request):
    exiger(request, "plan.lire", request.convention)
    return servir(request, document_convention, request.convention, lus=request.convention.lus)
