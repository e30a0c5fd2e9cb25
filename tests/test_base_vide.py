"""On an empty base every page works for every role, and the national lists are there."""

import re

import pytest

from actions.models import Convention, Dispositif, Mission, Thematique
from ctg.models import User
from tests.conftest import BACKEND
from tests.fabriques import vider_la_base

# The data sets are emptied for the time of the test alone: its transaction is rolled back.
pytestmark = pytest.mark.django_db
FIXES = ["/", "/aide/", "/sante/", "/verifier/", "/conventions/", "/travail/", "/comptes/login/", "/admin/"]


@pytest.fixture
def vide(db):
    """The data sets are gone for the time of the test."""
    vider_la_base()


@pytest.mark.parametrize("role", ["anonyme", "sans_fonction", "superuser"])
def test_every_page_works_on_an_empty_base(client, vide, role):
    """B3: five addresses answered 500 to the README's own first account."""
    assert not Convention.objects.exists()
    if role != "anonyme":
        creer = User.objects.create_superuser if role == "superuser" else User.objects.create_user
        client.force_login(creer("premier@essai.example", "x"), backend=BACKEND)
    for adresse in [*FIXES, "/territoires/nouveau/"]:
        assert client.get(adresse).status_code in {200, 302, 403}, adresse
    for page in ("/val-d-argent/", "/val-d-argent/2026-2030/plan/", "/val-d-argent/gestion/"):
        assert client.get(page).status_code == 404
    if role == "superuser":
        for lien in set(re.findall(r'href="(/[^"]*)"', client.get("/").content.decode())):
            if not lien.startswith(("/static", "#")):
                assert client.get(lien).status_code in {200, 302}, lien


def test_the_national_lists_come_with_the_migrations(vide):
    assert Mission.objects.count() == 4
    assert Thematique.objects.count() == 9
    assert Dispositif.objects.get(nom="Fonds national parentalité, axe 1").remplace.nom == "REAAP"


def test_the_first_steps_lead_from_nothing_to_a_plan(client, vide):
    """As the README says: an administrator, a territory, its partners, its first convention, an axe, a fiche."""
    client.force_login(User.objects.create_superuser("premier@essai.example", "x"), backend=BACKEND)
    territoire = {"nom": "Pays neuf", "slug": "pays-neuf", "departement": "", "region": ""}
    assert client.post("/territoires/nouveau/", {**territoire, "slug": "admin"}).status_code == 422
    # Signing in leads to the first thing to do, then to what is still to be done.
    assert client.get("/travail/")["Location"] == "/territoires/nouveau/"
    assert client.post("/territoires/nouveau/", territoire)["Location"] == "/pays-neuf/gestion/"
    assert client.get("/travail/")["Location"] == "/pays-neuf/gestion/"
    assert client.get("/pays-neuf/").status_code == 200

    def reste():
        page = client.get("/pays-neuf/gestion/").content.decode()
        return re.findall(r'<span class="statut">à faire</span> <a href="([^"]+)">([^<]+)', page)

    assert [quoi for _, quoi in reste()] == [
        "Dire son département",
        "Enregistrer l’intercommunalité et ses communes",
        "Ouvrir la première convention",
    ]
    # Each line leads to the ordinary page, which comes back.
    departement = reste()[0][0]
    from tests.pages import saisir as remplir

    assert remplir(client, departement, {"departement": "Haut-Rhin"})["Location"].startswith("/pays-neuf/gestion/")
    assert (
        'href="//ailleurs'
        not in client.get("/pays-neuf/gestion/territoire/?retour=//ailleurs.example/").content.decode()
    )
    liste = "Communauté de communes du Pays neuf\tCCPN\tIntercommunalité\nCommune de Neuville;21680216800010\nCommune de Neuville"
    faux = client.post("/pays-neuf/gestion/partenaires/coller/", {"liste": liste})
    assert faux.status_code == 422 and "Ligne 2" in faux.content.decode() and "déjà plus haut" in faux.content.decode()
    juste = {"liste": "Communauté de communes du Pays neuf\tCCPN\tIntercommunalité\nCommune de Neuville"}
    lue = client.post("/pays-neuf/gestion/partenaires/coller/", juste).content.decode()
    assert "Enregistrer ces 2 partenaires" in lue
    from actions.models import Partenaire

    assert not Partenaire.objects.exists()
    assert client.post("/pays-neuf/gestion/partenaires/coller/", juste | {"confirme": "oui"}).status_code == 302
    assert [p.nature for p in Partenaire.objects.order_by("pk")] == ["epci", "commune"]
    porteur = Partenaire.objects.get(sigle="CCPN").pk
    convention = {"debut": 2027, "fin": 2031, "titre": "CTG", "porteur": porteur, "numerotation": "axe_rang"}
    assert client.post("/pays-neuf/gestion/conventions/nouvelle/", convention).status_code == 302
    base = "/pays-neuf/2027-2031"
    assert client.get(f"{base}/plan/").status_code == 200
    axes = f"{base}/convention/modifier/axes/"
    from tests.pages import champs, saisir

    assert champs(client.get(axes))["lignes-0-titre"] == ""
    assert saisir(client, axes, {"lignes-0-titre": "Premier axe"}).status_code == 302
    axe = Convention.objects.get().axes.get()
    restants = [quoi for _, quoi in reste()]
    assert "Écrire ses axes" not in restants and "Inviter des collègues pour CCPN" in restants
    assert "Nommer les parties à la convention 2027-2031, dont la CAF" in restants
    assert client.post(f"{base}/plan/fiches/nouvelle/", {"axe": axe.pk, "titre": "Première fiche"}).status_code == 302
    for page in ("plan/", "convention/", "signatures/", "convention/apercu/", "plan/feuilles/"):
        assert client.get(f"{base}/{page}").status_code == 200, page
    for page in ("pilotage/", "actes/", "gestion/"):
        assert client.get(f"/pays-neuf/{page}").status_code == 200, page
