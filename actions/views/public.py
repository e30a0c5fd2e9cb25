"""What an inhabitant reads: the published conventions of a territory and nothing else."""

import hashlib

from django.conf import settings
from django.db.models import Prefetch
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.text import slugify

from actions import places
from actions.exports import csv_public, donnees_publiques
from actions.models import Action, Etat, Partenaire, PieceJointe, Territoire
from actions.partage import image, phrase
from actions.recherche import Recherche
from ctg import VERSION
from ctg.adresses import adresse, sans_vides
from ctg.francais import enumerer
from ctg.pages import marque


def accueil(request):
    """The territories that publish; if there is only one, its own page."""
    territoires = list(Territoire.objects.publics())
    if len(territoires) == 1:
        return redirect(territoires[0])
    return render(request, "actions/public/accueil.html", {"territoires": territoires})


def montree(territoire):
    """Return (the published convention that the home of a territory shows, the last one to be past beside it).

    The one in force; else the one in preparation or in signature, as a project; else the last one. Either may be None.
    """
    publiees = [c for c in territoire.les_conventions if c.publiee]
    par_etat = {etat: [c for c in publiees if c.etat() == etat] for etat in Etat}
    projets = par_etat[Etat.EN_SIGNATURE] + par_etat[Etat.EN_PREPARATION]
    passees = par_etat[Etat.ECHUE] + par_etat[Etat.RESILIEE]
    for lot in (par_etat[Etat.EN_VIGUEUR], projets, passees):
        if lot:
            montree = max(lot, key=lambda c: c.debut)
            derniere = max(passees, key=lambda c: c.debut, default=None)
            return montree, derniere if derniere != montree else None
    return None, None


def territoire(request):
    """The public home of a territory: its convention, as it stands today."""
    convention, precedente = montree(request.territoire)
    if convention is None and not request.user.has_perm("territoire.lire", request.territoire):
        raise Http404("Ce territoire ne publie encore aucune convention.")
    return _montrer(request, convention, precedente)


def convention(request):
    """One published convention, at its own address."""
    return _montrer(request, _publiee(request), None)


def _montrer(request, convention, precedente):
    if nette := sans_vides(request):
        return redirect(nette)
    axes = list(_axes(convention)) if convention else []
    toutes = [fiche for axe in axes for fiche in axe.publiees]
    avancement = _avancement(axes)
    communes, commune = _communes(toutes), request.GET.get("commune", "")
    commune = commune if commune in communes else ""
    recherche = Recherche(request.GET.get("q", "")[:100], [f for f in toutes if not commune or _concerne(f, commune)])
    trouvees, rendus = set(recherche.fiches), places.remplir("axe_public", request, axes)
    filtree = bool(recherche.demande or commune)
    for axe in axes:
        axe.publiees = [fiche for fiche in axe.publiees if fiche in trouvees]
        axe.bilan = rendus.get(axe.pk, "")
    contexte = {
        "montree": convention,
        "precedente": precedente,
        "axes": [axe for axe in axes if axe.publiees] if filtree else axes,
        "avancement": [] if filtree else avancement,
        "recherche": recherche,
        "communes": communes,
        "commune": commune,
        "filtree": filtree,
        "nombre": sum(len(axe.publiees) for axe in axes),
        "partage": convention and _partage(request, convention),
        "bilans": places.remplir("convention_publique", request, [convention])[convention.pk] if convention else "",
    }
    return render(request, "actions/public/convention.html", contexte)


# How an inhabitant is told where actions stand: the words for several and for one, and the states that they gather.
OU_EN_EST_ON = {
    ("réalisées", "réalisée"): {Action.Statut.REALISEE},
    ("en cours", "en cours"): {Action.Statut.EN_COURS},
    ("à venir", "à venir"): {Action.Statut.A_VENIR},
    ("en pause ou arrêtées", "en pause ou arrêtée"): {
        *(Action.Statut.EN_PAUSE, Action.Statut.BLOQUEE, Action.Statut.ABANDONNEE)
    },
}


