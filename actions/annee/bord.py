"""The board of a convention: who pays what, what is reached, what is late, what is still to be filled in."""

from collections import Counter
from datetime import timedelta
from functools import cached_property

from django.utils import timezone

from actions.models import Action, Somme
from actions.models.moyens import PAR, part_de_la_caf, tableau_des_financements
from ctg.francais import date_fr, euros
from ctg.graphiques import TONS, Barres

BIENTOT = timedelta(days=30)
# The states of an indicator on its way, in the order in which they are drawn.
PROGRES = {
    "atteint": "Atteint",
    "chemin": "En chemin",
    "retrait": "En retrait",
    "suivi": "Sans cible",
    "vide": "À mesurer",
}

TONS_DES_PROGRES = (*TONS[:2], ("#d9c3b4", "#6d2230", "#22262b"), ("#f1e8df", "#6d2230", "#22262b"), TONS[3])
# What is planned has an outline, what is done is full.
TONS_DE_L_ARGENT = (TONS[3], TONS[0])


def barres_de_l_argent(titre, lignes):
    """Return the chart of what is planned and realised.

    `lignes` are [(name, [planned, realised] in euros or None, their marks, see `Somme`)].
    """

    def dire(montant, marque):
        return f"{euros(montant)}{f' ({marque[1]})' if marque else ''}"

    dits = " ; ".join(f"{nom} : {dire(p, mp)} prévus, {dire(r, mr)} réalisés" for nom, (p, r), (mp, mr) in lignes)
    marques = {(rang, n): f" {m[0]}" for rang, (*_, siennes) in enumerate(lignes) for n, m in enumerate(siennes) if m}
    montants = [(nom, valeurs) for nom, valeurs, _ in lignes]
    tons = list(TONS_DE_L_ARGENT)
    return Barres(titre, dits, ["Prévu", "Réalisé"], montants, mots=euros, tons=tons, marques=marques)


def barres_des_progres(titre, lignes, noms):
    """Return the chart of where indicators stand; `lignes` are [(name, [number in each state])], `noms` the states."""
    dits = []
    for nom, comptes in lignes:
        mots = ", ".join(f"{n} {mot.lower()}" for n, mot in zip(comptes, noms, strict=True) if n)
        dits.append(f"{nom} : {mots or 'aucun indicateur'}")
    return Barres(titre, " ; ".join(dits), noms, lignes, empilees=True, tons=list(TONS_DES_PROGRES))


