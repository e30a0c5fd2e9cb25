"""What `make run` plays, so that every state can be seen: a signed convention, an evening, a renewal; once."""

from io import BytesIO, StringIO

import pikepdf
import pytest
from django.core.management import call_command

from ctg import scelles
from pilotage.models import Deliberation, Instance, Version


@pytest.mark.django_db
@pytest.mark.papier
def test_the_demonstration_is_played_once(navigateur, voisine):
    sortie = StringIO()
    call_command("demonstration", stdout=sortie)
    assert sortie.getvalue().count("à titre d’exemple") == 4
    assert "Une convention existe déjà : rien n’est chargé." in sortie.getvalue()
    assert "agent@ctg.example" in sortie.getvalue()
    with pikepdf.open(BytesIO(scelles.lire(Version.objects.get(convention=voisine).pdf_id))) as pdf:
        assert set(pdf.attachments) == {"convention.json", "annexe-7-carte-des-equipements-exemple.pdf"}
    acte = Deliberation.objects.completes().get(numero="2026-14")
    assert (acte.statut, acte.assistance().votants, acte.seance.presents) == ("adoptee", 9, 8)
    page = navigateur("anonyme").get(acte.get_absolute_url()).content.decode()
    assert "au lieu de « samdi », lire « samedi »" in page
    assert navigateur("anonyme").get(f"{acte.get_absolute_url()}deliberation.pdf").getvalue() == scelles.lire(
        acte.piece_id
    )
    avant = Instance.objects.count(), Deliberation.objects.count()
    call_command("jouer_la_demonstration", stdout=(sortie := StringIO()))
    assert sortie.getvalue() == ""
    assert (Instance.objects.count(), Deliberation.objects.count()) == avant
