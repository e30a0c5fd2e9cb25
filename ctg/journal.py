"""The history of one object, with its rows: who changed what, when, from what to what; and how to go back, part by part."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, models, transaction
from django.shortcuts import redirect, render
from django.utils import timezone

from ctg.acces import dire
from ctg.francais import nombre
from ctg.historique import Fige, Historise
from ctg.rangs import ranger
from ctg.saisie import phrase_de
from ctg.texte import texte_brut

# What ties a row to its object is no news to who reads the object; nor is what only the machine writes.
TUS = {"id", "ajoutee_le", "ordre_interne"}
# One save writes its rows within an instant; a load writes an object within a few seconds.
ECART = timedelta(seconds=2)


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


class Journal:
    """The history of an object: its fields, the rows of its parts, and the values that hang on these rows.

    `parties` are those that edit it (ctg/saisie.py); `plus` are further rows, {model: name of the key to the object}.
    `masques(modele, etat, supprimes)` tells whether the words of a state are no longer shown (a note withdrawn).
    """

    def __init__(self, objet, parties, plus=None, masques=None):
        self.objet, self.modele = objet, type(objet)
        self.rangees = {p.lignes.model: p.lignes.fk.name for p in parties.values() if p.lignes} | (plus or {})
        self.masques = masques or (lambda etat, supprimes: False)

    def _enregistrements(self):
        """Return [(model, its name of key, records oldest first)] for the object, its rows, and their values."""
        lots = [(self.modele, "", self.modele.history.filter(**{self.modele._meta.pk.name: self.objet.pk}))]
        for modele, lien in self.rangees.items():
            etats = modele.history.filter(**{f"{lien}_id": self.objet.pk})
            lots.append((modele, lien, etats))
            cles = None
            for valeur, attache in valeurs_de(modele):
                cles = set(etats.values_list("id", flat=True)) if cles is None else cles
                lots.append((valeur, attache, valeur.history.filter(**{f"{attache}_id__in": cles})))
        ordre = ("history_date", "history_id")
        return [(m, lien, list(lot.select_related("history_user").order_by(*ordre))) for m, lien, lot in lots]

    def changements(self):
        """Return the `Changement`s, newest first; the number of queries does not depend on the length of the history."""
        lots = self._enregistrements()
        noms, multiples = _noms(lots), _multiples(self.modele, self.objet)
        resultat = []
        for modele, lien, etats in lots:
            champs = [c for c in modele._meta.concrete_fields if c.name not in TUS | {lien}]
            supprimes = {e.id for e in etats if e.history_type == "-"}
            avant = {}
            for etat in etats:
                precedent, avant[etat.id] = avant.get(etat.id), etat
                lignes = _lignes(champs, precedent, etat, noms)
                if modele is self.modele:
                    lignes += _lignes_multiples(multiples, precedent, etat)
                if self.masques(etat, supprimes):
                    lignes = []
                geste = {"+": "ajouté", "-": "supprimé"}.get(etat.history_type, "modifié")
                if lignes or geste == "supprimé":
                    auteur = str(etat.history_user or etat.history_change_reason or "L’application")
                    objet = self._objet(modele, etat, noms, masque=self.masques(etat, supprimes))
                    resultat.append(Changement(etat.history_date, auteur, objet, geste, lignes))
        return sorted(resultat, key=lambda c: c.date, reverse=True)

    def sauvegardes(self):
        """Return the history as `Sauvegarde`s, newest first."""
        resultat, dernier = [], None
        for changement in self.changements():
            proche = dernier and dernier.auteur == changement.auteur and dernier.date - changement.date <= ECART
            if not proche:
                resultat.append(Sauvegarde(changement.date, changement.auteur, []))
            resultat[-1].changements.append(changement)
            dernier = changement
        return resultat

    def _objet(self, modele, etat, noms, masque=False):
        if modele is self.modele:
            return str(modele._meta.verbose_name).capitalize()
        nom = str(modele._meta.verbose_name).capitalize()
        if masque:
            return nom
        for attribut in ("libelle", "titre", "objet", "texte", "verbe", "nom"):
            if valeur := getattr(etat, attribut, ""):
                return f"{nom} « {texte_brut(str(valeur))[:80]} »"
        for attribut in ("partenaire", "mandat", "indicateur"):
            if hasattr(etat, f"{attribut}_id"):
                cible = modele._meta.get_field(attribut).related_model
                suite = f" {etat.annee}" if hasattr(etat, "annee") else ""
                return f"{nom} : {noms.get((cible, getattr(etat, f'{attribut}_id')), '?')}{suite}"
        return nom


def valeurs_de(modele):
    """Return [(model, name of its key)] of the values that hang on a row and die with it, as the targets of an indicator."""
    return [
        (lien.related_model, lien.field.name)
        for lien in modele._meta.related_objects
        if lien.on_delete is models.CASCADE and issubclass(lien.related_model, Historise)
    ]


def _noms(lots):
    """Return {(model, key): words} of every row that these records name."""
    cles = defaultdict(set)
    for modele, _, etats in lots:
        for champ in modele._meta.concrete_fields:
            if champ.is_relation:
                cles[champ.related_model].update(getattr(e, champ.attname) for e in etats)
    noms = {}
    for modele, lot in cles.items():
        # Keys that lead further are read along, for models whose words need them.
        for objet in modele._base_manager.filter(pk__in=lot - {None}).select_related():
            noms[modele, objet.pk] = str(objet)
    for modele, _, etats in lots:
        for etat in etats:
            noms.setdefault((modele, etat.id), getattr(etat, "libelle", None) or getattr(etat, "nom", None) or "?")
    return noms


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
        return valeur.strftime("%d/%m/%Y" if hasattr(valeur, "year") else "%H:%M")
    if isinstance(valeur, Decimal):
        return nombre(valeur)
    return texte_brut(valeur) if hasattr(champ, "sanitize") else str(valeur)


def _lignes(champs, precedent, etat, noms):
    if etat.history_type == "-":
        return []
    paires = [(c, getattr(precedent, c.attname, None) if precedent else None, getattr(etat, c.attname)) for c in champs]
    return [
        (str(c.verbose_name), _montrer(c, avant, noms), _montrer(c, apres, noms))
        for c, avant, apres in paires
        if avant != apres and not (precedent is None and apres in (None, "", False))
    ]


def _multiples(modele, objet):
    """Return {field: {history id: set of words}} of the many-to-many fields that the history keeps."""
    resultat = {}
    for champ in getattr(modele, "_history_m2m_fields", []):
        liens = getattr(modele.history.model, champ.name).model
        cible = champ.related_model
        paires = list(
            liens.objects.filter(history__id=objet.pk).values_list("history_id", f"{cible._meta.model_name}_id")
        )
        noms = {o.pk: str(o) for o in cible._base_manager.filter(pk__in={pk for _, pk in paires}).select_related()}
        etats = defaultdict(dict)
        for etat, pk in paires:
            etats[etat][pk] = noms.get(pk, "?")
        resultat[champ] = etats
    return resultat


def _lignes_multiples(multiples, precedent, etat):
    lignes = []
    for champ, etats in multiples.items():
        avant, apres = (", ".join(sorted(etats[e.history_id].values())) if e else "" for e in (precedent, etat))
        if avant != apres:
            lignes.append((str(champ.verbose_name), avant or "(vide)", apres or "(vide)"))
    return lignes


# --- Going back ------------------------------------------------------------------------------------


class Retour:
    """A part of an object as it was at a moment: what would change, and the change itself, which can be undone too."""

    def __init__(self, objet, partie, instant):
        """Raises `ObjectDoesNotExist` when the object did not exist yet."""
        self.objet, self.partie, self.instant = objet, partie, instant
        modele = type(objet)
        etats = modele.history.filter(**{modele._meta.pk.name: objet.pk}, history_date__lte=instant)
        self.etat = etats.latest("history_date", "history_id")
        self.champs = list(partie.form._meta.fields) if partie.form else []

    def _passees(self, modele, lien, parents):
        """Return {key: row} of the rows that hung on `parents` at the moment."""
        lignes = modele.history.as_of(self.instant).filter(**{f"{lien}_id__in": parents})
        return {ligne.pk: ligne for ligne in lignes}

    def _multiple(self, champ):
        etats = _multiples(type(self.objet), self.objet)
        return next(
            ({*e[self.etat.history_id]}, e[self.etat.history_id]) for c, e in etats.items() if c.name == champ.name
        )

    def differences(self):
        """Return [(what, now, then)] in words; [] if nothing would change."""
        objet, noms, lignes = self.objet, {}, []
        for nom in self.champs:
            champ = type(objet)._meta.get_field(nom)
            if champ.many_to_many:
                ids, mots = self._multiple(champ)
                actuels = {o.pk: str(o) for o in getattr(objet, nom).all()}
                if actuels.keys() != ids:
                    textes = (", ".join(sorted(m.values())) or "(vide)" for m in (actuels, mots))
                    lignes.append((str(champ.verbose_name), *textes))
                continue
            present, passe = getattr(objet, champ.attname), getattr(self.etat, champ.attname)
            if present != passe:
                if champ.is_relation:
                    for o in champ.related_model._base_manager.filter(pk__in=[v for v in (present, passe) if v]):
                        noms[champ.related_model, o.pk] = str(o)
                lignes.append((str(champ.verbose_name), _montrer(champ, present, noms), _montrer(champ, passe, noms)))
        if self.partie.lignes:
            lignes += self._differences_des_lignes(self.partie.lignes.model, self.partie.lignes.fk.name, [objet.pk])
        return lignes

    def _differences_des_lignes(self, modele, lien, parents):
        presentes = {ligne.pk: ligne for ligne in modele._default_manager.filter(**{f"{lien}_id__in": parents})}
        passees = self._passees(modele, lien, parents)
        nom = str(modele._meta.verbose_name).capitalize()
        lignes = []
        for pk in presentes.keys() - passees.keys():
            lignes.append((f"{nom} « {presentes[pk]} »", "présent", "retiré"))
        for pk in passees.keys() - presentes.keys():
            lignes.append((f"{nom} « {_sans_risque(passees[pk])} »", "absent", "remis"))
        for pk in passees.keys() & presentes.keys():
            for champ in modele._meta.concrete_fields:
                avant, apres = getattr(presentes[pk], champ.attname), getattr(passees[pk], champ.attname)
                if avant != apres:
                    quoi = f"{nom} « {presentes[pk]} », {champ.verbose_name}"
                    lignes.append((quoi, _montrer(champ, avant, {}), _montrer(champ, apres, {})))
        for valeur, attache in valeurs_de(modele):
            lignes += self._differences_des_lignes(valeur, attache, list(passees.keys() | presentes.keys()))
        return lignes

    def retablir(self):
        """Bring the part back. Raises `ValidationError` if what it named then no longer exists, or if it is frozen."""
        objet = self.objet
        with transaction.atomic():
            gel = objet.ouvrir_l_ecriture()
            type(objet)._default_manager.select_for_update(of=("self",)).get(pk=objet.pk)
            objet.refresh_from_db()
            if objet.champs_figes(gel) & set(self.champs):
                raise Fige(objet._gardien().raison_du_gel())
            simples = [n for n in self.champs if not type(objet)._meta.get_field(n).many_to_many]
            for nom in simples:
                attribut = type(objet)._meta.get_field(nom).attname
                setattr(objet, attribut, getattr(self.etat, attribut))
            try:
                with transaction.atomic():
                    if simples:
                        objet.full_clean(exclude=[c.name for c in objet._meta.fields if c.name not in simples])
                        objet.save(update_fields=simples)
                    for nom in set(self.champs) - set(simples):
                        champ = type(objet)._meta.get_field(nom)
                        ids = self._multiple(champ)[0]
                        getattr(objet, nom).set(champ.related_model._base_manager.filter(pk__in=ids))
                    if self.partie.lignes:
                        self._retablir_les_lignes(self.partie.lignes.model, self.partie.lignes.fk.name, [objet.pk])
            except IntegrityError as erreur:
                modeles = [type(objet), *([self.partie.lignes.model] if self.partie.lignes else [])]
                raise phrase_de(erreur, modeles) from erreur

    def _retablir_les_lignes(self, modele, lien, parents):
        passees = self._passees(modele, lien, parents)
        presentes = {ligne.pk: ligne for ligne in modele._default_manager.filter(**{f"{lien}_id__in": parents})}
        for pk in presentes.keys() - passees.keys():
            presentes[pk].delete()
        repris = [c for c in modele._meta.concrete_fields if c.editable or c.name in modele.remis]
        champs = [c for c in repris if not c.primary_key and c.name != "ordre"]
        rangs = {}
        for pk, passee in passees.items():
            self._exiger_ses_cles(passee)
            rangs[pk] = getattr(passee, "ordre", None)
            if pk not in presentes:
                ligne = self._remettre(passee, champs)
                rangs[ligne.pk] = rangs.pop(pk)
                presentes[ligne.pk] = ligne
                continue
            changes = [c for c in champs if getattr(passee, c.attname) != getattr(presentes[pk], c.attname)]
            for champ in changes:
                setattr(presentes[pk], champ.attname, getattr(passee, champ.attname))
            if changes:
                presentes[pk].save(update_fields=[c.name for c in changes])
        # Ranks last, all at once: they are unique, and a number that was signed stays.
        if any(rang is not None for rang in rangs.values()):
            ordre = sorted(rangs, key=lambda pk: rangs[pk] or 0)
            ranger([presentes[pk] for pk in ordre], [rangs[pk] for pk in ordre])
        for valeur, attache in valeurs_de(modele):
            self._retablir_les_lignes(valeur, attache, list(passees))

    @staticmethod
    def _remettre(passee, champs):
        """Put back a row that was deleted since, under its own key; what was only computed is computed anew."""
        modele = type(passee)
        ligne = modele(pk=passee.pk, **{c.attname: getattr(passee, c.attname) for c in champs})
        if hasattr(passee, "ordre"):
            rang = modele._default_manager.filter(**_freres(passee)).aggregate(haut=models.Max("ordre"))["haut"] or 0
            ligne.ordre = rang + 1
        ligne.save(force_insert=True)
        return ligne

    @staticmethod
    def _exiger_ses_cles(ligne):
        for champ in ligne._meta.concrete_fields:
            pk = getattr(ligne, champ.attname)
            if champ.is_relation and pk and not champ.related_model._base_manager.filter(pk=pk).exists():
                raise ValidationError(
                    f"Cet état nomme un élément qui n’existe plus ({champ.verbose_name}) : rétablissez-le à la main."
                )


def _freres(ligne):
    """Return the filter of the rows that are ranked with this one: those of the same parent."""
    premier = ligne.proprietaire.split("__")[0]
    return {premier: getattr(ligne, f"{premier}_id")}


def _sans_risque(ligne):
    try:
        return str(ligne)
    except ObjectDoesNotExist:
        return ligne.pk


# --- The page --------------------------------------------------------------------------------------


def historique(request, objet, parties, journal, *, droit, fil=(), titre=""):
    """Show the history of an object; restore one part of it, after showing what it will change."""
    modifiable = request.user.has_perm(droit, objet) and not objet.peut_etre_modifie()
    contexte = {"objet": objet, "fil": fil, "titre": titre or f"Historique : {objet}", "modifiable": modifiable}
    demande = request.POST if request.method == "POST" else request.GET
    if "instant" in demande:
        if not modifiable:
            raise PermissionDenied(objet.peut_etre_modifie() or "Votre compte ne permet pas de rétablir cet état.")
        try:
            partie = parties[demande.get("partie", "")]
            instant = datetime.fromisoformat(demande["instant"])
            if timezone.is_naive(instant) or instant > timezone.now():
                raise ValueError
            retour = Retour(objet, partie, instant)
            if request.method == "POST":
                retour.retablir()
                messages.success(request, f"{partie.titre} : rétabli comme le {instant.astimezone():%d/%m/%Y à %H:%M}.")
                return redirect(objet)
            contexte |= {"differences": retour.differences(), "instant": instant, "partie": partie}
            contexte["cle"] = demande["partie"]
            return render(request, "saisie/retablir.html", contexte)
        except (KeyError, ValueError, TypeError, OverflowError, ObjectDoesNotExist):
            messages.error(request, "Cet état n’existe pas : choisissez une ligne de l’historique.")
        except ValidationError as erreur:
            dire(request, erreur)
    page = Paginator(journal.sauvegardes(), 20).get_page(request.GET.get("page"))
    return render(request, "saisie/historique.html", {**contexte, "page": page, "parties": parties})
