"""Take away the second factor of somebody who lost it: they sign in with their password, and set another."""

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from ctg.models import User


class Command(BaseCommand):
    help = "Retire le second facteur d’un compte dont le téléphone et les codes de secours sont perdus."

    def add_arguments(self, parser):
        parser.add_argument("adresse", help="l’adresse électronique du compte")

    def handle(self, adresse, **options):
        try:
            compte = User.objects.get_by_natural_key(adresse)
        except User.DoesNotExist as erreur:
            raise CommandError(f"Aucun compte n’a l’adresse {adresse}.") from erreur
        nombre, _ = Authenticator.objects.filter(user=compte).delete()
        if not nombre:
            raise CommandError(f"{compte} n’a pas de second facteur.")
        self.stdout.write(f"{compte} : second facteur retiré. Vérifiez que c’est bien cette personne qui l’a demandé.")
