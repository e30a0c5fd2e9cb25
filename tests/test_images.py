"""The pictures of the help and of the README, taken by the tests' own browser: a page whose words changed wants new ones.

`make images` takes them all anew; the tests compare what each page says with what it said when its picture was taken.
"""

# ruff: noqa: F811 - fixtures of the other browser tests
import hashlib
import json
import os
import re
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import expect

from actions.models import Action
from ctg.aide import PAGES
from tests.conftest import CTG, VAL
from tests.test_navigateur import chromium, hors_boucle, ouvrir, serveur  # noqa: F401

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.papier]
DOSSIER = Path(settings.BASE_DIR, "static/aide")
EMPREINTES = DOSSIER / "empreintes.json"
# What somebody looks for on a picture: headings, labels, buttons, columns. No figure and no date: they move by themselves.
MOTS = "h1, h2, legend, label, main button, main a.bouton, thead th, header nav a"


def ouvrir_une_section(page):
    page.click("#pilotage a.bouton")
    expect(page.locator("#pilotage form")).to_be_visible()
    page.locator("#pilotage").scroll_into_view_if_needed()


IMAGES = {
    "public": (None, f"{VAL}/", None),
    "plan": ("agent", f"{CTG}/plan/", None),
    "gestion": ("agent", f"{VAL}/gestion/", None),
    "fiche": ("agent", f"{CTG}/plan/fiches/{{f}}/", ouvrir_une_section),
    "saisie": ("agent", f"{CTG}/saisie/2026/", None),
    "bord": ("caf", f"{CTG}/tableau-de-bord/", None),
    "convention": ("agent", f"{CTG}/convention/", None),
    "attendus": ("secretaire", f"{CTG}/convention/actes/", None),
}


@pytest.mark.parametrize("nom", IMAGES)
def test_a_picture_shows_the_page_as_it_is(ouvrir, nom):
    compte, adresse, geste = IMAGES[nom]
    page = ouvrir(compte)
    page.set_viewport_size({"width": 1280, "height": 800})
    fiche = Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=1)
    page.goto(adresse.format(f=fiche.pk))
    if geste:
        geste(page)
    page.evaluate("document.fonts.ready")
    mots = page.locator(MOTS).all_inner_texts()
    empreinte = hashlib.sha256(re.sub(r"\d+", "0", "\n".join(mots)).encode()).hexdigest()[:16]
    connues = json.loads(EMPREINTES.read_text()) if EMPREINTES.exists() else {}
    if os.environ.get("PRENDRE_LES_IMAGES"):
        with Image.open(BytesIO(page.screenshot())) as image:
            image.convert("RGB").save(DOSSIER / f"{nom}.webp", quality=82, method=6)
        EMPREINTES.write_text(json.dumps({**connues, nom: empreinte}, indent=1, sort_keys=True) + "\n")
    else:
        assert connues.get(nom) == empreinte, "La page a changé : « make images » en reprend l’image."


def test_every_picture_of_the_help_was_taken():
    for page in PAGES:
        source = Path(settings.BASE_DIR, f"templates/aide/{page}.html").read_text()
        noms = re.findall(r'nom="(\w+)"', source)
        assert noms and set(noms) <= set(IMAGES), page
    assert {f.stem for f in DOSSIER.glob("*.webp")} == set(IMAGES) == set(json.loads(EMPREINTES.read_text()))
    for fichier in DOSSIER.glob("*.webp"):
        with Image.open(fichier) as image:
            assert image.size == (1280, 800) and fichier.stat().st_size < 150_000
