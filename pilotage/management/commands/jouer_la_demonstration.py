"""Play what a data set cannot hold: a convention that is signed, a council that is renewed. Labelled as examples."""

from datetime import date

from django.core.management.base import BaseCommand

from actions.models import Convention
from ctg.compteurs import valeurs
from ctg.impression import preparation, relire
from pilotage.documents import document_convention, texte_canonique
from pilotage.models import Instance, Version
from pilotage.renouvellement import renouveler

# The real councillors elected in March 2026 are not known to us: these are examples, and read so.
MEMBRES = [
    {"civilite": ("M.", "Mme")[n % 2], "prenom": "", "nom": f"Exemple {n}", "qualite": "Maire" if n == 1 else ""}
    for n in range(1, 30)
]


class Command(BaseCommand):
    help = "Signe la convention du territoire inventé et renouvelle un conseil, à titre d’exemple ; une seule fois."

    def handle(self, *args, **options):
        convention = Convention.objects.filter(territoire__exemple=True, versions=None).completes().first()
        if convention:
            self._signer(convention)
            self.stdout.write(f"La {convention} du {convention.territoire} est signée, à titre d’exemple.")
        conseil = Instance.objects.filter(nom="Conseil municipal de Sainte-Marie-aux-Mines").first()
        if conseil and conseil.serie_du_mandat == "2020-2026":
            renouveler(conseil, date(2026, 3, 28), "2026-2032", MEMBRES)
            self.stdout.write(f"Le {conseil} est renouvelé, à titre d’exemple.")

    @staticmethod
    def _signer(convention):
        """As a convention that was signed on paper before the application: what stands for the scan is our own print."""
        lus = [convention.territoire, convention]
        lu = valeurs(*lus)
        octets = texte_canonique(relire(convention), {"par": "Démonstration", "le": "2023-12-15"})
        prete = preparation(document_convention, convention, lus=lus, etat="en_vigueur", texte=octets)
        pdf = prete.fichier().read_bytes()
        lieu, le = "Exemple-le-Haut", date(2023, 12, 15)
        Version.reprendre(convention, lu, octets, pdf, le, lieu, date(convention.debut, 1, 1))
