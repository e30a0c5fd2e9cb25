"""Section by section: what is typed is kept, what is wrong is said, what changed meanwhile is shown."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from actions.forms import SECTIONS
from actions.models import Action
from ctg.models import User

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def url(fiche, cle):
    return f"/plan/fiches/{fiche.pk}/modifier/{cle}/"


def formulaire(client, fiche, cle):
    """Return what a browser would post if nothing were typed."""
    edition = client.get(url(fiche, cle)).context["edition"]
    donnees = {"empreinte": edition.empreinte, "ouverte": edition.ouverte}
    formes = [edition.form, *([edition.lignes.management_form, *edition.lignes] if edition.lignes is not None else [])]
    for forme in formes:
        for champ in forme:
            valeur = champ.value()
            if valeur is None or valeur is False:
                continue
            donnees[champ.html_name] = (
                [getattr(v, "pk", v) for v in valeur]
                if isinstance(valeur, list)
                else champ.field.widget.format_value(valeur)
                if hasattr(champ.field.widget, "format_value") and not isinstance(valeur, bool)
                else valeur
            )
    return donnees


@pytest.mark.parametrize("cle", list(SECTIONS))
def test_saving_a_section_as_it_is_changes_nothing(agent, fiche, cle):
    avant = Action.history.count()
    reponse = agent.post(url(fiche, cle), formulaire(agent, fiche, cle))
    assert reponse.status_code == 302, [
        reponse.context["edition"].form.errors,
        getattr(reponse.context["edition"].lignes, "errors", None),
    ]
    assert Action.history.count() == avant


@pytest.mark.parametrize(
    ("cle", "champ", "saisie", "message"),
    [
        ("identite", "avancement", "140", "de 0 à 100"),
        ("identite", "avancement", "beaucoup", "nombre en chiffres"),
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
    edition = reponse.context["edition"]
    forme = edition.form if "-" not in champ else edition.lignes.forms[0]
    assert forme[champ.split("-")[-1]].value() == saisie
    assert Action.objects.values().get(pk=fiche.pk) == avant


@pytest.mark.parametrize(
    ("saisie", "garde"),
    [
        ("<script>alert(1)</script><p onclick=x>Bon</p>", "<p>Bon</p>"),
        ('<p class="MsoNormal" style="mso-x:1"><b>Gras</b><o:p></o:p></p>', "<p>Gras</p>"),
        ('<img src="file:///etc/passwd"><p>Texte</p>', "<p>Texte</p>"),
        ('<p><a href="javascript:x">lien</a></p>', '<p><a rel="noopener noreferrer">lien</a></p>'),
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


def test_two_rows_for_one_partner_and_year_are_refused(agent, fiche):
    donnees = formulaire(agent, fiche, "financements")
    dernier = fiche.financements.count()
    donnees |= {f"lignes-{dernier}-partenaire": donnees["lignes-0-partenaire"], f"lignes-{dernier}-annee": "2026"}
    reponse = agent.post(url(fiche, "financements"), donnees)
    assert reponse.status_code == 422
    assert "gardez-en une seule" in reponse.content.decode()


def test_the_second_to_save_is_told_and_loses_nothing(agent, navigateur, fiche):
    pilote = navigateur("pilote")
    du_pilote, de_l_agent = formulaire(pilote, fiche, "enjeux"), formulaire(agent, fiche, "enjeux")
    agent.post(url(fiche, "enjeux"), {**de_l_agent, "public_vise": "Toutes les familles"})
    saisie = {**du_pilote, "objectifs": "<p>Mon long texte</p>"}
    reponse = pilote.post(url(fiche, "enjeux"), saisie)
    page = reponse.content.decode()
    assert reponse.status_code == 422
    assert "Agent de la CCVA" in page
    assert "Toutes les familles" in page
    assert "&lt;p&gt;Mon long texte&lt;/p&gt;" in page
    fiche.refresh_from_db()
    assert fiche.public_vise == "Toutes les familles"
    # Once seen, saving again is a decision.
    assert (
        pilote.post(url(fiche, "enjeux"), {**saisie, "empreinte": reponse.context["edition"].empreinte}).status_code
        == 302
    )


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
    page = agent.get(f"/plan/fiches/{fiche.pk}/historique/").content.decode()
    assert '<th scope="row">La fiche, avancement (%)</th><td>58</td><td>90</td>' in page
    assert "Agent de la CCVA" in page
    assert "Petite enfance" in page
    agent.post(f"/plan/fiches/{fiche.pk}/historique/", {"instant": instant.isoformat()})
    fiche.refresh_from_db()
    assert fiche.avancement == 58
    assert fiche.thematiques.count() == 2
    assert [i.libelle for i in fiche.indicateurs.all()] == ["Places d’accueil collectif", "Taux d’occupation"]
    assert fiche.indicateurs.first().cibles.count() == 5
    assert fiche.indicateurs.last().cibles.get(annee=2026).valeur == 80


@pytest.mark.parametrize("instant", ["", "hier", "1990-01-01T00:00:00+00:00"])
def test_an_impossible_moment_is_refused(agent, fiche, instant):
    reponse = agent.post(f"/plan/fiches/{fiche.pk}/historique/", {"instant": instant})
    assert "n’existe pas" in reponse.content.decode()


def test_the_caf_comments_and_the_agent_notes(agent, navigateur, fiche):
    navigateur("caf").post(f"/plan/fiches/{fiche.pk}/notes/", {"date": "2026-11-24", "texte": "Où en est l’étude ?"})
    agent.post(f"/plan/fiches/{fiche.pk}/notes/", {"date": "2026-11-24", "texte": "Lancée."})
    assert list(fiche.notes.order_by("-pk").values_list("nature", flat=True)[:2]) == ["suivi", "commentaire"]
    reponse = agent.post(f"/plan/fiches/{fiche.pk}/notes/", {"date": "", "texte": "Gardé"})
    assert reponse.status_code == 422
    assert ">\nGardé</textarea>" in reponse.content.decode()


def test_the_author_of_a_note_corrects_it_and_nobody_else_does(agent, navigateur, fiche):
    caf = navigateur("caf")
    caf.post(f"/plan/fiches/{fiche.pk}/notes/", {"date": "2026-11-24", "texte": "Où en est l’étude ?"})
    note = fiche.notes.get(texte__startswith="Où en est")
    adresse = f"/plan/fiches/{fiche.pk}/notes/{note.pk}/"
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
    historique = caf.get(f"/plan/fiches/{fiche.pk}/historique/").content.decode()
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
        f"/plan/fiches/{fiche.pk}/pieces/", {"titre": "Étude", "fichier": SimpleUploadedFile(nom, contenu)}
    )
    if message is None:
        assert reponse.status_code == 302
        rendu = agent.get(f"/pieces/{fiche.pieces.get().pk}/")
        assert b"".join(rendu.streaming_content) == contenu
        assert rendu["Content-Disposition"].startswith("attachment")
    else:
        assert reponse.status_code == 422
        assert message in reponse.content.decode()
        assert 'value="Étude"' in reponse.content.decode()
        assert not fiche.pieces.exists()


def test_an_attachment_is_public_only_when_said(agent, navigateur, fiche):
    agent.post(f"/plan/fiches/{fiche.pk}/pieces/", {"titre": "Étude", "fichier": SimpleUploadedFile("e.pdf", PDF)})
    piece = fiche.pieces.get()
    inhabitant = navigateur("anonyme")
    assert inhabitant.get(f"/pieces/{piece.pk}/").status_code == 404
    piece.publique = True
    piece.save()
    reponse = inhabitant.get(f"/pieces/{piece.pk}/")
    assert reponse.status_code == 200
    assert b"".join(reponse.streaming_content) == PDF
    agent.post(f"/plan/fiches/{fiche.pk}/pieces/{piece.pk}/retirer/")
    assert not fiche.pieces.exists()
