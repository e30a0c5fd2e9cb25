"""One body: its composition, what it follows, its meetings; and the renewal of a council."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ctg.acces import exiger, ouvrir
from ctg.adresses import adresse
from ctg.journal import Journal
from ctg.journal import historique as page_d_historique
from ctg.saisie import creer as saisir_un_nouveau
from ctg.saisie import editer
from pilotage.forms import ConseilNouveauForm, InstanceForm, RenouvellementForm, ReunionForm
from pilotage.models import Instance, Reunion
from pilotage.renouvellement import encore_nommes, prevoir, renouveler
from pilotage.saisies import CONSEIL, INSTANCE


def _instances(request):
    return Instance.objects.filter(territoire=request.territoire).select_related("collectivite", "territoire")


def _ouvrir(request, droit, pk):
    instance = ouvrir(request, _instances(request), droit, pk=pk)
    instance.territoire = request.territoire
    return instance


def _parties(instance):
    return CONSEIL if instance.est_conseil else INSTANCE


def _fil(request, *plus):
    return [(adresse("pilotage", de=request.territoire), "Pilotage"), *((i.get_absolute_url(), str(i)) for i in plus)]


def instance(request, pk):
    instance = _ouvrir(request, "territoire.lire", pk)
    en_cours = instance.mandats.en_cours()
    contexte = {
        "instance": instance,
        "mandats": en_cours.dans_l_ordre().select_related("partenaire", "suppleant_de"),
        "anciens": instance.mandats.exclude(pk__in=en_cours.values("pk")).dans_l_ordre().select_related("partenaire"),
        "reunions": Reunion.objects.filter(organisatrice=instance).order_by("-date").prefetch_related("actes"),
        "annees": sorted({d.year for d in instance.reunions.values_list("date", flat=True)}, reverse=True),
        "gere": request.user.has_perm("instance.gerer", instance),
    }
    for reunion in contexte["reunions"]:
        reunion.territoire = request.territoire
    return render(request, "pilotage/instance.html", contexte)


@require_http_methods(["GET", "POST"])
def creer(request, conseil=False):
    territoire = request.territoire
    exiger(request, "territoire.gerer", territoire)
    rang = (territoire.instances.aggregate(haut=Max("ordre"))["haut"] or 0) + 1
    nouvelle = Instance(territoire=territoire, ordre=rang)
    if conseil:
        nouvelle.nature = Instance.Nature.CONSEIL
    form = (ConseilNouveauForm if conseil else InstanceForm)(request.POST or None, instance=nouvelle)
    titre = "Nouveau conseil" if conseil else "Nouvelle instance"
    retour = adresse("pilotage", de=territoire)
    return saisir_un_nouveau(request, titre, form, retour=retour, fil=_fil(request))


@require_http_methods(["GET", "POST"])
def modifier(request, pk):
    instance = _ouvrir(request, "instance.gerer", pk)
    return editer(request, instance, _parties(instance), "composition", fil=_fil(request, instance))


@require_http_methods(["GET", "POST"])
def historique(request, pk):
    instance = _ouvrir(request, "territoire.lire", pk)
    parties = _parties(instance)
    journal = Journal(instance, parties)
    return page_d_historique(request, instance, parties, journal, droit="instance.gerer", fil=_fil(request, instance))


@require_http_methods(["GET", "POST"])
def renouvellement(request, pk):
    """End the mandates of a council, take its new list by paste, open a new series of numbers; then who is still named.

    What was sent is first shown as it was read; it is written once that was confirmed.
    """
    instance = _ouvrir(request, "instance.gerer", pk)
    form = RenouvellementForm(request.POST or None)
    apercu = None
    if request.method == "POST" and form.is_valid():
        donnees = [form.cleaned_data[nom] for nom in ("le", "serie", "membres")]
        try:
            if "confirme" in request.POST:
                fin, entres = renouveler(instance, *donnees)
                le = f"{donnees[0]:%d/%m/%Y}"
                finis = {0: "Aucun mandat n’est terminé", 1: "1 mandat est terminé"}.get(
                    fin, f"{fin} mandats sont terminés"
                )
                messages.success(request, f"{finis}, {entres} commence{'nt' if entres > 1 else ''} le {le}.")
                return redirect(adresse("renouvellement", instance.pk, de=instance))
            apercu = prevoir(instance, *donnees)
        except ValidationError as erreur:
            form.add_error(None, erreur)
    contexte = {
        "instance": instance,
        "form": form,
        "apercu": apercu,
        "mandats": instance.mandats.en_cours().dans_l_ordre(),
        "nommes": encore_nommes(instance),
        "fil": _fil(request, instance),
    }
    return render(request, "pilotage/renouvellement.html", contexte, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def creer_reunion(request, pk):
    instance = _ouvrir(request, "instance.gerer", pk)
    objet = f"Séance {instance.mots.de_l_assemblee}" if instance.est_conseil else ""
    nouvelle = Reunion(territoire=request.territoire, organisatrice=instance, objet=objet)
    titre = f"Nouvelle {'séance' if instance.est_conseil else 'réunion'} : {instance}"
    form = ReunionForm(request.POST or None, instance=nouvelle)
    retour = instance.get_absolute_url()
    quoi = "La séance" if instance.est_conseil else "La réunion"
    return saisir_un_nouveau(
        request,
        titre,
        form,
        retour=retour,
        fil=_fil(request, instance),
        succes=lambda r: f"{quoi} du {r.date:%d/%m/%Y} est enregistrée.",
    )
