"""One meeting: its convocation, its agenda, who was there, its minutes and decisions, and its papers."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ctg.acces import exiger, ouvrir
from ctg.adresses import adresse
from ctg.impression import servir
from ctg.journal import Journal
from ctg.journal import historique as page_d_historique
from ctg.saisie import creer, editer, page_de_saisie
from pilotage import documents
from pilotage.forms import DeliberationCreationForm, OrdreDuJourForm
from pilotage.models import Deliberation, Presence, Reunion
from pilotage.saisies import REUNION

PAPIERS = {
    "convocation": ("Convocation", documents.document_convocation, ""),
    "emargement": ("Feuille d’émargement", documents.document_emargement, ""),
    "compte-rendu": ("Compte rendu", documents.document_compte_rendu, ""),
    # What the law asks of a council, of one that keeps its register here.
    "liste": ("Liste des délibérations", documents.document_liste, "liste"),
    "proces-verbal": ("Procès-verbal", documents.document_proces_verbal, "proces_verbal"),
    "cloture": ("Feuillet de clôture", documents.document_cloture, "registre"),
}


def papiers_de(reunion):
    """Return {key: (name, document)} of the papers of a meeting; what binds its council by law among them."""
    conseil = reunion.conseil
    return {
        cle: (nom, fabrique)
        for cle, (nom, fabrique, regle) in PAPIERS.items()
        if not regle or (conseil and conseil.tient_registre and getattr(conseil.regime, regle))
    }


def _ouvrir(request, droit, pk, lit_les_presences=False):
    reunions = Reunion.objects.filter(territoire=request.territoire)
    reunions = reunions.select_related("organisatrice__collectivite", "convention").prefetch_related("actes")
    if lit_les_presences:
        reunions = reunions.avec_les_presences()
    reunion = ouvrir(request, reunions, droit, pk=pk)
    reunion.territoire = request.territoire
    if reunion.organisatrice:
        reunion.organisatrice.territoire = request.territoire
    if reunion.convention:
        reunion.convention.territoire = request.territoire
    return reunion


def _fil(request, reunion, *plus):
    fil = [(adresse("pilotage", de=request.territoire), "Pilotage")]
    if reunion.organisatrice:
        fil.append((reunion.organisatrice.get_absolute_url(), str(reunion.organisatrice)))
    return [*fil, (reunion.get_absolute_url(), reunion.objet)]


def reunion(request, pk):
    reunion = _ouvrir(request, "territoire.lire", pk, lit_les_presences=True)
    decisions = reunion.decisions.select_related("action__axe", "action__convention__territoire", "reunion__territoire")
    contexte = {
        "reunion": reunion,
        "points": reunion.points.select_related("action__axe", "action__convention__territoire").prefetch_related(
            "actes__conseil__territoire"
        ),
        "appel": reunion.appel(reunion.a_l_ouverture),
        "mouvements": reunion.mouvements(),
        "assistance": reunion.assistance(reunion.a_l_ouverture),
        "quorums": reunion.quorums(),
        "manques": reunion.manques_du_compte_rendu(),
        "decisions": decisions,
        "actes": reunion.actes.dans_l_ordre().select_related("conseil__territoire"),
        "papiers": [(cle, nom) for cle, (nom, _) in papiers_de(reunion).items()],
        "gere": request.user.has_perm("instance.gerer", reunion),
    }
    return render(request, "pilotage/reunion.html", contexte)


@require_http_methods(["GET", "POST"])
def modifier(request, pk, partie):
    """Edit one part of a meeting; once an act is proclaimed there, its attendance is part of that act."""
    reunion = _ouvrir(request, "instance.gerer", pk)
    return editer(request, reunion, REUNION, partie, fil=_fil(request, reunion))


@require_http_methods(["GET", "POST"])
def historique(request, pk):
    reunion = _ouvrir(request, "territoire.lire", pk)
    # The grid of attendances is no rows of a form: it is told, and corrected by hand.
    parties = {cle: partie for cle, partie in REUNION.items() if not partie.grille and not partie.si(reunion)}
    journal = Journal(reunion, REUNION, {Presence: "reunion"})
    return page_d_historique(request, reunion, parties, journal, droit="instance.gerer", fil=_fil(request, reunion))


@require_http_methods(["GET", "POST"])
def ordre_du_jour(request, pk):
    """Build the agenda from the fiches that are late, at risk, or to be decided."""
    reunion = _ouvrir(request, "instance.gerer", pk)
    form = OrdreDuJourForm(request.POST if request.method == "POST" else None, reunion=reunion)
    if form.is_valid():
        reunion.ajouter_au_ordre_du_jour(form.cleaned_data["fiches"])
        return redirect(reunion)
    titre, retour = "Inscrire des fiches à l’ordre du jour", reunion.get_absolute_url()
    return page_de_saisie(request, titre, form, retour=retour, fil=_fil(request, reunion), bouton="Inscrire")


@require_http_methods(["GET", "POST"])
def creer_acte(request, pk):
    """Begin a deliberation, from the model of the CTG or from a blank page."""
    reunion = _ouvrir(request, "territoire.lire", pk)
    if not reunion.est_seance:
        raise Http404("Une délibération se vote à une séance d’un conseil.")
    exiger(request, "deliberation.gerer", reunion)
    acte = Deliberation(conseil=reunion.organisatrice, date=reunion.date, approuve=reunion.convention, seance=reunion)
    acte.point = reunion.points.filter(pk=_entier(request.GET.get("point"))).first()
    form = DeliberationCreationForm(request.POST if request.method == "POST" else None, instance=acte)
    retour = reunion.get_absolute_url()
    return creer(request, "Nouvelle délibération", form, retour=retour, fil=_fil(request, reunion), succes=_cree)


def _entier(texte):
    """Return a key as it was asked for in an address, or None."""
    return int(texte) if texte and texte.isdecimal() and len(texte) < 12 else None


def _cree(acte):
    return f"Le projet de délibération n° {acte.numero} est enregistré."


def papier(request, pk, papier):
    reunion = _ouvrir(request, "territoire.lire", pk)
    papiers = papiers_de(reunion)
    if papier not in papiers:
        raise Http404("Ce document n’existe pas pour cette réunion.")
    lus = [request.territoire, *request.territoire.les_conventions]  # decisions name fiches by their numbers
    return servir(request, papiers[papier][1], reunion, lus=lus)