class TableauDeBord:
    """All that is counted of the fiches of a convention, read once; `annee` is the year that is looked at.

    `fiches` is a queryset, the active ones by default.
    """

    def __init__(self, convention, annee, par="partenaire", on=None, fiches=None):
        self.convention, self.annee, self.on = convention, annee, on or timezone.localdate()
        self.par = par if par in PAR else "partenaire"
        fiches = Action.objects.actives().de(convention) if fiches is None else fiches
        fiches = fiches.completes()
        self.fiches = list(fiches.prefetch_related("indicateurs__saisi_par"))
        for fiche in self.fiches:
            fiche.convention = convention
            for ligne in [*fiche.financements.all(), *fiche.indicateurs.all(), *fiche.jalons.all()]:
                ligne.action = fiche

    # --- Money ---------------------------------------------------------------------------------------

    @cached_property
    def financements(self):
        return [f for fiche in self.fiches for f in fiche.financements.all()]

    @property
    def repartitions(self):
        """The ways to tell money apart, as [(name, words)]."""
        return [(nom, mots) for nom, (mots, *_) in PAR.items()]

    @property
    def titre_de_la_repartition(self):
        return PAR[self.par][0]

    @cached_property
    def argent(self):
        """Return (years, rows) of all the money, told apart by `par`; see `tableau_des_financements`."""
        return tableau_des_financements(self.financements, self.convention.annees, self.par)

    @cached_property
    def de_l_annee(self):
        """Return [(what, `Somme` of the year)] told apart by `par`, what has nothing that year left out."""
        annees, rangees = self.argent
        if self.annee not in annees:
            return []
        rang = annees.index(self.annee)
        return [(nom, s[rang]) for nom, s, _ in rangees if s[rang].prevu is not None or s[rang].realise is not None]

    @cached_property
    def total(self):
        """The `Somme` of the year."""
        return Somme.de(f for f in self.financements if f.annee == self.annee)

    @cached_property
    def part_de_la_caf(self):
        """Return (planned, realised) shares of the CAF in the year, in per cent, each None where nothing is counted."""
        return part_de_la_caf([f for f in self.financements if f.annee == self.annee])

    @cached_property
    def graphique_de_l_argent(self):
        lignes = [
            (getattr(nom, "nom_court", nom), [s.prevu, s.realise], [s.marque_prevu, s.marque_realise])
            for nom, s in self.de_l_annee
            if nom is not None
        ]
        return barres_de_l_argent(f"Montants de {self.annee} par {self.titre_de_la_repartition}", lignes[:20])

    @cached_property
    def graphique_des_annees(self):
        annees, rangees = self.argent
        totaux = rangees[-1][1] if rangees else []
        lignes = [
            (annee, [s.prevu, s.realise], [s.marque_prevu, s.marque_realise])
            for annee, s in zip(annees, totaux, strict=True)
        ]
        return barres_de_l_argent("Montants année par année", lignes)

    # --- Figures -------------------------------------------------------------------------------------

    @cached_property
    def indicateurs(self):
        """Return [(indicator, target, measure, `Progres`)] of the year, in the order of the plan."""
        trouves = []
        for fiche in self.fiches:
            for indicateur in fiche.indicateurs.all():
                [(_, cible, mesure)] = indicateur.valeurs([self.annee])
                trouves.append((indicateur, cible, mesure, indicateur.progres(self.annee)))
        return trouves

    @cached_property
    def compte_des_progres(self):
        """Return [(words, number)] of the indicators in each state."""
        compte = Counter(p.code for *_, p in self.indicateurs)
        return [(mots, compte[code]) for code, mots in PROGRES.items()]

    @cached_property
    def axes(self):
        """Return [(axe, fiches, mean progress in per cent, [number of indicators in each state])]."""
        par_axe = {}
        for fiche in self.fiches:
            par_axe.setdefault(fiche.axe, []).append(fiche)
        lignes = []
        for axe, fiches in par_axe.items():
            compte = Counter(p.code for i, _, _, p in self.indicateurs if i.action.axe_id == axe.pk)
            moyenne = round(sum(f.avancement for f in fiches) / len(fiches))
            lignes.append((axe, fiches, moyenne, [compte[code] for code in PROGRES]))
        return lignes

    @cached_property
    def graphique_des_axes(self):
        lignes = [(f"Axe {axe.numero_affiche}", comptes) for axe, _, _, comptes in self.axes]
        return barres_des_progres(f"Indicateurs de {self.annee} par axe", lignes, list(PROGRES.values()))

    # --- What is late, what is due, what is missing ---------------------------------------------------

    @cached_property
    def en_retard(self):
        """Return [(fiche, why)] of what is late today: its dates, or a milestone that has passed."""
        trouves = []
        for fiche in self.fiches:
            raisons = []
            if fiche.est_en_retard(self.on):
                if fiche.statut == Action.Statut.A_VENIR and fiche.debut and fiche.debut < self.on:
                    raisons.append(f"devait commencer le {date_fr(fiche.debut)}")
                if fiche.fin and fiche.fin < self.on:
                    raisons.append(f"devait finir le {date_fr(fiche.fin)}")
            if fiche.statut in Action.Statut.ouverts():
                passes = [j for j in fiche.jalons.all() if not j.atteint and j.echeance < self.on]
                raisons += [f"« {j.libelle} » était attendu le {date_fr(j.echeance)}" for j in passes]
            if raisons:
                trouves.append((fiche, raisons))
        return trouves

    @cached_property
    def jalons(self):
        """Return the milestones of the next thirty days that are not reached."""
        fin = self.on + BIENTOT
        jalons = [j for f in self.fiches for j in f.jalons.all() if not j.atteint and self.on <= j.echeance <= fin]
        return sorted(jalons, key=lambda j: (j.echeance, j.pk))

    @cached_property
    def a_saisir(self):
        """Return [(who, measures that are missing, realised amounts that are missing)] of the year."""
        manques = {}
        for indicateur, *_ in self.indicateurs:
            faites = {m.rang for m in indicateur.mesures.all() if m.annee == self.annee}
            if manquent := len(set(indicateur.rangs) - faites):
                manques.setdefault(indicateur.saisi_par_qui or "À désigner", [0, 0])[0] += manquent
        for f in self.financements:
            if f.annee == self.annee and f.realise is None:
                manques.setdefault(f.action.pilotes_en_bref or "À désigner", [0, 0])[1] += 1
        return [(qui, mesures, montants) for qui, (mesures, montants) in sorted(manques.items())]
