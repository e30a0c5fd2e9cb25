"""The sheets of a convention: each table goes out as XLSX, is filled, and comes back in, all of it or nothing."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from import_export.results import RowResult

from actions.depot import reprendre, sceau
from actions.resources import FEUILLES, Classeur
from ctg.acces import exiger
from ctg.adresses import adresse
from ctg.compteurs import jeton
from ctg.historique import Fige


def _feuille(request, table):
    if table not in FEUILLES:
        raise Http404("Cette feuille n’existe pas.")
    titre, ressource = FEUILLES[table]
    return titre, ressource(convention=request.convention)


def feuilles(request):
    exiger(request, "plan.modifier", request.convention)
    contexte = {"feuilles": [(cle, titre) for cle, (titre, _) in FEUILLES.items()]}
    return render(request, "actions/feuilles.html", contexte)


def sortir(request, table):
    exiger(request, "plan.lire", request.convention)
    _, ressource = _feuille(request, table)
    reponse = HttpResponse(Classeur().export_data(ressource.export()), content_type=Classeur().get_content_type())
    reponse["Content-Disposition"] = f'attachment; filename="{request.convention.cle}-{table}.xlsx"'
    return reponse


@require_http_methods(["GET", "POST"])
def entrer(request, table):
    """Show what a sheet would change; once that is confirmed, let the very same sheet in."""
    titre, ressource = _feuille(request, table)
    if table == "partenaires":
        exiger(request, "territoire.gerer", request.territoire)
    else:
        exiger(request, "plan.modifier", request.convention)
    contexte = {"table": table, "titre_feuille": titre, "erreurs": [], "lignes": []}
    if request.method == "GET":
        return render(request, "actions/feuille.html", contexte)
    maintenant = jeton(request.territoire, request.convention)
    confirme = "feuille" in request.POST
    try:
        octets = reprendre(request, maintenant)
        donnees = Classeur().create_dataset(octets)
        resultat = ressource.import_data(donnees, dry_run=not confirme, use_transactions=True, user=request.user)
    except (ValidationError, Fige) as erreur:
        contexte["erreurs"] = erreur.messages
        return render(request, "actions/feuille.html", contexte, status=422)
    contexte["erreurs"] = [m for e in resultat.base_errors for m in getattr(e.error, "messages", [str(e.error)])]
    contexte["fautes"] = _fautes(resultat)
    if contexte["erreurs"] or contexte["fautes"]:
        return render(request, "actions/feuille.html", contexte, status=422)
    if confirme:
        bilan = resultat.totals
        messages.success(
            request, f"{titre} : {bilan[RowResult.IMPORT_TYPE_NEW]} lignes ajoutées, "
            f"{bilan[RowResult.IMPORT_TYPE_UPDATE]} modifiées, {bilan[RowResult.IMPORT_TYPE_SKIP]} inchangées."
        )  # fmt: skip
        return redirect(adresse("feuilles", de=request.convention))
    contexte |= {"resultat": resultat, "totaux": resultat.totals, "feuille": sceau(octets, maintenant)}
    contexte["lignes"] = [
        (rang, ligne.import_type, ligne.object_repr)
        for rang, ligne in enumerate(resultat.rows, start=2)
        if ligne.import_type in {RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE}
    ]
    return render(request, "actions/feuille.html", contexte)


def _fautes(resultat):
    """Return [(row of the sheet, what is wrong)]; the first row of a sheet holds the names of its columns."""
    fautes = [
        (ligne.number + 1, phrase)
        for ligne in resultat.error_rows
        for e in ligne.errors
        for phrase in getattr(e.error, "messages", [str(e.error)])
    ]
    for ligne in resultat.invalid_rows:
        for colonne, phrases in ligne.field_specific_errors.items():
            fautes += [(ligne.number + 1, f"{colonne} : {phrase}") for phrase in phrases]
        fautes += [(ligne.number + 1, phrase) for phrase in ligne.non_field_specific_errors]
    return fautes
