"""The whole plan as one workbook: what goes out comes back unchanged, what changed is exactly what comes in, faults have cells."""

import io
import random
import shutil
import subprocess
import time
import zipfile
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from actions.classeur import Entree, ecrire
from actions.models import Action, Convention, Financement, Indicateur, Jalon, Mesure
from actions.resources import FEUILLES
from ctg.compteurs import fermer_l_ecriture
from ctg.models import User
from tests import fabriques
from tests.conftest import CTG, VAL

PAGE = f"{CTG}/plan/classeur/"
MODELES = [Action, Financement, Indicateur, Jalon, Mesure]


def envoyer(agent, octets, **plus):
    return agent.post(PAGE, {"fichier": SimpleUploadedFile("plan.xlsx", octets), **plus})


def confirmer(agent, reponse, **plus):
    return agent.post(PAGE, {"feuille": reponse.context["feuille"], **plus})


def ouvrir(octets):
    return load_workbook(io.BytesIO(octets))


def enregistrer(classeur):
    sortie = io.BytesIO()
    classeur.save(sortie)
    return sortie.getvalue()


def case(feuille, rang, colonne):
    """Return the cell of a named column."""
    return feuille.cell(rang, [c.value for c in feuille[1]].index(colonne) + 1)


def rang_de(feuille, colonne, valeur):
    return next(r for r in range(2, feuille.max_row + 1) if case(feuille, r, colonne).value == valeur)


def etat():
    return {m: list(m.objects.order_by("pk").values_list()) for m in MODELES}


# --- Out -------------------------------------------------------------------------------------------


def test_cells_have_their_type_and_nothing_is_a_formula(agent, navigateur, convention, fiche):
    fiche.titre = "=1+1"
    fiche.save()
    octets = navigateur("caf").get(f"{CTG}/plan/classeur.xlsx").content
    classeur = ouvrir(octets)
    assert classeur.sheetnames == ["Lisez-moi", *(titre for titre, _ in FEUILLES.values())]
    fiches, argent = classeur["Fiches actions"], classeur["Financements"]
    assert case(fiches, rang_de(fiches, "id", fiche.pk), "titre").value == "=1+1"
    assert case(fiches, rang_de(fiches, "id", fiche.pk), "titre").data_type == "s"
    assert isinstance(case(fiches, rang_de(fiches, "id", fiche.pk), "debut").value, datetime)
    assert isinstance(case(argent, 2, "prevu").value, int | float)
    assert isinstance(case(argent, 2, "annee").value, int)
    assert "<p>" not in str(case(fiches, rang_de(fiches, "id", fiche.pk), "constats").value)
    assert (fiches.freeze_panes, argent.freeze_panes) == ("B2", "B2")
    listes = {v.formula1 for v in fiches.data_validations.dataValidation}
    assert '"oui,non"' in listes and any("En cours" in liste for liste in listes)
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert not any(b"<f>" in archive.read(nom) for nom in archive.namelist())
    assert "statut : À venir" in "\n".join(
        str(c.value) for (c,) in classeur["Lisez-moi"].iter_rows(min_col=3, max_col=3)
    )


# --- Round trip ------------------------------------------------------------------------------------


def test_what_goes_out_comes_back_unchanged(agent, convention):
    avant = etat()
    reponse = envoyer(agent, ecrire(convention))
    assert reponse.status_code == 200, reponse.content.decode()
    assert "Ce classeur ne change rien" in reponse.content.decode()
    assert reponse.context["lecture"].inchangees > 100 and not reponse.context["lecture"].changements
    assert etat() == avant


@pytest.mark.papier
def test_what_libreoffice_saved_comes_back_unchanged(convention, tmp_path):
    libreoffice = shutil.which("soffice") or shutil.which("libreoffice")
    assert libreoffice, "LibreOffice est absent : `.ci/installer --tests` l’installe."
    (tmp_path / "plan.xlsx").write_bytes(ecrire(convention))
    commande = [
        libreoffice,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(tmp_path / "sorti"),
    ]
    subprocess.run([*commande, str(tmp_path / "plan.xlsx")], check=True, capture_output=True, timeout=120)
    lecture = Entree((tmp_path / "sorti" / "plan.xlsx").read_bytes(), convention).entrer(None)
    assert (lecture.changements, lecture.fautes) == ([], [])


