"""What was changed is laid out before anybody prints it, whatever door the change came by."""

import threading
import time

import pytest

from actions.documents import document_fiche
from actions.models import Action, Convention, Dispositif
from ctg import compteurs
from ctg.models import User
from ctg.pdf import atelier
from ctg.pdf.document import empreinte
from pilotage import avance
from pilotage.documents import document_convention
from tests.conftest import BACKEND, CTG

pytestmark = [pytest.mark.usefixtures("transactional_db", "imprimerie_neuve"), pytest.mark.papier]


@pytest.fixture(autouse=True)
def serveur(monkeypatch):
    """As a server, these tests hear what is written; a command does not."""
    assert compteurs.A_L_ECOUTE == []
    monkeypatch.setattr(compteurs, "A_L_ECOUTE", [])
    compteurs.se_mettre_a_l_ecoute()
    assert compteurs.A_L_ECOUTE == [avance.entendre]


@pytest.fixture
def convention():
    return Convention.objects.get(territoire__slug="val-d-argent", cle="2026-2030")


def attendre(morceaux, delai=60):
    chemins = [atelier.place(empreinte(m.html, "True")) for m in morceaux]
    fin = time.monotonic() + delai
    while time.monotonic() < fin and not all(c.exists() for c in chemins):
        time.sleep(0.1)
    return all(c.exists() for c in chemins)


def par_save(fiche):
    fiche.titre = "Un titre neuf"
    fiche.save()


def par_update(fiche):
    Action.objects.filter(pk=fiche.pk).update(titre="Un titre neuf")


def par_un_partenaire(fiche):
    """The name of a body of the territory, which the papers of all its conventions show."""
    pilote = fiche.pilotes[0]
    pilote.sigle = "Neuf"
    pilote.save()


@pytest.mark.parametrize("porte", [par_save, par_update, par_un_partenaire])
def test_every_piece_is_ready_a_little_after_the_write(convention, settings, monkeypatch, porte):
    monkeypatch.setattr(avance, "CALME", 0.2)
    settings.IMPRIMER_D_AVANCE = True
    fiche = convention.fiches.actives().first()
    porte(fiche)
    convention = Convention.objects.completes().get(pk=convention.pk)
    assert attendre(document_convention(convention).morceaux)
    fiche = Action.objects.completes().get(pk=fiche.pk)
    assert "Un titre neuf" in document_fiche(fiche).morceaux[0].html or porte is par_un_partenaire
    assert attendre(document_fiche(fiche).morceaux)
    fin = time.monotonic() + 30
    while avance._prevus and time.monotonic() < fin:
        time.sleep(0.1)
    assert avance._prevus == {}


def test_many_writes_are_laid_out_once_and_a_fault_harms_nobody(convention, settings, monkeypatch, caplog):
    monkeypatch.setattr(avance, "CALME", 0.3)
    settings.IMPRIMER_D_AVANCE = True
    appels = []

    def echouer(convention, perime):
        appels.append(convention.pk)
        raise RuntimeError("moteur")

    monkeypatch.setattr(avance, "imprimer_d_avance", echouer)
    for fiche in convention.fiches.actives()[:5]:
        fiche.save()
    time.sleep(1.5)
    assert appels == [convention.pk]
    assert "Mise en page d’avance impossible" in caplog.text
    # A listener that fails spoils no write.
    monkeypatch.setattr(threading, "Timer", lambda *a: (_ for _ in ()).throw(RuntimeError("can't start new thread")))
    fiche.save()
    assert "À l’écoute de convention:" in caplog.text
    monkeypatch.undo()
    monkeypatch.setattr(compteurs, "A_L_ECOUTE", [avance.entendre])
    settings.IMPRIMER_D_AVANCE = True
    # What is common to all makes no convention be printed.
    Dispositif.objects.first().save()
    assert avance._prevus == {}


def test_a_layout_stops_when_somebody_has_written_since(convention, monkeypatch):
    prepares = []
    monkeypatch.setattr(avance, "preparer", lambda morceau: prepares.append(morceau) or (None, None))
    avance.imprimer_d_avance(convention, perime=lambda: len(prepares) == 3)
    assert len(prepares) <= 6  # three of each reader's plan at the most, none of the convention


def test_a_change_of_state_is_heard_too(convention, settings, monkeypatch, client):
    entendus = []
    monkeypatch.setattr("ctg.compteurs.A_L_ECOUTE", [entendus.append])
    client.force_login(User.objects.get(email="agent@ctg.example"), backend=BACKEND)
    assert client.post(f"{CTG}/signatures/ouvrir/").status_code == 302
    assert f"convention:{convention.pk}" in entendus
