"""The account of a year: who may do what from where, what is sealed, what is told to whom, what its papers count."""

import io
import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from actions.models import Convention, EtatMontant, LienDeSaisie, Partenaire
from ctg import scelles
from ctg.compteurs import fermer_l_ecriture, valeurs
from ctg.francais import date_fr, euros
from ctg.historique import Fige
from ctg.models import Courriel
from pilotage.documents import bilan as papiers
from pilotage.documents.tableurs import bilan_docx, bilan_xlsx
from pilotage.models import Bilan, Complement, Observation, PageDAxe, PageDeBilan, Reunion
from tests import fabriques
from tests.conftest import CTG
from tests.pages import champs, saisir

BILAN = f"{CTG}/bilans/2026/"
DEMAIN = timezone.localdate() + timedelta(days=1)


def mettre_en_vigueur(convention):
    models.QuerySet(Convention).filter(pk=convention.pk).update(
        signature_ouverte_le="2025-12-01", effet_le="2026-01-01"
    )
    convention.refresh_from_db()


@pytest.fixture
def bilan(convention):
    mettre_en_vigueur(convention)
    return Bilan.ouvrir(convention, 2026, DEMAIN)


@pytest.fixture
def copil(convention):
    return convention.territoire.reunions.filter(date__lt=timezone.localdate()).first()


def mettre(bilan, etat):
    """Put an account where a test begins, by no door of ours."""
    dates = {
        "partage_le": "2026-11-01",
        "observations_jusqu_au": DEMAIN,
        "arrete_le": "2026-11-10",
        "transmis_le": "2026-11-11",
    }
    source = "un autre papier" if etat == "repris" else ""
    models.QuerySet(Bilan).filter(pk=bilan.pk).update(etat=etat, source=source, **dates)
    bilan.refresh_from_db()


def arreter(bilan, copil, octets_pdf=b"%PDF-1.7"):
    mettre(bilan, "partage")
    fermer_l_ecriture()
    lu = valeurs(bilan.convention.territoire, bilan.convention)
    bilan.arreter(copil, lu, papiers.octets_du_bilan(bilan), octets_pdf)
    fermer_l_ecriture()


# --- Opening ---------------------------------------------------------------------------------------


def test_an_account_opens_for_what_is_or_was_in_force(agent, convention):
    assert "Ouvrir un bilan" not in agent.get(f"{CTG}/bilans/").content.decode()
    assert agent.post(f"{CTG}/bilans/nouveau/", {"annee": "2026"}).status_code == 302
    assert not convention.bilans.exists()
    mettre_en_vigueur(convention)
    with pytest.raises(ValidationError, match="2026-2030"):
        Bilan.ouvrir(convention, 2031)
    assert agent.post(f"{CTG}/bilans/nouveau/", {"annee": "2026", "attendu_le": "2027-02-15"}).status_code == 302
    bilan = convention.bilans.get()
    assert (bilan.pages.count(), bilan.pages_d_axe.count()) == (12, 4)
    # A year has one account, and the convention one final evaluation.
    with pytest.raises(ValidationError, match="déjà son bilan"):
        Bilan.ouvrir(convention, 2026)
    Bilan.ouvrir(convention)
    with pytest.raises(ValidationError, match="évaluation finale"):
        Bilan.ouvrir(convention)
    assert agent.get(f"{CTG}/bilans/evaluation/").status_code == 200
    for quand in ("2027", "1999", "autre", "٢٠٢٦"):
        assert agent.get(f"{CTG}/bilans/{quand}/").status_code == 404
    # The past convention of the seed was in force too.
    ancienne = convention.precedente
    assert Bilan.ouvrir(ancienne, 2025).pages_d_axe.count() == 4


def test_pilotes_are_told_and_nobody_twice(agent, convention):
    mettre_en_vigueur(convention)
    agent.post(f"{CTG}/bilans/nouveau/", {"annee": "2026"})
    destinataires = [c.destinataires for c in Courriel.objects.filter(sujet__contains="vos pages")]
    assert destinataires == [["pilote@ctg.example"]]  # who opened it is not told


