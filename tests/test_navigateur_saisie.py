"""What an agent types in a real Chromium: kept until it is saved, pasted from Word as it was, moved by the keyboard."""

# ruff: noqa: F811 - fixtures of the other browser tests
import pytest
from playwright.sync_api import expect

from actions.models import Action, Convention
from tests.conftest import CTG
from tests.test_navigateur import chromium, hors_boucle, ouvrir, serveur  # noqa: F401

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.papier]


@pytest.fixture
def fiche(transactional_db):
    return Action.objects.get(convention__cle="2026-2030", axe__ordre=2, ordre=1)


@pytest.fixture
def la_fiche(fiche):
    return f"{CTG}/plan/fiches/{fiche.pk}/"


def perdre(page, ou):
    """Leave a page with what was typed in it, as a browser that closes does: nobody answers its question."""
    page.wait_for_timeout(600)
    page.once("dialog", lambda d: d.accept())
    page.goto(ou)


def taper(page, la_fiche):
    page.goto(la_fiche)
    page.click("#enjeux a.bouton")
    page.fill("#enjeux [name=public_vise]", "Les familles de la vallée")
    page.locator("#enjeux .ProseMirror[contenteditable]").first.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Tapé et perdu.")


def test_what_was_typed_and_left_is_offered_again(ouvrir, fiche, la_fiche):
    page = ouvrir("agent")
    taper(page, la_fiche)
    perdre(page, f"{CTG}/plan/")
    page.goto(la_fiche)
    expect(page.locator("#enjeux .saisie-en-attente")).to_have_text("saisie à reprendre")
    page.click("#enjeux a.bouton")
    expect(page.locator("#enjeux .saisie-gardee")).to_contain_text("n’a pas été enregistrée")
    expect(page.locator("#enjeux [name=public_vise]")).to_have_value(fiche.public_vise)
    page.click("text=La reprendre")
    expect(page.locator("#enjeux [name=public_vise]")).to_have_value("Les familles de la vallée")
    expect(page.locator("#enjeux .ProseMirror[contenteditable]").first).to_have_text("Tapé et perdu.")
    page.click("#enjeux button:has-text('Enregistrer')")
    expect(page.locator("#enjeux")).to_contain_text("c’est enregistré")
    fiche.refresh_from_db()
    assert (fiche.public_vise, fiche.constats) == ("Les familles de la vallée", "<p>Tapé et perdu.</p>")
    page.goto(la_fiche)
    expect(page.locator(".saisie-en-attente")).to_have_count(0)  # saved: nothing waits any more


def test_what_a_colleague_saved_meanwhile_is_not_written_over(ouvrir, fiche, la_fiche):
    page = ouvrir("agent")
    taper(page, la_fiche)
    perdre(page, f"{CTG}/plan/")
    fiche.public_vise = "Écrit par une collègue"
    fiche.save(update_fields=["public_vise"])
    page.goto(la_fiche)
    page.click("#enjeux a.bouton")
    page.click("text=La reprendre")
    page.click("#enjeux button:has-text('Enregistrer')")
    expect(page.locator("#enjeux .conflits")).to_contain_text("Écrit par une collègue")


def test_what_was_refused_then_saved_waits_no_more(ouvrir, la_fiche):
    page = ouvrir("agent")
    page.goto(la_fiche)
    page.click("#identite a.bouton")
    for avancement in ("150", "20"):
        page.fill("#identite [name=avancement]", avancement)
        page.wait_for_timeout(600)  # it is kept
        page.click("#identite button:has-text('Enregistrer')")
        expect(page.locator("#identite .alerte").first).to_be_visible()
    expect(page.locator("#identite")).to_contain_text("c’est enregistré")
    expect(page.locator(".saisie-en-attente")).to_have_count(0)


@pytest.mark.parametrize("largeur", [390, 1280])
def test_a_title_of_one_long_word_widens_no_page(ouvrir, fiche, la_fiche, largeur):
    Action.objects.filter(pk=fiche.pk).update(titre="Anticonstitutionnellement" * 8)
    page = ouvrir("agent", largeur)
    for adresse in (f"{CTG}/plan/", la_fiche, f"{CTG}/", f"{CTG}/fiches/{fiche.pk}/"):
        page.goto(adresse)
        assert page.evaluate("document.documentElement.scrollWidth") == largeur, adresse


