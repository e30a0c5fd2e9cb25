"""The sealed store: a file under the SHA-256 of its bytes as its name, written once and never again.

Files go through Django's storages (`STORAGES["scelles"]`). The caller renders without a lock, seals inside its
transaction, and commits: a row without its file cannot exist; a file without its row is swept (`balayer`).
"""

import hashlib
import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import models, transaction
from django.utils import timezone

from ctg.models import Scelle

# No 0/o, no 1/l/i: the identifier of a paper is typed from paper.
SIGNES = "abcdefghjkmnpqrstuvwxyz23456789"


def cle_de_scelle(nom):
    """Return a key to a file of the store, which nobody types."""
    return models.ForeignKey(
        Scelle, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=nom
    )


def magasin():
    return storages["scelles"]


def chemin(sha256):
    """Two levels of folders, so that no folder holds more than a file system lists with ease."""
    return f"{sha256[:2]}/{sha256}"


def empreinte(octets):
    """Return the SHA-256 of some bytes, in hexadecimal (FIPS 180-4)."""
    return hashlib.sha256(octets).hexdigest()


def tirer():
    """Draw the identifier that a paper bears: 12 signs that nobody mistakes for others when typing them (62 bits)."""
    return "".join(secrets.choice(SIGNES) for _ in range(12))


def sceller(octets, nom, nature, identifiant=None, fait_foi=True):
    """Store some bytes under their SHA-256 and return their `Scelle`; the same bytes are stored once.

    `identifiant` is what the paper itself bears, if it was drawn before the rendering (`tirer`). Not `fait_foi`, nobody is
    told that the file is one of ours (`/verifier/`), until the same bytes are sealed as such.
    Raises `OSError` if the storage cannot take them: then no row is written either.
    """
    sha256 = empreinte(octets)
    with transaction.atomic():
        _garder(sha256, octets)
        champs = {"nom": nom, "nature": nature, "identifiant": identifiant, "fait_foi": fait_foi}
        scelle, _ = Scelle.objects.get_or_create(sha256=sha256, defaults={"taille": len(octets), **champs})
        if fait_foi and not scelle.fait_foi:
            champs["scelle_le"] = timezone.now()  # from then on it proves something
            scelle.__dict__.update(champs)
            scelle.save(update_fields=list(champs))
    return scelle


def _garder(sha256, octets):
    """Write some bytes under their fingerprint, unless the store holds them whole."""
    if magasin().exists(chemin(sha256)):
        if empreinte(lire(sha256)) == sha256:
            return
        magasin().delete(chemin(sha256))  # what a full disk, or a power cut, left of them
    rendu = magasin().save(chemin(sha256), ContentFile(octets))
    if rendu != chemin(sha256):  # somebody stored the same bytes meanwhile: theirs are ours
        magasin().delete(rendu)


def faire_foi(scelle):
    """Let a sealed file prove something from now on (`/verifier/`)."""
    if not scelle.fait_foi:
        scelle.fait_foi, scelle.scelle_le = True, timezone.now()
        scelle.save(update_fields=["fait_foi", "scelle_le"])


def lire(sha256):
    """Return the bytes that were sealed. Raises `FileNotFoundError` if the store has lost them."""
    with magasin().open(chemin(sha256)) as fichier:
        return fichier.read()


def ouvrir(sha256):
    """Return the sealed file, open for reading."""
    return magasin().open(chemin(sha256))


def balayer():
    """Delete the files of the store that no row names; return how many."""
    orphelins = 0
    for dossier in magasin().listdir("")[0]:
        for nom in magasin().listdir(dossier)[1]:
            if not Scelle.objects.filter(sha256=nom).exists():
                magasin().delete(f"{dossier}/{nom}")
                orphelins += 1
    return orphelins
