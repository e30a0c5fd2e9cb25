"""Each URL against each role."""

import pytest
from django.urls import get_resolver, resolve

from actions.models import Partenaire
from ctg.models import User
from pilotage.models import Deliberation, Instance
from tests.conftest import ROLES

pytestmark = pytest.mark.django_db

# url name or path -> the status for (anonyme, agent, pilote, caf, secretaire, elu); 302 sends to the sign-in page.
# {f} is fiche 2.1, piloted by the CSCVA; {a} is fiche 1.1, piloted by the CCVA.
PUBLIC = (200,) * 6
MEMBRES = (302, 200, 200, 200, 200, 200)
PORTEUR = (302, 200, 403, 403, 403, 403)
PILOTE = (302, 200, 200, 403, 403, 403)
# {c} is the council of Sainte-Marie, {s} its meeting of deliberation {d}; {i} is the comité de pilotage, {r} its meeting.
SECRETAIRE = (302, 403, 403, 403, 200, 403)
LECTURES = {
    "/": PUBLIC,
    "/axes/2/": PUBLIC,
    "/axes/9/": (404,) * 6,
    "/fiches/{f}/": PUBLIC,
    "/partenaires/": PUBLIC,
    "/telechargements/": PUBLIC,
    "/jsi18n/": PUBLIC,
    "/comptes/login/": (200, 302, 302, 302, 302, 302),
    "/comptes/password/reset/": PUBLIC,
    "/comptes/signup/": (200, 302, 302, 302, 302, 302),
    "/plan/": MEMBRES,
    "/plan/fiches/{f}/": MEMBRES,
    "/plan/fiches/{f}/historique/": MEMBRES,
    "/plan/fiches/{f}/notes/{n}/": (302, *(403,) * 5),  # its author alone; this one has none
    "/plan/fiches/nouvelle/": PORTEUR,
    "/convention/": MEMBRES,
    "/convention/apercu/": MEMBRES,
    **{
        f"/plan/fiches/{{f}}/modifier/{s}/": PILOTE
        for s in (
            "identite",
            "enjeux",
            "thematiques",
            "pilotage",
            "calendrier",
            "moyens",
            "financements",
            "indicateurs",
            "vigilance",
        )
    },
    "/plan/fiches/{a}/modifier/enjeux/": PORTEUR,
    "/plan/fiches/{f}/modifier/inconnue/": (404,) * 6,
    "/pieces/1/": (404,) * 6,
    **{
        f"/convention/modifier/{p}/": PORTEUR
        for p in (
            "identite",
            "parties",
            "textes",
            "articles",
            "diagnostic",
            "services",
            "axes",
            "pilotage",
            "evaluation",
        )
    },
    "/convention/modifier/inconnue/": (302, 404, 403, 403, 403, 403),
    "/pilotage/": MEMBRES,
    "/pilotage/calendrier/2026/": MEMBRES,
    "/pilotage/calendrier/1/": (302, *(404,) * 5),
    "/pilotage/instances/nouvelle/": PORTEUR,
    "/pilotage/instances/{i}/": MEMBRES,
    "/pilotage/instances/{i}/modifier/": PORTEUR,
    "/pilotage/instances/{c}/modifier/": SECRETAIRE,
    "/pilotage/instances/{i}/agenda/{j}.ics": PUBLIC,
    "/pilotage/instances/{i}/reunions/nouvelle/": PORTEUR,
    "/pilotage/instances/{c}/reunions/nouvelle/": SECRETAIRE,
    "/pilotage/reunions/{r}/": MEMBRES,
    "/pilotage/reunions/{s}/": MEMBRES,
    **{
        f"/pilotage/reunions/{{r}}/modifier/{p}/": PORTEUR
        for p in ("convocation", "points", "presences", "compte-rendu")
    },
    "/pilotage/reunions/{s}/modifier/points/": SECRETAIRE,
    "/pilotage/reunions/{s}/modifier/comptes/": (302, 403, 403, 403, 404, 403),  # an act was proclaimed there
    "/pilotage/reunions/{r}/ordre-du-jour/": PORTEUR,
    "/pilotage/reunions/{s}/deliberations/nouvelle/": SECRETAIRE,
    "/pilotage/reunions/{r}/deliberations/nouvelle/": (404,) * 6,
    "/deliberations/": PUBLIC,
    "/deliberations/{d}/": MEMBRES,  # until its publication is dated
    "/deliberations/{d}/modifier/texte/": (302, *(403,) * 5),
    "/deliberations/scdl-{c}.csv": (200, *(409,) * 5),  # nothing published; then no SIRET in the seed
    "/admin/": (302, 200, 302, 302, 302, 302),
    "/admin/actions/action/": (302, 200, 302, 302, 302, 302),
    "/admin/actions/financement/": (302, 200, 302, 302, 302, 302),
    "/admin/actions/financement/import/": (302, 200, 302, 302, 302, 302),
    "/admin/ctg/user/": (302, 403, 302, 302, 302, 302),
}
ECRITURES = {
    "/plan/fiches/{f}/monter/": (403, 302, 403, 403, 403, 403),
    "/plan/fiches/{f}/descendre/": (403, 302, 403, 403, 403, 403),
    "/plan/fiches/{f}/dupliquer/": (403, 302, 403, 403, 403, 403),
    "/plan/fiches/{f}/archiver/": (403, 302, 403, 403, 403, 403),
    "/plan/fiches/{f}/desarchiver/": (403, 302, 403, 403, 403, 403),
    "/plan/fiches/{f}/changer-axe/": (403, 302, 403, 403, 403, 403),
    "/plan/fiches/{f}/pieces/": (403, 422, 422, 403, 403, 403),
    "/plan/fiches/{f}/pieces/1/retirer/": (403, 404, 404, 403, 403, 403),
    "/plan/fiches/{f}/notes/": (403, 422, 422, 422, 403, 403),
    "/plan/fiches/{f}/notes/{n}/retirer/": (403,) * 6,
    "/plan/fiches/{f}/historique/": (403, 200, 200, 403, 403, 403),
    "/pilotage/decisions/{x}/faite/": (403, 302, 403, 403, 403, 403),
    "/deliberations/{d}/proclamer/": (403, 403, 403, 403, 302, 403),
    "/deliberations/{d}/supprimer/": (403,) * 6,  # proclaimed
    "/deliberations/{d}/dates/": (403, 403, 403, 403, 302, 403),
    "/deliberations/{d}/retirer/": (403, 403, 403, 403, 422, 403),
}
CAS = [(u, r, s) for u, statuts in LECTURES.items() for r, s in zip(ROLES, statuts, strict=True)]
CAS_ECRITURE = [(u, r, s) for u, statuts in ECRITURES.items() for r, s in zip(ROLES, statuts, strict=True)]