def test_what_another_paper_told_is_an_account_by_axe(client, agent, navigateur, convention):
    """The seed's, of 2021-2025, comes with the data set; another territory types its own. Neither goes through a move."""
    ancienne = convention.precedente
    cite = "/val-d-argent/2021-2025/bilans/evaluation/"
    lue = client.get("/val-d-argent/2021-2025/").content.decode()
    assert "Le bilan de cette première démarche est très positif." in lue and "Octobre Solidaire" in lue
    assert f"{cite}en-clair.pdf" in lue and client.get(f"{cite}en-clair.pdf").status_code == 200
    page = agent.get(cite).content.decode()
    assert "Repris de" in page and "L’argent" not in page and "Projeter" not in page
    assert client.get(cite).status_code == 302 and navigateur("caf").get(cite).status_code == 200
    bilan = ancienne.bilans.get()
    assert all(bilan.permis(geste) for geste in Bilan.GESTES)
    # Beside the accounts of the next one, and in its annex.
    assert "Octobre Solidaire" in agent.get(f"{CTG}/bilans/").content.decode()
    # Its words are corrected, by who keeps the plan alone.
    synthese = f"{cite}synthese/"
    assert navigateur("caf").get(synthese).status_code == 403
    assert saisir(agent, synthese, {"synthese": "<p>Très positif.</p>"}).status_code == 302
    bilan.refresh_from_db()
    assert bilan.synthese == "<p>Très positif.</p>" and bilan.etat == "repris"
    # Another territory names the paper and gets a page for each axe, none for a fiche.
    mettre_en_vigueur(convention)
    reponse = agent.post(f"{CTG}/bilans/nouveau/", {"annee": "2026", "source": "rapport d’activité 2026"}, follow=True)
    assert "une page par axe" in reponse.content.decode()
    repris = convention.bilans.get()
    assert (repris.etat, repris.pages.count(), repris.pages_d_axe.count()) == ("repris", 0, 4)
    assert not Courriel.objects.filter(sujet__contains="vos pages").exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        models.QuerySet(Bilan).filter(pk=repris.pk).update(etat="arrete")
    # Opened by mistake, it leaves its place to a true one, which nobody effaces.
    assert agent.post(f"{BILAN}effacer/").status_code == 302
    vrai = Bilan.ouvrir(convention, 2026)
    agent.post(f"{BILAN}effacer/")
    assert convention.bilans.get() == vrai and vrai.pages.count() == 12


def test_inhabitants_read_in_plain_words_what_is_closed_and_nothing_before(client, bilan, copil):
    en_clair = f"{BILAN}en-clair.pdf"
    assert client.get(en_clair).status_code == 302
    assert "en clair (PDF)" not in client.get(f"{CTG}/").content.decode()
    arreter(bilan, copil)
    assert client.get(en_clair).status_code == 200
    assert f"{BILAN}en-clair.pdf" in client.get(f"{CTG}/").content.decode()
    assert client.get(f"{BILAN}bilan.pdf").status_code == 302
    # A fiche that is not published is in none of its lines.
    cachee = bilan.convention.fiches.actives().last()
    assert cachee.titre in papiers.document_en_clair(bilan).morceaux[0].html.replace("\u00a0", " ")
    bilan.convention.fiches.filter(pk=cachee.pk).update(publiee=False)
    assert cachee.titre not in papiers.document_en_clair(bilan).morceaux[0].html.replace("\u00a0", " ")
    Convention.objects.filter(pk=bilan.convention_id).update(publiee=False)
    assert client.get(en_clair).status_code in {302, 404}


# --- Moves -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["agent", "pilote", "caf", "elu", "voisin", "anonyme"])
@pytest.mark.parametrize("etat", Bilan.Etat.values)
def test_each_move_against_each_role_and_state(navigateur, bilan, role, etat):
    """Who: 403. Whether: back to the account, with the reason. Else the page that asks."""
    mettre(bilan, etat)
    client = navigateur(role)
    for geste in Bilan.GESTES:
        permis = role == "agent" or (role == "caf" and geste == "viser")
        attendu = 302 if role == "anonyme" else 403 if not permis else 200 if not bilan.permis(geste) else 302
        assert client.get(f"{BILAN}{geste}/").status_code == attendu, geste
        assert (
            client.post(f"{BILAN}{geste}/").status_code == {200: 422, 302: 302, 403: 403}[attendu]
            if role != "anonyme"
            else 403
        )
    bilan.refresh_from_db()
    # Only the visa and the transmission ask for a day that has a value of its own: nothing was posted, nothing moved.
    assert bilan.etat == etat


@pytest.mark.parametrize("etat", Bilan.Etat.values)
def test_who_writes_a_page_in_each_state(navigateur, bilan, fiche, etat):
    mettre(bilan, etat)
    page = bilan.pages.get(action=fiche)
    ouverte = etat == "brouillon"
    for role in ("agent", "pilote", "caf", "voisin"):
        statut = navigateur(role).get(f"{BILAN}pages/{page.pk}/").status_code
        assert statut == (200 if ouverte and role in {"agent", "pilote"} else 403), role
    autre = bilan.pages.exclude(action__participations__partenaire=fiche.pilotes[0]).first()
    assert navigateur("pilote").get(f"{BILAN}pages/{autre.pk}/").status_code == 403


