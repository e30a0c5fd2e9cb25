"""The law of each kind of assembly, cell by cell; and what follows from it on the pages."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from actions.models import Partenaire
from pilotage.models import Deliberation, Instance, Scrutin
from pilotage.models import regime as r
from tests.conftest import VAL
from tests.pages import champs

N = Partenaire.Nature
# assembly: (days and clear, under and from 3,500; note; may be secretary; substitutes; minutes; list; online alone)
TABLE = {
    (N.COMMUNE, False): ((3, True), (5, True), (False, True), False, False, True, True, (False, True)),
    (N.COMMUNE, True): ((3, True), (5, True), (False, True), True, False, True, True, (False, True)),
    (N.EPCI, False): ((5, True), (5, True), (True, True), False, True, True, True, (True, True)),
    (N.EPCI, True): ((5, True), (5, True), (True, True), False, True, True, True, (True, True)),  # never the local law
    (N.SYNDICAT, False): ((5, True), (5, True), (True, True), False, True, True, True, (False, False)),
    (N.CCAS, False): ((3, False), (3, False), (False, True), True, False, False, False, (False, False)),
    (N.DEPARTEMENT, False): ((12, False), (12, False), (True, True), False, False, True, False, (True, True)),
}


@pytest.mark.parametrize(("qui", "cases"), TABLE.items())
def test_each_cell_of_the_table(qui, cases):
    petit, grand, notes, hors, suppleants, pv, liste, en_ligne = cases
    regime = r.regime_de(*qui)
    assert [(d.jours, d.francs) for d in regime.delais] == [petit, grand]
    assert tuple(bool(regime.note(g)) for g in (False, True)) == notes
    assert regime.secretaire_hors_membres == hors
    assert bool(regime.suppleants) == suppleants
    assert (bool(regime.proces_verbal), bool(regime.liste)) == (pv, liste)
    assert tuple(regime.modes_de_publication(g) == r.TOUJOURS_EN_LIGNE for g in (False, True)) == en_ligne


# assembly: (days of urgency, and whether they are clear, under and from 3,500); then which article rules what.
ARTICLES = {
    (N.COMMUNE, False): (((1, True), (1, True)), "2121-17", "", "2121-20", "2121-20", False, "2121-9", "2131-1"),
    (N.COMMUNE, True): (((1, False), (1, True)), "2541-4", "2541-4", "2121-20", "2121-20", False, "2121-9", "2131-1"),
    (N.EPCI, False): (((1, True), (1, True)), "5211-1", "", "5211-1", "5211-1", False, "5211-1", "5211-3"),
    (N.SYNDICAT, False): (((1, True), (1, True)), "5211-1", "", "5211-1", "5211-1", False, "5211-1", "5211-3"),
    (N.CCAS, False): (((3, False), (3, False)), "123-17", "", "123-16", "123-18", True, "", "2131-1"),
    (N.DEPARTEMENT, False): (((1, True), (1, True)), "3121-14", "", "3121-16", "3121-15", True, "", "3131-1"),
    (N.ASSOCIATION, False): ((None, None), "statuts", "", "statuts", "statuts", True, "", ""),
}


@pytest.mark.parametrize(("qui", "cases"), ARTICLES.items())
def test_each_article_of_the_table(qui, cases):
    """Urgency, quorum, its exception for interested members, powers, the casting voice, register, publication."""
    regime, articles = r.regime_de(*qui), cases[1:]
    assert tuple(u and (u.jours, u.francs) for u in regime.urgences) == cases[0]
    noms = ("quorum", "majorite_interessee", "pouvoir", "voix", None, "registre", "publication")
    for nom, attendu in zip(noms, articles, strict=True):
        if nom is None:
            assert regime.voix_au_secret == attendu
        else:
            assert attendu in getattr(regime, nom) and bool(getattr(regime, nom)) == bool(attendu), nom


def test_minutes_of_alsace_moselle_do_not_cite_what_does_not_bind_them():
    assert "2121-15" not in r.ALSACE_MOSELLE.proces_verbal
    assert "2541-6" in r.ALSACE_MOSELLE.secretaire
    assert "2541" not in repr(r.EPCI)


@pytest.mark.parametrize(
    ("nature", "mots", "de"),
    [
        (N.COMMUNE, ("le conseil municipal", "maire", "maire"), "du conseil municipal"),
        (N.EPCI, ("le conseil communautaire", "président", "présidente"), "du conseil communautaire"),
        (N.SYNDICAT, ("le comité syndical", "président", "présidente"), "du comité syndical"),
        (N.CCAS, ("le conseil d’administration", "président", "présidente"), "du conseil d’administration"),
        (N.DEPARTEMENT, ("le conseil départemental", "président", "présidente"), "du conseil départemental"),
        (N.ASSOCIATION, ("l’assemblée", "président", "présidente"), "de l’assemblée"),
    ],
)
def test_the_words_follow_the_assembly_in_the_right_gender(nature, mots, de):
    conseil = Instance(nature="conseil", collectivite=Partenaire(nature=nature))
    assert (conseil.mots.l_assemblee, conseil.mots.chef_au(False), conseil.mots.chef_au(True)) == mots
    assert conseil.mots.de_l_assemblee == de
    conseil.mots_assemblee = "assemblée de territoire"
    assert conseil.mots.l_assemblee == "l’assemblée de territoire"


def test_what_a_council_may_not_choose_is_refused():
    epci = Instance(nature="conseil", collectivite=Partenaire(pk=1, nature=N.EPCI))
    epci.droit_local = True
    with pytest.raises(ValidationError, match="Le droit local ne vaut que pour les communes"):
        epci.clean()
    epci.droit_local, epci.publication = False, "affichage"
    with pytest.raises(ValidationError, match="publie ses actes en ligne"):
        epci.clean()


def test_a_tie_in_a_secret_ballot():
    """CGCT, L. 2121-20 lets nobody prevail; CASF, R. 123-18 makes no exception."""
    assert not Scrutin(5, 5, secret=True).adopte
    assert Scrutin(5, 5, voix_du_president="pour", secret=True).erreurs(10)
    assert Scrutin(5, 5, voix_du_president="pour", secret=True, voix_au_secret=True).adopte


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("dernier", "prochain"),
    [("583", "584"), ("2026-050", "2026-051"), ("CC/20-167", "CC/20-168"), ("113/2021", "114/2021"), ("99", "100")],
)
def test_the_next_number_is_proposed(navigateur, dernier, prochain):
    acte = Deliberation.objects.get(numero="583")
    if dernier != "583":
        Deliberation.modele(acte.approuve, acte.seance, dernier)
    assert acte.conseil.prochain_numero(acte.date) == prochain
    page = navigateur("secretaire").get(f"{VAL}/pilotage/reunions/{acte.seance_id}/actes/nouveau/")
    assert champs(page)["numero"] == prochain


def test_the_number_as_the_transmission_takes_it():
    assert Deliberation(numero="113/2021").numero_actes == "113_2021"
    assert Deliberation(numero="cc/20-167.bis-é-trop-long").numero_actes == "CC_20_167_BIS_E"


@pytest.mark.django_db
def test_a_council_that_keeps_its_register_elsewhere_has_none_here(agent, convention):
    acte = Deliberation.objects.get(numero="583")
    Instance.objects.filter(pk=acte.conseil_id).update(tient_registre=False)
    for adresse in (
        f"{VAL}/pilotage/instances/{acte.conseil_id}/registre-2026.pdf",
        f"{VAL}/actes/scdl-{acte.conseil_id}.csv",
        f"{VAL}/pilotage/reunions/{acte.seance_id}/proces-verbal.pdf",
        f"{VAL}/pilotage/reunions/{acte.seance_id}/liste.pdf",
    ):
        assert agent.get(adresse).status_code == 404, adresse


@pytest.fixture
def epci(convention):
    conseil = Instance.objects.get(nom="Conseil communautaire du Val d’Argent")
    a, b = (conseil.mandats.create(nom=n, civilite="Mme", rang=i) for i, n in enumerate(("UNE", "DEUX"), start=1))
    s = conseil.mandats.create(nom="SUPPLÉANT", civilite="M.", role="suppleant", suppleant_de=a)
    seance = conseil.reunions.create(territoire=conseil.territoire, date=date(2026, 4, 2), objet="Séance")
    return conseil, seance, a, b, s


@pytest.mark.django_db
def test_a_substitute_sits_for_a_member_of_an_epci(navigateur, epci):
    from pilotage.forms import PresencesForm

    _conseil, seance, a, b, s = epci
    donnees = {f"etat_{a.pk}": "present", f"suppleant_{a.pk}": s.pk, "reste": "present"}
    form = PresencesForm(donnees, objet=seance)
    assert form.is_valid(), form.errors
    form.save()
    assistance = seance.assistance()
    assert (assistance.en_exercice, assistance.presents) == (2, 2)
    assert str(seance.presences.get(mandat=a)) == "M. SUPPLÉANT, suppléant de Mme UNE : présent"
    faux = PresencesForm({f"etat_{a.pk}": "absent", f"suppleant_{a.pk}": s.pk, f"etat_{b.pk}": "present"}, objet=seance)
    assert "Notez ce siège présent" in str(faux.errors)


@pytest.mark.django_db
def test_a_secretary_who_was_away_or_no_member_stands_in_the_way(epci):
    _conseil, seance, a, b, _s = epci
    seance.presences.create(mandat=a, etat="present")
    seance.presences.create(mandat=b, etat="absent")
    seance.secretaire = "Mme DEUX"
    assert "n’y est pas noté présent" in seance.secretaire_impossible()
    seance.secretaire = "Mme AILLEURS"
    assert "n’est pas un membre présent" in seance.secretaire_impossible()
    seance.secretaire = "Mme UNE"
    assert seance.secretaire_impossible() == ""


@pytest.mark.django_db
def test_a_president_who_was_away_stands_in_the_way(epci):
    _conseil, seance, a, b, _s = epci
    seance.presences.create(mandat=a, etat="present")
    seance.presences.create(mandat=b, etat="absent")
    seance.president = seance.secretaire = "Mme DEUX"
    seance.save()
    acte = Deliberation(conseil=seance.organisatrice, seance=seance, date=seance.date, numero="1", objet="x")
    acte.save()
    assert "Mme DEUX préside la séance et n’y est pas noté présent : corrigez l’un des deux." in acte.obstacles()
    seance.president = "Mme UNE"
    assert seance.president_impossible() == ""


@pytest.mark.django_db
def test_nothing_is_proclaimed_before_its_meeting(navigateur):
    acte = Deliberation.objects.get(numero="583")
    seance = acte.conseil.reunions.create(territoire=acte.territoire, date=date(2099, 1, 5), objet="À venir")
    projet = Deliberation.modele(acte.approuve, seance, "900")
    assert any("le résultat se proclame après le vote" in phrase for phrase in projet.obstacles())
    with pytest.raises(ValidationError, match="après le vote"):
        projet.proclamer()
    page = f"{VAL}/pilotage/actes/{projet.pk}/proclamer/"
    assert navigateur("secretaire").get(page)["Location"] == projet.get_absolute_url()


@pytest.mark.django_db
def test_no_name_stands_on_a_secret_ballot(navigateur, epci):
    conseil, seance, a, _b, _s = epci
    projet = Deliberation.objects.create(conseil=conseil, seance=seance, numero="1", objet="Essai", mode="secret")
    with pytest.raises(ValidationError, match="Le scrutin est secret"):
        projet.votes.create(mandat=a, sens="pour")
    projet.mode = "main_levee"
    projet.save()
    projet.votes.create(mandat=a, sens="pour")
    projet.mode = "secret"
    with pytest.raises(ValidationError, match="retirez-les"):
        projet.full_clean()
    projet.mode, projet.pour = "main_levee", 1
    with pytest.raises(ValidationError, match="le décompte en vient"):
        projet.full_clean()
