"""Every door tried against what is frozen: save, delete, update, bulk, cascade, page, sheet, administration, restore."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import ProtectedError, QuerySet

from actions.models import (
    Action,
    Annexe,
    Article,
    Axe,
    Cible,
    Convention,
    Financement,
    Indicateur,
    Jalon,
    Mesure,
    Note,
    Participation,
    Service,
    Signataire,
)
from ctg.compteurs import fermer_l_ecriture
from ctg.historique import Fige
from pilotage.models import Deliberation, Presence, Reunion, Signature, Version, Vote
from tests.actions.test_import import classeur
from tests.conftest import CTG
from tests.pages import champs, saisir

pytestmark = pytest.mark.django_db
PLAN = [Action, Axe, Participation, Jalon, Financement, Indicateur, Cible, Service]
CONTRAT = [Signataire, Article, Annexe]
SUIVI = [Mesure, Note]
CHAMPS = {
    "Action": "titre",
    "Axe": "titre",
    "Article": "titre",
    "Annexe": "titre",
    "Participation": "role",
    "Jalon": "libelle",
}
CHAMPS |= {
    "Financement": "annee",
    "Indicateur": "libelle",
    "Cible": "valeur",
    "Service": "nom",
    "Signataire": "qualite",
}
CHAMPS |= {"Mesure": "valeur", "Note": "texte"}


def mettre(convention, etat):
    """Put a convention in a state by its dates alone, whatever the road there."""
    dates = {
        "en_preparation": {},
        "en_signature": {"signature_ouverte_le": date(2026, 2, 1)},
        "en_vigueur": {"signature_ouverte_le": date(2026, 2, 1), "effet_le": date(2026, 3, 1)},
        "echue": {"effet_le": date(2026, 3, 1), "terme": date(2026, 10, 31)},
        "resiliee": {"effet_le": date(2026, 3, 1), "resiliee_le": date(2026, 10, 31)},
    }[etat]
    if etat != "en_preparation":
        convention.fixer_les_numeros()
    Convention._base_manager.filter(pk=convention.pk).update(**dates)
    fermer_l_ecriture()
    return Convention.objects.get(pk=convention.pk)


def refuser(ecrire, phrase=None):
    """Check that a write is refused, and nothing but it undone."""
    with pytest.raises(Fige, match=phrase), transaction.atomic():
        ecrire()


def changer(ligne):
    nom = CHAMPS[type(ligne).__name__]
    valeur = getattr(ligne, nom)
    setattr(ligne, nom, f"{valeur} changé" if isinstance(valeur, str) else valeur + 1)
    return nom


def une(modele, convention):
    return modele.objects.filter(**{modele.proprietaire: convention}).first()


GELES = {
    "en_preparation": [],
    "en_signature": [*CONTRAT, *PLAN],
    "en_vigueur": CONTRAT,
    "echue": [*CONTRAT, *PLAN],
    "resiliee": [*CONTRAT, *PLAN],
}


@pytest.mark.parametrize("etat", GELES)
@pytest.mark.parametrize("modele", [*PLAN, *CONTRAT, *SUIVI], ids=lambda m: m.__name__)
def test_what_a_state_freezes_is_refused_at_every_door_of_the_model(convention, modele, etat):
    ligne = une(modele, convention)
    convention = mettre(convention, etat)
    ligne = modele.objects.get(pk=ligne.pk)
    avant = modele.objects.filter(pk=ligne.pk).values().get()
    nom = changer(ligne)
    lignes, neuf = modele.objects.filter(pk=ligne.pk), {nom: getattr(ligne, nom)}
    portes = {
        "save": ligne.save,
        "save d’un champ": lambda: ligne.save(update_fields=[nom]),
        "update": lambda: lignes.update(**neuf),
        "bulk_update": lambda: modele.objects.bulk_update([ligne], [nom]),
        "delete": lambda: modele.objects.get(pk=ligne.pk).delete(),
        "delete en nombre": lambda: lignes.delete(),
    }
    if modele in GELES[etat]:
        for porte, ecrire in portes.items():
            refuser(ecrire)
            assert modele.objects.filter(pk=ligne.pk).values().get() == avant, porte
    else:
        for porte in ("save", "update", "bulk_update"):
            portes[porte]()
        assert modele.objects.filter(pk=ligne.pk).values().get() != avant


@pytest.mark.parametrize("etat", ["en_signature", "en_vigueur", "echue"])
def test_follow_up_is_never_frozen(convention, fiche, etat):
    convention = mettre(convention, etat)
    fiche = Action.objects.get(pk=fiche.pk)
    fiche.avancement, fiche.statut = 99, Action.Statut.REALISEE
    fiche.save()
    ligne = fiche.financements.first()
    ligne.realise = 12
    ligne.save()
    fiche.financements.create(partenaire=ligne.partenaire, annee=2027, realise=30)
    jalon = fiche.jalons.first()
    jalon.atteint = True
    jalon.save()
    fiche.notes.create(texte="Suivi")
    fiche.indicateurs.first().mesures.create(annee=2029, valeur=3)
    if etat != "en_vigueur":
        refuser(lambda: fiche.financements.create(partenaire=ligne.partenaire, annee=2027, prevu=30))


def test_the_period_and_the_texts_of_a_signed_convention_are_kept(convention):
    convention = mettre(convention, "en_vigueur")
    for champ, valeur in (("fin", 2031), ("preambule", "<p>Autre</p>"), ("titre", "Autre")):
        refuser(lambda v={champ: valeur}: Convention.objects.filter(pk=convention.pk).update(**v), "avenant")
        neuve = Convention.objects.get(pk=convention.pk)
        setattr(neuve, champ, valeur)
        with pytest.raises(Fige, match="avenant"):
            neuve.save()
    neuve = Convention.objects.get(pk=convention.pk)
    neuve.publiee = False
    neuve.save()
    refuser(lambda: neuve.delete())


@pytest.mark.parametrize("geste", ["monter", "descendre", "archiver", "desarchiver", "dupliquer", "changer-axe"])
def test_the_order_of_a_plan_in_signature_does_not_move(agent, convention, fiche, geste):
    mettre(convention, "en_signature")
    avant = list(Action.objects.values().order_by("pk"))
    reponse = agent.post(f"{CTG}/plan/fiches/{fiche.pk}/{geste}/", {"axe": convention.axes.last().pk}, follow=True)
    assert "en signature depuis le" in reponse.content.decode()
    assert list(Action.objects.values().order_by("pk")) == avant


def test_pages_in_signature_keep_the_plan_and_take_the_follow_up(agent, convention, fiche):
    mettre(convention, "en_signature")
    refus = agent.get(f"{CTG}/plan/fiches/{fiche.pk}/modifier/enjeux/")
    assert refus.status_code == 403
    assert "en signature depuis le" in refus.content.decode()
    page = f"{CTG}/plan/fiches/{fiche.pk}/modifier/identite/"
    assert "titre" not in champs(agent.get(page))  # disabled: a browser does not send it
    assert saisir(agent, page, {"avancement": 71}).status_code == 302
    forge = saisir(agent, page, {"avancement": 72, "titre": "Glissé par un formulaire forgé"})
    assert forge.status_code == 422
    assert "en signature depuis le" in forge.content.decode()
    fiche.refresh_from_db()
    assert (fiche.avancement, fiche.titre) == (71, "Maintenir et développer l’offre de service Petite enfance")
    page = f"{CTG}/plan/fiches/{fiche.pk}/modifier/financements/"
    assert saisir(agent, page, {"lignes-0-realise": "78", "lignes-0-prevu": "1"}).status_code == 422
    assert saisir(agent, page, {"lignes-0-realise": "78", "lignes-0-DELETE": "on"}).status_code == 422
    assert saisir(agent, page, {"lignes-0-realise": "77"}).status_code == 302
    ligne = fiche.financements.order_by("annee", "partenaire__nom").first()
    assert ligne.realise == 77
    assert ligne.prevu != 1
    page = f"{CTG}/plan/fiches/{fiche.pk}/modifier/indicateurs/"
    assert saisir(agent, page, {"lignes-0-mesure_2026": "42", "lignes-0-cible_2026": "1"}).status_code == 422
    assert saisir(agent, page, {"lignes-0-mesure_2026": "41"}).status_code == 302
    indicateur = fiche.indicateurs.first()
    assert indicateur.mesures.get(annee=2026).valeur == 41
    assert indicateur.cibles.get(annee=2026).valeur != 1


def test_a_sheet_does_not_change_what_is_frozen(agent, convention, fiche):
    mettre(convention, "en_signature")
    feuille = SimpleUploadedFile("f.xlsx", classeur(["id", "axe", "titre"], [fiche.pk, 2, "Venu d’une feuille"]))
    reponse = agent.post(f"{CTG}/plan/feuilles/fiches/", {"fichier": feuille})
    assert reponse.status_code == 422
    assert "en signature depuis le" in reponse.content.decode()
    fiche.refresh_from_db()
    assert fiche.titre != "Venu d’une feuille"


def test_the_administration_reads_what_is_frozen(navigateur, convention, fiche):
    mettre(convention, "en_signature")
    admin = navigateur("admin")
    page = f"/admin/actions/action/{fiche.pk}/change/"
    donnees = champs(admin.get(page), "#action_form")
    assert "titre" not in donnees
    assert admin.post(page, {**donnees, "titre": "Forgé", "avancement": "66"}).status_code in {200, 302}
    fiche.refresh_from_db()
    assert fiche.titre != "Forgé"
    assert admin.post(f"/admin/actions/action/{fiche.pk}/delete/", {"post": "yes"}).status_code == 403
    article = convention.articles.first()
    page = f"/admin/actions/convention/{convention.pk}/change/"
    assert f'value="{article.titre}"' not in admin.get(page).content.decode()


def test_the_history_of_the_administration_reverts_nothing(navigateur):
    """B5: its form un-proclaimed an act."""
    acte = Deliberation.objects.get(numero="583")
    etat = acte.history.earliest()
    adresse = f"/admin/pilotage/deliberation/{acte.pk}/history/{etat.history_id}/"
    admin = navigateur("admin")
    admin.post(adresse, {"statut": "projet", "objet": "Autre"})
    acte.refresh_from_db()
    assert (acte.statut, acte.objet[:14]) == ("adoptee", "Renouvellement")


def test_a_part_is_not_restored_once_it_is_frozen(agent, convention, fiche):
    instant = fiche.history.earliest().history_date
    mettre(convention, "en_signature")
    reponse = agent.post(
        f"{CTG}/plan/fiches/{fiche.pk}/historique/", {"instant": instant.isoformat(), "partie": "enjeux"}
    )
    assert "en signature depuis le" in reponse.content.decode()


# --- Acts, attendances, versions ---------------------------------------------------------------------


@pytest.fixture
def acte(db):
    return Deliberation.objects.get(numero="583")


def test_a_proclaimed_act_is_refused_at_every_door(acte):
    refuser(lambda: Deliberation.objects.filter(pk=acte.pk).update(objet="Autre"))
    refuser(lambda: Deliberation.objects.filter(pk=acte.pk).delete())
    acte.objet = "Autre"
    with pytest.raises(Fige, match="objet"):
        acte.save()
    refuser(lambda: Deliberation.objects.bulk_update([acte], ["objet"]))
    refuser(lambda: acte.dispositions.update(texte="Autre"))
    refuser(lambda: acte.dispositions.all().delete())
    refuser(lambda: acte.dispositions.create(verbe="DÉCIDE", texte="autre chose"))
    refuser(
        lambda: Vote.objects.bulk_create([Vote(deliberation=acte, mandat=acte.conseil.mandats.first(), sens="pour")])
    )
    refuser(lambda: acte.seance.delete())
    with pytest.raises(ProtectedError):
        acte.conseil.delete()


def test_the_attendance_of_a_proclaimed_act_is_part_of_it(acte):
    seance, membre = acte.seance, acte.conseil.mandats.first()
    refuser(lambda: Presence.objects.create(reunion=seance, mandat=membre, etat="present"))
    seance.presents = 20
    refuser(lambda: seance.save())
    refuser(lambda: Reunion.objects.filter(pk=seance.pk).update(presents=20))
    seance.refresh_from_db()
    seance.compte_rendu = "<p>Les débats se rédigent après.</p>"
    seance.save()


def test_dating_a_stale_instance_does_not_undo_a_proclamation(convention, acte):
    """B6: a stale row was saved whole."""
    projet = Deliberation.modele(convention, acte.seance, "900")
    projet.unanimite = True
    projet.save()
    perime = Deliberation.objects.get(pk=projet.pk)
    projet.proclamer()
    perime.dater(transmise_le=date(2026, 2, 16), publiee_le=None)
    frais = Deliberation.objects.get(pk=projet.pk)
    assert (frais.statut, frais.transmise_le) == ("adoptee", date(2026, 2, 16))
    dernier = frais.history.latest()
    assert (dernier.statut, dernier.transmise_le) == ("adoptee", date(2026, 2, 16))  # the snapshot is true


def test_a_version_and_its_signatures_are_never_rewritten(voisine):
    from pilotage.management.commands.jouer_la_demonstration import Command

    Command().handle()
    version = Version.objects.get(convention=voisine)
    for ecrire in (
        lambda: Version.objects.filter(pk=version.pk).update(rang=2),
        lambda: Version.objects.filter(pk=version.pk).delete(),
        version.delete,
        lambda: Signature.objects.filter(version=version).update(lieu="Ailleurs"),
        lambda: Signature.objects.filter(version=version).delete(),
        lambda: version.signatures.first().delete(),
    ):
        refuser(ecrire)
    with pytest.raises(ProtectedError):
        version.pdf.delete()


def test_a_row_from_before_texts_were_cleaned_is_still_followed(convention, fiche):
    QuerySet.update(Action.objects.filter(pk=fiche.pk), titre="Un titre\x02 ancien")
    mettre(convention, "en_signature")
    fiche = Action.objects.get(pk=fiche.pk)
    fiche.avancement = 42
    fiche.save()
    assert Action.objects.get(pk=fiche.pk).avancement == 42
    fiche.titre = "Un autre"
    refuser(fiche.save)
