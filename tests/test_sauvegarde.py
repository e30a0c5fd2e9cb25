"""What is backed up comes back, base and files of one moment, by the commands themselves on a base of their own."""

import os
import subprocess
import sys
import tarfile
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

POSER = """
from actions.models import Territoire
from ctg.scelles import sceller
from ctg.models import Scelle
Territoire.objects.create(nom="Pays gardé", slug="pays-garde")
sceller("octets scellés".encode(), "a.txt", "text/plain")
"""
DEFAIRE = """
from actions.models import Territoire
Territoire.objects.filter(slug="pays-garde").update(nom="Autre nom")
Territoire.objects.create(nom="Venu depuis", slug="venu-depuis")
"""
LIRE = """
from actions.models import Territoire
from ctg.models import Scelle
from ctg.scelles import lire
print(sorted(Territoire.objects.values_list("nom", flat=True)), [lire(s.pk).decode() for s in Scelle.objects.all()])
"""


@pytest.fixture
def base(tmp_path, django_db_setup, django_db_blocker):
    """The address of an empty base, of the kind that the suite runs on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'base.sqlite3'}"
        return
    reglages = connection.settings_dict
    nom = f"{reglages['NAME']}_sauvegarde"
    with django_db_blocker.unblock(), connection._nodb_cursor() as curseur:
        curseur.execute(f'DROP DATABASE IF EXISTS "{nom}"')
        curseur.execute(f'CREATE DATABASE "{nom}"')
    serveur = f"{reglages['USER']}:{quote(reglages['PASSWORD'])}@{reglages['HOST']}:{reglages['PORT'] or 5432}"
    yield f"postgres://{serveur}/{nom}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as curseur:
        curseur.execute(f'DROP DATABASE IF EXISTS "{nom}" WITH (FORCE)')


@pytest.fixture
def python(pytestconfig):
    """The command of an interpreter; what it runs is counted with the rest where the suite counts it (pytest-cov)."""
    couvert = pytestconfig.pluginmanager.hasplugin("_cov")
    return [sys.executable, *(["-m", "coverage", "run", "--parallel-mode"] if couvert else [])]


def test_what_was_comes_back_and_nothing_else(base, tmp_path, python):
    environnement = os.environ | {
        "DATABASE_URL": base,
        "DEBUG": "true",
        "MEDIA_ROOT": str(tmp_path / "media"),
        "SCELLES_ROOT": str(tmp_path / "scelles"),
        "DOCUMENTS_ROOT": str(tmp_path / "documents"),
    }

    def gerer(*commande, attendu=0):
        mesure = commande[0] in {"sauvegarder", "restaurer"}
        fini = subprocess.run([*(python if mesure else [sys.executable]), "manage.py", *commande], cwd=settings.BASE_DIR, env=environnement,
                              capture_output=True, text=True)  # fmt: skip
        assert fini.returncode == attendu, fini.stderr
        return fini.stdout + fini.stderr

    def jouer(code):
        return gerer("shell", "-v", "0", "-c", code).strip()

    gerer("migrate", "-v", "0")
    jouer(POSER)
    avant = jouer(LIRE)
    gerer("sauvegarder", str(tmp_path / "archives"))
    [archive] = (tmp_path / "archives").iterdir()
    with tarfile.open(archive) as tar:
        assert any(nom.startswith("scelles/") for nom in tar.getnames())
    jouer(DEFAIRE)
    for fichier in (tmp_path / "scelles").rglob("*"):
        if fichier.is_file():
            fichier.unlink()
    assert "ajoutez --remplacer" in gerer("restaurer", str(archive), attendu=1)
    gerer("restaurer", str(archive), "--remplacer")
    assert jouer(LIRE) == avant == "['Pays gardé'] ['octets scellés']"
    # What is no backup changes nothing.
    faux = tmp_path / "faux.tar.gz"
    with tarfile.open(faux, "w:gz"):
        pass
    assert "n’est pas une sauvegarde" in gerer("restaurer", str(faux), "--remplacer", attendu=1)
    assert jouer(LIRE) == avant
