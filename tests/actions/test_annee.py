"""The page of a year: each cell by itself, what each kind of indicator takes, who fills in what, a year that is closed."""

import re
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from actions.models import Exercice, Financement, Genre, Indicateur, LienDeSaisie, Mesure, Partenaire, Sens
from actions.models.grandeurs import lire, montrer, progres
from ctg.compteurs import fermer_l_ecriture
from ctg.historique import Fige
from ctg.models import Courriel
from tests.conftest import CTG
from tests.pages import champs

ANNEE = f"{CTG}/saisie/2026/"
NOMBRES = st.decimals(-(10**11), 10**11, places=2)


def envoyer(client, adresse=ANNEE, **donnees):
    """Send some cells as the script of the page does, over what the page shows; return {cell: what became of it}."""
    montre = champs(client.get(adresse), "form[data-saisie]")
    noms = {
        nom.replace("_", "-", 1) if nom.startswith(("mesure_", "realise_")) else nom: v for nom, v in donnees.items()
    }
    corps = {nom: str(v) for nom, v in noms.items()} | {f"avant-{nom}": montre[f"avant-{nom}"] for nom in noms}
    reponse = client.post(adresse, corps, headers={"Accept": "application/json"})
    assert reponse.status_code == 200, reponse.content.decode()[:2000]
    return reponse.json()["cases"]


@pytest.fixture
def indicateur(fiche):
    return fiche.indicateurs.create(libelle="Essai", unite="familles")


def case(indicateur, rang=0, code="mesure"):
    return f"{code}-{indicateur.pk}-{rang}"


# --- What a figure is ------------------------------------------------------------------------------


@given(st.sampled_from([Genre.NOMBRE, Genre.MONTANT, Genre.POURCENTAGE]), NOMBRES)
def test_a_number_is_read_as_it_is_shown(genre, valeur):
    assert lire(genre, montrer(genre, valeur)).valeur == valeur


@pytest.mark.parametrize(
    ("genre", "texte", "attendu"),
    [
        (Genre.NOMBRE, "1 250,5", "1250.5"),
        (Genre.MONTANT, "1 250,50 €", "1250.50"),
        (Genre.POURCENTAGE, "79,5 %", "79.5"),
        (Genre.POURCENTAGE, "31/39", "79.49"),
        (Genre.OUI_NON, "Oui", "1"),
        (Genre.OUI_NON, "non", "0"),
        (Genre.ECHELLE, "assez", "2"),
        (Genre.ECHELLE, "3", "3"),
    ],
)
def test_each_kind_is_typed_as_people_write_it(genre, texte, attendu):
    assert lire(genre, texte, "peu ; assez ; très").valeur == Decimal(attendu)


@pytest.mark.parametrize(
    ("genre", "texte", "message"),
    [
        (Genre.NOMBRE, "trente", "par exemple 30"),
        (Genre.NOMBRE, "1,234", "Deux chiffres"),
        (Genre.NOMBRE, "9" * 13, "trop grand"),
        (Genre.NOMBRE, "٣", "par exemple 30"),
        (Genre.POURCENTAGE, "3/0", "dénominateur"),
        (Genre.OUI_NON, "peut-être", "oui ou non"),
        (Genre.ECHELLE, "moyen", "peu, assez, très"),
    ],
)
def test_what_is_no_figure_is_told_what_to_write(genre, texte, message):
    with pytest.raises(ValidationError, match=message):
        lire(genre, texte, "peu ; assez ; très")


@pytest.mark.parametrize(
    ("sens", "reference", "cible", "valeur", "code", "part"),
    [
        (Sens.HAUSSE, 40, 50, 50, "atteint", 1),
        (Sens.HAUSSE, 40, 50, 45, "chemin", Decimal("0.5")),
        (Sens.HAUSSE, 40, 50, 38, "retrait", 0),
        (Sens.HAUSSE, None, 50, 45, "chemin", None),
        (Sens.BAISSE, 30, 20, 20, "atteint", 1),
        (Sens.BAISSE, 30, 20, 25, "chemin", Decimal("0.5")),
        (Sens.BAISSE, 30, 20, 31, "retrait", 0),
        (Sens.MAINTIEN, 40, 40, 41, "atteint", 1),
        (Sens.MAINTIEN, 40, 40, 39, "retrait", 0),
        (Sens.HAUSSE, 40, None, 45, "suivi", None),
        (Sens.HAUSSE, 40, 50, None, "vide", None),
    ],
)
def test_progress_goes_from_the_baseline_to_the_target(sens, reference, cible, valeur, code, part):
    trouve = progres(sens, reference, cible, valeur)
    assert (trouve.code, trouve.part) == (code, part)
    assert trouve.mots and trouve.signe