@pytest.fixture
def adresse(fiche, convention):
    premiere = convention.axes.get(ordre=1).actions.get(ordre=1)
    acte = Deliberation.objects.get(numero="583")
    copil = Instance.objects.get(nature="copil")
    reunion = copil.reunions.first()
    cles = {
        "n": fiche.notes.first().pk,
        "f": fiche.pk,
        "a": premiere.pk,
        "i": copil.pk,
        "j": copil.jeton,
        "r": reunion.pk,
        "d": acte.pk,
    }
    cles |= {"c": acte.conseil.pk, "s": acte.seance_id, "x": reunion.decisions.first().pk}
    return lambda url: url.format(**cles)


@pytest.mark.parametrize(("url", "role", "statut"), CAS)
def test_each_page_against_each_role(navigateur, adresse, url, role, statut):
    assert navigateur(role).get(adresse(url)).status_code == statut


IMPRESSIONS = {
    "/telechargements/plan.pdf": PUBLIC,
    "/telechargements/axe-2.pdf": PUBLIC,
    "/telechargements/fiche-{f}.pdf": PUBLIC,
    "/plan/plan.pdf": MEMBRES,
    "/plan/axe-2.pdf": MEMBRES,
    "/plan/fiches/{f}/fiche.pdf": MEMBRES,
    "/convention/convention.pdf": MEMBRES,
    "/pilotage/reunions/{r}/convocation.pdf": MEMBRES,
    "/pilotage/reunions/{s}/proces-verbal.pdf": MEMBRES,
    "/pilotage/reunions/{r}/proces-verbal.pdf": (404,) * 6,
    "/pilotage/instances/{c}/registre-2026.pdf": MEMBRES,
    "/deliberations/{d}/deliberation.pdf": MEMBRES,
    "/deliberations/{d}/dossier.pdf": MEMBRES,
}


