"""Put a backup in the place of what is there: see ctg/sauvegarde.py."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from ctg.francais import dire_l_erreur
from ctg.sauvegarde import SauvegardeImpossible, restaurer, verifier


class Command(BaseCommand):
    help = "Remet la base et les fichiers d’une sauvegarde à la place de ceux d’aujourd’hui (application arrêtée)."

    def add_arguments(self, parser):
        parser.add_argument("archive", type=Path)
        parser.add_argument("--remplacer", action="store_true", help="oui, remplacer ce qui est là")

    def handle(self, archive, remplacer, **options):
        try:
            if not remplacer and connection.introspection.table_names():
                verifier(archive)  # what is wrong with it is said first
                raise CommandError(
                    "La base d’aujourd’hui serait remplacée : arrêtez l’application, puis ajoutez --remplacer."
                )
            restaurer(archive)
        except (SauvegardeImpossible, DatabaseError, OSError) as erreur:
            raise CommandError(f"Rien n’est remis : {dire_l_erreur(erreur)}") from erreur
        self.stdout.write("La sauvegarde est remise. Lancez « manage.py migrate » si l’application est plus récente.")
