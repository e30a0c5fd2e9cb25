"""What becomes of a proclaimed act by its page: dated, withdrawn after its consequences were shown; and what cannot be."""

from datetime import date

import pytest

from ctg import scelles
from pilotage.models import Deliberation
from tests.conftest import CTG, VAL

pytestmark = pytest.mark.django_db


@pytest.fixture
def acte(convention):
    return Deliberation.objects.completes().get(numero="583")


@pytest.fixture
def secretaire(navigateur):
    return navigateur("secretaire")


@pytest.fixture
def autre(acte, convention):
    """A second adopted act of the same council, voted the same evening."""
    projet = Deliberation.modele(convention, acte.seance, "113/2026")
    projet.unanimite = True
    projet.save()
    projet.proclamer()
    return projet


def test_an_act_is_withdrawn_once_its_consequences_were_shown(secretaire, acte, autre):
    adresse = f"{VAL}/pilotage/actes/{acte.pk}/retirer/"
    page = secretaire.post(adresse, {"par": autre.pk})
    assert "elle n’a plus d’effet, et reste lisible" in page.content.decode()
    assert "Elle ne compte plus comme l’approbation" in page.content.decode()
    assert Deliberation.objects.get(pk=acte.pk).statut == "adoptee"
    assert secretaire.post(adresse, {"par": autre.pk, "confirme": "oui"}).status_code == 302
    retiree = Deliberation.objects.get(pk=acte.pk)
    assert (retiree.statut, retiree.retiree_par) == ("retiree", autre)
    # Not twice, and the page says why.
    refus = secretaire.post(adresse, {"par": autre.pk, "confirme": "oui"}, follow=True)
    assert "Seule une délibération adoptée peut être retirée" in refus.content.decode()


def test_a_date_before_the_meeting_is_refused_at_its_field_and_kept(secretaire, acte):
    adresse = f"{VAL}/pilotage/actes/{acte.pk}/dates/"
    refus = secretaire.post(adresse, {"transmise_le": "2026-01-01"})
    assert refus.status_code == 422
    page = refus.content.decode()
    assert "Cette date précède la séance" in page
    assert 'value="2026-01-01"' in page
    assert secretaire.post(adresse, {"transmise_le": "hier"}).status_code == 422
    assert secretaire.post(adresse, {"transmise_le": "2026-02-13"}).status_code == 302
    assert Deliberation.objects.get(pk=acte.pk).transmise_le == date(2026, 2, 13)


def test_a_project_is_not_proclaimed_over_what_stands_in_its_way(secretaire, acte, convention):
    projet = Deliberation.modele(convention, acte.seance, "114/2026")
    adresse = f"{VAL}/pilotage/actes/{projet.pk}/proclamer/"
    assert secretaire.get(adresse).status_code == 302
    assert "Le vote n’est pas saisi" in secretaire.post(adresse, follow=True).content.decode()
    assert Deliberation.objects.get(pk=projet.pk).statut == "projet"
    # Its text leaves as a file until it is proclaimed.
    assert secretaire.get(f"{VAL}/pilotage/actes/{projet.pk}/projet.docx").status_code == 200
    assert secretaire.get(f"{VAL}/pilotage/actes/{acte.pk}/projet.docx").status_code == 404


@pytest.mark.papier
def test_a_full_store_leaves_the_act_and_the_convention_as_they_are(secretaire, agent, acte, convention, monkeypatch):
    projet = Deliberation.modele(convention, acte.seance, "114/2026")
    projet.unanimite = True
    projet.save()
    monkeypatch.setattr(scelles, "magasin", lambda: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    page = secretaire.post(f"{VAL}/pilotage/actes/{projet.pk}/proclamer/", follow=True).content.decode()
    assert "n’a pas pu garder l’acte scellé : rien n’est proclamé" in page
    assert Deliberation.objects.get(pk=projet.pk).statut == "projet"
    page = agent.post(f"{CTG}/signatures/ouvrir/", follow=True).content.decode()
    assert "n’a pas pu garder le texte scellé : rien n’est figé" in page
    assert convention.versions.count() == 0
