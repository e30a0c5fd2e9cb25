"""What every test may ask for: the real Val d'Argent, one account a role, a document folder of its own."""

import io

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client, override_settings

from actions.models import Action, Convention
from ctg.models import User

ROLES = ["anonyme", "agent", "pilote", "caf", "secretaire", "elu"]


@pytest.fixture(autouse=True)
def dossiers(settings, tmp_path):
    """Files of a test die with it; passwords are cheap; nobody is slowed down by another test's guesses."""
    cache.clear()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DOCUMENTS_ROOT = tmp_path / "documents"
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Load the seed, the example and the accounts once: each test runs in a transaction on top of them."""
    # The demonstration accounts load in development only, and tests run without DEBUG.
    with django_db_blocker.unblock(), override_settings(DEBUG=True):
        call_command("charger", "val_d_argent", "exemple", "comptes", stdout=io.StringIO())


@pytest.fixture
def convention(db):
    return Convention.objects.courante()


@pytest.fixture
def fiche(convention):
    """Fiche 2.1, piloted by the CSCVA."""
    return Action.objects.get(axe__convention=convention, axe__ordre=2, ordre=1)


@pytest.fixture
def navigateur(db):
    """Return a function that opens a client for a role."""

    def ouvrir(role):
        client = Client()
        if role != "anonyme":
            client.force_login(
                User.objects.get(email=f"{role}@ctg.example"),
                backend="allauth.account.auth_backends.AuthenticationBackend",
            )
        return client

    return ouvrir


@pytest.fixture
def agent(navigateur):
    return navigateur("agent")
