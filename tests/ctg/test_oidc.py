"""Signing in by the server of an organisation: a real one answers on this machine, nothing of ours is replaced."""

import runpy
import subprocess
import sys
from pathlib import Path
from subprocess import DEVNULL, PIPE
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from allauth.socialaccount.models import SocialAccount
from django.contrib.messages import get_messages
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from actions.models import Fonction, Invitation, Partenaire, Territoire
from ctg.models import User
from ctg.verifications import serveur_en_clair
from tests.conftest import CTG

pytestmark = pytest.mark.django_db
RACINE = Path(__file__).parents[2]
AGENT, ADMIN = "agent@ctg.example", "admin@ctg.example"
BOUTON = "Se connecter avec mon organisation"
ALLER, RETOUR = "/comptes/oidc/", "/comptes/oidc/retour/"


# It says on which port the system has put it.
SERVIR = """
import threading
from oidc_provider_mock import run_server_in_thread
with run_server_in_thread() as serveur:
    print(serveur.server_port, flush=True)
    threading.Event().wait()
"""


@pytest.fixture(scope="module")
def fournisseur():
    """A provider of identities, in a process of its own: what its libraries deprecate would be an error in ours."""
    commande = [sys.executable, "-W", "ignore", "-c", SERVIR]
    with subprocess.Popen(commande, stdout=PIPE, stderr=DEVNULL, text=True) as serveur:
        yield f"http://localhost:{int(serveur.stdout.readline())}"
        serveur.terminate()


def lire_les_reglages(monkeypatch, **env):
    """Return what the settings make of an environment: the file itself is read, as at start."""
    for nom, valeur in env.items():
        monkeypatch.setenv(nom, valeur)
    return runpy.run_path(str(RACINE / "ctg" / "settings.py"))


@pytest.fixture
def porte(settings, monkeypatch, fournisseur):
    """Open the door as an installation does, by its environment."""
    lus = lire_les_reglages(
        monkeypatch, OIDC_SERVEUR=fournisseur, OIDC_CLIENT="ctg", OIDC_SECRET="secret", OIDC_NOM=BOUTON
    )
    for nom in ("OIDC_SERVEUR", "SOCIALACCOUNT_PROVIDERS", "CONTENT_SECURITY_POLICY"):
        setattr(settings, nom, lus[nom])
    return fournisseur


def connaitre(fournisseur, adresse, **dit):
    """Have the provider know a person and what it says of them."""
    fiche = {"email": adresse, **dit}
    assert requests.put(f"{fournisseur}/users/{quote(adresse)}", json=fiche, timeout=10).status_code == 204


def autoriser(client, adresse, suite="", **choix):
    """Click on the button, agree at the provider, and return its answer, which sends back to us."""
    depart = client.post(ALLER + suite)
    assert depart.status_code == 302
    accord = requests.post(depart["Location"], data={"sub": adresse, **choix}, allow_redirects=False, timeout=10)
    assert accord.status_code == 302, accord.text
    return urlsplit(accord.headers["Location"])


def entrer(client, fournisseur, adresse, suite="", **dit):
    connaitre(fournisseur, adresse, **dit)
    retour = autoriser(client, adresse, suite)
    return client.get(f"{retour.path}?{retour.query}")


def phrases(reponse):
    return " ".join(str(message) for message in get_messages(reponse.wsgi_request))


def refus(client, reponse):
    """Return what the sign-in page says to who was sent back there, and came in nowhere."""
    assert (reponse.status_code, reponse["Location"]) == (302, "/comptes/login/")
    assert "_auth_user_id" not in client.session
    page = client.get(reponse["Location"])
    assert page.status_code == 200 and BOUTON in page.content.decode()
    return page.content.decode()


def test_the_address_of_an_account_comes_in_by_the_button(client, porte):
    page = client.get(f"/comptes/login/?next={CTG}/plan/")
    assert f'action="{ALLER}?next={quote(CTG, safe="")}' in page.content.decode() and BOUTON in page.content.decode()
    assert f"form-action 'self' {porte}" in page["Content-Security-Policy"]
    avant = User.objects.count()
    reponse = entrer(client, porte, "Agent@CTG.example", f"?next={CTG}/plan/", email_verified=True)
    assert (reponse.status_code, reponse["Location"]) == (302, f"{CTG}/plan/")
    page = client.get(f"{CTG}/plan/")
    assert page.status_code == 200 and page.wsgi_request.user.email == AGENT
    # Nothing links both: the address is asked again each time.
    assert not SocialAccount.objects.exists() and User.objects.count() == avant
    assert User.objects.get(email=AGENT).has_usable_password()


def test_it_asks_for_the_address_alone_and_proves_who_asked(client, porte):
    demande = parse_qs(urlsplit(client.post(ALLER)["Location"]).query)
    assert set(demande["scope"][0].split()) == {"openid", "email"} and demande["code_challenge_method"] == ["S256"]
    assert urlsplit(demande["redirect_uri"][0]).path == RETOUR


