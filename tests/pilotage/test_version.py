"""A convention goes to signature, is signed, is in force: what was signed stays as it was, whatever moves afterwards."""

import hashlib
import json
import resource
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.models import Action, Axe, Convention, Etat
from ctg import scelles
from ctg.compteurs import valeurs
from ctg.impression import relire
from pilotage.documents import empreinte_du_texte, texte_canonique
from pilotage.models import Deliberation, Version
from tests import fabriques
from tests.actions.test_edition import PDF
from tests.conftest import CTG
from tests.pages import champs

pytestmark = pytest.mark.django_db


def figer(convention):
    """Put a convention to signature with the bytes that a page would make, but for the print."""
    lu = valeurs(convention.territoire, convention)
    fraiche = relire(convention)
    version = Version.mettre_en_signature(fraiche, lu, texte_canonique(fraiche), PDF)
    # As if it had been put to signature in January: signatures are noted on the days that follow.
    Convention._base_manager.filter(pk=convention.pk).update(signature_ouverte_le=date(2026, 1, 15))
    return version


@pytest.fixture
def petite(db):
    """A small convention: two parties, two axes, three fiches."""
    convention = fabriques.ConventionFactory()
    axe, autre = convention.axes.get(), Axe.objects.create(convention=convention, ordre=2, titre="Vivre")
    for a in (axe, axe, autre):
        fabriques.ActionFactory(axe=a)
    return convention


DATES = st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2032, 12, 31)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ouverte=DATES,
    effet=DATES,
    resiliee=DATES,
    non_verse=st.booleans(),
    on=st.dates(date(2020, 1, 1), date(2032, 12, 31)),
)
def test_a_state_is_the_same_in_python_and_in_the_database(convention, ouverte, effet, resiliee, non_verse, on):
    dates = {"signature_ouverte_le": ouverte, "effet_le": effet, "resiliee_le": resiliee, "texte_non_verse": non_verse}
    Convention._base_manager.filter(pk=convention.pk).update(**dates)
    lue = Convention.objects.get(pk=convention.pk)
    trouves = [e for e in Etat if Convention.objects.dans_l_etat(e, on).filter(pk=convention.pk).exists()]
    assert trouves == [lue.etat(on)]


