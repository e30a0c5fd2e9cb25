"""An act that is voted elsewhere: the model goes out, the stamped file comes back, sealed; by a link it is confirmed."""

import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.utils import timezone
from docx import Document

from ctg import scelles
from ctg.historique import Fige
from ctg.models import Courriel
from pilotage.models import Deliberation, Instance, LienActe, TexteModele
from tests.conftest import CTG, VAL
from tests.fabriques import pdf
from tests.pages import saisir

pytestmark = pytest.mark.django_db
OCTETS = pdf("Lièpvre")
Statut = Deliberation.Statut


@pytest.fixture
def liepvre(convention):
    return Instance.objects.get(nom="Conseil municipal de Lièpvre", territoire=convention.territoire)


@pytest.fixture
def lien(liepvre, convention):
    return LienActe.objects.create(conseil=liepvre, approuve=convention, destinataire="mairie@liepvre.example")


def rendu(**plus):
    return {
        "numero": "2026-12",
        "date": "2026-03-05",
        "objet": "Approbation de la CTG",
        "issue": "unanimite",
        "fichier": SimpleUploadedFile("acte.pdf", OCTETS, "application/pdf"),
        **plus,
    }


def test_the_link_leaves_by_mail_and_opens_three_screens_without_an_account(
    agent, client, liepvre, convention, settings
):
    settings.EMAIL_BACKEND = "ctg.courriels.File"
    page = f"{CTG}/convention/actes/{liepvre.pk}/lien/"
    assert agent.post(page, {"destinataire": "mairie@liepvre.example", "attendu_pour": "2027-01-15"}).status_code == 302
    lien, courriel = LienActe.objects.get(), Courriel.objects.get()
    assert lien.expire_le == timezone.localdate() + timedelta(days=60)
    adresse = next(mot for mot in courriel.texte.split() if "/actes/rendre/" in mot)
    chemin = adresse.removeprefix("http://testserver")
    assert "approuver la Convention Territoriale Globale 2026-2030" in courriel.texte
    accueil = client.get(chemin).content.decode()
    assert "avant le 15" in accueil
    reponse = client.post(f"{chemin}acte/", rendu())
    assert reponse.status_code == 302
    assert "Merci" in client.get(reponse["Location"]).content.decode()
    acte = Deliberation.objects.get(numero="2026-12")
    assert (acte.statut, acte.recue_de, acte.resultat) == (Statut.RECUE, lien.destinataire, "adoptée à l’unanimité")
    assert scelles.lire(acte.piece_id) == OCTETS
    assert "a déjà été rendue" in client.get(chemin).content.decode()


def test_what_came_by_a_link_counts_once_the_porteur_has_confirmed_it(agent, navigateur, client, lien, convention):
    client.post(f"{lien.get_absolute_url()}acte/", rendu())
    acte = Deliberation.objects.get(numero="2026-12")
    assert acte not in convention.actes.en_vigueur()
    assert acte not in Deliberation.objects.publiques()
    confirmer = f"{VAL}/pilotage/actes/{acte.pk}/confirmer/"
    assert navigateur("secretaire").post(confirmer).status_code == 403
    assert "À confirmer" in agent.get(acte.get_absolute_url()).content.decode()
    assert agent.post(confirmer).status_code == 302
    acte.refresh_from_db()
    assert acte.statut == Statut.ADOPTEE
    assert acte in convention.actes.en_vigueur()
    agent.post(confirmer, {"ecarter": "oui"})  # too late: nothing changes
    acte.refresh_from_db()
    assert acte.statut == Statut.ADOPTEE
    fichier = agent.get(f"{VAL}/actes/{acte.pk}/recue.pdf")
    assert b"".join(fichier.streaming_content) == OCTETS


