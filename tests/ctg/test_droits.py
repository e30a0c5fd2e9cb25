"""Each URL against each role, in two territories; and the same rule for one row and for many."""

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import get_resolver, resolve

from actions.models import Action, Convention, Invitation, LienDeSaisie, Partenaire, Poste
from actions.saisies import CONVENTION, SECTIONS
from ctg.aide import PAGES
from ctg.compteurs import fermer_l_ecriture
from ctg.historique import Historise
from ctg.models import User
from pilotage.models import Bilan, Deliberation, Instance, LienActe
from tests.conftest import BACKEND, CTG, ROLES, VAL

pytestmark = pytest.mark.django_db

# url -> the status for (anonyme, agent, pilote, caf, secretaire, elu); 302 sends to the sign-in page.
# {f} is fiche 2.1, piloted by the CSCVA; {a} is fiche 1.1, piloted by the CCVA; {n} a note of nobody.
# {c} is the council of Sainte-Marie, {s} its meeting of act {d}; {p} a project of act there; {i} is the comité de
# pilotage, {k} another council, {l} the token of a link sent to it, {m} that link, {r} its meeting, {x} a decision of it; {q} a partner of the territory, {z} the CAF; {g} a signataire.
PUBLIC = (200,) * 6
MEMBRES = (302, 200, 200, 200, 200, 200)
PORTEUR = (302, 200, 403, 403, 403, 403)
PILOTE = (302, 200, 200, 403, 403, 403)
SECRETAIRE = (302, 403, 403, 403, 200, 403)
REFUS = (302, *(403,) * 5)
ABSENT = (404,) * 6
LECTURES = {
    "/": PUBLIC,
    "/aide/": PUBLIC,
    "/mentions/": PUBLIC,
    **{f"/aide/{page}/": PUBLIC for page in PAGES},
    "/aide/inconnue/": ABSENT,
    "/sante/": PUBLIC,
    "/robots.txt": PUBLIC,
    "/sitemap.xml": PUBLIC,
    "/verifier/": PUBLIC,
    "/verifier/aaaaaaaaaaaa/": ABSENT,
    "/jsi18n/": PUBLIC,
    "/travail/": (302,) * 6,
    "/conventions/": MEMBRES,
    "/territoires/nouveau/": REFUS,
    "/comptes/login/": (200, 302, 302, 302, 302, 302),
    "/comptes/password/reset/": PUBLIC,
    "/comptes/signup/": (200, 302, 302, 302, 302, 302),
    f"{VAL}/": PUBLIC,
    f"{VAL}/partenaires/": PUBLIC,
    **{f"{VAL}/{page}/": PUBLIC for page in ("mentions", "donnees-personnelles", "contact", "accessibilite")},
    f"{VAL}/actes/": PUBLIC,
    "/inconnu/": ABSENT,
    f"{VAL}/1999-2003/": ABSENT,
    f"{CTG}/": PUBLIC,
    f"{CTG}/axes/2/": PUBLIC,
    f"{CTG}/axes/9/": ABSENT,
    f"{CTG}/fiches/{{f}}/": PUBLIC,
    f"{CTG}/telechargements/plan.json": PUBLIC,
    f"{CTG}/telechargements/plan.csv": PUBLIC,
    f"{CTG}/services/": PUBLIC,
    f"{CTG}/partage.png": PUBLIC,
    f"{CTG}/fiches/{{f}}/partage.png": PUBLIC,
    f"{CTG}/telechargements/": PUBLIC,
    f"{CTG}/pieces/1/": ABSENT,
    f"{VAL}/2021-2025/": PUBLIC,
    f"{VAL}/2021-2025/axes/1/": PUBLIC,
    f"{VAL}/2021-2025/plan/": (302, 200, 403, 200, 403, 403),
    # The draft is its porteur's, until it is opened.
    f"{VAL}/2031-2035/": ABSENT,
    f"{VAL}/2031-2035/plan/": PORTEUR,
    f"{VAL}/2031-2035/convention/": PORTEUR,
    f"{VAL}/2031-2035/plan/reprendre/": PORTEUR,
    f"{VAL}/2031-2035/plan/comparaison/": PORTEUR,
    f"{CTG}/plan/comparaison/": (302, 200, 403, 200, 403, 403),  # who reads both
    f"{VAL}/2021-2025/plan/comparaison/": ABSENT,
    f"{CTG}/plan/": MEMBRES,
    f"{CTG}/plan/classeur/": PORTEUR,
    f"{CTG}/plan/classeur.xlsx": MEMBRES,
    f"{CTG}/plan/feuilles/": PORTEUR,
    f"{CTG}/plan/feuilles/jalons.xlsx": MEMBRES,
    f"{CTG}/plan/feuilles/jalons/": PORTEUR,
    f"{CTG}/plan/feuilles/inconnue/": ABSENT,
    f"{CTG}/plan/fiches/{{f}}/": MEMBRES,
    f"{CTG}/plan/fiches/{{f}}/historique/": MEMBRES,
    f"{CTG}/plan/fiches/{{f}}/notes/{{n}}/": REFUS,  # its author alone; this one has none
    f"{CTG}/plan/fiches/nouvelle/": PORTEUR,
    f"{CTG}/plan/fiches/99999/": ABSENT,
    **{f"{CTG}/plan/fiches/{{f}}/modifier/{s}/": PILOTE for s in SECTIONS},
    f"{CTG}/plan/fiches/{{a}}/modifier/enjeux/": PORTEUR,
    f"{CTG}/plan/fiches/{{f}}/modifier/inconnue/": (302, 404, 404, 403, 403, 403),
    f"{CTG}/cooperation/": MEMBRES,
    f"{CTG}/cooperation/nouveau/": PORTEUR,
    f"{CTG}/cooperation/{{e}}/modifier/": PORTEUR,
    f"{CTG}/tableau-de-bord/": MEMBRES,
    f"{CTG}/saisie/": (302,) * 6,
    f"{CTG}/saisie/2026/": MEMBRES,
    f"{CTG}/saisie/2031/": (302, *(404,) * 5),
    f"{CTG}/saisie/lien/{{v}}/": PUBLIC,
    f"{CTG}/saisie/lien/faux/": (410,) * 6,
    f"{CTG}/bilans/": MEMBRES,
    f"{CTG}/bilans/nouveau/": (302, 302, 403, 403, 403, 403),  # not in force yet: back to the list
    f"{CTG}/bilans/2026/": MEMBRES,
    f"{CTG}/bilans/2027/": ABSENT,
    f"{CTG}/bilans/2026/synthese/": PORTEUR,
    f"{CTG}/bilans/2026/historique/": MEMBRES,
    f"{CTG}/bilans/2026/axes/{{o}}/": PORTEUR,
    f"{CTG}/bilans/2026/pages/{{u}}/": PILOTE,
    f"{CTG}/bilans/2026/lien/{{v}}/{{u}}/": PUBLIC,
    f"{CTG}/bilans/2026/observer/": (302, 302, 403, 302, 403, 403),  # while it is shared
    f"{CTG}/bilans/2026/partager/": PORTEUR,
    **{f"{CTG}/bilans/2026/{g}/": (302, 302, 403, 403, 403, 403) for g in ("reprendre", "arreter", "transmettre")},
    f"{CTG}/bilans/2026/viser/": (302, 302, 403, 302, 403, 403),
    f"{CTG}/bilans/2026/completer/": (302, 302, 403, 403, 403, 403),
    f"{CTG}/bilans/2026/chiffres.xlsx": MEMBRES,
    f"{CTG}/bilans/2026/bilan.docx": MEMBRES,
    f"{CTG}/bilans/2026/projection/1/": MEMBRES,
    f"{CTG}/bilans/2026/projection/9/": (302, *(404,) * 5),
    f"{CTG}/bilans/2026/complement-1.pdf": (302, *(404,) * 5),
    f"{CTG}/convention/": MEMBRES,
    f"{CTG}/convention/apercu/": MEMBRES,
    f"{CTG}/convention/historique/": MEMBRES,
    f"{CTG}/convention/annexes/joindre/": PORTEUR,
    f"{CTG}/convention/annexes/{{y}}.pdf": (302, *(404,) * 5),
    **{f"{CTG}/convention/modifier/{p}/": PORTEUR for p in CONVENTION},
    f"{CTG}/convention/modifier/inconnue/": (302, 404, 403, 403, 403, 403),
    f"{CTG}/signatures/": MEMBRES,
    f"{CTG}/signatures/papier/": PORTEUR,
    f"{CTG}/signatures/parties/{{g}}/": (302, 404, 403, 403, 403, 403),  # not in signature yet
    f"{CTG}/signatures/scans/1.pdf": (302, *(404,) * 5),
    f"{CTG}/signatures/version-1.pdf": (302, *(404,) * 5),
    f"{CTG}/signatures/version-1.json": (302, *(404,) * 5),
    f"{VAL}/gestion/": PORTEUR,
    f"{VAL}/gestion/territoire/": PORTEUR,
    f"{VAL}/gestion/mentions/": PORTEUR,
    f"{VAL}/gestion/partenaires/coller/": PORTEUR,
    f"{VAL}/gestion/partenaires/nouveau/": PORTEUR,
    f"{VAL}/gestion/partenaires/{{q}}/": PORTEUR,
    f"{VAL}/gestion/partenaires/{{q}}/historique/": PORTEUR,
    f"{VAL}/gestion/partenaires/{{q}}/logo/": PORTEUR,
    f"{VAL}/gestion/partenaires/{{z}}/": (302, 403, 403, 200, 403, 403),  # a common body, by its own agents
    f"{VAL}/gestion/conventions/nouvelle/": PORTEUR,
    f"{VAL}/gestion/partenaires/{{q}}/equipe/": PORTEUR,
    f"{VAL}/gestion/partenaires/{{z}}/equipe/": (302, 403, 403, 200, 403, 403),  # a common body, by its own agents
    f"{VAL}/gestion/partenaires/{{q}}/equipe/inviter/": PORTEUR,
    f"{VAL}/gestion/partenaires/{{h}}/equipe/fonctions/{{b}}/finir/": (302, 200, 200, 403, 403, 403),
    f"{VAL}/invitations/{{t}}/": PUBLIC,
    f"{VAL}/pilotage/": MEMBRES,
    f"{VAL}/pilotage/calendrier/2026/": MEMBRES,
    f"{VAL}/pilotage/calendrier/1/": ABSENT,
    f"{VAL}/pilotage/instances/nouvelle/": PORTEUR,
    f"{VAL}/pilotage/conseils/nouveau/": PORTEUR,
    f"{VAL}/pilotage/instances/{{i}}/": MEMBRES,
    f"{VAL}/pilotage/instances/{{i}}/historique/": MEMBRES,
    f"{VAL}/pilotage/instances/{{i}}/modifier/": PORTEUR,
    f"{VAL}/pilotage/instances/{{c}}/modifier/": SECRETAIRE,
    f"{VAL}/pilotage/instances/{{c}}/renouvellement/": SECRETAIRE,
    f"{VAL}/pilotage/instances/{{i}}/agenda/{{j}}.ics": PUBLIC,
    f"{VAL}/pilotage/instances/{{i}}/reunions/nouvelle/": PORTEUR,
    f"{VAL}/pilotage/instances/{{c}}/reunions/nouvelle/": SECRETAIRE,
    f"{VAL}/pilotage/reunions/{{r}}/": MEMBRES,
    f"{VAL}/pilotage/reunions/{{r}}/historique/": MEMBRES,
    f"{VAL}/pilotage/reunions/{{s}}/": MEMBRES,
    **{
        f"{VAL}/pilotage/reunions/{{r}}/modifier/{p}/": PORTEUR
        for p in ("convocation", "points", "presences", "compte-rendu")
    },
    f"{VAL}/pilotage/reunions/{{s}}/modifier/points/": SECRETAIRE,
    f"{VAL}/pilotage/reunions/{{s}}/modifier/comptes/": REFUS,  # an act was proclaimed there
    f"{VAL}/pilotage/reunions/{{r}}/ordre-du-jour/": PORTEUR,
    f"{VAL}/pilotage/reunions/{{s}}/actes/nouveau/": SECRETAIRE,
    f"{VAL}/pilotage/reunions/{{r}}/actes/nouveau/": (302, *(404,) * 5),
    f"{VAL}/actes/{{d}}/": MEMBRES,  # until its publication is dated
    f"{VAL}/pilotage/actes/{{d}}/modifier/texte/": REFUS,
    f"{VAL}/pilotage/actes/{{p}}/modifier/texte/": SECRETAIRE,
    f"{VAL}/pilotage/actes/{{d}}/historique/": MEMBRES,
    f"{VAL}/pilotage/actes/{{p}}/proclamer/": (302, 403, 403, 403, 302, 403),  # it cannot be yet: back to the act
    f"{VAL}/pilotage/actes/{{p}}/supprimer/": SECRETAIRE,
    f"{VAL}/actes/{{d}}/recue.pdf": (302, *(404,) * 5),  # voted here
    f"{CTG}/convention/actes/": MEMBRES,
    f"{CTG}/convention/actes/{{k}}/modele.docx": MEMBRES,
    f"{CTG}/convention/actes/{{k}}/lien/": PORTEUR,
    f"{CTG}/convention/actes/{{k}}/rendre/": PORTEUR,  # another council's secretary does not
    f"{CTG}/convention/actes/{{c}}/rendre/": (302, 200, 403, 403, 200, 403),
    f"{VAL}/actes/flux.atom": PUBLIC,
    f"{VAL}/actes/{{d}}/erratum-1.pdf": (302, *(404,) * 5),
    f"{VAL}/pilotage/actes/{{d}}/erratum/": SECRETAIRE,
    f"{VAL}/pilotage/actes/{{d}}/actes.zip": (
        302,
        403,
        403,
        403,
        409,
        403,
    ),  # what was proclaimed elsewhere is not sealed
    f"{VAL}/pilotage/actes/{{p}}/projet.docx": (302, 403, 403, 403, 200, 403),
    f"{VAL}/pilotage/actes/{{d}}/projet.docx": (302, 403, 403, 403, 404, 403),
    f"{VAL}/pilotage/actes/{{d}}/certificat.pdf": (302, 403, 403, 403, 404, 403),
    f"{VAL}/actes/rendre/{{l}}/": PUBLIC,
    f"{VAL}/actes/rendre/{{l}}/acte/": PUBLIC,
    f"{VAL}/actes/rendre/{{l}}/merci/": PUBLIC,
    f"{VAL}/actes/rendre/{{l}}/suite/": (410, 410, 410, 410, 410, 410),
    f"{VAL}/actes/rendre/{{l}}/modele.docx": PUBLIC,
    f"{VAL}/actes/rendre/faux/": (410,) * 6,
    f"{VAL}/actes/scdl-{{c}}.csv": (200, *(409,) * 5),  # nothing published; then no SIRET in the seed
    "/admin/": (302,) * 6,
    "/admin/actions/action/": (302,) * 6,
    "/admin/actions/financement/import/": (302,) * 6,
    "/admin/ctg/user/": (302,) * 6,
}
ECRITURES = {
    **{
        f"{CTG}/plan/fiches/{{f}}/{geste}/": (403, 302, 403, 403, 403, 403)
        for geste in ("monter", "descendre", "dupliquer", "archiver", "desarchiver", "changer-axe")
    },
    f"{CTG}/plan/fiches/{{f}}/pieces/": (403, 422, 422, 403, 403, 403),
    f"{CTG}/plan/fiches/{{f}}/pieces/1/retirer/": (403, 404, 404, 403, 403, 403),
    f"{CTG}/plan/fiches/{{f}}/notes/": (403, 422, 422, 422, 403, 403),
    f"{CTG}/plan/fiches/{{f}}/notes/{{n}}/retirer/": (403,) * 6,
    f"{VAL}/gestion/partenaires/{{h}}/equipe/invitations/{{i9}}/retirer/": (403, 302, 302, 403, 403, 403),
    f"{CTG}/bilans/2026/effacer/": (403, 302, 403, 403, 403, 403),
    f"{CTG}/bilans/2026/ajouter/": (403, 302, 403, 403, 403, 403),
    f"{CTG}/saisie/2026/montants/": (403, 422, 422, 403, 403, 403),
    f"{CTG}/saisie/2026/clore/": (403, 302, 403, 403, 403, 403),
    f"{CTG}/saisie/2026/rouvrir/": (403, 302, 403, 403, 403, 403),
    f"{CTG}/saisie/2026/liens/": (403, 422, 403, 403, 403, 403),
    f"{CTG}/saisie/2026/liens/{{w}}/retirer/": (403, 302, 403, 403, 403, 403),
    f"{CTG}/signatures/ouvrir/": (403, 302, 403, 403, 403, 403),
    f"{CTG}/signatures/abandonner/": (403, 404, 403, 403, 403, 403),
    f"{CTG}/signatures/parties/{{g}}/retirer/": (403, 404, 403, 403, 403, 403),
    f"{VAL}/pilotage/decisions/{{x}}/faite/": (403, 302, 403, 403, 403, 403),
    f"{VAL}/pilotage/actes/{{d}}/proclamer/": (403, 403, 403, 403, 302, 403),
    f"{VAL}/pilotage/actes/{{d}}/supprimer/": (403,) * 6,  # proclaimed
    f"{VAL}/pilotage/actes/{{d}}/dates/": (403, 403, 403, 403, 302, 403),
    f"{VAL}/pilotage/actes/{{d}}/retirer/": (403, 403, 403, 403, 422, 403),
    f"{VAL}/pilotage/actes/{{d}}/confirmer/": (403, 302, 403, 403, 403, 403),
    f"{CTG}/convention/actes/liens/{{m}}/retirer/": (403, 302, 403, 403, 403, 403),
}
IMPRESSIONS = {
    f"{CTG}/telechargements/plan.pdf": PUBLIC,
    f"{CTG}/telechargements/axe-2.pdf": PUBLIC,
    f"{CTG}/telechargements/fiche-{{f}}.pdf": PUBLIC,
    f"{CTG}/plan/plan.pdf": MEMBRES,
    f"{CTG}/plan/axe-2.pdf": MEMBRES,
    f"{CTG}/plan/comparaison.pdf": (302, 200, 403, 200, 403, 403),
    f"{CTG}/plan/fiches/{{f}}/fiche.pdf": MEMBRES,
    f"{CTG}/convention/convention.pdf": MEMBRES,
    f"{CTG}/cooperation/{{e}}/annee-2026.pdf": MEMBRES,
    f"{CTG}/bilans/2026/bilan.pdf": MEMBRES,
    f"{CTG}/bilans/2026/en-clair.pdf": MEMBRES,
    f"{VAL}/pilotage/reunions/{{r}}/convocation.pdf": MEMBRES,
    f"{VAL}/pilotage/reunions/{{s}}/proces-verbal.pdf": MEMBRES,
    f"{VAL}/pilotage/reunions/{{r}}/proces-verbal.pdf": (302, *(404,) * 5),
    f"{VAL}/pilotage/instances/{{c}}/registre-2026.pdf": MEMBRES,
    f"{VAL}/actes/{{d}}/deliberation.pdf": MEMBRES,
    f"{VAL}/pilotage/actes/{{d}}/dossier.pdf": MEMBRES,
}


