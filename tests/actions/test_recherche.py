"""Search: what people type, against what the plan holds."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.models import Action
from actions.recherche import Recherche
from tests.conftest import CTG

pytestmark = pytest.mark.django_db


def trouver(convention, demande):
    fiches = Action.objects.actives().de(convention).pour_liste()
    return [f.numero_affiche for f in Recherche(demande, fiches).fiches]


@pytest.mark.parametrize(
    ("demande", "numero"),
    [
        ("2.1", "2.1"),
        ("séniors", "4.4"),
        ("SENIOR", "4.4"),
        ("senoir", "4.4"),  # two letters swapped
        ("petite enfance", "2.1"),
        ("Centre socio-culturel", "2.1"),  # who leads it
        ("parentalite", "2.3"),  # its title, and a theme
        ("habitat intercommunale", "3.3"),
    ],
)
def test_it_finds_numbers_words_themes_and_partners(convention, demande, numero):
    assert numero in trouver(convention, demande)


def test_it_finds_an_indicator_and_a_contributor(convention):
    fiche = convention.fiches.actives().get(axe__ordre=3, ordre=2)
    fiche.indicateurs.create(libelle="Consultations de pédopsychiatrie")
    assert trouver(convention, "pedopsychiatrie") == ["3.2"]
    participation = fiche.participations.filter(nature="contributeur").first()
    if participation:
        assert "3.2" in trouver(convention, participation.partenaire.nom)


def test_a_number_is_that_fiche_and_every_word_counts(convention):
    assert trouver(convention, "1.1") == ["1.1"]
    assert trouver(convention, "senior piscine-olympique-introuvable") == []
    assert trouver(convention, "") == [f.numero_affiche for f in Action.objects.actives().de(convention)]
    corrigee = Recherche("seniro", Action.objects.actives().de(convention).pour_liste())
    assert "« senior » (au lieu de « seniro »)" in corrigee.dite


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texte=st.text(max_size=60))
def test_nothing_that_is_typed_breaks_it(convention, texte):
    fiches = list(convention.fiches.actives().pour_liste())
    assert set(Recherche(texte, fiches).fiches) <= set(fiches)


def test_each_title_finds_its_fiche(convention):
    fiches = list(convention.fiches.actives().pour_liste())
    for fiche in fiches:
        assert fiche in Recherche(fiche.titre.upper(), fiches).fiches


def test_the_address_says_what_is_asked_and_nothing_else(agent):
    reponse = agent.get(f"{CTG}/plan/?q=senior&axe=&thematique=&pilote=&statut=")
    assert reponse.status_code == 302 and reponse["Location"] == f"{CTG}/plan/?q=senior"
    assert agent.get(f"{CTG}/plan/?q=&axe=")["Location"] == f"{CTG}/plan/"


def test_counters_add_up_and_lead_to_their_fiches(agent, convention):
    page = agent.get(f"{CTG}/plan/")
    chiffres = page.context["chiffres"]()
    compteurs = chiffres["par_statut"]
    assert sum(nombre for *_, nombre in compteurs) == chiffres["total"] == 12
    for statut, _, nombre in compteurs:
        assert f"?statut={statut}" in page.content.decode()
        assert len(agent.get(f"{CTG}/plan/?statut={statut}").context["filtre"].fiches) == nombre


def test_an_inhabitant_searches_what_is_published(client, convention):
    publiee = convention.fiches.publiees().first()
    page = client.get(f"{CTG}/?q={publiee.titre.split()[-1]}").content.decode()
    assert "pour «" in page and f"/fiches/{publiee.pk}/" in page
    assert "Aucune action ne répond" in client.get(f"{CTG}/?q=introuvablissime").content.decode()
    convention.fiches.update(publiee=False)
    assert f"/fiches/{publiee.pk}/" not in client.get(f"{CTG}/?q=enfance").content.decode()


def test_plurals_in_eaux_and_what_is_said_of_a_correction(convention):
    fiche = convention.fiches.actives().first()
    fiche.objectifs = "<p>Des réseaux de proximité, un niveau d’équité.</p>"
    fiche.save()
    for demande in ("réseau", "reseaux", "niveaux"):
        assert fiche.numero_affiche in trouver(convention, demande), demande
    dite = Recherche("proximitte", Action.objects.actives().de(convention).pour_liste()).dite
    assert "« proximité »" in dite  # as it is written, accents and all
