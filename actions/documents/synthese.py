"""What fiches add up to, for the page that opens an axe or the plan: calendar, money by funder, what is followed."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from actions.models.moyens import tableau_des_financements
from ctg.francais import date_fr, enumerer

# The width of the calendar's drawing, in its own units.
LARGEUR = 200


@dataclass(frozen=True)
class Frise:
    """Where a fiche lies in the years of its convention: abscissas from 0 to `LARGEUR`, and the same in words."""

    debut: float
    largeur: float
    jalons: tuple
    annees: tuple
    mots: str


@dataclass(frozen=True)
class Suivi:
    """An indicator from where it starts to the last target that it was given, in its own unit."""

    fiche: str
    libelle: str
    unite: str
    depart: object
    annee_depart: int | None
    cible: object
    annee_cible: int | None


class Synthese:
    """Some fiches of a convention, which come with all that they print (`ActionQuerySet.completes`).

    `periode` are the years of the convention.
    """

    def __init__(self, periode, actions):
        self.periode, self.actions = periode, list(actions)

    @property
    def fiches(self):
        """Return [(fiche, its `Frise`)]."""
        return [(action, self._frise(action)) for action in self.actions]

    def _frise(self, action):
        premier, dernier = date(self.periode[0], 1, 1), date(self.periode[-1], 12, 31)
        jours = (dernier - premier).days + 1

        def x(jour):
            return round(min(max((jour - premier).days / jours, 0), 1) * LARGEUR, 1)

        debut, fin = x(action.debut or premier), x(action.fin or dernier)
        jalons = [j for j in action.jalons.all() if premier <= j.echeance <= dernier]
        mots = action.calendrier.capitalize() or "Dates à préciser"
        if jalons:
            mots += f" ; jalons : {enumerer(f'{j.libelle} ({date_fr(j.echeance)})' for j in jalons)}"
        return Frise(
            debut=debut,
            largeur=max(round(fin - debut, 1), 0) if action.debut or action.fin else 0,
            jalons=tuple(x(j.echeance) for j in jalons),
            annees=tuple(x(date(annee, 1, 1)) for annee in self.periode[1:]),
            mots=mots,
        )

    @cached_property
    def _tableau(self):
        """Return (years, rows) of what is planned by all the fiches; see `tableau_des_financements`."""
        lignes = [f for action in self.actions for f in action.financements.all() if f.prevu is not None]
        return tableau_des_financements(lignes)

    @property
    def annees(self):
        return self._tableau[0]

    @property
    def prevu(self):
        """All that is planned, in euros; None where nobody has written any."""
        _, rangees = self._tableau
        return rangees[-1][2].prevu if rangees else None

    @property
    def par_financeur(self):
        """Return {funder: planned in all}, in euros."""
        return {partenaire: total.prevu for partenaire, _, total in self._tableau[1] if partenaire}

    @property
    def financeurs(self):
        """Return [(name or "" for the total, [planned of each year], total, share in % or None)], in euros."""
        return [
            (
                partenaire.nom_court if partenaire else "",
                [somme.prevu for somme in sommes],
                total.prevu,
                round(100 * total.prevu / self.prevu) if partenaire and self.prevu else None,
            )
            for partenaire, sommes, total in self._tableau[1]
        ]

    @property
    def indicateurs(self):
        """Return a `Suivi` for each indicator of the fiches, in their order."""
        return [self._suivi(action, i) for action in self.actions for i in action.indicateurs.all()]

    @staticmethod
    def _suivi(action, indicateur):
        cible = max(indicateur.cibles.all(), key=lambda c: c.annee, default=None)
        return Suivi(
            fiche=action.numero_affiche,
            libelle=indicateur.libelle,
            unite=indicateur.unite,
            depart=indicateur.montrer(indicateur.reference),
            annee_depart=indicateur.annee_reference,
            cible=indicateur.montrer(cible and cible.valeur),
            annee_cible=cible and cible.annee,
        )