@pytest.fixture
def adresse(fiche, convention):
    premiere = convention.axes.get(ordre=1).actions.get(ordre=1)
    acte = Deliberation.objects.get(numero="583")
    copil = Instance.objects.get(nature="copil", territoire=convention.territoire)
    reunion = copil.reunions.first()
    projet = Deliberation.modele(convention, acte.seance, "projet")
    cles = {
        "n": fiche.notes.first().pk,
        "f": fiche.pk,
        "a": premiere.pk,
        "y": convention.annexes.first().pk,
        "i": copil.pk,
        "j": copil.jeton,
        "r": reunion.pk,
        "d": acte.pk,
        "p": projet.pk,
        "q": Partenaire.objects.get(nom="Commune de Lièpvre").pk,
        "z": Partenaire.objects.get(nom="Caisse d’allocations familiales du Haut-Rhin").pk,
        "g": convention.signataires.first().pk,
    }
    autre = Instance.objects.get(nom="Conseil municipal de Lièpvre")
    lien = LienActe.objects.create(conseil=autre, approuve=convention, destinataire="mairie@liepvre.example")
    saisie = LienDeSaisie.objects.create(
        convention=convention, partenaire=fiche.pilotes[0], annee=2026, destinataire="pilote@cscva.example"
    )
    siens = fiche.pilotes[0]
    par = User.objects.get(email="agent@ctg.example")
    invitation = Invitation.objects.create(
        partenaire=siens, territoire=convention.territoire, par=par, destinataire="neuf@cscva.example"
    )
    cles |= {"h": siens.pk, "b": siens.fonctions.first().pk, "t": invitation.jeton, "i9": invitation.pk}
    cles |= {"v": saisie.jeton, "w": saisie.pk}
    poste = Poste.objects.create(convention=convention, employeur=convention.porteur, etp=1, debut="2026-01-01")
    poste.annees.create(annee=2026)
    cles |= {"e": poste.pk}
    bilan = Bilan.objects.create(convention=convention, annee=2026)
    cles |= {"u": bilan.pages.create(action=fiche).pk, "o": bilan.pages_d_axe.create(axe=fiche.axe).pk}
    cles |= {"k": autre.pk, "l": lien.jeton, "m": lien.pk}
    cles |= {"c": acte.conseil.pk, "s": acte.seance_id, "x": reunion.decisions.first().pk}
    return lambda url: url.format(**cles)


