"""Read a convention back from the PDF of one of its versions: `manage.py lire convention.pdf`."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ctg.francais import dire_l_erreur
from ctg.models import Scelle
from ctg.scelles import empreinte
from pilotage.documents import Illisible, lire_la_convention, resumer


class Command(BaseCommand):
    help = (
        "Relit le texte d’une convention dans le PDF (ou le JSON) d’une de ses versions, et dit s’il a été scellé ici."
    )

    def add_arguments(self, parser):
        parser.add_argument("fichier", type=Path)
        parser.add_argument("--json", action="store_true", help="écrire le texte entier, en JSON")

    def handle(self, *args, fichier, **options):
        try:
            octets = fichier.read_bytes()
            texte = lire_la_convention(octets)
        except OSError as erreur:
            raise CommandError(f"Rien n’est lu : {dire_l_erreur(erreur)}") from erreur
        except Illisible as erreur:
            raise CommandError(str(erreur)) from erreur
        if options["json"]:
            self.stdout.write(json.dumps(texte, ensure_ascii=False, indent=2))
            return
        scelle = Scelle.objects.filter(sha256=empreinte(octets), fait_foi=True).first()
        self.stdout.write(resumer(texte))
        self.stdout.write(
            f"Scellé ici le {scelle.scelle_le:%d/%m/%Y} ({scelle})." if scelle else "Ce fichier n’a pas été scellé ici."
        )
