"""Take a territory out of the installation: see pilotage/depart.py."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from actions.models import Territoire
from ctg.francais import dire_l_erreur
from pilotage.depart import emporter


class Command(BaseCommand):
    help = "Écrit une archive (ZIP) de tout ce que l’application tient d’un territoire : données, historique, fichiers."

    def add_arguments(self, parser):
        parser.add_argument("territoire", help="le premier mot de ses adresses")
        parser.add_argument("archive", type=Path)

    def handle(self, territoire, archive, **options):
        trouve = Territoire.objects.filter(slug=territoire).first()
        if trouve is None:
            connus = ", ".join(Territoire.objects.values_list("slug", flat=True))
            raise CommandError(f"Aucun territoire à cette adresse. Il y a : {connus or 'aucun'}.")
        if archive.is_dir():
            raise CommandError(
                f"« {archive} » est un dossier : donnez le nom du fichier à écrire, par exemple {territoire}.zip."
            )
        partielle = archive.with_name(f"{archive.name}.partielle")
        try:
            partielle.unlink(missing_ok=True)
            partielle.touch(mode=0o600)  # it names people
            with partielle.open("wb") as sortie:
                emporter(trouve, sortie)
            partielle.replace(archive)  # an archive that bears its name is whole
        except OSError as erreur:
            raise CommandError(f"Rien n’est emporté : {dire_l_erreur(erreur)}") from erreur
        finally:
            partielle.unlink(missing_ok=True)
        self.stdout.write(f"{archive} ({archive.stat().st_size // 1024} Kio)")