def test_only_the_pages_that_are_asked_again_open(agent, navigateur, bilan, fiche):
    mettre(bilan, "partage")
    page = bilan.pages.get(action=fiche)
    vide = agent.post(f"{BILAN}reprendre/", {})
    assert vide.status_code == 422 and "au moins une page" in vide.content.decode()
    assert agent.post(f"{BILAN}reprendre/", {f"page-{page.pk}": "Chiffrez les écarts."}).status_code == 302
    bilan.refresh_from_db()
    assert bilan.etat == "a_reprendre"
    pilote = navigateur("pilote")
    assert saisir(pilote, f"{BILAN}pages/{page.pk}/", {"fait": "<p>Repris.</p>"}).status_code == 302
    autre = bilan.pages.filter(action__participations__partenaire=fiche.pilotes[0]).exclude(pk=page.pk).first()
    assert pilote.get(f"{BILAN}pages/{autre.pk}/").status_code == 403
    courriel = Courriel.objects.get(sujet__contains="à reprendre")
    assert courriel.destinataires == ["pilote@ctg.example"]
    # Shared again, it is closed again; what was asked stays readable in its history.
    agent.post(f"{BILAN}partager/", {"observations_jusqu_au": DEMAIN})
    page.refresh_from_db()
    assert (page.a_reprendre, page.demande) == (False, "Chiffrez les écarts.")
    assert pilote.get(f"{BILAN}pages/{page.pk}/").status_code == 403


def test_parties_observe_while_it_is_shared(navigateur, bilan, fiche):
    caf = navigateur("caf")
    assert caf.get(f"{BILAN}observer/").status_code == 302
    mettre(bilan, "partage")
    page = bilan.pages.get(action=fiche)
    assert saisir(caf, f"{BILAN}observer/", {"page": page.pk, "texte": "Le taux baisse, pourquoi ?"}).status_code == 302
    observation = Observation.objects.get()
    assert (str(observation.partenaire)[:6], observation.auteur.email) == ("Caisse", "caf@ctg.example")
    assert "Le taux baisse" in navigateur("agent").get(BILAN).content.decode()
    for porte in (
        lambda: observation.delete(),
        lambda: (
            Observation.objects.update(texte="autre")
            if False
            else (setattr(observation, "texte", "x"), observation.save())
        ),
    ):
        with pytest.raises(Fige):
            porte()
    assert navigateur("voisin").get(f"{BILAN}observer/").status_code == 403
    models.QuerySet(Bilan).update(observations_jusqu_au="2026-01-01")
    tard = saisir(caf, f"{BILAN}observer/", {"texte": "Trop tard"})
    assert tard.status_code == 422 and "jusqu’au 01/01/2026" in tard.content.decode()


# --- Sealed ----------------------------------------------------------------------------------------


def _portes(bilan, fiche):
    page = bilan.pages.get(action=fiche)
    axe = bilan.pages_d_axe.first()
    yield lambda: (setattr(bilan, "synthese", "<p>x</p>"), bilan.save())
    yield lambda: bilan.delete()
    yield lambda: Bilan.objects.update(synthese="x")
    yield lambda: Bilan.objects.update(etat="brouillon")
    yield lambda: Bilan.objects.all().delete()
    yield lambda: (setattr(page, "fait", "<p>x</p>"), page.save())
    yield lambda: page.delete()
    yield lambda: PageDeBilan.objects.update(fait="x")
    yield lambda: PageDeBilan.objects.all().delete()
    yield lambda: (setattr(axe, "texte", "<p>x</p>"), axe.save())
    yield lambda: PageDAxe.objects.update(texte="x")


def test_what_is_closed_is_frozen_by_every_door_and_the_plan_moves_nothing(agent, bilan, fiche, copil):
    arreter(bilan, copil)
    avant = scelles.lire(bilan.json_id)
    for porte in _portes(bilan, fiche):
        with pytest.raises((Fige, models.ProtectedError)):
            porte()
        fermer_l_ecriture()
    page_avant = re.sub(r"<form.*?</form>|nonce-\S+", "", agent.get(BILAN).content.decode(), flags=re.S)
    argent = fiche.financements.filter(annee=2026).first()
    argent.realise = Decimal("1.00")
    argent.save()
    fiche.titre = "Un autre titre"
    fiche.save()
    bilan = Bilan.objects.get(pk=bilan.pk)
    assert scelles.lire(bilan.json_id) == avant
    assert papiers.donnees_du_bilan(bilan) == json.loads(avant)
    page = agent.get(BILAN).content.decode()
    assert "Un autre titre" not in page
    tableau = re.compile(r"<table.*?</table>", re.S)
    assert tableau.findall(page) == tableau.findall(page_avant)


def test_what_moved_during_the_printing_is_not_sealed(bilan, fiche, copil):
    mettre(bilan, "partage")
    fermer_l_ecriture()
    lu = valeurs(bilan.convention.territoire, bilan.convention)
    fiche.indicateurs.create(libelle="Arrivé pendant l’impression")
    fermer_l_ecriture()
    with pytest.raises(ValidationError, match="pendant la mise en page"):
        bilan.arreter(copil, lu, b"{}", b"%PDF")
    bilan.refresh_from_db()
    assert (bilan.etat, bilan.json_id) == ("partage", None)


