"""The shell: the production example is clean, and pages carry their guards."""

import ast
import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

RACINE = Path(__file__).parents[2]


def test_the_production_example_passes_the_deployment_check():
    lignes = (
        ligne.split("=", 1)
        for ligne in (RACINE / ".env.example").read_text().splitlines()
        if "=" in ligne and ligne[0] != "#"
    )
    exemple = {**os.environ, **dict(lignes)}
    # The key that everybody has read is refused; the rest of the example is clean.
    refus = _deployer(exemple)
    assert refus.returncode == 1 and "ctg.E002" in refus.stderr and refus.stderr.count("?: (") == 1, refus.stderr
    exemple["SECRET_KEY"] = "une-autre-que-celle-de-l-exemple-tiree-au-hasard-0123456789"
    resultat = _deployer(exemple)
    assert resultat.returncode == 0, resultat.stderr
    assert "0 silenced" in resultat.stdout


def _deployer(exemple):
    commande = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(commande, cwd=RACINE, env=exemple, capture_output=True, text=True)


@pytest.mark.django_db
def test_pages_forbid_what_they_do_not_need(client):
    reponse = client.get("/")
    politique = reponse["Content-Security-Policy"]
    assert "default-src 'none'" in politique
    assert "frame-ancestors 'none'" in politique
    assert "unsafe-eval" not in politique
    assert "'unsafe-inline'" not in politique.split("script-src")[1].split(";")[0]
    assert reponse["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_sign_in_slows_down_who_guesses(client):
    for _ in range(12):
        reponse = client.post("/comptes/login/", {"login": "agent@ctg.example", "password": "faux"})
    assert reponse.status_code in {200, 429}
    assert "Trop de tentatives" in reponse.content.decode()


@pytest.mark.django_db
def test_who_asks_too_often_is_told_so_in_french(client):
    pages = [client.post("/comptes/password/reset/", {"email": f"{n}@ctg.example"}) for n in range(25)]
    assert pages[-1].status_code == 429 and "attendez quelques minutes" in pages[-1].content.decode()


@pytest.mark.django_db
def test_a_forgotten_password_is_sent_by_mail(client, mailoutbox):
    client.post("/comptes/password/reset/", {"email": "agent@ctg.example"})
    assert len(mailoutbox) == 1
    assert "/comptes/password/reset/key/" in mailoutbox[0].body


def test_what_the_application_imports_is_installed_with_it():
    """A library of the tests alone, imported by a page, would break the server that has no tests."""
    attendues = tomllib.loads((RACINE / "pyproject.toml").read_text())["project"]["dependencies"]
    installees, a_voir = set(), [Requirement(d) for d in attendues]
    while a_voir:
        exigence = a_voir.pop()
        nom = exigence.name.lower().replace("_", "-").replace(".", "-")
        if nom not in installees:
            installees.add(nom)
            suites = [Requirement(d) for d in metadata.requires(exigence.name) or []]
            voulus = exigence.extras or {""}
            a_voir += [s for s in suites if not s.marker or any(s.marker.evaluate({"extra": e}) for e in voulus)]
    par_module = metadata.packages_distributions()
    faux = []
    for fichier in [f for piece in ("ctg", "actions", "pilotage") for f in (RACINE / piece).rglob("*.py")]:
        for noeud in ast.walk(ast.parse(fichier.read_text())):
            noms = [a.name for a in noeud.names] if isinstance(noeud, ast.Import) else []
            if isinstance(noeud, ast.ImportFrom) and not noeud.level:
                noms = [noeud.module]
            for nom in {n.split(".")[0] for n in noms} - {"ctg", "actions", "pilotage"} - sys.stdlib_module_names:
                venues = {d.lower().replace("_", "-").replace(".", "-") for d in par_module.get(nom, [])}
                if not venues & installees:
                    faux.append(f"{fichier.relative_to(RACINE)} : {nom}")
    assert faux == []
