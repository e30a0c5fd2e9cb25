"""The legal pages of a territory, and whom an inhabitant writes to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from actions.models import Territoire
from tests.conftest import CTG, VAL
from tests.pages import saisir

pytestmark = pytest.mark.django_db


def test_the_legal_pages_say_what_the_territory_said(client, agent, convention):
    vide = client.get(f"{VAL}/accessibilite/").content.decode()
    assert "Non conforme" in vide and "aucun audit" in vide
    assert "Accessibilité : non conforme" in client.get(f"{VAL}/").content.decode()
    dites = {
        "directeur": "Mme Exemple 1, présidente",
        "contact_courriel": "ctg@ccva.example",
        "contact_telephone": "03 00 00 00 00",
        "dpo": "dpo@ccva.example",
    }
    assert saisir(agent, f"{VAL}/gestion/mentions/", dites).status_code == 302
    assert "Mme Exemple 1, présidente" in client.get(f"{VAL}/mentions/").content.decode()
    assert "tel:0300000000" in client.get(f"{VAL}/contact/").content.decode()
    assert "dpo@ccva.example" in client.get(f"{VAL}/donnees-personnelles/").content.decode()
    # A contact on every fiche.
    fiche = convention.fiches.publiees().first()
    assert "mailto:ctg@ccva.example" in client.get(f"{CTG}/fiches/{fiche.pk}/").content.decode()


def test_conformity_needs_its_audit(agent):
    refus = saisir(agent, f"{VAL}/gestion/mentions/", {"conformite": "totale"})
    assert refus.status_code == 422 and "Sans date d’audit" in refus.content.decode()
    assert (
        saisir(agent, f"{VAL}/gestion/mentions/", {"conformite": "partielle", "audit_le": "2026-05-04"}).status_code
        == 302
    )
    demain = timezone.localdate() + timedelta(days=1)
    refus = saisir(agent, f"{VAL}/gestion/mentions/", {"conformite": "totale", "audit_le": f"{demain}"})
    assert refus.status_code == 422 and "Un audit est déjà passé" in refus.content.decode()
    assert Territoire.objects.get(slug="val-d-argent").conformite == "partielle"
    refus = saisir(agent, f"{VAL}/gestion/mentions/", {"contact_telephone": "abc"})
    assert refus.status_code == 422 and "numéro de téléphone en chiffres" in refus.content.decode()


def test_every_footer_leads_to_legal_pages(client, convention):
    """Those of the territory, or, on a page of the installation, those of each."""
    for page in ("/aide/", "/verifier/", "/comptes/login/"):
        assert 'href="/mentions/"' in client.get(page).content.decode(), page
    page = client.get("/mentions/").content.decode()
    for mot in ("mentions", "donnees-personnelles", "contact", "accessibilite"):
        assert f'href="{VAL}/{mot}/"' in page
    assert "non conforme" in page
    # Without a contact of its own, a territory gives that of its porteur.
    Territoire.objects.filter(slug="val-d-argent").update(contact_courriel="", contact_telephone="", contact_adresse="")
    convention.porteur.courriel = "accueil@ccva.example"
    convention.porteur.save()
    assert "mailto:accueil@ccva.example" in client.get(f"{VAL}/contact/").content.decode()


def test_the_installation_says_who_hosts(client, settings):
    settings.HEBERGEUR = "Hébergeur d’essai, Strasbourg"
    assert "Hébergeur d’essai" in client.get(f"{VAL}/mentions/").content.decode()
