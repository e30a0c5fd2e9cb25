"""Lay the pieces of a convention out ahead of who will print it, whatever door its change came by.

A write is heard at its commit (ctg/compteurs.py); a little later, when nobody has written meanwhile, one thread writes
the pieces anew and hands those that changed to the workers. Nothing waits for it, and nothing depends on it.
"""

import logging
import threading

from django.conf import settings
from django.db import close_old_connections, connections

from actions.documents import Usage, document_plan
from actions.models import Convention
from ctg.compteurs import COMMUN
from ctg.impression import relire
from ctg.pdf import preparer
from pilotage.documents import document_convention

# Seconds without a write, after which the pieces are laid out.
CALME = 3

journal = logging.getLogger(__name__)
_verrou, _un_a_la_fois = threading.Lock(), threading.Lock()
_prevus = {}


def entendre(cle):
    """Plan the layout of what was just written; `cle` is that of its counter."""
    if not settings.IMPRIMER_D_AVANCE or cle == COMMUN:  # what is common to all changes too many papers at once
        return
    minuterie = threading.Timer(CALME, _imprimer, [cle])
    minuterie.daemon = True
    with _verrou:
        if precedente := _prevus.pop(cle, None):
            precedente.cancel()
        _prevus[cle] = minuterie
    minuterie.start()


def conventions_de(cle):
    """Return the conventions whose papers show what a counter counts: itself, or those of a territory that are not over."""
    modele, _, pk = cle.partition(":")
    if modele == Convention._meta.model_name:
        return Convention.objects.filter(pk=pk)
    return [c for c in Convention.objects.filter(territoire=pk) if not c.est_finie]


def _imprimer(cle):
    try:
        close_old_connections()
        with _un_a_la_fois:
            for convention in conventions_de(cle):
                imprimer_d_avance(convention, lambda: _prevus.get(cle) is not threading.current_thread())
    except Exception:  # whatever it is, who prints will see it for themselves
        journal.exception("Mise en page d’avance impossible : %s", cle)
    finally:
        with _verrou:
            if _prevus.get(cle) is threading.current_thread():
                del _prevus[cle]
        connections.close_all()


def imprimer_d_avance(convention, perime=lambda: False):
    """Have every piece of the plan, for each reader, and of the convention laid out, if it is not.

    One at a time: who prints meanwhile waits for one piece at the most. It stops once `perime()`, somebody having written.
    """
    fraiche = relire(convention)
    usages = [Usage.TRAVAIL, *([Usage.PUBLIC] if fraiche.publiee else [])]
    for document in (*(document_plan(fraiche, usage) for usage in usages), document_convention(fraiche)):
        for morceau in document.morceaux:
            if perime():
                return
            _, futur = preparer(morceau)
            if futur is not None:
                futur.exception()
