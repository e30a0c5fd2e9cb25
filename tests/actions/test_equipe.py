"""Colleagues: invited by a link that serves once, seen, let go; what they leave is said first."""

# ruff: noqa: F811 - a fixture of the tests of the queue
from datetime import date, timedelta

import pytest
from django.utils import timezone

from actions.models import Fonction, Invitation, LienDeSaisie, Partenaire
from ctg.adresses import adresse
from ctg.courriels import envoyer_la_file
from ctg.models import Courriel, User
from tests.conftest import BACKEND, CTG, VAL
from tests.ctg.test_courriels import boite  # noqa: F401 - a fixture
from tests.fabriques import compte
from tests.pages import saisir

pytestmark = pytest.mark.django_db
MOT = "une phrase assez longue"


@pytest.fixture
def cscva(convention):
    return Partenaire.objects.get(sigle="CSCVA", territoire=convention.territoire)


def equipe(partenaire):
    return f"{VAL}/gestion/partenaires/{partenaire.pk}/equipe/"


def inviter(client, partenaire, adresse="neuf@cscva.example", nature="agent"):
    return client.post(f"{equipe(partenaire)}inviter/", {"destinataire": adresse, "nature": nature})


def lien_recu():
    courriel = Courriel.objects.filter(sujet__contains="invitation").latest("pk")
    return next(m for m in courriel.texte.split() if "/invitations/" in m).removeprefix("http://testserver")


def test_an_agent_invites_for_their_own_body_and_the_person_comes_in(navigateur, client, cscva):
    """The pilote of an association, who manages nothing else, invites; the new account works at once."""
    pilote = navigateur("pilote")
    assert inviter(pilote, cscva).status_code == 302
    assert "neuf@cscva.example" in pilote.get(equipe(cscva)).content.decode()
    adresse = lien_recu()
    page = client.get(adresse).content.decode()
    assert "Centre socio-culturel" in page and "neuf@cscva.example" in page
    court = client.post(adresse, {"first_name": "Jo", "last_name": "Neuf", "password1": "court", "password2": "court"})
    assert court.status_code == 422 and "12 caractères" in court.content.decode()
    assert 'value="Neuf"' in court.content.decode()
    donnees = {"first_name": "Jo", "last_name": "Neuf", "password1": MOT, "password2": MOT}
    assert client.post(adresse, donnees).status_code == 302
    compte = User.objects.get(email="neuf@cscva.example")
    fonction = compte.fonctions.get()
    assert (fonction.partenaire, fonction.nature, fonction.debut) == (cscva, "agent", timezone.localdate())
    assert fonction.history.first().history_change_reason == "Par le lien envoyé à neuf@cscva.example"
    assert client.get(f"{CTG}/plan/").status_code == 200  # signed in
    # It serves once.
    assert client.get(adresse).status_code == 410 and client.post(adresse, donnees).status_code == 410
    assert "Jo Neuf" in pilote.get(equipe(cscva)).content.decode()


def test_who_has_an_account_receives_one_more_function(agent, navigateur, client, convention, cscva):
    inviter(agent, cscva, "CAF@ctg.example", "lecteur")
    adresse = lien_recu()
    assert "existe déjà" in client.get(adresse).content.decode()
    assert client.post(adresse).status_code == 302
    natures = set(
        Fonction.objects.en_cours().filter(compte__email="caf@ctg.example").values_list("partenaire", "nature")
    )
    assert (cscva.pk, "lecteur") in natures and len(natures) == 2
    # What is held already is said at the field.
    refus = inviter(agent, cscva, "caf@ctg.example", "lecteur")
    assert refus.status_code == 422 and "exerce déjà cette fonction" in refus.content.decode()


def test_an_invitation_is_withdrawn_and_dies_by_itself(agent, client, cscva):
    inviter(agent, cscva)
    adresse, invitation = lien_recu(), Invitation.objects.get()
    assert invitation.expire_le == timezone.localdate() + timedelta(days=14)
    assert agent.post(f"{equipe(cscva)}invitations/{invitation.pk}/retirer/").status_code == 302
    assert client.get(adresse).status_code == 410
    inviter(agent, cscva)
    Invitation.objects.filter(retire_le=None).update(expire_le=timezone.localdate() - timedelta(days=1))
    assert client.get(lien_recu()).status_code == 410
    # From another territory the same token opens nothing.
    inviter(agent, cscva)
    assert client.get(lien_recu().replace(VAL, "/pays-de-l-exemple")).status_code == 410