@pytest.mark.parametrize(("rang", "role"), list(enumerate(ROLES)))
def test_each_page_against_each_role(navigateur, adresse, rang, role):
    """A GET writes nothing: one client reads them all, and what differs is named by its address."""
    client = navigateur(role)
    attendus = {url: statuts[rang] for url, statuts in LECTURES.items()}
    if role != "anonyme":  # who signs out would be nobody for the pages that follow
        attendus.pop("/comptes/logout/", None)
    assert {url: client.get(adresse(url)).status_code for url in attendus} == attendus


@pytest.mark.papier
@pytest.mark.parametrize(("url", "statuts"), IMPRESSIONS.items())
def test_each_print_against_each_role(navigateur, adresse, url, statuts):
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
    essayees = {
        resolve(adresse(u)).route for u in [*LECTURES, *ECRITURES, *IMPRESSIONS] if "/1/" not in u or "pieces" in u
    }
    assert set(_modeles()) - essayees == set()


def test_an_agent_of_another_territory_reads_what_the_public_reads(navigateur, adresse):
    voisin = navigateur("voisin")
    du_val = {u: s for u, s in {**LECTURES, **IMPRESSIONS}.items() if u.startswith(VAL)}
    attendus = {
        url: 403 if statuts[0] == 302 else statuts[0]
        for url, statuts in du_val.items()
        if not url.startswith(f"{CTG}/telechargements/")
    }
    assert {url: voisin.get(adresse(url)).status_code for url in attendus} == attendus