@pytest.fixture(scope="module")
def imprimerie(tmp_path_factory):
    """One folder for all the roles: each piece is laid out once."""
    return tmp_path_factory.mktemp("documents")


@pytest.mark.parametrize(("url", "statuts"), IMPRESSIONS.items())
def test_each_print_against_each_role(navigateur, adresse, settings, imprimerie, url, statuts):
    settings.DOCUMENTS_ROOT = imprimerie
    assert tuple(navigateur(role).get(adresse(url)).status_code for role in ROLES) == statuts


def _modeles(motifs=None, prefixe=""):
    """Yield the pattern of each URL of ours; the administration and the accounts have their own guards and rows."""
    for motif in (get_resolver() if motifs is None else motifs).url_patterns:
        chemin = prefixe + str(motif.pattern)
        if chemin.startswith(("admin/", "comptes/")):
            continue
        if hasattr(motif, "url_patterns"):
            yield from _modeles(motif, chemin)
        else:
            yield chemin


def test_no_url_is_left_out_of_these_tables(adresse, convention):
    essayees = {resolve(adresse(url)).route for url in [*LECTURES, *ECRITURES, *IMPRESSIONS]}
    assert set(_modeles()) - essayees == set()


def test_an_account_outside_the_convention_reads_what_the_public_reads(client, adresse):
    dehors = User.objects.create_user("dehors@ctg.example", partenaire=Partenaire.objects.get(nom="DREETS"))
    client.force_login(dehors, backend="allauth.account.auth_backends.AuthenticationBackend")
    for url, statuts in {**LECTURES, **IMPRESSIONS}.items():
        if statuts in (MEMBRES, PORTEUR, PILOTE, SECRETAIRE):
            assert client.get(adresse(url)).status_code == 403, url
        elif statuts == PUBLIC and not url.startswith("/telechargements/"):
            assert client.get(adresse(url)).status_code == 200, url


@pytest.mark.parametrize(("url", "role", "statut"), CAS_ECRITURE)
def test_each_act_against_each_role(navigateur, adresse, url, role, statut):
    reponse = navigateur(role).post(adresse(url))
    assert reponse.status_code == statut
    if role == "anonyme":
        assert "Votre session a expiré" in reponse.content.decode()


@pytest.mark.parametrize("url", [u for u in ECRITURES if "historique" not in u])
def test_an_act_is_never_a_get(agent, adresse, url):
    assert agent.get(adresse(url)).status_code == 405


def test_the_public_reads_nothing_unpublished(navigateur, fiche, convention):
    fiche.publiee = False
    fiche.save()
    inhabitant = navigateur("anonyme")
    assert inhabitant.get(f"/fiches/{fiche.pk}/").status_code == 404
    assert inhabitant.get(f"/telechargements/fiche-{fiche.pk}.pdf").status_code == 404
    assert fiche.titre not in inhabitant.get("/").content.decode()
    convention.publiee = False
    convention.save()
    assert inhabitant.get("/axes/1/").status_code == 404
    assert "Aucune convention n’est encore publiée" in inhabitant.get("/").content.decode()


def test_the_public_never_reads_what_is_internal(navigateur, fiche):
    page = navigateur("anonyme").get(f"/fiches/{fiche.pk}/").content.decode()
    assert "Calendrier budgétaire des financeurs" not in page
    assert "comité technique (exemple)" not in page


def test_nobody_signs_up_alone(navigateur):
    assert 'name="password1"' not in navigateur("anonyme").get("/comptes/signup/").content.decode()
