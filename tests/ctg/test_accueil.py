from io import StringIO

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_make_run_says_where_to_go_and_as_whom(monkeypatch):
    monkeypatch.setenv("PORT", "8123")
    sortie = StringIO()
    call_command("accueillir", stdout=sortie)
    texte = sortie.getvalue()
    assert "http://127.0.0.1:8123/" in texte
    for compte in ("agent", "pilote", "caf", "secretaire", "elu", "voisin", "admin"):
        assert f"{compte}@ctg.example" in texte
    assert "Administrateur de l’installation" in texte
