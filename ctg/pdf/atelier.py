"""The workshop: two processes lay out and join, a folder keeps what they made.

The workers are forked from a server that has WeasyPrint loaded (forkserver: the web process has threads, which a fork
would copy half alive): one begins in the time of a fork, not in the second that loading takes.
"""

import json
import logging
import multiprocessing
import os
import threading
import time
from concurrent.futures import TimeoutError as DelaiDepasse
from functools import partial
from multiprocessing import forkserver
from pathlib import Path

from django.conf import settings
from pebble import ProcessExpired, ProcessPool

from ctg.polices import PAQUETS, dossier_des_ttf

from .assemblage import assembler
from .document import FEUILLES, Feuillets, empreinte
from .etranger import PDFIllisible, a_l_etroit, compter_les_pages
from .ouvriers import borner, mettre_en_page

# A fiche takes about half a second; a minute is a paste gone wrong.
DELAI = 60
# Opening a file of somebody else's (seconds).
DELAI_DE_LECTURE = 10
# What a worker is born with.
PRECHARGES = ["ctg.pdf.mise_en_page", "ctg.pdf.assemblage"]
# What nobody asked for in so long is thrown away (seconds).
CONSERVATION = 30 * 24 * 3600

journal = logging.getLogger(__name__)
_verrou, _un_lecteur = threading.Lock(), threading.BoundedSemaphore(1)
_atelier = {}


def _equipe():
    """Return this process's pool of two workers, started on first use or by `chauffer`, and anew if it broke."""
    with _verrou:
        pool, neuf = _ouvrir("equipe", 2)
        if neuf:
            _atelier.update(en_cours={}, echoues={})
        return pool, _atelier["en_cours"], _atelier["echoues"]


def _ouvrir(nom, ouvriers):
    """Return this process's pool of a name, made if there is none that works, and whether it was; under `_verrou`."""
    pid, pool = _atelier.get(nom, (None, None))
    if pid == os.getpid() and pool.active:
        return pool, False
    pool = ProcessPool(max_workers=ouvriers, context=_contexte(), initializer=borner)
    _atelier[nom] = os.getpid(), pool
    return pool, True


def _contexte():
    """Return the forkserver, started and loaded.

    That of Python 3.11 is given no path and swallows a preload that fails: it finds us by PYTHONPATH, and a test asserts
    that its children are born with WeasyPrint.
    """
    contexte = multiprocessing.get_context("forkserver")
    contexte.set_forkserver_preload(PRECHARGES)
    avant = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(settings.BASE_DIR), avant]))
    try:
        forkserver.ensure_running()
    finally:
        if avant is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = avant
    return contexte


def chauffer():
    """Have the workers ready before anybody prints; called where the application starts (ctg/wsgi.py).

    Return a future for each of them, done once it is ready.
    """
    pool, *_ = _equipe()
    return [pool.schedule(borner) for _ in range(2)]


def _dossiers():
    return (
        str(Path(settings.BASE_DIR) / "static"),
        *(str(dossier_des_ttf(police)) for police in PAQUETS),
        str(settings.MEDIA_ROOT),
        str(_images()),
    )


def _images():
    return Path(settings.DOCUMENTS_ROOT) / "images"


def deposer_une_image(sha256, lire):
    """Put a picture of ours where workers fetch pictures; return its address. `lire()` gives its bytes (PNG)."""
    chemin = _images() / f"{sha256}.png"
    if not chemin.exists():
        _poser(chemin, lire())
    return chemin.as_uri()


def _poser(chemin, octets):
    """Write a file whole or not at all: a full disk leaves no half of it to who reads it later."""
    chemin.parent.mkdir(parents=True, exist_ok=True)
    temporaire = chemin.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partiel")
    temporaire.write_bytes(octets)
    temporaire.replace(chemin)


def place(cle):
    dossier = Path(settings.DOCUMENTS_ROOT)
    dossier.mkdir(parents=True, exist_ok=True)
    return dossier / f"{cle}.pdf"


def feuille_de_style():
    """Return the path of the one style sheet of documents, with the addresses of the fonts written out."""
    css = "".join(feuille.read_text(encoding="utf-8") for feuille in FEUILLES)
    for police in PAQUETS:
        css = css.replace(f"url({police}-", f"url({dossier_des_ttf(police).as_uri()}/{police}-")
    cible = Path(settings.DOCUMENTS_ROOT) / f"document-{empreinte()[:16]}.css"
    if not cible.exists():
        _poser(cible, css.encode())
    return str(cible)


