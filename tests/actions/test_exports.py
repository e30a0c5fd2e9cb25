"""Open data of the plan: what is published and nothing else, no formula, readable by a machine."""

import csv
import io
import json

from tests.conftest import CTG, VAL


def test_json_and_csv_hold_the_published_fiches_alone(client, convention, fiche):
    fiche.titre = "=HYPERLINK(1)"
    fiche.vigilance = "<p>Interne</p>"
    fiche.save()
    autre = convention.fiches.actives().exclude(pk=fiche.pk).first()
    autre.publiee = False
    autre.save()
    donnees = json.loads(client.get(f"{CTG}/telechargements/plan.json").content)
    numeros = {f["numero"] for axe in donnees["axes"] for f in axe["fiches"]}
    assert fiche.numero_affiche in numeros and autre.numero_affiche not in numeros
    assert "Interne" not in json.dumps(donnees)
    texte = client.get(f"{CTG}/telechargements/plan.csv").content.decode("utf-8-sig")
    lignes = list(csv.DictReader(io.StringIO(texte), delimiter=";"))
    assert {ligne["fiche"] for ligne in lignes} == numeros
    assert [ligne["titre"] for ligne in lignes if ligne["fiche"] == "2.1"] == ["'=HYPERLINK(1)"]
    argent = next(f for axe in donnees["axes"] for f in axe["fiches"] if f["numero"] == "2.1")["financements"]
    assert all(ligne["etat"] for ligne in argent if ligne["realise"])


def test_what_is_not_published_is_not_there(client):
    for suffixe in ("json", "csv"):
        assert client.get(f"{VAL}/2031-2035/telechargements/plan.{suffixe}").status_code == 404
