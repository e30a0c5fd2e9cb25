"""A real Chromium: accessibility of each page, editing in place, and the same without JavaScript."""

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.test import modify_settings
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from actions.models import Action, Convention, LienDeSaisie
from actions.saisies import SECTIONS
from ctg.aide import PAGES
from ctg.models import Courriel
from pilotage.models import Bilan, Deliberation, Instance, LienActe
from tests.conftest import CTG, VAL, ouvrir_un_client
from tests.fabriques import pdf

# Two cores, two workers, a server and a browser: an answer may take its time.
DELAI = 60_000
expect.set_options(timeout=DELAI)
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.papier]


@pytest.fixture(scope="module", autouse=True)
def hors_boucle():
    """Playwright's synchronous door runs an event loop, which Django would take for asynchronous code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="module")
def chromium(hors_boucle):
    with sync_playwright() as p:
        navigateur = p.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=OPTIONS)
        yield navigateur
        navigateur.close()


@pytest.fixture(scope="module")
def serveur(django_db_setup):
    """One server a worker: pytest-django's own would have the tables flushed after each test."""
    with modify_settings(ALLOWED_HOSTS={"append": "localhost"}):
        serveur = LiveServer("localhost")
        yield serveur.url
        serveur.stop()


@pytest.fixture
def ouvrir(chromium, serveur, transactional_db):
    """Return a function that opens a page for an account (or nobody), at a width, with or without JavaScript."""
    contextes = []

    def ouvrir(compte=None, largeur=1280, javascript=True):
        contexte = chromium.new_context(
            viewport={"width": largeur, "height": 900},
            java_script_enabled=javascript,
            base_url=serveur,
            locale="fr-FR",
            reduced_motion="reduce",
        )
        contextes.append(contexte)
        if compte:  # the form is for the tests of the form
            session = ouvrir_un_client(compte).session.session_key
            contexte.add_cookies([{"name": "sessionid", "value": session, "url": serveur}])
        page = contexte.new_page()
        page.set_default_timeout(DELAI)
        if compte in {"agent", "pilote", "caf", "secretaire", "elu"}:
            page.goto(f"{CTG}/plan/")
        return page

    yield ouvrir
    for contexte in contextes:
        contexte.close()


# What only violations need: no list of what passed, no style sheet fetched a second time for rules that are off.
AXE, AXE_OPTIONS = Axe(), {"resultTypes": ["violations"], "preload": False, "performanceTimer": False}


def fautes_de(page, nom):
    """Return what axe-core finds on a page, and whether it is wider than its window."""
    if not page.evaluate("'axe' in window"):  # half a megabyte of script: once a page, not once a width
        page.evaluate(AXE.axe_script)
    resultat = AxeResults(page.evaluate("options => axe.run(options)", AXE_OPTIONS))
    fautes = [f"{nom} : {resultat.generate_report()}"] if resultat.violations_count else []
    debord = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return fautes + ([f"{nom} déborde de {debord} px"] if debord > 0 else [])


