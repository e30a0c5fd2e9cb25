"""Forget whose an account was, on request: see actions/anonymat.py."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from actions.anonymat import oublier, rendre_anonyme
from ctg.models import User


class Command(BaseCommand):
    help = (
        "Ferme un compte et oublie à qui il était ; les archives publiques (actes, présences, votes) ne changent pas."
    )

    def add_arguments(self, parser):
        parser.add_argument("adresse", help="l’adresse électronique, d’un compte ou de qui a reçu un lien")

    def handle(self, adresse, **options):
        compte = User.objects.filter(email__iexact=adresse).first()
        try:
            self.stdout.write(self._du_compte(compte) if compte else self._sans_compte(adresse))
        except ValidationError as erreur:
            raise CommandError(" ".join(erreur.messages)) from erreur

    @staticmethod
    def _du_compte(compte):
        return f"Ce compte est fermé ; il s’appelle désormais {rendre_anonyme(compte)}."

    @staticmethod
    def _sans_compte(adresse):
        if not oublier(adresse):
            raise CommandError(f"Aucun compte, aucune invitation ni aucun lien n’a l’adresse {adresse}.")
        return "Cette adresse n’avait pas de compte ; les invitations et les liens qui la nommaient l’ont oubliée."