def test_a_text_that_did_not_change_keeps_its_formatting_and_one_that_did_loses_it(agent, convention, fiche):
    fiche.constats = "<p>Un <strong>mot</strong> & un autre</p><ul><li>a &lt; b</li><li>c</li></ul>"
    fiche.objectifs = "<p>Deux <em>mots</em></p>"
    fiche.save()
    classeur = ouvrir(ecrire(convention))
    fiches = classeur["Fiches actions"]
    rang = rang_de(fiches, "id", fiche.pk)
    case(fiches, rang, "objectifs").value = "Trois mots\n<b>et une balise</b>"
    case(fiches, rang, "avancement").value = 61
    reponse = envoyer(agent, enregistrer(classeur))
    [changement] = reponse.context["lecture"].changements
    assert changement.forme_perdue == ["objectifs"]
    assert "perd sa mise en forme" in reponse.content.decode()
    assert confirmer(agent, reponse).status_code == 302
    fiche.refresh_from_db()
    assert fiche.constats == "<p>Un <strong>mot</strong> &amp; un autre</p><ul><li>a &lt; b</li><li>c</li></ul>"
    assert fiche.objectifs == "<p>Trois mots</p><p>&lt;b&gt;et une balise&lt;/b&gt;</p>"
    assert fiche.avancement == 61
    assert fiche.history.first().history_user.email == "agent@ctg.example"


def test_an_archived_fiche_in_an_older_workbook_is_left_alone(agent, convention, fiche):
    classeur = ouvrir(ecrire(convention))
    fiche.archiver()  # what was 2.2 is 2.1 from now on: rows follow their fiche, not its number
    fermer_l_ecriture()
    avant = etat()
    reponse = envoyer(agent, enregistrer(classeur))
    assert reponse.status_code == 200, [str(f) for f in reponse.context["lecture"].fautes]
    lecture = reponse.context["lecture"]
    assert lecture.archivees > 1 and lecture.changements == []
    assert etat() == avant
    jalons = classeur["Jalons"]
    bas = jalons.max_row + 1
    for nom, valeur in (("fiche", "2.1"), ("libelle", "Un jalon"), ("echeance", date(2027, 3, 1))):
        case(jalons, bas, nom).value = valeur
    reponse = envoyer(agent, enregistrer(classeur))
    assert reponse.status_code == 422 and "La fiche 2.1 est archivée" in reponse.content.decode()


def test_rows_across_sheets_come_in_together(agent, convention):
    classeur = ouvrir(ecrire(convention))
    fiches, jalons, indicateurs, cibles = (classeur[n] for n in ("Fiches actions", "Jalons", "Indicateurs", "Cibles"))
    bas = fiches.max_row + 1
    case(fiches, bas, "axe").value, case(fiches, bas, "titre").value = 1, "Venue du classeur"
    bas = jalons.max_row + 1
    for nom, valeur in (("fiche", "1.3"), ("libelle", "Un jalon"), ("echeance", date(2027, 3, 1))):
        case(jalons, bas, nom).value = valeur
    bas = indicateurs.max_row + 1
    for nom, valeur in (
        ("fiche", "1.3"),
        ("libelle", "Neuf"),
        ("genre", "Pourcentage"),
        ("sens", "À diminuer"),
        ("periode", "Chaque semestre"),
    ):
        case(indicateurs, bas, nom).value = valeur
    case(cibles, (bas := cibles.max_row + 1), "fiche").value = "1.3"
    for nom, valeur in (("indicateur", "Neuf"), ("annee", 2027), ("valeur", 12.5)):
        case(cibles, bas, nom).value = valeur
    reponse = envoyer(agent, enregistrer(classeur))
    assert reponse.status_code == 200, [str(f) for f in reponse.context["lecture"].fautes]
    assert not Action.objects.filter(titre="Venue du classeur").exists()  # a preview keeps nothing
    assert confirmer(agent, reponse).status_code == 302
    fiche = Action.objects.get(titre="Venue du classeur")
    assert fiche.numero_affiche == "1.3" and fiche.jalons.get().libelle == "Un jalon"
    neuf = fiche.indicateurs.get()
    assert (neuf.genre, neuf.sens, neuf.periode, neuf.cibles.get().valeur) == (
        "pourcentage",
        "baisse",
        "semestre",
        12.5,
    )


