"""All the measures and all the money of a year, for those who fill them in: one page, saved cell by cell."""

from dataclasses import dataclass, field
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch

from actions.models import Action, Exercice, Financement, Indicateur, Mesure, Participation
from actions.models.grandeurs import Periode
from ctg.compteurs import ouvrir_l_ecriture

from .cases import COLONNES_DE_MESURE, COLONNES_DE_MONTANT, CasePerdue, CasePreuve, CasePrevu


@dataclass
class LigneDeMesure:
    """One indicator in one period of the year."""

    indicateur: Indicateur
    annee: int
    rang: int
    mesure: Mesure | None
    cible: object
    cases: list = field(default_factory=list)

    @property
    def periode(self):
        periode = Periode(self.indicateur.periode)
        return "" if periode is Periode.ANNEE else periode.nom_du_rang(self.rang, self.annee)

    @property
    def vide(self):
        return self.mesure is None


@dataclass
class LigneDeMontant:
    """One line of funding of the year."""

    financement: Financement
    cases: list = field(default_factory=list)

    @property
    def vide(self):
        return self.financement.realise is None

    def relire(self):
        """Take back what the database holds, after what was typed did not fit."""
        self.financement.refresh_from_db(fields=[case.champ for case in self.cases])


class Grille:
    """The grid of one year of a convention.

    `saisit(action, indicateur or None)` tells whether who asks fills in a row; with `seulement`, rows that he does not
    fill in are left out (who comes by a link sees nothing else).
    """

    def __init__(self, convention, annee, saisit, seulement=False):
        self.convention, self.annee, self._saisit, self.seulement = convention, annee, saisit, seulement
        self.clos = Exercice.clos(convention, annee)
        self._lire()

    def _lire(self):
        """Read the rows; again under the lock of a save."""
        vars(self).pop("cases", None)
        gel = self.convention.gel()
        fiches = list(
            Action.objects.actives()
            .de(self.convention)
            .select_related("axe")
            .prefetch_related(
                "pieces",
                Prefetch("participations", Participation.objects.select_related("partenaire")),
                Prefetch("indicateurs", Indicateur.objects.select_related("saisi_par").order_by("pk")),
                "indicateurs__cibles",
                Prefetch("indicateurs__mesures", Mesure.objects.filter(annee=self.annee)),
                Prefetch(
                    "financements",
                    Financement.objects.filter(annee=self.annee).select_related("partenaire", "dispositif", "service"),
                ),
            )
        )
        self.mesures, self.montants, self.fiches = [], [], []
        for fiche in fiches:
            fiche.convention = fiche.axe.convention = self.convention
            if self._saisit(fiche, None):
                self.fiches.append(fiche)
            self._lire_les_mesures(fiche)
            self._lire_les_montants(fiche, gel)

    def _lire_les_mesures(self, fiche):
        for indicateur in fiche.indicateurs.all():
            indicateur.action = fiche
            saisit = self._saisit(fiche, indicateur)
            if self.seulement and not saisit:
                continue
            mesures = {m.rang: m for m in indicateur.mesures.all()}
            cible = next((c.valeur for c in indicateur.cibles.all() if c.annee == self.annee), None)
            for rang in indicateur.rangs:
                ligne = LigneDeMesure(indicateur, self.annee, rang, mesures.get(rang), cible)
                if ligne.mesure:
                    ligne.mesure.indicateur = indicateur
                colonnes = [c for c in COLONNES_DE_MESURE if c is not CasePreuve or fiche.pieces.all()]
                ligne.cases = [colonne(ligne, saisit and not self.clos) for colonne in colonnes]
                ligne.saisissable = saisit
                self.mesures.append(ligne)

    def _lire_les_montants(self, fiche, gel):
        saisit = self._saisit(fiche, None)
        if self.seulement and not saisit:
            return
        for financement in fiche.financements.all():
            financement.action = fiche
            ligne = LigneDeMontant(financement)
            figes = financement.champs_figes(gel)
            realise = {c.champ for c in COLONNES_DE_MONTANT} - Financement.vivants
            for colonne in COLONNES_DE_MONTANT:
                ferme = colonne.champ in figes or (self.clos and colonne.champ in realise)
                ligne.cases.append(colonne(ligne, saisit and not ferme))
            ligne.saisissable = saisit
            self.montants.append(ligne)

    @property
    def lignes(self):
        return [*self.mesures, *self.montants]

    @cached_property
    def cases(self):
        """Return {name: cell} of all that is shown."""
        return {case.nom: case for ligne in self.lignes for case in ligne.cases}

    @property
    def compte(self):
        """Return what is filled in: {"mesures": (n, of), "montants": (n, of), "miens": what who asks has still to fill in}."""
        return {
            "mesures": (sum(not ligne.vide for ligne in self.mesures), len(self.mesures)),
            "montants": (sum(not ligne.vide for ligne in self.montants), len(self.montants)),
            "miens": sum(ligne.vide and ligne.saisissable for ligne in self.lignes),
        }

    @cached_property  # each row asks for it
    def titres_des_mesures(self):
        """The heads of the columns; nobody is asked for a proof while no fiche has an attachment to choose."""
        avec_preuve = any(fiche.pieces.all() for fiche in {ligne.indicateur.action for ligne in self.mesures})
        return [c.libelle for c in COLONNES_DE_MESURE if avec_preuve or c is not CasePreuve]

    titres_des_montants = tuple(c.libelle for c in COLONNES_DE_MONTANT)

    # --- The save ------------------------------------------------------------------------------------

    def enregistrer(self, donnees):
        """Save the cells that changed of what was posted, each by itself; return them, each with what became of it.

        `donnees` holds {name: text typed} and, under "avant-<name>", what the page showed: a cell that somebody changed
        since is shown as a conflict, once, and nothing of it is written. One wrong cell loses no other.
        """
        perdues = [CasePerdue(nom, texte) for nom, texte in self._hors_de_la_grille(donnees)]
        touchees = [(nom, texte) for nom in self.cases if (texte := self._tapee(donnees, nom)) is not None]
        if not touchees:
            return perdues
        # What goes with a measure is emptied before it.
        touchees.sort(key=lambda touchee: bool(touchee[1]) or touchee[0].startswith("mesure-"))
        with transaction.atomic():
            ouvrir_l_ecriture(self.convention)
            self.clos = Exercice.clos(self.convention, self.annee)
            self._lire()
            faites = [
                self._enregistrer(self.cases[nom], texte, donnees) if nom in self.cases else CasePerdue(nom, texte)
                for nom, texte in touchees
            ]
        return [*faites, *perdues]

    def _hors_de_la_grille(self, donnees):
        """Return [(name, text)] of what was typed in cells that are not there: a row taken out since, or not one's own."""
        codes = {colonne.code for colonne in (*COLONNES_DE_MESURE, *COLONNES_DE_MONTANT)}
        noms = [nom for nom in donnees if nom.partition("-")[0] in codes and nom not in self.cases]
        return [(nom, texte) for nom in noms if (texte := self._tapee(donnees, nom)) is not None]

    @staticmethod
    def _tapee(donnees, nom):
        """Return what was typed in a cell, or None if it shows what it showed."""
        texte = donnees.get(nom)
        if texte is None or texte.strip() == donnees.get(f"avant-{nom}", "").strip():
            return None
        return texte.strip()

    def _enregistrer(self, case, texte, donnees):
        avant = donnees.get(f"avant-{case.nom}", "").strip()
        if texte == case.texte:
            case.noter("enregistre", "enregistré")
        elif not case.modifiable:
            case.noter("refuse", self._pourquoi(case), texte)
        elif case.texte != avant:
            autre = f"« {case.texte} »" if case.texte else "une case vide"
            case.noter(
                "conflit",
                f"Entre-temps quelqu’un a enregistré {autre}. Enregistrez à nouveau pour garder votre saisie.",
                texte,
            )
        else:
            self._ecrire(case, texte)
        return case

    def _ecrire(self, case, texte):
        try:
            with transaction.atomic():
                case.ecrire(texte)
        except ValidationError as erreur:
            case.noter("refuse", " ".join(erreur.messages), texte)
        else:
            case.noter("enregistre", "enregistré")

    def _pourquoi(self, case):
        if self.clos:
            return f"L’année {self.annee} est close."
        if isinstance(case, CasePrevu) and case.ligne.saisissable:
            return self.convention.raison_du_gel()
        return "Cette ligne est saisie par le pilote de la fiche."
