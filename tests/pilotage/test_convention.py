"""The convention written in the browser: its texts, its rows, their order."""

import pytest

from actions.models import Article
from tests.conftest import VAL
from tests.pages import champs

pytestmark = pytest.mark.django_db


def ouvrir(agent, partie):
    """Return (url, what a browser would post if nothing were typed)."""
    url = f"/val-d-argent/2026-2030/convention/modifier/{partie}/"
    return url, champs(agent.get(url))


def test_the_order_of_articles_is_typed_and_their_numbers_follow(agent, convention):
    url, donnees = ouvrir(agent, "articles")
    titres = [a.titre for a in convention.articles.all()]
    donnees |= {"lignes-0-rang": "2", "lignes-1-rang": "1"}
    assert agent.post(url, donnees).status_code == 302
    assert [a.titre for a in convention.articles.all()] == [titres[1], titres[0], *titres[2:]]
    assert [a.ordre for a in convention.articles.all()] == list(range(1, len(titres) + 1))
    # The two that moved are kept in the history, the others did not change.
    assert Article.history.filter(history_user__isnull=False).count() == 2


def test_an_axis_that_moves_renumbers_its_fiches(agent, convention, fiche):
    url, donnees = ouvrir(agent, "axes")
    donnees |= {"lignes-0-rang": "2", "lignes-1-rang": "1"}
    assert agent.post(url, donnees).status_code == 302
    fiche = type(fiche).objects.get(pk=fiche.pk)
    assert fiche.numero_affiche == "1.1"


def test_an_axis_with_fiches_is_not_deleted(agent, convention):
    url, donnees = ouvrir(agent, "axes")
    reponse = agent.post(url, {**donnees, "lignes-0-DELETE": "on"})
    assert reponse.status_code == 422
    assert "porte des fiches" in reponse.content.decode()
    assert convention.axes.count() == 4


def test_a_row_is_added_and_another_removed(agent, convention):
    url, donnees = ouvrir(agent, "articles")
    dernier = convention.articles.count()
    donnees |= {
        "lignes-0-DELETE": "on",
        f"lignes-{dernier}-titre": "Nouvel article",
        f"lignes-{dernier}-texte": "Texte",
    }
    assert agent.post(url, donnees).status_code == 302
    assert convention.articles.count() == dernier
    assert str(convention.articles.last()) == f"Article {dernier} – Nouvel article"


def test_a_draft_whose_period_changes_is_found_at_its_new_address(agent):
    page = f"{VAL}/2031-2035/convention/modifier/identite/"
    reponse = agent.post(page, champs(agent.get(page)) | {"debut": "2032", "fin": "2036"})
    assert reponse["Location"].startswith(f"{VAL}/2032-2036/convention/")
    assert agent.get(reponse["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("partie", "champs", "message"),
    [
        ("identite", {"debut": "26"}, "quatre chiffres"),
        ("identite", {"fin": "2025"}, "ne peut pas précéder"),
        ("textes", {"preambule": "<p>" + "é" * 20_001 + "</p>"}, "la limite est de 20000"),
        ("parties", {"lignes-6-partenaire": "", "lignes-6-representant": "X"}, "obligatoire"),
        ("articles", {"lignes-0-titre": ""}, "obligatoire"),
    ],
)
def test_bad_input_is_said_and_kept(agent, convention, partie, champs, message):
    url, donnees = ouvrir(agent, partie)
    reponse = agent.post(url, {**donnees, **champs})
    assert reponse.status_code == 422
    assert message in reponse.content.decode()
    assert "Rien n’est encore enregistré" in reponse.content.decode()


def test_two_people_on_one_text_lose_nothing(agent, convention):
    url, donnees = ouvrir(agent, "diagnostic")
    convention.diagnostic = "<p>Écrit par une collègue</p>"
    convention.save()
    reponse = agent.post(url, {**donnees, "diagnostic": "<p>Mon texte</p>"})
    assert reponse.status_code == 422
    assert "Quelqu’un a enregistré pendant votre saisie" in reponse.content.decode()
    assert "&lt;p&gt;Mon texte&lt;/p&gt;" in reponse.content.decode()
    convention.refresh_from_db()
    assert convention.diagnostic == "<p>Écrit par une collègue</p>"


@pytest.mark.parametrize("partie", ["parties", "articles", "services", "axes"])
def test_saving_rows_as_they_are_changes_nothing(agent, convention, partie):
    rangees = getattr(convention, {"parties": "signataires"}.get(partie, partie))
    avant = list(rangees.values()), rangees.model.history.count()
    url, donnees = ouvrir(agent, partie)
    assert agent.post(url, donnees).status_code == 302
    assert (list(rangees.values()), rangees.model.history.count()) == avant