@pytest.mark.papier  # long: once, on PostgreSQL
def test_a_thousand_edits_are_exactly_these_changes(convention):
    """Random edits of figures, words and dates; what is read back is what was typed, and nothing else moved."""
    hasard = random.Random(7)
    fiches = list(convention.fiches.actives())
    for n in range(200):
        fiche = hasard.choice(fiches)
        Jalon.objects.create(action=fiche, libelle=f"j{n}", echeance=date(2026, 1 + n % 12, 1 + n % 28))
        fiche.financements.create(partenaire=convention.porteur, annee=2026 + n % 5, prevu=n)
    classeur = ouvrir(ecrire(convention))
    possibles = [
        (feuille, rang, colonne)
        for titre, colonnes in (
            ("Jalons", ("libelle", "echeance", "atteint")),
            ("Financements", ("prevu", "realise", "source_realise")),
        )
        for feuille in [classeur[titre]]
        for rang in range(2, feuille.max_row + 1)
        for colonne in colonnes
    ]
    attendus = {}
    for feuille, rang, colonne in hasard.sample(possibles, 1000):
        valeur = {
            "libelle": f"mot {hasard.random()}",
            "echeance": date(2027, hasard.randrange(1, 13), hasard.randrange(1, 29)),
            "atteint": "oui",
            "source_realise": f"source {hasard.random()}",
        }.get(colonne, hasard.randrange(10**6) / 100)
        cellule = case(feuille, rang, colonne)
        if str(cellule.value) != str(valeur):
            cellule.value = valeur
            attendus[feuille.title, rang, colonne] = valeur
    avant = etat()
    lecture = Entree(enregistrer(classeur), convention).entrer(
        User.objects.get(email="agent@ctg.example"), confirme=True
    )
    assert lecture.fautes == []
    faits = {(c.feuille, c.rang, nom) for c in lecture.changements for nom, *_ in c.cellules}
    assert faits == set(attendus)
    fermer_l_ecriture()
    relu = Entree(enregistrer(classeur), convention).entrer(None)
    assert relu.changements == []
    assert {m: len(lignes) for m, lignes in etat().items()} == {m: len(lignes) for m, lignes in avant.items()}
    assert etat()[Indicateur] == avant[Indicateur]


# --- Faults ----------------------------------------------------------------------------------------


def _fausser(classeur, sorte):
    """Spoil a workbook in one way; return the cell that must be named, or words that must be said."""
    argent, fiches = classeur["Financements"], classeur["Fiches actions"]
    cellule = {
        "montant": case(argent, 3, "prevu"),
        "formule": case(argent, 4, "realise"),
        "choix": case(fiches, 3, "statut"),
        "date": case(fiches, 4, "debut"),
        "pourcent": case(fiches, 2, "avancement"),
        "double": case(argent, 3, "id"),
        "inconnu": case(argent, 2, "id"),
        "titre": case(fiches, 2, "titre"),
    }.get(sorte)
    if sorte == "colonne":
        fiches.cell(1, fiches.max_column + 1).value = "couleur"
        return f"{fiches.cell(1, fiches.max_column).coordinate}"
    valeurs = {
        "montant": "trois",
        "formule": "=SUM(A1:A2)",
        "choix": "peut-être",
        "date": "31/02/2026",
        "pourcent": 140,
    }
    valeurs |= {"double": case(argent, 2, "id").value, "inconnu": 999999, "titre": None}
    cellule.value = valeurs[sorte]
    return cellule.coordinate


@pytest.mark.parametrize(
    "sorte", ["montant", "formule", "choix", "date", "pourcent", "double", "inconnu", "titre", "colonne"]
)
def test_a_fault_is_named_by_its_sheet_and_cell_and_nothing_comes_in(agent, convention, sorte):
    classeur = ouvrir(ecrire(convention))
    case(classeur["Jalons"], 2, "libelle").value = "Un bon changement"
    cellule = _fausser(classeur, sorte)
    avant = etat()
    reponse = envoyer(agent, enregistrer(classeur))
    assert reponse.status_code == 422
    assert cellule in {f.cellule for f in reponse.context["lecture"].fautes}, reponse.context["lecture"].fautes
    assert f"cellule {cellule}" in reponse.content.decode()
    assert etat() == avant


