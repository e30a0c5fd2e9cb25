"""The first day, and the last: an empty base becomes a public plan by the pages alone; a convention becomes the next one."""

# ruff: noqa: F811 - fixtures of the other browser tests
import re

import pytest
from playwright.sync_api import expect

from actions.models import Action, Convention, Fonction
from ctg.models import Courriel, User
from tests.conftest import VAL
from tests.fabriques import vider_la_base
from tests.test_navigateur import chromium, hors_boucle, ouvrir, serveur  # noqa: F401

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.papier]
MOT = "un-mot-de-passe-bien-long"
LISTE = """Communauté de communes du Pays neuf\tCCPN\tIntercommunalité
Commune de Neuville\t\tCommune
Caisse d’allocations familiales du Pays\tCAF\tCaisse d’allocations familiales"""


def a_faire(page, quoi):
    """Go from « À faire » to the ordinary page of a line."""
    page.goto("/pays-neuf/gestion/")
    page.click(f"ol.taches a:has-text('{quoi}')")


def enregistrer(page, bouton="Enregistrer"):
    page.click(f"main form.formulaire button:has-text('{bouton}')")
    expect(page.locator("#messages .alerte-success")).to_be_visible()


def test_from_an_empty_base_to_a_public_plan_with_two_colleagues(ouvrir, settings):
    settings.COURRIELS_AUSSITOT = False  # what waits in the queue still holds its text
    vider_la_base()
    User.objects.create_superuser("premiere@essai.example", MOT)  # the one command of the README
    page = ouvrir()
    page.goto("/comptes/login/")
    page.fill("#id_login", "premiere@essai.example")
    page.fill("#id_password", MOT)
    page.click("main button")
    page.wait_for_url("**/territoires/nouveau/")
    page.fill("[name=nom]", "Pays neuf")
    page.fill("[name=slug]", "pays-neuf")
    enregistrer(page)
    page.wait_for_url("**/pays-neuf/gestion/")

    a_faire(page, "Dire son département")
    page.fill("[name=departement]", "Haut-Rhin")
    enregistrer(page)
    a_faire(page, "Enregistrer l’intercommunalité")
    page.fill("[name=liste]", LISTE)
    page.click("text=Lire la liste")
    enregistrer(page, "Enregistrer ces 3 partenaires")
    a_faire(page, "Ouvrir la première convention")
    page.fill("[name=debut]", "2027")
    page.fill("[name=fin]", "2031")
    page.select_option("[name=porteur]", label="Communauté de communes du Pays neuf")
    enregistrer(page, "Ouvrir le projet")
    a_faire(page, "Nommer les parties")
    parties = ["Communauté de communes du Pays neuf", "Commune de Neuville", "Caisse d’allocations familiales du Pays"]
    for rang, nom in enumerate(parties):
        if rang:
            page.click("[data-ajouter]")
        page.locator(".ligne").last.locator("select[name$=partenaire]").select_option(label=nom)
    enregistrer(page)
    a_faire(page, "Écrire ses axes")
    page.locator("[name$='-0-titre']").fill("Accueillir les enfants")
    enregistrer(page)

    for adresse_ in ("ana@essai.example", "luc@essai.example"):
        page.goto("/pays-neuf/gestion/")
        page.click("text=Communauté de communes du Pays neuf >> xpath=.. >> text=équipe")
        page.click("text=Inviter une personne")
        page.fill("[name=destinataire]", adresse_)
        page.select_option("[name=nature]", "agent")
        page.click("main form.formulaire button")
        expect(page.locator("main")).to_contain_text(adresse_)
    liens = [
        re.search(r"https?://\S+(/pays-neuf/invitations/\S+)", c.texte)[1] for c in Courriel.objects.order_by("pk")
    ]
    assert len(liens) == 2
    ana, luc = (accepter(ouvrir(), lien) for lien in liens)
    assert Fonction.objects.en_cours().filter(nature="agent", partenaire__sigle="CCPN").count() == 2

    base = "/pays-neuf/2027-2031"
    ana.goto(f"{base}/plan/")
    ana.click("text=Nouvelle fiche")
    ana.fill("[name=titre]", "Ouvrir dix places d’accueil")
    ana.select_option("[name=axe]", index=1)
    ana.click("text=Créer la fiche")
    expect(ana.locator("h1")).to_contain_text("1.1 Ouvrir dix places d’accueil")
    ana.click("#identite a.bouton")
    ana.check("#identite [name=publiee]")
    ana.click("#identite button:has-text('Enregistrer')")
    expect(ana.locator("#identite .erreur")).to_contain_text("trois phrases")  # inhabitants are told in plain words
    ana.fill("#identite [name=en_clair]", "Dix enfants de plus seront accueillis à Neuville.")
    ana.click("#identite button:has-text('Enregistrer')")
    expect(ana.locator("#identite")).to_contain_text("c’est enregistré")

    luc.goto("/pays-neuf/gestion/mentions/")
    luc.fill("[name=directeur]", "La présidente de la communauté de communes")
    luc.fill("[name=contact_courriel]", "contact@pays-neuf.example")
    luc.fill("[name=hebergeur]", "Un hébergeur, 1 rue du Serveur, 67000 Strasbourg, 03 88 00 00 00")
    enregistrer(luc)
    a_faire(luc, "Publier la convention")
    luc.check("[name=publiee]")
    enregistrer(luc)
    luc.goto("/pays-neuf/gestion/")
    expect(luc.locator("ol.taches")).to_have_count(0)  # nothing is left to do

    habitant = ouvrir(largeur=390)
    habitant.goto("/pays-neuf/")
    expect(habitant.locator("main")).to_contain_text("1 action, classée en 1 axe")
    habitant.click("text=Ouvrir dix places d’accueil")
    expect(habitant.locator(".chapeau")).to_have_text("Dix enfants de plus seront accueillis à Neuville.")


