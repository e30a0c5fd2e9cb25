"""One act: written, voted, proclaimed, dated, withdrawn; and its papers."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST

from ctg.acces import dire, exiger, ouvrir
from ctg.adresses import adresse
from ctg.compteurs import valeurs
from ctg.francais import minuscule
from ctg.impression import preparation, servir, servir_scelle, tirer_une_adresse
from ctg.journal import Journal
from ctg.journal import historique as page_d_historique
from ctg.pdf import MiseEnPageImpossible
from ctg.saisie import editer
from pilotage.documents import document_annexe, document_deliberation, document_dossier, empreinte_du_texte, modele_docx
from pilotage.forms import DatesForm, RechercheActesForm, RetraitForm
from pilotage.models import Deliberation, Imprimes, Instance, TexteModele
from pilotage.reception import DOCX
from pilotage.saisies import ACTE


def _actes(request):
    return Deliberation.objects.completes().filter(conseil__territoire=request.territoire)


def deliberations(request):
    """The acts of the territory: all of them for its members, the published ones for an inhabitant."""
    territoire = request.territoire
    membre = request.user.has_perm("territoire.lire", territoire)
    if not membre and not territoire.est_public:
        raise Http404("Ce territoire ne publie encore aucune convention.")
    tous = _actes(request).dans_l_ordre()
    if not membre:
        tous = tous.publiques()
    tous = list(tous)
    form = RechercheActesForm(request.GET or None, actes=tous)
    actes = form.trouver(tous)
    conseils = Instance.objects.conseils().filter(territoire=territoire, tient_registre=True)
    if not membre:  # without a SIRET there is no file; who can write it reads so
        conseils = conseils.exclude(collectivite__siret="")
    contexte = {
        "actes": actes,
        "form": form,
        "tous": tous,
        "conseils": conseils.select_related("territoire"),
        "membre": membre,
        "annees": sorted({acte.date.year for acte in tous}, reverse=True),
    }
    return render(request, "pilotage/deliberations.html", contexte)


def deliberation(request, pk, **formulaires):
    acte = ouvrir(request, _actes(request), "deliberation.lire", pk=pk)
    gere = request.user.has_perm("deliberation.gerer", acte)
    contexte = {
        "acte": acte,
        "assistance": acte.assistance(),
        "errata": acte.errata.all(),
        "obstacles": acte.obstacles() if gere and not acte.est_fige else [],
        "gere": gere,
        "date": _date(request, acte),
        "mode": Instance.Publication(acte.mode_de_publication).label,
        "membre": request.user.has_perm("territoire.lire", acte),
        "dates_form": DatesForm(instance=acte),
        "confirme": acte.statut == acte.Statut.RECUE
        and acte.approuve
        and request.user.has_perm("plan.modifier", acte.approuve),
        "retrait_form": retrait if (retrait := RetraitForm(acte=acte)).fields["par"].queryset.exists() else None,
        **formulaires,
    }
    return render(request, "pilotage/deliberation.html", contexte, status=422 if formulaires else 200)


def _gerer(request, pk):
    """Open an act, whatever its state, for the secretary of its council."""
    acte = ouvrir(request, _actes(request), "deliberation.lire", pk=pk)
    exiger_de_gerer(request, acte)
    return acte


def exiger_de_gerer(request, acte):
    """Ask who, not whether: the life of a proclaimed act goes on."""
    exiger(request, "instance.gerer", acte.conseil)


def _date(request, acte):
    """Tell who notes what becomes of an act: its secretary; the porteur too for one that the council votes elsewhere."""
    if not acte.est_fige or acte.statut == acte.Statut.ECARTEE:
        return False
    if request.user.has_perm("instance.gerer", acte.conseil):
        return True
    return acte.vient_d_ailleurs and acte.approuve and request.user.has_perm("plan.modifier", acte.approuve)


def _fil(acte):
    return [(adresse("deliberations", de=acte), "Délibérations"), (acte.get_absolute_url(), f"N° {acte.numero}")]


@require_http_methods(["GET", "POST"])
def modifier(request, pk, partie):
    acte = ouvrir(request, _actes(request), "deliberation.gerer", pk=pk)
    return editer(request, acte, ACTE, partie, fil=_fil(acte))


@require_http_methods(["GET", "POST"])
def historique(request, pk):
    acte = ouvrir(request, _actes(request), "territoire.lire", pk=pk)
    journal = Journal(acte, ACTE)
    return page_d_historique(request, acte, ACTE, journal, droit="deliberation.gerer", fil=_fil(acte))


def _imprimer(request, acte):
    """Print the act, and its dossier if it approves a convention, as they will be sealed: nothing is locked meanwhile."""
    lu = valeurs(*acte.lus)
    papiers = [document_deliberation, *([document_dossier, document_annexe] if acte.approuve else [])]
    imprimes = []
    for papier in papiers:
        identifiant, lien = tirer_une_adresse(request)
        prete = preparation(papier, acte, lus=acte.lus, proclamee=True, verification=lien)
        imprimes.append((prete.fichier().read_bytes(), identifiant))
    return Imprimes(lu, *imprimes)


def _demander(request, acte, titre, phrases, bouton, champs=None):
    """Show what a gesture will do before it is done: nothing that counts is one click away."""
    contexte = {"acte": acte, "titre": titre, "phrases": phrases, "bouton": bouton, "champs": champs or {}}
    return render(request, "pilotage/confirmer.html", contexte)


@require_http_methods(["GET", "POST"])
def proclamer(request, pk):
    acte = _gerer(request, pk)
    if request.method == "GET":
        if acte.est_fige or acte.obstacles():
            return redirect(acte)
        phrases = [
            f"La délibération n° {acte.numero} est {acte.resultat} ; son texte, son vote et les présences de la séance "
            "ne se modifieront plus.",
            "Une erreur de plume se corrige ensuite par un erratum, le reste par une autre délibération ou par un retrait.",
        ]
        if acte.approuve:
            phrases.append(f"Si elle est adoptée, elle compte comme l’approbation de la {acte.approuve}.")
        return _demander(request, acte, "Proclamer le résultat", phrases, f"Proclamer : délibération {acte.resultat}")
    empreinte = empreinte_du_texte(acte.approuve) if acte.approuve else ""
    try:
        if not acte.est_fige and (obstacles := acte.obstacles()):
            raise ValidationError(obstacles)
        acte.proclamer(empreinte, None if acte.est_fige else _imprimer(request, acte))
    except MiseEnPageImpossible as erreur:
        return render(request, "documents/impossible.html", {"erreur": erreur}, status=503)
    except OSError:
        messages.error(
            request, "Le serveur n’a pas pu garder l’acte scellé : rien n’est proclamé. Réessayez plus tard."
        )
    except ValidationError as erreur:
        dire(request, erreur)
    else:
        messages.success(request, f"La délibération est {acte.resultat}. Elle ne se modifie plus.")
    return redirect(acte)


@require_http_methods(["GET", "POST"])
def supprimer(request, pk):
    """Throw a project away; a proclaimed act is withdrawn, never deleted."""
    acte = ouvrir(request, _actes(request), "deliberation.gerer", pk=pk)
    if request.method == "GET":
        phrases = [f"Le projet n° {acte.numero}, « {acte.objet} », et ce qui y est écrit disparaissent de la séance."]
        return _demander(request, acte, "Supprimer ce projet", phrases, "Supprimer le projet")
    acte.delete()
    messages.success(request, f"Le projet n° {acte.numero} est supprimé.")
    return redirect(acte.seance or acte.conseil)


@require_POST
def dater(request, pk):
    acte = ouvrir(request, _actes(request), "deliberation.lire", pk=pk)
    if not _date(request, acte):
        exiger_de_gerer(request, acte)
    form = DatesForm(request.POST)
    if form.enregistrer(acte, request.build_absolute_uri(acte.get_absolute_url())):
        messages.success(request, "La transmission et la publication sont enregistrées.")
        return redirect(acte)
    return deliberation(request, pk, dates_form=form)


@require_POST
def retirer(request, pk):
    acte = _gerer(request, pk)
    if raison := acte.refus_de_retirer():  # somebody withdrew it meanwhile: its page offers no such form any more
        messages.error(request, raison)
        return redirect(acte)
    form = RetraitForm(request.POST, acte=acte)
    if form.is_valid():
        par = form.cleaned_data["par"]
        if "confirme" not in request.POST:
            phrases = [
                f"La délibération n° {acte.numero} est retirée par la {minuscule(str(par))} : elle n’a plus d’effet, et reste lisible."
            ]
            if acte.approuve:
                phrases.append(f"Elle ne compte plus comme l’approbation de la {acte.approuve}.")
            return _demander(request, acte, "Retirer la délibération", phrases, "Retirer", {"par": par.pk})
        try:
            acte.retirer(par)
        except ValidationError as erreur:
            form.add_error("par", erreur)
        else:
            messages.success(request, "La délibération est retirée.")
            return redirect(acte)
    return deliberation(request, pk, retrait_form=form)


@require_POST
def confirmer(request, pk):
    """Let an act that came by a signed link count, or put it aside: the porteur of the convention decides."""
    acte = ouvrir(request, _actes(request), "deliberation.lire", pk=pk)
    if acte.approuve is None:
        raise Http404("Cet acte n’approuve aucune convention.")
    exiger(request, "plan.modifier", acte.approuve)
    accepte = "ecarter" not in request.POST
    if not accepte and "confirme" not in request.POST:
        phrases = [
            f"La délibération n° {acte.numero}, reçue de {acte.recue_de}, ne comptera pas : ce conseil est de nouveau attendu.",
            "Elle reste lisible ici par les membres, sans être publiée, et son numéro redevient libre : la mairie peut "
            "rendre le bon fichier par le même lien.",
        ]
        return _demander(request, acte, "Écarter cet acte", phrases, "Écarter cet acte", {"ecarter": "oui"})
    try:
        acte.confirmer(accepte)
    except ValidationError as erreur:
        dire(request, erreur)
    else:
        suite = "compte désormais comme le vote de ce conseil" if accepte else "est écartée : elle ne compte pas"
        messages.success(request, f"La délibération n° {acte.numero} {suite}.")
    return redirect(acte)


def piece(request, pk):
    """The act as it was received from elsewhere, byte for byte."""
    acte = ouvrir(request, _actes(request), "deliberation.lire", pk=pk)
    if not (acte.piece and acte.vient_d_ailleurs):
        raise Http404("Cet acte n’a pas de fichier reçu.")
    return servir_scelle(acte.piece)


def pdf(request, pk):
    acte = ouvrir(request, _actes(request), "deliberation.lire", pk=pk)
    if acte.piece:
        return servir_scelle(acte.piece)
    return servir(request, document_deliberation, acte, lus=[request.territoire])


def docx(request, pk):
    """The text of a project as a text-processor file; a proclaimed act is its sealed PDF."""
    acte = _gerer(request, pk)
    if acte.est_fige:
        raise Http404("Cette délibération est proclamée : seul son PDF fait foi.")
    reponse = HttpResponse(modele_docx(TexteModele.de_l_acte(acte), acte.conseil), content_type=DOCX)
    reponse["Content-Disposition"] = f'attachment; filename="projet-{slugify(acte.numero)}.docx"'
    return reponse


def dossier(request, pk):
    """The act and the convention that it approves: for those who read the whole convention."""
    acte = ouvrir(request, _actes(request), "territoire.lire", pk=pk)
    if acte.approuve is None or acte.vient_d_ailleurs:
        raise Http404("Cet acte n’a pas de dossier ici.")
    exiger(request, "plan.lire", acte.approuve)
    if acte.dossier:
        return servir_scelle(acte.dossier)
    return servir(request, document_dossier, acte, lus=acte.lus)