def test_periods_of_a_year_add_up_only_where_it_means_something(fiche):
    for cumulable, attendu in ((True, 30), (False, 20)):
        indicateur = fiche.indicateurs.create(libelle=f"i{cumulable}", periode="semestre", cumulable=cumulable)
        for rang, valeur in ((1, 10), (2, 20)):
            Mesure.objects.create(indicateur=indicateur, annee=2026, rang=rang, valeur=valeur)
        assert indicateur.mesure_de(2026) == attendu


def test_a_percentage_does_not_add_up_and_a_scale_has_words(fiche):
    with pytest.raises(ValidationError, match="s’additionnent"):
        Indicateur(action=fiche, libelle="x", genre="pourcentage", cumulable=True).full_clean()
    with pytest.raises(ValidationError, match="au moins deux mots"):
        Indicateur(action=fiche, libelle="x", genre="echelle", echelle="bien").full_clean()


# --- Cells -----------------------------------------------------------------------------------------


def test_one_wrong_cell_loses_no_other(agent, fiche, indicateur):
    autre = fiche.indicateurs.create(libelle="Autre")
    argent = fiche.financements.filter(annee=2026).first()
    faites = envoyer(
        agent,
        **{
            case(indicateur): "trente",
            case(autre): "12",
            case(autre, code="commentaire"): "en juin",
            f"realise-{argent.pk}": "1 200,5",
        },
    )
    assert faites[case(indicateur)]["etat"] == "refuse" and "par exemple 30" in faites[case(indicateur)]["message"]
    assert faites[case(indicateur)]["texte"] == "trente"
    assert {faites[c]["etat"] for c in faites if c != case(indicateur)} == {"enregistre"}
    mesure = autre.mesures.get()
    assert (mesure.valeur, mesure.commentaire) == (12, "en juin")
    argent.refresh_from_db()
    assert argent.realise == Decimal("1200.5")
    assert mesure.history.first().history_user.email == "agent@ctg.example"


def test_a_fraction_is_kept_and_shown_again(agent, fiche):
    taux = fiche.indicateurs.create(libelle="Taux", genre="pourcentage")
    assert envoyer(agent, **{case(taux): "31/39"})[case(taux)]["texte"] == "31/39"
    assert taux.mesures.get().valeur == Decimal("79.49")


def test_what_goes_with_a_measure_is_emptied_with_it(agent, indicateur):
    envoyer(agent, **{case(indicateur): "3", case(indicateur, code="commentaire"): "mot"})
    refus = envoyer(agent, **{case(indicateur): ""})
    assert "commentaire" in refus[case(indicateur)]["message"]
    envoyer(agent, **{case(indicateur): "", case(indicateur, code="commentaire"): ""})
    assert not indicateur.mesures.exists()
    seul = envoyer(agent, **{case(indicateur, code="commentaire"): "seul"})
    assert "Tapez d’abord la mesure" in seul[case(indicateur, code="commentaire")]["message"]


def test_what_somebody_saved_meanwhile_is_shown_once_then_yours_wins(agent, indicateur):
    nom = case(indicateur)
    Mesure.objects.create(indicateur=indicateur, annee=2026, valeur=7)
    perime = {nom: "9", f"avant-{nom}": ""}
    fait = agent.post(ANNEE, perime, headers={"Accept": "application/json"}).json()["cases"][nom]
    assert (fait["etat"], fait["avant"], fait["texte"]) == ("conflit", "7", "9")
    assert indicateur.mesures.get().valeur == 7
    fait = agent.post(ANNEE, perime | {f"avant-{nom}": "7"}, headers={"Accept": "application/json"}).json()["cases"][
        nom
    ]
    assert fait["etat"] == "enregistre"
    assert indicateur.mesures.get().valeur == 9


