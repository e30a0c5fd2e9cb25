"""The database as the demonstration left it: made once a run, copied for each worker and after each test that commits.

Django's own way flushes every table and would have the demonstration loaded again; a copy takes 0.3 s, where migrations
and demonstration take 20 s of a worker's time.
"""

import shutil
import sqlite3
import sys
import time
from contextlib import contextmanager

from django.db import ProgrammingError, connection, connections
from filelock import FileLock

COPIE_SQLITE = "copie.sqlite3"
COPIE_POSTGRESQL = "test_ctg_copie"


@contextmanager
def base(dossier, remplir, ouvriers=1):
    """Give this process a test database of its own; the first of the run makes it (`remplir`), the others copy it.

    `dossier` is shared by the `ouvriers` workers of one run, and theirs alone.
    """
    origine = connection.settings_dict["NAME"]
    with FileLock(dossier / "copie.verrou"):
        if not (dossier / "prete").exists():
            with _sans_trace():
                connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
                remplir()
            prendre(dossier)
            (dossier / "prete").touch()
        else:
            _se_nommer(connection.creation._get_test_db_name())
            _remettre(dossier)
    yield
    with FileLock(dossier / "copie.verrou"):
        connection.creation.destroy_test_db(origine, verbosity=0)
        with (dossier / "finis").open("a+") as finis:
            finis.write(".")
            finis.seek(0)
            if len(finis.read()) == ouvriers and connection.vendor == "postgresql":
                _supprimer(COPIE_POSTGRESQL)


@contextmanager
def _sans_trace():
    """Let no tracer slow down what its own tests trace: migrations and the loader."""
    traceur = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(traceur)


def prendre(dossier):
    """Copy the test database aside: nobody else may be connected to it."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(dossier / COPIE_SQLITE) as copie:
            connection.connection.backup(copie)
        copie.close()
    else:
        _copier(de=connection.settings_dict["NAME"], vers=COPIE_POSTGRESQL)


def remettre(dossier):
    """Put the test database back as it was; connections that a server kept open on it are cut."""
    # PostgreSQL copies a database that nobody else copies at the same moment.
    with FileLock(dossier / "copie.verrou"):
        _remettre(dossier)


def donner(dossier, nom):
    """Make one more base of the same, `nom`: of a server, or the path of a file."""
    if connection.vendor == "sqlite":
        shutil.copy(dossier / COPIE_SQLITE, nom)
        return
    with FileLock(dossier / "copie.verrou"):
        _copier(de=COPIE_POSTGRESQL, vers=nom)


def _remettre(dossier):
    if connection.vendor == "sqlite":
        connections.close_all()
        connection.ensure_connection()
        with sqlite3.connect(dossier / COPIE_SQLITE) as copie:
            copie.backup(connection.connection)
        copie.close()
    else:
        _copier(de=COPIE_POSTGRESQL, vers=connection.settings_dict["NAME"])


def _se_nommer(nom):
    """Tell Django the name of its test database, as `create_test_db` does."""
    connections.close_all()
    connection.settings_dict["NAME"] = nom
    connection.settings_dict.setdefault("TEST", {})["NAME"] = nom


def _copier(de, vers):
    connections.close_all()
    _supprimer(vers)
    with connection._nodb_cursor() as curseur:
        curseur.execute(f'CREATE DATABASE "{vers}" TEMPLATE "{de}"')


def _supprimer(nom):
    # PostgreSQL may be cleaning that database (autovacuum), a process that our role does not end: it goes away by itself.
    for essai in range(40):
        try:
            with connection._nodb_cursor() as curseur:
                curseur.execute(f'DROP DATABASE IF EXISTS "{nom}" WITH (FORCE)')
            return
        except ProgrammingError:
            if essai == 39:
                raise
            time.sleep(0.25)
