"""Forget whose an account was, on request: see actions/anonymat.py."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from actions.anonymat import rendre_anonyme
from ctg.management.comptes import compte_de


class Command(BaseCommand):
    help = (
        "Ferme un compte et oublie à qui il était ; les archives publiques (actes, présences, votes) ne changent pas."
    )

    def add_arguments(self, parser):
        parser.add_argument("adresse", help="l’adresse électronique du compte")

    def handle(self, adresse, **options):
        compte = compte_de(adresse)
        try:
            nouvelle = rendre_anonyme(compte)
        except ValidationError as erreur:
            raise CommandError(" ".join(erreur.messages)) from erreur
        self.stdout.write(f"Ce compte est fermé ; il s’appelle désormais {nouvelle}.")
