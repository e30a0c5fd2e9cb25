"""The help: one page a task, with pictures that the tests' own browser takes (tests/test_images.py)."""

from django.http import Http404
from django.shortcuts import render

PAGES = {
    "premier-jour": "Ouvrir un territoire, inviter ses collègues",
    "fiches": "Modifier les fiches du plan",
    "annee": "Saisir les chiffres d’une année",
    "bilan": "Suivre le plan et rendre compte",
    "convention": "Signer la convention, préparer la suivante",
    "actes": "Voter et rendre une délibération",
}


def sommaire(request):
    return render(request, "aide/index.html", {"pages": PAGES})


def page(request, page):
    if page not in PAGES:
        raise Http404("Cette page d’aide n’existe pas.")
    return render(request, f"aide/{page}.html", {"pages": PAGES, "page": page, "titre": PAGES[page]})
