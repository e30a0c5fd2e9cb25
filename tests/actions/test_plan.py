"""The plan page and the rules of the plan."""

import pickle
import re
from datetime import date, timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.template import Context, Template, TemplateSyntaxError, VariableDoesNotExist
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import Action, Axe, Note, Thematique
from ctg.adresses import adresse
from ctg.models import User
from ctg.templatetags.pages import JETON
from tests.conftest import CTG

pytestmark = pytest.mark.django_db
LE_JOUR = date(2026, 11, 24)


def vider():
    for nom in ("pages", "lignes"):
        caches[nom].clear()


@pytest.mark.parametrize("requete", ["", "?q=fiche"])
def test_the_plan_page_takes_as_many_queries_for_12_fiches_as_for_1200(agent, convention, requete):
    agent.get("/val-d-argent/2026-2030/plan/")
    vider()
    with CaptureQueriesContext(connection) as pour_12:
        agent.get(f"/val-d-argent/2026-2030/plan/{requete}")
    axe = convention.axes.first()
    # Straight to the table: a thousand fiches without their history.
    Action.objects.bulk_create(
        Action(convention=convention, axe=axe, titre=f"Fiche {n}", ordre=10 + n) for n in range(1188)
    )
    vider()  # no counter tells of what is written so
    with CaptureQueriesContext(connection) as pour_1200:
        reponse = agent.get(f"/val-d-argent/2026-2030/plan/{requete}")
    assert len(reponse.context["filtre"].fiches) >= 1188
    assert len(pour_1200) == len(pour_12) <= 16  # with words: participations, themes and indicators, to be searched


def test_a_fiche_page_has_a_bounded_number_of_queries(agent, fiche, django_assert_max_num_queries):
    adresse_de_la_fiche = fiche.get_absolute_url()
    with django_assert_max_num_queries(19):
        agent.get(adresse_de_la_fiche)
    with django_assert_max_num_queries(6):  # nothing was written: its sections are not made again
        agent.get(adresse_de_la_fiche)


def test_a_page_that_has_not_changed_is_not_made_again_and_one_that_has_is(agent, navigateur, fiche):
    """Parts of the pages are kept under the mark of what they are made of; never for another right, day or filter."""
    caf = navigateur("caf")
    plan, sienne = f"{CTG}/plan/", fiche.get_absolute_url()
    for page in (plan, sienne):
        agent.get(page)
    with CaptureQueriesContext(connection) as relues:
        assert "Monter la fiche" in agent.get(plan).content.decode()
    assert len(relues) <= 7
    assert "Monter la fiche" not in caf.get(plan).content.decode()
    assert "Modifier :" in agent.get(sienne).content.decode()
    assert "Modifier :" not in caf.get(sienne).content.decode()
    seules = agent.get(f"{plan}?q=2.1").content.decode()
    assert seules.count("ligne-fiche") == 1 and agent.get(plan).content.decode().count("ligne-fiche") == 12

    fiche.titre, fiche.public_vise = "Un titre tout neuf", "Un public tout neuf"
    fiche.save()
    assert "Un titre tout neuf" in agent.get(plan).content.decode()
    assert "Un public tout neuf" in agent.get(sienne).content.decode()
    # What another row says of it: a theme, a partner's name.
    fiche.thematiques.add(Thematique.objects.create(nom="Thème tout neuf", ordre=99))
    fiche.save()
    pilote = fiche.pilotes[0]
    pilote.nom, pilote.sigle = "Maison NEUF", "NEUF"
    pilote.save()
    for lu in (agent.get(plan).content.decode(), agent.get(sienne).content.decode()):
        assert "Thème tout neuf" in lu and "NEUF" in lu


CHANGEMENTS = {
    "titre": "Un autre titre",
    "statut": "bloquee",
    "priorite": 1,
    "publiee": False,
    "avancement": 83,
    "fin": timezone.localdate() - timedelta(days=1),
}


@pytest.mark.parametrize("champ", CHANGEMENTS)
def test_a_change_makes_one_line_of_the_plan_anew_and_keeps_the_others(agent, fiche, champ):
    Action.objects.filter(pk=fiche.pk).update(priorite=2, publiee=True, statut="en_cours", avancement=10, fin=None)
    fiche.refresh_from_db()
    avant = agent.get(f"{CTG}/plan/").content.decode()
    gardees = set(caches["lignes"]._cache)
    setattr(fiche, champ, CHANGEMENTS[champ])
    fiche.save()
    apres = agent.get(f"{CTG}/plan/").content.decode()
    assert len(set(caches["lignes"]._cache) - gardees) == 1
    differentes = set(apres.splitlines()) - set(avant.splitlines())
    assert any(str(CHANGEMENTS[champ]) in ligne for ligne in differentes) or champ in {"priorite", "publiee", "fin"}
    dit = {"priorite": "Priorité haute", "publiee": "Non publiée", "fin": "En retard"}.get(champ, "")
    assert apres.count(dit) > avant.count(dit) or not dit


def test_a_page_that_keeps_something_without_a_mark_falls():
    """It would be kept whatever changes."""
    gabarit = Template("{% load pages %}{% garder partie marque %}gardé{% fingarder %}")
    with pytest.raises(VariableDoesNotExist):
        gabarit.render(Context({}))
    with pytest.raises(TemplateSyntaxError):
        Template("{% load pages %}{% garder partie %}{% fingarder %}")