@pytest.mark.papier  # long: once, on PostgreSQL
def test_500_malformed_workbooks_no_traceback_no_partial_import(agent, convention):
    hasard, bon = random.Random(3), ecrire(convention)
    avant = etat()
    with zipfile.ZipFile(io.BytesIO(bon)) as archive:
        membres = {nom: archive.read(nom) for nom in archive.namelist()}
    for _ in range(500):
        octets = bytearray(bon)
        sorte = hasard.randrange(4)
        if sorte == 0:
            del octets[hasard.randrange(len(octets)) :]
        elif sorte == 1:
            for _ in range(30):
                octets[hasard.randrange(len(octets))] = hasard.randrange(256)
        else:
            sortie, touche = io.BytesIO(), hasard.choice(list(membres))
            with zipfile.ZipFile(sortie, "w") as archive:
                for nom, contenu in membres.items():
                    if nom != touche:
                        archive.writestr(nom, contenu)
                    elif sorte == 2:
                        archive.writestr(nom, contenu[: hasard.randrange(len(contenu))])
                    else:
                        brouille = bytearray(contenu)
                        for _ in range(10):
                            brouille[hasard.randrange(len(brouille))] = hasard.randrange(32, 127)
                        archive.writestr(nom, bytes(brouille))
            octets = sortie.getvalue()
        reponse = envoyer(agent, bytes(octets))
        assert reponse.status_code in {200, 422}
        assert "Traceback" not in reponse.content.decode()
    assert etat() == avant


def test_one_cell_at_row_100_000_is_refused_at_once(agent, convention):
    classeur = ouvrir(ecrire(convention))
    classeur["Jalons"]["C100000"] = "x"
    octets, depart = enregistrer(classeur), time.monotonic()
    reponse = envoyer(agent, octets)
    assert time.monotonic() - depart < 2
    assert reponse.status_code == 422 and "au-delà de la ligne 10000" in reponse.content.decode()


def test_who_may_and_what_changed_since(agent, navigateur, convention, fiche):
    octets = ecrire(convention)
    assert navigateur("pilote").post(PAGE, {}).status_code == 403
    classeur = ouvrir(octets)
    case(classeur["Jalons"], 2, "libelle").value = "Autre"
    apercu = envoyer(agent, enregistrer(classeur))
    fiche.titre = "Entre-temps"
    fiche.save()
    fermer_l_ecriture()
    tard = confirmer(agent, apercu)
    assert tard.status_code == 422 and "a changé depuis cet aperçu" in tard.content.decode()
    assert agent.post(PAGE, {}).status_code == 422
    classeur = ouvrir(ecrire(convention))
    case(classeur["Partenaires"], 2, "sigle").value = "X"
    assert envoyer(agent, enregistrer(classeur)).status_code == 200  # the porteur's agent holds the territory


def test_what_a_signature_froze_is_frozen_here_too(agent, convention, voisine):
    classeur = ouvrir(ecrire(convention))
    case(classeur["Financements"], 2, "prevu").value = 12345
    from django.db import models

    models.QuerySet(Convention).filter(pk=convention.pk).update(signature_ouverte_le="2026-01-01")
    fermer_l_ecriture()
    reponse = envoyer(agent, enregistrer(classeur))
    assert reponse.status_code == 422 and "en signature" in reponse.content.decode()


def test_a_new_plan_starts_from_the_workbook_of_another(agent, convention):
    """Only what does not name people of elsewhere: here the same territory, the next convention."""
    suivante = Convention.objects.get(cle="2031-2035", territoire=convention.territoire)
    suivante.fiches.all().delete()
    suivante.axes.all().delete()
    fermer_l_ecriture()
    classeur = ouvrir(ecrire(convention))
    for titre in ("Partenaires", "Financements", "Cibles", "Mesures"):
        del classeur[titre]
    adresse = f"{VAL}/2031-2035/plan/classeur/"
    apercu = agent.post(adresse, {"fichier": SimpleUploadedFile("p.xlsx", enregistrer(classeur)), "neuf": "on"})
    assert apercu.status_code == 200, [str(f) for f in apercu.context["lecture"].fautes][:5]
    assert agent.post(adresse, {"feuille": apercu.context["feuille"], "neuf": "on"}).status_code == 302
    assert suivante.fiches.actives().count() == 12
    assert [f.titre for f in Action.objects.de(suivante)] == [f.titre for f in Action.objects.actives().de(convention)]