def test_an_agent_of_another_territory_writes_nothing(navigateur, adresse):
    voisin = navigateur("voisin")
    assert {url: voisin.post(adresse(url)).status_code for url in ECRITURES} == dict.fromkeys(ECRITURES, 403)


def test_an_account_outside_the_convention_reads_what_the_public_reads(client, adresse):
    dehors = User.objects.create_user("dehors@ctg.example")
    dehors.fonctions.create(partenaire=Partenaire.objects.get(nom="DREETS"))
    client.force_login(dehors, backend=BACKEND)
    for url, statuts in LECTURES.items():
        if statuts in (MEMBRES, PORTEUR, PILOTE, SECRETAIRE) and url.startswith(VAL):
            assert client.get(adresse(url)).status_code == 403, url


def test_an_administrator_reads_every_page(navigateur, adresse):
    admin, faux = navigateur("admin"), {}
    for url in [u for u, statuts in LECTURES.items() if 404 not in statuts and u != "/comptes/signup/"]:
        # What is frozen is frozen for the administrator too.
        fige = url.endswith(("comptes/login/", "{d}/modifier/texte/", "{s}/modifier/comptes/", "travail/"))
        statut = admin.get(adresse(url)).status_code
        if statut not in ({302, 403} if fige else {200, 302, 409, 410}):
            faux[url] = statut
    assert faux == {}


