"""Who was there, point by point: 500 generated meetings against an independent count, and every door of an attendance."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilotage.documents import document_cloture, document_proces_verbal
from pilotage.forms import PresencesForm
from pilotage.models import Assistance, Deliberation, Mandat, Point, Presence, Siege, etats_au
from tests import fabriques
from tests.conftest import BACKEND
from tests.pages import champs, saisir

ETATS = ["present", "procuration", "excuse", "absent"]


@st.composite
def seances(draw):
    """Return (number of points, {member: (state, arrival, departure, holder)}): any, possible or not."""
    points, membres = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    rang = st.one_of(st.none(), st.integers(1, points))
    porteur = st.one_of(st.none(), st.integers(0, membres - 1))
    return points, {m: (draw(st.sampled_from(ETATS)), draw(rang), draw(rang), draw(porteur)) for m in range(membres)}


def compter(membres, point):
    """Count again, otherwise: walk the meeting from its first point, as who keeps the minutes does."""
    dans_la_salle = set()
    for p in range(1, point + 1):
        for m, (etat, arrive, part, _) in membres.items():
            if etat == "present" and (p == 1 if arrive is None else p == arrive):
                dans_la_salle.add(m)
            if etat == "present" and p == part:
                dans_la_salle.discard(m)
    pouvoirs = [m for m, (*_, porteur) in membres.items() if m not in dans_la_salle and porteur in dans_la_salle]
    dehors = [m for m in membres if m not in dans_la_salle and m not in pouvoirs]
    absents = [m for m in dehors if membres[m][0] in ("present", "absent")]
    return len(dans_la_salle), len(pouvoirs), len(dehors) - len(absents), len(absents)


def se_suit(membres):
    """Tell whether nobody leaves before having arrived: what no form lets in would make the walk meaningless."""
    return all(arrive is None or part is None or arrive < part for _, arrive, part, _ in membres.values())


@settings(max_examples=500, deadline=None)
@given(seance=seances())
def test_each_point_is_counted_as_who_walks_through_the_meeting(seance):
    points, membres = seance
    if not se_suit(membres):
        return
    sieges = {m: Siege(*valeurs) for m, valeurs in membres.items()}
    for point in range(1, points + 1):
        a = Assistance.de(sieges, point)
        assert (a.presents, a.procurations, a.excuses, a.absents) == compter(membres, point)
        assert a.somme == a.en_exercice == len(membres)
        assert all(sieges[m].est_la(point) is (etat == "present") for m, etat in etats_au(sieges, point).items())


@pytest.fixture
def seance(db):
    """A council of 9 members, six points, nothing noted."""
    convention = fabriques.ConventionFactory()
    conseil = fabriques.conseil(convention)
    for rang in range(1, 10):
        Mandat.objects.create(siege=conseil, rang=rang, civilite="M.", nom=f"Membre {rang}", debut=date(2026, 1, 1))
    seance = fabriques.SeanceFactory(
        organisatrice=conseil, convention=convention, president="M. Membre 1", secretaire="M. Membre 2",
        en_exercice=None, presents=None, procurations=None, excuses=None, absents=None,
    )  # fmt: skip
    for rang in range(1, 7):
        seance.points.create(ordre=rang, objet=f"Point {rang}")
    return seance


def possible(points, membres):
    """Say by the articles, one by one, whether an attendance can be (CGCT, L. 2121-20)."""
    for m, (etat, arrive, part, porteur) in membres.items():
        bouge = arrive is not None or part is not None
        if bouge and etat != "present":
            return False
        if arrive == 1 or (arrive and part and arrive >= part):
            return False
        if etat == "procuration" and porteur is None:
            return False
        if porteur is not None and etat != "procuration" and not (etat == "present" and bouge):
            return False
        if porteur == m:
            return False
    la = [{m for m, (e, a, d, _) in membres.items() if e == "present" and (a or 0) <= p and (not d or p < d)}
          for p in range(1, points + 1)]  # fmt: skip
    for m, (_, _, _, porteur) in membres.items():
        dehors = [salle for salle in la if m not in salle]
        if porteur is not None and not any(porteur in salle for salle in dehors):
            return False
    for salle in la:
        porteurs = [p for m, (_, _, _, p) in membres.items() if m not in salle and p is not None]
        if len(porteurs) != len(set(porteurs)):
            return False
    return True


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_impossible_attendance_gets_in_by_the_page(seance, data):
    mandats, cles = list(seance.organisatrice.mandats.all()), [p.pk for p in seance.points.all()]
    rang, porteur = st.one_of(st.none(), st.integers(1, 6)), st.one_of(st.none(), st.integers(0, 8))
    tirage = st.tuples(st.sampled_from(["present", "present", "present", *ETATS]), rang, rang, porteur)
    simple = st.tuples(st.sampled_from(["present", "excuse", "absent"]), st.none(), st.none(), st.none())
    # Most members do nothing special: half of what is drawn is then possible.
    membres = {m: data.draw(tirage if m in (0, 1, 2) else simple) for m in range(9)}
    donnees = {}
    for m, (etat, arrive, part, holder) in membres.items():
        pk = mandats[m].pk
        donnees |= {f"etat_{pk}": etat, f"mandataire_{pk}": "" if holder is None else mandats[holder].pk}
        donnees |= {f"arrive_{pk}": cles[arrive - 1] if arrive else "", f"part_{pk}": cles[part - 1] if part else ""}
    form = PresencesForm(donnees, objet=seance)
    assert form.is_valid() is possible(6, membres), (membres, form.errors)


def noter(seance, **etats):
    """Note attendances by name: « present », or fields of `Presence`; everybody else is present."""
    for mandat in seance.organisatrice.mandats.all():
        note = etats.get(mandat.nom.replace("Membre ", "m"), {})
        Presence.objects.create(reunion=seance, mandat=mandat, **{"etat": "present", **note})


def point(seance, rang):
    return seance.points.get(ordre=rang)


def projet(seance, rang=None, **champs):
    acte = Deliberation.modele(seance.convention, seance, f"2026-{rang}", rang and point(seance, rang))
    Deliberation.objects.filter(pk=acte.pk).update(expose="<p>Exposé.</p>", **champs)
    return Deliberation.objects.get(pk=acte.pk)


def test_each_act_is_voted_by_who_was_there_for_it(seance):
    m1 = seance.organisatrice.mandats.get(nom="Membre 1")
    noter(seance, m3={"arrive_au": point(seance, 3)}, m4={"part_au": point(seance, 5), "mandataire": m1})
    avant, pendant, apres = projet(seance, 1), projet(seance, 3), projet(seance, 5)
    assert [a.assistance().votants for a in (avant, pendant, apres)] == [8, 9, 9]
    assert (apres.assistance().presents, apres.assistance().procurations) == (8, 1)
    assert dict(avant.appel())["Absents"] == ["M. Membre 3"]
    assert dict(apres.appel())["Ont donné procuration"] == ["M. Membre 4 à M. Membre 1"]
    assert seance.mouvements() == [
        "M. Membre 3 arrive avant le point 3.",
        "M. Membre 4 quitte la séance avant le point 5 et donne procuration à M. Membre 1.",
    ]
    Deliberation.objects.filter(pk=avant.pk).update(pour=9)
    with pytest.raises(ValidationError, match="pour 8 voix"):
        Deliberation.objects.get(pk=avant.pk).proclamer()
    Deliberation.objects.filter(pk=avant.pk).update(pour=8)
    Deliberation.objects.get(pk=avant.pk).proclamer()
    # What the act counts on stays.
    with pytest.raises(ValidationError, match="gardent leur rang"):
        point(seance, 3).delete()
    dernier = point(seance, 6)
    dernier.ordre = 1
    with pytest.raises(ValidationError, match="gardent leur rang"):
        dernier.save()


def test_a_frozen_agenda_takes_new_points_at_its_end(seance):
    noter(seance, m3={"arrive_au": point(seance, 3)})
    projet(seance, 1, pour=8).proclamer()
    with pytest.raises(ValidationError, match="donnez-lui un rang supérieur à 6"):
        seance.points.create(ordre=2, objet="Glissé avant l’arrivée")
    seance.ajouter_au_ordre_du_jour(seance.convention.fiches.all())
    seance.points.create(ordre=7, objet="Questions diverses")
    assert seance.points.count() == 7


def test_points_are_not_reordered_against_who_arrived_and_left(seance, client):
    noter(seance, m3={"arrive_au": point(seance, 2), "part_au": point(seance, 4)})
    client.force_login(fabriques.compte(seance.convention.porteur, "secretaire"), backend=BACKEND)
    adresse = f"{seance.get_absolute_url()}modifier/points/"
    envoi = champs(client.get(adresse))
    rang = {v: n.removesuffix("objet") + "ordre" for n, v in envoi.items() if n.endswith("-objet")}
    refus = client.post(adresse, envoi | {rang["Point 4"]: "0"})
    assert refus.status_code == 422
    assert "Dans cet ordre, M. Membre 3 : on part après être arrivé" in refus.content.decode()
    refus = client.post(adresse, envoi | {rang["Point 2"]: "0"})
    assert "arriver au premier point, c’est être présent dès le début" in refus.content.decode()
    assert client.post(adresse, envoi | {rang["Point 6"]: "5", rang["Point 5"]: "6"}).status_code == 302
    # By another door than the page, it stands in the way of proclaiming.
    Point.objects.filter(objet="Point 4").update(ordre=0)
    assert any("on part après être arrivé" in phrase for phrase in projet(seance, 1, pour=9).obstacles())


def test_a_meeting_counts_who_was_there_when_it_opened_and_at_each_point(seance, client):
    mandats = {m.nom: m for m in seance.organisatrice.mandats.all()}
    client.force_login(fabriques.compte(seance.convention.porteur, "secretaire"), backend=BACKEND)
    donnees = {f"etat_{m.pk}": "present" for m in list(mandats.values())[:5]} | {"reste": "excuse"}
    donnees |= {f"arrive_{mandats['Membre 1'].pk}": point(seance, 3).pk}
    donnees |= {f"part_{mandats[f'Membre {n}'].pk}": point(seance, 5).pk for n in (3, 4)}
    assert saisir(client, f"{seance.get_absolute_url()}modifier/presences/", donnees).status_code == 302
    seance.refresh_from_db()
    # Five came, never five at the same time before the third point: no quorum (5 of 9) until then.
    assert (seance.presents, seance.absents) == (4, 1)
    for lu in (
        client.get(seance.get_absolute_url()).content.decode(),
        document_proces_verbal(seance).morceaux[0].html,
    ):
        assert "l’ouverture" in lu
        assert "4 présents, aucune procuration, 4 excusés, un absent" in lu
        assert "5 présents, aucune procuration, 4 excusés, aucun absent" in lu
    page = client.get(seance.get_absolute_url()).content.decode()
    assert page.count("Quorum non atteint") == 4
    assert 'statut-retard">Non atteint' in page
    assert "M. Membre 1 arrive avant le point 3." in document_cloture(seance).morceaux[0].html


def test_who_lost_their_voice_loses_their_vote(seance, client):
    noter(seance)
    acte = projet(seance, 1)
    acte.mode = "public"
    acte.save()
    for mandat in seance.organisatrice.mandats.all():
        acte.votes.create(mandat=mandat, sens="pour")
    Presence.objects.filter(mandat__nom="Membre 3").update(arrive_au=point(seance, 2))
    assert any("n’avaient pas de voix" in phrase for phrase in acte.obstacles())
    client.force_login(fabriques.compte(seance.convention.porteur, "secretaire"), backend=BACKEND)
    adresse = f"/{seance.territoire.slug}/pilotage/actes/{acte.pk}/modifier/noms/"
    assert saisir(client, adresse, {}).status_code == 302
    acte = Deliberation.objects.get(pk=acte.pk)
    assert acte.obstacles() == []
    assert acte.votes.count() == 8


def test_an_act_without_its_point_is_not_proclaimed_when_members_came_or_left(seance):
    noter(seance, m3={"arrive_au": point(seance, 2)})
    acte = projet(seance, None, pour=9)
    assert any("à quel point" in phrase for phrase in acte.obstacles())
    acte.point = point(seance, 2)
    acte.save()
    assert acte.obstacles() == []


def test_a_name_that_had_no_voice_stands_in_the_way(seance):
    noter(seance, m3={"arrive_au": point(seance, 2)})
    acte = projet(seance, 1)
    for mandat in seance.organisatrice.mandats.all()[1:]:
        acte.votes.create(mandat=mandat, sens="pour")
    assert any("n’avaient pas de voix à ce point : M. Membre 3" in phrase for phrase in acte.obstacles())


@pytest.mark.parametrize(
    "note",
    [
        {"etat": "absent", "part_au": True},
        {"etat": "present", "mandataire": True},
        {"etat": "procuration"},
        {"etat": "excuse", "mandataire": True},
    ],
)
def test_the_database_refuses_what_the_page_refuses(seance, note):
    premier, second = seance.organisatrice.mandats.all()[:2]
    note = note | {"part_au": point(seance, 2)} if "part_au" in note else note
    note = note | {"mandataire": second} if "mandataire" in note else note
    with pytest.raises(IntegrityError), transaction.atomic():
        Presence.objects.create(reunion=seance, mandat=premier, **note)


def test_a_power_held_twice_by_another_door_stands_in_the_way(seance):
    m1 = seance.organisatrice.mandats.get(nom="Membre 1")
    noter(
        seance,
        m3={"arrive_au": point(seance, 4), "mandataire": m1},
        m4={"arrive_au": point(seance, 3), "mandataire": m1},
    )
    acte = projet(seance, 1, pour=8)
    assert any("porte à la fois les procurations de M. Membre 3 et M. Membre 4" in p for p in acte.obstacles())


def test_a_point_becomes_an_act_by_its_page(seance, client):
    secretaire = fabriques.compte(seance.convention.porteur, "secretaire")
    client.force_login(secretaire, backend=BACKEND)
    page = client.get(seance.get_absolute_url()).content.decode()
    cible = point(seance, 2)
    assert f"actes/nouveau/?point={cible.pk}" in page
    adresse = f"{seance.get_absolute_url()}actes/nouveau/?point={cible.pk}"
    assert champs(client.get(adresse))["point"] == str(cible.pk)
    assert saisir(client, adresse, {"numero": "2026-9", "depart": "vide", "approuve": ""}).status_code == 302
    sans_objet = {"numero": "2026-8", "depart": "vide", "approuve": "", "point": ""}
    reponse = saisir(client, adresse, sans_objet)
    assert reponse.status_code == 422 and "Dites sur quoi porte l’acte" in reponse.content.decode()
    trop_long = saisir(client, adresse, {"numero": "2026-0123-4567-X", "depart": "vide", "approuve": ""})
    assert "15 signes au plus" in trop_long.content.decode()
    acte = Deliberation.objects.get(numero="2026-9", seance=seance)
    assert (acte.point, acte.objet) == (cible, "Point 2")
    page = client.get(seance.get_absolute_url()).content.decode()
    assert f"actes/nouveau/?point={cible.pk}" not in page
    assert client.get(f"{seance.get_absolute_url()}actes/nouveau/?point=abc").status_code == 200
    # The point that an act names is detached first.
    envoi = champs(client.get(f"{seance.get_absolute_url()}modifier/points/"))
    ligne = next(n for n, v in envoi.items() if n.endswith("-id") and v == str(cible.pk)).removesuffix("id")
    reponse = client.post(f"{seance.get_absolute_url()}modifier/points/", envoi | {f"{ligne}DELETE": "on"})
    assert reponse.status_code == 422
    assert "une délibération, une arrivée ou un départ s’y rapporte" in reponse.content.decode()


def test_the_page_notes_who_arrives_and_who_leaves(seance, client):
    client.force_login(fabriques.compte(seance.convention.porteur, "secretaire"), backend=BACKEND)
    mandats = {m.nom: m for m in seance.organisatrice.mandats.all()}
    adresse = f"{seance.get_absolute_url()}modifier/presences/"
    donnees = {
        "reste": "present",
        f"arrive_{mandats['Membre 3'].pk}": point(seance, 2).pk,
        f"part_{mandats['Membre 4'].pk}": point(seance, 4).pk,
        f"mandataire_{mandats['Membre 4'].pk}": mandats["Membre 5"].pk,
    }
    assert saisir(client, adresse, donnees).status_code == 302
    page = client.get(seance.get_absolute_url()).content.decode()
    assert "M. Membre 3 arrive avant le point 2." in page
    assert "M. Membre 4 quitte la séance avant le point 4 et donne procuration à M. Membre 5." in page
    assert saisir(client, adresse, {}).status_code == 302
    donnees = {f"arrive_{mandats['Membre 4'].pk}": point(seance, 5).pk}
    reponse = saisir(client, adresse, donnees)
    assert reponse.status_code == 422
    assert "On part après être arrivé" in reponse.content.decode()