def test_a_meeting_to_come_or_of_another_territory_closes_nothing(bilan, copil, voisine):
    for champ, valeur in (("date", timezone.localdate() + timedelta(days=3)), ("territoire", voisine.territoire)):
        mettre(bilan, "partage")
        fermer_l_ecriture()
        setattr(copil, champ, valeur)
        with pytest.raises(ValidationError):
            bilan.arreter(copil, valeurs(bilan.convention.territoire, bilan.convention), b"{}", b"%PDF")
        fermer_l_ecriture()
        copil.refresh_from_db()


def test_final_amounts_that_come_later_make_a_complement(bilan, fiche, copil):
    arreter(bilan, copil)
    assert papiers.differences(bilan) == []
    argent = fiche.financements.filter(annee=2026, partenaire__nature="caf").first()
    ancien, argent.realise, argent.etat_realise = argent.realise, Decimal("141000"), "definitif"
    argent.save()
    fermer_l_ecriture()
    bilan = Bilan.objects.get(pk=bilan.pk)
    [difference] = papiers.differences(bilan)
    assert difference["fiche"] == "2.1" and difference["definitif"] is True
    assert Decimal(difference["ecart"]) == Decimal("141000") - ancien
    lu = valeurs(bilan.convention.territoire, bilan.convention)
    complement = Complement.sceller(bilan, "Montants définitifs", [difference], lu, b"%PDF-1.7 complement")
    with pytest.raises(Fige):
        complement.delete()
    fermer_l_ecriture()
    # What it said is said: only what changes after it is told again.
    assert papiers.differences(bilan) == []
    argent.realise = Decimal("141500.5")
    argent.save()
    bilan = Bilan.objects.get(pk=bilan.pk)
    [suite] = papiers.differences(bilan)
    assert (Decimal(suite["avant"]), Decimal(suite["ecart"])) == (Decimal("141000"), Decimal("500.5"))
    with pytest.raises(ValidationError, match="Aucun montant"):
        Complement.sceller(bilan, "Rien", [], lu, b"%PDF")


def test_the_days_of_transmission_and_visa_follow_one_another(bilan, copil):
    arreter(bilan, copil)
    demain = timezone.localdate() + timedelta(days=1)
    for jour in (bilan.arrete_le - timedelta(days=1), demain):
        with pytest.raises(ValidationError, match="suit l’arrêt"):
            bilan.transmettre(jour)
    bilan.transmettre(timezone.localdate())
    caf = Partenaire.objects.get(nom="Caisse d’allocations familiales du Haut-Rhin")
    with pytest.raises(ValidationError, match="n’est pas à venir"):
        bilan.viser(caf, demain)
    with pytest.raises(ValidationError, match="celui de la CAF"):
        bilan.viser(bilan.convention.porteur, timezone.localdate())
    bilan.viser(caf, timezone.localdate())
    assert (bilan.etat, bilan.vise_par) == ("transmis", caf)


def test_a_fiche_that_came_since_is_said_and_added_while_it_is_a_draft(agent, bilan, convention):
    nouvelle = convention.axes.first().actions.create(titre="Venue depuis")
    assert "n’a pas de page" in agent.get(BILAN).content.decode()
    assert agent.post(f"{BILAN}ajouter/").status_code == 302
    assert bilan.pages.filter(action=nouvelle).exists()
    mettre(bilan, "partage")
    with pytest.raises(ValidationError):
        bilan.completer()


# --- By a link, figures, papers --------------------------------------------------------------------


def test_a_partner_without_account_writes_its_pages_by_its_link(client, bilan, fiche):
    lien = LienDeSaisie.objects.create(
        convention=bilan.convention, partenaire=fiche.pilotes[0], annee=2026, destinataire="p@cscva.example"
    )
    page = bilan.pages.get(action=fiche)
    adresse = f"{BILAN}lien/{lien.jeton}/{page.pk}/"
    assert adresse in client.get(lien.get_absolute_url()).content.decode()
    # What the year holds already stands beside what is written.
    ecran = client.get(adresse).content.decode()
    assert "Ce que l’on sait déjà" in ecran and fiche.indicateurs.first().libelle in ecran
    assert saisir(client, adresse, {"fait": "<p>Par le lien.</p>", "rendue": "on"}).status_code == 302
    page.refresh_from_db()
    assert page.rendue and "Par le lien" in page.fait
    # The history says by whom, though nobody signed in.
    assert page.history.first().history_change_reason == "Par le lien envoyé à p@cscva.example"
    assert page.history.first().history_user is None
    autre = bilan.pages.exclude(action__participations__partenaire=fiche.pilotes[0]).first()
    assert client.get(f"{BILAN}lien/{lien.jeton}/{autre.pk}/").status_code == 410
    assert client.get(f"{BILAN}lien/faux/{page.pk}/").status_code == 410
    mettre(bilan, "partage")
    assert client.get(adresse).status_code == 410