def test_it_is_forgotten_on_request_and_on_cancel(ouvrir, fiche, la_fiche):
    page, questions = ouvrir("agent"), []
    taper(page, la_fiche)
    perdre(page, la_fiche)
    page.click("#enjeux a.bouton")
    page.click("text=L’oublier")
    expect(page.locator(".saisie-gardee")).to_have_count(0)
    page.fill("#enjeux [name=public_vise]", "Autre chose")
    page.once("dialog", lambda d: (questions.append(d.message), d.dismiss()))
    page.click("#enjeux >> text=Annuler")
    expect(page.locator("#enjeux [name=public_vise]")).to_have_value("Autre chose")  # one stays
    page.once("dialog", lambda d: (questions.append(d.message), d.accept()))
    page.click("#enjeux >> text=Annuler")
    expect(page.locator("#enjeux [name=public_vise]")).to_have_count(0)
    assert questions == ["Ce que vous avez tapé dans cette partie n’est pas enregistré. L’abandonner ?"] * 2
    page.goto(la_fiche)
    expect(page.locator(".saisie-en-attente")).to_have_count(0)


def test_rows_that_were_added_come_back_on_a_page_of_their_own(ouvrir):
    page = ouvrir("agent")
    ou = f"{CTG}/convention/modifier/articles/"
    page.goto(ou)
    page.click("[data-ajouter]")
    derniere = page.locator(".ligne").last
    derniere.locator("input[name$=titre]").fill("Article perdu")
    derniere.locator(".ProseMirror[contenteditable]").click()
    page.keyboard.type("Son texte.")
    perdre(page, f"{CTG}/plan/")
    page.goto(ou)
    page.click("text=La reprendre")
    expect(page.locator(".ligne").last.locator("input[name$=titre]")).to_have_value("Article perdu")
    expect(page.locator(".ligne").last.locator(".ProseMirror[contenteditable]")).to_have_text("Son texte.")
    page.click("button:has-text('Enregistrer')")
    page.wait_for_url("**/convention/#articles")
    article = Convention.objects.get(cle="2026-2030").articles.last()
    assert (article.titre, article.texte) == ("Article perdu", "<p>Son texte.</p>")
    page.goto(ou)
    expect(page.locator(".saisie-gardee")).to_have_count(0)


def test_signing_out_leaves_nothing_to_who_comes_next(ouvrir, la_fiche):
    page = ouvrir("agent")
    taper(page, la_fiche)
    perdre(page, f"{CTG}/plan/")
    gardees = "Object.keys(sessionStorage).filter(cle => cle.startsWith('ctg:saisie'))"
    assert len(page.evaluate(gardees)) == 1
    page.click(".menu-compte summary")
    page.click("text=Se déconnecter")
    page.wait_for_url("**/")
    assert page.evaluate(gardees) == []


def test_who_is_asked_at_sign_out_and_stays_loses_nothing(ouvrir, la_fiche):
    page, reponses = ouvrir("agent"), ["dismiss", "accept"]
    taper(page, la_fiche)
    page.wait_for_timeout(600)
    page.on("dialog", lambda d: getattr(d, reponses.pop(0))())
    page.click(".menu-compte summary")
    page.click("text=Se déconnecter", no_wait_after=True)
    page.wait_for_timeout(400)
    gardees = "Object.keys(sessionStorage).filter(cle => cle.startsWith('ctg:saisie'))"
    assert len(page.evaluate(gardees)) == 1
    page.click("text=Tableau de bord >> nth=0")
    page.wait_for_url("**/tableau-de-bord/")
    assert reponses == [] and len(page.evaluate(gardees)) == 1


def test_another_section_that_opens_forgets_nothing_of_the_first(ouvrir, la_fiche):
    page = ouvrir("agent")
    taper(page, la_fiche)
    page.wait_for_timeout(600)
    gardee = "Object.entries(sessionStorage).find(([cle]) => cle.includes('/enjeux/'))?.[1]"
    avant = page.evaluate(gardee)
    page.click("#financements >> text=Modifier")
    expect(page.locator("#financements .bouton:has-text('Enregistrer')")).to_be_visible()
    assert avant and page.evaluate(gardee) == avant
    page.click("button:has-text('Ajouter un financement')")
    expect(page.locator("#financements tr.ligne").last.locator("select").first).to_be_focused()
    # All that a line of money asks is in sight.
    boite = page.locator("#financements form").bounding_box()
    for champ in page.locator("#financements tr.ligne").last.locator("input:not([type=hidden]), select").all():
        sienne = champ.bounding_box()
        assert sienne["x"] + sienne["width"] <= boite["x"] + boite["width"]


