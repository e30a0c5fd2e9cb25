"""The register of a council for a year, and its acts as open data."""

import csv
import io

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify

from actions.views.documents import servir
from ctg.acces import exiger
from pilotage.documents import document_registre
from pilotage.models import Deliberation, Instance
from pilotage.resources import COLONNES, SiretManquant, rangee
from pilotage.views.pilotage import annee_ou_404


def _conseil(pk):
    conseils = Instance.objects.conseils().select_related("partenaire", "convention__territoire", "convention__porteur")
    return get_object_or_404(conseils, pk=pk)


def registre(request, pk, annee):
    conseil = _conseil(pk)
    if refus := exiger(request, "plan.lire", conseil):
        return refus
    annee_ou_404(annee)
    return servir(request, registre_de, conseil, annee=annee)


def registre_de(conseil, annee):
    actes = list(Deliberation.objects.completes().de_l_annee(conseil, annee))
    return document_registre(conseil, annee, actes)


def scdl(request, pk):
    """The published acts of a council as a SCDL file (CSV, UTF-8); members of the convention get all proclaimed ones."""
    conseil = _conseil(pk)
    membre = request.user.has_perm("plan.lire", conseil)
    if not membre and not request.user.has_perm("publie.lire", conseil.convention):
        raise Http404("Aucune convention n’est publiée.")
    actes = Deliberation.objects.completes().filter(seance__organisatrice=conseil).dans_l_ordre()
    actes = actes.proclamees() if membre else actes.publiques()
    sortie = io.StringIO(newline="")
    ecrivain = csv.DictWriter(sortie, COLONNES, lineterminator="\r\n")
    ecrivain.writeheader()
    try:
        ecrivain.writerows(rangee(acte, request.build_absolute_uri(acte.get_absolute_url())) for acte in actes)
    except SiretManquant as erreur:
        return render(request, "pilotage/scdl_impossible.html", {"erreur": erreur, "conseil": conseil}, status=409)
    reponse = HttpResponse(sortie.getvalue(), content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = f'attachment; filename="{slugify(conseil.nom)}-deliberations.csv"'
    return reponse
