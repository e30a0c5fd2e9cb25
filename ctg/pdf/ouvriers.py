"""What workers run: the layout engine is loaded there alone, not in the processes that serve or command."""

import gc
import os
import resource

# Address space of a worker (bytes): a monstrous table fails alone.
MEMOIRE_MAX = 4 * 1024**3
# How much a worker yields to the processes that serve (nice, 0 to 19).
POLITESSE = 10
# New objects between two walks of the collector: a page makes 100,000, and walking them at every 700 costs a tenth of it.
OBJETS_ENTRE_DEUX_RAMASSAGES = 20_000


def borner():
    """Limit the memory of the worker that runs this, and let whoever serves a page go first."""
    gc.freeze()  # what was loaded before stays: it is not walked again
    gc.set_threshold(OBJETS_ENTRE_DEUX_RAMASSAGES)
    os.setpriority(os.PRIO_PROCESS, 0, max(POLITESSE, os.getpriority(os.PRIO_PROCESS, 0)))
    resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE_MAX, MEMOIRE_MAX))


def mettre_en_page(*arguments):
    """Lay out one piece; see mise_en_page.py."""
    from .mise_en_page import mettre_en_page

    return mettre_en_page(*arguments)
