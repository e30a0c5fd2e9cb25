"""What `make run` shows on an empty base: load the data sets, play them, say where to go. One process for the three."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from ctg.pdf import chauffer

JEUX = ["val_d_argent", "exemple", "invente", "comptes"]


class Command(BaseCommand):
    help = "Charge la démonstration si la base est vide, la joue une fois, puis dit l’adresse et les comptes."

    def handle(self, *args, **options):
        chauffer()  # workers load their engine while the rows are written
        call_command("charger", *JEUX, si_vide=True, stdout=self.stdout)
        call_command("jouer_la_demonstration", stdout=self.stdout)
        call_command("accueillir", stdout=self.stdout)