def test_without_javascript_it_is_one_form_that_gives_back_what_was_typed(agent, indicateur):
    donnees = champs(agent.get(ANNEE), "form[data-saisie]")
    autre = next(nom for nom in donnees if nom.startswith("mesure-") and nom != case(indicateur))
    reponse = agent.post(ANNEE, donnees | {case(indicateur): "trente", autre: "55"})
    assert reponse.status_code == 422
    page = reponse.content.decode()
    assert 'value="trente"' in page and "1 case enregistrée" in page
    assert champs(reponse, "form[data-saisie]")[case(indicateur)] == "trente"
    assert Mesure.objects.get(indicateur=autre.split("-")[1], annee=2026).valeur == 55
    assert agent.post(ANNEE, champs(reponse, "form[data-saisie]") | {case(indicateur): "30"}).status_code == 302
    assert indicateur.mesures.get().valeur == 30


def test_a_row_taken_out_while_its_form_is_open_is_told(agent, indicateur):
    donnees = champs(agent.get(ANNEE), "form[data-saisie]")
    nom = case(indicateur)
    indicateur.delete()
    reponse = agent.post(ANNEE, donnees | {nom: "42"})
    assert reponse.status_code == 422 and "« 42 » n’est pas enregistré" in reponse.content.decode()


def test_an_unknown_cell_and_a_date_that_does_not_exist(agent, fiche):
    argent = fiche.financements.filter(annee=2026).first()
    faites = (
        envoyer(agent, **{f"realise_le-{argent.pk}": "2026-02-31"})
        if False
        else agent.post(
            ANNEE,
            {f"realise_le-{argent.pk}": "2026-02-31", f"avant-realise_le-{argent.pk}": "", "mesure-999999-0": "3"},
            headers={"Accept": "application/json"},
        ).json()["cases"]
    )
    assert list(faites) == [f"realise_le-{argent.pk}", "mesure-999999-0"]
    # What was typed in a row that is there no more is told, with its words.
    assert faites["mesure-999999-0"]["etat"] == "refuse" and "« 3 »" in faites["mesure-999999-0"]["message"]
    assert "n’existe pas" in faites[f"realise_le-{argent.pk}"]["message"]


# --- Who -------------------------------------------------------------------------------------------


def test_a_pilote_fills_in_its_own_rows_and_those_that_name_it(navigateur, fiche, convention):
    pilote, cscva = navigateur("pilote"), fiche.pilotes[0]
    sienne = fiche.indicateurs.first()
    ailleurs = convention.fiches.actives().exclude(participations__partenaire=cscva).first()
    autre = ailleurs.indicateurs.first()
    donnees = champs(pilote.get(ANNEE), "form[data-saisie]")
    assert case(sienne) in donnees and case(autre) not in donnees
    forge = {case(autre): "1", f"avant-{case(autre)}": "0"}
    faite = pilote.post(ANNEE, forge, headers={"Accept": "application/json"}).json()["cases"][case(autre)]
    assert faite["etat"] == "refuse" and "pilote" in faite["message"]
    autre.saisi_par = cscva
    autre.save()
    assert case(autre) in champs(pilote.get(ANNEE), "form[data-saisie]")


def test_who_reads_sees_the_figures_and_no_field(navigateur):
    page = navigateur("caf").get(ANNEE).content.decode()
    assert "data-case" not in page and "Clore" not in page


