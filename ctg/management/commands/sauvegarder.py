"""Back the installation up: see ctg/sauvegarde.py."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from ctg.francais import dire_l_erreur
from ctg.sauvegarde import SauvegardeImpossible, sauvegarder


class Command(BaseCommand):
    help = "Écrit dans un dossier une archive de la base, des fichiers scellés et des pièces jointes."

    def add_arguments(self, parser):
        parser.add_argument("dossier", type=Path)

    def handle(self, dossier, **options):
        try:
            archive = sauvegarder(dossier)
        except (SauvegardeImpossible, DatabaseError, OSError) as erreur:
            raise CommandError(f"Rien n’est sauvegardé : {dire_l_erreur(erreur)}") from erreur
        self.stdout.write(f"{archive} ({archive.stat().st_size // 1024} Kio). Gardez-la sur une autre machine.")