def test_each_figure_is_what_the_database_counts(bilan, convention):
    donnees = papiers.donnees_du_bilan(bilan)
    for axe in donnees["axes"]:
        for fiche in axe["fiches"]:
            lignes = convention.fiches.get(
                axe__ordre=axe["numero"], ordre=fiche["numero"].split(".")[1]
            ).financements.filter(annee=2026)
            for nom in ("prevu", "realise"):
                attendu = lignes.aggregate(models.Sum(nom))[f"{nom}__sum"]
                assert (fiche["total"][nom] and Decimal(fiche["total"][nom])) == attendu
    tout = (
        convention.fiches.actives()
        .filter(financements__annee=2026)
        .aggregate(r=models.Sum("financements__realise"))["r"]
    )
    assert Decimal(donnees["total"]["realise"]) == tout
    assert sum(Decimal(f["realise"] or 0) for f in donnees["financeurs"]) == tout
    assert sum(sum(axe["comptes"]) for axe in donnees["axes"]) == sum(n for _, n in donnees["progres"]) == 13
    # Sealed and live data are one shape.
    assert json.loads(papiers.octets_du_bilan(bilan)) == donnees


def test_the_page_and_its_cost(agent, navigateur, bilan, fiche, django_assert_max_num_queries):
    assert navigateur("caf").get(BILAN).status_code == 200
    agent.get(BILAN)
    with django_assert_max_num_queries(28) as faites:
        agent.get(BILAN)
    nombre = len(faites)
    for n in range(20):
        fiche.indicateurs.create(libelle=f"i{n}").mesures.create(annee=2026, valeur=n)
        fiche.financements.create(annee=2026, partenaire=fiche.pilotes[0], prevu=n)
    with django_assert_max_num_queries(nombre):
        agent.get(BILAN)


@pytest.mark.papier
def test_its_papers_are_read_back(agent, bilan, fiche, copil):
    page = bilan.pages.get(action=fiche)
    saisir(
        agent,
        f"{BILAN}pages/{page.pk}/",
        {"fait": "<p>Quarante-deux places ouvertes.</p>", "suite": "poursuivie", "rendue": "on"},
    )
    mettre(bilan, "partage")
    assert agent.post(f"{BILAN}arreter/", {"reunion": copil.pk}).status_code == 302
    bilan.refresh_from_db()
    assert (bilan.etat, bilan.arrete_par) == ("arrete", copil)
    servi = agent.get(f"{BILAN}bilan.pdf")
    octets = b"".join(servi.streaming_content)
    assert scelles.empreinte(octets) == bilan.pdf_id
    with pikepdf.open(io.BytesIO(octets)) as pdf:
        assert json.loads(pdf.attachments["bilan.json"].get_file().read_bytes()) == bilan.arretees
        assert 18 <= len(pdf.pages) <= 24
    assert bilan.pdf.identifiant and agent.get(f"/verifier/{bilan.pdf.identifiant}/").status_code == 200
    assert agent.get(f"{BILAN}en-clair.pdf").status_code == 200
    argent = fiche.financements.filter(annee=2026, partenaire__nature="caf").first()
    argent.realise, argent.etat_realise = Decimal("141000"), "definitif"
    argent.save()
    assert "Sceller un complément (1 montant changé)" in agent.get(BILAN).content.decode()
    assert agent.post(f"{BILAN}completer/", {"objet": "Montants définitifs de la CAF"}).status_code == 302
    complement = bilan.complements.get()
    assert agent.get(f"{BILAN}complement-{complement.pk}.pdf").status_code == 200
    assert scelles.empreinte(b"".join(agent.get(f"{BILAN}bilan.pdf").streaming_content)) == bilan.pdf_id


def test_the_forms_keep_what_was_typed(agent, bilan):
    reponse = agent.post(f"{BILAN}partager/", {"observations_jusqu_au": "2020-01-01"})
    assert reponse.status_code == 422 and "est passée" in reponse.content.decode()
    assert champs(reponse)["observations_jusqu_au"] == "2020-01-01"
    assert date(2020, 1, 1) < timezone.localdate()


def test_its_figures_and_words_are_the_same_in_each_shape(agent, bilan, fiche):
    page = bilan.pages.get(action=fiche)
    saisir(agent, f"{BILAN}pages/{page.pk}/", {"fait": "<p>=Quarante-deux</p><ul><li>places</li></ul>"})
    donnees = papiers.donnees_du_bilan(Bilan.objects.get(pk=bilan.pk))
    classeur = load_workbook(io.BytesIO(agent.get(f"{BILAN}chiffres.xlsx").content))
    realises = [ligne[7] or 0 for ligne in classeur["Montants"].iter_rows(min_row=2, values_only=True)]
    assert sum(Decimal(str(r)) for r in realises) == Decimal(donnees["total"]["realise"])
    assert classeur["Indicateurs"].max_row == 1 + sum(
        len(f["indicateurs"]) for a in donnees["axes"] for f in a["fiches"]
    )
    mots = Document(io.BytesIO(agent.get(f"{BILAN}bilan.docx").content))
    texte = "\n".join(p.text for p in mots.paragraphs)
    assert "=Quarante-deux" in texte and "places" in texte
    totaux = [t.rows[-1].cells[2].text for t in mots.tables if t.rows[-1].cells[0].text == "Total"]
    assert totaux[0].startswith(euros(Decimal(donnees["total"]["realise"])))