def test_a_note_is_signed_with_the_name_that_its_author_has_now(agent, navigateur, fiche):
    """And only its author is offered to correct it."""
    auteur = User.objects.get(email="agent@ctg.example")
    Note.objects.create(action=fiche, auteur=auteur, date=LE_JOUR, texte="Vu ce matin.")
    ou = fiche.get_absolute_url()
    assert "Corriger la note" in agent.get(ou).content.decode()
    assert "Corriger la note" not in navigateur("caf").get(ou).content.decode()
    auteur.first_name, auteur.last_name = "Nouveau", "Nom"
    with TestCase.captureOnCommitCallbacks(execute=True):
        auteur.save()
    assert "Nouveau Nom" in agent.get(ou).content.decode().split('id="suivi"')[1]
    assert "Nouveau Nom" in navigateur("caf").get(ou).content.decode()


def test_what_is_late_is_said_anew_each_day(agent, fiche, monkeypatch):
    fiche.statut, fiche.debut, fiche.fin = "en_cours", LE_JOUR, timezone.localdate() + timedelta(days=1)
    fiche.save()
    retards = agent.get(f"{CTG}/plan/").content.decode().count("statut-retard")
    apres_demain = timezone.localdate() + timedelta(days=2)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: apres_demain)
    assert agent.get(f"{CTG}/plan/").content.decode().count("statut-retard") > retards


def test_no_token_of_a_reader_is_kept_with_the_page(agent, fiche):
    """What is kept holds a mark in its place, and each reader their own: it is what their forms are taken with."""
    for page in (f"{CTG}/plan/", fiche.get_absolute_url()):
        agent.get(page)
    gardees = [pickle.loads(ecrite) for nom in ("pages", "lignes") for ecrite in caches[nom]._cache.values()]
    assert len(gardees) >= 6 + 12
    jetons = {jeton for ecrite in gardees for jeton in re.findall(r'csrfmiddlewaretoken" value="([^"]*)', ecrite)}
    assert jetons == {JETON}
    page = agent.get(fiche.get_absolute_url()).content.decode()
    recus = set(re.findall(r'csrfmiddlewaretoken" value="([^"]*)', page))
    assert JETON not in page and len(recus) == 1 and all(len(jeton) == 64 for jeton in recus)


def test_history_does_not_query_per_change(agent, fiche, django_assert_max_num_queries):
    for n in range(10):
        fiche.public_vise = f"Public {n}"
        fiche.save()
    with django_assert_max_num_queries(22):
        agent.get(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/historique/")


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
        ("q=tbody", []),
        ("q=introuvable", []),
        ("thematique={logement}", ["3.3"]),
    ],
)
def test_the_plan_is_filtered(agent, convention, requete, attendues):
    from actions.models import Thematique

    requete = requete.format(axe2=convention.axes.get(ordre=2).pk, logement=Thematique.objects.get(ordre=4).pk)
    reponse = agent.get(f"/val-d-argent/2026-2030/plan/?{requete}")
    assert [a.numero_affiche for a in reponse.context["filtre"].fiches] == attendues
    assert ("Aucune fiche ne répond à ce filtre" in reponse.content.decode()) is (attendues == [])


@pytest.mark.parametrize(
    "requete",
    ["axe=x", "q=%00", "statut=fini", "pilote=99999999999999999999", "thematique=-1", "axe=1&axe=2", "page=x"],
)
def test_an_unknown_filter_is_said_and_filters_nothing_wrongly(agent, requete):
    reponse = agent.get(f"/val-d-argent/2026-2030/plan/?{requete}")
    assert reponse.status_code == 200
    champ = requete.split("=")[0]
    if champ in reponse.context["filtre"].form.errors:
        assert 'class="erreur"' in reponse.content.decode()


def test_order_gives_the_numbers(agent, convention):
    axe = convention.axes.get(ordre=2)
    a, b, c = axe.actions.actives().order_by("ordre")
    agent.post(adresse("fiche_descendre", a.pk, de=convention))
    assert [x.pk for x in axe.actions.actives().order_by("ordre")] == [b.pk, a.pk, c.pk]
    agent.post(adresse("fiche_archiver", b.pk, de=convention))
    assert [x.numero_affiche for x in axe.actions.actives().order_by("ordre")] == ["2.1", "2.2"]
    agent.post(adresse("fiche_desarchiver", b.pk, de=convention))
    b.refresh_from_db()
    assert b.numero_affiche == "2.3"
    autre = Axe.objects.get(convention=convention, ordre=4)
    agent.post(adresse("fiche_changer-axe", a.pk, de=convention), {"axe": autre.pk})
    a.refresh_from_db()
    assert a.numero_affiche == "4.5"


def test_a_copy_takes_the_plan_and_leaves_the_past(agent, fiche):
    agent.post(adresse("fiche_dupliquer", fiche.pk, de=fiche))
    copie = Action.objects.latest("pk")
    assert copie.numero_affiche == "2.4"
    assert copie.indicateurs.count() == 2
    assert copie.indicateurs.first().cibles.count() == 5
    assert copie.indicateurs.first().mesures.count() == 0
    assert not copie.financements.filter(realise__isnull=False).exists()
    assert copie.notes.count() == 0
    assert copie.statut == "a_venir"


def test_a_new_fiche_says_what_is_missing(agent, convention):
    reponse = agent.post(
        "/val-d-argent/2026-2030/plan/fiches/nouvelle/",
        {"axe": convention.axes.first().pk, "titre": "Neuve"},
        follow=True,
    )
    assert "il manque 13 éléments" in reponse.content.decode()
    assert agent.post("/val-d-argent/2026-2030/plan/fiches/nouvelle/", {"titre": ""}).status_code == 422
