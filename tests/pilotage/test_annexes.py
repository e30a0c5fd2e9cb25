"""Annexes: chosen, named, ordered by the porteur; printed so; named in the canonical text, whatever its version."""

import json
import re

import pytest

from actions.models import Annexe, Convention, Partenaire
from ctg.texte import sans_accents
from pilotage import documents
from tests.conftest import CTG
from tests.pages import champs

pytestmark = pytest.mark.django_db


def noms(document):
    return [m.nom for m in document.morceaux if m.nom.startswith("Annexe")]


def test_a_new_convention_has_the_usual_annexes(convention):
    assert [a.genre for a in convention.annexes.all()] == list(Annexe.HABITUELLES)
    # Who takes them all away has none: nothing comes back by itself.
    convention.annexes.all().delete()
    assert noms(documents.document_convention(Convention.objects.get(pk=convention.pk))) == []


def test_the_porteur_chooses_names_and_orders_them(agent, convention):
    adresse = f"{CTG}/convention/modifier/annexes/"
    envoi = champs(agent.get(adresse))
    lignes = [n.removesuffix("-genre") for n in envoi if n.endswith("-genre") and envoi[n]]
    envoi[f"{lignes[0]}-titre"] = "Portrait du territoire"
    envoi[f"{lignes[1]}-DELETE"] = "on"
    vide = next(n.removesuffix("-genre") for n in envoi if n.endswith("-genre") and not envoi[n])
    envoi[f"{vide}-genre"] = "moyens"
    assert agent.post(adresse, envoi).status_code == 302
    convention.refresh_from_db()
    imprimees = noms(documents.document_convention(convention))
    assert imprimees[0] == "Annexe 1 – Portrait du territoire"
    assert imprimees[1] == "Annexe 2 – Plan d’actions"
    assert imprimees[-1].endswith("– Moyens de chaque partenaire")
    page = agent.get(f"{CTG}/convention/").content.decode()
    assert "Portrait du territoire" in page
    # The same content twice is refused at its line, and nothing typed is lost.
    envoi = champs(agent.get(adresse))
    vide = next(n.removesuffix("-genre") for n in envoi if n.endswith("-genre") and not envoi[n])
    refus = agent.post(adresse, envoi | {f"{vide}-genre": "moyens", f"{vide}-titre": "Encore"})
    assert refus.status_code == 422
    assert "Ce contenu est déjà annexé" in refus.content.decode()
    assert "Encore" in refus.content.decode()


def test_what_each_partner_brings_is_printed(convention):
    Annexe.objects.create(convention=convention, ordre=7, genre="moyens")
    piece = next(m for m in documents.document_convention(convention).morceaux if "Moyens de chaque" in m.nom)
    assert "Caisse d’allocations familiales du Haut-Rhin" in piece.html
    fiche = convention.fiches.actives().first()
    assert fiche.pilotes[0].nom in piece.html


def test_who_only_pays_is_among_those_who_bring_means(convention):
    Annexe.objects.create(convention=convention, ordre=7, genre="moyens")
    fiche = convention.fiches.actives().first()
    # Two of one short name, who pilot nothing: one amount each.
    for nom, prevu in (("État – préfecture", 1234), ("Etat – DRAC", 4321)):
        payeur = Partenaire.objects.create(nom=nom, sigle="État", nature="etat", territoire=convention.territoire)
        fiche.financements.create(partenaire=payeur, annee=2027, prevu=prevu)
    piece = next(m for m in documents.document_convention(convention).morceaux if "Moyens de chaque" in m.nom)
    lignes = re.findall(r'<th scope="row">([^<]*)</th>.*?<td class="chiffre">([^<]*)</td>', piece.html)
    montants = {nom: re.sub(r"\D", "", montant) for nom, montant in lignes}
    assert (montants["État – préfecture"], montants["Etat – DRAC"]) == ("1234", "4321")
    noms_tries = [nom for nom, _ in lignes]
    assert noms_tries == sorted(noms_tries, key=sans_accents)
    assert noms_tries.index("État – préfecture") == noms_tries.index("Etat – DRAC") + 1


def test_a_text_of_version_1_is_read_with_the_annexes_of_its_day(convention):
    texte = json.loads(documents.texte_canonique(convention))
    assert [a["genre"] for a in texte["annexes"]] == list(Annexe.HABITUELLES)
    ancien = {k: v for k, v in texte.items() if k != "annexes"} | {"version": 1}
    lu = documents.lire_la_convention(json.dumps(ancien).encode())
    assert lu["annexes"] == texte["annexes"]
