"""The plan page and the rules of the plan."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Action, Axe, Convention
from pilotage.models import Deliberation, Reunion

pytestmark = pytest.mark.django_db
LE_JOUR = date(2026, 11, 24)


@pytest.mark.parametrize("requete", ["", "?q=e"])
def test_the_plan_page_takes_as_many_queries_for_12_fiches_as_for_1200(agent, convention, requete):
    agent.get("/plan/")
    with CaptureQueriesContext(connection) as pour_12:
        agent.get(f"/plan/{requete}")
    axe = convention.axes.first()
    # Straight to the table: a thousand fiches without their history.
    Action.objects.bulk_create(Action(axe=axe, titre=f"Fiche {n}", ordre=10 + n) for n in range(1188))
    with CaptureQueriesContext(connection) as pour_1200:
        reponse = agent.get(f"/plan/{requete}")
    assert len(reponse.context["fiches"]) == 1200
    assert len(pour_1200) == len(pour_12) <= 12


def test_a_fiche_page_has_a_bounded_number_of_queries(agent, fiche, django_assert_max_num_queries):
    with django_assert_max_num_queries(17):
        agent.get(fiche.get_absolute_url())


def test_history_does_not_query_per_change(agent, fiche, django_assert_max_num_queries):
    for n in range(10):
        fiche.public_vise = f"Public {n}"
        fiche.save()
    with django_assert_max_num_queries(20):
        agent.get(f"/plan/fiches/{fiche.pk}/historique/")


@pytest.mark.parametrize(
    ("statut", "debut", "fin", "retard"),
    [
        ("en_cours", "2026-01-01", "2026-11-23", True),
        ("en_cours", "2026-01-01", "2026-11-24", False),
        ("a_venir", "2026-11-23", "2027-01-01", True),
        ("a_venir", "2026-11-24", "2027-01-01", False),
        ("bloquee", "2026-01-01", "2026-11-01", True),
        ("realisee", "2026-01-01", "2026-11-01", False),
        ("en_pause", "2026-01-01", "2026-11-01", False),
        ("abandonnee", "2026-01-01", "2026-11-01", False),
        ("a_venir", None, None, False),
    ],
)
def test_late_is_computed_the_same_in_python_and_in_the_database(fiche, statut, debut, fin, retard):
    fiche.statut, fiche.debut, fiche.fin = statut, debut and date.fromisoformat(debut), fin and date.fromisoformat(fin)
    fiche.save()
    assert fiche.est_en_retard(LE_JOUR) is retard
    assert Action.objects.en_retard(LE_JOUR).filter(pk=fiche.pk).exists() is retard


@pytest.mark.parametrize(
    ("requete", "attendues"),
    [
        ("axe={axe2}", ["2.1", "2.2", "2.3"]),
        ("statut=bloquee", ["3.2"]),
        ("q=MOBILITE", ["4.2"]),
        ("q=vallée+mobilite", ["4.2"]),
        ("q=<li>", []),
        ("q=introuvable", []),
        ("thematique={logement}", ["3.3"]),
    ],
)
def test_the_plan_is_filtered(agent, convention, requete, attendues):
    from actions.models import Thematique

    requete = requete.format(axe2=convention.axes.get(ordre=2).pk, logement=Thematique.objects.get(ordre=4).pk)
    reponse = agent.get(f"/plan/?{requete}")
    assert [a.numero for a in reponse.context["fiches"]] == attendues
    assert ("Aucune fiche ne répond à ce filtre" in reponse.content.decode()) is (attendues == [])


@pytest.mark.parametrize(
    "requete",
    ["axe=x", "q=%00", "statut=fini", "pilote=99999999999999999999", "thematique=-1", "axe=1&axe=2", "page=x"],
)
def test_an_unknown_filter_is_said_and_filters_nothing_wrongly(agent, requete):
    reponse = agent.get(f"/plan/?{requete}")
    assert reponse.status_code == 200
    champ = requete.split("=")[0]
    if champ in reponse.context["filtre"].form.errors:
        assert 'class="erreur"' in reponse.content.decode()


def test_order_gives_the_numbers(agent, convention):
    axe = convention.axes.get(ordre=2)
    a, b, c = axe.actions.actives().order_by("ordre")
    agent.post(reverse("fiche_descendre", args=[a.pk]))
    assert [x.pk for x in axe.actions.actives().order_by("ordre")] == [b.pk, a.pk, c.pk]
    agent.post(reverse("fiche_archiver", args=[b.pk]))
    assert [x.numero for x in axe.actions.actives().order_by("ordre")] == ["2.1", "2.2"]
    agent.post(reverse("fiche_desarchiver", args=[b.pk]))
    b.refresh_from_db()
    assert b.numero == "2.3"
    autre = Axe.objects.get(convention=convention, ordre=4)
    agent.post(reverse("fiche_changer-axe", args=[a.pk]), {"axe": autre.pk})
    a.refresh_from_db()
    assert a.numero == "4.5"


def test_a_copy_takes_the_plan_and_leaves_the_past(agent, fiche):
    agent.post(reverse("fiche_dupliquer", args=[fiche.pk]))
    copie = Action.objects.latest("pk")
    assert copie.numero == "2.4"
    assert copie.indicateurs.count() == 2
    assert copie.indicateurs.first().cibles.count() == 5
    assert copie.indicateurs.first().mesures.count() == 0
    assert not copie.financements.filter(realise__isnull=False).exists()
    assert copie.notes.count() == 0
    assert copie.statut == "a_venir"


def test_a_new_fiche_says_what_is_missing(agent, convention):
    reponse = agent.post("/plan/fiches/nouvelle/", {"axe": convention.axes.first().pk, "titre": "Neuve"}, follow=True)
    assert "il manque 13 éléments" in reponse.content.decode()
    assert agent.post("/plan/fiches/nouvelle/", {"titre": ""}).status_code == 422


def test_an_empty_database_shows_where_to_begin(agent, db):
    for modele in (Deliberation, Reunion, Action, Axe, Convention):
        modele.objects.all().delete()
    assert "Aucune convention n’est encore publiée" in agent.get("/").content.decode()
    assert "La base est vide" in agent.get("/plan/").content.decode()
    assert agent.get("/pilotage/").status_code == 404
    assert agent.get("/deliberations/").status_code == 404
