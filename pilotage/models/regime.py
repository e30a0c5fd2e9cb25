"""The law of each kind of assembly, in one table: what it is called, when it is called, who sits, what it publishes.

Read in public copies in November 2026; where copies disagree, or a copy was old, the cell says so. « CGCT » is the Code
général des collectivités territoriales, « CASF » the Code de l'action sociale et des familles. Bills of 2025 wanted
5 and 7 days where the table has 3 and 5; no copy that was read has them: the numbers stand here alone, to be changed.
"""

from dataclasses import dataclass, replace

from actions.models import Partenaire
from ctg.francais import article_defini, contracter_de

ELECTRONIQUE, AFFICHAGE, PAPIER = "electronique", "affichage", "papier"
AU_CHOIX = frozenset({ELECTRONIQUE, AFFICHAGE, PAPIER})
TOUJOURS_EN_LIGNE = frozenset({ELECTRONIQUE})


@dataclass(frozen=True)
class Delai:
    """Days between a convocation and its meeting; clear ones count neither the day of sending nor that of meeting."""

    jours: int
    francs: bool
    article: str

    def __str__(self):
        return f"{self.jours} jour{'s' if self.jours > 1 else ''}" + (
            f" franc{'s' if self.jours > 1 else ''}" if self.francs else ""
        )


@dataclass(frozen=True)
class Regime:
    """What binds one kind of assembly. Pairs are (under 3,500 inhabitants, from 3,500 on); "" where nothing binds."""

    assemblee: str
    chef: str  # « masculine / feminine » where they differ
    membres: str
    delais: tuple
    urgences: tuple
    notes: tuple
    quorum: str
    pouvoir: str
    voix: str
    secretaire: str
    secretaire_hors_membres: bool = False
    majorite_interessee: str = ""
    suppleants: str = ""
    voix_au_secret: bool = False
    proces_verbal: str = ""
    liste: str = ""
    modes: tuple = (TOUJOURS_EN_LIGNE, TOUJOURS_EN_LIGNE)
    publication: str = ""
    registre: str = ""

    def delai(self, grande):
        return self.delais[grande]

    def urgence(self, grande):
        return self.urgences[grande]

    def note(self, grande):
        """The article that wants a note on the matters beside the convocation, "" if none does."""
        return self.notes[grande]

    def modes_de_publication(self, grande):
        return self.modes[grande]


def _cgct(article):
    return f"article {article} du CGCT"


# L. 2121-11 (under 3,500: three clear days; urgency never under one), L. 2121-12 (from 3,500: five, with the note).
_TROIS, _CINQ = Delai(3, True, _cgct("L. 2121-11")), Delai(5, True, _cgct("L. 2121-12"))
_UN_FRANC = (Delai(1, True, _cgct("L. 2121-11")), Delai(1, True, _cgct("L. 2121-12")))

COMMUNE = Regime(
    assemblee="conseil municipal",
    chef="maire",
    membres="conseillers municipaux",
    delais=(_TROIS, _CINQ),
    urgences=_UN_FRANC,
    notes=("", _cgct("L. 2121-12")),
    quorum=_cgct("L. 2121-17"),
    pouvoir=_cgct("L. 2121-20"),
    voix=_cgct("L. 2121-20"),
    secretaire=_cgct("L. 2121-15"),
    proces_verbal=_cgct("L. 2121-15"),
    liste=_cgct("L. 2121-25"),
    # L. 2131-1, III and IV: under 3,500 as the council chose; without a choice, electronic.
    modes=(AU_CHOIX, TOUJOURS_EN_LIGNE),
    publication=_cgct("L. 2131-1"),
    registre=_cgct("R. 2121-9"),
)

# L. 2541-1 sets aside L. 2121-11, L. 2121-15 and the second paragraph of L. 2121-17, not L. 2121-12, -20, -21, -23, -25
# (copies of the code; Senate, 31 October 2013). L. 2541-2 says "three days", and the day before in urgency, without
# "clear": a minister reports in 1993 that doctrine counts them as clear ones (question 64251); the longer count is safe.
ALSACE_MOSELLE = replace(
    COMMUNE,
    delais=(Delai(3, True, _cgct("L. 2541-2")), _CINQ),
    urgences=(Delai(1, False, _cgct("L. 2541-2")), Delai(1, True, _cgct("L. 2121-12"))),
    quorum="articles L. 2121-17 et L. 2541-4 du CGCT",
    # One person, who need not be a member, named anew at each séance (Senate, 31 October 2013).
    secretaire=_cgct("L. 2541-6"),
    secretaire_hors_membres=True,
    # No quorum is asked when half of the councillors or more are interested in the matter.
    majorite_interessee=_cgct("L. 2541-4, 2°"),
    # L. 2121-15 is set aside; minutes are entered in a register of their own.
    proces_verbal=_cgct("L. 2541-10"),
)

