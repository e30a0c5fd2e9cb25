"""Section by section: what is typed is kept, what is wrong is said, what changed meanwhile is shown."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from actions.models import Action, Dispositif
from actions.saisies import SECTIONS
from ctg.models import User
from tests.conftest import CTG
from tests.pages import champs

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def url(fiche, cle):
    return f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/modifier/{cle}/"


def formulaire(client, fiche, cle):
    """Return what a browser would post if nothing were typed."""
    return champs(client.get(url(fiche, cle)))


@pytest.mark.parametrize("cle", list(SECTIONS))
def test_saving_a_section_as_it_is_changes_nothing(agent, fiche, cle):
    avant = Action.history.count()
    reponse = agent.post(url(fiche, cle), formulaire(agent, fiche, cle))
    assert reponse.status_code == 302, [
        reponse.context["saisie"].form and reponse.context["saisie"].form.errors,
        getattr(reponse.context["saisie"].lignes, "errors", None),
    ]
    assert Action.history.count() == avant


@pytest.mark.parametrize(
    ("cle", "champ", "saisie", "message"),
    [
        ("identite", "avancement", "140", "de 0 à 100"),
        ("identite", "avancement", "55,5", "nombre entier"),
        ("identite", "en_clair", "trop " * 130, "600 caractères"),
        ("identite", "avancement", "-5", "supérieure ou égale"),
        ("identite", "titre", "x" * 251, "250"),
        ("identite", "titre", "", "obligatoire"),
        ("identite", "statut", "en_retard", "choix valide"),
        ("calendrier", "fin", "2025-01-01", "précède la date de début"),
        ("calendrier", "debut", "31/02/2026", "n’existe pas"),
        ("calendrier", "debut", "0226-01-01", "Vérifiez l’année"),
        ("enjeux", "objectifs", "<p>" + "é" * 20_001 + "</p>", "limite est de 20000"),
        ("enjeux", "objectifs", "<table><tbody><tr><td>" * 9 + "x", "imbriqués trop profondément"),
        ("financements", "lignes-0-prevu", "-3", "négatif"),
        ("financements", "lignes-0-annee", "26", "quatre chiffres"),
        ("financements", "lignes-0-annee", "2041", "La convention couvre 2026-2030"),
        ("indicateurs", "lignes-0-cible_2027", "douze", "nombre en chiffres"),
        ("indicateurs", "lignes-0-libelle", "", "obligatoire"),
        ("calendrier", "lignes-0-echeance", "demain", "n’existe pas"),
    ],
)
def test_bad_input_is_said_at_the_field_and_kept(agent, fiche, cle, champ, saisie, message):
    donnees = {**formulaire(agent, fiche, cle), champ: saisie}
    avant = Action.objects.values().get(pk=fiche.pk)
    reponse = agent.post(url(fiche, cle), donnees)
    page = reponse.content.decode()
    assert reponse.status_code == 422
    assert message in page
    assert "Rien n’est encore enregistré" in page
    edition = reponse.context["saisie"]
    forme = edition.form if "-" not in champ else edition.lignes.forms[0]
    assert forme[champ.split("-")[-1]].value() == saisie
    assert Action.objects.values().get(pk=fiche.pk) == avant


def test_who_gives_up_a_deletion_finds_what_others_saved(agent, navigateur, fiche):
    """The refused page showed the row as it was first read; saving it then undid the colleague's figure."""
    page = url(fiche, "financements")
    donnees = formulaire(agent, fiche, "financements")
    premiere = fiche.financements.get(pk=donnees["lignes-0-id"])
    premiere.realise = 5555
    premiere.save()
    refus = agent.post(page, donnees | {"lignes-0-DELETE": "on"})
    rendus = champs(refus)
    assert (refus.status_code, rendus["lignes-0-realise"]) == (422, "5555")
    rendus.pop("lignes-0-DELETE")
    assert agent.post(page, rendus).status_code == 302
    premiere.refresh_from_db()
    assert premiere.realise == 5555