def lancer(html, balise=True):
    """Start the layout of a piece unless it is kept or already under way; return (path, future or None).

    A layout that failed is handed back once, failed, to who asks next; asking again starts it anew.
    """
    cle = empreinte(html, str(balise))
    chemin = place(cle)
    if chemin.exists():
        os.utime(chemin)
        return chemin, None
    pool, en_cours, echoues = _equipe()
    with _verrou:
        futur = echoues.pop(chemin, None) or en_cours.get(chemin)
        if futur is None:
            arguments = (html, feuille_de_style(), _dossiers(), str(chemin), balise)
            futur = en_cours[chemin] = pool.schedule(mettre_en_page, args=arguments, timeout=DELAI)
            nouveau = True
        else:
            nouveau = False
    if nouveau:
        futur.add_done_callback(partial(_noter_la_fin, chemin))
    return chemin, futur


def _noter_la_fin(chemin, futur):
    _, en_cours, echoues = _equipe()
    with _verrou:
        en_cours.pop(chemin, None)
        if not futur.cancelled() and futur.exception():
            echoues[chemin] = futur


def ouvriers():
    """Return the process ids of the workers (for measures)."""
    pool, *_ = _equipe()
    return list(pool._pool_manager.worker_manager.workers)


def joindre(*arguments):
    """Have a worker join some pieces (`assembler`), so that no request thread is held up; wait for it."""
    pool, *_ = _equipe()
    pool.schedule(assembler, args=arguments, timeout=DELAI).result()


def a_l_ecart(lire, *arguments):
    """Return what a function of etranger.py reads from a file of anybody's, in a worker. Raises `PDFIllisible`.

    That worker is of its own, and reads one file at a time: nobody who prints waits behind strangers.
    """
    if not _un_lecteur.acquire(timeout=DELAI_DE_LECTURE):
        raise PDFIllisible("D’autres fichiers sont en cours de lecture : réessayez dans un instant.")
    try:
        futur = _lecteur().schedule(a_l_etroit, args=(lire, *arguments), timeout=DELAI_DE_LECTURE)
        return futur.result()
    except (TimeoutError, DelaiDepasse, ProcessExpired, MemoryError, RuntimeError) as erreur:
        raise PDFIllisible("Ce PDF ne s’ouvre pas en un temps raisonnable : allégez-le.") from erreur
    finally:
        _un_lecteur.release()


def _lecteur():
    """Return this process's pool of one worker that reads strangers' files, started on first use and anew if it broke."""
    with _verrou:
        return _ouvrir("lecteur", 1)[0]


def deposer(feuillets):
    """Put pages that are not ours where workers read them, with their number beside; return their path."""
    chemin = place(f"joint-{feuillets.sha256}")
    if not (chemin.exists() and chemin.with_suffix(".json").exists()):
        octets = feuillets.lire()
        reperes = json.dumps({"pages": a_l_ecart(compter_les_pages, octets), "ancres": {}}).encode()
        _poser(chemin.with_suffix(".json"), reperes)
        _poser(chemin, octets)
    os.utime(chemin)
    return chemin


def pages_de(feuillets):
    """Return the number of pages that are not ours. Raises `OSError`, `PDFIllisible`."""
    return json.loads(deposer(feuillets).with_suffix(".json").read_text())["pages"]


def preparer(morceau):
    """Have a piece made in the background, ours laid out and that of others put in place; return (path, future or None)."""
    return (deposer(morceau), None) if isinstance(morceau, Feuillets) else lancer(morceau.html)


def ranger(maintenant=None):
    """Throw away the files that nobody asked for in a month, and what a stopped worker left half made."""
    limite = (maintenant or time.time()) - CONSERVATION
    dossier = Path(settings.DOCUMENTS_ROOT)
    for chemin in [f for motif in ("*.pdf", "*.ref", "*.partiel", "*.reperes", "*.css") for f in dossier.glob(motif)]:
        if chemin.stat().st_mtime < limite:
            chemin.unlink(missing_ok=True)
            chemin.with_suffix(".json").unlink(missing_ok=True)
