"""A territory leaves with all that is its own, and nothing of its neighbour; a person is forgotten, archives are not."""

import hashlib
import io
import json
import zipfile

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from actions.anonymat import NULLE_PART
from actions.models import Invitation, LienDeSaisie, Partenaire, PieceJointe, Territoire
from ctg.historique import Historise
from ctg.models import Courriel, User
from ctg.scelles import sceller
from pilotage.depart import chemin_du_territoire, modeles_d_un_territoire
from pilotage.models import Mandat


@pytest.fixture
def archive(convention, fiche, tmp_path):
    """The archive of the Val d'Argent, with an attachment and a sealed logo."""
    PieceJointe.objects.create(action=fiche, titre="Carte", fichier=ContentFile(b"%PDF-1.7", "carte.pdf"))
    convention.porteur.porter(b"\x89PNG")
    sceller(b"d'un autre", "autre.txt", "text/plain")
    ou = tmp_path / "val.zip"
    call_command("emporter", "val-d-argent", str(ou), stdout=io.StringIO())
    assert ou.stat().st_mode & 0o077 == 0  # it names people
    with zipfile.ZipFile(ou) as zip_:
        yield zip_


def test_every_row_of_the_territory_is_there_and_none_of_another(archive):
    donnees = json.loads(archive.read("donnees.json"))
    emportees = {(ligne["model"], ligne["pk"]) for ligne in donnees}
    for modele in modeles_d_un_territoire():
        for ligne in modele._base_manager.all():
            sienne = ligne.pk in set(
                modele._base_manager.filter(
                    **{chemin_du_territoire(modele): Territoire.objects.get(slug="val-d-argent").pk}
                ).values_list("pk", flat=True)
            )
            assert ((modele._meta.label_lower, ligne.pk) in emportees) == sienne, ligne
    assert not [ligne for ligne in donnees if "Pays de l’Exemple" in json.dumps(ligne, ensure_ascii=False)]
    assert {m for m, _ in emportees} >= {"actions.action", "actions.mesure", "pilotage.mandat", "pilotage.deliberation"}


def test_what_is_common_comes_with_who_names_it(archive):
    communs = {(ligne["model"], ligne["pk"]) for ligne in json.loads(archive.read("communs.json"))}
    caf = Partenaire.objects.get(territoire=None, nature="caf", signatures__convention__cle="2026-2030")
    assert ("actions.partenaire", caf.pk) in communs and {m for m, _ in communs} >= {"actions.thematique"}
    nommes = {ligne["fields"]["partenaire"] for ligne in json.loads(archive.read("donnees.json"))
              if ligne["model"] == "actions.signataire"}  # fmt: skip
    emportes = {pk for m, pk in communs if m == "actions.partenaire"} | {
        ligne["pk"] for ligne in json.loads(archive.read("donnees.json")) if ligne["model"] == "actions.partenaire"
    }
    assert nommes <= emportes


def test_the_past_of_what_was_deleted_comes_too(convention, fiche, tmp_path):
    jalon = fiche.jalons.create(libelle="Jalon perdu", echeance="2027-01-01")
    jalon.delete()
    call_command("emporter", "val-d-argent", str(tmp_path / "a.zip"), stdout=io.StringIO())
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        passe = json.loads(archive.read("historique.json"))
    gestes = [ligne["fields"]["history_type"] for ligne in passe if ligne["fields"].get("libelle") == "Jalon perdu"]
    assert sorted(gestes) == ["+", "-"]


def test_the_past_and_the_names_come_too_without_a_password(archive):
    assert len(json.loads(archive.read("historique.json"))) > 100
    comptes = json.loads(archive.read("comptes.json"))
    assert any(compte["adresse"] == "agent@ctg.example" for compte in comptes)
    assert b"password" not in archive.read("comptes.json") and b"pbkdf2" not in archive.read("donnees.json")


