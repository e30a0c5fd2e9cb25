"""The board: each figure against a question asked of the database, charts that hold without colour, a constant cost."""

import itertools
import random
import re
import xml.etree.ElementTree as ET
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.template.loader import render_to_string

from actions.annee import TableauDeBord
from actions.models import EtatMontant, Financement, Partenaire, Somme
from actions.models.moyens import PAR
from ctg.graphiques import Barres
from tests.conftest import CTG

BORD = f"{CTG}/tableau-de-bord/"
CLES = {
    "partenaire": "partenaire",
    "axe": "action__axe",
    "action": "action",
    "nature": "nature",
    "dispositif": "dispositif",
    "service": "service",
}


def hasarder(convention, graine):
    """Put some money of any kind in a plan: the same for a seed."""
    hasard = random.Random(graine)
    partenaires = list(Partenaire.objects.utilisables(convention.territoire))
    for fiche in convention.fiches.actives():
        for _ in range(hasard.randrange(6)):
            prevu, realise = (hasard.choice([None, Decimal(hasard.randrange(10**7)) / 100]) for _ in range(2))
            fiche.financements.create(
                partenaire=hasard.choice(partenaires),
                annee=hasard.choice(convention.annees),
                nature=hasard.choice(Financement.Nature.values),
                prevu=prevu,
                realise=realise,
                etat_realise=hasard.choice(EtatMontant.values),
            )


@pytest.mark.parametrize("graine", range(6))
@pytest.mark.parametrize("par", list(PAR))
def test_each_amount_is_what_the_database_counts(convention, graine, par):
    hasarder(convention, graine)
    archivee = convention.fiches.actives().last()
    archivee.archiver()  # its money is in no sum
    bord = TableauDeBord(convention, 2027, par)
    lignes = Financement.objects.filter(action__convention=convention, action__archivee=False, annee=2027)
    attendus = {
        (g["prevu__sum"], g["realise__sum"])
        for g in lignes.order_by().values(CLES[par]).annotate(Sum("prevu"), Sum("realise"))
    } - {(None, None)}
    trouves = [(s.prevu, s.realise) for nom, s in bord.de_l_annee if nom is not None]
    assert set(trouves) == attendus
    total = lignes.aggregate(Sum("prevu"), Sum("realise"))
    assert (bord.total.prevu, bord.total.realise) == (total["prevu__sum"], total["realise__sum"])
    caf = lignes.filter(partenaire__nature="caf").aggregate(Sum("realise"))["realise__sum"] or 0
    assert bord.part_de_la_caf[1] == (round(100 * caf / bord.total.realise) if bord.total.realise else None)


def test_a_sum_shows_its_weakest_state():
    def lignes(*etats):
        return [Financement(realise=1, etat_realise=etat) for etat in etats]

    assert Somme.de(lignes("definitif", "definitif")).provisoire is False
    assert Somme.de(lignes("definitif", "provisoire")).provisoire is True
    assert Somme.de(lignes("notifie", "provisoire")).etat_realise == "notifie"
    assert Somme.de(lignes("definitif", "")).etat_realise == ""
    assert Somme.de([]).provisoire is False


def test_what_is_late_says_why_and_what_is_due_is_within_thirty_days(convention):
    bord = TableauDeBord(convention, 2026, on=date(2026, 11, 20))
    raisons = {fiche.numero_affiche: mots for fiche, mots in bord.en_retard}
    assert any("devait finir" in mot for mot in raisons["3.2"])
    assert {f.pk for f, _ in bord.en_retard} >= {f.pk for f in convention.fiches.en_retard(on=date(2026, 11, 20))}
    assert [j.libelle for j in bord.jalons] == ["Programme publié", "Agenda commun en ligne", "Bilan annuel partagé"]


def test_what_is_missing_names_who_fills_it_in(convention, fiche):
    avant = {qui: (m, a) for qui, m, a in TableauDeBord(convention, 2026).a_saisir}
    dreets = Partenaire.objects.get(nom="DREETS")
    fiche.indicateurs.create(libelle="Trimestriel", periode="trimestre", saisi_par=dreets)
    apres = {qui: (m, a) for qui, m, a in TableauDeBord(convention, 2026).a_saisir}
    assert apres == avant | {"DREETS": (4, 0)}


def test_the_page_in_each_of_its_ways_and_with_nonsense(agent, navigateur, convention):
    for par in PAR:
        page = agent.get(BORD, {"annee": "2027", "par": par})
        assert page.status_code == 200
    for annee in ("1999", "x", "20261", "٢٠٢٦"):
        assert "Prévu en 2026" in agent.get(BORD, {"annee": annee, "par": "inconnu"}).content.decode()
    assert navigateur("caf").get(BORD).status_code == 200
    convention.fiches.actives().update(archivee=True, ordre=None)
    vide = agent.get(BORD).content.decode()
    assert "Aucun montant" in vide and "Aucun indicateur" in vide


def test_the_board_costs_the_same_for_twelve_fiches_and_for_many(agent, fiche, django_assert_max_num_queries):
    agent.get(BORD)
    with django_assert_max_num_queries(20) as faites:
        agent.get(BORD)
    nombre = len(faites)
    for n in range(30):
        fiche.indicateurs.create(libelle=f"i{n}").mesures.create(annee=2026, valeur=n)
        fiche.financements.create(annee=2026, partenaire=fiche.pilotes[0], prevu=n)
        fiche.jalons.create(libelle="j", echeance=date(2026, 1, 1))
    with django_assert_max_num_queries(nombre):
        agent.get(BORD)


# --- Charts ----------------------------------------------------------------------------------------


def dessiner(graphique):
    return ET.fromstring(render_to_string("graphiques/barres.html", {"g": graphique}))


def test_a_chart_says_what_it_shows_and_is_the_same_twice():
    g = Barres("Montants <2026>", "CAF : 10 & 5", ["Prévu", "Réalisé"], [("CAF & MSA", [10, 5]), ("CCVA", [20, None])])
    svg = dessiner(g)
    assert svg.find("{*}title").text == "Montants <2026>" and svg.get("role") == "img"
    assert "CAF : 10 & 5" in svg.get("aria-label")
    assert render_to_string("graphiques/barres.html", {"g": g}) == render_to_string("graphiques/barres.html", {"g": g})
    largeurs = [float(r.get("width")) for r in svg.findall("{*}rect") if float(r.get("y")) > 20]
    assert largeurs == [pytest.approx(large, abs=0.2) for large in (180, 90, 360)]


def test_tones_hold_in_black_and_white():
    """Each series is told from the next by how dark it is."""
    g = Barres("t", "d", ["a", "b", "c", "e"], [("x", [4, 3, 2, 1])], empilees=True)
    fonds = [r.get("fill") for r in dessiner(g).findall("{*}rect") if float(r.get("y")) > 20]

    def clarte(couleur):
        brut = couleur.lstrip("#")
        brut = "".join(c * 2 for c in brut) if len(brut) == 3 else brut
        return sum(int(brut[i : i + 2], 16) * p for i, p in ((0, 0.3), (2, 0.59), (4, 0.11)))

    clartes = [clarte(f) for f in fonds]
    assert all(b - a > 30 for a, b in itertools.pairwise(clartes))


def test_nothing_to_draw_is_nothing(convention):
    assert not Barres("t", "d", ["a"], [("x", [None]), ("y", [0])])
    assert dessiner(Barres("t", "d", ["a"], [])) is not None
    assert not re.search(
        "NaN|inf", render_to_string("graphiques/barres.html", {"g": Barres("t", "d", ["a"], [("x", [0])])})
    )