PUBLIQUES = [
    "/",
    "/aide/",
    "/mentions/",
    *[f"/aide/{page}/" for page in PAGES],
    "/verifier/",
    f"{VAL}/",
    *[f"{VAL}/{page}/" for page in ("mentions", "donnees-personnelles", "contact", "accessibilite")],
    f"{VAL}/invitations/fermee/",
    f"{CTG}/?q=senoir",
    f"{VAL}/2021-2025/",
    f"{VAL}/2021-2025/axes/1/",
    "/pays-de-l-exemple/",
    "/val-d-argent/2026-2030/axes/2/",
    "/val-d-argent/2026-2030/fiches/{f}/",
    "/val-d-argent/partenaires/",
    "/val-d-argent/2026-2030/telechargements/",
    "/val-d-argent/actes/",
    "/comptes/login/",
    "/comptes/password/reset/",
    "/introuvable/",
    f"{VAL}/actes/rendre/{{l}}/",
    f"{VAL}/actes/rendre/{{l}}/acte/",
    f"{VAL}/actes/rendre/{{l}}/merci/",
    f"{VAL}/actes/rendre/ferme/",
    f"{CTG}/saisie/lien/{{v}}/",
    f"{CTG}/services/",
    f"{CTG}/saisie/lien/ferme/",
]
TRAVAIL = [
    f"{CTG}/saisie/2026/",
    f"{CTG}/tableau-de-bord/",
    f"{CTG}/cooperation/",
    f"{CTG}/cooperation/nouveau/",
    f"{CTG}/bilans/",
    f"{CTG}/bilans/2026/",
    f"{CTG}/bilans/2026/pages/{{u}}/",
    f"{CTG}/bilans/2026/partager/",
    f"{CTG}/bilans/2026/projection/1/",
    f"{CTG}/plan/classeur/",
    "/val-d-argent/2026-2030/plan/",
    "/val-d-argent/2026-2030/plan/?q=introuvable",
    "/val-d-argent/2026-2030/plan/fiches/{f}/",
    "/val-d-argent/2026-2030/plan/fiches/{f}/historique/",
    "/val-d-argent/2026-2030/plan/fiches/nouvelle/",
    "/comptes/password/change/",
    "/conventions/",
    f"{CTG}/plan/feuilles/",
    f"{CTG}/plan/feuilles/jalons/",
    f"{CTG}/signatures/",
    f"{CTG}/signatures/papier/",
    f"{CTG}/convention/actes/",
    f"{CTG}/convention/actes/{{c}}/lien/",
    f"{CTG}/convention/actes/{{c}}/rendre/",
    f"{CTG}/convention/historique/",
    f"{VAL}/gestion/",
    f"{VAL}/gestion/partenaires/nouveau/",
    f"{VAL}/gestion/partenaires/coller/",
    f"{VAL}/gestion/mentions/",
    f"{VAL}/gestion/partenaires/1/equipe/",
    f"{VAL}/gestion/partenaires/1/equipe/inviter/",
    "/comptes/second-facteur/",
    "/comptes/email/",
    f"{VAL}/gestion/conventions/nouvelle/",
    f"{VAL}/2031-2035/plan/reprendre/",
    f"{VAL}/2031-2035/plan/comparaison/",
    *[f"/val-d-argent/2026-2030/plan/fiches/{{f}}/modifier/{cle}/" for cle in SECTIONS],
    "/val-d-argent/2026-2030/convention/",
    "/val-d-argent/2026-2030/convention/apercu/",
    *[
        f"/val-d-argent/2026-2030/convention/modifier/{partie}/"
        for partie in ("identite", "parties", "textes", "articles", "services", "axes")
    ],
]
PILOTAGE = [
    "/val-d-argent/pilotage/",
    "/val-d-argent/pilotage/calendrier/2026/",
    "/val-d-argent/pilotage/instances/nouvelle/",
    "/val-d-argent/pilotage/instances/{i}/",
    "/val-d-argent/pilotage/instances/{i}/modifier/",
    "/val-d-argent/pilotage/instances/{i}/reunions/nouvelle/",
    "/val-d-argent/pilotage/reunions/{r}/",
    "/val-d-argent/pilotage/reunions/{r}/ordre-du-jour/",
    *[
        f"/val-d-argent/pilotage/reunions/{{r}}/modifier/{p}/"
        for p in ("convocation", "points", "presences", "compte-rendu")
    ],
    "/val-d-argent/actes/",
]
CONSEIL = [
    "/val-d-argent/pilotage/instances/{c}/",
    "/val-d-argent/pilotage/instances/{c}/modifier/",
    "/val-d-argent/pilotage/instances/{c}/renouvellement/",
    "/val-d-argent/pilotage/reunions/{s}/",
    "/val-d-argent/pilotage/reunions/{s}/actes/nouveau/",
    "/val-d-argent/actes/{d}/",
    "/val-d-argent/actes/{p}/",
    "/val-d-argent/pilotage/actes/{p}/supprimer/",
    "/val-d-argent/pilotage/actes/{d}/erratum/",
    *[f"/val-d-argent/pilotage/actes/{{p}}/modifier/{p}/" for p in ("texte", "vote", "noms")],
    "/val-d-argent/actes/scdl-{c}.csv",
]
ADMINISTRATION = [
    "/admin/",
    "/admin/actions/action/",
    "/admin/actions/action/{f}/change/",
    "/admin/actions/action/{f}/history/",
    "/admin/actions/jalon/import/",
    "/admin/actions/partenaire/add/",
    "/admin/pilotage/deliberation/{d}/change/",
]


