"""Ranks, rewritten under the lock of their owner.

A rank is unique in the database, which checks it row by row: ranks are freed in a first pass, given in a second.
"""

from itertools import count

from django.db import models, transaction

LIBRE = 10_000


def ranger(lignes, ordres=None):
    """Give the rows of an ordered queryset or list the ranks 1, 2, 3 ... in that order (or `ordres`).

    Only rows whose rank changes are written, each with its history. Must run under the lock of their owner: the
    caller has opened the write.
    """
    lignes = list(lignes)
    bouges = [(ligne, rang) for ligne, rang in zip(lignes, ordres or count(1), strict=False) if ligne.ordre != rang]
    if not bouges:
        return
    with transaction.atomic():
        bouges[0][0].ouvrir_l_ecriture()
        type(bouges[0][0])._base_manager.filter(pk__in=[ligne.pk for ligne, _ in bouges if ligne.pk]).exclude(
            ordre__isnull=True
        ).update(ordre=models.F("ordre") + LIBRE)
        for ligne, rang in bouges:
            ligne.ordre = rang
            ligne.save(update_fields=["ordre"])
