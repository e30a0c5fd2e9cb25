"""Deliberation 583 comes out as it came in; a proclaimed act stays as it was voted; the papers of a council."""

import csv
import io
import json
import re
from datetime import date
from pathlib import Path

import frictionless
import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from icalendar import Calendar

from actions.models import Partenaire
from ctg.historique import Fige
from ctg.models import User
from ctg.scelles import empreinte
from ctg.texte import sans_accents
from pilotage import documents
from pilotage.models import Deliberation, Instance, Mandat, Presence, Reunion
from pilotage.models.matieres import NOMS
from tests.ctg.test_pdf import imprimer, mots
from tests.pages import champs, saisir

pytestmark = pytest.mark.django_db
SEED = Path(__file__).parents[1] / "donnees" / "deliberation-583-sainte-marie-aux-mines.txt"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def acte(convention):
    return Deliberation.objects.completes().get(numero="583")


def simple(texte):
    """Letters, digits and signs as they are compared: case, accents, spaces and kinds of apostrophes aside."""
    return re.sub(r"\s", "", sans_accents(texte.replace("’", "'")))


@pytest.mark.papier
def test_every_paragraph_of_the_seed_is_read_back_from_the_pdf(acte):
    # Pages are numbered and headed: what stands between two pages is not part of a paragraph.
    lignes = mots_sans_pages(imprimer(documents.document_deliberation(acte)))
    manquants = []
    for paragraphe in SEED.read_text().splitlines():
        attendu = re.sub(r"^\s*(-|\d\.)\s+", "", paragraphe.replace("**", " ")).replace("Noëllie", "Noëlie")
        if simple(attendu) and simple(attendu) not in lignes:
            manquants.append(attendu)
    assert manquants == []


def mots_sans_pages(fichier):
    texte = mots(fichier)
    texte = re.sub(r"Page \d+ sur \d+( Conseil municipal de Sainte-Marie-aux-Mines – 11 février 2026)?", " ", texte)
    return simple(texte.replace("•", " "))


def test_a_proclaimed_act_is_not_edited(acte):
    assert acte.obstacles() == []
    acte.objet = "Autre chose"
    with pytest.raises(Fige, match="objet"):
        acte.save()
    acte.refresh_from_db()
    with pytest.raises(Fige):
        acte.dispositions.first().delete()
    disposition = acte.dispositions.first()
    disposition.texte = "autre texte"
    with pytest.raises(Fige):
        disposition.save()
    with pytest.raises(ValidationError, match="déjà proclamée"):
        acte.proclamer()


@pytest.mark.papier
def test_the_enforceable_day_follows_from_both_dates(acte):
    assert acte.executoire_le is None
    acte.transmise_le = date(2026, 2, 16)
    acte.save()
    assert acte.executoire_le is None
    acte.publiee_le = date(2026, 2, 18)
    acte.save()
    assert acte.executoire_le == date(2026, 2, 18)
    assert "Exécutoire le 18 février 2026" in mots(imprimer(documents.document_deliberation(acte))).replace("\xa0", " ")


@pytest.fixture
def lievpre(client, convention):
    """Sign in the secretary of another council of the territory; return (client, its council)."""
    commune = Partenaire.objects.get(nom="Commune de Lièpvre")
    compte = User.objects.create_user("lievpre@ctg.example")
    compte.fonctions.create(partenaire=commune, nature="secretaire")
    client.force_login(compte, backend=BACKEND)
    return client, Instance.objects.get(collectivite=commune)


SEANCE = {
    "date": "2026-03-12",
    "heure": "19:30",
    "lieu": "Mairie",
    "objet": "Séance du conseil municipal",
    "convoquee_le": "2026-03-06",
    "president": "M. Présidence d’essai",
    "qualite_president": "Maire",
    "secretaire": "Mme Secrétaire d’essai",
}


@pytest.mark.papier
def _reste_scelle(client, acte):
    """What was proclaimed is served byte for byte, whatever moves afterwards: names, texts, other councils' votes."""
    adresses = [
        f"/val-d-argent/actes/{acte.pk}/deliberation.pdf",
        f"/val-d-argent/pilotage/actes/{acte.pk}/dossier.pdf",
    ]
    avant = [b"".join(client.get(a).streaming_content) for a in adresses]
    assert [empreinte(o) for o in avant] == [acte.piece_id, acte.dossier_id]
    convention, conseil = acte.approuve, acte.conseil
    convention.preambule = "<p>Écrit après le vote.</p>"
    convention.save()
    conseil.mots_assemblee = "assemblée"
    conseil.save()
    acte.dater(transmise_le=acte.date, publiee_le=acte.date)
    assert [b"".join(client.get(a).streaming_content) for a in adresses] == avant


