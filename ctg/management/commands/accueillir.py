"""Print where the application is and with which demonstration accounts to sign in."""

import os
import socket

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from .charger import MOT_DE_PASSE


class Command(BaseCommand):
    help = "Affiche l’adresse et les comptes de démonstration."

    def handle(self, *args, **options):
        port = os.environ.get("PORT", "8000")
        if not (port.isdecimal() and 0 < int(port) < 65536):
            raise CommandError(
                f"« {port} » n’est pas un port : PORT est un nombre de 1 à 65535, par exemple « PORT=8001 make run »."
            )
        if not self._libre(int(port)):
            raise CommandError(
                f"Le port {port} est déjà pris sur cette machine : choisissez-en un autre, par exemple « PORT={int(port) + 1} make run »."
            )
        self.stdout.write(f"\nL’application est à l’adresse http://127.0.0.1:{port}/\n")
        comptes = get_user_model().objects.filter(email__endswith="@ctg.example")
        if comptes:
            self.stdout.write(f"Comptes de démonstration (mot de passe : {MOT_DE_PASSE})")
        for compte in comptes.prefetch_related("fonctions__partenaire"):
            fonctions = [f"{f.get_nature_display()}, {f.partenaire.nom_court}" for f in compte.fonctions.all()]
            self.stdout.write(f"  {compte.email:28} {' ; '.join(fonctions) or 'Administrateur de l’installation'}")
        self.stdout.write("")

    @staticmethod
    def _libre(port):
        with socket.socket() as essai:
            essai.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            return essai.connect_ex(("127.0.0.1", port)) != 0
