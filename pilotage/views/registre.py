"""The register of a council for a year, and its acts as open data."""

import csv
import io

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify

from ctg.acces import ouvrir
from ctg.impression import servir
from pilotage.documents import document_registre
from pilotage.models import Deliberation, Instance
from pilotage.resources import COLONNES, SiretManquant, rangee


def _conseils(request):
    conseils = Instance.objects.conseils().filter(territoire=request.territoire)
    return conseils.select_related("collectivite", "territoire")


def _exiger_un_registre(conseil):
    if not conseil.tient_registre:
        raise Http404("Ce conseil tient son registre dans son propre logiciel : il n’y en a pas ici.")


def registre(request, pk, annee):
    conseil = ouvrir(request, _conseils(request), "territoire.lire", pk=pk)
    _exiger_un_registre(conseil)
    return servir(request, document_registre, conseil, lus=[request.territoire], annee=annee)


def scdl(request, pk):
    """The published acts of a council as a SCDL file (CSV, UTF-8); members of the territory get all proclaimed ones."""
    conseil = get_object_or_404(_conseils(request), pk=pk)
    _exiger_un_registre(conseil)
    membre = request.user.has_perm("territoire.lire", conseil)
    if not membre and not request.territoire.est_public:
        raise Http404("Ce territoire ne publie encore aucune convention.")
    actes = Deliberation.objects.completes().filter(conseil=conseil).dans_l_ordre()
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