# What each account looks at, under the name of its test: both accessibility and valid HTML are read there.
PARCOURS = {
    "public": (None, PUBLIQUES),
    "travail-1": ("agent", TRAVAIL[::2]),
    "travail-2": ("agent", TRAVAIL[1::2]),
    "pilotage": ("agent", PILOTAGE),
    "administration": ("admin", ADMINISTRATION),
    "conseil": ("secretaire", CONSEIL),
    "caf": ("caf", TRAVAIL[:4]),
    "elu": ("elu", TRAVAIL[:4]),
}


def identifiants():
    """Return what the addresses above are completed with; make what the demonstration does not have."""
    fiche = Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=1)
    acte, copil = (
        Deliberation.objects.get(numero="583"),
        Instance.objects.get(nature="copil", territoire__slug="val-d-argent"),
    )
    projet = Deliberation.modele(acte.approuve, acte.seance, "projet")
    cles = {"f": fiche.pk, "i": copil.pk, "r": copil.reunions.first().pk, "c": acte.conseil.pk, "s": acte.seance_id}
    lien = LienActe.objects.create(conseil=acte.conseil, approuve=acte.approuve, destinataire="mairie@exemple.example")
    saisie = {"annee": 2026, "convention": fiche.convention}
    jeton = LienDeSaisie.objects.create(partenaire=fiche.pilotes[0], destinataire="a@b.example", **saisie).jeton
    bilan = Bilan.objects.create(**saisie)
    cles |= {"d": acte.pk, "p": projet.pk, "l": lien.jeton, "v": jeton, "u": bilan.pages.create(action=fiche).pk}
    return cles


@pytest.mark.parametrize(("compte", "adresses"), PARCOURS.values(), ids=PARCOURS)
def test_every_page_is_accessible_and_fits(ouvrir, compte, adresses):
    """Each page is loaded once, and looked at as a desk and as a phone show it."""
    cles = identifiants()
    page, fautes = ouvrir(compte), []
    for adresse in adresses:
        for largeur in (1280, 390):
            page.set_viewport_size({"width": largeur, "height": 900})
            if largeur == 1280:
                page.goto(adresse.format(**cles))
                if "/enjeux/" in adresse:
                    expect(page.locator(".ProseMirror[contenteditable]").first).to_be_visible()
            fautes += fautes_de(page, f"{adresse} à {largeur} px")
    assert fautes == [], "\n".join(fautes)