def test_a_line_of_funding_is_added_from_the_page(agent, fiche, convention, voisine):
    caf = Partenaire.objects.get(nom="Caisse d’allocations familiales du Haut-Rhin")
    donnees = {
        "action": fiche.pk,
        "partenaire": caf.pk,
        "nature": "investissement",
        "prevu": "500",
        "etat_realise": "provisoire",
    }
    assert agent.post(f"{ANNEE}montants/", donnees).status_code == 302
    # Several lines of one partner in one year.
    assert fiche.financements.filter(annee=2026, partenaire=caf).count() == 2
    vide = agent.post(f"{ANNEE}montants/", donnees | {"prevu": ""})
    assert vide.status_code == 422 and "prévu ou réalisé" in vide.content.decode()
    d_ailleurs = agent.post(f"{ANNEE}montants/", donnees | {"action": voisine.fiches.actives().first().pk})
    assert d_ailleurs.status_code == 422


# --- A year that is closed --------------------------------------------------------------------------


def _portes(mesure, argent):
    """Each door by which a closed year might move."""
    indicateur = mesure.indicateur
    autre = indicateur.mesures.create(annee=2027, valeur=1)
    yield lambda: (setattr(mesure, "valeur", 99), mesure.save())
    yield lambda: mesure.delete()
    yield lambda: Mesure.objects.filter(pk=mesure.pk).update(valeur=99)
    yield lambda: Mesure.objects.filter(pk=mesure.pk).delete()
    yield lambda: Mesure.objects.create(indicateur=indicateur, annee=2026, rang=1, valeur=3)
    yield lambda: Mesure.objects.bulk_create([Mesure(indicateur=indicateur, annee=2026, rang=2, valeur=3)])
    yield lambda: (setattr(autre, "annee", 2026), setattr(autre, "rang", 3), autre.save())
    yield lambda: (setattr(argent, "realise", 99), argent.save())
    yield lambda: argent.delete()
    yield lambda: Financement.objects.filter(pk=argent.pk).update(realise=99)


def test_a_closed_year_is_closed_by_every_door(agent, fiche, indicateur, convention):
    mesure = indicateur.mesures.create(annee=2026, valeur=5)
    argent = fiche.financements.filter(annee=2026).first()
    portes = list(_portes(mesure, argent))
    assert agent.post(f"{ANNEE}clore/").status_code == 302
    avant = (
        list(Mesure.objects.order_by("pk").values_list("pk", "annee", "valeur")),
        Financement.objects.get(pk=argent.pk).realise,
    )
    for porte in portes:
        with pytest.raises(Fige, match="close"):
            porte()
        fermer_l_ecriture()
    apres = (
        list(Mesure.objects.order_by("pk").values_list("pk", "annee", "valeur")),
        Financement.objects.get(pk=argent.pk).realise,
    )
    assert avant == apres
    nom = case(indicateur)
    fait = agent.post(ANNEE, {nom: "9", f"avant-{nom}": "5"}, headers={"Accept": "application/json"}).json()["cases"][
        nom
    ]
    assert fait["etat"] == "refuse" and "close" in fait["message"]
    # What is planned is not closed with the figures; and the history says who closed, then opened again.
    Financement.objects.filter(pk=argent.pk).update(prevu=77)
    assert agent.post(f"{ANNEE}rouvrir/").status_code == 302
    exercice = Exercice.objects.get(convention=convention, annee=2026)
    assert [bool(h.clos_le) for h in exercice.history.order_by("pk")] == [False, True, False]
    mesure.refresh_from_db()
    mesure.valeur = 8
    mesure.save()


# --- By a link -------------------------------------------------------------------------------------


def test_a_partner_without_account_fills_in_its_rows_by_a_link(agent, client, fiche, convention):
    cscva = fiche.pilotes[0]
    donnees = {"partenaire": cscva.pk, "destinataire": "pilote@cscva.example"}
    assert agent.post(f"{ANNEE}liens/", donnees).status_code == 302
    lien = LienDeSaisie.objects.get()
    adresse = lien.get_absolute_url()
    courriel = Courriel.objects.latest("depose_le")
    assert courriel.destinataires == ["pilote@cscva.example"] and adresse in (courriel.texte or mail.outbox[-1].body)
    page = client.get(adresse)
    siens = champs(page, "form[data-saisie]")
    assert case(fiche.indicateurs.first()) in siens
    pilotees = {a.pk for a in convention.fiches.actives() if cscva.pk in a.pilotes_ids}
    for nom in siens:
        if nom.startswith("mesure-"):
            assert Indicateur.objects.get(pk=nom.split("-")[1]).action_id in pilotees
    assert (
        envoyer(client, adresse, **{case(fiche.indicateurs.first()): "47"})[case(fiche.indicateurs.first())]["etat"]
        == "enregistre"
    )
    etranger = convention.fiches.actives().exclude(pk__in=pilotees).first().indicateurs.first()
    force = client.post(adresse, {case(etranger): "1"}, headers={"Accept": "application/json"}).json()["cases"]
    assert [fait["etat"] for fait in force.values()] == ["refuse"]
    assert agent.post(f"{ANNEE}liens/{lien.pk}/retirer/").status_code == 302
    assert client.get(adresse).status_code == 410
    assert client.post(adresse, {}).status_code == 410


