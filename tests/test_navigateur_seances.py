"""A council's evening in a real Chromium: who is there, who comes and goes, each kind of vote, to sealed acts online."""

# ruff: noqa: F811 - fixtures of the other browser tests
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from actions.models import Partenaire
from ctg import scelles
from ctg.management.commands.charger import MOT_DE_PASSE
from ctg.models import User
from pilotage.models import Deliberation, Instance, Mandat, Reunion
from tests.conftest import VAL
from tests.test_navigateur import chromium, hors_boucle, ouvrir, serveur  # noqa: F401

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.papier]
HIER = timezone.localdate() - timedelta(days=1)


def preparer(conseil, membres, points):
    """Give a council its members (invented), and return yesterday's meeting with its agenda."""
    conseil.mandats.update(fin=HIER - timedelta(days=60))
    for rang in range(1, membres + 1):
        Mandat.objects.create(
            siege=conseil,
            rang=rang,
            civilite="M.",
            prenom="Exemple",
            nom=f"N{rang:02}",
            debut=HIER - timedelta(days=30),
        )
    seance = Reunion.objects.create(
        territoire=conseil.territoire, organisatrice=conseil, date=HIER, objet="Séance ordinaire",
        president="M. Exemple N01", secretaire="M. Exemple N02", convoquee_le=HIER - timedelta(days=10),
    )  # fmt: skip
    for rang in range(1, points + 1):
        seance.points.create(ordre=rang, objet=f"Question {rang}")
    return seance


def membre(conseil, rang):
    return conseil.mandats.get(nom=f"N{rang:02}").pk


def enregistrer(page):
    page.click("main form .bouton:has-text('Enregistrer')")
    alertes = page.locator("main [role=alert]").all_inner_texts()
    assert alertes == []


def faire_un_acte(page, seance, rang):
    """Turn a point of the agenda into an act, from the page of the meeting; return it."""
    page.goto(seance.get_absolute_url())
    page.click(f"a[aria-label='En faire une délibération : Question {rang}']")
    if not page.input_value("[name=numero]"):  # the first act of a council: no number follows another
        page.fill("[name=numero]", f"{HIER.year}-{rang:03}")
    page.check("input[name=depart][value=vide]")
    page.select_option("select[name=approuve]", "")
    enregistrer(page)
    acte = Deliberation.objects.get(point__reunion=seance, point__ordre=rang)
    page.goto(f"{VAL}/pilotage/actes/{acte.pk}/modifier/texte/")
    page.fill("textarea[name=expose]", f"<p>Exposé de la question {rang}.</p>")
    page.fill("[name=lignes-0-verbe]", "DÉCIDE")
    page.fill("[name=lignes-0-texte]", f"ce que demande la question {rang}.")
    enregistrer(page)
    return acte


def voter(page, acte, **champs):
    page.goto(f"{VAL}/pilotage/actes/{acte.pk}/modifier/vote/")
    for nom, valeur in champs.items():
        choix = page.locator(f"[name={nom}]").first
        choix.select_option(valeur) if nom in {"mode", "voix_du_president"} else choix.fill(str(valeur))
    enregistrer(page)


def proclamer(page, acte, resultat):
    page.goto(acte.get_absolute_url())
    page.click("a:has-text('Proclamer')")
    page.click("button:has-text('Proclamer')")
    expect(page.locator("main")).to_contain_text("Elle ne se modifie plus")
    expect(page.locator("main")).to_contain_text(resultat)


def mettre_en_ligne(page, acte, inconnu):
    """Date what follows the vote, then read the act as an inhabitant: the very bytes that were sealed."""
    page.goto(acte.get_absolute_url())
    page.fill("[name=transmise_le]", HIER.isoformat())
    page.fill("[name=publiee_le]", timezone.localdate().isoformat())
    page.click("form[action$='/dates/'] button")
    inconnu.goto(f"{VAL}/actes/")
    inconnu.click(f"a:has-text('N° {acte.numero} :')")
    reponse = inconnu.request.get(inconnu.locator("a:has-text('La délibération (PDF)')").get_attribute("href"))
    acte.refresh_from_db()
    assert reponse.body() == scelles.lire(acte.piece_id)