def test_a_common_body_invites_its_own_and_no_territory_does(agent, navigateur, convention):
    caf = Partenaire.objects.get(nom="Caisse d’allocations familiales du Haut-Rhin")
    assert inviter(agent, caf, "x@caf.example").status_code == 403
    assert inviter(navigateur("caf"), caf, "x@caf.example").status_code == 302
    assert navigateur("voisin").get(equipe(caf)).status_code == 403


def test_who_leaves_is_shown_what_they_leave_and_reads_no_more(agent, navigateur, convention, cscva, fiche):
    pilote = navigateur("pilote")
    fonction = cscva.fonctions.get()
    LienDeSaisie.objects.create(convention=convention, partenaire=cscva, annee=2026, destinataire=fonction.compte.email)
    geste = f"{equipe(cscva)}fonctions/{fonction.pk}/finir/"
    page = agent.get(geste).content.decode()
    assert fiche.titre.split("’")[0] in page and "Plus personne n’agira" in page and "Un lien de saisie" in page
    assert pilote.get(f"{CTG}/plan/").status_code == 200
    assert agent.post(geste).status_code == 302
    assert pilote.get(f"{CTG}/plan/").status_code == 403
    assert User.objects.get(pk=fonction.compte_id).is_active
    assert agent.get(geste).status_code == 404  # it is over
    assert "Personne n’a encore de compte" in agent.get(equipe(cscva)).content.decode()


def test_who_has_a_function_and_nothing_to_read_is_told_what_to_ask(client):
    """The function is there: what is missing is a draft that its porteur opens, party by party."""
    partenaire = Partenaire.objects.create(nom="Caf d’un autre département", nature="caf")
    client.force_login(compte(partenaire, "lecteur", "neuf@ctg.example"), backend=BACKEND)
    assert "« Lit le projet »" in client.get("/conventions/").content.decode()
    User.objects.get(email="neuf@ctg.example").fonctions.update(fin=date(2026, 1, 1))
    assert "de vous y donner une fonction" in client.get("/conventions/").content.decode()


def test_invitations_wait_for_a_mail_server_that_refuses_and_leave_once(agent, cscva, settings):
    settings.EMAIL_BACKEND, settings.COURRIELS_AUSSITOT = "ctg.courriels.File", False
    inviter(agent, cscva)
    courriel = Courriel.objects.get()
    assert courriel.destinataires == ["neuf@cscva.example"] and courriel.texte


def test_the_menus_say_who_one_is_and_where(agent, client, convention):
    page = agent.get(f"{CTG}/plan/").content.decode()
    assert "Agent ou technicien, CCVA" in page and "L’équipe CCVA" in page
    assert page.count('aria-current="page"') == 1 and "Voir le site public" in page
    fiche = convention.fiches.actives().first()
    assert 'aria-current="true">Plan de travail' in agent.get(f"{CTG}/plan/fiches/{fiche.pk}/").content.decode()
    public = client.get(f"{CTG}/").content.decode()
    assert "Les actions" in public and "Plan de travail" not in public
    assert "Plan de travail" in agent.get(f"{CTG}/").content.decode()


def test_a_function_given_by_mistake_is_taken_back_the_same_day(agent, client, cscva):
    inviter(agent, cscva, "caf@ctg.example", "secretaire")
    client.post(lien_recu())
    fonction = Fonction.objects.get(compte__email="caf@ctg.example", partenaire=cscva)
    assert agent.post(f"{equipe(cscva)}fonctions/{fonction.pk}/finir/").status_code == 302
    assert not Fonction.objects.en_cours().filter(pk=fonction.pk).exists()
    assert inviter(agent, cscva, "caf@ctg.example", "secretaire").status_code == 302


def test_a_way_back_that_is_no_page_of_ours_is_left(agent):
    for ailleurs in ("xyz", "//ailleurs.example/", "https://ailleurs.example/", "conventions"):
        reponse = saisir(agent, f"{VAL}/gestion/territoire/?retour={ailleurs}", {"departement": "Haut-Rhin"})
        assert reponse.status_code == 302 and reponse["Location"].startswith(f"{VAL}/gestion/"), ailleurs


def test_a_common_body_is_chosen_not_written_again(agent, convention):
    commun = Partenaire.objects.filter(territoire=None).first()
    page = adresse("partenaire_creer", de=convention)
    double = {"nom": commun.nom.upper().replace("’", "'"), "nature": commun.nature}
    reponse = agent.post(page, double)
    assert reponse.status_code == 422 and "commun à tous les territoires" in reponse.content.decode()
    # From inside a list, it is offered.
    fragment = agent.post(page, double, headers={"HX-Request": "true"}).content.decode()
    assert f'data-prendre="{commun.pk}"' in fragment
    ecrit = agent.post(page, {"nom": "Un partenaire neuf", "nature": "association"}, headers={"HX-Request": "true"})
    neuf = Partenaire.objects.get(nom="Un partenaire neuf")
    assert ecrit.json() == {"pk": neuf.pk, "nom": "Un partenaire neuf"} and neuf.territoire == convention.territoire
    colles = agent.post(adresse("partenaires_coller", de=convention), {"liste": double["nom"]}).content.decode()
    assert "commun à tous les territoires" in colles


