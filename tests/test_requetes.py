"""Queries, counted: the same at 12 and at 300 fiches, within the bounds of the house."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import Action
from actions.saisies import SECTIONS
from pilotage.models import Reunion
from tests.conftest import CTG, VAL
from tests.pages import champs

pytestmark = pytest.mark.django_db
LISTES = ["territoire", "partenaire", "fonction", "convention", "axe", "action", "participation", "jalon"]
LISTES += ["financement", "indicateur", "cible", "mesure", "dispositif", "mission", "thematique"]
LISTES = [f"actions/{m}" for m in LISTES] + [f"pilotage/{m}" for m in ("instance", "mandat", "reunion", "deliberation")]


def compter(client, adresse, donnees=None):
    with CaptureQueriesContext(connection) as requetes:
        reponse = client.get(adresse) if donnees is None else client.post(adresse, donnees)
    assert reponse.status_code in {200, 302}
    return len(requetes)


@pytest.fixture
def beaucoup(convention):
    def ajouter():
        axe = convention.axes.first()
        Action.objects.bulk_create(
            Action(convention=convention, axe=axe, titre=f"Fiche {n}", ordre=10 + n) for n in range(288)
        )

    return ajouter


@pytest.mark.parametrize("liste", LISTES)
def test_an_administration_list_asks_at_most_15_questions(navigateur, beaucoup, liste):
    admin = navigateur("admin")
    admin.get("/admin/")
    avec_12 = compter(admin, f"/admin/{liste}/")
    beaucoup()
    assert compter(admin, f"/admin/{liste}/") <= 15
    assert avec_12 <= 15


@pytest.mark.parametrize("cle", list(SECTIONS))
def test_a_section_saved_asks_at_most_20_questions(agent, fiche, beaucoup, cle):
    """Today 35 to 51; the laying out ahead, after the answer, is not counted."""
    adresse = f"{CTG}/plan/fiches/{fiche.pk}/modifier/{cle}/"
    donnees = champs(agent.get(adresse))
    champ = {
        "identite": "avancement",
        "enjeux": "public_vise",
        "pilotage": "elu_referent",
        "calendrier": "lignes-0-libelle",
    }
    champ |= {"moyens": "moyens_humains", "financements": "lignes-0-realise", "indicateurs": "lignes-0-mesure_2026"}
    valeur = {"vigilance": "vigilance"} | champ
    change = {valeur[cle]: "33"} if cle in valeur else {"thematiques": donnees["thematiques"][:1]}
    nombre = compter(agent, adresse, donnees | change)
    assert nombre <= 20, nombre
    beaucoup()
    donnees = champs(agent.get(adresse))
    change = {valeur[cle]: "34"} if cle in valeur else {"thematiques": ["5", "6"]}
    assert compter(agent, adresse, donnees | change) <= nombre + 2


def test_the_points_of_a_meeting_ask_as_many_questions_for_300_fiches(agent, beaucoup):
    """C4: 1,209 queries at 1,200 fiches."""
    reunion = Reunion.objects.get(date="2026-12-10")
    adresse = f"{VAL}/pilotage/reunions/{reunion.pk}/modifier/points/"
    avec_12 = compter(agent, adresse)
    beaucoup()
    assert compter(agent, adresse) == avec_12 <= 25
