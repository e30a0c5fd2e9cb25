"""A year in a real Chromium: its figures by the keyboard alone, and the campaign of its account, from opening to complement."""

# ruff: noqa: F811 - fixtures of the other browser tests
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import models
from django.utils import timezone
from playwright.sync_api import expect

from actions.models import Action, Convention, Financement, LienDeSaisie, Mesure
from ctg import scelles
from ctg.models import Courriel
from pilotage.models import Bilan
from tests.conftest import CTG
from tests.test_navigateur import chromium, hors_boucle, ouvrir, serveur  # noqa: F401

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.papier]
ANNEE = f"{CTG}/saisie/2026/"


def coller(page, texte):
    """Put a block in the clipboard, as a spreadsheet does, and paste it with the keys."""
    page.evaluate("texte => navigator.clipboard.writeText(texte)", texte)
    page.keyboard.press("Control+v")


def test_a_year_is_typed_and_pasted_on_one_page_without_a_click(ouvrir):
    """One year of twelve fiches: 131 clicks and 48 page loads before."""
    convention = Convention.objects.get(cle="2026-2030")
    Mesure.objects.filter(indicateur__action__convention=convention).delete()
    Financement.objects.filter(action__convention=convention, annee=2026).update(realise=None)
    page = ouvrir("agent")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(ANNEE)
    charges = []
    page.on("load", lambda _: charges.append(page.url))
    indicateurs = [i for f in Action.objects.actives().de(convention) for i in f.indicateurs.order_by("pk")]
    # To the first cell by the keyboard, then each value and Enter.
    page.locator("[data-case]").first.focus()
    for rang in range(6):
        page.keyboard.type(str(10 + rang))
        page.keyboard.press("Enter")
    coller(page, "\n".join(f"{20 + rang}\tcollé {rang}" for rang in range(7)))
    expect(page.locator("[data-compte=mesures]")).to_have_text(f"{len(indicateurs)} / {len(indicateurs)}")
    attendues = [*range(10, 16), *range(20, 27)]
    assert [i.mesures.get(annee=2026).valeur for i in indicateurs] == attendues
    assert indicateurs[-1].mesures.get().commentaire == "collé 6"
    # The money: a block of amounts and states, one of them wrong.
    montants = page.locator("[data-case][name^=realise-]")
    nombre = montants.count()
    montants.first.focus()
    coller(
        page,
        "\r\n".join(f"{1000 * (rang + 1)},50\tDéfinitif" if rang != 3 else "trois\tDéfinitif" for rang in range(nombre))
        + "\r\n",
    )
    faux = page.locator(".case-refuse")
    expect(faux).to_have_count(1)
    expect(page.locator("[data-compte=montants]")).to_have_text(f"{nombre - 1} / {nombre}")
    faux.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("4 000,50")
    page.keyboard.press("Enter")
    expect(page.locator("[data-compte=montants]")).to_have_text(f"{nombre} / {nombre}")
    lus = Financement.objects.filter(action__convention=convention, annee=2026)
    assert sorted(lus.values_list("realise", flat=True)) == [Decimal(f"{1000 * (r + 1)}.50") for r in range(nombre)]
    assert set(lus.values_list("etat_realise", flat=True)) == {"definitif"}
    assert charges == []
    # Undone with one button: the last cell is as it was.
    page.get_by_role("button", name="Annuler la dernière saisie").press("Enter")
    expect(page.locator("[data-compte=montants]")).to_have_text(f"{nombre - 1} / {nombre}")
    # Leaving asks nothing: all is saved.
    page.reload()
    expect(page.locator("[data-compte=montants]")).to_have_text(f"{nombre - 1} / {nombre}")


def test_a_cell_whose_answer_does_not_come_says_so_and_keeps_what_was_typed(ouvrir):
    page = ouvrir("agent")
    page.goto(ANNEE)
    page.route("**/saisie/2026/", lambda route: route.abort())
    case = page.locator("[data-case][name^=mesure-]").first
    case.fill("77")
    case.press("Enter")
    etat = page.locator(f"#etat-{case.get_attribute('name')}")
    expect(etat).to_contain_text("non enregistré")
    expect(case).to_have_value("77")
    page.unroute("**/saisie/2026/")
    case.press("Enter")
    expect(etat).to_contain_text("enregistré")
    expect(etat).not_to_contain_text("non enregistré")
    assert Mesure.objects.filter(annee=2026, valeur=77).exists()


