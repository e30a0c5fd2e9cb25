"""What is dropped on `/verifier/` comes from anybody: whatever it holds gets a page, never a fault."""

import json
import os
import re
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctg.pdf import PDFIllisible, atelier
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
        json.dumps(ENTIER | {"territoire": []}).encode(),
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


def zeros(mebioctets):
    """So many MiB of zeros, deflated as zlib would: one block, again and again, and the sum (RFC 1950) of them all."""
    zlibe = zlib.compressobj(9)
    premier = zlibe.compress(b"\0" * 1024**2) + zlibe.flush(zlib.Z_FULL_FLUSH)
    somme = (mebioctets * 1024**2 % 65521) << 16 | 1
    return premier + premier[2:] * (mebioctets - 1) + b"\x03\x00" + somme.to_bytes(4, "big")


def gonfle(octets_dedans):
    """A PDF whose cross-reference stream is tiny in the file and swells when it is opened."""
    flux = zeros(octets_dedans // 1024**2)
    entete = f"1 0 obj <</Type /XRef /Size 9 /W [1 2 1] /Filter /FlateDecode /Length {len(flux)}>> stream\n".encode()
    corps = b"%PDF-1.5\n" + entete + flux + b"\nendstream endobj\n"
    return corps + b"startxref\n9\n%%EOF\n"


def memoire():
    """The resident memory of this process, in MiB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024


@pytest.mark.django_db
def test_a_small_file_does_not_swell_the_server(client):
    lourd = gonfle(300 * 1024**2)
    assert len(lourd) < 2 * 1024**2
    lire_la_convention_ou_non(b"%PDF-1.7\n%%EOF")  # the worker is there
    avant = memoire()
    assert client.post("/verifier/", {"fichier": SimpleUploadedFile("a.pdf", lourd)}).status_code == 200
    assert memoire() - avant < 100
    # Nor does what nobody could hold bring a worker down for the others.
    assert client.post("/verifier/", {"fichier": SimpleUploadedFile("a.pdf", gonfle(3 * 1024**3))}).status_code == 200
    assert lire_la_convention(pdf_qui_porte(json.dumps(ENTIER).encode()))["axes"] == []


def lire_la_convention_ou_non(octets):
    with suppress(Illisible):
        lire_la_convention(octets)


@pytest.mark.django_db
def test_an_attachment_without_bytes_and_a_lone_surrogate_get_a_page(client):
    pdf = pikepdf.new()
    pdf.add_blank_page()
    noms = pikepdf.Array([pikepdf.String("convention.json"), pikepdf.Dictionary(Type=pikepdf.Name.Filespec)])
    pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=noms))
    pdf.save(creux := BytesIO())
    orphelin = b'{"format":"ctg-convention","version":2,"territoire":{"nom":"\\ud800A"},"convention":{},"parties":[],'
    orphelin += b'"articles":[],"annexes":[],"axes":[]}'
    for octets, porte in ((creux.getvalue(), False), (orphelin, True)):
        page = client.post("/verifier/", {"fichier": SimpleUploadedFile("a.pdf", octets)})
        assert page.status_code == 200
        assert ("lisible par machine" in page.content.decode()) is porte


@pytest.mark.django_db
def test_a_locked_file_gets_its_sentence(client):
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(sortie := BytesIO(), encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(Illisible, match="mot de passe"):
        lire_la_convention(sortie.getvalue())
    reponse = client.post("/verifier/", {"fichier": SimpleUploadedFile("a.pdf", sortie.getvalue())})
    assert reponse.status_code == 200


def test_strangers_wait_for_one_another_and_nobody_else(monkeypatch):
    """Who prints does not wait behind files that take their time; a worker that dies is replaced."""
    monkeypatch.setattr(atelier, "DELAI_DE_LECTURE", 1)
    with ThreadPoolExecutor(4) as strangers:
        lents = [strangers.submit(atelier.a_l_ecart, time.sleep, 30) for _ in range(4)]
        debut = time.monotonic()
        assert atelier._equipe()[0].schedule(abs, args=(-1,)).result(60) == 1
        assert time.monotonic() - debut < 20
        phrases = {str(lent.exception(timeout=60)) for lent in lents}
    assert any("réessayez dans un instant" in phrase for phrase in phrases)
    assert any("temps raisonnable" in phrase for phrase in phrases)
    with pytest.raises(PDFIllisible):
        atelier.a_l_ecart(os._exit, 1)
    monkeypatch.undo()
    assert atelier.a_l_ecart(abs, -1) == 1


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
