"""What a public page shows when its address is shared: a title, a sentence, a picture drawn from the words themselves."""

from functools import lru_cache
from io import BytesIO
from textwrap import wrap

from PIL import Image, ImageDraw, ImageFont

from ctg.polices import dossier_des_ttf
from ctg.texte import texte_brut

# Pixels that social networks and messaging ask for (Open Graph).
LARGEUR, HAUTEUR = 1200, 630
# Tokens of jetons.css.
VIGNE, ARDOISE, GRES = "#6d2230", "#22262b", "#faf6f0"


def phrase(*textes, longueur=200):
    """Return the first of some texts (rich or plain) that says something, cut at a word; "" for none."""
    dits = (_d_une_ligne(texte_brut(texte)) for texte in textes if texte)
    dit = next((texte for texte in dits if texte), "")
    return dit if len(dit) <= longueur else dit[: longueur - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def _d_une_ligne(texte):
    """Join lines, of a list or of paragraphs, by what a sentence would have between them."""
    lignes = [" ".join(ligne.split()) for ligne in texte.splitlines() if ligne.strip()]
    *debut, fin = lignes or [""]
    return " ".join([*(ligne if ligne[-1] in ".!?:;,…" else f"{ligne}\u00a0;" for ligne in debut), fin])


@lru_cache
def _police(nom, corps):
    return ImageFont.truetype(dossier_des_ttf(nom.split("-")[0]) / f"{nom}.ttf", corps)


@lru_cache(maxsize=512)  # some 26 kB each
def image(titre, territoire, sous_titre):
    """Return the picture (PNG bytes, 1200 × 630) of a page: its title, whose it is, and a line below."""
    toile = Image.new("RGB", (LARGEUR, HAUTEUR), GRES)
    dessin = ImageDraw.Draw(toile)
    dessin.rectangle((0, 0, LARGEUR, 22), VIGNE)
    dessin.rounded_rectangle((80, 80, 226, 150), 8, VIGNE)
    dessin.text((153, 115), "CTG", GRES, _police("Spectral-SemiBold", 44), anchor="mm")
    dessin.text((256, 115), territoire[:60], ARDOISE, _police("Spectral-SemiBold", 40), anchor="lm")
    lignes = wrap(titre, 38)
    if len(lignes) > 4:
        lignes = [*lignes[:3], f"{lignes[3][:36]}…"]
    for rang, ligne in enumerate(lignes):
        dessin.text((80, 250 + 72 * rang), ligne, VIGNE, _police("Spectral-SemiBold", 60), anchor="lm")
    dessin.text((80, 570), sous_titre[:80], ARDOISE, _police("FiraSans-Regular", 34), anchor="lm")
    toile.save(sortie := BytesIO(), "PNG", optimize=True)
    return sortie.getvalue()