def test_a_page_to_project_says_what_moved_since_the_last_meeting(agent, bilan, fiche, convention):
    fiche.avancement, fiche.statut = 80, "realisee"
    fiche.save()
    jalon = fiche.jalons.filter(atteint=False).first()
    jalon.atteint = True
    jalon.save()
    # Histories of the demonstration begin with its load: what was before today's save is made old.
    for objet in (fiche, jalon):
        anciens = objet.history.exclude(pk=objet.history.first().pk)
        anciens.update(history_date=timezone.now() - timedelta(days=800))
    derniere = Reunion.objects.filter(territoire=convention.territoire, organisatrice__nature="copil").last()
    models.QuerySet(Reunion).filter(pk=derniere.pk).update(date=timezone.localdate() - timedelta(days=30))
    page = agent.get(f"{BILAN}projection/2/").content.decode()
    assert "55 % → 80 %" in page and "en cours → réalisée" in page
    assert f"jalon atteint : {jalon.libelle}" in page


# --- What a review found ---------------------------------------------------------------------------


def test_a_final_evaluation_is_closed_too(convention, copil):
    mettre_en_vigueur(convention)
    finale = Bilan.ouvrir(convention)
    arreter(finale, copil)
    assert Bilan.objects.get(pk=finale.pk).arretees["annees"] == [2026, 2027, 2028, 2029, 2030]


def test_what_is_about_to_be_sealed_names_the_meeting_that_closes_it(bilan, copil):
    mettre(bilan, "partage")
    models.QuerySet(Bilan).update(arrete_le=None)
    couverture = papiers.document_bilan(Bilan.objects.get(pk=bilan.pk), arrete_par=copil).morceaux[0].html
    assert f"Arrêté le {date_fr(copil.date)}" in couverture and "partagé" not in couverture


def test_a_fiche_archived_since_moves_no_amount(convention, copil):
    """Numbers are places until a signature keeps them: an account is told by keys."""
    mettre_en_vigueur(convention)
    bilan = Bilan.ouvrir(convention, 2026)
    avant = papiers.donnees_du_bilan(bilan)
    premiere = convention.fiches.get(axe__ordre=2, ordre=1)
    arreter(bilan, copil)
    premiere.archiver()
    fermer_l_ecriture()
    assert papiers.differences(Bilan.objects.get(pk=bilan.pk)) == []
    brouillon = Bilan.ouvrir(convention, 2027)
    assert not brouillon.pages.filter(action=premiere).exists()
    # One archived while its account is a draft stays in it, and says so.
    autre = convention.fiches.get(axe__ordre=2, ordre=1)
    models.QuerySet(Bilan).filter(pk=bilan.pk).update(etat="brouillon", json=None)
    autre.archiver()
    fermer_l_ecriture()
    donnees = papiers.donnees_du_bilan(Bilan.objects.get(pk=bilan.pk))
    assert donnees["total"] == avant["total"]
    [archivee] = [f for axe in donnees["axes"] for f in axe["fiches"] if f["pk"] == autre.pk]
    assert archivee["statut"] == "Archivée"


def test_opening_twice_and_a_second_visa_are_told(agent, convention, copil):
    mettre_en_vigueur(convention)
    assert agent.post(f"{CTG}/bilans/nouveau/", {"annee": ""}).status_code == 302
    encore = agent.post(f"{CTG}/bilans/nouveau/", {"annee": ""})
    assert encore.status_code == 422 and "évaluation finale" in encore.content.decode()
    bilan = Bilan.ouvrir(convention, 2026)
    arreter(bilan, copil)
    bilan.transmettre(timezone.localdate())
    caf = Partenaire.objects.get(nom="Caisse d’allocations familiales du Haut-Rhin")
    bilan.viser(caf, timezone.localdate())
    with pytest.raises(ValidationError, match="déjà visé"):
        bilan.viser(caf, timezone.localdate())


def test_decisions_are_typed_in_the_room_by_who_keeps_the_meeting(agent, navigateur, bilan, fiche, convention):
    adresse = f"{BILAN}projection/2/"
    decision = {"action": fiche.pk, "texte": "Ouvrir le samedi", "responsable": "CCVA", "echeance": "2027-03-01"}
    assert agent.post(adresse, decision).status_code == 403  # no meeting today
    du_jour = Reunion.objects.filter(territoire=convention.territoire, organisatrice__nature="copil").last()
    models.QuerySet(Reunion).filter(pk=du_jour.pk).update(date=timezone.localdate())
    assert "Noter la décision" in agent.get(adresse).content.decode()
    assert "Noter la décision" not in navigateur("caf").get(adresse).content.decode()
    assert navigateur("caf").post(adresse, decision).status_code == 403
    vide = agent.post(adresse, decision | {"texte": ""})
    assert vide.status_code == 422 and champs(vide)["responsable"] == "CCVA"
    ailleurs = convention.fiches.exclude(axe=fiche.axe).first()
    assert agent.post(adresse, decision | {"action": ailleurs.pk}).status_code == 422
    assert agent.post(adresse, decision).status_code == 302
    notee = du_jour.decisions.get(texte="Ouvrir le samedi")
    assert (notee.action, notee.responsable) == (fiche, "CCVA")
    assert "Ouvrir le samedi" in agent.get(adresse).content.decode()