def test_files_come_as_they_are(archive, convention):
    [piece] = [nom for nom in archive.namelist() if nom.startswith("pieces/")]
    assert archive.read(piece) == b"%PDF-1.7"
    logo = hashlib.sha256(b"\x89PNG").hexdigest()
    assert archive.read(f"scelles/{logo}") == b"\x89PNG"
    assert hashlib.sha256(b"d'un autre").hexdigest() not in " ".join(archive.namelist())
    assert archive.read("2026-2030/classeur.xlsx")[:2] == b"PK" and "LISEZ-MOI.txt" in archive.namelist()


def test_what_cannot_be_taken_leaves_nothing_behind(convention, tmp_path):
    with pytest.raises(CommandError, match=r"Il y a : .*val-d-argent"):
        call_command("emporter", "ailleurs", str(tmp_path / "a.zip"))
    convention.porteur.porter(b"\x89PNG")
    for fichier in (tmp_path / "scelles").rglob("*"):
        if fichier.is_file():
            fichier.unlink()
    with pytest.raises(CommandError, match="Rien n’est emporté"):
        call_command("emporter", "val-d-argent", str(tmp_path / "a.zip"))
    assert not list(tmp_path.glob("a.zip*"))


@pytest.fixture
def partie(convention):
    """Somebody who worked here, was written to, and has left."""
    compte = User.objects.create_user("ana@essai.example", "secret", first_name="Ana", last_name="Perdue")
    fonction = compte.fonctions.create(partenaire=convention.porteur)
    Invitation.objects.create(
        territoire=convention.territoire, partenaire=convention.porteur, destinataire="Ana@essai.example", par=compte
    )
    LienDeSaisie.objects.create(
        convention=convention, annee=2026, partenaire=convention.porteur, destinataire="ana@essai.example"
    )
    Courriel.objects.create(
        expediteur="a@b.example", destinataires=["ana@essai.example"], sujet="Bonjour", statut=Courriel.Statut.ENVOYE
    )
    return compte, fonction


def oublier(adresse):
    sortie = io.StringIO()
    call_command("rendre_anonyme", adresse, stdout=sortie)
    return sortie.getvalue()


def test_a_person_is_forgotten_and_what_it_wrote_stays(partie, fiche):
    compte, fonction = partie
    fiche._history_user = compte
    fiche.titre = "Écrit par elle"
    fiche.save(update_fields=["titre"])
    fonction.finir()
    assert NULLE_PART in oublier("ANA@essai.example")
    compte.refresh_from_db()
    assert (compte.email, str(compte), compte.is_active) == (
        f"compte-{compte.pk}@{NULLE_PART}",
        f"Compte n° {compte.pk}",
        False,
    )
    assert authenticate(username=compte.email, password="secret") is None and not compte.has_usable_password()
    assert fiche.history.first().history_user == compte and fiche.history.first().titre == "Écrit par elle"
    for modele in (Invitation, LienDeSaisie):
        for lignes in (modele._base_manager.all(), modele.history.all()):
            assert not lignes.filter(destinataire__icontains="ana@essai").exists()
    assert not Courriel.objects.filter(sujet="Bonjour").exists()
    assert not compte.emailaddress_set.filter(email__icontains="ana").exists()


def test_another_address_that_ends_alike_is_somebody_else_s(partie, fiche):
    compte, fonction = partie
    fonction.finir()
    autre = "jp.ana@essai.example"
    Courriel.objects.create(
        expediteur="a@b.example", destinataires=[autre], sujet="À lui", statut=Courriel.Statut.ENVOYE
    )
    for dite in (f"Par le lien envoyé à {autre}", "Par le lien envoyé à Ana@essai.example."):
        fiche._change_reason = dite
        fiche.save(update_fields=["titre"])
    oublier(compte.email)
    assert Courriel.objects.filter(sujet="À lui").exists()
    raisons = list(fiche.history.values_list("history_change_reason", flat=True)[:2])
    assert raisons == [f"Par le lien envoyé à compte-{compte.pk}@{NULLE_PART}.", f"Par le lien envoyé à {autre}"]