def test_the_arrows_move_between_cells(ouvrir):
    page = ouvrir("agent")
    page.goto(ANNEE)
    noms = [c.get_attribute("name") for c in page.locator("[data-case]").all()[:6]]
    page.locator("[data-case]").first.focus()

    def actif():
        return page.evaluate("document.activeElement.name")

    page.keyboard.press("ArrowDown")
    assert actif() == next(n for n in noms[1:] if n.startswith("mesure-"))
    page.keyboard.press("ArrowUp")
    assert actif() == noms[0]
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert actif() == noms[1] and noms[1].startswith("commentaire-")


def _ecrire(page, fait):
    page.locator(".ProseMirror[contenteditable=true]:visible").first.fill(fait)
    page.get_by_label("Page terminée").check()
    page.click("main form .bouton:has-text('Enregistrer')")
    expect(page.locator("#messages")).to_contain_text("enregistré")


def test_a_campaign_from_its_opening_to_a_complement_in_june(ouvrir):
    convention = Convention.objects.get(cle="2026-2030")
    models.QuerySet(Convention).filter(pk=convention.pk).update(
        signature_ouverte_le="2025-12-01", effet_le="2026-01-01"
    )
    copil = convention.territoire.reunions.filter(date__lt=timezone.localdate()).first()
    fiche = Action.objects.get(convention=convention, axe__ordre=2, ordre=1)
    petr = Action.objects.get(convention=convention, axe__ordre=4, ordre=2).pilotes[0]
    agent = ouvrir("agent")
    agent.goto(f"{CTG}/bilans/")
    agent.click("text=Ouvrir un bilan")
    agent.click("main form .bouton:has-text('Ouvrir')")
    expect(agent.locator("h1")).to_contain_text("Bilan 2026")
    bilan = Bilan.objects.get(annee=2026)
    # A third pilote has no account: a link.
    agent.goto(ANNEE)
    agent.click("summary:has-text('sans compte')")
    agent.select_option("#lien-partenaire >> nth=-1", str(petr.pk))
    agent.fill("#lien-destinataire", "petr@exemple.example")
    agent.click("button:has-text('Envoyer le lien')")
    expect(agent.locator("#messages")).to_contain_text("petr@exemple.example")
    lien = LienDeSaisie.objects.get()
    # Twelve pages by three pilotes.
    pilote, sans_compte = ouvrir("pilote"), ouvrir()
    par_qui = {"agent": 0, "pilote": 0, "lien": 0}
    for p in bilan.pages.completes():
        cscva = fiche.pilotes[0].pk in p.action.pilotes_ids
        if petr.pk in p.action.pilotes_ids:
            sans_compte.goto(lien.get_absolute_url())
            sans_compte.click(f"a:has-text('{p.action.titre[:20]}')")
            _ecrire(sans_compte, f"Fait sur {p.action.titre}")
            par_qui["lien"] += 1
        else:
            page = pilote if cscva else agent
            page.goto(f"{CTG}/bilans/2026/pages/{p.pk}/")
            _ecrire(page, f"Fait sur {p.action.titre}")
            par_qui["pilote" if cscva else "agent"] += 1
    assert sum(par_qui.values()) == 12 and all(par_qui.values())
    agent.goto(f"{CTG}/bilans/2026/")
    expect(agent.locator("main")).to_contain_text("12 pages sur 12 terminées")
    # Shared, observed, given back, corrected.
    agent.click("text=Partager avec les parties")
    agent.fill("#id_observations_jusqu_au", (timezone.localdate() + timedelta(days=20)).isoformat())
    agent.click("button:has-text('Partager le bilan')")
    expect(agent.locator("h1")).to_contain_text("Partagé")
    caf = ouvrir("caf")
    caf.goto(f"{CTG}/bilans/2026/")
    caf.click("text=Faire une observation")
    caf.fill("#id_texte", "Combien d’enfants, au juste ?")
    caf.click("button:has-text('Envoyer')")
    rendue = bilan.pages.get(action=fiche)
    agent.goto(f"{CTG}/bilans/2026/reprendre/")
    agent.fill(f"#id_page-{rendue.pk}", "Dites combien d’enfants.")
    agent.click("button:has-text('Donner')")
    expect(agent.locator("h1")).to_contain_text("À reprendre")
    pilote.goto(f"{CTG}/bilans/2026/pages/{rendue.pk}/")
    _ecrire(pilote, "Quarante-deux enfants.")
    agent.goto(f"{CTG}/bilans/2026/partager/")
    agent.fill("#id_observations_jusqu_au", (timezone.localdate() + timedelta(days=5)).isoformat())
    agent.click("button:has-text('Partager le bilan')")
    # In the room: closed by the committee, sealed, sent, seen.
    agent.click("text=Arrêter le bilan")
    agent.select_option("#id_reunion", str(copil.pk))
    agent.click("main form button:has-text('Arrêter le bilan')")
    expect(agent.locator("h1")).to_contain_text("Arrêté")
    bilan.refresh_from_db()
    scelle = scelles.lire(bilan.pdf_id)
    assert "Quarante-deux enfants" in str(bilan.arretees)
    agent.click("text=Noter la transmission")
    agent.click("button:has-text('Noter la transmission')")
    caf.goto(f"{CTG}/bilans/2026/")
    caf.click("text=Noter le visa")
    caf.click("button:has-text('Noter le visa')")
    expect(caf.locator("main")).to_contain_text("Visé le")
    # In June the CAF's amount is final.
    argent = fiche.financements.get(annee=2026, partenaire__nature="caf")
    agent.goto(ANNEE)
    case = agent.locator(f"#realise-{argent.pk}")
    case.fill("141 000")
    case.press("Tab")
    agent.locator(f"#etat_realise-{argent.pk}").select_option("definitif")
    expect(agent.locator(f"#etat-etat_realise-{argent.pk}")).to_contain_text("✓")
    agent.goto(f"{CTG}/bilans/2026/")
    agent.click("text=Sceller un complément")
    agent.fill("#id_objet", "Montants définitifs de la CAF")
    agent.click("main form button")
    expect(agent.locator("#complements")).to_be_visible()
    assert bilan.complements.get().differences[0]["apres"] == "141000.00"
    assert scelles.lire(bilan.pdf_id) == scelle
    # Each was told, once.
    courriels = [(c.destinataires[0], re.sub("^CTG [^:]+: ", "", c.sujet)) for c in Courriel.objects.order_by("pk")]
    assert courriels == [
        ("pilote@ctg.example", "Bilan 2026, vos pages à écrire"),
        ("petr@exemple.example", "vos chiffres de 2026"),
        ("caf@ctg.example", "Bilan 2026, à relire"),
        ("agent@ctg.example", "Bilan 2026, une observation"),
        ("pilote@ctg.example", "Bilan 2026, une page à reprendre"),
        ("caf@ctg.example", "Bilan 2026, à relire"),
        ("caf@ctg.example", "Bilan 2026, arrêté"),
        ("caf@ctg.example", "Bilan 2026, transmis"),
        ("agent@ctg.example", "Bilan 2026, visé"),
        ("caf@ctg.example", "Bilan 2026, un complément"),
    ]


