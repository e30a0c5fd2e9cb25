"""The queue of e-mails, against a real mail server on this machine: sent once, tried again, or shown as unknown."""

import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMessage, send_mail
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from ctg.courriels import deposer, envoyer, envoyer_la_file
from ctg.models import Courriel
from tests.test_concurrence import ensemble

Statut = Courriel.Statut


class Boite:
    """A mail server's behaviour: it keeps what it takes, or answers as it is told."""

    def __init__(self):
        self.recus, self.reponse, self.avant_de_repondre = [], "250 OK", None

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802 - aiosmtpd's names
        if address.startswith("inconnu@"):
            return "550 5.1.1 Utilisateur inconnu"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.recus.append(envelope.content.decode())
        if self.avant_de_repondre:
            self.avant_de_repondre(server)
        return self.reponse


@pytest.fixture
def boite(settings):
    boite = Boite()
    with socket.socket() as libre:  # aiosmtpd's controller must know its port beforehand
        libre.bind(("127.0.0.1", 0))
        port = libre.getsockname()[1]
    serveur = Controller(boite, hostname="127.0.0.1", port=port)
    serveur.start()
    settings.EMAIL_BACKEND = "ctg.courriels.File"
    settings.COURRIELS_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.COURRIELS_AUSSITOT = False
    yield boite
    serveur.stop()


def courriel(a="agent@ctg.example", texte="Bonjour"):
    return deposer(EmailMessage("Objet", texte, "ctg@ctg.example", [a]))


@pytest.mark.django_db
def test_a_message_waits_then_leaves_and_its_text_is_forgotten(boite):
    depose = courriel(texte="Le lien secret")
    assert (depose.statut, boite.recus) == (Statut.EN_FILE, [])
    call_command("envoyer_les_courriels")
    depose.refresh_from_db()
    assert (depose.statut, depose.texte, depose.essais) == (Statut.ENVOYE, "", 1)
    assert "Le lien secret" in boite.recus[0]
    assert depose.entetes["Message-ID"] in boite.recus[0]
    assert envoyer_la_file() == 0
    assert len(boite.recus) == 1


@pytest.mark.django_db
def test_what_is_rolled_back_is_not_sent(boite, settings, django_capture_on_commit_callbacks):
    settings.COURRIELS_AUSSITOT = True
    with django_capture_on_commit_callbacks(execute=True):
        try:
            with transaction.atomic():
                courriel()
                raise RuntimeError
        except RuntimeError:
            pass
        with transaction.atomic():
            courriel(texte="Gardé")
    assert [r for r in boite.recus if "Gardé" in r] == boite.recus
    assert len(boite.recus) == 1


@pytest.mark.django_db
def test_a_refusal_for_good_is_shown_and_one_for_now_is_tried_again(boite):
    pour_de_bon, pour_l_instant = courriel("inconnu@ctg.example"), courriel()
    boite.reponse = "451 4.3.0 Revenez plus tard"
    assert envoyer_la_file() == 0
    pour_de_bon.refresh_from_db()
    pour_l_instant.refresh_from_db()
    assert (pour_de_bon.statut, "5.1.1" in pour_de_bon.reponse) == (Statut.REFUSE, True)
    assert (pour_l_instant.statut, pour_l_instant.essais) == (Statut.EN_FILE, 1)
    assert pour_l_instant.pas_avant > timezone.now() + timedelta(minutes=4)
    boite.reponse = "250 OK"
    assert envoyer_la_file() == 0  # not before its hour
    Courriel.objects.filter(pk=pour_l_instant.pk).update(pas_avant=timezone.now())
    assert envoyer_la_file() == 1


@pytest.mark.django_db
def test_a_mail_server_that_is_down_loses_nothing(boite, settings):
    depose = courriel()
    settings.EMAIL_PORT = 1  # nobody listens there
    assert envoyer_la_file() == 0
    depose.refresh_from_db()
    assert (depose.statut, depose.texte) == (Statut.EN_FILE, "Bonjour")
    attendus = timedelta()
    while depose.statut == Statut.EN_FILE:
        attendus += depose.pas_avant - timezone.now()
        Courriel.objects.update(pas_avant=timezone.now())
        envoyer_la_file()
        depose.refresh_from_db()
    # A night, a weekend: somebody has the time to come back to it (RFC 5321, 4.5.4.1).
    assert timedelta(days=4) < attendus < timedelta(days=5) and depose.statut == Statut.REFUSE


@pytest.mark.django_db
def test_a_line_that_breaks_after_the_text_left_is_shown_as_unknown_and_never_repeated(boite, client, admin_client):
    depose = courriel()
    boite.avant_de_repondre = lambda serveur: serveur.transport.close()
    assert envoyer_la_file() == 0
    boite.avant_de_repondre = None
    depose.refresh_from_db()
    assert (depose.statut, len(boite.recus)) == (Statut.INCONNU, 1)
    assert envoyer_la_file() == 0
    # A person decides, in the administration.
    page = "/admin/ctg/courriel/"
    assert "Issue inconnue" in admin_client.get(page).content.decode()
    admin_client.post(page, {"action": "envoyer_a_nouveau", "_selected_action": [depose.pk]})
    assert envoyer_la_file() == 1
    admin_client.post(page, {"action": "envoyer_a_nouveau", "_selected_action": [depose.pk]})
    assert envoyer_la_file() == 0


@pytest.mark.django_db
def test_a_sender_that_died_leaves_an_unknown_end(boite):
    depose = courriel()
    il_y_a_longtemps = timezone.now() - timedelta(minutes=16)
    Courriel.objects.update(statut=Statut.EN_COURS, pris_le=il_y_a_longtemps)
    assert envoyer_la_file() == 0
    depose.refresh_from_db()
    assert (depose.statut, depose.reponse) == (Statut.INCONNU, "L’envoi a été interrompu.")


def test_many_senders_send_each_message_once(transactional_db, boite):
    deposes = [courriel(texte=f"Courriel n° {n}.") for n in range(12)]

    def envoyer_tout(rang):
        return sum(envoyer(c.pk) for c in deposes)

    assert sum(ensemble(4, envoyer_tout)) == 12
    assert len(boite.recus) == len({recu.split("Message-ID:")[1].split()[0] for recu in boite.recus}) == 12


@pytest.mark.django_db
def test_every_message_of_the_application_passes_by_the_queue(boite, client):
    send_mail("Objet\nsur deux lignes".replace("\n", " "), "Texte", None, ["a@ctg.example", "b@ctg.example"])
    client.post("/comptes/password/reset/", {"email": "agent@ctg.example"})
    assert Courriel.objects.filter(statut=Statut.EN_FILE).count() == 2
    assert envoyer_la_file() == 2
    with pytest.raises(NotImplementedError):
        deposer(EmailMessage("Objet", "Texte", to=["a@ctg.example"], attachments=[("a.txt", "x", "text/plain")]))
