"""An act that is voted elsewhere: the model goes out, the stamped file comes back, sealed; by a link it is confirmed."""

import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from docx import Document

from ctg import scelles
from ctg.historique import Fige
from ctg.models import Courriel
from pilotage.models import Deliberation, Instance, LienActe, TexteModele
from tests.conftest import CTG, VAL

pytestmark = pytest.mark.django_db
OCTETS = b"%PDF-1.7\n% tamponne par la mairie de Liepvre\n"
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
    agent.post(f"{VAL}/pilotage/actes/{acte.pk}/confirmer/", {"ecarter": "oui"})
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
