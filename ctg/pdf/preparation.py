"""The making of one document, from its pieces to its file; who waits can see how far it is."""

import json
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as DelaiDepasse
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import segno
from django.conf import settings
from django.utils.functional import cached_property
from django.utils.html import escape

from . import atelier
from .document import empreinte
from .erreurs import MiseEnPageImpossible

# How many documents under way are kept written, the oldest forgotten first.
DOCUMENTS_RETENUS = 32

journal = logging.getLogger(__name__)
_verrou = threading.Lock()
_documents, _jonctions = {}, {}
# Whoever joins waits for a worker: not in the thread of a request.
_fond = ThreadPoolExecutor(max_workers=2, thread_name_prefix="jonction")


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
        self._repere = atelier.place(empreinte(cle, str(_gabarits()))).with_suffix(".ref")

    @cached_property
    def document(self):
        """Return the document, written once: who waits asks again and again, and writes nothing anew."""
        with _verrou:
            if (connu := _documents.get(self._repere)) is not None:
                return connu
        document = self._fabrique()
        with _verrou:
            _documents[self._repere] = document
            while len(_documents) > DOCUMENTS_RETENUS:
                _documents.pop(next(iter(_documents)))
        return document

    def _oublier(self):
        with _verrou:
            _documents.pop(self._repere, None)

    @cached_property
    def chemin(self):
        if self._repere.exists():
            connu = atelier.place(self._repere.read_text())
            if connu.exists():
                return connu
        return atelier.place(self.document.empreinte)

    @property
    def prete(self):
        return self.chemin.exists()

    def avancement(self):
        """Start what is missing; return (steps done, steps in all), the joining being the last of them.

        Raises `MiseEnPageImpossible`.
        """
        pieces = self._lancer()
        for morceau, chemin, futur in pieces:
            if futur is not None and futur.done() and not chemin.exists():
                self._attendre(morceau, chemin, futur)
        faits = sum(chemin.exists() for _, chemin, _ in pieces)
        if faits == len(pieces):
            faits += self._joint()
        return faits, len(pieces) + 1

    def _lancer(self):
        """Have each piece laid out that is not; return [(piece, path, future or None)]."""
        with self._nommer(self.document.titre):
            return [(m, *atelier.preparer(m)) for m in self.document.morceaux]

    def _joint(self):
        """Have the pieces joined behind the request; return whether it is done. Raises what went wrong, once."""
        with _verrou:
            futur = _jonctions.get(self._repere) or _fond.submit(self.fichier)
            _jonctions[self._repere] = futur
            while len(_jonctions) > DOCUMENTS_RETENUS:  # of those that nobody came back for
                _jonctions.pop(next(iter(_jonctions)))
            if futur.done():
                del _jonctions[self._repere]
        if not futur.done():
            return False
        futur.result()
        return True

    def _attendre(self, morceau, chemin, futur):
        with self._nommer(morceau.nom):
            if futur is not None:
                futur.result()
        reperes = json.loads(chemin.with_suffix(".json").read_text())
        return chemin, reperes

    @contextmanager
    def _nommer(self, nom):
        """Tell the person which piece fails and the log why: too long, too large, no room, or a fault of the engine."""
        try:
            yield
        except Exception as erreur:
            if not isinstance(erreur, DelaiDepasse):
                journal.exception("Mise en page impossible : %s", nom)
            self._oublier()
            raise MiseEnPageImpossible(nom, erreur) from erreur

    def fichier(self):
        """Return the path of the finished PDF, made now if need be. Raises `MiseEnPageImpossible`."""
        if self.prete:
            os.utime(self.chemin)
            return self._retenir()
        document = self.document
        faits = [self._attendre(*lance) for lance in self._lancer()]
        if document.sommaire:
            faits, morceaux = self._avec_sommaire(faits)
        else:
            morceaux = list(document.morceaux)
        decor, futur = self._lancer_le_decor(morceaux, [reperes["pages"] for _, reperes in faits])
        with self._nommer(document.titre):
            if futur is not None:
                futur.result()
        entrees = [e for m in morceaux for e in m.entrees]
        temporaire = self.chemin.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partiel")
        descentes = [document.descente(rang, morceau) for rang, morceau in enumerate(morceaux)]
        joints = [(chemin, r["ancres"], n) for (chemin, r), n in zip(faits, descentes, strict=True)]
        nu = replace(document, morceaux=[], sommaire=None)  # what the joining reads of it, and a process can be sent
        with self._nommer(document.titre):
            atelier.joindre(joints, decor, nu, entrees, temporaire)
            temporaire.replace(self.chemin)
        self._oublier()
        atelier.ranger()
        return self._retenir()

    def _retenir(self):
        if not self._repere.exists():
            self._repere.write_text(self.chemin.stem)
        return self.chemin

    def _avec_sommaire(self, faits):
        """Lay out the table of contents with true page numbers; again only if it grew by a page itself.

        The decoration is laid out meanwhile, for the length that it is expected to have.
        """
        rang, longueur = self.document.rang_sommaire, 1
        while True:
            pages, suivante = {}, 1
            for numero, (_, reperes) in enumerate(faits):
                suivante += longueur if numero == rang else 0
                for ancre, (page, *_) in reperes["ancres"].items():
                    pages.setdefault(ancre, suivante + page)
                suivante += reperes["pages"]
            sommaire = self.document.sommaire(pages)
            lance = atelier.lancer(sommaire.html)
            morceaux = [*self.document.morceaux[:rang], sommaire, *self.document.morceaux[rang:]]
            longueurs = [reperes["pages"] for _, reperes in faits]
            self._lancer_le_decor(morceaux, [*longueurs[:rang], longueur, *longueurs[rang:]])
            fait = self._attendre(sommaire, *lance)
            if fait[1]["pages"] == longueur:
                break
            longueur = fait[1]["pages"]
        return [*faits[:rang], fait, *faits[rang:]], morceaux

    def _lancer_le_decor(self, morceaux, longueurs):
        """Have the decoration of all the pages laid out; `longueurs` are the numbers of pages of the pieces.

        Return (path, future or None).
        """
        total = sum(longueurs)
        feuilles, numero = [], 0
        for morceau, nombre in zip(morceaux, longueurs, strict=True):
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
        with self._nommer(self.document.titre):
            return atelier.lancer(html, balise=False)


def _code(adresse):
    """Return the QR code of an address, and the address itself for who types it (ISO/IEC 18004, level M)."""
    dessin = segno.make(adresse, micro=False, error="m").svg_inline(border=0, omitsize=True)
    return f'<div class="decor-code">{dessin}</div><p class="decor-adresse">Vérifier cet exemplaire :<br>{escape(adresse)}</p>'