def test_another_council_votes_the_convention_in_minutes(lievpre, acte):
    """From the page of the council to the PDF of its deliberation, by the pages alone."""
    client, conseil = lievpre
    assert client.post(f"/val-d-argent/pilotage/instances/{conseil.pk}/reunions/nouvelle/", SEANCE).status_code == 302
    seance = conseil.reunions.get()
    faux = client.post(
        f"/val-d-argent/pilotage/reunions/{seance.pk}/modifier/comptes/", {"en_exercice": 15, "presents": 9}
    )
    assert faux.status_code == 422
    assert "= 9, pour 15 membres en exercice" in faux.content.decode()
    assert 'value="9"' in faux.content.decode()
    comptes = {"effectif_legal": 15, "en_exercice": 15, "presents": 9, "procurations": 3, "excuses": 3, "absents": 0}
    assert saisir(client, f"/val-d-argent/pilotage/reunions/{seance.pk}/modifier/comptes/", comptes).status_code == 302
    client.post(
        f"/val-d-argent/pilotage/reunions/{seance.pk}/actes/nouveau/",
        {"numero": "2026-07", "depart": "modele", "approuve": acte.approuve_id},
    )
    projet = seance.actes.get()
    assert projet.expose == acte.approuve.preambule  # not the slips of another council's act
    assert "les communes de Lièpvre, de Rombach-le-Franc" in projet.dispositions.last().texte
    page = client.get(f"/val-d-argent/actes/{projet.pk}/").content.decode()
    assert "Le vote n’est pas saisi." in page
    assert "Proclamer : délibération" not in page
    vote = {"mode": "main_levee", "pour": 10, "contre": 1, "abstentions": 2, "sans_part": 0}
    faux = saisir(client, f"/val-d-argent/pilotage/actes/{projet.pk}/modifier/vote/", vote)
    assert faux.status_code == 422
    assert "= 13, pour 12 voix" in faux.content.decode()
    saisir(client, f"/val-d-argent/pilotage/actes/{projet.pk}/modifier/vote/", {**vote, "abstentions": 1})
    client.post(f"/val-d-argent/pilotage/actes/{projet.pk}/proclamer/")
    projet.refresh_from_db()
    assert projet.statut == "adoptee"
    _reste_scelle(client, projet)
    texte = mots(imprimer(documents.document_deliberation(Deliberation.objects.completes().get(pk=projet.pk))))
    assert "Délibération adoptée à la majorité, par 10 voix contre 1." in texte
    assert "Le maire" in texte
    assert client.get(f"/val-d-argent/pilotage/actes/{projet.pk}/modifier/vote/").status_code == 403
    refus = client.get(f"/val-d-argent/pilotage/reunions/{seance.pk}/modifier/comptes/")
    assert refus.status_code == 403
    assert "Une délibération est proclamée à cette séance" in refus.content.decode()
    # The convention names who signs, and in virtue of which act.
    convention = mots(imprimer(documents.document_convention(projet.approuve)))
    assert "n° 583 du 11 février 2026" in convention.replace("\xa0", " ")
    assert "n° 2026-07 du 12 mars 2026" in convention.replace("\xa0", " ")


def test_without_quorum_nothing_is_proclaimed(lievpre, convention):
    _client, conseil = lievpre
    champs = {"en_exercice": 15, "presents": 7, "procurations": 7, "excuses": 1, "absents": 0}
    seance = Reunion.objects.create(
        territoire=convention.territoire,
        convention=convention,
        organisatrice=conseil,
        date=date(2026, 3, 12),
        objet="Séance",
        president="M. X",
        secretaire="M. Y",
        **champs,
    )
    projet = Deliberation.modele(convention, seance, "2026-08")
    projet.pour, projet.contre = 14, 0
    projet.save()
    with pytest.raises(ValidationError, match="7 présents, il en faut 8") as refus:
        projet.proclamer()
    assert "L. 2541-4" in str(refus.value)
    seance.seconde_convocation = True
    seance.save()
    Deliberation.objects.get(pk=projet.pk).proclamer()


