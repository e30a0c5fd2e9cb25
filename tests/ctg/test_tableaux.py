"""Tables that a person typed: counted with what is merged, made whole, and held on the sheet."""

import re
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctg.francais import riche
from ctg.pdf import Document, Entree, Morceau
from ctg.tableaux import accorder, colonnes
from tests.ctg.test_pdf import imprimer


def table(*rangees):
    return f"<table><tbody>{''.join(f'<tr>{r}</tr>' for r in rangees)}</tbody></table>"


@pytest.mark.parametrize(
    ("html", "attendu"),
    [
        ("", 0),
        ("<p>rien</p>", 0),
        (table("<td>a</td><td>b</td>"), 2),
        (table("<td colspan=3>a</td><td>b</td>"), 4),
        # Cells merged downwards take their place in the rows below.
        (table("<td rowspan=3>a</td>" * 12, "<td>b</td>" * 12), 24),
        (table("<td rowspan=2>a</td><td>b</td>", "<td>c</td>", "<td>d</td><td>e</td>"), 2),
        (table(f"<td>{table('<td>x</td>' * 4)}</td><td>y</td>"), 5),
    ],
)
def test_columns_are_counted_as_they_stand(html, attendu):
    assert colonnes(html) == attendu


@given(st.text(st.sampled_from("<>/tablehdr =\"'&;x\x00\x0b\x1b"), max_size=80))
def test_no_typed_table_breaks_the_count(html):
    assert colonnes(f"<table>{html}") >= 0


def test_a_table_has_headings_and_rows_of_one_length():
    assert accorder("<p>rien</p>") == "<p>rien</p>"
    fait = accorder("avant " + table("<td>a</td><td>b</td>", "<td>c</td>"))
    assert fait.startswith("avant ") and fait.count("<th>") == 2 and fait.count("<td>") == 2
    garde = accorder(table("<th>a</th>", "<td>b</td>"))
    assert garde.count("<th>") == 1 and "tableau-serre" not in garde


def test_what_stands_before_a_table_stays_words():
    """Read by a parser, an escaped text comes out bare: it is escaped again before it is trusted."""
    html = riche("&lt;img src=x onerror=alert(1)&gt; bonjour " + table("<td>a</td>"))
    assert "<img" not in html and "&lt;img" in html


def test_many_tables_within_tables_are_counted_at_once():
    debut = time.perf_counter()
    assert colonnes("<table></x>" * 400) >= 0
    assert colonnes("<table><tr><td>" * 200) >= 1
    assert time.perf_counter() - debut < 5


@pytest.mark.papier
@pytest.mark.parametrize(
    "mots",
    [
        [
            "Établissement",
            "Gestionnaire",
            "Commune",
            "Capacité",
            "Financement",
            "Fréquentation",
            "Renouvellement",
            "Commentaires",
        ],
        [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        [f"anticonstitutionnellement{n}" for n in range(12)],
        ["m" * 175, "court"],
    ],
)
def test_no_word_of_a_table_runs_off_the_sheet(mots):
    html = riche(table("".join(f"<th><p>{m}</p></th>" for m in mots), "<td><p>1</p></td>" * len(mots)))
    page = f"<!doctype html><html lang='fr'><body><h1 id='e'>Essai</h1>{html}</body></html>"
    octets = imprimer(Document("Essai", "Essai", [Morceau("Essai", page, (Entree(1, "Essai", "e"),))])).read_bytes()
    lus = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=octets, capture_output=True, check=True
    ).stdout.decode()
    # A4 is 595 points wide; its right margin of 18 mm begins at 544.
    assert max(float(x) for x in re.findall(r'xMax="([\d.]+)"', lus)) <= 545
    serre = re.sub(r"[\s\u00ad\u2010-]", "", re.sub(r"<[^>]+>", "", lus))
    assert all(len(re.findall(m[0], serre)) for m in mots)