def test_going_back_shows_the_filters_the_counters_and_the_list_of_one_moment(ouvrir):
    page = ouvrir("agent")
    page.goto(f"{CTG}/plan/")
    page.select_option("#id_axe", index=2)
    page.wait_for_url("**axe=*")
    filtrees = page.locator(".ligne-fiche").count()
    page.select_option("#id_statut", "en_cours")
    page.wait_for_url("**statut=en_cours*")
    courant = page.locator(".compteurs [aria-current]")
    expect(courant).to_contain_text("en cours")
    assert "axe=" in courant.get_attribute("href")
    assert int(courant.locator("strong").inner_text()) == page.locator(".ligne-fiche").count()
    page.go_back()
    expect(page.locator("#id_statut")).to_have_value("")
    assert page.locator("#id_axe").input_value()
    expect(page.locator(".ligne-fiche")).to_have_count(filtrees)
    # The same address is not gone to twice.
    avant = page.evaluate("history.length")
    page.click("#filtres button:has-text('Filtrer')")
    page.wait_for_timeout(800)
    assert page.evaluate("history.length") == avant


def test_what_is_being_typed_at_sign_out_is_left_to_nobody(ouvrir, la_fiche):
    page = ouvrir("agent")
    taper(page, la_fiche)
    page.wait_for_timeout(600)
    page.on("dialog", lambda d: d.accept())
    page.click(".menu-compte summary")
    page.click("text=Se déconnecter")
    page.wait_for_url("**/")
    assert page.evaluate("Object.keys(sessionStorage).filter(cle => cle.startsWith('ctg:saisie'))") == []


def test_a_refused_page_keeps_what_was_typed_and_asks(ouvrir, la_fiche):
    page, questions = ouvrir("agent"), []
    page.goto(la_fiche)
    page.fill("#note_texte", "Une note refusée")
    page.fill("#note_date", "")
    page.click("text=Ajouter une note de suivi")
    expect(page.locator("#note_texte")).to_have_value("Une note refusée")
    page.on("dialog", lambda d: (questions.append(d.type), d.dismiss()))
    page.click("text=Pilotage >> nth=0")
    page.wait_for_timeout(500)
    assert questions == ["beforeunload"]


def test_a_first_letter_does_not_write_over_what_is_offered(ouvrir, la_fiche):
    page = ouvrir("agent")
    taper(page, la_fiche)
    perdre(page, la_fiche)
    page.click("#enjeux a.bouton")
    page.fill("#enjeux [name=public_vise]", "X")
    perdre(page, la_fiche)
    page.click("#enjeux a.bouton")
    page.click("text=La reprendre")
    expect(page.locator("#enjeux [name=public_vise]")).to_have_value("Les familles de la vallée")


def test_a_cancel_that_fails_abandons_nothing(ouvrir, la_fiche):
    page = ouvrir("agent")
    taper(page, la_fiche)
    page.wait_for_timeout(600)
    page.on("dialog", lambda d: d.accept())
    page.route("**/modifier/enjeux/?annuler", lambda route: route.abort())
    page.click("#enjeux >> text=Annuler")
    expect(page.locator("#enjeux .alerte-envoi")).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage).some(cle => cle.endsWith('/modifier/enjeux/'))")


def test_two_clicks_write_one_note(ouvrir, fiche, la_fiche):
    page = ouvrir("agent")
    page.goto(la_fiche)
    page.fill("#note_texte", "Une seule fois")
    page.dblclick("text=Ajouter une note de suivi")
    expect(page.locator("#suivi")).to_contain_text("Une seule fois")
    assert fiche.notes.filter(texte="Une seule fois").count() == 1