def test_a_link_has_one_address_whatever_the_second(fiche, convention, monkeypatch):
    """It was signed with the hour: the page of a link wrote another address than its e-mail, one second later."""
    lien = LienDeSaisie.objects.create(convention=convention, partenaire=fiche.pilotes[0], annee=2026)
    envoyee = lien.get_absolute_url()
    plus_tard = time.time() + 90
    monkeypatch.setattr("time.time", lambda: plus_tard)
    assert lien.get_absolute_url() == envoyee
    assert LienDeSaisie.objects.du_jeton(lien.jeton) == lien


def test_a_link_ends_after_thirty_days_and_is_sent_to_who_fills_in_something(agent, fiche, convention):
    il_y_a = timezone.localdate() - timedelta(days=31)
    lien = LienDeSaisie.objects.create(
        convention=convention, partenaire=fiche.pilotes[0], annee=2026, destinataire="a@b.fr", envoye_le=il_y_a
    )
    assert LienDeSaisie.objects.du_jeton(lien.jeton) is None
    dreets = Partenaire.objects.get(nom="DREETS")
    reponse = agent.post(f"{ANNEE}liens/", {"partenaire": dreets.pk, "destinataire": "a@b.fr"})
    assert reponse.status_code == 422


def test_the_page_asks_as_many_questions_for_twelve_fiches_as_for_three_hundred(
    agent, fiche, django_assert_max_num_queries
):
    with django_assert_max_num_queries(22) as faites:
        agent.get(ANNEE)
    nombre = len(faites)
    for n in range(40):
        i = fiche.indicateurs.create(libelle=f"i{n}")
        i.mesures.create(annee=2026, valeur=n)
        fiche.financements.create(annee=2026, partenaire=fiche.pilotes[0], prevu=n)
    with django_assert_max_num_queries(nombre):
        agent.get(ANNEE)


# --- What a review found ---------------------------------------------------------------------------


def test_money_without_a_planned_amount_neither_comes_into_a_closed_year_nor_leaves_it(agent, fiche, convention):
    seul = fiche.financements.create(partenaire=convention.porteur, annee=2026, realise=5)
    Exercice.clore(convention, 2026)
    donnees = {"action": fiche.pk, "partenaire": convention.porteur.pk, "nature": "fonctionnement", "realise": "5000"}
    donnees |= {"etat_realise": "provisoire", "prevu": ""}
    # The page offers no form for a closed year; who forges one is refused in words.
    reponse = agent.post(f"{ANNEE}montants/", donnees)
    assert reponse.status_code == 422 and "close" in reponse.content.decode()
    for porte in (seul.delete, lambda: Financement.objects.filter(pk=seul.pk).delete()):
        with pytest.raises(Fige, match="close"):
            porte()
        fermer_l_ecriture()
    assert Financement.objects.filter(pk=seul.pk).exists()


def test_what_holds_figures_of_a_closed_year_is_neither_deleted_nor_read_otherwise(fiche, indicateur, convention):
    piece = fiche.pieces.create(titre="Preuve", fichier="pieces/x.pdf")
    indicateur.mesures.create(annee=2026, valeur=5, preuve=piece)
    Exercice.clore(convention, 2026)
    indicateur = Indicateur.objects.get(pk=indicateur.pk)
    for porte in (
        indicateur.delete,
        lambda: Indicateur.objects.filter(pk=indicateur.pk).delete(),
        fiche.delete,
        piece.delete,
        lambda: (setattr(indicateur, "cumulable", True), indicateur.save()),
    ):
        with pytest.raises(Fige, match="close"):
            porte()
        fermer_l_ecriture()
    assert Mesure.objects.get(indicateur=indicateur).preuve == piece
    indicateur.refresh_from_db()
    indicateur.libelle = "Un autre nom"  # its name decides nothing
    indicateur.save()