def test_a_communal_evening(ouvrir):
    """15 members, two arrivals, a departure with a power, and each kind of vote."""
    conseil = Instance.objects.get(nom="Conseil municipal de Sainte-Marie-aux-Mines")
    seance = preparer(conseil, 15, 5)
    points = {p.ordre: str(p.pk) for p in seance.points.all()}
    page = ouvrir("secretaire", javascript=False)
    page.goto(f"{seance.get_absolute_url()}modifier/presences/")
    page.select_option("[name=reste]", "present")
    page.select_option(f"[name=arrive_{membre(conseil, 3)}]", points[2])
    page.select_option(f"[name=arrive_{membre(conseil, 4)}]", points[3])
    page.select_option(f"[name=part_{membre(conseil, 5)}]", points[4])
    page.select_option(f"[name=mandataire_{membre(conseil, 5)}]", str(membre(conseil, 6)))
    enregistrer(page)
    expect(page.locator("main")).to_contain_text("M. Exemple N04 arrive avant le point 3.")
    actes = {rang: faire_un_acte(page, seance, rang) for rang in range(1, 6)}

    voter(page, actes[1], pour=13)  # two are not there yet
    page.goto(f"{VAL}/pilotage/actes/{actes[2].pk}/modifier/vote/")
    page.select_option("[name=mode]", "public")
    enregistrer(page)
    page.goto(f"{VAL}/pilotage/actes/{actes[2].pk}/modifier/noms/")
    expect(page.locator(f"[name=vote_{membre(conseil, 4)}]")).to_have_count(0)
    page.select_option(f"[name=vote_{membre(conseil, 15)}]", "contre")
    page.select_option("[name=reste]", "pour")
    enregistrer(page)
    voter(page, actes[3], mode="secret", pour=8, contre=7)
    voter(page, actes[4], pour=7, contre=7, abstentions=1, voix_du_president="pour")
    voter(page, actes[5], pour=3, contre=12)

    proclamer(page, actes[1], "adoptée à l’unanimité")
    proclamer(page, actes[2], "adoptée à la majorité, par 13 voix contre 1")
    proclamer(page, actes[3], "adoptée à la majorité, par 8 voix contre 7")
    proclamer(page, actes[4], "adoptée par 7 voix contre 7, la voix du président étant prépondérante")
    proclamer(page, actes[5], "rejetée à la majorité, par 12 voix contre 3")
    expect(page.locator("main")).to_contain_text("La proposition suivante n’est pas adoptée")
    inconnu = ouvrir()
    for acte in actes.values():
        mettre_en_ligne(page, acte, inconnu)


def test_a_conseil_communautaire_sits_with_its_substitutes(ouvrir):
    epci = Partenaire.objects.get(nom="Communauté de communes du Val d’Argent")
    conseil = Instance.objects.create(
        territoire=epci.territoire, nom="Conseil communautaire", nature="conseil", collectivite=epci
    )
    seance = preparer(conseil, 9, 1)
    suppleant = Mandat.objects.create(
        siege=conseil, civilite="Mme", prenom="Exemple", nom="Suppléante", role="suppleant",
        suppleant_de=conseil.mandats.get(nom="N03"), debut=HIER - timedelta(days=30),
    )  # fmt: skip
    compte = User.objects.create_user("communaute@ctg.example", password=MOT_DE_PASSE)
    compte.fonctions.create(partenaire=epci, nature="secretaire")
    page = ouvrir("communaute", javascript=False)
    page.goto(f"{seance.get_absolute_url()}modifier/presences/")
    page.select_option("[name=reste]", "present")
    page.select_option(f"[name=etat_{membre(conseil, 3)}]", "present")
    page.select_option(f"[name=suppleant_{membre(conseil, 3)}]", str(suppleant.pk))
    enregistrer(page)
    expect(page.locator("main")).to_contain_text("Mme Exemple Suppléante, suppléante de M. Exemple N03")
    acte = faire_un_acte(page, seance, 1)
    page.goto(f"{VAL}/pilotage/actes/{acte.pk}/modifier/noms/")
    expect(page.locator("main")).to_contain_text("Mme Exemple Suppléante, suppléante de")
    page.select_option("[name=reste]", "pour")
    enregistrer(page)
    proclamer(page, acte, "adoptée à l’unanimité")
    mettre_en_ligne(page, acte, ouvrir())