def test_an_act_that_is_put_aside_never_counts(agent, client, lien, convention):
    client.post(f"{lien.get_absolute_url()}acte/", rendu())
    acte = Deliberation.objects.get(numero="2026-12")
    geste = f"{VAL}/pilotage/actes/{acte.pk}/confirmer/"
    assert "numéro redevient libre" in agent.post(geste, {"ecarter": "oui"}).content.decode()
    acte.refresh_from_db()
    assert acte.statut == Statut.RECUE  # what it does is shown before it is done
    agent.post(geste, {"ecarter": "oui", "confirme": "oui"})
    acte.refresh_from_db()
    assert acte.statut == Statut.ECARTEE
    assert acte not in convention.actes.en_vigueur()


@pytest.mark.parametrize("geste", ["retiré", "expiré", "coupé"])
def test_a_link_that_is_closed_opens_nothing(agent, client, lien, geste):
    adresse = lien.get_absolute_url()
    if geste == "retiré":
        agent.post(f"{CTG}/convention/actes/liens/{lien.pk}/retirer/")
    elif geste == "expiré":
        LienActe.objects.filter(pk=lien.pk).update(expire_le=date(2026, 1, 1))
    else:
        adresse = f"{adresse[:-3]}/"
    for suite in ("", "acte/", "merci/", "modele.docx", "convention.pdf"):
        assert client.get(adresse + suite).status_code == 410
    assert client.post(f"{adresse}acte/", rendu()).status_code == 410
    assert not Deliberation.objects.filter(numero="2026-12").exists()


@pytest.mark.parametrize(
    ("faute", "phrase"),
    [
        ({"fichier": SimpleUploadedFile("acte.docx", b"PK")}, "Joignez un fichier PDF"),
        ({"fichier": ""}, "obligatoire"),
        ({"date": "2099-01-01"}, "pas encore eu lieu"),
        ({"numero": "n° 12"}, "sans espace"),
        ({"issue": ""}, "obligatoire"),
        ({"transmise_le": "2026-03-01"}, "précède la séance"),
    ],
)
def test_a_wrong_answer_is_said_at_the_field_and_kept(client, lien, faute, phrase):
    donnees = rendu(**faute)
    donnees = {nom: valeur for nom, valeur in donnees.items() if valeur != "" or nom != "fichier"}
    reponse = client.post(f"{lien.get_absolute_url()}acte/", donnees)
    page = reponse.content.decode()
    assert reponse.status_code == 422
    assert phrase in page.replace("&#x27;", "’")
    assert "Approbation de la CTG" in page
    assert not Deliberation.objects.filter(conseil=lien.conseil).exists()


def test_the_porteur_or_the_secretary_takes_an_act_in_and_it_counts_at_once(agent, navigateur, liepvre, convention):
    page = f"{CTG}/convention/actes/{liepvre.pk}/rendre/"
    assert navigateur("secretaire").post(page, rendu()).status_code == 403  # of another council
    assert agent.post(page, rendu(issue="rejetee")).status_code == 302
    acte = Deliberation.objects.get(numero="2026-12")
    assert (acte.statut, acte.recue_de) == (Statut.REJETEE, "")
    assert agent.post(page, rendu()).status_code == 422  # the same number twice
    page = agent.get(f"{CTG}/convention/actes/").content.decode()
    assert "A voté" in page and "Attendu" in page


def test_a_received_act_is_frozen_and_its_life_goes_on(agent, liepvre, convention):
    agent.post(f"{CTG}/convention/actes/{liepvre.pk}/rendre/", rendu())
    acte = Deliberation.objects.get(numero="2026-12")
    acte.objet = "Autre"
    with pytest.raises(Fige):
        acte.save()
    with pytest.raises(Fige):
        acte.delete()
    acte.refresh_from_db()
    with pytest.raises(ValidationError, match="suit la transmission"):
        acte.dater(accusee_le=date(2026, 3, 9))
    with pytest.raises(ValidationError, match="à venir"):
        acte.dater(publiee_le=date(2099, 1, 1))
    acte.dater(transmise_le=date(2026, 3, 8), accusee_le=date(2026, 3, 9), publiee_le=date(2026, 3, 10))
    assert acte.executoire_le == date(2026, 3, 10)


