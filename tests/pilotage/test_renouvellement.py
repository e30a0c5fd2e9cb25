"""A council is renewed: mandates end, others begin, and what still names those who left is listed."""

from datetime import date

import pytest

from actions.models import Fonction
from pilotage.forms import lire_les_membres
from pilotage.models import Deliberation, Instance, Mandat
from tests.conftest import CTG, VAL
from tests.pages import champs

pytestmark = pytest.mark.django_db
LISTE = """1. Mme Exemple UN, Maire
M. Jean-Pierre DE L’EXEMPLE, Adjoint
Mme Exemple TROIS
"""
CONFIRME = {"confirme": "oui"}


@pytest.fixture
def conseil(db):
    return Instance.objects.get(nom="Conseil municipal de Sainte-Marie-aux-Mines")


def test_the_council_is_renewed_by_its_secretary(navigateur, agent, conseil, fiche):
    fiche.elu_referent = "Mme Noëlie HESTIN"
    fiche.save()
    copil = Instance.objects.get(nature="copil", territoire=conseil.territoire)
    copil.mandats.create(civilite="Mme", prenom="", nom="ROUSSEL")
    secretaire = navigateur("secretaire")
    page = f"{VAL}/pilotage/instances/{conseil.pk}/renouvellement/"
    envoi = {"le": "2026-03-28", "serie": "2026-2032", "membres": LISTE}
    apercu = secretaire.post(page, envoi)
    assert [m.nom for m in apercu.context["apercu"][0]] == ["HESTIN", "ROUSSEL"]
    assert [m.nom for m in apercu.context["apercu"][1]] == ["UN", "DE L’EXEMPLE", "TROIS"]
    assert not conseil.mandats.filter(fin__isnull=False).exists()
    assert champs(apercu, "form:has([name=confirme])") == envoi | {"membres": LISTE}
    reponse = secretaire.post(page, CONFIRME | envoi, follow=True)
    texte = reponse.content.decode()
    assert "2 mandats sont terminés, 3 commencent le 28/03/2026" in texte
    assert "Signe la Convention Territoriale Globale 2026-2030 pour Commune de Sainte-Marie-aux-Mines" in texte
    assert f"Élu référent de la fiche {fiche}" in texte
    assert "Siège : Comité de pilotage" in texte
    assert "Compte d’élu toujours ouvert" in texte
    membres = conseil.mandats.en_cours(date(2026, 11, 24)).dans_l_ordre()
    assert [m.personne for m in membres] == ["Mme Exemple UN", "M. Jean-Pierre DE L’EXEMPLE", "Mme Exemple TROIS"]
    assert [m.rang for m in membres] == [1, 2, 3]
    assert [m.nom for m in conseil.mandats.en_cours(date(2026, 2, 11))] == ["HESTIN", "ROUSSEL"]
    # What was voted keeps the names of its day, and its number; the next act is numbered in the new series.
    acte = Deliberation.objects.get(numero="583")
    assert (acte.seance.president, acte.serie) == ("Mme Noëlie HESTIN", "2020-2026")
    conseil = Instance.objects.get(pk=conseil.pk)
    seance = conseil.reunions.create(territoire=conseil.territoire, date=date(2026, 4, 2), objet="Séance")
    autre = Deliberation.modele(acte.approuve, seance, "583")
    assert autre.serie == "2026-2032"


def test_replaced_one_by_one(navigateur, agent, conseil):
    page = f"{VAL}/pilotage/instances/{conseil.pk}/renouvellement/"
    secretaire = navigateur("secretaire")
    secretaire.post(page, CONFIRME | {"le": "2026-03-28", "serie": "2026-2032", "membres": LISTE})
    parties = f"{CTG}/convention/modifier/parties/"
    donnees = champs(agent.get(parties))
    nom = next(n for n, v in donnees.items() if v == "Noëlie HESTIN")
    assert agent.post(parties, donnees | {nom: "Exemple UN"}).status_code == 302
    Fonction.objects.filter(nature="elu").update(fin=date(2026, 3, 27))
    assert "Encore au nom" not in secretaire.get(page).content.decode()


@pytest.mark.parametrize(
    ("saisie", "message"),
    [
        ({"le": ""}, "obligatoire"),
        ({"membres": ""}, "obligatoire"),
        ({"membres": " , Maire"}, "Ligne 1 : aucun nom avant la virgule"),
        ({"membres": "Mme"}, "n’est suivie d’aucun nom"),
        ({"membres": "Mme A UN\nMme A UN"}, "Ce nom figure deux fois"),
        ({"membres": f"Mme A UN\nMme {'x' * 81} DEUX"}, "Membre 2, "),
        ({"serie": "2020-2026"}, "déjà ouvert"),
    ],
)
def test_a_wrong_list_is_said_and_kept(navigateur, conseil, saisie, message):
    page = f"{VAL}/pilotage/instances/{conseil.pk}/renouvellement/"
    envoi = {"le": "2026-03-28", "serie": "2026-2032", "membres": LISTE, **saisie}
    for geste in ({}, CONFIRME):
        reponse = navigateur("secretaire").post(page, envoi | geste)
        assert reponse.status_code == 422
        assert message in reponse.content.decode()
    assert Mandat.objects.filter(siege=conseil).count() == 2


