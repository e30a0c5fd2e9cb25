"""Under fault: a number on each error, 503 while the database is away, a health page that tells."""

import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client, override_settings

from actions.views import plan, public
from ctg import sante
from ctg.verifications import base_d_essai
from tests.conftest import CTG, VAL

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_qui_survit(navigateur):
    client = navigateur("agent")
    client.raise_request_exception = False
    return client


def test_an_error_is_logged_under_the_number_that_its_page_shows(client_qui_survit, monkeypatch, caplog):
    """S3: in production an error 500 left no trace in any log."""
    monkeypatch.setattr(plan, "PlanFilter", lambda *a, **k: 1 / 0)
    with caplog.at_level(logging.ERROR, "ctg.erreurs"):
        reponse = client_qui_survit.get(f"{CTG}/plan/")
    assert reponse.status_code == 500
    numero = reponse["X-Request-Id"]
    assert numero in reponse.content.decode()
    assert any(numero in r.getMessage() and r.exc_info for r in caplog.records)


def test_the_database_away_is_503_and_heals_by_itself(client_qui_survit, monkeypatch):
    """C6: 500 instead of 503."""

    def injoignable(*_args, **_kwargs):
        raise OperationalError("could not connect to server")

    with monkeypatch.context() as patch:
        patch.setattr(public, "montree", injoignable)
        reponse = client_qui_survit.get(f"{VAL}/")
    assert reponse.status_code == 503
    assert reponse["Retry-After"] == "10"
    assert "revient dans un instant" in reponse.content.decode()
    assert client_qui_survit.get(f"{VAL}/").status_code == 200


def test_each_answer_is_in_the_access_log(caplog):
    with caplog.at_level(logging.INFO, "ctg.acces"):
        reponse = Client().get(f"{VAL}/")
    lignes = [r.getMessage() for r in caplog.records if r.name == "ctg.acces"]
    assert len(lignes) == 1
    assert reponse["X-Request-Id"] in lignes[0]
    assert f'"GET {VAL}/" 200' in lignes[0]


def test_health_tells_what_is_wrong(client, monkeypatch, settings):
    assert client.get("/sante/").json() == {
        "etat": "ok",
        "base": "ok",
        "fichiers": "ok",
        "scelles": "ok",
        "disque": "ok",
    }
    monkeypatch.setattr(sante, "DISQUE_MINIMUM", 10**18)
    panne = client.get("/sante/")
    assert panne.status_code == 503
    assert "Mo libres" in panne.json()["disque"]


def test_a_base_made_by_a_trial_version_is_told_what_to_do(monkeypatch):
    """S10: "No migrations to apply", then 500 on each page."""
    assert base_d_essai(None, ["default"]) == []
    monkeypatch.setattr("ctg.verifications.COLONNE", "colonne_d_une_version_future")
    faute = base_d_essai(None, ["default"])[0]
    assert faute.id == "ctg.E001"
    assert ("mv " if connection.vendor == "sqlite" else "Renommez la base") in faute.hint


@pytest.mark.parametrize(
    ("adresse", "phrase"),
    [
        ("sqlite:////proc/ctg.sqlite3", "Vérifiez DATABASE_URL"),
        ("postgres://x:y@127.0.0.1:1/ctg", "Vérifiez DATABASE_URL"),
        ("mysql://x:y@127.0.0.1/ctg", "DATABASE_URL ne se lit pas"),
        ("nimporte", "DATABASE_URL ne se lit pas"),
    ],
)
def test_a_base_that_no_command_can_open_is_said_in_words(adresse, phrase):
    lancer = [sys.executable, "manage.py", "migrate"]
    fini = subprocess.run(lancer, cwd=settings.BASE_DIR, env=os.environ | {"DATABASE_URL": adresse},
                          capture_output=True, text=True)  # fmt: skip
    assert fini.returncode and phrase in fini.stderr and "Traceback" not in fini.stderr, fini.stderr


@override_settings(DEBUG=False)
def test_a_page_that_does_not_exist_says_so(client):
    reponse = client.get("/val-d-argent/2026-2030/nulle-part/")
    assert reponse.status_code == 404
    assert "Page introuvable" in reponse.content.decode()
