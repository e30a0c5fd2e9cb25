"""Two territories, four conventions: what belongs to one is neither named, nor sent, nor taken in by the other."""

import io
import re
from collections import Counter

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from actions.models import Action, Convention, Partenaire
from actions.resources import FEUILLES
from actions.saisies import CONVENTION, SECTIONS
from ctg.compteurs import fermer_l_ecriture
from ctg.models import Compteur
from pilotage.models import Deliberation, Instance
from tests.actions.test_import import classeur
from tests.conftest import CTG, VAL
from tests.pages import champs

pytestmark = pytest.mark.django_db
LA = "/pays-de-l-exemple/2024-2028"


@pytest.fixture
def leurs(voisine):
    """What belongs to the other territory, by the name of the field that could name it."""
    partenaire = Partenaire.objects.get(territoire=voisine.territoire, nature="epci").pk
    conseil = Instance.objects.conseils().filter(territoire=voisine.territoire).first()
    mandat = conseil.mandats.create(nom="Exemple").pk
    axe, action = voisine.axes.first().pk, voisine.fiches.first().pk
    cles = {"partenaire": partenaire, "gestionnaire": partenaire, "porteur": partenaire, "collectivite": partenaire}
    cles |= {"axe": axe, "axes": axe, "action": action, "fiches": action, "origine": action, "pilote": partenaire}
    cles |= {"convention": voisine.pk, "approuve": voisine.pk, "precedente": voisine.pk, "suppleant_de": mandat}
    return cles | {"modifie": 0, "par": 0}


@pytest.fixture
def adresses(convention, fiche):
    acte = Deliberation.objects.get(numero="583")
    copil = Instance.objects.get(nature="copil", territoire=convention.territoire)
    projet = Deliberation.modele(convention, acte.seance, "essai")
    fiche_ = f"{CTG}/plan/fiches/{fiche.pk}"
    agent = [f"{CTG}/plan/fiches/nouvelle/", *[f"{fiche_}/modifier/{s}/" for s in SECTIONS]]
    agent += [f"{CTG}/convention/modifier/{p}/" for p in CONVENTION]
    agent += [f"{VAL}/gestion/conventions/nouvelle/", f"{VAL}/pilotage/conseils/nouveau/"]
    agent += [f"{VAL}/pilotage/instances/nouvelle/", f"{VAL}/pilotage/instances/{copil.pk}/modifier/"]
    agent += [f"{VAL}/pilotage/instances/{copil.pk}/reunions/nouvelle/"]
    reunion = f"{VAL}/pilotage/reunions/{copil.reunions.first().pk}"
    agent += [
        f"{reunion}/ordre-du-jour/",
        *[f"{reunion}/modifier/{p}/" for p in ("convocation", "points", "compte-rendu")],
    ]
    secretaire = [f"{VAL}/pilotage/instances/{acte.conseil.pk}/modifier/"]
    secretaire += [f"{VAL}/pilotage/reunions/{acte.seance_id}/actes/nouveau/"]
    secretaire += [f"{VAL}/pilotage/actes/{projet.pk}/modifier/texte/"]
    return {"agent": agent, "secretaire": secretaire}


@pytest.mark.parametrize("role", ["agent", "secretaire"])
def test_no_form_takes_a_row_of_another_territory(navigateur, adresses, leurs, role):
    """C4: foreign keys were limited in what was offered, not in what was taken."""
    client, essais = navigateur(role), 0
    for adresse in adresses[role]:
        page = client.get(adresse)
        montres = champs(page)
        brute = BeautifulSoup(page.content, "lxml")
        noms = {e["name"] for e in brute.select("main select[name], main input[type=checkbox][name]")}
        rangs = sorted({int(nom.split("-")[1]) for nom in noms if re.match(r"lignes-\d+-", nom)})
        for nom in sorted(noms):
            champ = nom.split("-")[-1]
            # The rows of a page are of one form: the first, and the blank one.
            ailleurs = nom.startswith("lignes-") and nom.split("-")[1] not in {
                str(r) for r in (*rangs[:1], *rangs[-1:])
            }
            if champ not in leurs or ailleurs:
                continue
            offertes = {o.get("value") for o in brute.select(f'select[name="{nom}"] option, input[name="{nom}"]')}
            assert str(leurs[champ]) not in offertes or leurs[champ] == 0, (adresse, nom)
            fermer_l_ecriture()
            avant = dict(Compteur.objects.values_list("cle", "valeur"))
            remplie = {n: "Essai" for n, v in montres.items() if v == "" and n.endswith(("-libelle", "-objet", "-nom"))}
            reponse = client.post(adresse, {**montres, **remplie, nom: [str(leurs[champ])]})
            assert reponse.status_code == 422, (adresse, nom)
            assert dict(Compteur.objects.values_list("cle", "valeur")) == avant, (adresse, nom)
            essais += 1
    assert essais > 5