def test_the_model_names_the_parties_and_the_head_in_correct_french(convention, liepvre):
    sainte_marie = Instance.objects.get(nom="Conseil municipal de Sainte-Marie-aux-Mines")
    texte = TexteModele.de(convention, sainte_marie)
    assert texte.dispositif[1][1] == (
        "Mme Noëlie HESTIN, maire, à signer la Convention Territoriale Globale 2026-2030 entre la communauté de communes "
        "du Val d’Argent, les communes de Lièpvre, de Rombach-le-Franc, de Sainte-Croix-aux-Mines et de "
        "Sainte-Marie-aux-Mines et la caisse d’allocations familiales du Haut-Rhin et ses éventuels avenants, ainsi que "
        "toutes les pièces nécessaires à son exécution."
    )
    assert TexteModele.de(convention, liepvre).dispositif[1][1].startswith("le maire à signer")


def test_the_model_is_a_text_that_a_word_processor_opens(agent, liepvre):
    reponse = agent.get(f"{CTG}/convention/actes/{liepvre.pk}/modele.docx")
    lignes = [p.text for p in Document(io.BytesIO(reponse.content)).paragraphs]
    assert lignes[0] == "CONSEIL MUNICIPAL DE LIÈPVRE"
    assert "LE CONSEIL MUNICIPAL, après en avoir délibéré," in lignes
    assert any(ligne.startswith("APPROUVE") for ligne in lignes)
    assert len(lignes) > 10


def test_a_council_of_another_territory_is_not_found(agent, voisine):
    conseil = Instance.objects.conseils().filter(territoire=voisine.territoire).first()
    for suite in ("modele.docx", "lien/", "rendre/"):
        assert agent.get(f"{CTG}/convention/actes/{conseil.pk}/{suite}").status_code == 404


# --- What came by a link is nobody's act before it is confirmed -----------------------------------------


def test_an_act_that_waits_or_was_set_aside_is_neither_public_nor_certified(agent, client, lien):
    client.post(f"{lien.get_absolute_url()}acte/", rendu(publiee_le="2026-03-10"))
    acte = Deliberation.objects.get(numero="2026-12")
    adresses = [acte.get_absolute_url(), f"{acte.get_absolute_url()}recue.pdf"]

    def verifier():
        reponse = client.post("/verifier/", {"fichier": SimpleUploadedFile("x.pdf", OCTETS, "application/pdf")})
        return "à l’octet près" in reponse.content.decode()

    assert [client.get(a).status_code for a in adresses] == [302, 302] and not verifier()
    agent.post(f"{VAL}/pilotage/actes/{acte.pk}/confirmer/")
    assert [client.get(a).status_code for a in adresses] == [200, 200] and verifier()
    # Inhabitants are not told the address of the town hall.
    assert lien.destinataire not in client.get(adresses[0]).content.decode()
    assert lien.destinataire in agent.get(adresses[0]).content.decode()


def test_a_file_set_aside_gives_its_number_back(agent, client, lien):
    rendre = f"{lien.get_absolute_url()}acte/"
    client.post(rendre, rendu())
    ecarte = Deliberation.objects.get(numero="2026-12")
    assert "déjà une délibération de ce numéro" in client.post(rendre, rendu()).content.decode()
    agent.post(f"{VAL}/pilotage/actes/{ecarte.pk}/confirmer/", {"ecarter": "oui", "confirme": "oui"})
    assert (
        client.post(rendre, rendu(fichier=SimpleUploadedFile("b.pdf", pdf("bis"), "application/pdf"))).status_code
        == 302
    )
    assert Deliberation.objects.filter(numero="2026-12").count() == 2
    # Nothing more is noted of the one that was set aside.
    assert "Enregistrer</button>" not in agent.get(ecarte.get_absolute_url()).content.decode()
    assert agent.post(f"{VAL}/pilotage/actes/{ecarte.pk}/dates/", {"transmise_le": "2026-03-09"}).status_code == 403