def _avancement(axes):
    """Return [(axe, [(start, width, in per cent of the bar, rank of the tone)], in words)] of the published actions."""
    lignes = []
    for axe in axes:
        if not axe.publiees:
            continue
        comptes = [sum(f.statut in etats for f in axe.publiees) for etats in OU_EN_EST_ON.values()]
        parts, debut = [], 0.0
        for ton, n in enumerate(comptes):
            largeur = 100 * n / len(axe.publiees)
            if n:
                parts.append((round(debut, 2), round(largeur, 2), ton))
            debut += largeur
        mots = enumerer(
            f"{n} {plusieurs if n > 1 else une}" for n, (plusieurs, une) in zip(comptes, OU_EN_EST_ON, strict=True) if n
        )
        lignes.append((axe, parts, mots))
    return lignes


def _communes(fiches):
    """Return {word of the address: commune} of the communes that take part in some fiches, by name."""
    noms = {p.partenaire.nom for f in fiches for p in f.participations.all() if _est_commune(p)}
    return {slugify(nom): nom for nom in sorted(noms)}


def _est_commune(participation):
    return participation.partenaire.nature == Partenaire.Nature.COMMUNE


def _concerne(fiche, commune):
    """Tell whether a fiche is that of a commune: it takes part, or no commune does and the whole territory is meant."""
    communes = [slugify(p.partenaire.nom) for p in fiche.participations.all() if _est_commune(p)]
    return not communes or commune in communes


def _partage(request, convention, action=None):
    """Return what a shared address shows: see templates/_partage.html."""
    if action:
        dit = phrase(action.en_clair, action.objectifs, action.description, action.constats)
        ou, dessin = adresse("fiche_publique", action.pk, de=action), adresse("partage_fiche", action.pk, de=action)
    else:
        dit = phrase(convention.preambule) or f"Le plan d’actions {convention.periode} : {convention.territoire}."
        ou, dessin = adresse("convention_publique", de=convention), adresse("partage", de=convention)
    absolue = request.build_absolute_uri
    titre = action.titre if action else f"{convention.titre} {convention.periode}"
    return {"titre": titre, "phrase": dit, "adresse": absolue(ou), "image": absolue(dessin)}


def partage(request, pk=None):
    """The picture of a shared address: the words of the page, drawn."""
    convention = _publiee(request)
    sous_titre = f"{convention.titre} {convention.periode}"
    if pk is None:
        titre = "Ce que votre territoire fait pour les familles"
    else:
        titre = get_object_or_404(convention.fiches.publiees(), pk=pk).titre
    mots = (titre, str(convention.territoire), sous_titre)
    # Kept, and asked again each time: a page may be withdrawn. What has not changed is not drawn anew.
    etag = quote_etag(hashlib.sha256(repr((mots, VERSION)).encode()).hexdigest()[:32])
    reponse = get_conditional_response(request, etag=etag)
    reponse = reponse or HttpResponse(image(*mots), content_type="image/png")
    reponse["ETag"], reponse["Cache-Control"] = etag, "no-cache"
    return reponse


def _publiee(request):
    """Return the convention of the page if everybody may read it."""
    if not request.user.has_perm("publie.lire", request.convention) or not request.convention.publiee:
        raise Http404("Cette convention n’est pas publiée.")
    return request.convention


def _axes(convention):
    axes = convention.axes.select_related("convention__territoire")
    return axes.prefetch_related(Prefetch("actions", Action.objects.publiees().pour_liste(), to_attr="publiees"))


def axe(request, ordre):
    axe = get_object_or_404(_axes(_publiee(request)), ordre=ordre)
    axe.bilan = places.remplir("axe_public", request, [axe]).get(axe.pk, "")
    return render(request, "actions/public/axe.html", {"axe": axe})