@pytest.mark.parametrize("table", FEUILLES)
def test_a_sheet_holds_the_rows_of_its_convention_alone(agent, navigateur, voisine, table):
    def identifiants(client, base):
        sortie = client.get(f"{base}/plan/feuilles/{table}.xlsx")
        feuille = load_workbook(io.BytesIO(sortie.content)).active
        colonnes = [c.value for c in feuille[1]]
        return {ligne[colonnes.index("id")].value for ligne in feuille.iter_rows(min_row=2)}

    ici, la = identifiants(agent, CTG), identifiants(navigateur("voisin"), LA)
    assert ici
    assert la or table == "jalons"
    assert not ici & la


def test_a_sheet_changes_no_row_of_another_convention(agent, voisine):
    """C5: the administration of an agent imported over other territories' rows."""
    la_leur = voisine.fiches.first()
    envoi = classeur(["id", "axe", "titre"], [la_leur.pk, 1, "Écrasée"])
    reponse = agent.post(f"{CTG}/plan/feuilles/fiches/", {"fichier": SimpleUploadedFile("f.xlsx", envoi)})
    assert reponse.status_code == 422
    assert "ne porte l’identifiant" in reponse.content.decode().replace("&#x27;", "’")
    assert Action.objects.get(pk=la_leur.pk).titre != "Écrasée"


def test_partners_are_written_by_who_holds_the_territory(client, convention):
    """The partners' sheet of a convention is the territory's: another porteur's agent does not rename them."""
    from tests import fabriques
    from tests.conftest import BACKEND

    commune = Partenaire.objects.get(nom="Commune de Lièpvre")
    brouillon = Convention.objects.create(territoire=convention.territoire, debut=2036, fin=2040, porteur=commune)
    client.force_login(fabriques.compte(commune), backend=BACKEND)
    assert client.get(f"{VAL}/2036-2040/plan/").status_code == 200
    envoi = SimpleUploadedFile("p.xlsx", classeur(["nom", "nature"], ["Intrus", "Commune"]))
    assert client.post(f"{VAL}/2036-2040/plan/feuilles/partenaires/", {"fichier": envoi}).status_code == 403
    assert brouillon.pk


def test_a_draft_is_named_by_nobody_who_may_not_read_it(navigateur, convention):
    """A secretary could choose the draft in the list of conventions, and read its texts in the act made from it."""
    brouillon = Convention.objects.get(cle="2031-2035")
    acte = Deliberation.objects.get(numero="583")
    secretaire = navigateur("secretaire")
    page = f"{VAL}/pilotage/reunions/{acte.seance_id}/actes/nouveau/"
    assert "2031-2035" not in secretaire.get(page).content.decode()
    envoi = {"numero": "590", "depart": "modele", "approuve": brouillon.pk}
    assert secretaire.post(page, envoi).status_code == 422
    ordre = secretaire.get(f"{VAL}/pilotage/reunions/{acte.seance_id}/ordre-du-jour/").content.decode()
    assert "Poursuivre la commission sociale" not in ordre


def test_two_councils_meet_on_one_evening(agent, navigateur, convention):
    """B8: two councils that met on one day with the proposed title: 500."""
    territoire = convention.territoire
    un, deux = Instance.objects.conseils().filter(territoire=territoire)[:2]
    for conseil in (un, deux):
        conseil.reunions.create(territoire=territoire, date="2026-09-01", heure="19:00", objet="Séance")
    secretaire = navigateur("secretaire")
    page = f"{VAL}/pilotage/instances/{un.pk}/reunions/nouvelle/"
    reponse = secretaire.post(page, {"date": "2026-09-01", "heure": "19:00", "objet": "Séance"})
    assert reponse.status_code == 422
    assert "se réunit déjà ce jour-là à cette heure" in reponse.content.decode()


def test_common_bodies_are_for_their_own_agents(navigateur):
    caf = Partenaire.objects.get(nom="Caisse d’allocations familiales du Haut-Rhin")
    page = f"{VAL}/gestion/partenaires/{caf.pk}/"
    assert navigateur("agent").get(page).status_code == 403
    assert navigateur("caf").get(page).status_code == 200
    assert navigateur("voisin").get(page).status_code == 403


@pytest.mark.parametrize("role", ["anonyme", "agent", "caf", "secretaire", "voisin", "admin"])
def test_every_link_of_both_territories_leads_somewhere(navigateur, role):
    """A crawl of both territories as each role: no page answers 404 or 500 to who was offered its link."""
    client, a_voir, vus = navigateur(role), [f"{VAL}/", "/pays-de-l-exemple/", "/conventions/"], set()
    formes = Counter()
    while a_voir:
        adresse = a_voir.pop()
        # Two of each kind are enough: twelve fiches of one territory are one page of links.
        forme = re.sub(r"/\d+/", "/N/", adresse)
        if adresse in vus or formes[forme] == 2:
            continue
        vus.add(adresse)
        formes[forme] += 1
        reponse = client.get(adresse)
        assert reponse.status_code in {200, 302, 409}, (role, adresse, reponse.status_code)
        if reponse.status_code != 200 or "text/html" not in reponse["Content-Type"]:
            continue
        for lien in BeautifulSoup(reponse.content, "lxml").select("main a[href], header a[href]"):
            but = lien["href"].split("#")[0].split("?")[0]
            if but.startswith((f"{VAL}/", "/pays-de-l-exemple/")) and not but.endswith((".pdf", ".xlsx")):
                a_voir.append(but)
    assert len(vus) > 10
