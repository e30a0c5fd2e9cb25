"""The workshop: two processes lay out, a folder keeps what they made, and who waits can see how far it is."""

import json
import logging
import multiprocessing
import os
import threading
import time
from concurrent.futures import TimeoutError as DelaiDepasse
from functools import partial
from pathlib import Path

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.functional import cached_property
from django.utils.html import escape
from pebble import ProcessPool

from .assemblage import assembler
from .document import FEUILLES, empreinte
from .erreurs import MiseEnPageImpossible
from .mise_en_page import borner, mettre_en_page

# A fiche takes about half a second; a minute is a paste gone wrong.
DELAI = 60
# What nobody asked for in so long is thrown away (seconds).
CONSERVATION = 30 * 24 * 3600

journal = logging.getLogger(__name__)
_verrou = threading.Lock()
_atelier = {}


def _equipe():
    """Return this process's pool of two workers, started on first use (spawned: Django has threads)."""
    with _verrou:
        if _atelier.get("pid") != os.getpid():
            contexte = multiprocessing.get_context("spawn")
            _atelier.update(
                pid=os.getpid(),
                pool=ProcessPool(max_workers=2, context=contexte, initializer=borner),
                en_cours={},
                echoues={},
            )
        return _atelier["pool"], _atelier["en_cours"], _atelier["echoues"]


def _dossiers():
    trouves = [Path(finders.find(f"fonts/{nom}")).parent for nom in ("Spectral-Regular.ttf", "FiraSans-Regular.ttf")]
    return (str(Path(settings.BASE_DIR) / "static"), *(str(d) for d in trouves), str(settings.MEDIA_ROOT))


def _chemin(cle):
    dossier = Path(settings.DOCUMENTS_ROOT)
    dossier.mkdir(parents=True, exist_ok=True)
    return dossier / f"{cle}.pdf"


def feuille_de_style():
    """Return the path of the one style sheet of documents, with the addresses of the fonts written out."""
    css = "".join(feuille.read_text(encoding="utf-8") for feuille in FEUILLES)
    for nom in ("Spectral", "FiraSans"):
        dossier = Path(finders.find(f"fonts/{nom}-Regular.ttf")).parent
        css = css.replace(f"url(../fonts/{nom}", f"url({dossier.as_uri()}/{nom}")
    cible = Path(settings.DOCUMENTS_ROOT) / f"document-{empreinte()[:16]}.css"
    if not cible.exists():
        cible.parent.mkdir(parents=True, exist_ok=True)
        cible.write_text(css, encoding="utf-8")
    return str(cible)


def _lancer(html, balise=True):
    """Start the layout of a piece unless it is kept or already under way; return (path, future or None).

    A layout that failed is handed back once, failed, to who asks next; asking again starts it anew.
    """
    cle = empreinte(html, str(balise))
    chemin = _chemin(cle)
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


def preparer(morceau):
    """Lay out a piece in the background, ahead of who will ask for it."""
    _lancer(morceau.html)


def _gabarits():
    """Return a mark that changes with any template: documents include some of the pages' own."""
    return max(f.stat().st_mtime_ns for f in (Path(settings.BASE_DIR) / "templates").rglob("*.html"))