def test_an_old_row_outside_the_period_does_not_stop_the_others(agent, fiche, convention):
    from actions.models import Financement

    vieille = fiche.financements.first()
    Financement.objects.filter(pk=vieille.pk).update(annee=2041)
    page, donnees = url(fiche, "financements"), formulaire(agent, fiche, "financements")
    autre = next(n for n in donnees if n.endswith("-realise") and donnees[n.replace("realise", "annee")] != "2041")
    assert agent.post(page, donnees | {autre: "12"}).status_code == 302
    # The period of the convention may not leave figures behind either.
    identite = f"{CTG}/convention/modifier/identite/"
    refus = agent.post(identite, champs(agent.get(identite)))
    assert "portent sur 2041" in refus.content.decode()


@pytest.mark.parametrize("cle", ["financements", "calendrier", "pilotage", "indicateurs"])
def test_a_refused_page_still_offers_a_blank_row(agent, fiche, cle):
    """Without JavaScript the blank row is the only way to add one: it went away with the first refusal."""
    donnees = formulaire(agent, fiche, cle)
    rangs = {nom.split("-")[1] for nom in donnees if nom.startswith("lignes-") and nom.endswith("-id")}
    faute = {"financements": "prevu", "calendrier": "echeance", "pilotage": "role", "indicateurs": "libelle"}[cle]
    refus = agent.post(url(fiche, cle), donnees | {f"lignes-0-{faute}": "x" * 300})
    assert refus.status_code == 422
    rendus = champs(refus)
    assert {nom.split("-")[1] for nom in rendus if nom.startswith("lignes-") and nom.endswith("-id")} == rangs
    # The blank row is no row: mended, the page saves what it held.
    lot = {"financements": "financements", "calendrier": "jalons", "pilotage": "participations"}.get(cle, cle)
    avant = getattr(fiche, lot).count()
    reponse = agent.post(url(fiche, cle), rendus | {f"lignes-0-{faute}": donnees[f"lignes-0-{faute}"]})
    assert reponse.status_code == 302
    assert getattr(fiche, lot).count() == avant


@pytest.mark.parametrize(
    ("saisie", "garde"),
    [
        ("<script>alert(1)</script><p onclick=x>Bon</p>", "<p>Bon</p>"),
        ('<p class="MsoNormal" style="mso-x:1"><b>Gras</b><o:p></o:p></p>', "<p>Gras</p>"),
        ('<img src="file:///etc/passwd"><p>Texte</p>', "<p>Texte</p>"),
        ('<p><a href="javascript:x">lien</a></p>', '<p><a rel="noopener noreferrer">lien</a></p>'),
        ('<p><a href="//ailleurs.example/x">lien</a></p>', '<p><a rel="noopener noreferrer">lien</a></p>'),
        ('<p><a href="/comptes/logout/">lien</a></p>', '<p><a rel="noopener noreferrer">lien</a></p>'),
        (
            '<p><a href="https://caf.fr/x">lien</a></p>',
            '<p><a href="https://caf.fr/x" rel="noopener noreferrer">lien</a></p>',
        ),
        (
            '<table><tbody><tr><td colspan="65534">a</td></tr></tbody></table>',
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
        ),
        ("Une ligne\r\nUne autre & <3", None),
        ("Une ligne\r\nUne autre", "<p>Une ligne</p><p>Une autre</p>"),
        ("<p></p>", ""),
    ],
)
def test_pasted_text_is_sanitised(agent, fiche, saisie, garde):
    agent.post(url(fiche, "vigilance"), {**formulaire(agent, fiche, "vigilance"), "vigilance": saisie})
    fiche.refresh_from_db()
    if garde is None:
        assert "Une autre" in fiche.vigilance
    else:
        assert fiche.vigilance == garde


def test_targets_and_measures_are_kept_per_year(agent, fiche):
    donnees = {**formulaire(agent, fiche, "indicateurs"), "lignes-0-cible_2030": "1 250,5", "lignes-0-mesure_2026": ""}
    assert agent.post(url(fiche, "indicateurs"), donnees).status_code == 302
    indicateur = fiche.indicateurs.first()
    assert indicateur.cibles.get(annee=2030).valeur == Decimal("1250.50")
    assert not indicateur.mesures.filter(annee=2026).exists()


