"""The base and the files of one moment in one archive, and back: what is restored is what was, or nothing.

The base is copied by its own means while the application writes. Files are archived before it (one that is withdrawn meanwhile
is still named by the base), and after it (one that came meanwhile is named already). The archive says the SHA-256 of all that
it holds, which is compared before anything is put back.
"""

import gzip
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from contextlib import closing, suppress
from hashlib import file_digest, sha256
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection, connections
from django.utils import timezone

from ctg.compteurs import renouveler_les_marques

# In the archive: its folder, and the name of the storage.
MAGASINS = {"scelles": "scelles", "media": "default"}
BASES = {"sqlite": "base.sqlite3", "postgresql": "base.dump"}
DIT = "sauvegarde.json"


class SauvegardeImpossible(Exception):
    """The archive cannot be written, or read back; the message says why, in French."""


def sauvegarder(dossier):
    """Write an archive of today in a folder, and return its path. Raises `SauvegardeImpossible`, `OSError`."""
    dossier.mkdir(parents=True, exist_ok=True)
    archive = dossier / f"ctg-{timezone.now():%Y%m%d-%H%M%S-%f}.tar.gz"
    partielle = archive.with_suffix(".partielle")
    partielle.touch(mode=0o600)  # it holds what signs people in
    try:
        _archiver(partielle)
        partielle.replace(archive)  # an archive that bears its name is whole
    finally:
        partielle.unlink(missing_ok=True)
    return archive


def _archiver(partielle):
    empreintes = {}

    def ajouter(tar, nom, octets):
        empreintes[nom] = sha256(octets).hexdigest()
        _ajouter(tar, nom, octets)

    def ajouter_les_fichiers(tar):
        for prefixe, magasin in MAGASINS.items():
            for nom in _fichiers(storages[magasin]):
                if f"{prefixe}/{nom}" in empreintes:
                    continue
                # One that is withdrawn before it is read is named no more by the base.
                with suppress(FileNotFoundError), storages[magasin].open(nom) as source:
                    ajouter(tar, f"{prefixe}/{nom}", source.read())

    with tarfile.open(partielle, "w:gz") as tar, tempfile.TemporaryDirectory() as travail:
        ajouter_les_fichiers(tar)
        ajouter_les_fichiers(tar)  # what came during the first pass, which may be long
        base = Path(travail) / BASES[connection.vendor]
        _copier_la_base(base)
        with base.open("rb") as copie:
            empreintes[base.name] = file_digest(copie, "sha256").hexdigest()
        tar.add(base, base.name)
        ajouter_les_fichiers(tar)
        dit = {"moteur": connection.vendor, "le": timezone.now().isoformat(), "sha256": empreintes}
        _ajouter(tar, DIT, json.dumps(dit).encode())


PAS_ENTIERE = "Ce fichier n’est pas une sauvegarde entière de l’application."


def restaurer(archive):
    """Put the base and the files of an archive in the place of what is there. Raises `SauvegardeImpossible`, `OSError`.

    Nothing is touched before all of the archive has been read and found as it was written.
    """
    moteur, noms = verifier(archive)
    with tarfile.open(archive) as tar, tempfile.TemporaryDirectory() as travail:
        tar.extract(BASES[moteur], travail, filter="data")
        for nom in noms:
            prefixe, _, chemin = nom.partition("/")
            if prefixe in MAGASINS and chemin:
                _ranger(storages[MAGASINS[prefixe]], chemin, tar.extractfile(nom).read())
        _remettre_la_base(Path(travail) / BASES[moteur])
    renouveler_les_marques()


def verifier(archive):
    """Return (the engine, the names) of an archive that is whole and of our engine. Raises `SauvegardeImpossible`, `OSError`."""
    try:
        moteur, noms = _verifier(archive)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, KeyError, TypeError, ValueError) as erreur:
        raise SauvegardeImpossible(PAS_ENTIERE) from erreur
    if moteur != connection.vendor:
        raise SauvegardeImpossible(f"Cette sauvegarde est celle d’une base {moteur} : réglez DATABASE_URL d’abord.")
    return moteur, noms