@pytest.mark.parametrize(
    "nom",
    ["commune de liepvre", "CENTRE SOCIO-CULTUREL du Val d'Argent", "centre socio culturel du val d’argent", "CAF"],
)
def test_a_partner_is_not_written_twice_in_other_letters(agent, convention, nom):
    """Accents, capitals, apostrophes, hyphens, an acronym: what people type for a body that is there."""
    if nom == "CAF":
        Partenaire.objects.filter(territoire=None, nature="caf").update(sigle="CAF")
    avant = Partenaire.objects.count()
    fragment = agent.post(
        adresse("partenaire_creer", de=convention), {"nom": nom, "nature": "autre"}, headers={"HX-Request": "true"}
    )
    assert Partenaire.objects.count() == avant and "data-prendre=" in fragment.content.decode()


def test_a_partner_does_not_take_the_name_of_another(agent, convention, cscva):
    commun = (
        Partenaire.objects.filter(territoire=None).exclude(siret="").first()
        or Partenaire.objects.filter(territoire=None).first()
    )
    page = adresse("partenaire_modifier", cscva.pk, de=convention)
    reponse = saisir(agent, page, {"nom": commun.nom})
    assert reponse.status_code == 422 and "choisissez-le" in reponse.content.decode()
    assert saisir(agent, page, {"presentation": "Un centre social."}).status_code == 302  # its own name is no other's


def test_a_siret_twice_in_a_pasted_list_is_said(agent, convention):
    liste = "Un\t\tassociation\t77865432700015\nDeux\t\tassociation\t77865432700015"
    page = agent.post(adresse("partenaires_coller", de=convention), {"liste": liste})
    assert page.status_code == 422 and "Ce SIRET est déjà plus haut" in page.content.decode()


def test_one_invitation_waits_for_one_person_and_function(agent, cscva):
    page = f"{equipe(cscva)}inviter/"
    assert agent.post(page, {"destinataire": "alice@essai.fr", "nature": "agent"}).status_code == 302
    reponse = agent.post(page, {"destinataire": "Alice@Essai.fr", "nature": "agent"})
    assert reponse.status_code == 422 and "attend déjà cette personne" in reponse.content.decode()
    assert agent.post(page, {"destinataire": "alice@essai.fr", "nature": "elu"}).status_code == 302


def test_who_ends_their_own_last_function_is_shown_out(agent, convention):
    fonction = User.objects.get(email="agent@ctg.example").fonctions.get()
    reponse = agent.post(f"{equipe(convention.porteur)}fonctions/{fonction.pk}/finir/", follow=True)
    assert reponse.status_code == 200 and "n’exerce plus cette fonction" in reponse.content.decode()


def test_the_same_siret_is_the_same_body(agent, convention):
    commun = Partenaire.objects.filter(territoire=None).first()
    Partenaire.objects.filter(pk=commun.pk).update(siret="21680216800010")
    neuf = {"nom": "Un tout autre nom", "nature": "caf", "siret": "21680216800010"}
    reponse = agent.post(adresse("partenaire_creer", de=convention), neuf)
    assert reponse.status_code == 422 and str(commun) in reponse.content.decode().replace("&#x27;", "'")


def test_an_invitation_refused_by_the_mail_server_waits_and_leaves_once(agent, convention, boite):
    """A real server on this machine, which says « later », then takes it."""
    page = adresse("equipe_inviter", convention.porteur_id, de=convention)
    boite.reponse = "451 4.3.0 Revenez plus tard"
    reponse = agent.post(page, {"destinataire": "nouvelle@essai.example", "nature": "agent"}, follow=True)
    assert "L’invitation part à nouvelle@essai.example" in reponse.content.decode()
    assert envoyer_la_file() == 0
    attente = Courriel.objects.get()
    assert (attente.statut, attente.essais) == (Courriel.Statut.EN_FILE, 1) and "/invitations/" in attente.texte
    boite.reponse, avant = "250 OK", len(boite.recus)
    Courriel.objects.update(pas_avant=timezone.now())
    assert (envoyer_la_file(), envoyer_la_file()) == (1, 0)
    assert len(boite.recus) - avant == 1 and "nouvelle@essai.example" in boite.recus[-1]
    attente.refresh_from_db()
    assert (attente.statut, attente.texte) == (Courriel.Statut.ENVOYE, "")
