"""What is dropped on `/verifier/` comes from anybody: whatever it holds gets a page, never a fault."""

import json
from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilotage.documents import Illisible, lecture, lire_la_convention, resumer
from pilotage.forms import VerificationForm

TETE = {"format": "ctg-convention", "version": 2}
ENTIER = {**TETE, "territoire": {}, "convention": {}, "parties": [], "articles": [], "annexes": [], "axes": []}
VALEURS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda dedans: st.lists(dedans, max_size=3) | st.dictionaries(st.text(max_size=5), dedans, max_size=3),
    max_leaves=6,
)


def pdf_qui_porte(octets, **reglages):
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["convention.json"] = octets
    rendu = BytesIO()
    pdf.save(rendu, **reglages)
    return rendu.getvalue()


@pytest.mark.parametrize(
    "octets",
    [
        json.dumps(TETE).encode(),
        json.dumps(TETE | {"version": [1]}).encode(),
        json.dumps(TETE | {"version": True}).encode(),
        json.dumps(ENTIER | {"axes": [{"fiches": None}]}).encode(),
        json.dumps(ENTIER | {"axes": "abc"}).encode(),
        b'{"a":' * 100_000,
        b'{"format": "\xff"}',
        b"%PDF-1.7\n%%EOF",
        b"",
    ],
)
@pytest.mark.django_db
def test_a_crafted_file_gets_its_sentence(client, octets):
    with pytest.raises(Illisible):
        lire_la_convention(octets)
    for depose in (octets, pdf_qui_porte(octets)):
        page = client.post("/verifier/", {"fichier": SimpleUploadedFile("a.pdf", depose)})
        assert page.status_code == (200 if depose else 422)
        assert "lisible par machine" not in page.content.decode()


def test_a_text_that_swells_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(lecture, "POIDS_MAX", 1000)
    with pytest.raises(Illisible, match="trop lourd"):
        lire_la_convention(pdf_qui_porte(b" " * 5000, compress_streams=True))
    with pytest.raises(Illisible, match="trop lourd"):
        lire_la_convention(
            pdf_qui_porte(b" " * 5000, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.all)
        )


def test_a_file_too_heavy_is_refused_at_the_field(monkeypatch):
    monkeypatch.setattr(VerificationForm, "POIDS_MAX", 10)
    form = VerificationForm({}, {"fichier": SimpleUploadedFile("a.pdf", b"x" * 11)})
    assert "la limite est de 50 Mo" in str(form.errors["fichier"])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from([*ENTIER, "autre"]), VALEURS))
def test_any_value_in_any_place_is_read_or_refused(remplaces):
    try:
        texte = lire_la_convention(json.dumps(ENTIER | remplaces).encode())
    except Illisible:
        return
    assert "parties" in resumer(texte)