def test_rows_are_added_and_removed(agent, fiche):
    donnees = formulaire(agent, fiche, "calendrier")
    donnees |= {"lignes-0-DELETE": "on", "lignes-2-libelle": "Nouveau jalon", "lignes-2-echeance": "2027-05-01"}
    assert agent.post(url(fiche, "calendrier"), donnees).status_code == 302
    assert [j.libelle for j in fiche.jalons.all()] == ["Étude sur les horaires élargis", "Nouveau jalon"]


def test_two_programmes_of_one_partner_and_year_are_two_rows(agent, fiche):
    donnees = formulaire(agent, fiche, "financements")
    dernier, clas = fiche.financements.count(), Dispositif.objects.get(nom="CLAS")
    ligne = f"lignes-{dernier}"
    donnees |= {f"{ligne}-partenaire": donnees["lignes-0-partenaire"], f"{ligne}-annee": "2026"}
    donnees |= {f"{ligne}-dispositif": str(clas.pk), f"{ligne}-prevu": "1 200"}
    assert agent.post(url(fiche, "financements"), donnees).status_code == 302
    assert fiche.financements.filter(annee=2026, partenaire=donnees["lignes-0-partenaire"]).count() == 2
    assert "CLAS" in agent.get(url(fiche, "financements")).content.decode()


def deux_saisies(agent, navigateur, fiche, cle, la_sienne, la_mienne):
    """Open a section twice; let the agent save first, then the pilote; return the answer to the pilote."""
    pilote = navigateur("pilote")
    du_pilote, de_l_agent = formulaire(pilote, fiche, cle), formulaire(agent, fiche, cle)
    assert agent.post(url(fiche, cle), {**de_l_agent, **la_sienne}).status_code == 302
    return pilote, pilote.post(url(fiche, cle), {**du_pilote, **la_mienne})


def test_who_changed_another_field_of_the_section_loses_nothing(agent, navigateur, fiche):
    """C7: saving after a colleague no longer puts their fields back to what they were."""
    _, reponse = deux_saisies(
        agent, navigateur, fiche, "identite", {"avancement": "77"}, {"titre": "Un autre intitulé"}
    )
    assert reponse.status_code == 302
    fiche.refresh_from_db()
    assert (fiche.avancement, fiche.titre) == (77, "Un autre intitulé")


def test_both_changed_the_same_field_is_shown_and_decided(agent, navigateur, fiche):
    sienne, mienne = {"public_vise": "Toutes les familles"}, {"public_vise": "Les jeunes", "objectifs": "<p>Long</p>"}
    pilote, reponse = deux_saisies(agent, navigateur, fiche, "enjeux", sienne, mienne)
    page = reponse.content.decode()
    assert reponse.status_code == 422
    assert "Agent de la CCVA" in page
    assert "Toutes les familles" in page
    assert champs(reponse)["public_vise"] == "Les jeunes"
    assert champs(reponse)["objectifs"] == "<p>Long</p>"
    fiche.refresh_from_db()
    assert fiche.public_vise == "Toutes les familles"
    # Once seen, saving again is a decision.
    assert pilote.post(url(fiche, "enjeux"), champs(reponse)).status_code == 302
    fiche.refresh_from_db()
    assert (fiche.public_vise, fiche.objectifs) == ("Les jeunes", "<p>Long</p>")


def test_rows_added_on_both_sides_are_both_kept(agent, navigateur, fiche):
    la_sienne = {"lignes-2-libelle": "Le jalon de l’agent", "lignes-2-echeance": "2027-05-01"}
    la_mienne = {"lignes-2-libelle": "Le jalon du pilote", "lignes-2-echeance": "2027-06-01"}
    assert fiche.jalons.count() == 2
    _, reponse = deux_saisies(agent, navigateur, fiche, "calendrier", la_sienne, la_mienne)
    assert reponse.status_code == 302
    assert fiche.jalons.count() == 4


