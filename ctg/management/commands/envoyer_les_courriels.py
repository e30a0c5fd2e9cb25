"""Send what waits in the queue of e-mails: called by a timer, on as many machines as one likes."""

from django.core.management.base import BaseCommand

from ctg.courriels import envoyer_la_file


class Command(BaseCommand):
    help = "Envoie les courriels en file (à lancer chaque minute)."

    def handle(self, *args, **options):
        self.stdout.write(f"Courriels envoyés : {envoyer_la_file()}.")