def test_the_text_is_canonical(convention):
    octets = texte_canonique(relire(convention))
    assert octets == texte_canonique(relire(convention))
    contenu = json.loads(octets)
    assert (contenu["format"], contenu["version"]) == ("ctg-convention", 3)
    assert octets == json.dumps(contenu, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert [f["numero"] for axe in contenu["axes"] for f in axe["fiches"]][:3] == ["1.1", "1.2", "2.1"]
    assert len(contenu["parties"]) == 6
    # Progress is no part of the text: the same text before and after it moves.
    fiche = convention.fiches.first()
    fiche.avancement = 99
    fiche.save()
    assert texte_canonique(relire(convention)) == octets
    fiche.titre = "Autre"
    fiche.save()
    assert texte_canonique(relire(convention)) != octets


def test_numbers_are_stored_and_kept_from_the_signature_on(petite):
    premiere, seconde, autre = petite.fiches.dans_l_ordre()
    version = figer(petite)
    assert list(petite.fiches.dans_l_ordre().values_list("numero", flat=True)) == ["1.1", "1.2", "2.1"]
    for s in version.restants():
        version.signer(s, date(2026, 2, 1), effet_le=date(2026, 2, 1))
    petite = Convention.objects.get(pk=petite.pk)
    assert petite.etat() == Etat.EN_VIGUEUR
    seconde = Action.objects.get(pk=seconde.pk)
    seconde.changer_axe(autre.axe)
    assert seconde.numero_affiche == "1.2"  # a move keeps its number
    neuve = fabriques.ActionFactory(axe=petite.axes.get(ordre=1))
    assert neuve.numero == "1.3"  # the next free one of its axe, at once; 1.2 is never reused
    Action.objects.get(pk=neuve.pk).archiver()
    assert fabriques.ActionFactory(axe=petite.axes.get(ordre=1)).numero == "1.4"
    assert premiere.axe.pk
    with pytest.raises(ValidationError, match="numéro signé"):
        Action.objects.get(pk=premiere.pk).delete()


@pytest.mark.parametrize(
    ("numerotation", "attendus", "suivant"),
    [
        ("axe_rang", ["1.1", "1.2", "2.1"], "1.3"),
        ("axe_lettre", ["1A", "1B", "2A"], "1C"),
        ("suite", ["1", "2", "3"], "4"),
    ],
)
def test_the_three_patterns_of_numbers(petite, numerotation, attendus, suivant):
    petite.numerotation = numerotation
    petite.save()
    assert [f.numero_affiche for f in Action.objects.de(petite).select_related("axe", "convention")] == attendus
    figer(petite)
    assert list(petite.fiches.dans_l_ordre().values_list("numero", flat=True)) == attendus
    assert petite.axes.first().prochain_numero() == suivant


def test_back_to_preparation_until_somebody_has_signed(petite):
    version = figer(petite)
    version.abandonner()
    petite = Convention.objects.get(pk=petite.pk)
    assert petite.etat() == Etat.EN_PREPARATION
    assert not petite.fiches.exclude(numero=None).exists()
    assert petite.versions.get().abandonnee_le  # kept, marked abandoned
    suivante = figer(petite)
    assert suivante.rang == 2
    assert suivante.json_id == version.json_id  # the same text
    suivante.signer(suivante.restants().first(), date(2026, 2, 1))
    with pytest.raises(ValidationError, match="a déjà signé"):
        suivante.abandonner()
    suivante.retirer(suivante.signatures.get())  # noted by mistake
    assert suivante.restants().count() == 2


@pytest.mark.parametrize(
    ("plus", "message"),
    [
        ({"le": date(2099, 1, 1)}, "à venir"),
        ({"le": date(2025, 12, 31)}, "personne ne l’a signé avant"),
        ({"effet_le": None}, "dernière signature"),
        ({"effet_le": date(2031, 1, 1)}, "pendant la convention"),
    ],
)
def test_an_impossible_signature_is_refused(petite, plus, message):
    version = figer(petite)
    premier, dernier = version.restants()
    version.signer(premier, date(2026, 2, 1))
    with pytest.raises(ValidationError, match=message):
        version.signer(dernier, **{"le": date(2026, 2, 3), "effet_le": date(2026, 2, 3), **plus})
    with pytest.raises(ValidationError, match="déjà signé"):
        version.signer(premier, date(2026, 2, 1))
    assert version.effet_propose(date(2025, 12, 1)) == date(2026, 2, 1)


def test_nothing_is_frozen_if_somebody_wrote_meanwhile(petite):
    """The text was rendered without a lock: what was written since is in it, or nothing is frozen."""
    lu = valeurs(petite.territoire, petite)
    fraiche = relire(petite)
    octets = texte_canonique(fraiche)
    for n in range(2):  # the test's own transaction counts a write once
        from ctg.compteurs import fermer_l_ecriture

        fermer_l_ecriture()
        fiche = petite.fiches.first()
        fiche.titre = f"Écrite pendant la mise en page {n}"
        fiche.save()
    with pytest.raises(ValidationError, match="modifiée pendant sa mise en page"):
        Version.mettre_en_signature(fraiche, lu, octets, PDF)
    assert Convention.objects.get(pk=petite.pk).etat() == Etat.EN_PREPARATION


def test_a_council_that_voted_another_text_is_named(petite):
    seance = fabriques.SeanceFactory(organisatrice=fabriques.conseil(petite))
    actes = []
    for n in range(2):
        acte = Deliberation.modele(petite, seance, f"{n}")
        acte.unanimite, acte.expose = True, "<p>Exposé.</p>"
        acte.save()
        acte.proclamer(empreinte_du_texte(petite))
        actes.append(acte)
        fiche = petite.fiches.first()
        fiche.titre = "Le texte change entre les deux votes"
        fiche.save()
    version = figer(petite)
    assert {a.numero: a.autre_texte for a in version.actes()} == {"0": True, "1": False}
    Deliberation._base_manager.filter(pk=actes[0].pk).update(texte_vote="")
    assert {a.numero: a.autre_texte for a in version.actes()} == {"0": None, "1": False}


def test_only_an_explicit_approval_is_the_basis_of_the_convention(convention):
    """B10: any adopted act counted as an approval, a parcel sale included."""
    acte = Deliberation.objects.get(numero="583")
    vente = Deliberation(conseil=acte.conseil, seance=acte.seance, numero="584", objet="Vente d’une parcelle")
    vente.unanimite, vente.expose = True, "<p>Vente.</p>"
    vente.save()
    vente.dispositions.create(verbe="VEND", texte="la parcelle")
    vente.proclamer()
    assert list(convention.actes.en_vigueur()) == [acte]


def test_a_convention_signed_on_paper_is_taken_in(agent, convention):
    page = f"{CTG}/signatures/papier/"
    envoi = {"le": "2026-03-02", "lieu": "Mulhouse", "effet_le": "2026-03-02"}
    refus = agent.post(page, {**envoi, "scan": SimpleUploadedFile("c.pdf", b"pas un PDF")})
    assert refus.status_code == 422
    assert 'value="Mulhouse"' in refus.content.decode()
    assert agent.post(page, {**envoi, "scan": SimpleUploadedFile("c.pdf", PDF)}).status_code == 302
    version = convention.versions.get()
    assert version.source == "papier"
    assert scelles.lire(version.pdf_id) == PDF
    contenu = json.loads(scelles.lire(version.json_id))
    assert contenu["saisie"]["par"] == "Agent de la CCVA"
    convention = Convention.objects.get(pk=convention.pk)
    assert convention.etat() == Etat.EN_VIGUEUR
    assert version.signatures.count() == 6
    rendu = agent.get(f"{CTG}/signatures/version-1.pdf")
    assert b"".join(rendu.streaming_content) == PDF
    assert agent.get(f"{CTG}/signatures/papier/", follow=True).status_code == 200
    assert agent.post(page, {**envoi, "scan": SimpleUploadedFile("c.pdf", PDF)}).status_code == 422


def test_a_former_convention_stands_without_its_text(agent, navigateur):
    assert "Texte signé non versé" in agent.get("/val-d-argent/2021-2025/signatures/").content.decode()
    page = navigateur("anonyme").get("/val-d-argent/2021-2025/").content.decode()
    assert "création de France Services" in page
    assert "Échue" in page


def test_the_store_is_written_once_and_swept(db):
    scelle = scelles.sceller(b"contenu", "essai.txt", "text/plain")
    assert scelle.sha256 == hashlib.sha256(b"contenu").hexdigest()
    assert scelles.sceller(b"contenu", "autre nom.txt", "text/plain") == scelle
    assert scelles.lire(scelle.sha256) == b"contenu"
    scelles.magasin().save(scelles.chemin("ab" * 32), __import__("io").BytesIO(b"orphelin"))
    assert scelles.balayer() == 1
    assert scelles.lire(scelle.sha256) == b"contenu"
    with pytest.raises(FileNotFoundError):
        scelles.lire("ab" * 32)


def test_what_a_full_disk_cut_short_is_not_taken_for_what_was_sealed(db):
    """A stub under the right name would stand for the act, and prove it false, the day after."""
    octets = b"un acte entier " * 900
    assez, plafond = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, plafond))  # the disk takes so much, then no more
    try:
        with pytest.raises(OSError, match="too large"):
            scelles.sceller(octets, "acte.pdf", "application/pdf")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (assez, plafond))
    assert 0 < len(scelles.lire(scelles.empreinte(octets))) < len(octets)  # the stub is there
    assert scelles.lire(scelles.sceller(octets, "acte.pdf", "application/pdf").sha256) == octets