def test_errors_conflicts_and_refusals_are_accessible(ouvrir):
    fiche = Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=1)
    page, fautes = ouvrir("agent", largeur=390, javascript=False), []
    lecteur = ouvrir("caf", largeur=390)
    page.goto(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/modifier/indicateurs/")
    page.fill("[name=lignes-0-cible_2027]", "douze")
    page.click("button:has-text('Enregistrer')")
    fautes += _sans_script(lecteur, page, "erreur")
    page.goto(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/modifier/identite/")
    Action.objects.get(pk=fiche.pk).archiver()
    page.click("button:has-text('Enregistrer')")
    fautes += _sans_script(lecteur, page, "refus")
    Action.objects.get(pk=fiche.pk).desarchiver()
    page.goto(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/modifier/identite/")
    autre = Action.objects.get(pk=fiche.pk)
    autre.avancement = 77
    autre.save()
    page.fill("[name=avancement]", "66")
    page.click("button:has-text('Enregistrer')")
    fautes += _sans_script(lecteur, page, "conflit")
    page.context.clear_cookies()
    page.click("button:has-text('Enregistrer')")
    assert "Votre session a expiré" in page.content() or "Interdit" in page.content()
    fautes += _sans_script(lecteur, page, "session expirée")
    assert fautes == [], "\n".join(fautes)


def _sans_script(lecteur, page, nom):
    """Run axe on the HTML that a browser without JavaScript shows, in one that has it."""
    lecteur.route("**/essai-axe/", lambda route: route.fulfill(body=page.content(), content_type="text/html"))
    lecteur.goto("/essai-axe/")
    fautes = fautes_de(lecteur, nom)
    lecteur.unroute("**/essai-axe/")
    return fautes


def test_the_administration_has_the_rich_editor_and_breaks_no_rule(ouvrir):
    fiche = Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=1)
    page, fautes = ouvrir("admin"), []
    page.on("pageerror", lambda e: fautes.append(str(e)))
    page.on("console", lambda m: fautes.append(m.text) if m.type == "error" else None)
    for adresse in ADMINISTRATION[:2]:
        page.goto(adresse)
    page.goto(f"/admin/actions/action/{fiche.pk}/change/")
    zone = page.locator(".field-constats .ProseMirror[contenteditable]")
    zone.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Écrit dans l’administration.")
    page.click("[name=_continue]")
    expect(page.locator(".success")).to_be_visible()
    fiche.refresh_from_db()
    assert fiche.constats == "<p>Écrit dans l’administration.</p>"
    assert fautes == []


def test_an_expired_session_leaves_the_open_form_as_it_is(ouvrir):
    fiche = Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=1)
    page = ouvrir("agent")
    page.goto(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/")
    page.click("#enjeux a.bouton")
    page.fill("#enjeux [name=public_vise]", "Saisi pendant une heure")
    session = next(c for c in page.context.cookies() if c["name"] == "sessionid")
    page.context.clear_cookies(name="sessionid")
    page.click("#enjeux button:has-text('Enregistrer')")
    expect(page.locator("#enjeux [role=alert]")).to_contain_text("Votre session a expiré")
    expect(page.locator("#enjeux [name=public_vise]")).to_have_value("Saisi pendant une heure")
    # Signing in from another tab gives the browser a new session and a new guard.
    page.context.add_cookies([session])
    onglet = page.context.new_page()
    onglet.goto("/val-d-argent/2026-2030/plan/")
    page.click("#enjeux button:has-text('Enregistrer')")
    expect(page.locator("#enjeux")).to_contain_text("c’est enregistré")
    fiche.refresh_from_db()
    assert fiche.public_vise == "Saisi pendant une heure"


def test_a_cut_connection_leaves_the_open_form_as_it_is(ouvrir):
    fiche = Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=1)
    page = ouvrir("agent")
    page.goto(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/")
    page.click("#enjeux a.bouton")
    page.fill("#enjeux [name=public_vise]", "Saisi dans le train")
    page.context.set_offline(True)
    page.click("#enjeux button:has-text('Enregistrer')")
    expect(page.locator("#enjeux [role=alert]")).to_contain_text("La connexion est interrompue")
    page.context.set_offline(False)
    page.click("#enjeux button:has-text('Enregistrer')")
    expect(page.locator("#enjeux")).to_contain_text("c’est enregistré")


def test_a_section_is_edited_in_place_with_the_rich_editor(ouvrir):
    fiche = Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=1)
    page = ouvrir("agent")
    fautes = []
    page.on("pageerror", lambda e: fautes.append(str(e)))
    page.on("console", lambda m: fautes.append(m.text) if m.type == "error" else None)
    page.goto(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/")
    page.click("#enjeux a.bouton")
    zone = page.locator("#enjeux .ProseMirror[contenteditable]").first
    expect(zone).to_be_visible()
    expect(page.locator("#enjeux .prose-menubar").first.locator("[data-name=bold]")).to_have_attribute("title", "Gras")
    noms = page.locator("#enjeux .prose-menubar").first.locator("button[title]")
    assert not set(noms.evaluate_all("boutons => boutons.map(b => b.title)")) & {"bold", "undo", "insert link"}
    expect(page.get_by_role("textbox", name="Constats et enjeux")).to_be_visible()
    zone.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Écrit dans le navigateur.")
    page.click("#enjeux button:has-text('Enregistrer')")
    expect(page.locator("#enjeux")).to_contain_text("c’est enregistré")
    expect(page.locator("#enjeux")).to_contain_text("Écrit dans le navigateur.")
    assert page.url.endswith(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/")
    fiche.refresh_from_db()
    assert fiche.constats == "<p>Écrit dans le navigateur.</p>"
    page.click("#calendrier a.bouton")
    page.click("#calendrier [data-ajouter]")
    derniere = page.locator("#calendrier .ligne").last
    derniere.locator("input[type=text]").fill("Jalon ajouté")
    derniere.locator("input[type=date]").fill("2027-06-01")
    page.click("#calendrier button:has-text('Enregistrer')")
    expect(page.locator("#calendrier")).to_contain_text("Jalon ajouté")
    page.click("#identite a.bouton")
    page.fill("#identite [name=avancement]", "140")
    page.click("#identite button:has-text('Enregistrer')")
    expect(page.locator("#identite .erreur")).to_contain_text("de 0 à 100")
    expect(page.locator("#identite [name=avancement]")).to_have_value("140")
    assert fautes == []


def test_a_new_row_has_its_editor(ouvrir):
    page = ouvrir("agent")
    page.goto("/val-d-argent/2026-2030/convention/modifier/articles/")
    page.click("[data-ajouter]")
    derniere = page.locator(".ligne").last
    derniere.locator("input[name$=titre]").fill("Article ajouté")
    derniere.locator(".ProseMirror[contenteditable]").click()
    page.keyboard.type("Son texte.")
    page.click("button:has-text('Enregistrer')")
    page.wait_for_url("**/convention/#articles")
    article = Convention.objects.get(cle="2026-2030").articles.last()
    assert (article.titre, article.texte) == ("Article ajouté", "<p>Son texte.</p>")


def test_the_same_without_javascript(ouvrir):
    fiche = Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=2)
    page = ouvrir("agent", largeur=390, javascript=False)
    page.goto(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/")
    page.click("#enjeux a.bouton")
    page.fill("[name=description]", "Première ligne\nSeconde ligne")
    page.click("button:has-text('Enregistrer')")
    page.wait_for_url(f"**/plan/fiches/{fiche.pk}/*")
    fiche.refresh_from_db()
    assert fiche.description == "<p>Première ligne</p><p>Seconde ligne</p>"
    page.goto("/val-d-argent/2026-2030/plan/")
    page.click(f"#fiche-{fiche.pk} [aria-label^=Monter]")
    fiche.refresh_from_db()
    assert fiche.numero_affiche == "2.1"
    page.goto("/val-d-argent/2026-2030/plan/")
    page.select_option("#id_statut", "bloquee")
    page.click("#filtres button:has-text('Filtrer')")
    assert page.locator(".ligne-fiche").count() == 1


def test_filters_work_in_place(ouvrir):
    page = ouvrir("caf")
    page.select_option("#id_statut", "en_pause")
    expect(page.locator(".ligne-fiche")).to_have_count(1)
    assert "statut=en_pause" in page.url


@pytest.mark.usefixtures("imprimerie_neuve")
def test_printing_shows_progress_then_the_file(ouvrir):
    page, recus = ouvrir("agent"), []

    def garder_le_pdf(route):
        """Keep the file from Chromium's own viewer, which holds a headless page for good."""
        reponse = route.fetch()
        if reponse.headers["content-type"] != "application/pdf":
            return route.fulfill(response=reponse)
        recus.append(reponse.body())
        return route.fulfill(body="<title>PDF</title>", content_type="text/html")

    page.route("**/plan/plan.pdf", garder_le_pdf)
    page.click("text=Imprimer le plan (PDF)")
    expect(page.locator("h1")).to_have_text("Mise en page en cours")
    expect(page.locator("#progres")).to_be_visible()
    expect(page).to_have_title("PDF", timeout=60_000)
    assert recus[-1].startswith(b"%PDF-1.7")


def test_what_is_typed_beside_a_saved_section_is_not_forgotten(ouvrir):
    """B4: two sections open, one saved, then a menu click: the other's text was lost without a warning."""
    fiche = Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=1)
    page, questions = ouvrir("agent"), []
    page.on("dialog", lambda d: (questions.append(d.type), d.dismiss()))
    page.goto(f"{CTG}/plan/fiches/{fiche.pk}/")
    page.click("#enjeux a.bouton")
    page.fill("#enjeux [name=public_vise]", "Écrit et pas encore enregistré")
    page.click("#identite a.bouton")
    page.fill("#identite [name=avancement]", "61")
    page.click("#identite button:has-text('Enregistrer')")
    expect(page.locator("#identite")).to_contain_text("c’est enregistré")
    page.click("text=Pilotage")
    page.wait_for_timeout(500)
    assert questions == ["beforeunload"]
    expect(page.locator("#enjeux [name=public_vise]")).to_have_value("Écrit et pas encore enregistré")
    # Adding a note leaves the page: the open section is asked about first.
    page.fill("#note_texte", "Une note")
    page.click("text=Ajouter une note de suivi")
    page.wait_for_timeout(500)
    assert questions[1] == "confirm"
    expect(page.locator("#enjeux [name=public_vise]")).to_have_value("Écrit et pas encore enregistré")


def test_a_convention_is_signed_by_its_six_parties_and_stays_as_it_was_signed(ouvrir, tmp_path):
    """To signature, six signatures, in force; its Version prints byte-identical after the plan has moved on."""
    page = ouvrir("agent")
    page.goto(f"{CTG}/signatures/")
    page.click("text=Figer et mettre en signature")
    expect(page.locator("#messages")).to_contain_text("figés et scellés", timeout=90_000)
    version = page.request.get(f"{CTG}/signatures/version-1.pdf").body()
    assert version.startswith(b"%PDF")
    page.goto(f"{CTG}/plan/")
    expect(page.locator("main")).to_contain_text("La convention est en signature depuis le")
    for rang in range(6):
        page.goto(f"{CTG}/signatures/")
        page.click("text=Noter la signature >> nth=0")
        page.fill("[name=le]", str(timezone.localdate()))
        page.fill("[name=lieu]", "Sainte-Croix-aux-Mines")
        if rang == 5:
            expect(page.locator("[name=effet_le]")).to_be_visible()
            page.fill("[name=effet_le]", str(timezone.localdate()))
        page.click("main button:has-text('Noter la signature')")
        expect(page.locator("#messages")).to_contain_text("la signature est notée")
    expect(page.locator("h1")).to_contain_text("En vigueur")
    fiche = Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=1)
    page.goto(f"{CTG}/plan/fiches/{fiche.pk}/modifier/identite/")
    page.fill("[name=titre]", "Le plan avance après la signature")
    page.click("button:has-text('Enregistrer')")
    expect(page.locator("h1")).to_contain_text("Le plan avance après la signature")
    assert page.request.get(f"{CTG}/signatures/version-1.pdf").body() == version
    fichier = tmp_path / "version.pdf"
    fichier.write_bytes(version)
    inconnu = ouvrir()
    inconnu.goto("/verifier/")
    inconnu.set_input_files("[name=fichier]", fichier)
    inconnu.click("main button")
    expect(inconnu.locator("main")).to_contain_text("à l’octet près")


def test_a_council_is_renewed_in_the_browser(ouvrir):
    conseil = Instance.objects.get(nom="Conseil municipal de Sainte-Marie-aux-Mines")
    page = ouvrir("secretaire")
    page.goto(f"{VAL}/pilotage/instances/{conseil.pk}/")
    page.click("text=Renouvellement")
    page.fill("[name=le]", "2026-03-28")
    page.fill("[name=serie]", "2026-2032")
    page.fill("[name=membres]", "\n".join(f"Mme Exemple {n}" for n in range(1, 30)))
    page.click("text=Voir ce qui va changer")
    expect(page.locator("main")).to_contain_text("29 mandats commencent ce jour-là")
    assert fautes_de(page, "aperçu du renouvellement") == []
    page.click("text=Renouveler le conseil")
    expect(page.locator("#messages")).to_contain_text("29 commencent")
    expect(page.locator("#nommes")).to_be_visible()
    assert fautes_de(page, "renouvellement") == []


def test_a_town_hall_gives_its_act_back_by_the_link_in_a_few_clicks(ouvrir, tmp_path, settings):
    """From the e-mail to the sealed file, without an account: three screens, and the clicks are counted."""
    settings.EMAIL_BACKEND, settings.COURRIELS_AUSSITOT = "ctg.courriels.File", False
    conseil = Instance.objects.get(nom="Conseil municipal de Lièpvre")
    agent = ouvrir("agent")
    agent.goto(f"{CTG}/convention/")
    agent.click("text=Actes des conseils")
    agent.click(f"[aria-label='Envoyer le lien : {conseil}']")
    agent.fill("[name=destinataire]", "mairie@liepvre.example")
    agent.click("main button:has-text('Envoyer le lien')")
    expect(agent.locator("#messages")).to_contain_text("Le lien part à mairie@liepvre.example")
    adresse = next(mot for mot in Courriel.objects.get().texte.split() if "/actes/rendre/" in mot)
    mairie, clics = ouvrir(largeur=390), 0
    mairie.goto(adresse)
    with mairie.expect_download() as telechargement:
        mairie.click("text=modèle de délibération (DOCX)")
        clics += 1
    assert telechargement.value.suggested_filename == "modele-de-deliberation-conseil-municipal-de-liepvre.docx"
    mairie.click("text=Rendre la délibération votée")
    clics += 1
    fichier = tmp_path / "acte-tamponne.pdf"
    fichier.write_bytes(pdf())
    mairie.fill("[name=numero]", "2026-12")
    mairie.fill("[name=date]", "2026-03-05")
    mairie.select_option("[name=issue]", "unanimite")
    mairie.set_input_files("[name=fichier]", fichier)
    mairie.click("main button:has-text('Rendre la délibération')")
    clics += 1
    expect(mairie.locator("h1")).to_contain_text("Merci")
    assert clics <= 4
    agent.goto(f"{CTG}/convention/actes/")
    agent.click("text=Délibération n° 2026-12")
    agent.click("text=Confirmer : délibération adoptée à l’unanimité")
    expect(agent.locator("#messages")).to_contain_text("compte désormais comme le vote de ce conseil")
    recu = agent.request.get(f"{VAL}/actes/{Deliberation.objects.get(numero='2026-12').pk}/recue.pdf").body()
    assert recu == fichier.read_bytes()
    # Dropped on the public page, the file is known again.
    mairie.goto("/verifier/")
    mairie.set_input_files("[name=fichier]", fichier)
    mairie.click("main button")
    expect(mairie.locator("main")).to_contain_text("à l’octet près")
