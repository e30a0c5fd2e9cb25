"""From a released version to today: its database is migrated, keeps every row, and its pages are served."""

import json
import lzma
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

VERSIONS = Path(__file__).parent / "donnees" / "versions"
# What the dumps hold, counted when they were written.
RESTE = {
    "0.2.0": {"Action": 17, "Convention": 4, "Deliberation": 1, "Version": 1, "Mandat": 35, "PageDAxe": 4},
}
INTERROGER = """
import json
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from actions.models import Action, Annexe, Convention
from pilotage.models import Bilan, Deliberation, Mandat, PageDAxe, Version
call_command("migrate", check_unapplied=True, verbosity=0)
client = Client()
pages = ["/", "/sante/", "/val-d-argent/", "/val-d-argent/2026-2030/", "/pays-de-l-exemple/", "/val-d-argent/actes/"]
print(json.dumps({
    "pages": {page: client.get(page, follow=True).status_code for page in pages},
    "lignes": {m.__name__: m.objects.count() for m in (Action, Convention, Deliberation, Version, Mandat, PageDAxe)},
    "bilans": [[b.etat, bool(b.synthese), b.history.count(), b.pages_d_axe.exclude(texte="").count()] for b in Bilan.objects.all()],
    "histoires": Action.history.count(),
    "annexes": [c.annexes.count() for c in Convention.objects.filter(texte_non_verse=False)],
    "histoires_des_annexes": Annexe.history.count(),
}))
"""


@pytest.fixture
def base(tmp_path, django_db_blocker):
    """Return a function that restores a dump of a version into a base of its own, and says where it is."""
    creees = []

    def restaurer(version):
        texte = lzma.decompress((VERSIONS / f"{version}.{connection.vendor}.sql.xz").read_bytes()).decode()
        if connection.vendor == "sqlite":
            fichier = tmp_path / f"{version}.sqlite3"
            with closing(sqlite3.connect(fichier)) as fichier_neuf:
                fichier_neuf.executescript(texte)
            return f"sqlite:///{fichier}"
        reglages = connection.settings_dict
        nom = f"{reglages['NAME']}_{version}"
        with django_db_blocker.unblock(), connection._nodb_cursor() as curseur:
            curseur.execute(f'DROP DATABASE IF EXISTS "{nom}"')
            curseur.execute(f'CREATE DATABASE "{nom}"')
        creees.append(nom)
        serveur = f"{reglages['USER']}:{quote(reglages['PASSWORD'])}@{reglages['HOST']}:{reglages['PORT'] or 5432}"
        adresse = f"postgres://{serveur}/{nom}"
        subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", adresse], input=texte, text=True, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        return adresse

    yield restaurer
    for nom in creees:
        with django_db_blocker.unblock(), connection._nodb_cursor() as curseur:
            curseur.execute(f'DROP DATABASE IF EXISTS "{nom}" WITH (FORCE)')


@pytest.mark.parametrize("version", sorted(RESTE))
def test_a_released_base_is_brought_to_today(base, tmp_path, version):
    environnement = os.environ | {
        "DATABASE_URL": base(version),
        "DEBUG": "true",
        "MEDIA_ROOT": str(tmp_path / "media"),
        "SCELLES_ROOT": str(tmp_path / "scelles"),
        "DOCUMENTS_ROOT": str(tmp_path / "documents"),
    }

    def gerer(*commande):
        sortie = subprocess.run([sys.executable, "manage.py", *commande], cwd=settings.BASE_DIR, env=environnement,
                                capture_output=True, text=True)  # fmt: skip
        assert sortie.returncode == 0, sortie.stderr
        return sortie.stdout

    gerer("migrate", "-v", "0")
    reste = json.loads(gerer("shell", "-v", "0", "-c", INTERROGER).splitlines()[-1])
    assert set(reste["pages"].values()) == {200}, reste["pages"]
    assert reste["lignes"] == RESTE[version]
    assert reste["histoires"] >= reste["lignes"]["Action"]
    # What was told of the first convention, axe by axe, is now an account.
    assert reste["bilans"] == [["repris", True, 1, 4]]
    # What it printed before annexes could be chosen is now what its porteur adds to.
    assert set(reste["annexes"]) == {6}
    assert reste["histoires_des_annexes"] == sum(reste["annexes"])


def test_each_release_left_its_dump():
    """The version that is being worked on has none yet; the ones before it do, for both databases."""
    ecrites = {f.name.split(".s")[0].split(".p")[0] for f in VERSIONS.glob("*.xz")}
    assert ecrites == set(RESTE)
    for version in RESTE:
        assert {f.name for f in VERSIONS.glob(f"{version}.*")} == {
            f"{version}.{vendeur}.sql.xz" for vendeur in ("sqlite", "postgresql")
        }