def test_who_never_had_an_account_is_forgotten_too(convention, agent):
    """Invited and never come, or filling in by a link: the register says so (deploiement/donnees-personnelles.md)."""
    compte = User.objects.get(email="agent@ctg.example")
    ici = {"territoire": convention.territoire, "partenaire": convention.porteur, "par": compte}
    invitation = Invitation.objects.create(destinataire="deux@liepvre.example", **ici)
    lien = LienDeSaisie.objects.create(
        convention=convention, annee=2026, partenaire=convention.porteur, destinataire="Deux@liepvre.example"
    )
    with pytest.raises(CommandError, match="retirez-le d’abord"):
        oublier("deux@liepvre.example")
    invitation.retirer()
    lien.retirer()
    assert "n’avait pas de compte" in oublier("deux@liepvre.example")
    for modele in (Invitation, LienDeSaisie):
        for lignes in (modele._base_manager.all(), modele.history.all()):
            assert not lignes.filter(destinataire__icontains="deux@liepvre").exists()


def test_what_common_bodies_and_past_states_name_leaves_too(convention, fiche, tmp_path):
    caf = Partenaire.objects.get(territoire=None, nature="caf", signatures__convention=convention)
    caf.porter(b"\x89PNG caf")
    compte = User.objects.get(email="agent@ctg.example")
    invitation = Invitation.objects.create(
        territoire=convention.territoire, partenaire=caf, par=compte, destinataire="x@caf.example"
    )
    passe = fiche.history.first()
    themes = {t.thematique_id for t in passe.thematiques.all()}
    ou = tmp_path / "val.zip"
    call_command("emporter", "val-d-argent", str(ou), stdout=io.StringIO())
    with zipfile.ZipFile(ou) as archive:
        donnees, etats = (json.loads(archive.read(f"{nom}.json")) for nom in ("donnees", "historique"))
        assert archive.read(f"scelles/{caf.logo_id}") == b"\x89PNG caf"
    assert ("actions.invitation", invitation.pk) in {(ligne["model"], ligne["pk"]) for ligne in donnees}
    lus = [e["fields"] for e in etats if e["model"] == "actions.historicalaction_thematiques"]
    assert themes and {e["thematique"] for e in lus if e["history"] == passe.pk} == themes
    with pytest.raises(CommandError, match="est un dossier"):
        call_command("emporter", "val-d-argent", str(tmp_path))


def test_a_function_to_come_keeps_the_account(partie):
    compte, fonction = partie
    fonction.finir()
    compte.fonctions.create(partenaire=fonction.partenaire, nature="lecteur", debut="2099-01-01")
    with pytest.raises(CommandError, match="Mettez d’abord fin"):
        oublier(compte.email)


def test_who_still_works_here_is_told_so(partie):
    with pytest.raises(CommandError, match="Mettez d’abord fin à ce que cette personne fait encore"):
        oublier("ana@essai.example")
    assert User.objects.filter(email="ana@essai.example").exists()
    with pytest.raises(CommandError, match="Aucun compte"):
        oublier("personne@essai.example")


def test_public_archives_are_left_as_they_are(partie):
    compte, fonction = partie
    fonction.finir()
    mandats = list(Mandat.objects.values_list("nom", "prenom"))
    oublier(compte.email)
    assert list(Mandat.objects.values_list("nom", "prenom")) == mandats


def test_no_row_of_a_territory_is_out_of_reach():
    """A new kind of row leaves with its territory, without a line more."""
    for modele in modeles_d_un_territoire():
        modele._base_manager.filter(**{chemin_du_territoire(modele): 1}).exists()
    tous = {m for m in apps.get_models() if issubclass(m, Historise)}
    # What belongs to nobody is common to the installation: the national lists.
    assert {m.__name__ for m in tous - set(modeles_d_un_territoire())} == {"Mission", "Thematique", "Dispositif"}
