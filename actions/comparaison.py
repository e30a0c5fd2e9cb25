"""A convention beside the one that it follows: what goes on, what is new, what stops."""

from collections import defaultdict
from dataclasses import dataclass, field

from actions.saisies import SECTIONS
from ctg.francais import enumerer

# What is said of a pair, and of several, by the gender of what it is.
MOTS = {
    "f": {
        "suite": ("poursuivie", "poursuivies"),
        "debut": ("nouvelle", "nouvelles"),
        "fin": ("non reprise", "non reprises"),
    },
    "m": {"suite": ("poursuivi", "poursuivis"), "debut": ("nouveau", "nouveaux"), "fin": ("non repris", "non repris")},
}


@dataclass(frozen=True)
class Vis:
    """Two rows facing each other; either is None. `ecarts` are the names of what differs between them."""

    avant: object
    apres: object
    ecarts: tuple = ()

    @property
    def etat(self):
        if self.avant is None:
            return "debut"
        return "suite" if self.apres is not None else "fin"

    @property
    def ecarts_en_mots(self):
        return enumerer(self.ecarts)


@dataclass(frozen=True)
class Partie:
    """One part of two conventions: groups of pairs, [(title or "", [Vis])], and how a row of it is called."""

    titre: str
    genre: str  # « f » or « m »: what its rows are
    groupes: list
    decrire: callable = field(default=str)

    @property
    def lignes(self):
        """Return [(title or "", [(words before, words after, Vis, what is said of it)])]; "–" where there is no row."""
        return [
            (
                titre,
                [
                    (
                        self.decrire(v.avant) if v.avant is not None else "–",
                        self.decrire(v.apres) if v.apres is not None else "–",
                        v,
                        MOTS[self.genre][v.etat][0],
                    )
                    for v in paires
                ],
            )
            for titre, paires in self.groupes
            if paires
        ]

    @property
    def comptes(self):
        """Return [(number, what is said of them)] for what there is: « 9 poursuivies »."""
        etats = [v.etat for _, paires in self.groupes for v in paires]
        nombres = [(etats.count(etat), mots) for etat, mots in MOTS[self.genre].items()]
        return [(n, plusieurs if n > 1 else un) for n, (un, plusieurs) in nombres if n]


def comparer(convention):
    """Return the `Partie`s of a convention and the one that it follows, in a constant number of queries."""
    avant = convention.precedente
    return [
        Partie("Les fiches actions", "f", _fiches(avant, convention), _decrire_une_fiche),
        Partie(
            "Les parties",
            "f",
            _apparier(
                avant.signataires.select_related("partenaire"),
                convention.signataires.select_related("partenaire"),
                lambda s: s.partenaire_id,
                ("representant", "qualite", "second_representant", "seconde_qualite"),
            ),
            _decrire_une_partie,
        ),
        Partie(
            "Les services soutenus",
            "m",
            _apparier(
                avant.services.select_related("gestionnaire"),
                convention.services.select_related("gestionnaire"),
                lambda s: s.nom,
                ("nom", "gestionnaire", "commune", "genre", "places", "places_psu"),
            ),
            lambda s: ", ".join(filter(None, [s.nom, s.gestionnaire.nom_court, s.capacite])),
        ),
        Partie(
            "Les articles",
            "m",
            _apparier(avant.articles.all(), convention.articles.all(), lambda a: a.titre, ("titre", "texte")),
        ),
    ]


def _apparier(avant, apres, cle, champs):
    """Return one group of `Vis` of rows that go on from one another, or are known by `cle`: those of today, then those that stop."""
    avant, apres = list(avant), list(apres)
    # A row that was taken over is the same, whatever it is called since.
    suivies, par_pk = {getattr(ligne, "origine_id", None) for ligne in apres}, {ligne.pk: ligne for ligne in avant}
    anciennes = defaultdict(list)  # two articles may bear one title
    for ligne in avant:
        if ligne.pk not in suivies:
            anciennes[cle(ligne)].append(ligne)
    paires = []
    for ligne in apres:
        origine = par_pk.get(getattr(ligne, "origine_id", None))
        meme = [origine] if origine else anciennes[cle(ligne)]
        ancienne = meme.pop(0) if meme else None
        paires.append(Vis(ancienne, ligne, tuple(_ecarts(ancienne, ligne, champs)) if ancienne is not None else ()))
    return [("", paires + [Vis(ligne, None) for restes in anciennes.values() for ligne in restes])]


def _ecarts(avant, apres, champs):
    for champ in champs:
        if getattr(avant, champ) != getattr(apres, champ):
            yield str(avant._meta.get_field(champ).verbose_name)


def _fiches(avant, apres):
    """Return [(axe of today, its pairs)], then the fiches that stop; each axe is named, even alone."""
    anciennes = {f.pk: f for f in _de(avant)}
    suites = {}
    for fiche in _de(apres):
        ancienne = anciennes.get(fiche.origine_id)
        ecarts = tuple(_ecarts_de_fiche(ancienne, fiche)) if ancienne else ()
        suites.setdefault(fiche.axe, []).append(Vis(ancienne, fiche, ecarts))
    poursuivies = {v.avant.pk for paires in suites.values() for v in paires if v.avant}
    arretees = [Vis(f, None) for pk, f in anciennes.items() if pk not in poursuivies]
    return [*((str(axe), paires) for axe, paires in suites.items()), ("Ce qui s’arrête", arretees)]


def _de(convention):
    """Return the fiches of a convention with all that is compared; each knows its convention without a question."""
    fiches = list(convention.fiches.actives().completes().dans_l_ordre())
    for fiche in fiches:
        fiche.convention = fiche.axe.convention = convention
    return fiches


def _ecarts_de_fiche(avant, apres):
    """Name what of a fiche is no longer as it was, among what its sections let a next convention take over."""
    durables = [champ for section in SECTIONS.values() if not section.datee for champ in section.copie]
    yield from _ecarts(avant, apres, ["titre", *durables])
    if {p.pk for p in avant.pilotes} != {p.pk for p in apres.pilotes}:
        yield "pilote"
    if {p.partenaire_id for p in avant.contributeurs} != {p.partenaire_id for p in apres.contributeurs}:
        yield "partenaires"
    if {i.libelle for i in avant.indicateurs.all()} != {i.libelle for i in apres.indicateurs.all()}:
        yield "indicateurs"


def _decrire_une_fiche(fiche):
    return f"{fiche} ({fiche.pilotes_en_bref})" if fiche.pilotes else str(fiche)


def _decrire_une_partie(signataire):
    noms = enumerer(f"{nom}, {qualite}" if qualite else nom for nom, qualite in signataire.representants)
    return f"{signataire.partenaire}, par {noms}" if noms else str(signataire.partenaire)