@pytest.mark.parametrize("geste", [{}, CONFIRME])
def test_a_series_that_has_served_is_not_opened_again(navigateur, conseil, geste):
    """A project of the same number made the preview and the renewal answer 500."""
    Instance.objects.filter(pk=conseil.pk).update(serie_du_mandat="2026-2032")
    conseil.refresh_from_db()
    seance = conseil.reunions.create(territoire=conseil.territoire, date=date(2026, 11, 20), objet="Séance")
    Deliberation.modele(Deliberation.objects.get(numero="583").approuve, seance, "583")
    page = f"{VAL}/pilotage/instances/{conseil.pk}/renouvellement/"
    envoi = {"le": "2026-11-10", "serie": "2020-2026", "membres": LISTE}
    reponse = navigateur("secretaire").post(page, envoi | geste)
    assert (reponse.status_code, "ou l’a été" in reponse.content.decode()) == (422, True)


def test_a_renewal_to_come_is_not_noted(navigateur, conseil):
    page = f"{VAL}/pilotage/instances/{conseil.pk}/renouvellement/"
    reponse = navigateur("secretaire").post(page, {"le": "2099-03-20", "serie": "2098-2104", "membres": LISTE})
    assert (reponse.status_code, "est à venir" in reponse.content.decode()) == (422, True)


def test_a_member_who_has_sat_is_ended_not_deleted(navigateur, conseil):
    """B9: 500, then a sentence that did not say what to do."""
    seance = conseil.reunions.create(territoire=conseil.territoire, date=date(2026, 11, 20), objet="Séance")
    seance.presences.create(mandat=conseil.mandats.first(), etat="present")
    secretaire, page = navigateur("secretaire"), f"{VAL}/pilotage/instances/{conseil.pk}/modifier/"
    donnees = champs(secretaire.get(page))
    reponse = secretaire.post(page, donnees | {"lignes-0-DELETE": "on"})
    assert reponse.status_code == 422
    assert "indiquez la fin de son mandat" in reponse.content.decode()


def test_who_does_not_sit_on_the_day_of_the_meeting_stands_in_the_way(conseil):
    """A séance moved beyond a renewal kept counting the former council."""
    seance = conseil.reunions.create(territoire=conseil.territoire, date=date(2026, 11, 20), objet="Séance")
    seance.presences.create(mandat=conseil.mandats.get(nom="HESTIN"), etat="present")
    assert seance.hors_mandat() == []
    conseil.mandats.update(fin=date(2026, 3, 27))
    assert seance.hors_mandat() == ["Mme Noëlie HESTIN"]


def test_renewed_twice_is_refused(navigateur, conseil):
    secretaire = navigateur("secretaire")
    page = f"{VAL}/pilotage/instances/{conseil.pk}/renouvellement/"
    assert (
        secretaire.post(page, CONFIRME | {"le": "2026-03-28", "serie": "2026-2032", "membres": LISTE}).status_code
        == 302
    )
    deux = secretaire.post(page, CONFIRME | {"le": "2026-03-28", "serie": "2032-2038", "membres": LISTE})
    assert "ce renouvellement est fait" in deux.content.decode()


@pytest.mark.parametrize(
    ("ligne", "membre"),
    [
        ("Mme Noëlie HESTIN, Maire", ("Mme", "Noëlie", "HESTIN", "Maire")),
        ("2) Monsieur Jean DUPONT", ("M.", "Jean", "DUPONT", "")),
        ("Jean Dupont", ("", "Jean", "Dupont", "")),
        ("DUPONT MARTIN Anne-Lise, 1re adjointe", ("", "Anne-Lise", "DUPONT MARTIN", "1re adjointe")),
        ("M. ROUSSEL", ("M.", "", "ROUSSEL", "")),
        ("• M. Jean PETIT", ("M.", "Jean", "PETIT", "")),
        ("1 - Mme Anne DUPONT, Maire", ("Mme", "Anne", "DUPONT", "Maire")),
        ("Mme\tAnne\tDUPONT\tMaire", ("Mme", "Anne", "DUPONT", "Maire")),
        ("Mme. Ève VERT", ("Mme", "Ève", "VERT", "")),
        ("M. Martin Martin", ("M.", "Martin", "Martin", "")),
    ],
)
def test_a_pasted_line_is_read(ligne, membre):
    lu = lire_les_membres(ligne)[0]
    assert (lu["civilite"], lu["prenom"], lu["nom"], lu["qualite"]) == membre
