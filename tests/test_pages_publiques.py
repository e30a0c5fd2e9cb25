"""A public page that has not changed is not made again; nothing of a person is ever kept."""

import gzip

import pytest

from actions.models import Convention
from tests.conftest import CTG, VAL

pytestmark = pytest.mark.django_db


def test_a_page_that_has_not_changed_is_answered_in_one_query(client, convention, django_assert_num_queries):
    premiere = client.get(f"{CTG}/")
    marque = premiere["ETag"]
    with django_assert_num_queries(1):  # its counters: neither the place nor its conventions are read again
        reponse = client.get(f"{CTG}/", headers={"If-None-Match": marque})
    assert reponse.status_code == 304 and reponse.content == b"" and reponse["ETag"] == marque
    # Whatever it shows changes, its mark does: a fiche, a partner, the territory.
    fiche = convention.fiches.publiees().first()
    fiche.titre = "Un autre titre"
    fiche.save()
    suite = client.get(f"{CTG}/", headers={"If-None-Match": marque})
    assert suite.status_code == 200 and "Un autre titre" in suite.content.decode()
    convention.porteur.sigle = "NEUF"
    convention.porteur.save()
    assert client.get(f"{CTG}/")["ETag"] != suite["ETag"]
    marque = client.get(f"{CTG}/")["ETag"]
    Convention.objects.create(territoire=convention.territoire, porteur=convention.porteur, debut=2031, fin=2034)
    assert client.get(f"{CTG}/", headers={"If-None-Match": marque}).status_code == 200
    assert client.get(f"{CTG}/axes/1/")["ETag"] != client.get(f"{CTG}/axes/2/")["ETag"]


def test_an_address_that_changes_hands_is_not_taken_for_the_former(client, convention, voisine):
    """What a process remembers of a place is which counters to read, never what they said."""
    marque = client.get(f"{CTG}/")["ETag"]
    ancien = convention.territoire
    ancien.slug = "val-d-argent-ancien"
    ancien.save()
    nouveau = voisine.territoire
    nouveau.slug = "val-d-argent"
    nouveau.save()
    reponse = client.get(f"{VAL}/{voisine.cle}/", headers={"If-None-Match": marque})
    assert reponse.status_code == 200 and str(nouveau) in reponse.content.decode()
    assert client.get(f"{VAL}/{voisine.cle}/", headers={"If-None-Match": reponse["ETag"]}).status_code == 304


def test_it_is_compressed_and_says_so(client):
    reponse = client.get(f"{CTG}/", headers={"Accept-Encoding": "gzip"})
    assert reponse["Content-Encoding"] == "gzip" and "Accept-Encoding" in reponse["Vary"]
    assert "Ce que votre territoire fait" in gzip.decompress(reponse.content).decode()
    assert len(reponse.content) < 4000


def test_nothing_of_a_person_is_kept_nor_compressed(agent, client):
    for page in (f"{CTG}/", f"{CTG}/plan/", f"{VAL}/actes/"):
        reponse = agent.get(page, headers={"Accept-Encoding": "gzip"})
        assert "ETag" not in reponse and "Content-Encoding" not in reponse, page
    # What is refused, what holds a token, what is no page.
    for page in (f"{CTG}/plan/", f"{CTG}/telechargements/plan.csv", f"{CTG}/fiches/99999/"):
        assert "ETag" not in client.get(page), page


def test_an_unpublished_convention_is_forgotten_at_once(client, convention):
    marque = client.get(f"{CTG}/")["ETag"]
    convention.publiee = False
    convention.save()
    assert client.get(f"{CTG}/", headers={"If-None-Match": marque}).status_code == 404


def test_a_page_of_another_delivery_is_not_shown_again(client, settings, tmp_path):
    """Other files collected, another host named: what a reader holds is of before, whatever the release is called."""
    settings.STATIC_ROOT = tmp_path
    lue = client.get(f"{VAL}/mentions/")["ETag"]
    assert client.get(f"{VAL}/mentions/", headers={"If-None-Match": lue}).status_code == 304
    (tmp_path / "staticfiles.json").write_text("{}")
    apres = client.get(f"{VAL}/mentions/", headers={"If-None-Match": lue})
    assert apres.status_code == 200
    settings.HEBERGEUR = "Un autre hébergeur"
    dite = client.get(f"{VAL}/mentions/", headers={"If-None-Match": apres["ETag"]})
    assert dite.status_code == 200 and "Un autre hébergeur" in dite.content.decode()
