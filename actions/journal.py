"""The history of one fiche, with its rows: who changed what, when, from what to what; and how to go back."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from actions.models import (
    Action,
    Axe,
    Cible,
    Financement,
    Indicateur,
    Jalon,
    Mesure,
    Note,
    Partenaire,
    Participation,
    PieceJointe,
    Thematique,
)
from ctg.templatetags.francais import nombre
from ctg.texte import texte_brut

# The rows of a fiche, and how each is reached from it.
LIGNES = {Participation: "action", Jalon: "action", Financement: "action", Indicateur: "action"}
VALEURS = {Cible: "indicateur", Mesure: "indicateur"}
SUIVI = {Note: "action", PieceJointe: "action"}
# What ties a row to its fiche is no news to who reads the fiche.
TUS = {"id", "action", "indicateur", "ajoutee_le"}


@dataclass
class Changement:
    """One saved state: its author, what it is about, and each field before and after."""

    date: datetime
    auteur: str
    objet: str
    geste: str
    lignes: list = field(default_factory=list)


@dataclass
class Sauvegarde:
    """What one person changed at one moment: the changes of one save, newest first."""

    date: datetime
    auteur: str
    changements: list


# One save writes its rows within an instant; a load writes a fiche within a few seconds.
ECART = timedelta(seconds=2)


def sauvegardes(action):
    """Return the history of a fiche as `Sauvegarde`s, newest first."""
    resultat, dernier = [], None
    for changement in changements(action):
        proche = dernier and dernier.auteur == changement.auteur and dernier.date - changement.date <= ECART
        if not proche:
            resultat.append(Sauvegarde(changement.date, changement.auteur, []))
        resultat[-1].changements.append(changement)
        dernier = changement
    return resultat


def _enregistrements(action):
    """Return {model: its historical records for this fiche, oldest first}."""
    lots = {Action: Action.history.filter(id=action.pk)}
    for modele, lien in {**LIGNES, **SUIVI}.items():
        lots[modele] = modele.history.filter(**{f"{lien}_id": action.pk})
    ids = Indicateur.history.filter(action_id=action.pk).values_list("id", flat=True)
    for modele in VALEURS:
        lots[modele] = modele.history.filter(indicateur_id__in=set(ids))
    return {m: lot.select_related("history_user").order_by("history_date", "history_id") for m, lot in lots.items()}


def _montrer(champ, valeur, noms):
    if valeur in (None, ""):
        return "(vide)"
    if champ.is_relation:
        return noms.get((champ.related_model, valeur), f"n° {valeur}")
    if champ.choices:
        return str(dict(champ.flatchoices).get(valeur, valeur))
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if hasattr(valeur, "strftime"):
        return valeur.strftime("%d/%m/%Y")
    if isinstance(valeur, Decimal):
        return nombre(valeur)
    return texte_brut(valeur) if hasattr(champ, "sanitize") else str(valeur)


def changements(action, depuis=None):
    """Return the `Changement`s of a fiche, newest first; only those after `depuis` if it is given.

    The number of queries does not depend on the length of the history.
    """
    noms = {(Partenaire, pk): nom for pk, nom in Partenaire.objects.values_list("pk", "nom")}
    noms |= {(Thematique, pk): nom for pk, nom in Thematique.objects.values_list("pk", "nom")}
    noms |= {(Axe, axe.pk): str(axe) for axe in Axe.objects.all()}
    noms |= {
        (Indicateur, pk): libelle
        for pk, libelle in Indicateur.history.filter(action_id=action.pk)
        .order_by("history_date")
        .values_list("id", "libelle")
    }
    themes = _themes_par_etat(action)
    resultat = []
    for modele, lot in _enregistrements(action).items():
        champs = [c for c in modele._meta.concrete_fields if c.name not in TUS]
        avant = {}
        for etat in lot:
            precedent, avant[etat.id] = avant.get(etat.id), etat
            lignes = _lignes(champs, precedent, etat, noms)
            if modele is Action:
                lignes += _themes(precedent, etat, themes, noms)
            if depuis and etat.history_date <= depuis:
                continue
            geste = {"+": "ajouté", "-": "supprimé"}.get(etat.history_type, "modifié")
            if lignes or geste == "supprimé":
                auteur = str(etat.history_user or "Chargement initial")
                resultat.append(Changement(etat.history_date, auteur, _objet(modele, etat, noms), geste, lignes))
    return sorted(resultat, key=lambda c: c.date, reverse=True)


def _lignes(champs, precedent, etat, noms):
    if etat.history_type == "-":
        return []
    paires = [(c, getattr(precedent, c.attname, None) if precedent else None, getattr(etat, c.attname)) for c in champs]
    return [
        (str(c.verbose_name), _montrer(c, avant, noms), _montrer(c, apres, noms))
        for c, avant, apres in paires
        if avant != apres and not (precedent is None and apres in (None, "", False))
    ]


def _themes_par_etat(action):
    """Return {history id of the fiche: its set of theme ids at that moment}."""
    lignes = Action.history.model.thematiques.model.objects.filter(history__id=action.pk)
    par_etat = defaultdict(set)
    for etat, theme in lignes.values_list("history_id", "thematique_id"):
        par_etat[etat].add(theme)
    return par_etat


def _themes(precedent, etat, themes, noms):
    def ecrits(e):
        return ", ".join(sorted(noms.get((Thematique, pk), "?") for pk in themes[e.history_id])) if e else ""

    avant, apres = ecrits(precedent), ecrits(etat)
    return [("thématiques CNAF", avant or "(vide)", apres or "(vide)")] if avant != apres else []


def _objet(modele, etat, noms):
    if modele is Action:
        return "La fiche"
    nom = str(modele._meta.verbose_name).capitalize()
    for attribut in ("libelle", "titre"):
        if hasattr(etat, attribut):
            return f"{nom} « {getattr(etat, attribut)} »"
    if hasattr(etat, "partenaire_id"):
        suite = f" {etat.annee}" if hasattr(etat, "annee") else ""
        return f"{nom} : {noms.get((Partenaire, etat.partenaire_id), '?')}{suite}"
    if hasattr(etat, "indicateur_id"):
        return f"{nom} {etat.annee} de « {noms.get((Indicateur, etat.indicateur_id), '?')} »"
    return nom


def retablir(action, instant):
    """Bring the fiche and its rows back to what they were at `instant`; notes and attachments are left alone.

    Going back is a change like another: it is kept, and can itself be undone. Raises `ObjectDoesNotExist`
    when the fiche did not exist yet.
    """
    garder = {"id", "axe", "ordre", "archivee"}
    with transaction.atomic():
        passee = Action.history.as_of(instant).get(id=action.pk)
        for champ in Action._meta.concrete_fields:
            if champ.name not in garder:
                setattr(action, champ.attname, getattr(passee, champ.attname))
        action.save()
        etat = Action.history.filter(id=action.pk, history_date__lte=instant).latest("history_date", "history_id")
        action.thematiques.set(_themes_par_etat(action)[etat.history_id])
        _retablir_lignes(LIGNES, [action.pk], instant)
        _retablir_lignes(VALEURS, list(action.indicateurs.values_list("pk", flat=True)), instant)


def _retablir_lignes(modeles, parents, instant):
    for modele, lien in modeles.items():
        passees = {ligne.pk: ligne for ligne in modele.history.as_of(instant).filter(**{f"{lien}_id__in": parents})}
        presentes = {ligne.pk: ligne for ligne in modele.objects.filter(**{f"{lien}_id__in": parents})}
        for pk in presentes.keys() - passees.keys():
            presentes[pk].delete()
        for pk, ligne in passees.items():
            attributs = [c.attname for c in modele._meta.concrete_fields]
            if pk not in presentes or any(getattr(ligne, a) != getattr(presentes[pk], a) for a in attributs):
                ligne._state.adding = pk not in presentes
                ligne.save()