def test_cells_of_one_row_are_merged(agent, navigateur, fiche):
    _, reponse = deux_saisies(
        agent, navigateur, fiche, "indicateurs", {"lignes-0-mesure_2026": "51"}, {"lignes-0-cible_2030": "99"}
    )
    assert reponse.status_code == 302
    indicateur = fiche.indicateurs.first()
    assert (indicateur.mesures.get(annee=2026).valeur, indicateur.cibles.get(annee=2030).valeur) == (51, 99)


def test_a_row_edited_here_and_deleted_there_is_a_conflict(agent, navigateur, fiche):
    pilote, reponse = deux_saisies(
        agent, navigateur, fiche, "calendrier", {"lignes-0-DELETE": "on"}, {"lignes-0-libelle": "Toujours utile"}
    )
    assert reponse.status_code == 422
    assert "supprimée" in reponse.content.decode()
    assert "Toujours utile" in champs(reponse).values()
    assert pilote.post(url(fiche, "calendrier"), champs(reponse)).status_code == 302
    assert fiche.jalons.filter(libelle="Toujours utile").exists()


def test_a_row_deleted_here_and_edited_there_is_a_conflict(agent, navigateur, fiche):
    pilote, reponse = deux_saisies(
        agent, navigateur, fiche, "calendrier", {"lignes-0-libelle": "Toujours utile"}, {"lignes-0-DELETE": "on"}
    )
    assert reponse.status_code == 422
    assert fiche.jalons.filter(libelle="Toujours utile").exists()
    assert pilote.post(url(fiche, "calendrier"), champs(reponse)).status_code == 302
    assert not fiche.jalons.filter(libelle="Toujours utile").exists()


def test_a_row_untouched_here_and_deleted_there_stays_deleted(agent, navigateur, fiche):
    _, reponse = deux_saisies(
        agent, navigateur, fiche, "calendrier", {"lignes-0-DELETE": "on"}, {"lignes-1-libelle": "Modifié"}
    )
    assert reponse.status_code == 302
    assert [j.libelle for j in fiche.jalons.all()] == ["Modifié"]


@pytest.mark.parametrize("marques", ["", "faux", None])
def test_a_form_without_its_marks_is_not_trusted(agent, fiche, marques):
    """B7: a form was taken without a fingerprint."""
    donnees = {**formulaire(agent, fiche, "identite"), "avancement": "12"}
    donnees = {k: v for k, v in donnees.items() if k != "marques"} | (
        {"marques": marques} if marques is not None else {}
    )
    reponse = agent.post(url(fiche, "identite"), donnees)
    assert reponse.status_code == 422
    assert "trop ancienne" in reponse.content.decode()
    assert champs(reponse)["avancement"] == "12"
    fiche.refresh_from_db()
    assert fiche.avancement == 55
    assert agent.post(url(fiche, "identite"), champs(reponse)).status_code == 302


def test_two_people_on_two_sections_do_not_meet(agent, navigateur, fiche):
    pilote = navigateur("pilote")
    attente = formulaire(pilote, fiche, "moyens")
    agent.post(url(fiche, "identite"), {**formulaire(agent, fiche, "identite"), "avancement": "70"})
    assert pilote.post(url(fiche, "moyens"), {**attente, "moyens_humains": "<p>Deux personnes</p>"}).status_code == 302
    fiche.refresh_from_db()
    assert (fiche.avancement, fiche.moyens_humains) == (70, "<p>Deux personnes</p>")


def test_an_expired_session_gives_back_what_was_typed(agent, navigateur, fiche):
    saisie = {**formulaire(agent, fiche, "vigilance"), "vigilance": "\n<p>Écrit pendant une heure</p>"}
    inconnu = navigateur("anonyme")
    reponse = inconnu.post(url(fiche, "vigilance"), saisie)
    page = reponse.content.decode()
    assert reponse.status_code == 403
    assert "Votre session a expiré" in page
    assert '<textarea name="vigilance" hidden>\n\n&lt;p&gt;Écrit pendant une heure&lt;/p&gt;</textarea>' in page
    assert inconnu.post(url(fiche, "vigilance"), saisie, HTTP_HX_REQUEST="true").status_code == 401