# --- Nobody is left without knowing ---------------------------------------------------------------------


def test_a_page_given_back_is_asked_again_of_who_writes_it_account_or_link(agent, navigateur, client, bilan, fiche):
    pilote = fiche.pilotes[0]
    lien = LienDeSaisie.objects.create(
        convention=bilan.convention, partenaire=pilote, annee=2026, destinataire="p@cscva.example"
    )
    page = bilan.pages.get(action=fiche)
    saisir(agent, f"{BILAN}pages/{page.pk}/", {"fait": "<p>Fait.</p>", "rendue": "on"})
    mettre(bilan, "partage")
    reponse = agent.post(f"{BILAN}reprendre/", {f"page-{page.pk}": "Chiffrez les écarts."}, follow=True)
    assert "Les pilotes sont prévenus." in reponse.content.decode()
    page.refresh_from_db()
    assert not page.rendue and "0 page sur 12 terminée" in agent.get(BILAN).content.decode()
    # Both are told, each with the way that opens for them.
    courriels = {c.destinataires[0]: c.texte for c in Courriel.objects.filter(sujet__contains="à reprendre")}
    assert set(courriels) == {"pilote@ctg.example", "p@cscva.example"}
    assert "/saisie/lien/" in courriels["p@cscva.example"] and "/saisie/lien/" not in courriels["pilote@ctg.example"]
    assert "à reprendre : Chiffrez les écarts." in client.get(lien.get_absolute_url()).content.decode()
    assert "Chiffrez les écarts." in navigateur("pilote").get(f"{BILAN}pages/{page.pk}/").content.decode()
    # A body with neither account nor link is named: somebody calls it.
    muet = bilan.pages.exclude(action__participations__partenaire=pilote).first()
    muet.action.participations.filter(nature="pilote").delete()
    petr = Partenaire.objects.get(sigle="PETR", territoire=bilan.convention.territoire)
    muet.action.participations.create(partenaire=petr, nature="pilote")
    mettre(bilan, "partage")
    reponse = agent.post(f"{BILAN}reprendre/", {f"page-{muet.pk}": "À écrire."}, follow=True)
    assert "personne ne l’est pour PETR" in reponse.content.decode()


def test_an_observation_reaches_the_porteur_and_is_sealed_with_the_account(navigateur, agent, bilan, fiche, copil):
    mettre(bilan, "partage")
    page = bilan.pages.get(action=fiche)
    navigateur("caf").post(f"{BILAN}observer/", {"page": page.pk, "texte": "Et les horaires ?"})
    navigateur("caf").post(f"{BILAN}observer/", {"page": "", "texte": "Un beau bilan."})
    courriels = list(Courriel.objects.filter(sujet__contains="une observation"))
    assert [c.destinataires for c in courriels] == [["agent@ctg.example"]] * 2
    assert "1 observation<" in agent.get(BILAN).content.decode()
    arreter(bilan, copil)
    scelle = json.loads(scelles.lire(bilan.json_id))
    assert [o["texte"] for o in scelle["observations"]] == ["Un beau bilan."]
    dites = [f["observations"] for axe in scelle["axes"] for f in axe["fiches"] if f["observations"]]
    assert [[o["texte"] for o in lot] for lot in dites] == [["Et les horaires ?"]]
    # Who reads its history is told each move.
    assert "Arrêté" in agent.get(f"{BILAN}historique/").content.decode()


def test_the_year_before_stands_beside_each_figure(bilan, fiche, convention):
    indicateur = fiche.indicateurs.first()
    suivant = Bilan.ouvrir(convention, 2027)
    donnees = papiers.donnees_du_bilan(suivant)
    [la] = [f for axe in donnees["axes"] for f in axe["fiches"] if f["pk"] == fiche.pk]
    assert la["annee_avant"] == 2026
    realise = fiche.financements.filter(annee=2026).aggregate(r=models.Sum("realise"))["r"]
    assert Decimal(la["avant"]["realise"]) == realise
    [lu] = [i for i in la["indicateurs"] if i["libelle"] == indicateur.libelle]
    assert lu["avant"] == indicateur.montrer(indicateur.mesure_de(2026))
    # The first year has none before it, the final evaluation tells each of them.
    assert papiers.fiche_du_bilan(bilan.pages.get(action=fiche))["annee_avant"] is None
    finale = papiers.donnees_du_bilan(Bilan.ouvrir(convention))
    assert [a["annee"] for a in finale["par_annee"]] == list(convention.annees)
    tout = sum(Decimal(a["realise"]) for a in finale["par_annee"] if a["realise"])
    assert tout == Decimal(finale["total"]["realise"])


