"""Signing in: nobody locks another out, an address is its owner's, an administrator proves it twice."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command

from ctg.management.commands.charger import MOT_DE_PASSE
from ctg.models import User
from tests.conftest import CTG

pytestmark = pytest.mark.django_db
AGENT, ADMIN = "agent@ctg.example", "admin@ctg.example"


def entrer(client, email=AGENT, mot=MOT_DE_PASSE, **meta):
    return client.post("/comptes/login/", {"login": email, "password": mot}, **meta)


def test_who_guesses_locks_themselves_out_and_not_the_person(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    attaque, ici = {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "198.51.100.7"}
    for _ in range(6):
        refus = entrer(client, mot="faux", **attaque)
    assert "Trop de tentatives" in refus.content.decode()
    assert "Trop de tentatives" in entrer(client, **attaque).content.decode()
    assert entrer(client, **ici).status_code == 302
    # A forged head does not make another client: only what our own front server saw counts.
    forge = {"HTTP_X_FORWARDED_FOR": "192.0.2.1, 203.0.113.9"}
    client.logout()
    assert "Trop de tentatives" in entrer(client, **forge).content.decode()


def test_the_administration_has_the_same_door(client, agent):
    reponse = client.get("/admin/login/?next=/admin/")
    assert reponse.status_code == 302 and reponse["Location"].startswith("/comptes/login/")
    assert client.post("/admin/login/", {"username": ADMIN, "password": MOT_DE_PASSE}).status_code == 302
    assert "_auth_user_id" not in client.session
    assert agent.get("/admin/login/").status_code == 403
    # An administrator who came by there goes on to where they were going.
    assert reponse["Location"] == "/comptes/login/?next=/admin/"
    client.force_login(User.objects.get(email=ADMIN), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/login/")["Location"] == "/admin/"


def test_an_added_address_opens_nothing_before_it_answers(client, agent, mailoutbox):
    assert agent.post("/comptes/email/", {"action_add": "", "email": "moi@autre.example"}).status_code == 302
    assert EmailAddress.objects.get(email="moi@autre.example").verified is False
    assert entrer(client, "moi@autre.example").status_code == 200  # refused
    agent_ = User.objects.get(email=AGENT)
    lien = re.search(r"/comptes/confirm-email/\S+", mailoutbox[-1].body)[0]
    agent.post(lien)
    agent_.refresh_from_db()
    assert agent_.email == "moi@autre.example" and entrer(client, "moi@autre.example").status_code == 302
    # A colleague's address is nobody else's.
    refus = agent.post("/comptes/email/", {"action_add": "", "email": "caf@ctg.example"})
    agent_.refresh_from_db()
    assert agent_.email == "moi@autre.example", refus


def test_an_address_typed_again_is_written_to_again(agent, mailoutbox):
    demandees = ["moi@autre.example", "moi@autre-faute.example", "moi@autre.example"]
    for adresse in demandees:
        agent.post("/comptes/email/", {"action_add": "", "email": adresse})
    assert [courriel.to for courriel in mailoutbox] == [[adresse] for adresse in demandees]


def _donner_un_second_facteur(compte):
    secret = generate_totp_secret()
    TOTP.activate(compte, secret)
    return secret


def test_a_second_factor_is_offered_to_all_and_asked_when_it_is_there(client, agent):
    page = agent.get("/comptes/second-facteur/", follow=True)
    assert page.status_code == 200
    secret = _donner_un_second_facteur(User.objects.get(email=AGENT))
    reponse = entrer(client)
    assert reponse.status_code == 302 and "second-facteur" in reponse["Location"]
    assert client.get(f"{CTG}/plan/").status_code == 302  # not in yet
    code = f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06d}"
    assert client.post(reponse["Location"], {"code": code}).status_code == 302
    assert client.get(f"{CTG}/plan/").status_code == 200


def test_administrators_have_one_before_anything_opens(client, settings):
    settings.SECOND_FACTEUR_EXIGE = True
    admin = User.objects.get(email=ADMIN)
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    for page in (f"{CTG}/plan/", "/admin/", "/conventions/"):
        reponse = client.get(page)
        assert reponse.status_code == 302 and "second-facteur/totp" in reponse["Location"], page
    assert client.get("/sante/").status_code in {200, 503}
    _donner_un_second_facteur(admin)
    assert client.get("/admin/").status_code == 200
    call_command("retirer_le_second_facteur", ADMIN)
    assert not Authenticator.objects.filter(user=admin).exists() and client.get("/admin/").status_code == 302
    for faux in (ADMIN, "personne@ctg.example"):
        with pytest.raises(CommandError):
            call_command("retirer_le_second_facteur", faux)


def test_what_is_made_for_a_person_is_stored_by_nobody(client, agent):
    for page in (f"{CTG}/plan/", f"{CTG}/", "/conventions/"):
        assert "no-store" in agent.get(page)["Cache-Control"], page
    assert "no-store" not in client.get(f"{CTG}/").get("Cache-Control", "")


def test_what_accounts_are_written_is_french_and_ours(agent, client, mailoutbox):
    """The library's own texts greet in the name of a machine, and do not space their colons."""
    assert agent.post("/comptes/email/", {"action_add": "", "email": "moi@autre.example"}).status_code == 302
    client.post("/comptes/password/reset/", {"email": "pilote@ctg.example"})
    textes = [courriel.body for courriel in mailoutbox]
    assert len(textes) == 2
    for texte in textes:
        assert texte.startswith("Bonjour,\n") and "http" in texte and "convention territoriale globale" in texte
        assert "Merci d’utiliser" not in texte and "Merci d'utiliser" not in texte
    page = agent.get("/comptes/email/").content.decode()
    assert "moi@autre.example</strong> attend d’être confirmée" in page and "Garder l’ancienne adresse" in page