@pytest.mark.papier
def test_a_withdrawal_is_another_act(lievpre, convention, acte):
    with pytest.raises(ValidationError, match="du même conseil"):
        acte.retirer(acte)
    seance = acte.seance
    autre = Deliberation.modele(convention, seance, "590")
    autre.unanimite = True
    autre.save()
    with pytest.raises(ValidationError, match="adoptée"):
        acte.retirer(autre)
    autre.proclamer()
    acte.retirer(autre)
    assert Deliberation.objects.get(pk=acte.pk).statut == "retiree"
    assert "retirée par la délibération n° 590" in mots(
        imprimer(documents.document_deliberation(Deliberation.objects.completes().get(pk=acte.pk)))
    )


def test_a_project_is_thrown_away_and_a_proclaimed_act_is_not(navigateur, convention, acte):
    projet = Deliberation.modele(convention, acte.seance, "590")
    secretaire = navigateur("secretaire")
    assert "Supprimer ce projet" in secretaire.get(f"/val-d-argent/actes/{projet.pk}/").content.decode()
    assert secretaire.post(f"/val-d-argent/pilotage/actes/{projet.pk}/supprimer/").status_code == 302
    assert not Deliberation.objects.filter(pk=projet.pk).exists()
    assert secretaire.post(f"/val-d-argent/pilotage/actes/{acte.pk}/supprimer/").status_code == 403
    with pytest.raises(Fige):
        acte.delete()


@pytest.fixture
def nominale(lievpre, convention):
    """A meeting of five members by name: three present, one power, one excused."""
    client, conseil = lievpre
    membres = [Mandat.objects.create(siege=conseil, civilite="M.", nom=f"Membre {n}") for n in range(1, 6)]
    seance = Reunion.objects.create(territoire=convention.territoire, convention=convention, organisatrice=conseil, date=date(2026, 3, 12), objet="Séance", president="M. Membre 1",
        secretaire="M. Membre 2",
    )  # fmt: skip
    etats = ["present", "present", "present", "procuration", "excuse"]
    donnees = {f"etat_{m.pk}": etat for m, etat in zip(membres, etats, strict=True)}
    donnees[f"mandataire_{membres[3].pk}"] = membres[0].pk
    return client, seance, membres, donnees


@pytest.mark.parametrize(
    ("changement", "message"),
    [
        (lambda m: {f"mandataire_{m[3].pk}": ""}, "Indiquez qui porte la procuration"),
        (lambda m: {f"mandataire_{m[3].pk}": m[4].pk}, "Seul un membre présent"),
        (lambda m: {f"mandataire_{m[0].pk}": m[1].pk}, "Choisissez « A donné procuration »"),
        (
            lambda m: {f"etat_{m[4].pk}": "procuration", f"mandataire_{m[4].pk}": m[0].pk},
            "porte déjà celle de M. Membre 4",
        ),
        (lambda m: {f"etat_{m[1].pk}": ""}, "Il manque : M. Membre 2"),
    ],
)
def test_impossible_powers_are_refused(nominale, changement, message):
    client, seance, membres, donnees = nominale
    reponse = client.post(
        f"/val-d-argent/pilotage/reunions/{seance.pk}/modifier/presences/", {**donnees, **changement(membres)}
    )
    assert reponse.status_code == 422
    assert message in reponse.content.decode()
    assert not seance.presences.exists()