def test_figures_of_another_period_are_not_counted_and_keep_the_period(fiche):
    indicateur = fiche.indicateurs.create(libelle="x", cumulable=True)
    indicateur.mesures.create(annee=2026, valeur=40)
    indicateur = Indicateur.objects.get(pk=indicateur.pk)
    indicateur.periode = "trimestre"
    with pytest.raises(ValidationError, match="autres périodes"):
        indicateur.full_clean()
    Indicateur.objects.filter(pk=indicateur.pk).update(periode="trimestre")
    indicateur.mesures.create(annee=2026, rang=1, valeur=10)
    assert Indicateur.objects.get(pk=indicateur.pk).mesure_de(2026) == 10


def test_a_scale_that_no_longer_holds_a_value_is_refused_and_a_form_sent_back_empties_nothing(agent, fiche):
    note = fiche.indicateurs.create(libelle="Note", genre="echelle", echelle="peu ; moyen ; fort")
    note.mesures.create(annee=2026, valeur=3)
    note = Indicateur.objects.get(pk=note.pk)
    note.echelle = "peu ; fort"
    with pytest.raises(ValidationError, match="ne s’y liraient plus"):
        note.full_clean()
    Indicateur.objects.filter(pk=note.pk).update(echelle="peu ; fort")  # by a door that asks nothing
    assert agent.post(ANNEE, champs(agent.get(ANNEE), "form[data-saisie]")).status_code == 200
    assert note.mesures.get().valeur == 3


@pytest.mark.parametrize(
    ("champs_", "message"),
    [({"annee": 2044}, "2026-2030"), ({"rang": 3}, "n’en est pas une période"), ({"valeur": 7}, "ne se lit pas")],
)
def test_a_measure_is_of_its_indicator(fiche, champs_, message):
    question = fiche.indicateurs.create(libelle="Ouvert ?", genre="oui_non")
    with pytest.raises(ValidationError, match=message):
        Mesure(**{"indicateur": question, "annee": 2026, "valeur": 1} | champs_).full_clean()


def test_a_fraction_that_no_longer_gives_its_value_is_dropped(fiche):
    taux = fiche.indicateurs.create(libelle="Taux", genre="pourcentage")
    mesure = Mesure(indicateur=taux, annee=2026, valeur=Decimal("85"), numerateur=31, denominateur=39)
    mesure.full_clean()
    assert (mesure.numerateur, mesure.denominateur, mesure.en_toutes_lettres) == (None, None, "85")


def test_a_refused_comment_is_not_what_the_row_goes_on_from(agent, fiche, indicateur):
    indicateur.mesures.create(annee=2026, valeur=5)
    nom = case(indicateur, code="commentaire")
    fait = envoyer(agent, **{nom: "x" * 501})[nom]
    assert (fait["etat"], fait["avant"]) == ("refuse", "")
    fait = agent.post(ANNEE, {nom: "x" * 500, f"avant-{nom}": fait["avant"]}, headers={"Accept": "application/json"})
    assert fait.json()["cases"][nom]["etat"] == "enregistre"


def test_the_grid_still_saves_after_another_form_of_the_page_was_wrong(agent):
    """Its form goes to the page of the year, whatever address was last answered."""
    faute = agent.post(f"{ANNEE}montants/", {"prevu": "x"})
    assert faute.status_code == 422
    page = faute.content.decode()
    assert f'<form method="post" action="{ANNEE}" class="grille-annee"' in page
    # Two forms of one page share no identifier.
    cles = re.findall(r' id="([^"]+)"', page)
    assert len(cles) == len(set(cles)), sorted({c for c in cles if cles.count(c) > 1})