def fiche(request, pk):
    convention = _publiee(request)
    lue = marque(request)
    action = get_object_or_404(convention.fiches.publiees().select_related("axe"), pk=pk)
    action.convention = convention
    contexte = {
        "action": action,
        # Its rows are read by the page if it has to be made again.
        "complete": lambda: convention.fiches.completes().get(pk=pk),
        "pieces": action.pieces.filter(publique=True),
        "annees": convention.annees,
        "partage": _partage(request, convention, action),
        "marque": lue,
    }
    return render(request, "actions/public/fiche.html", contexte)


def services(request):
    """The services to families that the convention supports: where, when, for whom (CASF, L. 214-1-3)."""
    services = _publiee(request).services.select_related("gestionnaire").order_by("commune", "nom")
    return render(request, "actions/public/services.html", {"services": services})


def partenaires(request):
    """The partners of the territory, and what each does under the convention that its home shows."""
    convention, _ = montree(request.territoire)
    if convention is None:
        raise Http404("Ce territoire ne publie encore aucune convention.")
    signataires = {s.partenaire_id for s in convention.signataires.all()}
    pilotees = {}
    for action in convention.fiches.publiees().pour_liste().dans_l_ordre():
        for pilote in action.pilotes:
            pilotees.setdefault(pilote.pk, []).append(action)
    siens = Partenaire.objects.filter(territoire=request.territoire)
    communs = Partenaire.objects.filter(territoire=None, pk__in=signataires | pilotees.keys())
    liste = list((siens | communs).order_by("nature", "nom"))
    for partenaire in liste:
        partenaire.pilotees = pilotees.get(partenaire.pk, [])
    contexte = {"partenaires": liste, "signataires": signataires, "montree": convention}
    return render(request, "actions/public/partenaires.html", contexte)


def telechargements(request):
    return render(request, "actions/public/telechargements.html", {"axes": _axes(_publiee(request))})


def plan_json(request):
    """What is public of the plan, for other software."""
    reponse = JsonResponse(donnees_publiques(_publiee(request)), json_dumps_params={"ensure_ascii": False, "indent": 1})
    return _a_telecharger(request, reponse, "json")


def plan_csv(request):
    """One line a published fiche, for a spreadsheet."""
    return _a_telecharger(request, HttpResponse(csv_public(_publiee(request)), content_type="text/csv"), "csv")


def _a_telecharger(request, reponse, suffixe):
    nom = f"{request.territoire.slug}-{request.convention.cle}-plan.{suffixe}"
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse


# The legal pages of a territory: the word of their address, and their title.
MENTIONS = {
    "mentions": "Mentions légales",
    "donnees-personnelles": "Données personnelles",
    "contact": "Contact",
    "accessibilite": "Accessibilité",
}


def installation(request):
    """Where the legal pages of each territory are, for who comes from a page that is nobody's in particular."""
    contexte = {"territoires": Territoire.objects.publics(), "hebergeur": settings.HEBERGEUR}
    return render(request, "actions/public/installation.html", contexte)


def mentions(request, page):
    if not request.territoire.est_public:
        raise Http404("Ce territoire ne publie encore aucune convention.")
    convention, _ = montree(request.territoire)
    contexte = {"montree": convention, "titre": MENTIONS[page], "hebergeur": settings.HEBERGEUR}
    return render(request, f"actions/public/mentions/{page}.html", contexte)


def piece(request, pk):
    """Serve an attachment to who may read it; the browser saves it and never runs it."""
    pieces = PieceJointe.objects.filter(action__convention=request.convention)
    piece = get_object_or_404(pieces.select_related("action__convention__territoire"), pk=pk)
    publique = piece.publique and request.user.has_perm("publie.lire", piece.action)
    if not publique and not request.user.has_perm("plan.lire", piece.action):
        raise Http404("Ce fichier n’est pas public.")
    try:
        fichier = piece.fichier.open()
    except OSError as erreur:
        raise Http404(
            "Ce fichier n’est plus sur le serveur : demandez à qui l’a joint de le joindre à nouveau."
        ) from erreur
    suffixe = piece.fichier.name[piece.fichier.name.rfind(".") :]
    return FileResponse(fichier, as_attachment=True, filename=f"{piece.titre}{suffixe}")
