"""Print where the application is and with which demonstration accounts to sign in."""

import os

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from .charger import MOT_DE_PASSE


class Command(BaseCommand):
    help = "Affiche l’adresse et les comptes de démonstration."

    def handle(self, *args, **options):
        self.stdout.write(f"\nL’application est à l’adresse http://127.0.0.1:{os.environ.get('PORT', '8000')}/\n")
        comptes = get_user_model().objects.filter(email__endswith="@ctg.example")
        if comptes:
            self.stdout.write(f"Comptes de démonstration (mot de passe : {MOT_DE_PASSE})")
        for compte in comptes.prefetch_related("fonctions__partenaire"):
            fonctions = [f"{f.get_nature_display()}, {f.partenaire.nom_court}" for f in compte.fonctions.all()]
            self.stdout.write(f"  {compte.email:28} {' ; '.join(fonctions) or 'Administrateur de l’installation'}")
        self.stdout.write("")