class Preparation:
    """The making of one document, from its pieces to its file.

    `cle` names the document and the state of the data it is made from: as long as it does not change, the file is
    found without writing the document anew. `fabrique` returns the `Document` when it has to be written.
    """

    def __init__(self, cle, fabrique):
        self._fabrique = fabrique
        self._repere = _chemin(empreinte(cle, str(_gabarits()))).with_suffix(".ref")

    @cached_property
    def document(self):
        return self._fabrique()

    @cached_property
    def chemin(self):
        if self._repere.exists():
            connu = _chemin(self._repere.read_text())
            if connu.exists():
                return connu
        return _chemin(self.document.empreinte)

    @property
    def prete(self):
        return self.chemin.exists()

    def avancement(self):
        """Start what is missing; return (pieces laid out, pieces in all). Raises `MiseEnPageImpossible`."""
        pieces = [(m, *_lancer(m.html)) for m in self.document.morceaux]
        for morceau, chemin, futur in pieces:
            if futur is not None and futur.done() and not chemin.exists():
                self._attendre(morceau, chemin, futur)
        return sum(chemin.exists() for _, chemin, _ in pieces), len(pieces)

    def _attendre(self, morceau, chemin, futur):
        try:
            if futur is not None:
                futur.result()
        except Exception as erreur:
            # Too long, too large, or a fault of the engine: the person is told which piece, the log is told why.
            if not isinstance(erreur, DelaiDepasse):
                journal.exception("Mise en page impossible : %s", morceau.nom)
            raise MiseEnPageImpossible(morceau.nom) from erreur
        reperes = json.loads(chemin.with_suffix(".json").read_text())
        return chemin, reperes

    def fichier(self):
        """Return the path of the finished PDF, made now if need be. Raises `MiseEnPageImpossible`."""
        if self.prete:
            os.utime(self.chemin)
            return self._retenir()
        document = self.document
        lances = [(m, *_lancer(m.html)) for m in document.morceaux]
        faits = [self._attendre(*lance) for lance in lances]
        if document.sommaire:
            faits, morceaux = self._avec_sommaire(faits)
        else:
            morceaux = list(document.morceaux)
        decor = self._decor([(m, reperes["pages"]) for m, (_, reperes) in zip(morceaux, faits, strict=True)])
        entrees = [e for m in morceaux for e in m.entrees]
        temporaire = self.chemin.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        descentes = [document.descente(rang, morceau) for rang, morceau in enumerate(morceaux)]
        joints = [(chemin, r["ancres"], n) for (chemin, r), n in zip(faits, descentes, strict=True)]
        assembler(joints, decor, document, entrees, temporaire)
        temporaire.replace(self.chemin)
        ranger()
        return self._retenir()

    def _retenir(self):
        if not self._repere.exists():
            self._repere.write_text(self.chemin.stem)
        return self.chemin

    def _avec_sommaire(self, faits):
        """Lay out the table of contents with true page numbers; again only if it grew by a page itself."""
        rang, longueur = self.document.rang_sommaire, 1
        while True:
            pages, suivante = {}, 1
            for numero, (_, reperes) in enumerate(faits):
                suivante += longueur if numero == rang else 0
                for ancre, (page, *_) in reperes["ancres"].items():
                    pages.setdefault(ancre, suivante + page)
                suivante += reperes["pages"]
            sommaire = self.document.sommaire(pages)
            fait = self._attendre(sommaire, *_lancer(sommaire.html))
            if fait[1]["pages"] == longueur:
                break
            longueur = fait[1]["pages"]
        morceaux = list(self.document.morceaux)
        morceaux.insert(rang, sommaire)
        return [*faits[:rang], fait, *faits[rang:]], morceaux

    def _decor(self, pages):
        total = sum(nombre for _, nombre in pages)
        feuilles, numero = [], 0
        for morceau, nombre in pages:
            for _ in range(nombre):
                numero += 1
                pied = f"Page {numero} sur {total}"
                code = _code(self.document.verification) if numero == 1 and self.document.verification else ""
                feuilles.append(
                    f'<div class="decor"><p class="decor-filigrane">{escape(self.document.filigrane)}</p>'
                    f'<p class="decor-mention">{escape(self.document.mention)}</p>'
                    f'<p class="decor-tete">{escape(morceau.tete)}</p><p class="decor-pied">{pied}</p>{code}</div>'
                )
        html = f'<!doctype html><html lang="fr" class="decoration"><title>Décor</title><body>{"".join(feuilles)}</body></html>'
        chemin, futur = _lancer(html, balise=False)
        if futur is not None:
            futur.result()
        return chemin


def _code(adresse):
    """Return the QR code of an address, and the address itself for who types it (ISO/IEC 18004, level M)."""
    dessin = segno.make(adresse, micro=False, error="m").svg_inline(border=0, omitsize=True)
    return f'<div class="decor-code">{dessin}</div><p class="decor-adresse">Vérifier cet exemplaire :<br>{escape(adresse)}</p>'


def ranger(maintenant=None):
    """Throw away the files that nobody asked for in a month, and what a stopped worker left half made."""
    limite = (maintenant or time.time()) - CONSERVATION
    dossier = Path(settings.DOCUMENTS_ROOT)
    for chemin in [f for motif in ("*.pdf", "*.ref", "*.partiel", "*.css") for f in dossier.glob(motif)]:
        if chemin.stat().st_mtime < limite:
            chemin.unlink(missing_ok=True)
            chemin.with_suffix(".json").unlink(missing_ok=True)
