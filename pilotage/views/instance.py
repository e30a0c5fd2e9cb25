"""One body: its composition, what it follows, its meetings."""

from functools import partial

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from ctg.acces import exiger
from pilotage.forms import MANDATS, ConseilForm, InstanceForm, ReunionForm
from pilotage.models import Instance, Reunion
from pilotage.views.pilotage import convention_saisie, reunions_de
from pilotage.views.saisie import saisir


def _instance(pk):
    instances = Instance.objects.select_related("partenaire", "convention__territoire", "convention__porteur")
    return get_object_or_404(instances, pk=pk)


def instance(request, pk):
    instance = _instance(pk)
    if refus := exiger(request, "plan.lire", instance):
        return refus
    contexte = {
        "instance": instance,
        "mandats": instance.mandats.en_cours().select_related("partenaire"),
        "anciens": instance.mandats.exclude(pk__in=instance.mandats.en_cours()).select_related("partenaire"),
        "reunions": reunions_de(instance),
        "annees": sorted({d.year for d in instance.reunions.values_list("date", flat=True)}, reverse=True),
        "gere": request.user.has_perm("instance.gerer", instance),
    }
    return render(request, "pilotage/instance.html", contexte)


def _lignes(instance):
    return {
        "lignes": partial(MANDATS, instance=instance, prefix="lignes"),
        "choix": {"partenaire": [(p.pk, str(p)) for p in instance.convention.territoire.partenaires.all()]},
    }


@require_http_methods(["GET", "POST"])
def creer(request):
    convention = convention_saisie(request)
    if refus := exiger(request, "plan.modifier", convention):
        return refus
    nouvelle = Instance(convention=convention, ordre=convention.instances.count() + 1)
    return saisir(request, "Nouvelle instance", "pilotage", form=partial(InstanceForm, instance=nouvelle))


@require_http_methods(["GET", "POST"])
def modifier(request, pk):
    instance = _instance(pk)
    if refus := exiger(request, "instance.gerer", instance):
        return refus
    classe = ConseilForm if instance.est_conseil else InstanceForm
    titre = f"{instance} : composition"
    return saisir(request, titre, instance, form=partial(classe, instance=instance), **_lignes(instance))


@require_http_methods(["GET", "POST"])
def creer_reunion(request, pk):
    instance = _instance(pk)
    if refus := exiger(request, "instance.gerer", instance):
        return refus
    objet = f"Séance du {instance.assemblee}" if instance.est_conseil else ""
    nouvelle = Reunion(convention=instance.convention, organisatrice=instance, objet=objet)
    titre = f"Nouvelle {'séance' if instance.est_conseil else 'réunion'} : {instance}"
    return saisir(request, titre, instance, form=partial(ReunionForm, instance=nouvelle))