@pytest.mark.parametrize(
    ("champ", "jour", "phrase"),
    [
        ("transmise_le", "2099-01-01", "est à venir"),
        ("publiee_le", "2099-01-01", "est à venir"),
        ("accusee_le", "2020-01-01", "précède la séance"),
        ("accusee_le", "2026-03-08", "suit la transmission"),
    ],
)
def test_days_that_cannot_be_are_refused_when_the_act_is_given_back(client, lien, champ, jour, phrase):
    reponse = client.post(f"{lien.get_absolute_url()}acte/", rendu(**{champ: jour}))
    assert reponse.status_code == 422 and phrase in reponse.content.decode()
    assert not Deliberation.objects.filter(numero="2026-12").exists()


def test_a_file_that_does_not_open_is_no_act(client, lien):
    faux = SimpleUploadedFile("acte.pdf", b"%PDF-1.4\nrien qui s'ouvre", "application/pdf")
    reponse = client.post(f"{lien.get_absolute_url()}acte/", rendu(fichier=faux))
    assert reponse.status_code == 422 and "Ce PDF est abîmé" in reponse.content.decode()


def test_what_becomes_of_it_is_noted_by_the_same_link_and_by_the_porteur(agent, navigateur, client, lien, settings):
    settings.EMAIL_BACKEND = "ctg.courriels.File"
    adresse = lien.get_absolute_url()
    assert client.get(f"{adresse}suite/").status_code == 410  # nothing was given back yet
    client.post(f"{adresse}acte/", rendu())
    # The porteur is told at once, and sees it where they work.
    courriel = Courriel.objects.get(sujet__contains="à confirmer")
    assert courriel.destinataires == ["agent@ctg.example"] and "2026-12" in courriel.texte
    assert "est à confirmer" in agent.get(f"{VAL}/pilotage/").content.decode()
    assert "À confirmer" in agent.get(f"{CTG}/convention/actes/").content.decode()
    assert saisir(client, f"{adresse}suite/", {"transmise_le": "2026-03-09"}).status_code == 302
    acte = Deliberation.objects.get(numero="2026-12")
    assert str(acte.transmise_le) == "2026-03-09"
    agent.post(f"{VAL}/pilotage/actes/{acte.pk}/confirmer/")
    dates = {"transmise_le": "2026-03-09", "publiee_le": "2026-03-10", "ici": "on"}
    url = f"{VAL}/pilotage/actes/{acte.pk}/dates/"
    assert navigateur("caf").post(url, dates).status_code == 403
    assert agent.post(url, dates).status_code == 302
    acte.refresh_from_db()
    assert acte.executoire_le == date(2026, 3, 10)
    assert acte.adresse_en_ligne == f"http://testserver{acte.get_absolute_url()}"
    # How the council published that day stays true when it chooses otherwise.
    assert acte.publication == "electronique"
    type(acte.conseil).objects.filter(pk=acte.conseil_id).update(publication="affichage")
    acte.refresh_from_db()
    assert acte.mode_de_publication == "electronique"


def test_no_act_is_awaited_once_the_convention_runs(agent, liepvre, convention):
    page = f"{CTG}/convention/actes/"
    assert "Attendu" in agent.get(page).content.decode()
    models.QuerySet(type(convention)).filter(pk=convention.pk).update(
        signature_ouverte_le="2025-12-01", effet_le="2026-01-01"
    )
    texte = agent.get(page).content.decode()
    assert "Attendu<" not in texte and "plus aucun acte n’est attendu" in texte
    assert agent.get(f"{page}{liepvre.pk}/lien/").status_code == 403
