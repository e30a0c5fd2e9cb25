"""The button of an organisation in a real Chromium: its content policy follows a form through each redirection."""

# ruff: noqa: F811 - fixtures of the other tests
import re

import pytest
from playwright.sync_api import expect

from tests.ctg.test_oidc import AGENT, BOUTON, connaitre, fournisseur, porte  # noqa: F401
from tests.test_navigateur import chromium, fautes_de, hors_boucle, ouvrir, serveur  # noqa: F401

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.papier]


def test_somebody_goes_there_and_comes_back_or_reads_why_not(ouvrir, porte):
    for adresse, attendu in ((AGENT, r"/travail/|/conventions/|/plan/$"), ("inconnue@ailleurs.example", "/login/$")):
        connaitre(porte, adresse, email_verified=True)
        page = ouvrir(javascript=adresse == AGENT)
        page.goto("/comptes/login/")
        if adresse == AGENT:
            assert fautes_de(page, "login") == []
        page.get_by_role("button", name=BOUTON).click()
        page.wait_for_url(f"{porte}/**")
        page.fill("input[name=sub]", adresse)
        page.get_by_role("button", name="Authorize", exact=True).click()
        page.wait_for_url(re.compile(attendu))
    expect(page.get_by_role("status")).to_contain_text("Aucun compte n’a l’adresse inconnue@ailleurs.example")