@pytest.mark.parametrize(("url", "statuts"), ECRITURES.items())
def test_each_act_against_each_role(navigateur, adresse, url, statuts):
    """Each role posts to the rows as they were: what the one before wrote is rolled back."""
    clients = {role: navigateur(role) for role in ROLES}
    trouves = []
    for role in ROLES:
        with transaction.atomic():
            reponse = clients[role].post(adresse(url))
            transaction.set_rollback(True)
        fermer_l_ecriture()
        trouves.append(reponse.status_code)
        if role == "anonyme":
            assert "Votre session a expiré" in reponse.content.decode()
    assert tuple(trouves) == statuts


def test_an_act_is_never_a_get(agent, adresse):
    demandes = ("{d}/proclamer/", "{d}/supprimer/")  # a page asks first, of the secretary alone
    attendus = {url: 403 if url.endswith(demandes) else 405 for url in ECRITURES}
    assert {url: agent.get(adresse(url)).status_code for url in ECRITURES} == attendus


def test_a_refusal_says_its_sentence(navigateur, adresse):
    """A 403 and a 404 show their sentence."""
    refus = navigateur("secretaire").get(adresse(f"{VAL}/pilotage/actes/{{d}}/modifier/texte/"))
    assert "Cette délibération est proclamée" in refus.content.decode()
    assert (
        "Ce territoire n’a pas de convention à cette adresse"
        in navigateur("agent").get(f"{VAL}/1999-2003/").content.decode()
    )