@pytest.mark.papier
def test_attendance_and_votes_by_name_make_the_figures(nominale, convention):
    client, seance, membres, donnees = nominale
    assert (
        saisir(client, f"/val-d-argent/pilotage/reunions/{seance.pk}/modifier/presences/", donnees).status_code == 302
    )
    seance.refresh_from_db()
    assert (seance.en_exercice, seance.presents, seance.procurations, seance.excuses) == (5, 3, 1, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Presence.objects.create(
            reunion=seance, mandat=Mandat.objects.create(siege=seance.organisatrice, civilite="M.", nom="Membre 6"),
            etat="procuration", mandataire=membres[0],
        )  # fmt: skip
    projet = Deliberation.modele(convention, seance, "2026-09")
    projet.mode = "public"
    projet.save()
    sens = dict(zip(membres, ["pour", "pour", "contre", "pour"], strict=False))
    votes = {f"vote_{m.pk}": s for m, s in sens.items()}
    manque = client.post(
        f"/val-d-argent/pilotage/actes/{projet.pk}/modifier/noms/", {**votes, f"vote_{membres[2].pk}": ""}
    )
    assert "Il manque : M. Membre 3" in manque.content.decode()
    assert saisir(client, f"/val-d-argent/pilotage/actes/{projet.pk}/modifier/noms/", votes).status_code == 302
    assert projet.obstacles() == []
    projet = Deliberation.objects.completes().get(pk=projet.pk)
    projet.proclamer()
    texte = mots(imprimer(documents.document_deliberation(projet)))
    assert "par 3 voix contre 1" in texte
    assert "M. Membre 3 : contre" in texte
    assert "Ont donné procuration : " in texte


@pytest.mark.papier
def test_the_papers_of_a_meeting(acte):
    seance = acte.seance
    liste = mots(imprimer(documents.document_liste(seance)))
    assert "L. 2121-25" in liste
    assert re.search(r"583 .*Adoptée à .*l’unanimité", liste)
    verbal = mots(imprimer(documents.document_proces_verbal(seance))).replace("\xa0", " ")
    assert "Quorum : 15 présents, procurations non comptées (articles L. 2121-17 et L. 2541-4 du CGCT)" in verbal
    cloture = mots(imprimer(documents.document_cloture(seance)))
    assert "N° d’ordre 1 : délibération n° 583" in cloture
    assert "Nadège FLORENTZ" in cloture
    copil = Reunion.objects.get(date=date(2026, 6, 18))
    rendu = mots(imprimer(documents.document_compte_rendu(copil)))
    assert "Exemple : données de démonstration" in rendu
    assert " à Présidence (exemple)" in rendu
    assert "Calendrier des bilans" in mots(imprimer(documents.document_convocation(copil)))
    emargement = mots(imprimer(documents.document_emargement(copil)))
    assert "Signature, ou procuration à" in emargement
    assert "Direction, CAF" in emargement


@pytest.mark.papier
def test_the_register_of_the_year_has_its_two_tables(acte):
    fichier = imprimer(documents.document_registre(acte.conseil, 2026))
    texte = mots(fichier).replace("\xa0", " ")
    for titre in ("Registre des délibérations", "Feuillet de clôture", "Table par date", "Table par objet"):
        assert titre in texte
    table = mots(fichier, "-f", "7", "-l", "7")
    assert re.search(r"583 .*Adoptée 2", table)
    assert "POINT N° 583" in mots(fichier, "-f", "2", "-l", "2")
    assert "Aucune délibération cette année-là" in mots(imprimer(documents.document_registre(acte.conseil, 2019)))


@pytest.mark.papier
def test_the_act_and_its_annex_are_one_bookmarked_file(acte):
    fichier = imprimer(documents.document_dossier(acte))
    with pikepdf.open(fichier) as pdf, pdf.open_outline() as plan:
        titres = [s.title for s in plan.root]
        total = len(pdf.pages)
    assert titres[0].startswith("Délibération n° 583")
    assert "Sommaire" in titres
    assert any(t.startswith("Annexe 3") for t in titres)
    assert mots(fichier).count("Mme ROUSSEL expose :") == 1
    assert f"Page {total} sur {total}" in mots(fichier, "-f", str(total))


CHAMPS_SCDL = [
    ("COLL_NOM", "string", True, None),
    ("COLL_SIRET", "string", True, r"^\d{14}$"),
    ("DELIB_ID", "string", True, None),
    ("DELIB_DATE", "date", True, None),
    (
        "DELIB_MATIERE_CODE",
        "string",
        True,
        r"^(1\.[1-7]|2\.[1-3]|3\.[1-6]|4\.[1-5]|5\.[1-8]|6\.[1-5]|7\.([1-9]|10)|8\.[1-9]|9\.[1-4])$",
    ),
    ("DELIB_MATIERE_NOM", "string", True, r"^[^,()]+/[^,()]+$"),
    ("DELIB_OBJET", "string", True, None),
    ("BUDGET_ANNEE", "string", False, r"^[0-9]{4}(\/[0-9]{4})?$"),
    ("BUDGET_NOM", "string", False, None),
    ("PREF_ID", "string", False, r"^(PREF\d{3}|SPREF\d{4}|SGAR\d{3})$"),
    ("PREF_DATE", "date", False, None),
    ("VOTE_EFFECTIF", "integer", False, None),
    ("VOTE_REEL", "integer", False, None),
    ("VOTE_POUR", "integer", False, None),
    ("VOTE_CONTRE", "integer", False, None),
    ("VOTE_ABSTENTION", "integer", False, None),
    ("DELIB_URL", "string", False, None),
]


def schema_scdl():
    """The published schema (shared/standards/scdl-deliberations.md), as Table Schema."""
    champs = []
    for nom, nature, requis, motif in CHAMPS_SCDL:
        contraintes = {"required": requis, **({"pattern": motif} if motif else {})}
        champ = {"name": nom, "type": nature, "constraints": contraintes}
        champs.append({**champ, "format": "uri"} if nom == "DELIB_URL" else champ)
    return frictionless.Schema.from_descriptor({"fields": champs})


def test_the_scdl_file_is_valid(navigateur, acte, convention, tmp_path):
    chiffree = Deliberation.modele(convention, acte.seance, "584")
    chiffree.pour, chiffree.contre, chiffree.abstentions, chiffree.sans_part = 20, 4, 2, 1
    chiffree.save()
    chiffree.proclamer()
    secretaire = navigateur("secretaire")
    refus = secretaire.get(f"/val-d-argent/actes/scdl-{acte.conseil.pk}.csv")
    assert refus.status_code == 409
    assert "n’a pas de numéro SIRET" in refus.content.decode()
    partenaire = acte.conseil.collectivite
    registre, lien = "/val-d-argent/actes/", f"scdl-{acte.conseil.pk}.csv"
    # Who may write the SIRET reads that it is missing; an inhabitant is not led to a file that cannot be made.
    assert lien in secretaire.get(registre).content.decode()
    assert lien not in navigateur("anonyme").get(registre).content.decode()
    partenaire.siret = "21680269400002"
    partenaire.save()
    assert lien in navigateur("anonyme").get(registre).content.decode()
    reponse = secretaire.get(f"/val-d-argent/actes/scdl-{acte.conseil.pk}.csv")
    fichier = tmp_path / "deliberations.csv"
    fichier.write_bytes(reponse.content)
    rapport = frictionless.Resource(path=fichier.name, basepath=str(tmp_path), schema=schema_scdl()).validate()
    assert rapport.valid, json.dumps(rapport.flatten(["rowNumber", "fieldName", "message"]), ensure_ascii=False)
    lignes = list(csv.DictReader(io.StringIO(reponse.content.decode())))
    assert [ligne["DELIB_ID"] for ligne in lignes] == ["583", "584"]
    assert lignes[0]["DELIB_MATIERE_NOM"] == "domaines de compétences par thèmes/aide sociale"
    assert (lignes[1]["VOTE_EFFECTIF"], lignes[1]["VOTE_REEL"], lignes[1]["VOTE_POUR"]) == ("29", "26", "20")
    # An inhabitant gets what is published, and nothing is yet.
    assert navigateur("anonyme").get(f"/val-d-argent/actes/scdl-{acte.conseil.pk}.csv").content.count(b"\n") == 1


def test_names_of_subjects_are_fit_for_the_schema():
    motif = re.compile(CHAMPS_SCDL[5][3])
    assert all(motif.match(nom) and nom == nom.lower() for nom in NOMS.values())


def test_the_calendar_of_a_body_is_read_by_who_holds_its_address(client, convention):
    copil = Instance.objects.get(nature="copil", territoire__slug="val-d-argent")
    assert client.get(f"/val-d-argent/pilotage/instances/{copil.pk}/agenda/faux.ics").status_code == 404
    reponse = client.get(f"/val-d-argent/pilotage/instances/{copil.pk}/agenda/{copil.jeton}.ics")
    agenda = Calendar.from_ical(reponse.content)
    evenements = agenda.walk("VEVENT")
    assert [str(e["SUMMARY"]) for e in evenements] == [r.objet for r in copil.reunions.all()]
    assert evenements[0].decoded("DTSTART").isoformat() == "2026-06-18T14:00:00+02:00"
    assert len({str(e["UID"]) for e in evenements}) == 2


def test_an_inhabitant_reads_an_act_once_it_is_published(navigateur, acte):
    inhabitant = navigateur("anonyme")
    assert "Aucune délibération n’est encore publiée" in inhabitant.get("/val-d-argent/actes/").content.decode()
    assert inhabitant.get(f"/val-d-argent/actes/{acte.pk}/").status_code == 302
    acte.publiee_le = date(2026, 2, 18)
    acte.save()
    page = inhabitant.get(f"/val-d-argent/actes/{acte.pk}/").content.decode()
    assert "Mme ROUSSEL expose" in page
    assert "dossier.pdf" not in page
    assert inhabitant.get(f"/val-d-argent/actes/{acte.pk}/deliberation.pdf").status_code == 200


def test_decisions_are_listed_on_their_fiche_until_they_are_done(agent, convention):
    copil = Reunion.objects.get(date=date(2026, 6, 18))
    decision = copil.decisions.get(texte__startswith="Relancer")
    page = agent.get(decision.action.get_absolute_url()).content.decode()
    assert decision.texte in page
    agent.post(f"/val-d-argent/pilotage/decisions/{decision.pk}/faite/")
    assert decision.texte not in agent.get(decision.action.get_absolute_url()).content.decode()
    assert "Remettre à faire" in agent.get(copil.get_absolute_url()).content.decode()


def test_two_people_on_one_meeting_lose_nothing(agent, convention):
    copil = Reunion.objects.get(date=date(2026, 12, 10))
    url = f"/val-d-argent/pilotage/reunions/{copil.pk}/modifier/convocation/"
    saisie = champs(agent.get(url)) | {"heure": "14:00"}
    copil.lieu = "Ailleurs"
    copil.save()
    reponse = agent.post(url, {**saisie, "lieu": "Salle des fêtes"})
    assert reponse.status_code == 422
    assert "Quelqu’un a enregistré pendant votre saisie" in reponse.content.decode()
    assert 'value="Salle des fêtes"' in reponse.content.decode()
    copil.refresh_from_db()
    assert copil.lieu == "Ailleurs"
    assert agent.post(url, champs(reponse)).status_code == 302


def test_an_agenda_is_built_from_the_fiches(agent, convention):
    copil = Reunion.objects.get(date=date(2026, 12, 10))
    page = agent.get(f"/val-d-argent/pilotage/reunions/{copil.pk}/ordre-du-jour/").content.decode()
    assert page.index("En retard") < page.index("3.2 Faciliter l’accès à la santé") < page.index("À risque")
    assert (
        "Cochez au moins une fiche"
        in agent.post(f"/val-d-argent/pilotage/reunions/{copil.pk}/ordre-du-jour/").content.decode()
    )
    fiche = convention.axes.get(ordre=3).actions.get(ordre=2)
    for _ in range(2):
        agent.post(f"/val-d-argent/pilotage/reunions/{copil.pk}/ordre-du-jour/", {"fiches": [fiche.pk]})
    assert copil.points.filter(action=fiche).count() == 1


@pytest.mark.parametrize(
    ("adresse", "requetes"),
    [
        ("/val-d-argent/pilotage/", 16),
        ("/val-d-argent/pilotage/calendrier/2026/", 10),
        ("/val-d-argent/pilotage/instances/2/", 14),
        ("/val-d-argent/pilotage/reunions/6/", 16),
        ("/val-d-argent/actes/", 12),
        ("/val-d-argent/actes/1/", 20),
    ],
)
def test_pages_have_a_bounded_number_of_queries(agent, acte, django_assert_max_num_queries, adresse, requetes):
    copil = Instance.objects.get(nature="copil", territoire__slug="val-d-argent")
    adresse = adresse.replace("/instances/2/", f"/instances/{copil.pk}/").replace("/1/", f"/{acte.pk}/")
    adresse = adresse.replace("/reunions/6/", f"/reunions/{copil.reunions.first().pk}/")
    for n in range(10):
        Mandat.objects.create(siege=copil, nom=f"M. {n}")
        Reunion.objects.create(
            territoire=acte.territoire,
            convention=acte.approuve,
            organisatrice=copil,
            date=date(2026, 7, 1 + n),
            objet=f"R{n}",
        )
    with django_assert_max_num_queries(requetes):
        assert agent.get(adresse).status_code == 200
