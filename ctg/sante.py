"""Is the server well? And what do search engines hear."""

import os
import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

# Under this much free disk the next print, or the next attachment, may fail (bytes).
DISQUE_MINIMUM = 500 * 1024**2


@never_cache
def sante(request):
    """Tell whether the database, the storages and the disk do their part (JSON): 200, or 503 with what is wrong."""
    etat = {"base": _base(), "fichiers": _stockage("default"), "scelles": _stockage("scelles"), "disque": _disque()}
    bien = all(mot == "ok" for mot in etat.values())
    return JsonResponse({"etat": "ok" if bien else "en panne", **etat}, status=200 if bien else 503)


def _base():
    try:
        with connection.cursor() as curseur:
            curseur.execute("SELECT 1")
    except DatabaseError:
        return "injoignable"
    return "ok"


def _stockage(nom):
    """Ask the storage whether it answers and, where it is a folder, whether it can be written; nothing is written."""
    magasin = storages[nom]
    try:
        magasin.exists("sante")
        dossier = getattr(magasin, "location", None)
    except OSError:
        return "ne répond pas"
    return "ok" if dossier is None or os.access(_existant(Path(dossier)), os.W_OK) else "ne s’écrit pas"


def _existant(dossier):
    """Return the folder, or the nearest one above it: it is made at the first file."""
    return next(d for d in (dossier, *dossier.parents) if d.exists())


def _disque():
    """Look at each disk that something of ours is written on."""
    dossiers = [settings.BASE_DIR, settings.MEDIA_ROOT, settings.DOCUMENTS_ROOT]
    dossiers += [ou for nom in ("default", "scelles") if (ou := getattr(storages[nom], "location", None))]
    libre = min(shutil.disk_usage(_existant(Path(dossier))).free for dossier in dossiers)
    return "ok" if libre > DISQUE_MINIMUM else f"{libre // 1024**2} Mo libres"


# Where one works, and what asks a session: nothing there is for a search engine.
SANS_ROBOTS = ["/comptes/", "/admin/", "/travail/", "/conventions/", "/*/gestion/", "/*/pilotage/", "/*/*/plan/"]


def robots(request):
    """Tell search engines what to leave, and where the list of public pages is (RFC 9309)."""
    regles = ["User-agent: *", *(f"Disallow: {ou}" for ou in SANS_ROBOTS)]
    texte = "\n".join([*regles, "", f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}", ""])
    return HttpResponse(texte, content_type="text/plain; charset=utf-8")