@pytest.mark.papier  # long: once, on PostgreSQL
def test_300_fiches_go_out_and_come_in_within_fifteen_seconds(convention):
    axe = convention.axes.first()
    for n in range(288):
        fiche = fabriques.ActionFactory(axe=axe, titre=f"Fiche {n}")
        fiche.jalons.create(libelle="j", echeance=date(2027, 1, 1))
        fiche.financements.create(partenaire=convention.porteur, annee=2026, prevu=n)
        i = fiche.indicateurs.create(libelle="i")
        for annee in convention.annees:
            i.cibles.create(annee=annee, valeur=n)
    depart = time.monotonic()
    octets = ecrire(convention)
    sortie = time.monotonic() - depart
    classeur = ouvrir(octets)
    for rang in range(2, 302):
        case(classeur["Fiches actions"], rang, "avancement").value = rang % 100
    octets, depart = enregistrer(classeur), time.monotonic()
    lecture = Entree(octets, convention).entrer(None, confirme=True)
    entree = time.monotonic() - depart
    assert lecture.fautes == [] and len(lecture.changements) >= 280
    assert sortie < 15 and entree < 15, (sortie, entree)


def test_an_empty_workbook_and_one_of_somebody_else_are_refused(agent):
    autre = Workbook()
    autre.active.title = "Notes"
    assert "Aucune feuille" in envoyer(agent, enregistrer(autre)).content.decode()
    assert "pas un classeur Excel" in envoyer(agent, b"PK").content.decode()


def test_a_fiche_that_moves_takes_no_row_of_another_with_it(agent, convention):
    """2.1 goes to axe 1, so that 2.2 becomes 2.1 while the workbook comes in: rows stay with their fiche."""
    deuxieme = Action.objects.get(convention=convention, axe__ordre=2, ordre=2)
    argent = deuxieme.financements.filter(annee=2026).first()
    classeur = ouvrir(ecrire(convention))
    fiches, montants, jalons = classeur["Fiches actions"], classeur["Financements"], classeur["Jalons"]
    case(fiches, rang_de(fiches, "numero", "2.1"), "axe").value = 1
    case(montants, rang_de(montants, "id", argent.pk), "prevu").value = 150
    bas = jalons.max_row + 1
    for nom, valeur in (("fiche", "2.2"), ("libelle", "Pour l’ancienne 2.2"), ("echeance", date(2027, 3, 1))):
        case(jalons, bas, nom).value = valeur
    cibles = classeur["Cibles"]
    cible = deuxieme.indicateurs.first().cibles.first()
    case(cibles, rang_de(cibles, "id", cible.pk), "valeur").value = 7
    apercu = envoyer(agent, enregistrer(classeur))
    assert apercu.status_code == 200, [str(f) for f in apercu.context["lecture"].fautes]
    assert confirmer(agent, apercu).status_code == 302
    argent.refresh_from_db()
    cible.refresh_from_db()
    assert (argent.action_id, argent.prevu) == (deuxieme.pk, 150)
    assert Jalon.objects.get(libelle="Pour l’ancienne 2.2").action_id == deuxieme.pk
    assert (cible.indicateur.action_id, cible.valeur) == (deuxieme.pk, 7)
    deuxieme.refresh_from_db()
    assert deuxieme.numero_affiche == "2.1"


def test_one_sheet_alone_is_bounded_too(agent):
    classeur = Workbook()
    classeur.active.append(["fiche", "libelle", "echeance"])
    classeur.active["C100000"] = "x"
    octets, depart = enregistrer(classeur), time.monotonic()
    reponse = agent.post(f"{CTG}/plan/feuilles/jalons/", {"fichier": SimpleUploadedFile("j.xlsx", octets)})
    assert reponse.status_code == 422 and "au-delà de la ligne 10000" in reponse.content.decode()
    assert time.monotonic() - depart < 2


def test_the_workbook_of_a_contract_holds_what_is_signed_and_no_more(convention, fiche):
    fiche.vigilance = "<p>Interne</p>"
    fiche.save()
    classeur = ouvrir(ecrire(convention, contrat=True))
    assert "Mesures" not in classeur.sheetnames and "Partenaires" not in classeur.sheetnames
    colonnes = {f.title: {c.value for c in f[1]} for f in classeur.worksheets}
    assert not {"vigilance", "avancement", "statut"} & colonnes["Fiches actions"]
    assert "prevu" in colonnes["Financements"] and "realise" not in colonnes["Financements"]
    assert not any("Interne" in str(c.value) for f in classeur.worksheets for r in f.iter_rows() for c in r)
