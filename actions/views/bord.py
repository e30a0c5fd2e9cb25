"""The board of a convention, for all who read its plan."""

from django.shortcuts import render

from actions.annee import TableauDeBord
from ctg.acces import exiger


def tableau_de_bord(request):
    convention = request.convention
    exiger(request, "plan.lire", convention)
    annees = {str(annee): annee for annee in convention.annees}
    annee = annees.get(request.GET.get("annee"), convention.annee_du_moment())
    bord = TableauDeBord(convention, annee, request.GET.get("par", ""))
    return render(request, "actions/bord.html", {"bord": bord, "annee": annee})
