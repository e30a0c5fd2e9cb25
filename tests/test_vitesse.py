"""What a page weighs when it comes for the first time, and what moves in it while it comes, in a real Chromium."""

import time

import pytest
from playwright.sync_api import expect

from actions.models import Action
from tests.conftest import CTG, VAL
from tests.test_navigateur import chromium, hors_boucle, ouvrir, serveur  # noqa: F401 - fixtures

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.papier]
LARGEURS = [390, 1280]
# Core Web Vitals: what is good.
DECALAGE_MAX = 0.1
ACCUEIL_MAX = 150 * 1024
# How long each font is held back: the page is drawn with the fonts that stand in, and changes them under our eyes.
RETARD = 0.3
OBSERVER = """
window.decalages = [];
new PerformanceObserver((liste) => { for (const d of liste.getEntries()) if (!d.hadRecentInput) window.decalages.push(d.value); })
  .observe({ type: "layout-shift", buffered: true });
"""
EDITEUR = ".ProseMirror[contenteditable]"


def retenir(route):
    time.sleep(RETARD)
    route.continue_()


def observer(page):
    """Hold the fonts back and note what moves, from the next page on."""
    page.context.route("**/fonts/*", retenir)
    page.add_init_script(OBSERVER)
    return page


def decalage(page):
    """Return what has moved since the page began, once its fonts are there."""
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('1rem \"Fira Sans\"'))")
    page.wait_for_timeout(300)  # what the fonts move is drawn
    return page.evaluate("window.decalages.reduce((somme, d) => somme + d, 0)")


@pytest.fixture
def fiche(transactional_db):
    return Action.objects.actives().filter(convention__territoire__slug="val-d-argent").get(axe__ordre=2, ordre=1)


@pytest.mark.parametrize("largeur", LARGEURS)
def test_nothing_jumps_while_a_page_comes(ouvrir, fiche, largeur):  # noqa: F811
    public = observer(ouvrir(largeur=largeur))
    agent = observer(ouvrir("agent", largeur))
    mesures = {}
    for page, adresse in (
        (public, f"{VAL}/"),
        (public, f"{CTG}/"),
        (agent, f"{CTG}/plan/"),
        (agent, f"{CTG}/plan/fiches/{fiche.pk}/"),
        (agent, f"{CTG}/plan/fiches/{fiche.pk}/modifier/enjeux/"),
    ):
        page.goto(adresse)
        if "modifier" in adresse:
            expect(page.locator(EDITEUR).first).to_be_visible()
        mesures[adresse] = decalage(page)
    # A section opens in place. Nobody clicked: what follows a click is forgiven, and hides what is not.
    agent.goto(f"{CTG}/plan/fiches/{fiche.pk}/")
    agent.wait_for_load_state("networkidle")
    agent.evaluate("window.decalages = []; document.querySelector('#enjeux .section-tete a').click()")
    expect(agent.locator(f"#enjeux {EDITEUR}").first).to_be_visible()
    mesures["section"] = decalage(agent)
    assert {ou: d for ou, d in mesures.items() if d > DECALAGE_MAX} == {}


def test_the_home_of_a_territory_is_light(ouvrir):  # noqa: F811
    page = ouvrir()
    reponses = []
    page.on("response", lambda reponse: reponses.append(reponse))
    page.goto(f"{VAL}/")
    page.wait_for_load_state("networkidle")
    poids = {reponse.url: len(reponse.body()) for reponse in reponses}
    assert sum(poids.values()) <= ACCUEIL_MAX, poids
    polices = [adresse.rpartition("/")[2] for adresse in poids if "/fonts/" in adresse]
    # Each once: what is preloaded is what the style sheet asks for.
    assert sorted(polices) == [
        f"{face}.latin.woff2" for face in ("FiraSans-Regular", "FiraSans-SemiBold", "Spectral-SemiBold")
    ]


def test_the_editor_comes_when_one_edits(ouvrir, fiche):  # noqa: F811
    page = ouvrir("agent")
    venus = []
    page.on("request", lambda requete: venus.append(requete.url.rpartition("/")[2]))
    page.goto(f"{CTG}/plan/fiches/{fiche.pk}/")
    page.wait_for_load_state("networkidle")
    assert not {"editor.js", "configurable.js", "editeur.js"} & set(venus)
    page.click("#enjeux >> text=Modifier")
    expect(page.locator(f"#enjeux {EDITEUR}").first).to_be_visible()
    assert [venus.count(nom) for nom in ("editor.js", "configurable.js", "editeur.js")] == [1, 1, 1]


@pytest.mark.parametrize("en_place", [True, False])
def test_without_its_editor_a_field_is_typed_and_saved_all_the_same(ouvrir, fiche, en_place):  # noqa: F811
    page = ouvrir("agent")
    page.route("**/django_prose_editor/editor.js", lambda route: route.abort())
    adresse = f"{CTG}/plan/fiches/{fiche.pk}/"
    page.goto(adresse if en_place else f"{adresse}modifier/enjeux/")
    if en_place:
        page.click("#enjeux >> text=Modifier")
    champ = page.locator("#enjeux textarea").first
    champ.fill("<p>Écrit sans l’éditeur.</p>")
    page.click("#enjeux button:has-text('Enregistrer')")
    expect(page.locator("#enjeux p", has_text="Écrit sans l’éditeur.")).to_be_visible()
