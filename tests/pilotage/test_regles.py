"""Votes and attendances against the rules of the code, on generated cases: no impossible one gets in."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.models import Partenaire
from pilotage.forms import ComptesForm, VoteForm
from pilotage.models import Assistance, Deliberation, Instance, Reunion, Scrutin

NOMBRE = st.integers(min_value=0, max_value=35)
# A database is one for all the cases of a test: none of them writes.
SANS_ECRIRE = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def assistances(draw):
    """Half of the cases add up, half are drawn at random."""
    presents, procurations, excuses, absents = (draw(NOMBRE) for _ in range(4))
    juste = draw(st.booleans())
    en_exercice = presents + procurations + excuses + absents if juste else draw(NOMBRE)
    return en_exercice, presents, procurations, excuses, absents


@pytest.mark.django_db
@SANS_ECRIRE
@given(cas=assistances())
def test_an_attendance_gets_in_when_and_only_when_it_is_possible(cas):
    en_exercice, presents, procurations, excuses, absents = cas
    possible = presents + procurations + excuses + absents == en_exercice and procurations <= presents
    form = ComptesForm(
        dict(zip(["en_exercice", "presents", "procurations", "excuses", "absents"], map(str, cas), strict=True)),
        instance=Reunion(date=date(2026, 2, 11), objet="Séance"),
    )
    assert form.is_valid() is possible
    if en_exercice != sum(cas[1:]):
        assert f"= {sum(cas[1:])}" in str(form.errors)


@given(cas=assistances(), seconde=st.booleans())
@settings(max_examples=250)
def test_the_quorum_is_a_majority_of_the_members_in_office_without_powers(cas, seconde):
    assistance = Assistance(*cas)
    assert assistance.quorum_atteint(seconde) is (
        assistance.presents > 0 and (seconde or assistance.presents * 2 > assistance.en_exercice)
    )


@pytest.fixture
def projet(convention):
    """A project at the meeting of deliberation 583: 17 present, 10 powers, 27 voices."""
    seance = Reunion.objects.get(date=date(2026, 2, 11))
    return Deliberation(conseil=seance.organisatrice, date=seance.date, seance=seance, numero="essai", objet="Essai")


@st.composite
def scrutins(draw):
    """Half of the cases add up to the 27 voices."""
    if not draw(st.booleans()):
        return tuple(draw(NOMBRE) for _ in range(4))
    pour = draw(st.integers(0, 27))
    contre = draw(st.integers(0, 27 - pour))
    abstentions = draw(st.integers(0, 27 - pour - contre))
    return pour, contre, abstentions, 27 - pour - contre - abstentions


@pytest.mark.django_db
@SANS_ECRIRE
@given(cas=scrutins(), voix=st.sampled_from(["", "pour", "contre"]), secret=st.booleans())
def test_a_vote_gets_in_when_and_only_when_it_is_possible(projet, cas, voix, secret):
    pour, contre, *_reste = cas
    partage = pour == contre > 0
    possible = sum(cas) == 27 and not (partage and not secret and not voix) and not (secret and voix)
    donnees = dict(zip(["pour", "contre", "abstentions", "sans_part"], map(str, cas), strict=True))
    donnees |= {"voix_du_president": voix, "mode": "secret" if secret else "main_levee"}
    form = VoteForm(donnees, instance=projet)
    assert form.is_valid() is possible, form.errors
    if sum(cas) != 27:
        assert f"= {sum(cas)}, pour 27 voix" in str(form.errors)
    if possible:
        adopte = pour > contre or (partage and not secret and voix == "pour")
        scrutin = projet.scrutin()
        assert scrutin.adopte is adopte
        assert scrutin.resultat().startswith("adoptée" if adopte else "rejetée")
        assert ("unanimité" in scrutin.resultat()) is (min(pour, contre) == 0 < max(pour, contre))


@pytest.mark.parametrize(
    ("scrutin", "resultat"),
    [
        (Scrutin(27), "adoptée à l’unanimité"),
        (Scrutin(25, 0, 2), "adoptée à l’unanimité des suffrages exprimés"),
        (Scrutin(20, 5, 2), "adoptée à la majorité, par 20 voix contre 5"),
        (Scrutin(5, 20, 2), "rejetée à la majorité, par 20 voix contre 5"),
        (Scrutin(0, 27), "rejetée à l’unanimité"),
        (Scrutin(0, 0, 27), "rejetée, aucun suffrage n’étant exprimé"),
        (Scrutin(13, 13, 1, 0, "pour"), "adoptée par 13 voix contre 13, la voix du président étant prépondérante"),
        (Scrutin(13, 13, 1, 0, "contre"), "rejetée par 13 voix contre 13, la voix du président étant prépondérante"),
        (Scrutin(13, 13, 1, 0, "", True), "rejetée, les voix étant partagées (13 contre 13)"),
    ],
)
def test_the_result_is_worded_from_the_figures(scrutin, resultat):
    assert scrutin.resultat() == resultat


JEUDI = date(2026, 2, 12)


@pytest.mark.parametrize(
    ("local", "grande", "urgence", "dernier"),
    [
        (False, True, False, date(2026, 2, 6)),  # five clear days: sent on the 6th, read from the 7th to the 11th
        (True, True, False, date(2026, 2, 6)),
        (False, False, False, date(2026, 2, 8)),
        (True, False, False, date(2026, 2, 8)),  # local law: three days, counted as clear ones to be safe
        (False, True, True, date(2026, 2, 10)),
        (True, False, True, date(2026, 2, 11)),  # local law: the day before
    ],
)
def test_a_council_is_called_in_time(local, grande, urgence, dernier):
    commune = Partenaire(nature=Partenaire.Nature.COMMUNE)
    conseil = Instance(nature=Instance.Nature.CONSEIL, collectivite=commune, droit_local=local, grande=grande)
    assert conseil.convoquer_au_plus_tard(JEUDI, urgence) == dernier
    seance = Reunion(organisatrice=conseil, date=JEUDI, convoquee_le=dernier, urgence=urgence)
    assert seance.convocation_tardive() == ""
    seance.convoquee_le = dernier + timedelta(days=1)
    assert f"{dernier:%d/%m/%Y} au plus tard" in seance.convocation_tardive()
    assert conseil.delai_de_convocation.article in seance.convocation_tardive()


def test_more_members_than_seats_are_refused():
    seance = Reunion(date=JEUDI, effectif_legal=15, en_exercice=16, presents=16)
    with pytest.raises(ValidationError, match="davantage"):
        seance.clean()
