"""What every test may ask for: the real Val d'Argent beside an invented territory, one account a role, its own folders."""

import gc
import io
import os

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client, override_settings

from actions.models import Action, Convention
from ctg.models import User
from ctg.pdf import preparation
from pilotage.management.commands.demonstration import JEUX
from tests import instantane

ROLES = ["anonyme", "agent", "pilote", "caf", "secretaire", "elu"]
BACKEND = "django.contrib.auth.backends.ModelBackend"
PROMENADES = {
    "test_every_page_is_accessible_and_fits",
    "test_every_page_is_valid_html",
    "test_every_address_and_every_mistake_give_valid_html",
    "test_every_link_of_both_territories_leads_somewhere",
    "test_many_writers_on_one_section_lose_and_revert_nothing",
}
# What a database does in its own way: its locks, its loss.
UNE_BASE = {"test_concurrence", "test_erreurs"}
# What makes a base of its own, and needs that of the others not at all.
A_PART = {"test_mise_a_niveau"}
HACHAGE = [f"django.contrib.auth.hashers.{nom}PasswordHasher" for nom in ("MD5", "PBKDF2")]
# Where the tests' convention and territory are.
VAL = "/val-d-argent"
CTG = f"{VAL}/2026-2030"


def pytest_collection_modifyitems(items):
    """Put the slow ones first: no worker is left alone at the end with a browser, or with three hundred saves."""
    items.sort(key=lambda test: not (test.get_closest_marker("papier") or "test_concurrence" in test.nodeid))
    # Two workers begin at the two halves: while the first fills the base, the second has something else to do.
    a_part = [test for test in items if test.path.stem in A_PART]
    items[:] = [test for test in items if test.path.stem not in A_PART]
    items[len(items) // 2 : len(items) // 2] = a_part
    # A tracer costs a third of the time: what runs on both databases is traced on SQLite, what runs once on PostgreSQL,
    # and long walks, which pass again where others were traced, on neither.
    for test in items:
        une_fois = test.get_closest_marker("papier") or test.path.stem in UNE_BASE
        if test.originalname in PROMENADES or (connection.vendor == "postgresql" and not une_fois):
            test.add_marker("no_cover")


def pytest_collection_finish():
    """Look for cycles less often, and never among what was imported: a sixth of the time of the tests, measured."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Begin each test without a connection: the next copy of the base cuts those that are open.

    While a browser of the tests lives, its event loop hides from this thread the connection that was opened before it:
    left open, it is found again dead by the first test after the browsers.
    """
    connections.close_all()


@pytest.fixture(scope="session")
def pieces_imprimees(tmp_path_factory):
    """The folder of what this worker has laid out: pieces are kept under their fingerprint, whatever the test."""
    return tmp_path_factory.mktemp("documents")


@pytest.fixture
def imprimerie(pieces_imprimees):
    """Where a test prints: what other tests laid out is there, but which document an object makes is forgotten."""
    preparation._documents.clear()
    preparation._jonctions.clear()
    for repere in pieces_imprimees.glob("*.ref"):
        repere.unlink()
    return pieces_imprimees


@pytest.fixture
def imprimerie_neuve(settings, tmp_path):
    """A folder where nothing was laid out yet."""
    settings.DOCUMENTS_ROOT = tmp_path / "documents"


@pytest.fixture(autouse=True)
def dossiers(settings, tmp_path, imprimerie):
    """Files of a test die with it, and parts of pages; passwords are cheap.

    The other cache is a table, put back with the base.
    """
    for reserve in ("pages", "lignes"):
        caches[reserve].clear()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DOCUMENTS_ROOT = imprimerie
    settings.IMPRIMER_D_AVANCE = False
    scelles = {**settings.STORAGES["scelles"], "OPTIONS": {"location": tmp_path / "scelles"}}
    settings.STORAGES = {**settings.STORAGES, "scelles": scelles}
    settings.PASSWORD_HASHERS = HACHAGE


def charger_la_demonstration():
    """Put in what `make run` shows, without what it plays."""
    # The demonstration accounts load in development only, and tests run without DEBUG; their password is hashed cheaply.
    with override_settings(DEBUG=True, PASSWORD_HASHERS=HACHAGE):
        call_command("charger", *JEUX, stdout=io.StringIO())


@pytest.fixture(scope="session")
def copie(tmp_path_factory):
    """The folder in which the workers of this run share one loaded database."""
    dossier = tmp_path_factory.getbasetemp()
    return dossier.parent if "PYTEST_XDIST_WORKER" in os.environ else dossier


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker, copie):
    """Load the data sets once: each test runs in a transaction on top of them, or on a base that is then put back."""
    ouvriers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    with django_db_blocker.unblock(), instantane.base(copie, charger_la_demonstration, ouvriers):
        yield


@pytest.fixture
def transactional_db(django_db_setup, django_db_blocker, copie):
    """Commit what is written, for threads and servers; put the base back afterwards, where pytest-django flushes it."""
    with django_db_blocker.unblock():
        yield
        instantane.remettre(copie)


@pytest.fixture
def convention(db):
    return Convention.objects.get(territoire__slug="val-d-argent", cle="2026-2030")


@pytest.fixture
def voisine(db):
    """The convention of the invented territory."""
    return Convention.objects.get(territoire__slug="pays-de-l-exemple")


@pytest.fixture
def fiche(convention):
    """Fiche 2.1, piloted by the CSCVA."""
    return Action.objects.get(convention=convention, axe__ordre=2, ordre=1)


def ouvrir_un_client(role):
    """Return a client that is signed in under the demonstration account of a role, or under none."""
    client = Client()
    if role != "anonyme":
        client.force_login(User.objects.get(email=f"{role}@ctg.example"), backend=BACKEND)
    return client


@pytest.fixture
def navigateur(db):
    """Return a function that opens a client for a role."""
    return ouvrir_un_client


@pytest.fixture
def agent(navigateur):
    return navigateur("agent")
