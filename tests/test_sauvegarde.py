"""What is backed up comes back, base and files of one moment, by the commands themselves on a base of their own."""

import os
import random
import subprocess
import sys
import tarfile
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection

from ctg.sauvegarde import SauvegardeImpossible, _ajouter, _verifier, restaurer, sauvegarder
from tests import instantane

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


MARQUE = """
from ctg.compteurs import jeton
print(jeton())
"""


def _abimer(archive, copie):
    """Every bit of an archive counts: one that is false is found before anything is put back."""
    octets = archive.read_bytes()
    _verifier(archive)
    for rang in random.Random(7).sample(range(40, len(octets)), 25):
        copie.write_bytes(octets[:rang] + bytes([octets[rang] ^ 4]) + octets[rang + 1 :])
        with pytest.raises(SauvegardeImpossible):
            restaurer(copie)
    copie.write_bytes(octets[:-300])
    with pytest.raises(SauvegardeImpossible):
        restaurer(copie)
    for dit in (b"[]", b"{}", b"rien"):
        with tarfile.open(copie, "w:gz") as tar:
            _ajouter(tar, "sauvegarde.json", dit)
        with pytest.raises(SauvegardeImpossible):
            restaurer(copie)


def test_a_file_withdrawn_during_the_backup_is_in_it_as_the_base_says(tmp_path, settings, monkeypatch):
    """The base is copied while it names the file; those that go, and come, meanwhile are of that moment too."""
    magasin = storages["default"]
    retire = magasin.save("pieces/retiree.txt", ContentFile(b"avant"))

    def copier(destination):
        destination.write_bytes(b"la base")
        magasin.delete(retire)
        magasin.save("pieces/venue.txt", ContentFile("après".encode()))

    monkeypatch.setattr("ctg.sauvegarde._copier_la_base", copier)
    premiere, seconde = sauvegarder(tmp_path / "archives"), sauvegarder(tmp_path / "archives")
    assert premiere != seconde
    with tarfile.open(premiere) as tar:
        assert {"media/pieces/retiree.txt", "media/pieces/venue.txt"} <= set(tar.getnames())


def test_a_backup_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    def manquer(destination):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ctg.sauvegarde._copier_la_base", manquer)
    with pytest.raises(OSError, match="space"):
        sauvegarder(tmp_path / "archives")
    assert list((tmp_path / "archives").iterdir()) == []


def test_folders_are_those_of_the_application_wherever_a_command_is_called_from(tmp_path):
    code = "from ctg import settings as s; print(s.MEDIA_ROOT, s.DOCUMENTS_ROOT, s.STORAGES['scelles']['OPTIONS'])"
    racines = {"MEDIA_ROOT": "var/m", "DOCUMENTS_ROOT": "var/d", "SCELLES_ROOT": "var/s"}
    chemin = {"PYTHONPATH": str(settings.BASE_DIR)}
    dit = subprocess.check_output(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ | racines | chemin, text=True
    )
    assert [dit.count(f"{settings.BASE_DIR}/var/{nom}") for nom in "mds"] == [1, 1, 1]


@pytest.fixture
def base(tmp_path, django_db_setup, django_db_blocker, copie):
    """The address of a base of its own, of the kind that the suite runs on, with all that the demonstration shows."""
    if connection.vendor == "sqlite":
        instantane.donner(copie, tmp_path / "base.sqlite3")
        yield f"sqlite:///{tmp_path / 'base.sqlite3'}"
        return
    reglages = connection.settings_dict
    nom = f"{reglages['NAME']}_sauvegarde"
    with django_db_blocker.unblock():
        instantane.donner(copie, nom)
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

    jouer(POSER)
    avant = jouer(LIRE)
    assert "'Pays gardé'" in avant and avant.endswith(" ['octets scellés']")
    gerer("sauvegarder", str(tmp_path / "archives"))
    [archive] = (tmp_path / "archives").iterdir()
    with tarfile.open(archive) as tar:
        assert any(nom.startswith("scelles/") for nom in tar.getnames())
    _abimer(archive, tmp_path / "abimee.tar.gz")
    marque = jouer(MARQUE)
    jouer(DEFAIRE)
    for fichier in (tmp_path / "scelles").rglob("*"):
        if fichier.is_file():
            fichier.unlink()
    assert "ajoutez --remplacer" in gerer("restaurer", str(archive), attendu=1)
    assert "Il n’y a rien à cet endroit" in gerer("restaurer", str(tmp_path / "absente.tar.gz"), attendu=1)
    gerer("restaurer", str(archive), "--remplacer")
    assert jouer(LIRE) == avant
    assert jouer(MARQUE) != marque  # what was made since, and undone, is shown under no count of today's
    # What is no backup changes nothing.
    faux = tmp_path / "faux.tar.gz"
    with tarfile.open(faux, "w:gz"):
        pass
    assert "n’est pas une sauvegarde" in gerer("restaurer", str(faux), "--remplacer", attendu=1)
    assert jouer(LIRE) == avant
