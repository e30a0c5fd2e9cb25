"""The accounts of a convention: opened, written page by page, shared, taken up again, closed by a meeting, sent."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from actions.classeur import XLSX
from actions.models import LienDeSaisie
from ctg.acces import dire, exiger, ouvrir, refuser
from ctg.adresses import adresse
from ctg.compteurs import valeurs
from ctg.droits import AGENT
from ctg.francais import enumerer
from ctg.historique import signer_du_lien
from ctg.impression import preparation, relire, servir, servir_scelle, tirer_une_adresse
from ctg.journal import Journal
from ctg.journal import historique as page_d_historique
from ctg.pdf import MiseEnPageImpossible
from ctg.saisie import creer, editer
from pilotage import courriels
from pilotage.documents import bilan as papiers
from pilotage.documents import bilans_de
from pilotage.documents.tableurs import bilan_docx, bilan_xlsx
from pilotage.forms.bilan import (
    ArretForm,
    ComplementForm,
    DecisionForm,
    JourForm,
    ObservationForm,
    OuvertureForm,
    PartageForm,
    RepriseForm,
)
from pilotage.models import Bilan, Complement, Decision, Observation, PageDAxe, PageDeBilan
from pilotage.reception import DOCX
from pilotage.saisies import BILAN, PAGE_D_AXE, PAGE_DE_BILAN

PERDU = "Le fichier scellé de ce bilan n’est plus dans le magasin : prévenez l’administrateur."


@require_GET
def bilans(request):
    convention = request.convention
    exiger(request, "plan.lire", convention)
    tient = request.user.has_perm("bilan.conduire", convention)
    precedente = convention.precedente if request.user.has_perm("plan.lire", convention.precedente) else None
    contexte = {
        "bilans": convention.bilans.all(),
        "tient": tient,
        "refus": Bilan.refus_d_ouvrir(convention),
        "reste": tient and OuvertureForm(convention=convention).reste,
        "precedente": precedente,
        "bilans_precedents": bilans_de(precedente),
    }
    return render(request, "pilotage/bilans.html", contexte)


@require_http_methods(["GET", "POST"])
def ouvrir_un_bilan(request):
    convention = request.convention
    exiger(request, "bilan.conduire", convention)
    retour = adresse("bilans", de=convention)
    if raison := Bilan.refus_d_ouvrir(convention):
        messages.error(request, raison)
        return redirect(retour)
    prevenir = partial(courriels.bilan_ouvert, request)
    form = OuvertureForm(request.POST if request.method == "POST" else None, convention=convention, prevenir=prevenir)
    return creer(
        request,
        "Ouvrir un bilan",
        form,
        retour=retour,
        fil=[(retour, "Bilans")],
        bouton="Ouvrir",
        succes=lambda bilan: (
            f"{bilan} : ouvert, une page par axe à recopier du document."
            if bilan.source
            else f"{bilan} : ouvert, une page par fiche. {_prevenus(bilan.muets)}"
        ),
    )


def _prevenus(muets):
    """Say who was told, and of whom nobody was: a body without account nor link."""
    if not muets:
        return "Les pilotes sont prévenus."
    qui = enumerer(p.nom_court for p in muets)
    return f"Les pilotes qui ont un compte ou un lien sont prévenus ; personne ne l’est pour {qui} : envoyez un lien de saisie."


def _bilan(request, quand, droit="plan.lire"):
    bilan = ouvrir(request, Bilan.objects.filter(convention=request.convention).a_l_adresse(quand), droit)
    bilan.convention = request.convention
    return bilan


def _pages(bilan):
    """Return {key of the fiche: page} of an account, each with who leads its fiche."""
    pages = bilan.pages.completes().prefetch_related("action__participations__partenaire", "observations__partenaire")
    for page in pages:
        page.bilan = bilan
        page.action.convention = page.action.axe.convention = bilan.convention
    return {page.action_id: page for page in pages}


@require_GET
def bilan(request, quand):
    bilan = _bilan(request, quand)
    try:
        donnees = papiers.donnees_du_bilan(bilan)
    except OSError as erreur:
        raise Http404(PERDU) from erreur
    pages = _pages(bilan)
    axes = {page.axe_id: page for page in bilan.pages_d_axe.select_related("axe__convention__territoire")}
    tient = request.user.has_perm("bilan.conduire", bilan)
    for page in pages.values():
        page.modifiable = page.est_ouverte and request.user.has_perm("fiche.modifier", page)
    contexte = {
        "bilan": bilan,
        "b": donnees,
        "axes": [
            (axe, axes.get(axe["pk"]), [(f, pages.get(f["pk"])) for f in axe["fiches"]]) for axe in donnees["axes"]
        ],
        "tient": tient,
        "observe": request.user.has_perm("bilan.observer", bilan) and bilan.etat == Bilan.Etat.PARTAGE,
        "observations": bilan.observations.filter(page=None).select_related("partenaire"),
        "vise": request.user.has_perm("bilan.viser", bilan) and not bilan.permis("viser") and not bilan.vise_le,
        "gestes": [geste for geste in Bilan.GESTES if tient and not bilan.permis(geste)],
        "nouvelles": bilan.nouvelles() if tient and bilan.etat == Bilan.Etat.BROUILLON else [],
        "complements": bilan.complements.select_related("pdf"),
        "differences": papiers.differences(bilan) if tient and bilan.est_fige else [],
        "rendues": sum(page.rendue for page in pages.values()),
        "nombre": len(pages),
        **papiers.illustrer(donnees),
    }
    return render(request, "pilotage/bilan.html", contexte)


# --- What is written -------------------------------------------------------------------------------


def _fil(bilan):
    return [(adresse("bilans", de=bilan), "Bilans"), (bilan.get_absolute_url(), str(bilan))]


@require_http_methods(["GET", "POST"])
def synthese(request, quand):
    bilan = _bilan(request, quand, "plan.modifier")
    return editer(request, bilan, BILAN, "synthese", fil=_fil(bilan))


@require_http_methods(["GET", "POST"])
def page_d_axe(request, quand, pk):
    bilan = _bilan(request, quand)
    page = ouvrir(
        request,
        PageDAxe.objects.filter(bilan=bilan).select_related("bilan__convention__territoire", "axe"),
        "plan.modifier",
        pk=pk,
    )
    return editer(request, page, PAGE_D_AXE, "axe", fil=_fil(bilan))


@require_http_methods(["GET", "POST"])
def page(request, quand, pk):
    bilan = _bilan(request, quand)
    page = ouvrir(request, PageDeBilan.objects.filter(bilan=bilan).completes(), "fiche.modifier", pk=pk)
    return editer(request, page, PAGE_DE_BILAN, "page", fil=_fil(bilan), avant=_a_cote(request, page))


def _a_cote(request, page):
    """What the year holds of a fiche already, beside what is written of it: figures, milestones, decisions, notes."""
    contexte = {
        "page": page,
        "bilan": page.bilan,
        "fiche": papiers.fiche_du_bilan(page),
        "b": {"annees": page.bilan.annees},
    }
    return render_to_string("pilotage/_page_a_cote.html", contexte, request)


@never_cache
@require_http_methods(["GET", "POST"])
def page_par_lien(request, quand, jeton, pk):
    """A page of a partner without account, by the link with which it also fills in its figures."""
    lien = LienDeSaisie.objects.filter(convention=request.convention).du_jeton(jeton)
    pages = PageDeBilan.objects.du_lien(lien).completes() if lien else ()
    page = next(
        (p for p in pages if p.pk == pk and p.bilan.quand == quand and lien.partenaire_id in p.pilotes_ids), None
    )
    if page is None or page.peut_etre_modifie():
        return render(request, "actions/saisie_fermee.html", status=410)
    signer_du_lien(request, lien)
    page.bilan.convention = request.convention
    return editer(request, page, PAGE_DE_BILAN, "page", retour=lien.get_absolute_url(), avant=_a_cote(request, page))


@require_http_methods(["GET", "POST"])
def historique(request, quand):
    """Each move with its day and who made it, each text as it was."""
    bilan = _bilan(request, quand)
    journal = Journal(bilan, BILAN)
    return page_d_historique(request, bilan, BILAN, journal, droit="plan.modifier", fil=_fil(bilan))


# --- Moves -----------------------------------------------------------------------------------------

TITRES = {
    "partager": "Partager le bilan",
    "reprendre": "Donner des pages à reprendre",
    "arreter": "Arrêter le bilan",
    "transmettre": "Noter la transmission",
    "viser": "Noter le visa de la CAF",
    "completer": "Sceller un complément",
}
DROITS = {"viser": "bilan.viser"}


def _former(geste, bilan, donnees):
    if geste == "partager":
        return PartageForm(donnees)
    if geste == "reprendre":
        return RepriseForm(donnees, bilan=bilan)
    if geste == "arreter":
        return ArretForm(donnees, bilan=bilan)
    if geste == "completer":
        return ComplementForm(donnees, instance=Complement(bilan=bilan))
    return JourForm(donnees)


def _faire(request, geste, bilan, form):
    """Do the move that a right form asks; return what is said of it. Raises `ValidationError`, `MiseEnPageImpossible`, `OSError`."""
    if geste == "partager":
        bilan.partager(form.cleaned_data["observations_jusqu_au"])
        courriels.bilan_partage(request, bilan)
        return "Le bilan est partagé : les parties sont prévenues."
    if geste == "reprendre":
        demandes = form.demandes
        bilan.reprendre(demandes)
        muets = courriels.bilan_a_reprendre(request, bilan, demandes)
        return f"Les pages choisies sont rouvertes. {_prevenus(muets)}"
    if geste == "arreter":
        _arreter(request, bilan, form.cleaned_data["reunion"])
        courriels.bilan_arrete(request, bilan)
        return "Le bilan est arrêté et scellé : il ne change plus."
    if geste == "transmettre":
        bilan.transmettre(form.cleaned_data["le"])
        courriels.bilan_transmis(request, bilan)
        return "La transmission est notée."
    if geste == "viser":
        caf = next(
            (
                s.partenaire
                for s in bilan.convention.signataires.select_related("partenaire")
                if s.partenaire.nature == "caf"
            ),
            None,
        )
        if caf is None:
            raise ValidationError("Aucune CAF n’est partie à cette convention.")
        bilan.viser(caf, form.cleaned_data["le"])
        courriels.bilan_vise(request, bilan)
        return "Le visa est noté."
    _completer(request, bilan, form.cleaned_data["objet"])
    courriels.bilan_complete(request, bilan, form.cleaned_data["objet"])
    return "Le complément est scellé."


def _arreter(request, bilan, reunion):
    """Print, then seal what was printed: nothing is rendered under a lock."""
    if raison := bilan.permis("arreter"):
        raise ValidationError(raison)
    convention = bilan.convention
    lu = valeurs(convention.territoire, convention)
    frais, (identifiant, lien) = relire(bilan), tirer_une_adresse(request)
    octets = papiers.octets_du_bilan(frais)
    paroles = {"verification": lien, "octets": octets, "arrete_par": reunion}
    pdf = preparation(papiers.document_bilan, frais, lus=convention.lus, **paroles).fichier()
    frais.arreter(reunion, lu, octets, pdf.read_bytes(), identifiant)
    bilan.refresh_from_db()


def _completer(request, bilan, objet):
    convention = bilan.convention
    lu = valeurs(convention.territoire, convention)
    differences = papiers.differences(bilan) if bilan.est_fige else []
    identifiant, lien = tirer_une_adresse(request)
    paroles = {"objet": objet, "differences": differences, "verification": lien}
    pdf = preparation(papiers.document_complement, relire(bilan), lus=convention.lus, **paroles).fichier()
    Complement.sceller(bilan, objet, differences, lu, pdf.read_bytes(), identifiant)


@require_http_methods(["GET", "POST"])
def faire(request, quand, geste):
    """Ask, then make a move of an account from one state to the next."""
    bilan = _bilan(request, quand, DROITS.get(geste, "bilan.conduire"))
    if raison := bilan.permis(geste):
        messages.error(request, raison)
        return redirect(bilan)
    form = _former(geste, bilan, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            phrase = _faire(request, geste, bilan, form)
        except ValidationError as erreur:
            form.add_error(None, erreur)
        except MiseEnPageImpossible as erreur:
            return render(request, "documents/impossible.html", {"erreur": erreur}, status=503)
        except OSError:
            form.add_error(
                None, "Le serveur n’a pas pu garder le fichier : rien n’est scellé. Prévenez l’administrateur."
            )
        else:
            messages.success(request, phrase)
            return redirect(bilan)
    contexte = {
        "bilan": bilan,
        "form": form,
        "geste": geste,
        "titre_geste": TITRES[geste],
        "differences": papiers.differences(bilan) if geste == "completer" and bilan.est_fige else None,
        "non_rendues": [p for p in _pages(bilan).values() if not p.rendue] if geste in {"partager", "arreter"} else [],
    }
    return render(request, "pilotage/bilan_geste.html", contexte, status=422 if request.method == "POST" else 200)


@require_POST
def ajouter_les_pages(request, quand):
    bilan = _bilan(request, quand, "bilan.conduire")
    try:
        bilan.completer()
        messages.success(request, "Les pages des fiches nouvelles sont ajoutées.")
    except ValidationError as erreur:
        dire(request, erreur)
    return redirect(bilan)


@require_POST
def effacer(request, quand):
    bilan = _bilan(request, quand, "bilan.conduire")
    try:
        bilan.effacer()
    except ValidationError as erreur:
        dire(request, erreur)
        return redirect(bilan)
    messages.success(request, f"{bilan} : ce qui avait été repris est effacé.")
    return redirect(adresse("bilans", de=request.convention))


@require_http_methods(["GET", "POST"])
def observer(request, quand):
    """What a party says of a shared account."""
    bilan = _bilan(request, quand, "bilan.observer")
    if bilan.etat != Bilan.Etat.PARTAGE:
        messages.error(request, "Les observations se font pendant que le bilan est partagé.")
        return redirect(bilan)
    siens = [f.partenaire for f in request.user.fonctions_en_cours if f.nature == AGENT]
    siens = [partenaire for partenaire in siens if bilan.convention.est_partie(partenaire.pk)]
    if not siens:  # an administrator is nobody's agent
        refuser(request, "Une observation se fait au nom d’une partie : votre compte n’est l’agent d’aucune.")
    observation = Observation(bilan=bilan, partenaire=siens[0], auteur=request.user)
    prevenir = partial(courriels.bilan_observe, request, bilan)
    form = ObservationForm(request.POST if request.method == "POST" else None, instance=observation, prevenir=prevenir)
    return creer(
        request,
        "Observation",
        form,
        retour=bilan.get_absolute_url(),
        fil=_fil(bilan),
        bouton="Envoyer l’observation",
        succes=lambda _: "Votre observation est enregistrée.",
    )


# --- Papers ----------------------------------------------------------------------------------------


def pdf(request, quand):
    """The account in print: what was sealed once it is closed, else the working print of today."""
    bilan = _bilan(request, quand)
    if bilan.pdf_id:
        return servir_scelle(bilan.pdf)
    return servir(request, papiers.document_bilan, bilan, lus=request.convention.lus, filigrane="Projet")


def en_clair(request, quand):
    return servir(request, papiers.document_en_clair, _bilan(request, quand, "bilan.lire"), lus=request.convention.lus)


def _rendre(request, quand, fabrique, nature, suffixe):
    bilan = _bilan(request, quand)
    try:
        octets = fabrique(papiers.donnees_du_bilan(bilan))
    except OSError as erreur:
        raise Http404(PERDU) from erreur
    reponse = HttpResponse(octets, content_type=nature)
    nom = f"{request.territoire.slug}-{request.convention.cle}-bilan-{bilan.quand}.{suffixe}"
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse


@require_GET
def chiffres(request, quand):
    return _rendre(request, quand, bilan_xlsx, XLSX, "xlsx")


@require_GET
def mots(request, quand):
    return _rendre(request, quand, bilan_docx, DOCX, "docx")


@require_http_methods(["GET", "POST"])
def projection(request, quand, ordre):
    """One axe, made to be projected in the room: each fiche, what moved since the last meeting, its figures, one sentence.

    Who keeps the meeting of the day types its decisions there.
    """
    bilan = _bilan(request, quand)
    donnees = papiers.donnees_du_bilan(bilan)
    if not 1 <= ordre <= len(donnees["axes"]):
        raise Http404("Cet axe n’existe pas.")
    axe, depuis, reunion = donnees["axes"][ordre - 1], papiers.derniere_reunion(bilan), papiers.reunion_du_jour(bilan)
    form = None
    if request.method == "POST" or (reunion and request.user.has_perm("instance.gerer", reunion)):
        if reunion is None:
            refuser(request, "Aucune réunion ne se tient aujourd’hui : enregistrez-la d’abord, sous « Pilotage ».")
        exiger(request, "instance.gerer", reunion)
        form = DecisionForm(
            request.POST if request.method == "POST" else None, instance=Decision(reunion=reunion), axe=axe
        )
        if form.is_valid():
            form.save()
            messages.success(request, "La décision est notée au relevé de la réunion.")
            return redirect(request.path)
    contexte = {
        "bilan": bilan,
        "axe": axe,
        "ordre": ordre,
        "ordres": range(1, len(donnees["axes"]) + 1),
        "depuis": depuis,
        "fiches": papiers.projeter(bilan, axe, depuis),
        "reunion": reunion,
        "form": form,
    }
    return render(request, "pilotage/projection.html", contexte, status=422 if request.method == "POST" else 200)


def complement(request, quand, pk):
    bilan = _bilan(request, quand)
    return servir_scelle(get_object_or_404(bilan.complements.select_related("pdf"), pk=pk).pdf)