# L. 5211-1: rules of communes of 3,500 inhabitants and more, whatever the population, in Alsace-Moselle too (the local
# law is for communes alone: prefecture of the Haut-Rhin; minister, 3 November 2003). L. 5211-3: always electronic.
_RENVOI = "articles {} et L. 5211-1 du CGCT"
_CINQ_TOUJOURS = Delai(5, True, _RENVOI.format("L. 2121-12"))
_EPCI = {
    "delais": (_CINQ_TOUJOURS, _CINQ_TOUJOURS),
    "urgences": (Delai(1, True, _RENVOI.format("L. 2121-12")),) * 2,
    "notes": (_RENVOI.format("L. 2121-12"),) * 2,
    "quorum": _RENVOI.format("L. 2121-17"),
    "pouvoir": _RENVOI.format("L. 2121-20"),
    "voix": _RENVOI.format("L. 2121-20"),
    "secretaire": _RENVOI.format("L. 2121-15"),
    "proces_verbal": _RENVOI.format("L. 2121-15"),
    "liste": _RENVOI.format("L. 2121-25"),
    "registre": _RENVOI.format("R. 2121-9"),
}
EPCI = Regime(
    assemblee="conseil communautaire",
    chef="président / présidente",
    membres="conseillers communautaires",
    # In a communauté only the commune with a single seat has a substitute, who votes.
    suppleants=_cgct("L. 5211-6"),
    publication="articles L. 2131-1 et L. 5211-3 du CGCT",
    **_EPCI,
)

# Syndicats de communes and syndicats mixtes fermés (L. 5711-1); an open one follows its statutes. L. 5211-3 leaves them
# the choice of the mode whatever their population. Substitutes as the statutes provide (L. 5212-7).
SYNDICAT = Regime(
    assemblee="comité syndical",
    chef="président / présidente",
    membres="délégués",
    suppleants=_cgct("L. 5212-7"),
    modes=(AU_CHOIX, AU_CHOIX),
    publication="articles L. 2131-1 et L. 5211-3 du CGCT",
    **_EPCI,
)

# The CASF alone (copies of 2012 and 2022): three days, not said to be clear, and no shorter delay. The director may be
# secretary; minutes and list: no text read binds it. On publication the sources disagree (L. 2131-12 was not read):
# the choice is left.
_CASF = "article {} du CASF"
CCAS = Regime(
    assemblee="conseil d’administration",
    chef="président / présidente",
    membres="administrateurs",
    delais=(Delai(3, False, _CASF.format("R. 123-16")),) * 2,
    urgences=(Delai(3, False, _CASF.format("R. 123-16")),) * 2,
    notes=("", _CASF.format("R. 123-16")),
    quorum=_CASF.format("R. 123-17"),
    pouvoir=_CASF.format("R. 123-16"),
    voix=_CASF.format("R. 123-18"),
    secretaire=_CASF.format("R. 123-23"),
    secretaire_hors_membres=True,
    # The text read makes no exception for a secret ballot.
    voix_au_secret=True,
    modes=(AU_CHOIX, AU_CHOIX),
    publication=_cgct("L. 2131-1"),
)

# L. 3121-19: the report on each matter leaves twelve days before; urgency, one clear day. L. 3121-14: quorum; else the
# meeting is held by law three days later. The list was not found to bind it.
DEPARTEMENT = Regime(
    assemblee="conseil départemental",
    chef="président / présidente",
    membres="conseillers départementaux",
    delais=(Delai(12, False, _cgct("L. 3121-19")),) * 2,
    urgences=(Delai(1, True, _cgct("L. 3121-19")),) * 2,
    notes=(_cgct("L. 3121-19"),) * 2,
    quorum=_cgct("L. 3121-14"),
    pouvoir=_cgct("L. 3121-16"),
    voix=_cgct("L. 3121-15"),
    secretaire=_cgct("L. 3121-13"),
    voix_au_secret=True,
    proces_verbal=_cgct("L. 3121-13"),
    publication=_cgct("L. 3131-1"),
)

# Another body (a CAF, an association): its statutes rule it, and the application counts as for anybody who votes.
AUTRE = Regime(
    assemblee="assemblée",
    chef="président / présidente",
    membres="membres",
    delais=(None, None),
    urgences=(None, None),
    notes=("", ""),
    quorum="statuts de l’organisme",
    pouvoir="statuts de l’organisme",
    voix="statuts de l’organisme",
    secretaire="statuts de l’organisme",
    secretaire_hors_membres=True,
    suppleants="statuts de l’organisme",
    voix_au_secret=True,
    modes=(AU_CHOIX, AU_CHOIX),
)

_PAR_NATURE = {
    Partenaire.Nature.COMMUNE: COMMUNE,
    Partenaire.Nature.EPCI: EPCI,
    Partenaire.Nature.SYNDICAT: SYNDICAT,
    Partenaire.Nature.CCAS: CCAS,
    Partenaire.Nature.DEPARTEMENT: DEPARTEMENT,
}


def regime_de(nature, droit_local=False):
    """Return the `Regime` of the assembly of a body of this nature; the local law is for communes alone."""
    regime = _PAR_NATURE.get(nature, AUTRE)
    return ALSACE_MOSELLE if regime is COMMUNE and droit_local else regime


@dataclass(frozen=True)
class Mots:
    """The words of one council: those of its regime, or its own."""

    assemblee: str
    chef: str
    membres: str

    @property
    def l_assemblee(self):
        """« le conseil municipal », « l’assemblée »."""
        return article_defini(self.assemblee)

    @property
    def de_l_assemblee(self):
        """« du conseil municipal », « de l’assemblée »."""
        return contracter_de(self.assemblee)

    @property
    def chef_au_masculin(self):
        """« le maire », « le président »: the office, whoever holds it."""
        return article_defini(self.chef_au(False))

    def chef_au(self, feminin):
        """« maire », « présidente »."""
        masculin, _, au_feminin = self.chef.partition("/")
        return (au_feminin if feminin and au_feminin else masculin).strip()
