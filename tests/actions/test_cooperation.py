"""The chargé de coopération: a post, its years, its time by axe, and the sheet of each year."""

import time

import pytest

from actions.models import Poste
from tests.conftest import CTG
from tests.pages import champs, saisir


@pytest.fixture
def poste(convention):
    return Poste.objects.create(convention=convention, employeur=convention.porteur, etp="0.8", debut="2026-01-01")


def test_a_post_is_opened_then_its_years_are_told(agent, convention):
    nouveau = {"employeur": convention.porteur.pk, "etp": "0,8", "debut": "2026-01-01"}
    assert saisir(agent, f"{CTG}/cooperation/nouveau/", nouveau).status_code == 302
    poste = Poste.objects.get()
    axes = list(convention.axes.all())
    annee = {"lignes-0-annee": "2026", "lignes-0-cout": "38 500", "lignes-0-subvention": "24 000"}
    annee |= {f"lignes-0-axe_{axes[0].pk}": "60", f"lignes-0-axe_{axes[1].pk}": "40"}
    modifier = f"{CTG}/cooperation/{poste.pk}/modifier/"
    assert saisir(agent, modifier, annee).status_code == 302
    ligne = poste.annees.get()
    assert (ligne.reste, [t.part for t in ligne.temps.all()]) == (14500, [60, 40])
    page = agent.get(f"{CTG}/cooperation/").content.decode()
    assert "axe 1 : 60 %" in page and "38\xa0500" in page
    # Emptied, a share is taken out; nothing else moves.
    assert saisir(agent, modifier, {f"lignes-0-axe_{axes[1].pk}": ""}).status_code == 302
    assert [t.part for t in ligne.temps.all()] == [60]


@pytest.mark.parametrize(
    ("saisie", "message"),
    [
        ({"etp": "1,2"}, "un équivalent temps plein au plus"),
        ({"fin": "2025-01-01"}, "précède la date de début"),
        ({"lignes-0-annee": "2026", "lignes-0-cout": "10", "lignes-0-subvention": "20"}, "dépasse le coût"),
        ({"lignes-0-annee": "26"}, "quatre chiffres"),
    ],
)
def test_bad_input_is_said_and_kept(agent, poste, saisie, message):
    reponse = saisir(agent, f"{CTG}/cooperation/{poste.pk}/modifier/", saisie)
    assert reponse.status_code == 422 and message in reponse.content.decode()
    assert {nom: champs(reponse)[nom] for nom in saisie} == saisie


def test_shares_are_a_hundred_at_most(agent, poste, convention):
    axes = list(convention.axes.all())
    parts = {"lignes-0-annee": "2026"} | {f"lignes-0-axe_{axe.pk}": "30" for axe in axes}
    reponse = saisir(agent, f"{CTG}/cooperation/{poste.pk}/modifier/", parts)
    assert reponse.status_code == 422 and "120 % en tout" in reponse.content.decode()


def test_an_employer_of_elsewhere_is_refused(agent, poste, voisine):
    reponse = saisir(agent, f"{CTG}/cooperation/{poste.pk}/modifier/", {"employeur": voisine.porteur.pk})
    assert reponse.status_code == 422
    poste.refresh_from_db()
    assert poste.employeur == poste.convention.porteur


@pytest.mark.papier
def test_the_sheet_of_a_year(agent, poste):
    poste.annees.create(annee=2026, cout=100, subvention=40, faits="Quatre réunions.")
    for _ in range(100):  # the first answers are the page that waits
        fiche = agent.get(f"{CTG}/cooperation/{poste.pk}/annee-2026.pdf")
        if fiche["Content-Type"] == "application/pdf":
            break
        time.sleep(0.2)
    assert fiche["Content-Type"] == "application/pdf"
    assert agent.get(f"{CTG}/cooperation/{poste.pk}/annee-2027.pdf").status_code == 404
