"""Measure, in one run on one machine: the convention's PDF against headless Chromium, and the plan page."""

import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pikepdf
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext, override_settings
from PIL import Image

from actions.models import Action, Axe, Cible, Convention, Financement, Indicateur, Mesure, Territoire
from ctg.adresses import adresse
from ctg.compteurs import jeton
from ctg.impression import corps, relire
from ctg.models import User
from ctg.pdf import Preparation, atelier
from pilotage.documents import document_convention
from pilotage.models import Bilan, PageDeBilan

# Where the text of a page is, in millimetres from its top: between the running head and the page number.
ZONE = (20, 280)


def remplissage(fichier, dossier):
    """Return how far down the text of each page goes, from 0 (white) to 1 (full); the watermark does not count."""
    subprocess.run(["pdftoppm", "-r", "40", "-gray", str(fichier), str(Path(dossier) / "page")], check=True)  # noqa: S603, S607
    parts = []
    for image in sorted(Path(dossier).glob("page-*.pgm")):
        with Image.open(image) as page:
            haut, bas = (round(page.height * mm / 297) for mm in ZONE)
            encre = page.crop((0, haut, page.width, bas)).point(lambda gris: 255 if gris < 200 else 0).getbbox()
        parts.append(encre[3] / (bas - haut) if encre else 0)
        image.unlink()
    return parts