def test_the_last_link_also_opens_the_final_evaluation(client, convention, fiche):
    mettre_en_vigueur(convention)
    finale = Bilan.ouvrir(convention)
    page = finale.pages.get(action=fiche)
    for annee, attendu in ((2026, 410), (2030, 200)):
        lien = LienDeSaisie.objects.create(
            convention=convention, partenaire=fiche.pilotes[0], annee=annee, destinataire="p@cscva.example"
        )
        assert client.get(f"{CTG}/bilans/evaluation/lien/{lien.jeton}/{page.pk}/").status_code == attendu


def test_what_is_decided_of_a_whole_axe_is_not_lost(agent, bilan, convention):
    reunion = convention.territoire.reunions.create(date=timezone.localdate(), objet="Comité", convention=convention)
    adresse = f"{BILAN}projection/2/"
    assert agent.post(adresse, {"texte": "Revoir l’axe entier.", "action": ""}).status_code == 302
    decision = reunion.decisions.get()
    assert decision.axe == convention.axes.get(ordre=2)
    assert "Revoir l’axe entier." in agent.get(adresse).content.decode()
    assert "Revoir l’axe entier." in agent.get(BILAN).content.decode()
    assert "Revoir l’axe entier." not in agent.get(f"{BILAN}projection/1/").content.decode()
    assert "(axe 2)" in agent.get(reunion.get_absolute_url()).content.decode()


def test_what_is_not_final_is_marked_where_it_is_drawn(bilan, fiche):
    """Every chart and table marks an amount by its weakest state, in a letter and in words."""
    fiche.financements.filter(annee=2026).update(etat_prevu="notifie")
    donnees = papiers.donnees_du_bilan(Bilan.objects.get(pk=bilan.pk))
    graphique = papiers.illustrer(donnees)["argent"]
    assert "(provisoire)" in graphique.description
    mots = [r.mots for _, _, rects in graphique.dessins for r in rects]
    assert any(m.endswith(" p") for m in mots)
    [la] = [f for axe in donnees["axes"] for f in axe["fiches"] if f["pk"] == fiche.pk]
    assert la["total"]["marque_prevu"] == ["n", "notifié"]
    assert euros(Decimal("10500.5")) == "10\u00a0500,50\u00a0€"
    assert euros(Decimal("-499")).startswith("−499")


# --- Any plan: the same figures on every support ------------------------------------------------------

MONTANTS = st.none() | st.decimals(0, 10**7, places=2)
LIGNES = st.lists(
    st.tuples(
        st.integers(0, 1), st.sampled_from([2026, 2027]), MONTANTS, MONTANTS, st.sampled_from(EtatMontant.values)
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lignes=LIGNES)
def test_any_plan_has_the_figures_of_the_database_on_every_support(lignes, db):
    convention = fabriques.ConventionFactory()
    mettre_en_vigueur(convention)
    parties = [s.partenaire for s in convention.signataires.order_by("ordre")]
    fiche = fabriques.ActionFactory(axe=convention.axes.get())
    for rang, annee, prevu, realise, etat in lignes:
        fiche.financements.create(
            partenaire=parties[rang], annee=annee, prevu=prevu, realise=realise, etat_realise=etat
        )
    donnees = papiers.donnees_du_bilan(Bilan.ouvrir(convention, 2026))

    def somme(champ, **critere):
        return fiche.financements.filter(annee=2026, **critere).aggregate(t=models.Sum(champ))["t"]

    for champ in ("prevu", "realise"):
        attendu = somme(champ)
        assert (donnees["total"][champ] and Decimal(donnees["total"][champ])) == attendu
        for ligne in donnees["financeurs"]:
            [partenaire] = [p for p in parties if p.nom_court == ligne["nom"]]
            assert (ligne[champ] and Decimal(ligne[champ])) == somme(champ, partenaire=partenaire)
    # A sum is final only if each of its amounts is.
    etats = set(fiche.financements.filter(annee=2026, realise__isnull=False).values_list("etat_realise", flat=True))
    assert donnees["total"]["provisoire"] == bool(etats - {"definitif"})
    feuille = load_workbook(io.BytesIO(bilan_xlsx(donnees)))["Montants"]
    ecrits = [ligne[7] for ligne in feuille.iter_rows(min_row=2, values_only=True) if ligne[7] is not None]
    assert sum(Decimal(str(v)) for v in ecrits) == (somme("realise") or 0)
    tableaux = [t for t in Document(io.BytesIO(bilan_docx(donnees))).tables if t.rows[-1].cells[0].text == "Total"]
    if donnees["financeurs"]:
        realise = donnees["total"]["realise"]
        assert tableaux[0].rows[-1].cells[2].text.startswith(euros(Decimal(realise)) if realise else "–")