def test_anybody_may_verify_a_file(navigateur):
    scelles.sceller(b"le texte", "convention.pdf", "application/pdf")
    inconnu = navigateur("anonyme")
    juste = inconnu.post("/verifier/", {"fichier": SimpleUploadedFile("x.pdf", b"le texte")})
    assert "à l’octet près" in juste.content.decode()
    faux = inconnu.post("/verifier/", {"fichier": SimpleUploadedFile("x.pdf", b"le texte.")})
    assert "n’est pas un document scellé ici" in faux.content.decode()
    assert inconnu.post("/verifier/").status_code == 422


def test_the_last_signature_asks_for_the_date_of_effect(client, petite):
    client.force_login(fabriques.compte(petite.porteur), backend="django.contrib.auth.backends.ModelBackend")
    version = figer(petite)
    premier, dernier = version.restants()
    base = f"/{petite.territoire.slug}/2026-2030/signatures"
    assert "effet_le" not in champs(client.get(f"{base}/parties/{premier.pk}/"))
    envoi = {"le": "2026-02-02", "lieu": "Ici", "scan": SimpleUploadedFile("page.pdf", PDF)}
    assert client.post(f"{base}/parties/{premier.pk}/", envoi).status_code == 302
    assert "effet_le" in champs(client.get(f"{base}/parties/{dernier.pk}/"))
    assert client.post(f"{base}/parties/{dernier.pk}/", {"le": "2026-02-03", "effet_le": ""}).status_code == 422
    page = client.post(f"{base}/parties/{dernier.pk}/", {"le": "2026-02-03", "effet_le": "2026-02-03"}, follow=True)
    assert "Toutes les parties ont signé" in page.content.decode()
    signature = version.signatures.get(signataire=premier)
    assert b"".join(client.get(f"{base}/scans/{signature.pk}.pdf").streaming_content) == PDF
    assert "par un avenant" in client.get(f"/{petite.territoire.slug}/2026-2030/convention/").content.decode()


