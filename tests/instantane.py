"""The database as the demonstration left it: copied once a worker, put back after each test that commits.

Django's own way flushes every table and would have the demonstration loaded again, 10 s a test; a copy takes 0.3 s.
"""

import sqlite3

from django.db import connection, connections

_copies = {}


def prendre():
    """Copy the test database aside: nobody else may be connected to it."""
    nom = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        _copies[nom] = copie = sqlite3.connect(":memory:", check_same_thread=False)
        connection.ensure_connection()
        connection.connection.backup(copie)
        return
    _copies[nom] = f"{nom}_copie"
    _copier(de=nom, vers=_copies[nom])


def remettre():
    """Put the test database back as it was; connections that a server kept open on it are cut."""
    nom = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        connections.close_all()
        connection.ensure_connection()
        _copies[nom].backup(connection.connection)
        return
    _copier(de=_copies[nom], vers=nom)


def jeter():
    """Drop the copy at the end of the session."""
    for nom, copie in _copies.items():
        if connection.vendor == "sqlite":
            copie.close()
        elif nom == connection.settings_dict["NAME"]:
            with connection._nodb_cursor() as curseur:
                curseur.execute(f'DROP DATABASE IF EXISTS "{copie}"')
    _copies.clear()


def _copier(de, vers):
    connections.close_all()
    with connection._nodb_cursor() as curseur:
        curseur.execute(f'DROP DATABASE IF EXISTS "{vers}" WITH (FORCE)')
        curseur.execute(f'CREATE DATABASE "{vers}" TEMPLATE "{de}"')