def test_enter_shows_a_conflict_and_does_not_write_over_it(ouvrir):
    page = ouvrir("agent")
    page.goto(ANNEE)
    case = page.locator("[data-case][name^=mesure-]").first
    indicateur = case.get_attribute("name").split("-")[1]
    Mesure.objects.get(indicateur=indicateur, annee=2026)  # the page shows it
    Mesure.objects.filter(indicateur=indicateur, annee=2026).update(valeur=55)
    case.fill("77")
    case.press("Enter")
    expect(page.locator(f"#etat-mesure-{indicateur}-0")).to_contain_text("« 55 »")
    page.wait_for_timeout(500)
    assert Mesure.objects.get(indicateur=indicateur, annee=2026).valeur == 55
    expect(case).to_have_value("77")


def test_a_pasted_date_that_is_none_erases_nothing(ouvrir):
    argent = Financement.objects.filter(action__convention__cle="2026-2030", annee=2026).first()
    Financement.objects.filter(pk=argent.pk).update(realise_le="2026-03-31")
    page = ouvrir("agent")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(ANNEE)
    page.locator(f"#etat_realise-{argent.pk}").focus()
    coller(page, "Définitif\t31/03/27")
    expect(page.locator(f"#etat-realise_le-{argent.pk}")).to_contain_text("n’est pas une date")
    expect(page.locator(f"#etat-etat_realise-{argent.pk}")).to_contain_text("✓")
    expect(page.locator(f"#realise_le-{argent.pk}")).to_have_value("2026-03-31")
    argent.refresh_from_db()
    assert str(argent.realise_le) == "2026-03-31"