def accepter(page, lien):
    """Open an account from the link of an invitation, as its e-mail says."""
    page.goto(lien)
    for champ in page.locator("main [type=password]").all():
        champ.fill(MOT)
    page.fill("[name=first_name]", "Une")
    page.fill("[name=last_name]", "Collègue")
    page.click("text=Ouvrir mon compte")
    page.wait_for_url(lambda url: "/invitations/" not in url)
    return page


def test_the_next_convention_is_made_from_the_current_one(ouvrir):
    page = ouvrir("agent")
    page.goto(f"{VAL}/gestion/")
    page.click("text=Préparer la suivante")
    page.fill("[name=debut]", "2041")
    page.fill("[name=fin]", "2045")
    arretee = page.locator(".cases label:has-text('4.3 ')")
    arretee.uncheck()
    page.click("text=Ouvrir le projet")
    expect(page.locator("#messages")).to_contain_text("Le projet 2041-2045 est ouvert")
    page.goto(f"{VAL}/2041-2045/plan/")
    expect(page.locator(".ligne-fiche")).to_have_count(11)
    suivante = Convention.objects.get(cle="2041-2045")
    assert suivante.articles.count() == suivante.precedente.articles.count() > 0
    assert not suivante.fiches.filter(origine__titre__contains="intégration de la jeunesse").exists()
    Action.objects.create(axe=suivante.axes.first(), titre="Une action neuve")
    page.goto(f"{VAL}/2041-2045/plan/")
    page.click("text=Comparer à 2026-2030")
    expect(page.locator("main")).to_contain_text("11 poursuivies, 1 nouvelle, 1 non reprise")
    page.goto(f"{VAL}/2041-2045/plan/")
    page.click("text=Reprendre de 2026-2030")
    expect(page.locator(".cases ul label")).to_have_count(1)
    page.locator(".cases ul label").check()
    page.click("main button:has-text('Reprendre')")
    expect(page.locator(".ligne-fiche")).to_have_count(13)
