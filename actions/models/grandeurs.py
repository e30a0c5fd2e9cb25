"""What a figure of an indicator is: how it is typed, kept, shown and compared, for each kind of indicator.

Kept as decimals with two places: a yes is 1, a word on a scale its rank; a percentage may keep what it was made of.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models

from ctg.francais import nombre
from ctg.texte import sans_accents

CENTIEME = Decimal("0.01")
MAXIMUM = Decimal(10) ** 12


class Genre(models.TextChoices):
    """The kinds of figures."""

    NOMBRE = "nombre", "Nombre"
    POURCENTAGE = "pourcentage", "Pourcentage"
    MONTANT = "montant", "Montant (€)"
    OUI_NON = "oui_non", "Oui ou non"
    ECHELLE = "echelle", "Mot sur une échelle"


class Sens(models.TextChoices):
    """Which way an indicator should go."""

    HAUSSE = "hausse", "À augmenter"
    BAISSE = "baisse", "À diminuer"
    MAINTIEN = "maintien", "À maintenir"


class Periode(models.TextChoices):
    """How often an indicator is measured."""

    ANNEE = "annee", "Chaque année"
    ANNEE_SCOLAIRE = "annee_scolaire", "Chaque année scolaire"
    SEMESTRE = "semestre", "Chaque semestre"
    TRIMESTRE = "trimestre", "Chaque trimestre"

    @property
    def rangs(self):
        """The ranks of the periods of a year: (0,) where the year is one period."""
        return {"semestre": (1, 2), "trimestre": (1, 2, 3, 4)}.get(self.value, (0,))

    def nom_du_rang(self, rang, annee):
        """Return the words of one period: « 2026 », « 2026-2027 », « 1er semestre », « 3e trimestre »."""
        if rang:
            return f"{rang}{'er' if rang == 1 else 'e'} {self.value}"
        return f"{annee}-{annee + 1}" if self is Periode.ANNEE_SCOLAIRE else str(annee)


@dataclass(frozen=True)
class Valeur:
    """One figure; `numerateur` and `denominateur` are kept for a percentage that was typed as a fraction."""

    valeur: Decimal
    numerateur: Decimal | None = None
    denominateur: Decimal | None = None


def mots_de_l_echelle(echelle):
    """Return the words of a scale, from the least to the most."""
    return [mot.strip() for mot in echelle.split(";") if mot.strip()]


def _decimal(texte, exemple):
    epure = re.sub(r"[\s\u202f\xa0]", "", texte).replace(",", ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", epure, re.ASCII):
        raise ValidationError(f"Écrivez {exemple}.")
    valeur = Decimal(epure)
    if abs(valeur) >= MAXIMUM:
        raise ValidationError("Ce nombre est trop grand : vérifiez-le.")
    if valeur != valeur.quantize(CENTIEME):
        raise ValidationError("Deux chiffres au plus après la virgule.")
    return valeur


def lire(genre, texte, echelle=""):
    """Return the `Valeur` that a text says, or None if it is empty. Raises `ValidationError` with what to write."""
    texte = (texte or "").strip()
    if not texte:
        return None
    if genre == Genre.OUI_NON:
        reponse = {"oui": 1, "non": 0, "o": 1, "n": 0, "1": 1, "0": 0}.get(texte.casefold())
        if reponse is None:
            raise ValidationError("Écrivez oui ou non.")
        return Valeur(Decimal(reponse))
    if genre == Genre.ECHELLE:
        mots = mots_de_l_echelle(echelle)
        trouve = [rang for rang, mot in enumerate(mots, 1) if sans_accents(texte) in (sans_accents(mot), str(rang))]
        if not trouve:
            raise ValidationError(f"Choisissez parmi : {', '.join(mots)}.")
        return Valeur(Decimal(trouve[0]))
    if genre == Genre.POURCENTAGE:
        return _pourcentage(texte)
    if genre == Genre.MONTANT:
        return Valeur(_decimal(texte.removesuffix("€"), "un montant en euros, par exemple 1 250,50"))
    return Valeur(_decimal(texte, "un nombre en chiffres, par exemple 30"))


def _pourcentage(texte):
    exemple = "un pourcentage, par exemple 79,5, ou la fraction 31/39"
    haut, barre, bas = texte.partition("/")
    if not barre:
        return Valeur(_decimal(texte.removesuffix("%"), exemple))
    numerateur, denominateur = _decimal(haut, exemple), _decimal(bas, exemple)
    if denominateur <= 0:
        raise ValidationError("Le dénominateur doit être plus grand que zéro.")
    valeur = (100 * numerateur / denominateur).quantize(CENTIEME)
    if abs(valeur) >= MAXIMUM:
        raise ValidationError("Ce nombre est trop grand : vérifiez-le.")
    return Valeur(valeur, numerateur, denominateur)


def convient(genre, valeur, echelle=""):
    """Tell whether a stored value can be read as a figure of this kind."""
    if genre == Genre.OUI_NON:
        return valeur in (0, 1)
    if genre == Genre.ECHELLE:
        return valeur == int(valeur) and 1 <= valeur <= len(mots_de_l_echelle(echelle))
    return True


def montrer(genre, valeur, echelle=""):
    """Return a figure as it is read: « 42 », « 79,5 », « oui », « satisfaisant »; "" for None."""
    if valeur is None:
        return ""
    if genre == Genre.OUI_NON:
        return "oui" if valeur else "non"
    if genre == Genre.ECHELLE:
        mots = mots_de_l_echelle(echelle)
        return mots[int(valeur) - 1] if 1 <= valeur <= len(mots) else nombre(valeur)
    return nombre(valeur)


@dataclass(frozen=True)
class Progres:
    """How far a figure is on its way to a target: in words and by a sign, never by colour alone.

    `part` is the share of the way from the baseline, from 0 to 1, or None where there is no way to measure it.
    """

    code: str
    mots: str
    signe: str
    part: Decimal | None = None


ATTEINT, EN_CHEMIN, EN_RETRAIT = (
    ("atteint", "atteint", "●"),
    ("chemin", "en chemin", "◐"),
    ("retrait", "en retrait", "○"),
)
SANS_MESURE, SANS_CIBLE = Progres("vide", "à mesurer", "–"), Progres("suivi", "suivi, sans cible", "·")


def progres(sens, reference, cible, valeur):
    """Return the `Progres` of a figure from its baseline to its target; any of the three may be None."""
    if valeur is None:
        return SANS_MESURE
    if cible is None:
        return SANS_CIBLE
    if valeur <= cible if sens == Sens.BAISSE else valeur >= cible:
        return Progres(*ATTEINT, Decimal(1))
    if sens == Sens.MAINTIEN or reference == cible:
        return Progres(*EN_RETRAIT, Decimal(0))
    if reference is None:
        return Progres(*EN_CHEMIN)
    part = (valeur - reference) / (cible - reference)
    return Progres(*EN_CHEMIN, part) if part > 0 else Progres(*EN_RETRAIT, Decimal(0))