def test_the_public_reads_nothing_unpublished(navigateur, fiche, convention):
    fiche.publiee = False
    fiche.save()
    inhabitant = navigateur("anonyme")
    assert inhabitant.get(f"{CTG}/fiches/{fiche.pk}/").status_code == 404
    assert inhabitant.get(f"{CTG}/telechargements/fiche-{fiche.pk}.pdf").status_code == 404
    assert fiche.titre not in inhabitant.get(f"{CTG}/").content.decode()
    convention.publiee = False
    convention.save()
    assert inhabitant.get(f"{CTG}/axes/1/").status_code == 404
    # Its home shows what is left: the former one.
    assert "2021-2025" in inhabitant.get(f"{VAL}/").content.decode()


def test_the_public_never_reads_what_is_internal(navigateur, fiche):
    page = navigateur("anonyme").get(f"{CTG}/fiches/{fiche.pk}/").content.decode()
    assert "Calendrier budgétaire des financeurs" not in page
    assert "comité technique (exemple)" not in page


def test_nobody_signs_up_alone(navigateur):
    assert 'name="password1"' not in navigateur("anonyme").get("/comptes/signup/").content.decode()


# --- Two territories --------------------------------------------------------------------------------


def test_an_object_of_another_territory_is_a_404(agent, navigateur, voisine, fiche):
    la_leur = voisine.fiches.first()
    assert agent.get(f"{CTG}/plan/fiches/{la_leur.pk}/").status_code == 404
    assert agent.get(f"{CTG}/fiches/{la_leur.pk}/").status_code == 404
    assert agent.post(f"{CTG}/plan/fiches/{la_leur.pk}/archiver/").status_code == 404
    leur_copil = Instance.objects.get(nature="copil", territoire=voisine.territoire)
    assert agent.get(f"{VAL}/pilotage/instances/{leur_copil.pk}/").status_code == 404
    assert agent.get(f"{VAL}/pilotage/reunions/{leur_copil.reunions.first().pk}/").status_code == 404
    assert navigateur("voisin").get(f"/pays-de-l-exemple/2024-2028/plan/fiches/{fiche.pk}/").status_code == 404
    assert navigateur("voisin").get("/pays-de-l-exemple/2024-2028/plan/").status_code == 200


