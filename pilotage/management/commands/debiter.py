"""Measure how many requests a second the production server answers, beside an empty view of the same server."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management.base import BaseCommand, CommandError

from actions.models import Action, Convention
from ctg.adresses import adresse
from ctg.models import User

SECONDES, CONNEXIONS = 5, 30


class Command(BaseCommand):
    help = (
        "Mesure les requêtes par seconde : une vue vide, le plan, une fiche, une page publique relue (wrk, gunicorn)."
    )

    def handle(self, **options):
        if not shutil.which("wrk"):
            raise CommandError("wrk est absent : `apt-get install wrk`.")
        convention = Convention.objects.filter(publiee=True, fiches__publiee=True).order_by("pk").first()
        compte = User.objects.filter(fonctions__partenaire__conventions_portees=convention, is_active=True).first()
        if convention is None or compte is None:
            raise CommandError("La base est vide : lancez d’abord `make run`.")
        session = self._session(compte)
        with socket.socket() as libre:
            libre.bind(("127.0.0.1", 0))
            port = libre.getsockname()[1]
        environnement = os.environ | {
            "DEBUG": "false",
            "SECRET_KEY": settings.SECRET_KEY,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECOND_FACTEUR_EXIGE": "false",
        }
        # By a process of its own: the manifest of static files is written under the settings of production alone.
        rassembler = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(rassembler, check=True, cwd=settings.BASE_DIR, env=environnement)  # noqa: S603
        serveur = subprocess.Popen(  # noqa: S603 - our own server
            [sys.executable, "-m", "gunicorn", "--threads", "8", "--bind", f"127.0.0.1:{port}", "ctg.wsgi"],
            cwd=settings.BASE_DIR,
            env=environnement,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._mesurer(f"http://127.0.0.1:{port}", convention, session.session_key)
        finally:
            serveur.terminate()
            serveur.wait()
            session.delete()

    @staticmethod
    def _session(compte):
        """Return a session in which an account is signed in, as the sign-in page would make it."""
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(compte.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = compte.get_session_auth_hash()
        session.save()
        return session

    def _mesurer(self, base, convention, cle):
        fiche = Action.objects.publiees().de(convention).first()
        vide = self._debit(base, "/robots.txt", "une vue vide", attendre=True)
        cookie = f"{settings.SESSION_COOKIE_NAME}={cle}"
        self._debit(base, adresse("plan", de=convention), "le plan", vide, Cookie=cookie)
        self._debit(base, adresse("fiche", fiche.pk, de=fiche), "une fiche", vide, Cookie=cookie)
        publique = adresse("fiche_publique", fiche.pk, de=fiche)
        marque = self._lire(base, publique).headers["ETag"]
        self._debit(base, publique, "la fiche publique", vide)
        self._debit(base, publique, "la même, relue (304)", vide, **{"If-None-Match": marque})

    @staticmethod
    def _lire(base, chemin, **tetes):
        demande = urllib.request.Request(base + chemin, headers={"X-Forwarded-Proto": "https", **tetes})  # noqa: S310
        return urllib.request.urlopen(demande, timeout=30)  # noqa: S310 - our own server

    def _debit(self, base, chemin, quoi, vide=None, *, attendre=False, **tetes):
        for _ in range(60 if attendre else 0):
            try:
                self._lire(base, chemin)
                break
            except OSError:
                time.sleep(0.5)
        options = [
            mot for nom, valeur in {"X-Forwarded-Proto": "https", **tetes}.items() for mot in ("-H", f"{nom}: {valeur}")
        ]
        commande = ["wrk", "-t", "1", "-c", str(CONNEXIONS), "-d", f"{SECONDES}s", *options, base + chemin]
        dit = subprocess.run(commande, check=True, capture_output=True, text=True).stdout  # noqa: S603
        if "Non-2xx" in dit:
            raise CommandError(f"{chemin} : {dit}")
        debit = float(re.search(r"Requests/sec:\s+([\d.]+)", dit)[1])
        part = f", {100 * debit / vide:.1f} % d’une vue vide" if vide else ""
        self.stdout.write(f"{quoi} : {debit:.0f} requêtes par seconde{part}")
        return debit
