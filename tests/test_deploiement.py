"""What a server is set up with: units that systemd takes, and nothing that drifts from the application."""

import shutil
import socket
import subprocess
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command, get_commands

RACINE = Path(__file__).parents[1]
UNITES = sorted((RACINE / "deploiement").glob("ctg*.service"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("unite", UNITES, ids=lambda u: u.name)
def test_systemd_takes_each_unit(unite, tmp_path):
    # The paths of the example are not on this machine: everything else is what systemd verifies.
    copie = tmp_path / unite.name
    copie.write_text(
        unite.read_text()
        .replace("/opt/ctg/.venv/bin/python", "/bin/true")
        .replace("/opt/ctg/.venv/bin/gunicorn", "/bin/true")
        .replace("/opt/ctg", "/tmp")
    )
    rendu = subprocess.run(["systemd-analyze", "verify", str(copie)], capture_output=True, text=True)
    fautes = [ligne for ligne in rendu.stderr.splitlines() if copie.name in ligne]
    assert fautes == []


def test_each_command_of_the_units_exists():
    commandes = get_commands()
    for unite in UNITES:
        for ligne in unite.read_text().splitlines():
            if "manage.py " in ligne:
                assert ligne.split("manage.py ")[1].split()[0] in commandes, unite.name


def test_the_description_of_the_software_is_read_by_a_machine():
    dit = yaml.safe_load((RACINE / "publiccode.yml").read_text())
    version = next(
        ligne for ligne in (RACINE / "pyproject.toml").read_text().splitlines() if ligne.startswith("version")
    )
    assert dit["softwareVersion"] == version.split('"')[1]
    assert dit["legal"]["license"] == "EUPL-1.2" and dit["description"]["fr"]["features"]


@pytest.mark.django_db
def test_a_taken_port_is_said_with_the_way_round(monkeypatch):
    with socket.socket() as pris:
        pris.bind(("127.0.0.1", 0))
        pris.listen()
        port = pris.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(CommandError, match=f"PORT={port + 1} make run"):
            call_command("accueillir")


@pytest.mark.parametrize("port", ["80000", "0", "-1", "abc", "127.0.0.1:8204"])
def test_what_is_no_port_is_said(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(CommandError, match="un nombre de 1 à 65535"):
        call_command("accueillir")


def test_the_installer_names_the_packages_to_who_has_no_right(tmp_path):
    """Without root or sudo: what to ask for, in French, and nothing half done."""
    faux = tmp_path / "bin"
    faux.mkdir()
    for nom, corps in (("id", "echo 1000"), ("dpkg", "exit 1")):
        (faux / nom).write_text(f"#!/bin/sh\n{corps}\n")
        (faux / nom).chmod(0o755)
    for nom in ("bash", "dirname", "env"):
        (faux / nom).symlink_to(shutil.which(nom))
    rendu = subprocess.run(
        [shutil.which("bash"), str(RACINE / ".ci" / "installer")], env={"PATH": str(faux)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True,
    )  # fmt: skip
    assert rendu.returncode == 1
    assert "Demandez à qui administre cette machine d’installer : libpango-1.0-0" in rendu.stderr