def test_a_fiche_is_moved_by_the_keyboard_alone(ouvrir, fiche):
    page = ouvrir("agent")
    fleche = page.locator(f"#descendre-{fiche.pk}")
    fleche.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("rang 2 sur 3 dans son axe")
    expect(page.locator(f"#descendre-{fiche.pk}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("rang 3 sur 3 dans son axe")
    expect(page.locator(f"#monter-{fiche.pk}")).to_be_focused()  # at the edge, the arrow that still leads somewhere
    fiche.refresh_from_db()
    assert fiche.ordre == 3


DE_WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->
<p class=MsoNormal>Avant</p>
<p class=MsoListParagraphCxSpFirst style='margin-left:36.0pt;mso-add-space:auto;text-indent:-18.0pt;mso-list:l0 level1 lfo1'>
<![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span></span><![endif]>Premier<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o<span>&nbsp;</span></span>Dedans</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Second</p>
<p class=MsoNormal>Entre</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.<span>&nbsp;</span></span>Un <b>gras</b></p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>2.</span>Deux</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Une puce</p>
<p class=MsoListParagraph style='mso-list:l3 level1 lfo4'><span style='mso-list:Ignore'>·</span>D’une autre liste</p>
<p class=MsoListParagraph style='mso-list:l3 level2 lfo4'><span style='mso-list:Ignore'>a)</span>Dessous</p>
<!--EndFragment--></body></html>"""


def test_a_text_pasted_from_word_keeps_its_lists(ouvrir, fiche, la_fiche):
    page = ouvrir("agent")
    page.goto(la_fiche)
    page.click("#enjeux a.bouton")
    zone = page.locator("#enjeux .ProseMirror[contenteditable]").first
    zone.click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    zone.evaluate(
        """(zone, html) => {
          const donnees = new DataTransfer();
          donnees.setData("text/html", html);
          zone.dispatchEvent(new ClipboardEvent("paste", { clipboardData: donnees, bubbles: true, cancelable: true }));
        }""",
        DE_WORD,
    )
    page.click("#enjeux button:has-text('Enregistrer')")
    expect(page.locator("#enjeux")).to_contain_text("c’est enregistré")
    fiche.refresh_from_db()
    assert fiche.constats == (
        "<p>Avant</p><ul><li><p>Premier</p><ul><li><p>Dedans</p></li></ul></li><li><p>Second</p></li></ul>"
        "<p>Entre</p><ol><li><p>Un <strong>gras</strong></p></li><li><p>Deux</p></li></ol>"
        "<ul><li><p>Une puce</p></li></ul>"
        "<ul><li><p>D’une autre liste</p><ol><li><p>Dessous</p></li></ol></li></ul>"
    )


def test_a_missing_partner_is_written_from_inside_the_list(ouvrir, fiche, la_fiche):
    page = ouvrir("agent")
    page.goto(la_fiche)
    page.click("#pilotage a.bouton")
    page.click("#pilotage [data-ajouter]")
    liste = page.locator("#pilotage select[name$=partenaire]").last
    liste.select_option("+")
    dialogue, questions = page.locator("dialog[open]"), []
    page.on("dialog", lambda d: (questions.append(d.message), d.dismiss()))
    dialogue.locator("[name=nom]").fill("caisse d'allocations familiales du haut-rhin")
    dialogue.locator("[name=nature]").select_option("caf")
    dialogue.locator("button:has-text('Enregistrer')").click()
    # The common one is offered first: nobody writes it twice.
    expect(dialogue).to_contain_text("commun à tous les territoires")
    dialogue.locator("button:has-text('Prendre')").click()
    expect(dialogue).to_have_count(0)
    expect(liste.locator("option:checked")).to_have_text("Caisse d’allocations familiales du Haut-Rhin")
    liste.select_option("+")
    dialogue.locator("[name=nom]").fill("Les Amis de la vallée")
    dialogue.locator("[name=nature]").select_option("association")
    dialogue.locator("button:has-text('Enregistrer')").click()
    expect(dialogue).to_have_count(0)
    expect(liste.locator("option:checked")).to_have_text("Les Amis de la vallée")
    expect(liste).to_be_focused()
    page.click("#pilotage button:has-text('Enregistrer')")
    expect(page.locator("#pilotage")).to_contain_text("c’est enregistré")
    assert questions == []  # nothing was left on the way
    assert fiche.participations.filter(partenaire__nom="Les Amis de la vallée").exists()