class Command(BaseCommand):
    help = "Mesure les temps d’impression et d’affichage (rien n’est conservé)."

    def handle(self, *args, **options):
        convention = Convention.objects.filter(fiches__isnull=False).completes().order_by("pk").first()
        if convention is None:
            raise CommandError("La base est vide : lancez d’abord `make run`, ou `charger val_d_argent exemple`.")
        with (
            tempfile.TemporaryDirectory() as dossier,
            override_settings(DOCUMENTS_ROOT=Path(dossier) / "documents", ALLOWED_HOSTS=["*"]),
            transaction.atomic(),
        ):
            self._convention(convention, Path(dossier))
            etat = transaction.savepoint()
            petit, grand = self._plan(convention, 12), self._plan(convention, 300)
            rapports = " ; ".join(f"{moment}{grand[moment] / petit[moment]:.2f} x" for moment in petit)
            self.stdout.write(f"  le temps de 12 fiches : {rapports}")
            transaction.savepoint_rollback(etat)
            self._annee(convention)
            self._plan(convention, 1200)
            transaction.set_rollback(True)
        self.stdout.write(self.style.SUCCESS("Mesures terminées, rien n’est conservé."))

    def _convention(self, convention, dossier):
        def imprimer():
            debut = time.perf_counter()
            etat = jeton(convention.territoire, convention)
            fichier = Preparation(f"convention:{etat}", lambda: document_convention(relire(convention))).fichier()
            return time.perf_counter() - debut, fichier

        for pret in atelier.chauffer():  # as in a server
            pret.result()
        premiere, fichier = imprimer()
        action = Action.objects.actives().de(convention).first()
        action.description += "<p>Une ligne de plus.</p>"
        action.save()
        modifiee, fichier = imprimer()
        inchangee, fichier = imprimer()
        document = document_convention(convention)
        requete = RequestFactory().get("/")
        requete.convention, requete.territoire, requete.user = convention, convention.territoire, AnonymousUser()
        contexte = {"document": document, "pieces": corps(document)}
        html = render_to_string("documents/apercu.html", contexte, requete)
        feuille = Path(atelier.feuille_de_style()).as_uri()
        html = re.sub(r'(<link rel="stylesheet"[^>]*>\s*)+', f'<link rel="stylesheet" href="{feuille}">', html)
        (dossier / "apercu.html").write_text(html, encoding="utf-8")
        chromium = self._chromium(dossier)
        with pikepdf.open(fichier) as pdf:
            pages = len(pdf.pages)
        vides = [r for r in remplissage(fichier, dossier) if r < 0.4]
        self.stdout.write(f"  {len(vides)} pages sur {pages} remplies à moins de 40 %")
        memoire = max(_memoire(p) for p in atelier.ouvriers()) if atelier.ouvriers() else 0
        self.stdout.write(
            f"Convention : {pages} pages, {fichier.stat().st_size // 1024} Kio, mémoire au plus {memoire} Mio par ouvrier"
        )
        for nom, temps in (("première fois", premiere), ("une fiche modifiée", modifiee), ("inchangée", inchangee)):
            self.stdout.write(f"  {nom:20} {temps:7.3f} s   {temps / chromium:6.3f} x Chromium")
        self.stdout.write(f"  {'Chromium':20} {chromium:7.3f} s")

    def _chromium(self, dossier):
        binaire = shutil.which("chromium") or shutil.which("chromium-headless-shell")
        if not binaire:
            raise CommandError("Chromium est absent : `make bench` l’installe.")
        commande = [
            binaire,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-quic",
            "--no-first-run",
            f"--user-data-dir={dossier / 'profil'}",
            f"--print-to-pdf={dossier / 'chromium.pdf'}",
            (dossier / "apercu.html").as_uri(),
        ]
        temps = []
        for _ in range(3):
            debut = time.perf_counter()
            subprocess.run(commande, check=True, capture_output=True)  # noqa: S603 - our own browser and file
            temps.append(time.perf_counter() - debut)
        return min(temps)

    @staticmethod
    def _agent(convention):
        compte = User.objects.create_user("mesure@ctg.example")
        compte.fonctions.create(partenaire=convention.porteur)
        return compte

    def _plan(self, convention, nombre):
        self._remplir(convention, nombre)
        fiche = Action.objects.actives().de(convention).first()

        def changer():
            fiche.avancement = 100 - fiche.avancement
            fiche.save()

        return self._dire(self._client(convention), f"Plan à {nombre} fiches", adresse("plan", de=convention), changer)

    def _client(self, convention):
        client = Client()
        compte = User.objects.filter(email="mesure@ctg.example").first() or self._agent(convention)
        client.force_login(compte, backend="django.contrib.auth.backends.ModelBackend")
        return client

    @staticmethod
    def _remplir(convention, nombre):
        """Bring a plan to so many fiches, each with an indicator and its target, its measure, and a line of money."""
        axe, annee = convention.axes.first(), convention.annee_du_moment()
        for rang in range(Action.objects.actives().de(convention).count(), nombre):
            fiche = Action(convention=convention, axe=axe, titre=f"Fiche de mesure {rang}", ordre=rang + 100)
            fiche.save_base(raw=True)
            argent = Financement(action=fiche, partenaire=convention.porteur, annee=annee, prevu=1000, realise=900)
            argent.save_base(raw=True)
            indicateur = Indicateur(action=fiche, libelle="Personnes accueillies", reference=10)
            indicateur.save_base(raw=True)
            Cible(indicateur=indicateur, annee=annee, valeur=20).save_base(raw=True)
            Mesure(indicateur=indicateur, annee=annee, valeur=15).save_base(raw=True)

    def _dire(self, client, quoi, chemin, changer=None):
        """Say how long a page takes: nothing of it kept, after a change if there is one to do, and read again unchanged.

        Return {moment: seconds}.
        """
        client.get(chemin, secure=not settings.DEBUG)
        # The rows of a measure are written straight to the tables: no counter tells that the page has changed.
        for reserve in ("pages", "lignes"):
            caches[reserve].clear()
        temps, mots = {}, []
        for moment in ("", "après un changement ", "relue ") if changer else ("", "relue "):
            if moment.startswith("après"):
                changer()
            with CaptureQueriesContext(connection) as requetes:
                debut = time.perf_counter()
                reponse = client.get(chemin, secure=not settings.DEBUG)
                temps[moment] = time.perf_counter() - debut
            if reponse.status_code != 200:
                raise CommandError(f"{chemin} : {reponse.status_code}")
            mots.append(f"{moment}{temps[moment]:.3f} s, {len(requetes)} requêtes")
        self.stdout.write(f"{quoi} : {' ; '.join(mots)} ; {len(reponse.content) // 1024} Kio")
        return temps

    def _annee(self, convention):
        """The pages of a year at three sizes of plan, then the same with a hundred conventions in the base."""
        client, annee = self._client(convention), convention.annee_du_moment()
        bilan = Bilan(convention=convention, annee=annee)
        bilan.save_base(raw=True)
        pages = {
            "Saisie": adresse("saisie", annee, de=convention),
            "Tableau de bord": adresse("tableau_de_bord", de=convention),
            "Bilan": adresse("bilan", annee, de=convention),
        }
        for nombre in (12, 120, 300):
            self._remplir(convention, nombre)
            for action in Action.objects.actives().de(convention).exclude(pages_de_bilan__bilan=bilan):
                PageDeBilan(bilan=bilan, action=action).save_base(raw=True)
            temps = {nom: self._dire(client, f"{nom} à {nombre} fiches", chemin)[""] for nom, chemin in pages.items()}
        for rang in range(100):
            territoire = Territoire.objects.create(nom=f"Territoire {rang}", slug=f"mesure-{rang}")
            autre = Convention.objects.create(territoire=territoire, debut=2026, fin=2030, porteur=convention.porteur)
            axe = Axe(convention=autre, ordre=1, titre="Axe")
            axe.save_base(raw=True)
            self._remplir(autre, 12)
        for nom, chemin in pages.items():
            avec = self._dire(client, f"{nom}, 100 conventions de plus", chemin)[""]
            rapport = avec / temps[nom]
            self.stdout.write(f"  {rapport:.2f} x le temps d’avant")


def _memoire(pid):
    """Return the peak memory of a process in MiB (VmHWM of /proc)."""
    for ligne in Path(f"/proc/{pid}/status").read_text().splitlines():
        if ligne.startswith("VmHWM"):
            return int(ligne.split()[1]) // 1024
    return 0