@pytest.mark.parametrize(("origine", "rendu"), [("https://testserver", True), ("https://ailleurs.example", False)])
def test_a_stale_guard_gives_back_what_our_own_page_sent(fiche, origine, rendu):
    """Signing in from another tab changes the guard of an open form."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(email="agent@ctg.example"), backend=BACKEND)
    reponse = client.post(url(fiche, "vigilance"), {"vigilance": "Écrit"}, headers={"Origin": origine}, secure=True)
    assert reponse.status_code == 403
    assert (">\nÉcrit</textarea>" in reponse.content.decode()) is rendu


def test_an_archived_fiche_is_put_back_before_it_is_edited(agent, fiche):
    fiche.archiver()
    assert agent.get(url(fiche, "identite")).status_code == 403
    assert "Remettre dans le plan" in agent.get(fiche.get_absolute_url()).content.decode()


def test_htmx_gets_the_section_alone(agent, fiche):
    entete = {"HTTP_HX_REQUEST": "true"}
    fragment = agent.get(url(fiche, "identite"), **entete).content.decode()
    assert fragment.lstrip().startswith("<section")
    enregistre = agent.post(
        url(fiche, "identite"), {**formulaire(agent, fiche, "identite"), "avancement": "61"}, **entete
    ).content.decode()
    assert "61 %" in enregistre
    assert "est enregistré" in enregistre
    assert "<html" not in enregistre


def test_history_tells_before_and_after_and_can_go_back(agent, fiche):
    agent.post(url(fiche, "identite"), {**formulaire(agent, fiche, "identite"), "avancement": "58"})
    instant = Action.history.filter(id=fiche.pk).latest("history_date").history_date
    donnees = formulaire(agent, fiche, "thematiques")
    agent.post(url(fiche, "thematiques"), {**donnees, "thematiques": donnees["thematiques"][:1]})
    donnees = formulaire(agent, fiche, "indicateurs")
    agent.post(url(fiche, "indicateurs"), {**donnees, "lignes-0-DELETE": "on", "lignes-1-cible_2026": "3"})
    agent.post(url(fiche, "identite"), {**formulaire(agent, fiche, "identite"), "avancement": "90"})
    page = agent.get(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/historique/").content.decode()
    assert '<th scope="row">Fiche action, avancement (%)</th><td>58</td><td>90</td>' in page
    assert "Agent de la CCVA" in page
    assert "Petite enfance" in page
    adresse = f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/historique/"
    retour = {"instant": instant.isoformat(), "partie": "identite"}
    avant = agent.get(adresse, retour)
    assert "<td>90</td><td>58</td>" in avant.content.decode()  # shown before it is done
    fiche.refresh_from_db()
    assert fiche.avancement == 90
    assert agent.post(adresse, retour).status_code == 302
    fiche.refresh_from_db()
    assert fiche.avancement == 58
    assert fiche.thematiques.count() == 1  # the other sections are as they were
    avant = agent.get(adresse, retour | {"partie": "thematiques"}).content.decode()
    assert "Thématiques" in avant
    avant = agent.get(adresse, retour | {"partie": "indicateurs"}).content.decode()
    assert "<td>absent</td><td>remis</td>" in avant
    assert "<td>3" in avant
    agent.post(adresse, retour | {"partie": "thematiques"})
    assert fiche.thematiques.count() == 2
    agent.post(adresse, retour | {"partie": "indicateurs"})
    assert [i.libelle for i in fiche.indicateurs.all()] == ["Places d’accueil collectif", "Taux d’occupation"]
    assert fiche.indicateurs.first().cibles.count() == 5
    assert fiche.indicateurs.last().cibles.get(annee=2026).valeur == 80


@pytest.mark.parametrize(
    "instant", ["", "hier", "1990-01-01T00:00:00+00:00", "9999-12-31", "9999-12-31T23:59:59+00:00"]
)
def test_an_impossible_moment_is_refused(agent, fiche, instant):
    reponse = agent.post(
        f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/historique/", {"instant": instant, "partie": "identite"}
    )
    assert "n’existe pas" in reponse.content.decode()


def test_the_caf_comments_and_the_agent_notes(agent, navigateur, fiche):
    navigateur("caf").post(
        f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/notes/", {"date": "2026-11-24", "texte": "Où en est l’étude ?"}
    )
    agent.post(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/notes/", {"date": "2026-11-24", "texte": "Lancée."})
    assert list(fiche.notes.order_by("-pk").values_list("nature", flat=True)[:2]) == ["suivi", "commentaire"]
    reponse = agent.post(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/notes/", {"date": "", "texte": "Gardé"})
    assert reponse.status_code == 422
    assert ">\nGardé</textarea>" in reponse.content.decode()


def test_the_author_of_a_note_corrects_it_and_nobody_else_does(agent, navigateur, fiche):
    caf = navigateur("caf")
    caf.post(
        f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/notes/", {"date": "2026-11-24", "texte": "Où en est l’étude ?"}
    )
    note = fiche.notes.get(texte__startswith="Où en est")
    adresse = f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/notes/{note.pk}/"
    assert f'href="{adresse}"' in caf.get(fiche.get_absolute_url()).content.decode()
    assert f'href="{adresse}"' not in agent.get(fiche.get_absolute_url()).content.decode()
    assert agent.get(adresse).status_code == 403
    assert agent.post(f"{adresse}retirer/").status_code == 403
    faux = caf.post(adresse, {"date": "", "texte": "Gardé"})
    assert faux.status_code == 422
    assert ">\nGardé</textarea>" in faux.content.decode()
    assert caf.post(adresse, {"date": "2026-11-24", "texte": "Où en sont les études ?"}).status_code == 302
    note.refresh_from_db()
    assert note.texte == "Où en sont les études ?"
    historique = caf.get(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/historique/").content.decode()
    assert "Où en est l’étude ?" in historique
    caf.post(f"{adresse}retirer/")
    assert not fiche.notes.filter(pk=note.pk).exists()


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


@pytest.mark.parametrize(
    ("nom", "contenu", "message"),
    [
        ("note.pdf", PDF, None),
        ("NOTE.PDF", PDF, None),
        ("virus.pdf", b"MZ\x90\x00\x03\x00\x00\x00" + b"\0" * 200, "n’est pas celui d’un fichier .pdf"),
        ("virus.exe", b"MZ\x90\x00", "n’est pas accepté"),
        ("lourd.pdf", PDF + b"0" * 50 * 1024**2, "50 Mo ; la limite est de 10 Mo"),
        ("vide.pdf", b"", "vide"),
        ("page.html", b"<script>alert(1)</script>", "n’est pas accepté"),
    ],
)
def test_attachments(agent, fiche, nom, contenu, message):
    reponse = agent.post(
        f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/pieces/",
        {"titre": "Étude", "fichier": SimpleUploadedFile(nom, contenu)},
    )
    if message is None:
        assert reponse.status_code == 302
        rendu = agent.get(f"/val-d-argent/2026-2030/pieces/{fiche.pieces.get().pk}/")
        assert b"".join(rendu.streaming_content) == contenu
        assert rendu["Content-Disposition"].startswith("attachment")
    else:
        assert reponse.status_code == 422
        assert message in reponse.content.decode()
        assert 'value="Étude"' in reponse.content.decode()
        assert not fiche.pieces.exists()


def test_an_attachment_is_public_only_when_said(agent, navigateur, fiche):
    agent.post(
        f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/pieces/",
        {"titre": "Étude", "fichier": SimpleUploadedFile("e.pdf", PDF)},
    )
    piece = fiche.pieces.get()
    inhabitant = navigateur("anonyme")
    assert inhabitant.get(f"/val-d-argent/2026-2030/pieces/{piece.pk}/").status_code == 404
    piece.publique = True
    piece.save()
    reponse = inhabitant.get(f"/val-d-argent/2026-2030/pieces/{piece.pk}/")
    assert reponse.status_code == 200
    assert b"".join(reponse.streaming_content) == PDF
    agent.post(f"/val-d-argent/2026-2030/plan/fiches/{fiche.pk}/pieces/{piece.pk}/retirer/")
    assert not fiche.pieces.exists()


def test_a_removed_attachment_leaves_the_disk(agent, fiche, django_capture_on_commit_callbacks):
    """S4: it stayed."""
    agent.post(f"{CTG}/plan/fiches/{fiche.pk}/pieces/", {"titre": "Étude", "fichier": SimpleUploadedFile("e.pdf", PDF)})
    piece = fiche.pieces.get()
    chemin = piece.fichier.path
    assert Path(chemin).exists()
    with django_capture_on_commit_callbacks(execute=True):
        agent.post(f"{CTG}/plan/fiches/{fiche.pk}/pieces/{piece.pk}/retirer/")
    assert not Path(chemin).exists()


def test_what_a_withdrawn_note_said_is_read_by_nobody(agent, navigateur, fiche):
    """S4: it stayed readable in the history by every reader."""
    agent.post(f"{CTG}/plan/fiches/{fiche.pk}/notes/", {"date": "2026-11-24", "texte": "Écrit par erreur"})
    note = fiche.notes.get(texte="Écrit par erreur")
    agent.post(f"{CTG}/plan/fiches/{fiche.pk}/notes/{note.pk}/retirer/")
    page = navigateur("caf").get(f"{CTG}/plan/fiches/{fiche.pk}/historique/").content.decode()
    assert "Écrit par erreur" not in page


@pytest.mark.parametrize("nom", ["x" * 300 + ".pdf", "é" * 120 + ".pdf"])
def test_an_attachment_with_a_long_name_is_kept_or_refused_in_words(agent, fiche, nom):
    """C8: a name of 300 letters: 500."""
    envoi = {"titre": "Étude", "fichier": SimpleUploadedFile(nom, PDF)}
    assert agent.post(f"{CTG}/plan/fiches/{fiche.pk}/pieces/", envoi).status_code in {302, 422}


def test_an_attachment_whose_file_is_gone_is_a_404(agent, fiche):
    """C8: 500."""
    agent.post(f"{CTG}/plan/fiches/{fiche.pk}/pieces/", {"titre": "Étude", "fichier": SimpleUploadedFile("e.pdf", PDF)})
    piece = fiche.pieces.get()
    Path(piece.fichier.path).unlink()
    reponse = agent.get(f"{CTG}/pieces/{piece.pk}/")
    assert reponse.status_code == 404
    assert "joindre à nouveau" in reponse.content.decode()


def test_a_full_disk_is_said_at_the_field(agent, fiche, monkeypatch):
    """C8: 500."""

    def plein(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", plein)
    envoi = {"titre": "Étude", "fichier": SimpleUploadedFile("e.pdf", PDF)}
    reponse = agent.post(f"{CTG}/plan/fiches/{fiche.pk}/pieces/", envoi)
    assert reponse.status_code == 422
    assert "prévenez l’administrateur" in reponse.content.decode()


def test_an_archived_fiche_does_not_move(agent, fiche):
    """C8: up or down on an archived fiche: 500."""
    fiche.archiver()
    for geste in ("monter", "descendre", "changer-axe"):
        reponse = agent.post(
            f"{CTG}/plan/fiches/{fiche.pk}/{geste}/", {"axe": fiche.convention.axes.last().pk}, follow=True
        )
        assert "archivée" in reponse.content.decode()


@pytest.mark.parametrize("total", ["", "abc", None])
def test_rows_that_came_in_pieces_are_refused(agent, fiche, total):
    """A proxy, or a script, lost the number of rows: what was typed in them is not said to be unchanged."""
    donnees = formulaire(agent, fiche, "financements") | {"lignes-0-prevu": "7777", "lignes-TOTAL_FORMS": total}
    reponse = agent.post(url(fiche, "financements"), {nom: v for nom, v in donnees.items() if v is not None})
    assert reponse.status_code == 422
    assert "ne sont pas parvenues entières : rien n’est enregistré" in reponse.content.decode()
    assert not fiche.financements.filter(prevu=7777).exists()
