"""The W3C's Nu HTML checker finds no error in the pages: as each account reads them, and as they answer a mistake."""

# ruff: noqa: F811 - a fixture of the table of rights
import json
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client

from tests.conftest import CTG, ROLES
from tests.ctg.test_droits import ECRITURES, LECTURES, adresse  # noqa: F401
from tests.pages import champs
from tests.test_navigateur import PARCOURS, identifiants

VNU = Path(settings.BASE_DIR, ".outils/node_modules/vnu-jar/build/dist/vnu.jar")
# HTML does not know htmx's own attributes; any other that it does not know is an error.
FILTRE = "Attribute “hx-[a-z-]+” not allowed on element .*"
# django-import-export's template posts to an empty address, and has a label for the format, hidden when there is but one.
D_UNE_BIBLIOTHEQUE = {
    "/admin/actions/jalon/import/": {
        "Bad value “” for attribute “action” on element “form”: Must be non-empty.",
        "The value of the “for” attribute of the “label” element must be the ID of a non-hidden form control.",
    }
}
VOISIN = "/pays-de-l-exemple"
VOISINES = [
    *[f"{VOISIN}/{page}/" for page in ("partenaires", "actes", "mentions", "donnees-personnelles", "contact")],
    *[f"{VOISIN}/2024-2028/{page}" for page in ("", "axes/1/", "services/", "telechargements/")],
]
FORMULAIRE = "main form[method=post]"
# What a browser sends of these is right, or empty.
TOUJOURS_JUSTES = ", ".join(f"[type={type_}]" for type_ in ("hidden", "file", "date", "time", "number"))

pytestmark = [pytest.mark.django_db, pytest.mark.papier]


class Releve:
    """The pages that were read, each in a file of a folder: the checker starts once for all of them."""

    def __init__(self, dossier):
        self.dossier, self.pages = dossier, []

    def garder(self, qui, page, html):
        (self.dossier / f"{len(self.pages)}.html").write_bytes(html)
        self.pages.append((qui, page))

    def lire(self, client, qui, page):
        """Keep what an address shows, if it is a page; return the answer."""
        reponse = client.get(page)
        if reponse.get("Content-Type", "").startswith("text/html") and reponse.content:
            self.garder(qui, page, reponse.content)
        return reponse

    def envoyer(self, client, qui, page, donnees):
        """Keep what a form answers: a mistake (allauth answers it with 200), or what is shown before it is done."""
        reponse = client.post(page, donnees)
        if reponse.status_code in {200, 422}:
            self.garder(qui, f"{page} (à l’envoi)", reponse.content)

    def fautes(self):
        """Return the errors that the checker finds, each after its page and its line."""
        options = ["--errors-only", "--skip-non-html", "--format", "json", "--stdout", "--exit-zero-always"]
        commande = ["java", "-jar", VNU, *options, "--filterpattern", FILTRE, self.dossier]
        sortie = subprocess.run(commande, capture_output=True, check=True, text=True).stdout
        fautes = []
        for message in json.loads(sortie)["messages"]:
            qui, page = self.pages[int(Path(message["url"]).stem)]
            if message["message"] not in D_UNE_BIBLIOTHEQUE.get(page, ()):
                ligne, extrait = message.get("lastLine", "?"), message.get("extract", "").strip()
                fautes.append(f"{qui} {page}, ligne {ligne} : {message['message']} {extrait!r}")
        return fautes


def fautives(page, reponse):
    """Return what to send to a page that edits for it to be refused: nothing, then "?" in what is typed or chosen."""
    html = reponse.content if reponse.get("Content-Type", "").startswith("text/html") else b""
    formulaire = BeautifulSoup(html, "lxml").select_one(FORMULAIRE)
    if formulaire is None or (formulaire.get("action") or page).partition("?")[0] != page:
        return []
    saisis = formulaire.select(f"input[name]:not({TOUJOURS_JUSTES}), select[name], textarea[name]")
    return [{}, champs(reponse, FORMULAIRE) | {champ["name"]: "?" for champ in saisis}]


def test_every_page_is_valid_html(navigateur, tmp_path):
    """What the browser goes through, the neighbouring territory, and the errors that have no address."""
    releve, cles = Releve(tmp_path), identifiants()
    for compte, pages in [*PARCOURS.values(), (None, VOISINES)]:
        qui = compte or "anonyme"
        client = navigateur(qui)
        for page in pages:
            releve.lire(client, qui, page.format(**cles))
    releve.garder("anonyme", "500", render_to_string("500.html", {"numero": "abcd1234"}).encode())
    releve.garder("anonyme", "503", render_to_string("503.html").encode())
    expiree = Client(enforce_csrf_checks=True).post(f"{CTG}/plan/fiches/nouvelle/", {"titre": "Saisi\nlonguement"})
    assert expiree.status_code == 403
    releve.garder("anonyme", "403", expiree.content)
    fautes = releve.fautes()
    assert fautes == [], "\n".join(fautes)


def test_every_address_and_every_mistake_give_valid_html(navigateur, adresse, tmp_path):
    """Each address of the table of rights, as the first account that may read it; then the same with mistakes."""
    releve, envois = Releve(tmp_path), []
    clients = {role: navigateur(role) for role in ROLES}
    for page, statuts in LECTURES.items():
        qui = ROLES[statuts.index(200)] if 200 in statuts else "agent"
        reponse = releve.lire(clients[qui], qui, adresse(page))
        envois += [(qui, adresse(page), donnees) for donnees in fautives(adresse(page), reponse)]
    envois += [("agent", adresse(page), {}) for page, statuts in ECRITURES.items() if statuts[1] == 422]
    lues = len(releve.pages)
    for qui, page, donnees in envois:
        releve.envoyer(clients[qui], qui, page, donnees)
    assert len(releve.pages) > lues + 80  # the forms are found, and refuse
    fautes = releve.fautes()
    assert fautes == [], "\n".join(fautes)