def _verifier(archive):
    """Read an archive to its end; return (its engine, the names that it holds) if each is, to the byte, what was written."""
    with gzip.open(archive) as entier:  # its own sum stands at the end, which tar does not read
        while entier.read(1024**2):
            pass
    with tarfile.open(archive) as tar:
        membres = {membre.name: membre for membre in tar if membre.isfile()}
        dit = json.load(tar.extractfile(membres.pop(DIT)))
        lues = {nom: file_digest(tar.extractfile(membre), "sha256").hexdigest() for nom, membre in membres.items()}
        if lues != dit["sha256"] or BASES[dit["moteur"]] not in lues:
            raise ValueError(archive)
    return dit["moteur"], list(lues)


def _ajouter(tar, nom, octets):
    membre = tarfile.TarInfo(nom)
    membre.size = len(octets)
    tar.addfile(membre, io.BytesIO(octets))


def _fichiers(magasin, dossier=""):
    """Yield the name of each file of a storage; an empty one may have no folder yet."""
    try:
        dossiers, noms = magasin.listdir(dossier)
    except FileNotFoundError:
        return
    yield from (f"{dossier}/{nom}".lstrip("/") for nom in noms)
    for sous in dossiers:
        yield from _fichiers(magasin, f"{dossier}/{sous}".lstrip("/"))


def _ranger(magasin, nom, octets):
    """Put a file back: the one that is there stays only if it is the same, to the byte."""
    if magasin.exists(nom):
        with magasin.open(nom) as present:
            if present.read() == octets:
                return
        magasin.delete(nom)
    magasin.save(nom, ContentFile(octets))


def _copier_la_base(destination):
    if connection.vendor == "sqlite":
        nom = connection.settings_dict["NAME"]
        with closing(sqlite3.connect(nom)) as source, closing(sqlite3.connect(destination)) as copie:
            source.backup(copie)
    else:
        _outil("pg_dump", "--format=custom", "--no-owner", f"--file={destination}")


def _remettre_la_base(copie):
    connections.close_all()
    if connection.vendor == "sqlite":
        nom = Path(connection.settings_dict["NAME"])
        remise = nom.with_name(f"{nom.name}.remise")
        shutil.copyfile(copie, remise)
        for suite in ("-wal", "-shm"):
            Path(f"{nom}{suite}").unlink(missing_ok=True)
        remise.replace(nom)  # at once: a full disk leaves the one that was there
    else:
        # Whatever a newer release added goes away with the rest: the archive is the whole of the base.
        script = f"{copie}.sql"
        _outil("pg_restore", "--no-owner", "--schema=public", f"--file={script}", apres=copie, base=False)
        avant = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
        texte = Path(script).read_text().replace("CREATE SCHEMA public;", "", 1)
        Path(script).write_text(avant + texte)
        _outil("psql", "-qX", "--single-transaction", "-v", "ON_ERROR_STOP=1", f"--file={script}")


def _outil(nom, *options, apres=None, base=True):
    """Run a tool of PostgreSQL on our base; the password is given to nobody else. Raises `SauvegardeImpossible`."""
    reglages = connection.settings_dict
    ou = [f"--{o}={reglages[c]}" for o, c in (("host", "HOST"), ("port", "PORT"), ("username", "USER")) if reglages[c]]
    ou = [*ou, f"--dbname={reglages['NAME']}"] if base else []
    commande = [nom, *ou, *options, *([str(apres)] if apres else [])]
    try:
        fini = subprocess.run(  # noqa: S603 - the names and options are ours
            commande, env=os.environ | {"PGPASSWORD": str(reglages["PASSWORD"])}, capture_output=True, text=True
        )
    except FileNotFoundError as erreur:
        raise SauvegardeImpossible(f"{nom} n’est pas installé : installez le paquet postgresql-client.") from erreur
    if fini.returncode:
        raise SauvegardeImpossible(f"{nom} : {fini.stderr.strip()}")