def test_a_draft_is_read_by_those_to_whom_it_is_opened(navigateur, convention):
    brouillon = Convention.objects.get(cle="2031-2035")
    caf = Partenaire.objects.get(nom="Caisse d’allocations familiales du Haut-Rhin")
    signataire = brouillon.signataires.create(partenaire=caf, ordre=1)
    page = f"{VAL}/2031-2035/plan/"
    assert navigateur("caf").get(page).status_code == 403  # naming a signataire opens nothing
    signataire.brouillon_ouvert = True
    signataire.save()
    assert navigateur("caf").get(page).status_code == 200
    assert navigateur("elu").get(page).status_code == 403
    for role in ("anonyme", "elu"):
        assert "2031-2035" not in navigateur(role).get(f"{VAL}/").content.decode()
    assert "2031-2035" in navigateur("caf").get(f"{VAL}/").content.decode()


def test_drafting_the_next_convention_leaves_the_running_one_online(navigateur, agent):
    """B1: the latest to begin was taken for the current one."""
    page = navigateur("anonyme").get(f"{VAL}/").content.decode()
    assert "2026-2030" in page
    assert "Maintenir et développer l’offre de service Petite enfance" in page


MODELES = [m for m in apps.get_models() if issubclass(m, Historise)]


@pytest.mark.parametrize("role", [*ROLES[1:], "voisin", "admin"])
@pytest.mark.parametrize("modele", MODELES, ids=lambda m: m._meta.model_name)
def test_visible_rows_are_those_for_which_the_right_is_given(modele, role):
    user = User.objects.get(email=f"{role}@ctg.example")
    visibles = set(modele._default_manager.visibles_pour(user).values_list("pk", flat=True))
    permis = {o.pk for o in modele._default_manager.all() if user.has_perm(modele.droit_de_lecture, o)}
    assert visibles == permis


def test_a_leaver_reads_no_more(navigateur, convention):
    """A function that is over gives nothing."""
    agent = User.objects.get(email="agent@ctg.example")
    agent.fonctions.update(fin="2026-11-01")
    assert navigateur("agent").get(f"{CTG}/plan/").status_code == 403
    assert Action.objects.visibles_pour(User.objects.get(pk=agent.pk)).count() == 0
