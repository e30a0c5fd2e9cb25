"""Play what a data set cannot hold: a signed convention, an evening of a council, a renewal. Labelled as examples."""

from datetime import date, time, timedelta

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from actions.models import Annexe, Convention
from ctg.compteurs import valeurs
from ctg.impression import preparation, relire
from pilotage.documents import document_convention, document_deliberation, texte_canonique
from pilotage.models import Bilan, Deliberation, Imprimes, Instance, Version
from pilotage.renouvellement import renouveler

# The real councillors elected in March 2026 are not known to us: these are examples, and read so.
MEMBRES = [
    {"civilite": ("M.", "Mme")[n % 2], "prenom": "", "nom": f"Exemple {n}", "qualite": "Maire" if n == 1 else ""}
    for n in range(1, 30)
]
# A page that others would have written, to be annexed.
CARTE = """<html lang="fr"><title>Carte (exemple)</title><style>@page { size: A4 landscape }</style>
<h1>Carte des équipements (exemple)</h1><p>Ce fichier tient la place d’une carte dessinée ailleurs.</p>
<svg viewBox="0 0 200 110" width="240mm"><path d="M10 90 C 60 10, 120 100, 190 20" fill="none" stroke="#305080"/>
<circle cx="40" cy="55" r="4"/><circle cx="110" cy="60" r="4"/><circle cx="170" cy="35" r="4"/></svg></html>"""


class Command(BaseCommand):
    help = "Signe une convention, tient une séance et renouvelle un conseil, à titre d’exemple ; une seule fois."

    def handle(self, *args, **options):
        convention = Convention.objects.filter(territoire__exemple=True, versions=None).completes().first()
        if convention:
            self._signer(convention)
            self.stdout.write(f"La {convention} du {convention.territoire} est signée, à titre d’exemple.")
        signee = Convention.objects.filter(territoire__exemple=True, bilans=None).exclude(versions=None).first()
        if signee and 2026 in signee.annees:
            self._rendre_compte(signee)
            self.stdout.write(f"Un bilan 2026 est ouvert au {signee.territoire}, à titre d’exemple.")
        invente = Instance.objects.filter(territoire__exemple=True, nature="conseil", tient_registre=True).first()
        if invente and not invente.reunions.exists() and not invente.mandats.exists():
            self._sieger(invente)
            self.stdout.write(f"Le {invente} a siégé, à titre d’exemple.")
        conseil = Instance.objects.filter(nom="Conseil municipal de Sainte-Marie-aux-Mines").first()
        if conseil and conseil.serie_du_mandat == "2020-2026":
            renouveler(conseil, date(2026, 3, 28), "2026-2032", MEMBRES)
            self.stdout.write(f"Le {conseil} est renouvelé, à titre d’exemple.")

    @staticmethod
    def _signer(convention):
        """As a convention that was signed on paper before the application: what stands for the scan is our own print."""
        from weasyprint import HTML  # here alone: it takes a second to load

        Annexe.joindre(
            convention, "Carte des équipements (exemple)", HTML(string=CARTE).write_pdf(), "carte-exemple.pdf"
        )
        lus = [convention.territoire, convention]
        lu = valeurs(*lus)
        octets = texte_canonique(relire(convention), {"par": "Démonstration", "le": "2023-12-15"})
        prete = preparation(document_convention, convention, lus=lus, etat="en_vigueur", texte=octets)
        pdf = prete.fichier().read_bytes()
        lieu, le = "Exemple-le-Haut", date(2023, 12, 15)
        Version.reprendre(convention, lu, octets, pdf, le, lieu, date(convention.debut, 1, 1))

    @staticmethod
    def _rendre_compte(convention):
        """An account under way: its figures typed, its pages written, shared, and one of them given back."""
        for rang, fiche in enumerate(convention.fiches.actives().order_by("axe__ordre", "ordre")):
            for indicateur in fiche.indicateurs.all():
                indicateur.mesures.get_or_create(annee=2026, rang=0, defaults={"valeur": 48 + 8 * rang})
            for argent in fiche.financements.filter(annee=2026, realise=None).exclude(prevu=None):
                argent.realise, argent.source_realise = argent.prevu - 250 * rang, "Déclaration provisoire (exemple)"
                argent.save()
        bilan = Bilan.ouvrir(convention, 2026)
        bilan.synthese = "<p>L’année a permis d’ouvrir des places et de préparer les transports (exemple).</p>"
        bilan.save()
        pages = list(bilan.pages.completes())
        for page in pages:
            page.fait = f"<p>Ce qui était prévu pour « {page.action.titre} » a commencé (exemple).</p>"
            page.ecarts = "<p>Un recrutement a pris deux mois de retard (exemple).</p>"
            page.suite, page.rendue = "poursuivie", True
            page.save()
        bilan.partager(timezone.localdate() + timedelta(days=21))
        bilan.reprendre({pages[-1]: "Dites combien de personnes ont été transportées (exemple)."})

    @staticmethod
    def _sieger(conseil):
        """An evening of nine members: one arrives late, one leaves and gives a power; an act, and a slip of its pen."""
        with transaction.atomic():
            membres = [{**MEMBRES[0], "qualite": "Présidente"}, *MEMBRES[1:9]]
            renouveler(conseil, date(2026, 3, 30), "2026-2032", membres)
            seance = conseil.reunions.create(
                territoire=conseil.territoire,
                date=date(2026, 6, 11),
                heure=time(20, 0),
                lieu="Salle du conseil (exemple)",
                objet="Séance ordinaire (exemple)",
                convoquee_le=date(2026, 6, 4),
                president="Mme Exemple 1",
                secretaire="M. Exemple 2",
                compte_rendu="<p>Le conseil échange sur le bilan de l’année et sur l’accueil des enfants (exemple).</p>",
                exemple=True,
            )
            objets = ["Procès-verbal de la séance précédente", "Horaires de la ludothèque", "Questions diverses"]
            _, second, dernier = (
                seance.points.create(ordre=rang, objet=f"{objet} (exemple)")
                for rang, objet in enumerate(objets, start=1)
            )
            membres = list(conseil.mandats.en_cours(seance.date).dans_l_ordre())
            mouvements = {2: {"arrive_au": second}, 4: {"part_au": dernier, "mandataire": membres[0]}}
            for rang, membre in enumerate(membres):
                seance.presences.create(mandat=membre, etat="present", **mouvements.get(rang, {}))
            seance.compter_les_noms()
            acte = Deliberation(
                conseil=conseil, seance=seance, point=second, date=seance.date, numero="2026-14", objet=second.objet,
                rapporteur="M. Exemple 4", expose="<p>Il est proposé d’ouvrir la ludothèque le samdi matin (exemple).</p>",
                pour=8, contre=0, abstentions=1,
            )  # fmt: skip
            acte.full_clean()
            acte.save()
            acte.dispositions.create(ordre=1, verbe="DÉCIDE", texte="d’ouvrir la ludothèque le samedi de 9 h à 12 h.")
        lu = valeurs(*acte.lus)
        papier = preparation(document_deliberation, acte, lus=acte.lus, proclamee=True).fichier().read_bytes()
        acte.proclamer(imprimes=Imprimes(lu, (papier, None)))
        acte.dater(transmise_le=date(2026, 6, 15), publiee_le=date(2026, 6, 16))
        acte.errata.create(
            le=date(2026, 6, 18), ecrit="samdi", lire="samedi", auteur="M. Exemple 2, secrétaire de séance"
        )