def test_a_mistaken_signature_is_taken_back_and_the_convention_reopens(client, petite):
    """By the pages: noted, refused a return to preparation, taken back, in preparation again, and nothing twice."""
    client.force_login(fabriques.compte(petite.porteur), backend="django.contrib.auth.backends.ModelBackend")
    premier = figer(petite).restants()[0]
    base = f"/{petite.territoire.slug}/2026-2030/signatures"
    client.post(f"{base}/parties/{premier.pk}/", {"le": "2026-02-02", "scan": SimpleUploadedFile("page.pdf", PDF)})
    client.post(f"{base}/abandonner/")
    assert relire(petite).signature_ouverte_le
    page = client.post(f"{base}/parties/{premier.pk}/retirer/", follow=True).content.decode()
    assert "la signature n’est plus notée" in page
    page = client.post(f"{base}/abandonner/", follow=True).content.decode()
    assert "de nouveau en préparation" in page
    assert relire(petite).signature_ouverte_le is None
    assert client.post(f"{base}/parties/{premier.pk}/retirer/").status_code == 404


def test_what_cites_an_annex_is_shown_before_the_signature(agent, convention):
    """Annexes are numbered by rank: who moves one is shown what cites it, and what cites a number of nothing stands out."""
    page = agent.get(f"{CTG}/signatures/").content.decode()
    assert "l’article 4, « Annexe 3 – Plan d’actions »" in page
    convention.annexes.get(ordre=5).delete()
    convention.annexes.filter(ordre__gt=4).delete()
    page = agent.get(f"{CTG}/signatures/").content.decode()
    assert "l’article 9, <strong>l’annexe 5, que la convention ne compte pas" in page
