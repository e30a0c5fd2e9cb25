"""The whole plan as one workbook: out for who reads it, in again for who holds it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from actions.classeur import XLSX, Entree, ecrire
from actions.depot import reprendre, sceau
from ctg.acces import exiger
from ctg.adresses import adresse
from ctg.compteurs import jeton


@require_GET
def sortir(request):
    exiger(request, "plan.lire", request.convention)
    reponse = HttpResponse(ecrire(request.convention), content_type=XLSX)
    nom = f"{request.territoire.slug}-{request.convention.cle}-plan.xlsx"
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    return reponse


@require_http_methods(["GET", "POST"])
def entrer(request):
    """Show in words what a workbook would change; once that is confirmed, let the very same workbook in."""
    convention = request.convention
    exiger(request, "plan.modifier", convention)
    if request.method == "GET":
        return render(request, "actions/classeur.html", {})
    neuf, confirme = "neuf" in request.POST, "feuille" in request.POST and "fichier" not in request.FILES
    maintenant = jeton(request.territoire, convention)
    tient = request.user.has_perm("territoire.gerer", request.territoire)
    try:
        octets = reprendre(request, maintenant)
        lecture = Entree(octets, convention, neuf).entrer(request.user, confirme, tient)
    except ValidationError as erreur:
        contexte = {"erreur": " ".join(erreur.messages), "neuf": neuf}
        return render(request, "actions/classeur.html", contexte, status=422)
    if lecture.fautes:
        contexte = {"lecture": lecture, "neuf": neuf}
        return render(request, "actions/classeur.html", contexte, status=422)
    if confirme:
        ajoutees = sum(c.nouvelle for c in lecture.changements)
        messages.success(
            request, f"Classeur : {ajoutees} lignes ajoutées, {len(lecture.changements) - ajoutees} modifiées, "
            f"{lecture.inchangees} inchangées."
        )  # fmt: skip
        return redirect(adresse("plan", de=convention))
    contexte = {"lecture": lecture, "neuf": neuf, "feuille": sceau(octets, maintenant)}
    return render(request, "actions/classeur.html", contexte)