@pytest.mark.parametrize("adresse", ["inconnue@ailleurs.example", "pılote@ctg.example"])
def test_an_unknown_address_opens_no_account(client, porte, adresse):
    avant = User.objects.count()
    page = refus(client, entrer(client, porte, adresse, email_verified=True))
    assert f"Aucun compte n’a l’adresse {adresse}" in page
    assert User.objects.count() == avant


def test_who_was_invited_is_told_to_accept_first(client, porte):
    territoire = Territoire.objects.get(slug="val-d-argent")
    invitation = Invitation.objects.create(
        partenaire=Partenaire.objects.first(),
        territoire=territoire,
        par=User.objects.get(email=AGENT),
        nature=Fonction.Nature.AGENT,
        destinataire="neuve@ailleurs.example",
    )
    assert "Une invitation attend" in refus(
        client, entrer(client, porte, "neuve@ailleurs.example", email_verified=True)
    )
    invitation.retirer()
    assert "Aucun compte" in refus(client, entrer(client, porte, "neuve@ailleurs.example", email_verified=True))


@pytest.mark.parametrize("dit", [{}, {"email_verified": False}, {"email_verified": "false"}, {"email_verified": None}])
def test_an_address_that_was_not_verified_opens_nothing(client, porte, dit):
    assert "n’a pas vérifié votre adresse" in refus(client, entrer(client, porte, AGENT, **dit))


def test_a_closed_account_stays_closed(client, porte):
    User.objects.filter(email=AGENT).update(is_active=False)
    assert "Ce compte est fermé" in refus(client, entrer(client, porte, AGENT, email_verified=True))


def test_an_administrator_still_proves_it_twice(client, porte, settings):
    settings.SECOND_FACTEUR_EXIGE = True
    assert entrer(client, porte, ADMIN, email_verified=True).status_code == 302
    assert "second-facteur/totp" in client.get("/admin/")["Location"]  # none yet: that page only
    client.logout()
    secret = generate_totp_secret()
    TOTP.activate(User.objects.get(email=ADMIN), secret)
    reponse = entrer(client, porte, ADMIN, email_verified=True)
    assert reponse["Location"].startswith("/comptes/second-facteur/")
    assert "_auth_user_id" not in client.session and client.get("/admin/")["Location"].startswith("/admin/login/")
    code = f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06d}"
    assert client.post(reponse["Location"], {"code": code}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_no_identity_is_linked_to_an_account_by_hand(agent, porte):
    reponse = entrer(agent, porte, "autre@ailleurs.example", "?process=connect", email_verified=True)
    assert reponse["Location"] == "/comptes/login/" and "n’a pas répondu comme prévu" in phrases(reponse)
    assert not SocialAccount.objects.exists()


def test_an_answer_that_nobody_asked_for_is_refused(client, porte):
    """Somebody else's answer, opened from a link, would have its reader work in another's account."""
    connaitre(porte, AGENT, email_verified=True)
    retour = autoriser(client, AGENT)
    client.cookies.clear()
    assert "n’a pas répondu comme prévu" in refus(client, client.get(f"{retour.path}?{retour.query}"))


def test_who_gives_up_there_comes_back(client, porte):
    retour = autoriser(client, AGENT, action="deny")
    etat = parse_qs(urlsplit(client.post(ALLER)["Location"]).query)["state"][0]
    assert "error=access_denied" in retour.query
    assert "Vous avez renoncé" in refus(client, client.get(f"{RETOUR}?error=access_denied&state={etat}"))


def test_a_server_that_does_not_answer_is_said_in_words(client, porte, settings):
    depart = autoriser(client, AGENT)
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://localhost:9"
    assert "n’a pas répondu comme prévu" in refus(client, client.post(ALLER))
    assert "n’a pas répondu comme prévu" in refus(client, client.get(f"{depart.path}?{depart.query}"))


def test_without_the_settings_there_is_no_such_door(client, settings):
    assert settings.SOCIALACCOUNT_PROVIDERS == {}
    page = client.get("/comptes/login/")
    assert ALLER not in page.content.decode()
    assert "form-action 'self';" in page["Content-Security-Policy"] + ";"
    assert (client.post(ALLER).status_code, client.get(RETOUR).status_code) == (404, 404)


@pytest.mark.parametrize("adresse", ["/comptes/3rdparty/", "/comptes/3rdparty/signup/", "/comptes/oidc/oidc/login/"])
def test_the_library_opens_no_other_page(agent, porte, adresse):
    assert agent.get(adresse).status_code == 404
    assert agent.get(ALLER).status_code == 405


def test_a_door_half_described_does_not_start(monkeypatch):
    monkeypatch.delenv("OIDC_CLIENT", raising=False)
    with pytest.raises(ImproperlyConfigured):
        lire_les_reglages(monkeypatch, OIDC_SERVEUR="https://connexion.example")


def test_a_server_in_clear_is_not_deployed(settings):
    for serveur, fautes in {"": 0, "https://connexion.example": 0, "http://connexion.example": 1}.items():
        settings.OIDC_SERVEUR = serveur
        assert len(serveur_en_clair(None)) == fautes, serveur


def test_the_administration_shows_none_of_it(navigateur):
    assert navigateur("admin").get(reverse("admin:index")).status_code == 200
    assert navigateur("admin").get("/admin/socialaccount/socialapp/").status_code == 404
