"""What is taken over from a fiche that is there: a copy beside it, or what goes on in the convention that follows.

What is copied of a fiche is declared beside its sections (actions/saisies.py).
"""

from collections import namedtuple

from django.core.exceptions import ValidationError
from django.db import models, transaction

from actions.models import Action
from actions.saisies import SECTIONS

# Of rows that a convention takes over: the related name, what a row is known by, what is copied of it.
Lot = namedtuple("Lot", "titre lignes connue_par champs")

LOTS = {
    "parties": Lot(
        "Les parties et leurs représentants",
        "signataires",
        "partenaire_id",
        ("partenaire_id", "representant", "qualite", "second_representant", "seconde_qualite"),
    ),
    "articles": Lot("Les articles", "articles", "titre", ("titre", "texte")),
    "services": Lot(
        "Les services soutenus",
        "services",
        "nom",
        (
            *("nom", "gestionnaire_id", "commune", "thematique_id", "genre", "places", "places_psu"),
            "cofinance_par_id",
            *("adresse", "telephone", "horaires", "ages"),
        ),
    ),
}
# Texts of the convention that go on; the diagnosis is made anew, the decisions that approve it are still to come.
TEXTES = ("visas", "preambule", "pilotage", "evaluation")


def dupliquer(action):
    """Return a copy of a fiche at the end of its axe, to be reworked: what is planned, and nothing of its past."""
    with transaction.atomic():
        copie = _copier(action, action.axe, SECTIONS.values(), titre=f"{action.titre[:240]} (copie)")
        for section in SECTIONS.values():
            for lot, champs in section.copie_lignes:
                for ligne in getattr(action, lot).all():
                    clone = getattr(copie, lot).create(**_champs(ligne, champs))
                    if lot == "indicateurs":
                        for cible in ligne.cibles.all():
                            clone.cibles.create(annee=cible.annee, valeur=cible.valeur)
    return copie


def _copier(action, axe, sections, **plus):
    copie = Action(axe=axe, **plus)
    for section in sections:
        for champ in section.copie:
            setattr(copie, champ, getattr(action, champ))
    copie.save()
    copie.thematiques.set(action.thematiques.all())
    return copie


def _champs(ligne, champs):
    return {c: getattr(ligne, c) for c in champs}


def reprendre(convention, lots=(), textes=False, axes=(), fiches=()):
    """Take over into a convention in preparation what is chosen of the one that it follows.

    `lots` are keys of `LOTS`; `axes` and `fiches` are rows of the former convention. A fiche comes with its axe. What
    is there already is left as it is: the same choice made twice changes nothing. Return {key: how many were really
    taken}, of lots, "textes", "axes" and "fiches". Raises `ValidationError` when the convention is no longer in
    preparation, or follows none.
    """
    pris = {}
    with transaction.atomic():
        convention.verrouiller()
        ancienne = convention.precedente
        if ancienne is None or not convention.est_en_preparation:
            raise ValidationError("Une convention reprend ce qui précède tant qu’elle est en préparation.")
        for cle in lots:
            pris[cle] = _reprendre_un_lot(ancienne, convention, LOTS[cle])
        if textes:
            vides = [champ for champ in TEXTES if not getattr(convention, champ) and getattr(ancienne, champ)]
            pris["textes"] = len(vides)
            for champ in vides:
                setattr(convention, champ, getattr(ancienne, champ))
            convention.save(update_fields=vides)
        suites = Suites(ancienne, convention)
        deja = len(suites.axes), len(suites.fiches)
        voulues = {axe.pk for axe in axes} | {fiche.axe_id for fiche in fiches}
        for axe in ancienne.axes.filter(pk__in=voulues):
            suites.axe(axe)
        for fiche in ancienne.fiches.actives().filter(pk__in=[f.pk for f in fiches]).completes().dans_l_ordre():
            suites.fiche(fiche)
        pris["axes"], pris["fiches"] = len(suites.axes) - deja[0], len(suites.fiches) - deja[1]
    return pris


def _reprendre_un_lot(ancienne, convention, lot):
    """Take over the rows of a lot that are not there yet; return how many."""
    presentes = getattr(convention, lot.lignes)
    connues = set(presentes.values_list(lot.connue_par, flat=True))
    champs = {f.name for f in presentes.model._meta.fields}
    range_, liee = "ordre" in champs, "origine" in champs
    # What was taken over already goes on, even under another name.
    suivies = set(presentes.exclude(origine=None).values_list("origine", flat=True)) if liee else set()
    rang = (presentes.aggregate(haut=models.Max("ordre"))["haut"] or 0) if range_ else 0
    pris = 0
    for ligne in getattr(ancienne, lot.lignes).all():
        if getattr(ligne, lot.connue_par) not in connues and ligne.pk not in suivies:
            rang += 1
            plus = ({"ordre": rang} if range_ else {}) | ({"origine": ligne} if liee else {})
            presentes.create(**_champs(ligne, lot.champs), **plus)
            pris += 1
    return pris


class Suites:
    """What of a former plan goes on in the next one, and under which row; both are read once."""

    def __init__(self, ancienne, convention):
        self.convention = convention
        siennes = convention.fiches.actives().exclude(origine=None).select_related("axe").dans_l_ordre()
        self.fiches = {f.origine_id: f for f in siennes}
        # An axe goes on under its title; renamed, where the first of its fiches is.
        titres = {axe.titre: axe for axe in convention.axes.all()}
        self.axes = {axe.pk: titres[axe.titre] for axe in ancienne.axes.all() if axe.titre in titres}
        axes_anciens = dict(ancienne.fiches.values_list("pk", "axe"))
        for pk, fiche in self.fiches.items():
            self.axes.setdefault(axes_anciens.get(pk), fiche.axe)

    def axe(self, axe):
        """Return the axe that goes on from this one, made if there is none."""
        if axe.pk not in self.axes:
            rang = (self.convention.axes.aggregate(haut=models.Max("ordre"))["haut"] or 0) + 1
            suivant = self.convention.axes.create(ordre=rang, titre=axe.titre, presentation=axe.presentation)
            for objectif in axe.objectifs.all():
                suivant.objectifs.create(ordre=objectif.ordre, titre=objectif.titre)
            self.axes[axe.pk] = suivant
        return self.axes[axe.pk]

    def fiche(self, fiche):
        """Return the fiche that goes on from this one, made if there is none: what is dated stays behind.

        Its dates, milestones and money belong to the years of the former convention. An indicator keeps what it is;
        its last measure is where the next one starts from.
        """
        if fiche.pk in self.fiches:
            return self.fiches[fiche.pk]
        axe = self.axe(fiche.axe)
        durables = [section for section in SECTIONS.values() if not section.datee]
        objectif = fiche.objectif and axe.objectifs.filter(titre=fiche.objectif.titre).first()
        copie = _copier(fiche, axe, durables, titre=fiche.titre, origine=fiche, objectif=objectif)
        for section in durables:
            for lot, champs in section.copie_lignes:
                for ligne in getattr(fiche, lot).all():
                    depart = _depart(ligne) if lot == "indicateurs" else {}
                    getattr(copie, lot).create(**(_champs(ligne, champs) | depart))
        self.fiches[fiche.pk] = copie
        return copie


def _depart(indicateur):
    """Return the baseline that an indicator starts from in the next convention: its last measure, if it has one."""
    annees = sorted({m.annee for m in indicateur.mesures.all()}, reverse=True)
    for annee in annees:
        if (mesure := indicateur.mesure_de(annee)) is not None:
            return {"reference": mesure, "annee_reference": annee}
    return {}
