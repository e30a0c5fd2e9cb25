"""Rich text: what the editor may produce is what the server lets in, and nothing else.

One allow-list serves the editor's buttons, the form, the import and the output, so that a text pasted from
Word, typed without JavaScript or loaded from a sheet reads the same on screen and on paper. Pictures are left
out on purpose: they go with the attachments, and a printed document then fetches nothing on a text's word.
"""

import re
import unicodedata
from html import escape, unescape
from html.parser import HTMLParser

import nh3
from django.core.exceptions import ValidationError
from django_prose_editor.config import allowlist_from_extensions, expand_extensions
from django_prose_editor.fields import ProseEditorField

from ctg.tableaux import colonnes

EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "HardBreak": True,
    "Heading": {"levels": [4, 5]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
}
# A fiche holds about ten rich texts of a page each; a page is 3,000 characters, the rest is markup.
LONGUEUR_MAX = 20_000
# More nested than a table in a list in a table is a paste gone wrong, and costs a layout engine dearly.
PROFONDEUR_MAX = 12
CELLULES_MAX = 12
# What a portrait page holds and can still be read.
COLONNES_MAX = 12


def _borner_attribut(_balise, attribut, valeur):
    # A link leads out of the site, in full: never to an action of it, nor to an address whose site is left open.
    if attribut == "href":
        return valeur if re.match(r"(https?://|mailto:|tel:)[^/\s]", valeur, re.I) else None
    if attribut in {"colspan", "rowspan"}:
        return valeur if valeur.isdecimal() and 1 <= int(valeur[:4]) <= CELLULES_MAX and len(valeur) < 4 else None
    return valeur


_NETTOYEUR = nh3.Cleaner(
    **{
        **allowlist_from_extensions(expand_extensions(EXTENSIONS)),
        "link_rel": "noopener noreferrer",
        "attributes": {"th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}, "a": {"href"}},
        "attribute_filter": _borner_attribut,
        "clean_content_tags": {"script", "style", "title"},
    }
)
_TEXTE_SEUL = nh3.Cleaner(tags=set())


class _Profondeur(HTMLParser):
    """Measure how deep the elements of a fragment nest."""

    VIDES = {"br", "hr", "img", "col", "input", "meta", "link", "wbr"}

    def __init__(self):
        super().__init__()
        self.courante = self.maximum = 0

    def handle_starttag(self, tag, attrs):
        if tag not in self.VIDES:
            self.courante += 1
            self.maximum = max(self.maximum, self.courante)

    def handle_endtag(self, tag):
        self.courante = max(0, self.courante - 1)


def profondeur(html):
    """Return the depth of the most nested element of `html` (0 for plain text)."""
    mesure = _Profondeur()
    mesure.feed(html)
    return mesure.maximum


def assainir(html):
    """Return `html` reduced to what the editor can write; plain lines become paragraphs.

    Never raises: a text nested beyond `PROFONDEUR_MAX` keeps its words and loses its markup.
    """
    html = (html or "").replace("\r\n", "\n")
    if html and "<" not in html:
        return "".join(f"<p>{escape(bloc, quote=False)}</p>" for bloc in html.split("\n") if bloc.strip())
    propre = _NETTOYEUR.clean(html)
    if profondeur(propre) > PROFONDEUR_MAX:
        propre = f"<p>{_TEXTE_SEUL.clean(propre)}</p>"
    return "" if not _TEXTE_SEUL.clean(propre).strip("\xa0 \n\t").replace("&nbsp;", "").strip() else propre


def texte_brut(html):
    """Return the words of a rich text, one block a line, without any markup."""
    html = re.sub(r"</(p|li|h4|h5|tr)>|<br>", "\n", assainir(html))
    return unescape(re.sub(r"\n{2,}", "\n", re.sub(r"<[^>]+>", "", html))).strip()


def sans_accents(texte):
    """Return a text as a search compares it: small letters, no accent, one kind of apostrophe."""
    nu = "".join(c for c in unicodedata.normalize("NFKD", texte.casefold()) if not unicodedata.combining(c))
    return nu.replace("’", "'")


def valider_texte(html):
    """Refuse a rich text that is too long or too nested to be read or printed."""
    if len(html) > LONGUEUR_MAX:
        raise ValidationError(
            f"Ce texte compte {len(html)} caractères, mise en forme comprise ; la limite est de {LONGUEUR_MAX}. "
            "Raccourcissez-le ou joignez-le en pièce jointe.",
            code="trop_long",
        )
    if profondeur(html) > PROFONDEUR_MAX:
        raise ValidationError(
            "Ce texte contient des tableaux ou des listes imbriqués trop profondément. "
            "Collez-le sans mise en forme (Ctrl+Maj+V) puis remettez-le en page.",
            code="trop_imbrique",
        )
    if (largeur := colonnes(html)) > COLONNES_MAX:
        raise ValidationError(
            f"Ce texte contient un tableau de {largeur} colonnes ; une page en tient {COLONNES_MAX}. "
            "Découpez-le en plusieurs tableaux, ou joignez-le en pièce jointe.",
            code="trop_large",
        )


class TexteRiche(ProseEditorField):
    """A rich text, validated then sanitised wherever it comes in (form, admin, import, fixture)."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("blank", True)
        super().__init__(*args, **{**kwargs, "extensions": EXTENSIONS, "sanitize": assainir})

    def clean(self, value, model_instance):
        valider_texte(value or "")
        return super().clean(value, model_instance)
