"""One counter for each owner (a convention, a territory, what is common): what was made before a write is known by it.

A write first counts its owner up, which also locks that row until the transaction ends: two writes for one owner
never overlap, and what each reads afterwards is what the other has committed. A reader reads the counters *before*
the data: a copy can then be newer than its key says, never older.
"""

import logging
import time
from contextlib import nullcontext, suppress

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.utils.module_loading import import_string

journal = logging.getLogger(__name__)

COMMUN = "commun"
# Who wants to know, at the commit, that an owner was written: functions of the key of its counter.
A_L_ECOUTE = []


class _Ouverte:
    """Among the hooks of the transaction under way, the mark that an owner is already locked and counted in it.

    Django drops it with the savepoint or the transaction that is rolled back, and with the commit.
    """

    def __init__(self, cle, gel):
        self.cle, self.gel, self.fermee = cle, gel, False

    def __call__(self):
        """Tell, at the commit, those who listen that the owner was written."""
        for entendre in A_L_ECOUTE:
            try:
                entendre(self.cle)
            except Exception:  # all is committed: whoever listens spoils nothing
                journal.exception("À l’écoute de %s", self.cle)


def ecriture():
    """Return the transaction of a write: the one under way, or a new one. A write of one row needs no savepoint."""
    return nullcontext() if connection.in_atomic_block else transaction.atomic()


def se_mettre_a_l_ecoute():
    """Have those that the settings name told of each write from now on: called where a server starts."""
    A_L_ECOUTE[:] = [import_string(chemin) for chemin in settings.A_L_ECOUTE]


def cle_de(proprietaire):
    """Return the key of the counter of an owner: a row, its key itself, or None for what is common to the installation."""
    if isinstance(proprietaire, str):
        return proprietaire
    return COMMUN if proprietaire is None else f"{proprietaire._meta.model_name}:{proprietaire.pk}"


def ouvrir_l_ecriture(proprietaire):
    """Lock and count an owner, once a transaction; return what its state freezes now (see `Historise.gel_en_base`).

    Must be the first statement of a write, inside `transaction.atomic`.
    """
    cle = cle_de(proprietaire)
    for _, marque, _ in connection.run_on_commit:
        if isinstance(marque, _Ouverte) and marque.cle == cle and not marque.fermee:
            return marque.gel
    _incrementer(cle)
    gel = frozenset() if proprietaire is None else proprietaire.gel_en_base()
    transaction.on_commit(_Ouverte(cle, gel))
    return gel


def compter(proprietaire):
    """Count an owner for what is written without its lock: a name that its pages show and that another keeps.

    To be called at the commit: what a reader kept meanwhile is younger than its count says, never older.
    """
    _incrementer(cle_de(proprietaire))


def fermer_l_ecriture():
    """Forget what the transaction under way has opened: the next write counts, and reads states, again."""
    for _, marque, _ in connection.run_on_commit:
        if isinstance(marque, _Ouverte):
            marque.fermee = True


def _incrementer(cle):
    from ctg.models import Compteur

    lignes = Compteur.objects.filter(cle=cle)
    if not lignes.update(valeur=models.F("valeur") + 1):
        Compteur.objects.bulk_create([Compteur(cle=cle)], ignore_conflicts=True)
        lignes.update(valeur=models.F("valeur") + 1)


def renouveler_les_marques():
    """Have every mark differ from those of before: the counters of a base that is put back tell a time that has passed.

    Else a page, or a paper, made of what was undone would be shown under the same count. The hour, in seconds since 1970, is
    far above what writes count, and is never the same twice. A base older than the counters has none to renew.
    """
    from ctg.models import Compteur

    with suppress(DatabaseError), transaction.atomic():
        Compteur.objects.update_or_create(cle=COMMUN, defaults={"valeur": int(time.time())})


def valeurs(*proprietaires):
    """Return {key: count} of what is common and of these owners (or of their keys), in one query."""
    from ctg.models import Compteur

    cles = [COMMUN, *(cle_de(p) for p in proprietaires if p is not None)]
    return dict.fromkeys(cles, 0) | dict(Compteur.objects.filter(cle__in=cles).values_list("cle", "valeur"))


def ecrit_depuis(lu, lus, comptes):
    """Tell whether somebody has written for one of the owners `lus` since their counters `lu` were read.

    The write under way has itself counted the owners `comptes`, once each.
    """
    siennes = {cle_de(p) for p in comptes}
    return any(valeur > lu.get(cle, 0) + (cle in siennes) for cle, valeur in valeurs(*lus).items())


def jeton(*proprietaires):
    """Return a text that changes whenever a row of these owners, or a common one, is written."""
    fermer_l_ecriture()
    return "|".join(f"{cle}={valeur}" for cle, valeur in valeurs(*proprietaires).items())
