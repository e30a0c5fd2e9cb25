"""Search of the fiches of one convention: what people type, against what the plan holds, the same on both databases.

Numbers, titles, texts, themes, partners, indicators; whatever accents, capitals and plurals. A word that nothing holds is
corrected to the nearest one of the convention's own vocabulary (difflib, of the standard library: one wrong letter or so).
"""

import re
from difflib import get_close_matches
from unicodedata import normalize

from django.db.models import prefetch_related_objects

from ctg.texte import sans_accents, texte_brut

NUMERO = re.compile(r"\d+(?:\.\d+|[a-z])?")
# Words so alike that one wrong, missing or swapped letter tells them apart, from five letters on.
PROCHE = 0.79


def racine(mot):
    """Return a word without its plural: « seniors » and « senior », « locaux » and « local » are one."""
    if len(mot) > 4 and mot.endswith("aux") and not mot.endswith("eaux"):
        return f"{mot[:-3]}al"
    return mot[:-1] if len(mot) > 3 and mot[-1] in "sx" else mot


def _decouper(texte):
    """Return [(word without accent nor plural, as it is written)] of a text; numbers of fiches stay whole."""
    # Composed first: an accent typed apart from its letter would cut the word.
    ecrits = re.findall(r"\d+\.\d+|\w+", normalize("NFC", texte.lower()))
    return [(racine(sans_accents(mot)), mot) for mot in ecrits]


def _tenus(fiche):
    """Return {word: as it is written} of what a fiche holds."""
    textes = [fiche.titre, fiche.en_clair, fiche.constats, fiche.objectifs, fiche.description, fiche.public_vise]
    noms = [f"{p.partenaire.nom} {p.partenaire.sigle}" for p in fiche.participations.all()]
    autres = [*map(str, fiche.thematiques.all()), *(i.libelle for i in fiche.indicateurs.all())]
    # Reversed: a word is shown as it was first written.
    return dict(reversed(_decouper(texte_brut(" ".join([*textes, *noms, *autres])))))


class Recherche:
    """What was asked of some fiches: those that hold every word, and how words were corrected."""

    def __init__(self, demande, fiches):
        self.fiches = list(fiches)
        self.demande, self.corrections = demande.strip(), {}
        if not self.demande:
            return
        prefetch_related_objects(self.fiches, "indicateurs")
        tenus = tous = [(fiche, sans_accents(fiche.numero_affiche or ""), _tenus(fiche)) for fiche in self.fiches]
        vocabulaire = {mot: ecrit for *_, siens in tous for mot, ecrit in siens.items()}
        for mot, tape in _decouper(self.demande):
            garde = [t for t in tenus if self._repond(mot, t)]
            if not any(self._repond(mot, t) for t in tous) and (proche := self._corriger(mot, vocabulaire)):
                self.corrections[tape] = vocabulaire[proche]
                garde = [t for t in tenus if self._repond(proche, t)]
            tenus = garde
        self.fiches = [fiche for fiche, *_ in tenus]

    @staticmethod
    def _repond(mot, tenu):
        _, numero, siens = tenu
        if NUMERO.fullmatch(mot):
            return mot == numero or mot in siens
        return any(sien.startswith(mot) or (len(mot) > 3 and mot in sien) for sien in siens)

    @staticmethod
    def _corriger(mot, vocabulaire):
        if len(mot) < 5 or NUMERO.fullmatch(mot):
            return None
        proches = get_close_matches(
            mot, [m for m in sorted(vocabulaire) if abs(len(m) - len(mot)) < 2], n=1, cutoff=PROCHE
        )
        return proches[0] if proches else None

    @property
    def dite(self):
        """How the page says what was understood; "" when it was taken as typed."""
        paires = [f"« {compris} » (au lieu de « {tape} »)" for tape, compris in self.corrections.items()]
        if not paires:
            return ""
        return f"{'Résultats' if self.fiches else 'Rien non plus'} pour {', '.join(paires)}."
