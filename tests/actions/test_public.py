"""The public face: where actions stand, by commune; what a shared address shows; what search engines list."""

from collections import Counter
from io import BytesIO

import pytest
from PIL import Image

from actions.models import Action, Partenaire
from actions.partage import phrase
from ctg.adresses import adresse


@pytest.fixture
def client_public(navigateur):
    return navigateur("anonyme")


def lire(client, ou):
    return client.get(ou).content.decode()


def test_the_picture_tells_where_the_published_actions_of_each_axe_stand(client_public, convention):
    page = lire(client_public, adresse("convention_publique", de=convention))
    axe = convention.axes.get(ordre=4)
    comptes = Counter(axe.actions.publiees().values_list("statut", flat=True))
    assert (comptes["realisee"], comptes["en_cours"], comptes["en_pause"]) == (1, 2, 1)
    assert "<span>1 réalisée, 2 en cours et 1 en pause ou arrêtée</span>" in page
    assert '<rect x="0.0" y="0" width="25.0" height="10" class="ton-0"/><rect x="25.0"' in page


def test_a_plan_without_a_published_action_shows_no_picture(client_public, convention):
    for fiche in convention.fiches.publiees():
        fiche.publiee = False
        fiche.save(update_fields=["publiee"])
    assert "Où en est-on" not in lire(client_public, adresse("convention_publique", de=convention))


@pytest.fixture
def avec_liepvre(convention, fiche):
    """Fiche 2.1 is that of Lièpvre; no other names it."""
    for autre in convention.fiches.actives():
        autre.participations.filter(partenaire__nature=Partenaire.Nature.COMMUNE).delete()
    lievre = Partenaire.objects.get(nom="Commune de Lièpvre")
    fiche.participations.create(partenaire=lievre)
    autre = Partenaire.objects.get(nom="Commune de Rombach-le-Franc")
    convention.fiches.actives().get(axe__ordre=2, ordre=2).participations.create(partenaire=autre)
    return fiche


def test_actions_are_filtered_by_commune_with_those_of_the_whole_territory(client_public, convention, avec_liepvre):
    ou = adresse("convention_publique", de=convention)
    page = lire(client_public, f"{ou}?commune=commune-de-liepvre")
    siennes = adresse("fiche_publique", avec_liepvre.pk, de=convention)
    autre = convention.fiches.actives().get(axe__ordre=2, ordre=2)
    commune_a_tous = convention.fiches.actives().get(axe__ordre=1, ordre=1)
    assert siennes in page and adresse("fiche_publique", commune_a_tous.pk, de=convention) in page
    assert adresse("fiche_publique", autre.pk, de=convention) not in page
    assert "avec cette commune ou pour tout le territoire" in page
    assert '<option value="commune-de-liepvre" selected>' in page
    # A commune that is in no fiche filters nothing, and breaks nothing.
    assert adresse("fiche_publique", autre.pk, de=convention) in lire(client_public, f"{ou}?commune=ailleurs")


def test_an_action_is_told_in_plain_words_before_it_is_published(agent, fiche):
    fiche.publiee, fiche.en_clair = False, ""
    fiche.save(update_fields=["publiee", "en_clair"])
    ou = adresse("fiche_section", fiche.pk, "identite", de=fiche)
    page = agent.get(ou)
    donnees = {
        "titre": fiche.titre,
        "statut": fiche.statut,
        "priorite": fiche.priorite,
        "avancement": fiche.avancement,
        "publiee": "on",
        "en_clair": "",
        "marques": page.context["saisie"].marques,
    }
    reponse = agent.post(ou, donnees)
    assert reponse.status_code == 422 and "Dites l’action en trois phrases" in reponse.content.decode()
    fiche.refresh_from_db()
    assert not fiche.publiee
    assert agent.post(ou, {**donnees, "en_clair": "Une place pour chaque enfant."}).status_code == 302
    fiche.refresh_from_db()
    assert fiche.publiee
    # Its words are not taken away from what is public.
    page = agent.get(ou)
    reponse = agent.post(ou, {**donnees, "en_clair": "", "marques": page.context["saisie"].marques})
    assert reponse.status_code == 422


def test_what_was_published_before_is_saved_without(fiche):
    assert fiche.publiee
    fiche.en_clair = ""
    Action.objects.filter(pk=fiche.pk).update(en_clair="")
    fiche.full_clean()


def test_a_shared_address_shows_a_title_a_sentence_and_a_picture(client_public, convention, fiche):
    page = lire(client_public, adresse("fiche_publique", fiche.pk, de=convention))
    assert f'<meta property="og:title" content="{fiche.titre}">' in page
    assert 'name="description"' in page and 'rel="canonical"' in page
    dessin = adresse("partage_fiche", fiche.pk, de=convention)
    assert f'content="http://testserver{dessin}"' in page
    for ou in (dessin, adresse("partage", de=convention)):
        reponse = client_public.get(ou)
        with Image.open(BytesIO(reponse.content)) as image:
            assert (image.format, image.size) == ("PNG", (1200, 630))
            assert len(image.convert("RGB").getcolors(2**24)) > 10  # words were drawn
        # It is asked again each time, and drawn once: what is withdrawn is withdrawn at once.
        assert reponse["Cache-Control"] == "no-cache"
        assert client_public.get(ou, headers={"If-None-Match": reponse["ETag"]}).status_code == 304


def test_nothing_is_shared_of_what_is_not_public(client_public, convention, fiche):
    fiche.publiee = False
    fiche.save(update_fields=["publiee"])
    assert client_public.get(adresse("partage_fiche", fiche.pk, de=convention)).status_code == 404
    sitemap = lire(client_public, "/sitemap.xml")
    assert adresse("fiche_publique", fiche.pk, de=convention) not in sitemap
    assert "2031-2035" not in sitemap and "/plan/" not in sitemap


@pytest.mark.parametrize(
    ("textes", "dit"),
    [
        (("", "<p>Deux  mots</p>"), "Deux mots"),
        (("<p> </p>", None), ""),
        (("mot " * 100,), "mot " * 48 + "mot…"),
    ],
)
def test_a_sentence_is_cut_at_a_word(textes, dit):
    assert phrase(*textes).startswith(dit[:150]) and len(phrase(*textes)) <= 200


def test_search_engines_list_every_public_page_and_each_answers(client_public, convention):
    import re

    sitemap = lire(client_public, "/sitemap.xml")
    adresses = re.findall(r"<loc>http://testserver([^<]+)</loc>", sitemap)
    assert adresse("convention_publique", de=convention) in adresses
    assert len(adresses) == len(set(adresses)) > 20
    assert {client_public.get(ou).status_code for ou in adresses} == {200}
    robots = lire(client_public, "/robots.txt")
    assert "Sitemap: http://testserver/sitemap.xml" in robots and "Disallow: /*/gestion/" in robots


def test_the_list_for_search_engines_asks_a_constant_number_of_questions(client_public, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        client_public.get("/sitemap.xml")


def test_what_is_shared_elsewhere_separates_the_items_of_a_list():
    assert (
        phrase("", "<p>Trois buts :</p><ul><li>réunir</li><li>suivre</li></ul>") == "Trois buts : réunir\u00a0; suivre"
    )
    assert phrase("<p>Une phrase.</p><p>Une autre.</p>") == "Une phrase. Une autre."
