"""Real threads on a real database: nothing lost, nothing doubled, nothing that falls back."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from actions.annee import Grille
from actions.copies import dupliquer
from actions.models import Action, Axe, Convention, Exercice, Jalon, Mesure
from actions.saisies import SECTIONS
from ctg.compteurs import jeton
from ctg.historique import Fige
from ctg.impression import preparation
from ctg.saisie import Saisie
from pilotage.models import Bilan, Deliberation
from tests import fabriques
from tests.conftest import BACKEND
from tests.pages import saisir

pytestmark = pytest.mark.usefixtures("transactional_db")


def ensemble(nombre, faire):
    """Run `faire(rang)` in as many threads, all let go at once; return their results, raise the first error."""
    depart, resultats, erreurs = threading.Barrier(nombre), [None] * nombre, []

    def courir(rang):
        try:
            depart.wait(30)
            resultats[rang] = faire(rang)
        except Exception as erreur:
            erreurs.append(erreur)
        finally:
            connections.close_all()

    fils = [threading.Thread(target=courir, args=[rang]) for rang in range(nombre)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(150)
    if erreurs:
        raise erreurs[0]
    return resultats


def envoi(saisie):
    """Return what a browser would post of a form, read from the very fields that the page draws."""
    donnees = QueryDict(mutable=True)
    donnees["marques"] = saisie.marques
    for form in [saisie.form, saisie.lignes.management_form, *saisie.lignes]:
        for champ in form or ():
            valeur = champ.field.widget.format_value(champ.value())
            donnees.setlist(champ.html_name, valeur if isinstance(valeur, list) else [valeur or ""])
    return donnees


@pytest.fixture
def convention(transactional_db):
    return fabriques.ConventionFactory()


@pytest.fixture
def axe(convention):
    return convention.axes.get()


def client_de(convention, nature="agent"):
    client = Client()
    client.force_login(fabriques.compte(convention.porteur, nature), backend=BACKEND)
    return client


def test_many_writers_on_one_section_lose_and_revert_nothing(convention, axe):
    """B7: of 77 saves answered "enregistré", 12 overwrote a state that their author never saw."""
    ecrivains, fois = (12, 25) if connection.vendor == "postgresql" else (4, 5)
    fiche = fabriques.ActionFactory(axe=axe)
    jalons = [fiche.jalons.create(libelle=f"{n}:0", echeance="2027-01-01") for n in range(ecrivains)]

    def ecrire(rang):
        """Through the machine itself, as the page calls it: a form shown, one cell typed over, the form sent."""
        reussies = 0
        for tour in range(1, fois + 1):
            montree = Saisie(Action.objects.get(pk=fiche.pk), SECTIONS["calendrier"], "calendrier")
            donnees = envoi(montree)
            ligne = next(n for n in donnees if n.endswith("-id") and donnees[n] == str(jalons[rang].pk))
            donnees[ligne.replace("-id", "-libelle")] = f"{rang}:{tour}"
            recue = Saisie(Action.objects.get(pk=fiche.pk), SECTIONS["calendrier"], "calendrier", donnees)
            reussies += recue.enregistrer()
        return reussies

    assert ensemble(ecrivains, ecrire) == [fois] * ecrivains
    assert sorted(j.libelle for j in fiche.jalons.all()) == sorted(f"{n}:{fois}" for n in range(ecrivains))
    # Never back to what it was: the history of each row only goes on, and the snapshots are true.
    for rang, jalon in enumerate(jalons):
        etats = Jalon.history.filter(id=jalon.pk).order_by("history_id").values_list("libelle", flat=True)
        assert list(etats) == [f"{rang}:{n}" for n in range(fois + 1)]


def test_creations_copies_and_moves_at_once_give_no_number_twice(convention, axe):
    """C1: 20 creations at once gave two 3.4."""
    autre = Axe.objects.create(convention=convention, ordre=2, titre="Vivre")
    fiches = [fabriques.ActionFactory(axe=axe) for _ in range(6)]

    def agir(rang):
        if rang % 4 == 0:
            Action.objects.create(axe=Axe.objects.get(pk=axe.pk), titre=f"Créée {rang}")
        elif rang % 4 == 1:
            dupliquer(Action.objects.get(pk=fiches[rang % 6].pk))
        elif rang % 4 == 2:
            Action.objects.get(pk=fiches[rang % 6].pk).deplacer(1 if rang % 8 < 4 else -1)
        else:
            Action.objects.get(pk=fiches[rang % 6].pk).changer_axe(Axe.objects.get(pk=autre.pk))

    ensemble(20, agir)
    assert convention.fiches.count() == 6 + 10
    numeros = [f.numero_affiche for f in Action.objects.de(convention).select_related("axe", "convention")]
    assert len(set(numeros)) == len(numeros)
    for a in (axe, autre):
        assert list(a.actions.order_by("ordre").values_list("ordre", flat=True)) == list(
            range(1, a.actions.count() + 1)
        )


def test_an_act_proclaimed_and_dated_at_once_does_not_fall_back(convention):
    """B6: a proclaimed act silently became a project again."""
    conseil = fabriques.conseil(convention)
    seance = fabriques.SeanceFactory(organisatrice=conseil)
    actes = []
    for n in range(8):
        acte = Deliberation.modele(convention, seance, f"{n}")
        acte.unanimite, acte.expose = True, "<p>Exposé.</p>"
        acte.save()
        actes.append(acte)
    perimes = [Deliberation.objects.get(pk=a.pk) for a in actes]

    def agir(rang):
        if rang % 2:
            actes[rang // 2].proclamer()
        else:
            try:
                perimes[rang // 2].dater(transmise_le=seance.date, publiee_le=seance.date)
            except Exception as refus:
                assert "Proclamez" in str(refus)

    ensemble(16, agir)
    assert set(seance.actes.values_list("statut", flat=True)) == {"adoptee"}


def test_one_number_posted_by_many_is_one_act(convention):
    """C2: 8 posts at once, 7 acts of one number."""
    seance = fabriques.SeanceFactory(organisatrice=fabriques.conseil(convention))
    client = client_de(convention, "secretaire")
    adresse = f"{seance.get_absolute_url()}actes/nouveau/"

    def poster(_rang):
        mien = Client()
        mien.cookies = client.cookies
        return saisir(
            mien, adresse, {"numero": "2026-1", "depart": "vide", "approuve": "", "objet": "Tarifs"}
        ).status_code

    statuts = ensemble(8, poster)
    assert sorted(statuts) == [302, *[422] * 7]
    assert seance.actes.count() == 1


def test_overlapping_transactions_never_serve_a_stale_print(convention, axe):
    """C3: the key of a kept PDF was the newest history row, written before its transaction was committed."""
    fiche = fabriques.ActionFactory(axe=axe, titre="Avant")
    ecrit, lu, fini = threading.Event(), threading.Event(), threading.Event()

    def cle():
        return jeton(convention.territoire, convention)

    def ecrivain():
        with transaction.atomic():
            Action.objects.filter(pk=fiche.pk).update(titre="Après")  # the door that left no trace
            ecrit.set()
            lu.wait(20)
        fini.set()
        connections.close_all()

    fil = threading.Thread(target=ecrivain)
    fil.start()
    ecrit.wait(20)
    pendant, titre = cle(), Action.objects.get(pk=fiche.pk).titre
    assert titre == "Avant"
    lu.set()
    fini.wait(20)
    fil.join(20)
    assert cle() != pendant  # what was kept under the former key is not served any more
    assert Action.objects.get(pk=fiche.pk).titre == "Après"


def test_the_rows_are_read_after_the_counters(convention, axe, monkeypatch):
    """A row that was fetched before the counters would be kept under a key that is newer than itself."""
    fiche = fabriques.ActionFactory(axe=axe, titre="Lue avant")
    Action.objects.filter(pk=fiche.pk).update(titre="Écrite entre-temps")

    def fabrique(objet):
        return objet.titre

    prete = preparation(fabrique, fiche, lus=[convention.territoire, convention])
    assert prete.document == "Écrite entre-temps"


def test_a_convention_goes_to_signature_once(convention, axe):
    from ctg.compteurs import valeurs
    from pilotage.models import Version

    fabriques.ActionFactory(axe=axe)
    lu = valeurs(convention.territoire, convention)

    def mettre(rang):
        try:
            Version.mettre_en_signature(convention, lu, b"{}", b"%PDF-1.7 essai")
        except Exception as refus:
            return str(refus)
        return "figée"

    assert ensemble(4, mettre).count("figée") == 1
    assert convention.versions.count() == 1


# --- The year and its account ----------------------------------------------------------------------


def test_twelve_writers_on_the_grid_of_a_year_lose_nothing(convention):
    """Each types its own cell, and one that all of them want: one of them has it, the others are told."""
    fiche = fabriques.ActionFactory(axe=convention.axes.first())
    siens = [fiche.indicateurs.create(libelle=f"i{n}") for n in range(12)]
    commun = fiche.indicateurs.create(libelle="commun")

    def saisir_sa_case(rang):
        grille = Grille(Convention.objects.get(pk=convention.pk), 2026, lambda *_: True)
        noms = {f"mesure-{siens[rang].pk}-0": str(rang), f"mesure-{commun.pk}-0": str(100 + rang)}
        return {c.nom: c.etat for c in grille.enregistrer(noms | {f"avant-{nom}": "" for nom in noms})}

    faites = ensemble(12, saisir_sa_case)
    assert all(faite[f"mesure-{siens[rang].pk}-0"] == "enregistre" for rang, faite in enumerate(faites))
    assert [i.mesures.get().valeur for i in siens] == list(range(12))
    assert sorted(faite[f"mesure-{commun.pk}-0"] for faite in faites) == ["conflit"] * 11 + ["enregistre"]
    gagnant = next(rang for rang, faite in enumerate(faites) if faite[f"mesure-{commun.pk}-0"] == "enregistre")
    assert commun.mesures.get().valeur == 100 + gagnant


def test_a_year_closed_while_it_is_typed_takes_nothing_afterwards(convention):
    fiche = fabriques.ActionFactory(axe=convention.axes.first())
    siens = [fiche.indicateurs.create(libelle=f"i{n}") for n in range(8)]

    def faire(rang):
        lieu = Convention.objects.get(pk=convention.pk)
        if rang == 0:
            Exercice.clore(lieu, 2026)
            return "clos"
        nom = f"mesure-{siens[rang].pk}-0"
        [case] = Grille(lieu, 2026, lambda *_: True).enregistrer({nom: "5", f"avant-{nom}": ""})
        return case.etat

    etats = ensemble(8, faire)[1:]
    assert Mesure.objects.filter(indicateur__in=siens).count() == etats.count("enregistre")
    assert set(etats) <= {"enregistre", "refuse"}
    with pytest.raises(Fige):
        siens[0].mesures.create(annee=2026, valeur=1)


@pytest.mark.parametrize("geste", ["partager", "reprendre"])
def test_two_moves_of_one_account_at_once_one_passes_the_other_is_told(convention, geste):
    QuerySet(Convention).filter(pk=convention.pk).update(effet_le="2026-01-01")
    convention.refresh_from_db()
    fabriques.ActionFactory(axe=convention.axes.first())
    bilan = Bilan.ouvrir(convention, 2026)
    if geste == "reprendre":
        bilan.partager(timezone.localdate())

    def bouger(_rang):
        mien = Bilan.objects.get(pk=bilan.pk)
        try:
            if geste == "partager":
                mien.partager(timezone.localdate())
            else:
                mien.reprendre({mien.pages.completes().first(): "Reprendre."})
        except ValidationError as erreur:
            return erreur.messages[0]
        return "passe"

    resultats = ensemble(4, bouger)
    assert resultats.count("passe") == 1
    assert all("Ce bilan est" in r for r in resultats if r != "passe")
