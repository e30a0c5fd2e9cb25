"""Two columns filled before the layout: every word once and in order, headings with what they head, an even height."""

import re

from hypothesis import given
from hypothesis import strategies as st

from ctg.colonnes import LIGNES_MAX, blocs, lignes, partager

MOTS = st.text("abcdeéè ", min_size=1, max_size=400).map(lambda t: f"<p>{t}</p>")
LISTES = st.lists(st.text("abc ", min_size=1, max_size=90), min_size=1, max_size=5).map(
    lambda dits: "<ul>" + "".join(f"<li><p>{d}</p><br></li>" for d in dits) + "</ul>\n"
)
TITRES = st.sampled_from(["<h2>Objectifs</h2>", "<h4>Un titre</h4>"])
TEXTES = st.lists(st.one_of(MOTS, LISTES, TITRES), min_size=1, max_size=12).map("".join)


@given(TEXTES)
def test_nothing_is_lost_nor_moved(html):
    parts = partager(html)
    if parts:
        assert "".join(parts) == " ".join(html.split("\n")).strip()
        assert max(sum(map(lignes, blocs(part))) for part in parts) <= LIGNES_MAX + 1
        for part in parts:
            assert part.count("<ul") == part.count("</ul>") and part.count("<p") == part.count("</p>")


@given(TEXTES)
def test_a_heading_is_never_the_last_of_a_column(html):
    parts = partager(html)
    if parts:
        assert not re.search(r"</h[24]>\s*$", parts[0])


def test_columns_are_even():
    html = "".join(f"<h2>Titre {n}</h2><p>{'mot ' * 26}</p>" for n in range(6))
    gauche, droite = partager(html)
    assert gauche.count("<h2>") == droite.count("<h2>") == 3


def test_one_block_and_what_would_not_hold_on_a_page_are_left_to_the_engine():
    assert partager("") is None
    assert partager("<h2>Seul</h2><p>Un texte.</p>") is None
    assert partager("".join(f"<p>{'mot ' * 130}</p>" for _ in range(12))) is None
