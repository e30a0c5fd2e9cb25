"""The one editing machine: a part of an object is shown, typed, merged with what others saved meanwhile, and saved.

A form carries, signed, a mark of each field and of each cell of its rows *as they were shown*, on cleaned values. At
the save, under the lock of the object, each is compared with what is typed and with what the database now holds: only
theirs changed, theirs stays; only mine, mine; both, it is a conflict, shown with who and when. A row edited here and
deleted there is a conflict too; rows added on both sides are both kept. The merged whole is then validated again.
"""

import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cached_property

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.forms.utils import ErrorDict
from django.http import Http404
from django.shortcuts import redirect, render
from django_prose_editor.fields import ProseEditorFormField

from ctg.acces import refuser
from ctg.francais import nombre
from ctg.historique import Fige, Historise
from ctg.texte import assainir, texte_brut

LIGNES = "lignes"
SEL = "ctg.saisie"


@dataclass(frozen=True)
class Partie:
    """A part of an object that is edited at once: a form of its fields, its rows, or a grid of choices.

    `si(objet)` returns "" if the part may be edited now, else why not. `limites(objet)` are the querysets of its
    foreign keys; `reglages(objet)` are further arguments of each row's form.
    """

    titre: str
    form: type | None = None
    lignes: type | None = None
    grille: type | None = None
    ajout: str = "Ajouter une ligne"
    si: Callable = lambda objet: ""
    limites: Callable = lambda objet: {}
    reglages: Callable = lambda objet: {}

    def est_figee(self, gel):
        """Tell whether nothing of the part may be written while `gel` is frozen."""
        if not gel or self.grille:
            return False
        champs_de_suivi = self.form and not set(self.form._meta.fields) <= self.form._meta.model().champs_figes(gel)
        modele = self.lignes and self.lignes.model
        lignes_vives = modele and (modele.gele_avec not in gel or modele.suivi or hasattr(self.lignes.form, "suivi"))
        return not champs_de_suivi and not lignes_vives


@dataclass(frozen=True)
class Conflit:
    """What two people changed: where, what each wrote (in words), who the other is and when they saved."""

    quoi: str
    moi: str
    autre: str
    auteur: str = ""
    date: object = None


# --- Values, as they are compared ------------------------------------------------------------------


def normale(champ, valeur):
    """Return a value of a form field as text to be compared: the same for what is shown, typed and stored."""
    if isinstance(champ, forms.ModelMultipleChoiceField):
        return ",".join(sorted(str(getattr(v, "pk", v)) for v in valeur or ()))
    if valeur is None or valeur == "":
        return ""
    if isinstance(champ, ProseEditorFormField):
        return assainir(str(valeur)).replace("</p><p>", "\n").replace("<p>", "").replace("</p>", "").strip()
    if isinstance(champ, forms.BooleanField):
        return "oui" if valeur else ""
    if isinstance(valeur, models.Model):
        return str(valeur.pk)
    if isinstance(valeur, Decimal):
        return str(valeur.normalize())
    if isinstance(valeur, date | time):
        return valeur.isoformat()
    return str(valeur).replace("\r\n", "\n").strip()


def marque(texte):
    """Return the short mark of a compared value."""
    return hashlib.sha256(texte.encode()).hexdigest()[:12]


def ecrire(donnees, nom, champ, valeur):
    """Write a stored value into posted data, as a browser would have sent it."""
    donnees.pop(nom, None)
    valeur = champ.prepare_value(valeur)
    if isinstance(champ, forms.BooleanField):
        if valeur:
            donnees[nom] = "on"
    elif isinstance(champ, forms.ModelMultipleChoiceField):
        donnees.setlist(nom, [str(getattr(v, "pk", v)) for v in valeur or ()])
    elif isinstance(champ, forms.ChoiceField):
        donnees[nom] = "" if valeur is None else str(valeur)
    else:
        ecrite = champ.widget.format_value(valeur)
        donnees[nom] = "" if ecrite is None else str(ecrite)


def en_mots(champ, valeur):
    """Return a value as the people in conflict read it."""
    if isinstance(champ, forms.ModelMultipleChoiceField):
        noms = {str(cle): nom for cle, nom in champ.choices}
        return ", ".join(noms.get(str(getattr(v, "pk", v)), "?") for v in valeur or ()) or "(vide)"
    if valeur in (None, ""):
        return "(vide)"
    if isinstance(champ, forms.BooleanField):
        return "oui" if valeur else "non"
    if isinstance(champ, forms.ChoiceField):
        return str({str(cle): nom for cle, nom in champ.choices}.get(str(getattr(valeur, "pk", valeur)), valeur))
    if isinstance(champ, ProseEditorFormField):
        return texte_brut(str(valeur))
    if isinstance(valeur, date):
        return f"{valeur:%d/%m/%Y}"
    return nombre(valeur) if isinstance(valeur, Decimal) else str(valeur)


def nettoyer(form):
    """Read the fields of a bound form, and nothing else: no rule of the model, no question to the database."""
    form._errors, form.cleaned_data = ErrorDict(), {}
    form._clean_fields()
    return form


# --- One part being edited -------------------------------------------------------------------------


class Saisie:
    """One part of an object, bound to what was posted if anything was."""

    def __init__(self, objet, partie, cle, donnees=None):
        self.objet, self.partie, self.cle, self.donnees = objet, partie, cle, donnees
        self.conflits, self.alerte = [], ""
        self._gel_lu = frozenset()  # what the lock of a save has read
        self.parts = self._former(objet, donnees, self._gel(objet))
        # What the page shows, from the very forms that show it: a second read may see what somebody saved since.
        self._montre = {} if donnees is not None else self._etat(self.parts)

    form = property(lambda self: self.parts.get("form"))
    lignes = property(lambda self: self.parts.get(LIGNES))
    grille = property(lambda self: self.parts.get("grille"))

    @staticmethod
    def _gel(objet):
        return objet.gel() if isinstance(objet, Historise) else frozenset()

    @property
    def fausse(self):
        """Tell whether something that was typed is wrong."""
        return any(p.is_bound and not p.is_valid() for p in self.parts.values())

    @cached_property
    def marques(self):
        """The signed marks of what this form shows, for its hidden field."""
        etat = {cle: marque(normale(champ, valeur)) for cle, (champ, valeur) in self._montre.items()}
        return signing.dumps({"objet": self._nom(), "etat": etat}, salt=SEL, compress=True)

    def _nom(self):
        return f"{self.objet._meta.label_lower}:{self.objet.pk}:{self.cle}"

    # --- The forms -----------------------------------------------------------------------------------

    def _former(self, objet, donnees, gel=frozenset()):
        """Return {"form", "lignes", "grille"}: those that the part has, unbound if `donnees` is None."""
        partie, parts = self.partie, {}
        limites = self._limites
        if partie.form:
            parts["form"] = partie.form(donnees, instance=objet, limites=limites)
            _figer_les_champs(parts["form"], objet.champs_figes(gel))
        if partie.grille:
            parts["grille"] = partie.grille(donnees, objet=objet)
        if partie.lignes:
            reglages = {"limites": limites, **partie.reglages(objet)}
            parts[LIGNES] = partie.lignes(donnees, instance=objet, prefix=LIGNES, form_kwargs=reglages)
            parts[LIGNES].ajout = partie.ajout
            _figer_les_lignes(parts[LIGNES], gel)
        return parts

    @cached_property
    def _limites(self):
        """What the foreign keys may name: read once for the forms that are shown, typed and stored."""
        return self.partie.limites(self.objet)

    @staticmethod
    def _etat(parts):
        """Return {cell: (field, stored value)} of what unbound forms show: fields by name, cells of rows by key."""
        etat = {}
        for nom_de_part in ("form", "grille"):
            if form := parts.get(nom_de_part):
                etat |= {
                    f"{nom_de_part}.{nom}": (c, form.get_initial_for_field(c, nom)) for nom, c in form.fields.items()
                }
        if formset := parts.get(LIGNES):
            for form in formset.initial_forms:
                etat |= {
                    f"{form.instance.pk}.{n}": (c, form.get_initial_for_field(c, n))
                    for n, c in _cellules(form, formset)
                }
        return etat

    # --- The save ------------------------------------------------------------------------------------

    def enregistrer(self):
        """Merge, validate, save; return whether it was saved. If not, the form shows why and keeps what was typed."""
        try:
            with transaction.atomic():
                gel = self.objet.ouvrir_l_ecriture() if isinstance(self.objet, Historise) else frozenset()
                self._gel_lu = gel
                frais = self._relire()
                presentes = self._former(frais, None)
                self._montre = self._etat(presentes)
                montre = self._marques_recues()
                donnees = self._fusionner(frais, presentes, montre) if montre is not None else self.donnees
                self.objet = frais
                # Nothing is disabled here: what was typed into a field that is frozen since is told, not dropped.
                self.parts = self._former(frais, donnees)
                justes = [part.is_valid() for part in self.parts.values()]
                gelee = self._touche_au_gel(gel)
                if gelee:
                    self.alerte = frais._gardien().raison_du_gel()
                if montre is None or self.conflits or gelee or not all(justes):
                    # A bound form writes on its object: marks are taken of what the database holds.
                    self.objet = self._relire()
                    transaction.set_rollback(True)  # the owner was counted for a write that does not take place
                    return False
                for part in self.parts.values():
                    part.save()
                return True
        except IntegrityError as erreur:
            self._dire(phrase_de(erreur, self._modeles()))
        except Fige as erreur:
            self._dire(erreur)
        self.objet = self._relire(verrou=False)
        return False

    def _figes(self, form):
        """Return the fields of a form that are frozen now."""
        ligne = getattr(form, "instance", None)
        if ligne is None or not self._gel_lu:
            return frozenset()
        return ligne.champs_figes(self._gel_lu) | _cellules_figees(form, self._gel_lu)

    def _touche_au_gel(self, gel):
        """Tell whether what was typed changes what `gel` freezes: fields, cells, rows to add or to delete."""
        if not gel:
            return False
        if self.form and self._figes(self.form) & set(self.form.changed_data):
            return True
        formset = self.lignes
        if formset is None or not issubclass(formset.model, Historise):
            return False
        for form in formset.forms:
            figes = self._figes(form)
            effacee = form in formset.deleted_forms
            if figes & set(form.changed_data) or (effacee and formset.model.gele_avec in gel):
                return True
        return False

    def _modeles(self):
        return [self.objet._meta.model, *([self.partie.lignes.model] if self.partie.lignes else [])]

    def _dire(self, erreur):
        """Say above the form what only the database could know."""
        self.alerte = " ".join(erreur.messages)

    def _relire(self, verrou=True):
        """Read the object again, under its lock; relations that were read with it are kept."""
        lignes = type(self.objet)._default_manager.all()
        lignes = lignes.select_for_update(of=("self",)) if verrou else lignes
        frais = lignes.get(pk=self.objet.pk)
        multiples = {c.name for c in frais._meta.many_to_many} & set(getattr(self.partie.form, "base_fields", ()))
        models.prefetch_related_objects([frais], *multiples)
        for cle in frais._meta.concrete_fields:
            connue = cle.is_relation and cle.is_cached(self.objet)
            if connue and getattr(frais, cle.attname) == getattr(self.objet, cle.attname):
                cle.set_cached_value(frais, cle.get_cached_value(self.objet))
        return frais

    def _marques_recues(self):
        """Return {cell: mark} of what was shown to who typed; None if the form does not say, or lies."""
        try:
            recu = signing.loads(self.donnees.get("marques", ""), salt=SEL)
        except signing.BadSignature:
            recu = {}
        if recu.get("objet") == self._nom():
            return recu["etat"]
        self.alerte = (
            "Cette page est trop ancienne pour être enregistrée telle quelle. Votre saisie est toujours ci-dessous : "
            "relisez-la, puis enregistrez à nouveau."
        )
        return None

    def _fusionner(self, frais, parts, montre):
        """Return the posted data in which what was not touched here is what the database now holds (`parts`)."""
        donnees = self.donnees.copy()
        presentes = self._montre
        typees = self._former(copy.copy(frais), self.donnees)
        for nom_de_part in ("form", "grille"):
            if form := typees.get(nom_de_part):
                nettoyer(form)
                for nom in form.fields:
                    self._fusionner_une(donnees, form, nom, f"{nom_de_part}.{nom}", montre, presentes, frais)
        if LIGNES in typees:
            actuelles = {f.instance.pk: f for f in parts[LIGNES].initial_forms}
            self._fusionner_les_lignes(donnees, typees[LIGNES], actuelles, montre, frais)
        return donnees

    def _fusionner_une(self, donnees, form, nom, cle, montre, presentes, frais, ligne=""):
        """Decide for one field or cell, under its name in the form that was posted."""
        if cle not in presentes:
            return
        champ, presente = presentes[cle]
        html, ici = form.add_prefix(nom), form.cleaned_data.get(nom)
        if html not in self.donnees and nom in self._figes(form):
            ecrire(donnees, html, champ, presente)  # shown disabled: a browser does not send it
            return
        mienne = marque(normale(champ, ici)) if nom in form.cleaned_data else "?"
        leur = marque(normale(champ, presente))
        if mienne == leur or leur == montre.get(cle):
            return
        if mienne == montre.get(cle):
            ecrire(donnees, html, champ, presente)
            return
        moi = en_mots(champ, ici) if nom in form.cleaned_data else str(form[nom].value())
        objet = getattr(form, "instance", None) if ligne else frais
        quoi = f"{ligne}, {champ.label}" if ligne else champ.label
        self.conflits.append(Conflit(str(quoi), moi, en_mots(champ, presente), *derniere_ecriture(objet or frais)))

    def _fusionner_les_lignes(self, donnees, formset, actuelles, montre, frais):
        """Write the rows anew: those of the database in their order, with what was typed, then the new ones."""
        ici, presentes = self._lignes_typees(donnees, formset, actuelles), self._montre
        neuves = [form for pk, form in ici if pk is None and not donnees.get(f"{form.prefix}-DELETE")]
        posees = {pk: form for pk, form in ici if pk is not None}
        for pk in posees.keys() - actuelles.keys():
            if self._touchee(posees[pk], formset, pk, montre):
                neuves.append(posees[pk])
                self.conflits.append(
                    Conflit(
                        "Une ligne que vous avez modifiée",
                        "modifiée : elle sera ajoutée à nouveau si vous enregistrez",
                        "supprimée",
                        *derniere_suppression(formset.model, pk),
                    )
                )
        suite = donnees.copy()
        for nom in [n for n in suite if n.startswith(f"{LIGNES}-")]:
            del suite[nom]
        for rang, (pk, actuelle) in enumerate(actuelles.items()):
            prefixe = f"{LIGNES}-{rang}"
            suite[f"{prefixe}-id"] = str(pk)
            if pk not in posees:  # added meanwhile by somebody else
                for nom, champ in _cellules(actuelle, formset):
                    ecrire(suite, f"{prefixe}-{nom}", champ, actuelle.get_initial_for_field(champ, nom))
                continue
            self._reprendre_la_ligne(donnees, suite, prefixe, posees[pk], formset, pk, montre, presentes, frais)
        for rang, form in enumerate(neuves, start=len(actuelles)):
            for nom, _ in _cellules(form, formset):
                _recopier(donnees, form.add_prefix(nom), suite, f"{LIGNES}-{rang}-{nom}")
        total = len(actuelles) + len(neuves)
        if formset.extra:  # a refused page offers a blank row again: without JavaScript there is no other way to one
            for nom, champ in _cellules(formset.empty_form, formset):
                vierge = formset.empty_form.get_initial_for_field(champ, nom)
                ecrire(suite, f"{LIGNES}-{total}-{nom}", champ, vierge)
            total += 1
        suite[f"{LIGNES}-INITIAL_FORMS"] = str(len(actuelles))
        suite[f"{LIGNES}-TOTAL_FORMS"] = str(total)
        for nom in [n for n in donnees if n.startswith(f"{LIGNES}-")]:
            del donnees[nom]
        for nom in suite:
            if nom.startswith(f"{LIGNES}-"):
                donnees.setlist(nom, suite.getlist(nom))

    def _reprendre_la_ligne(self, donnees, suite, prefixe, form, formset, pk, montre, presentes, frais):
        """Merge the cells of a row that both sides know, under its new place; or the wish to delete it."""
        effacee = donnees.get(f"{form.prefix}-DELETE")
        if effacee:
            bougees = [
                cle
                for cle, (champ, valeur) in presentes.items()
                if cle.startswith(f"{pk}.") and marque(normale(champ, valeur)) != montre.get(cle)
            ]
            if bougees:
                quoi = str(form.instance) if form.instance.pk else "Une ligne"
                self.conflits.append(Conflit(quoi, "supprimée", "modifiée", *derniere_ecriture(form.instance)))
            suite[f"{prefixe}-DELETE"] = "on"
        for nom, _ in _cellules(form, formset):
            if not effacee:
                self._fusionner_une(
                    donnees, form, nom, f"{pk}.{nom}", montre, presentes, frais, ligne=str(form.instance)
                )
            _recopier(donnees, form.add_prefix(nom), suite, f"{prefixe}-{nom}")

    def _lignes_typees(self, donnees, formset, actuelles):
        """Return [(key or None, form with its fields read)] of the rows that were posted; blank new ones are left out."""
        gestion = formset.management_form
        if not gestion.is_valid():
            return []
        objets = {pk: form.instance for pk, form in actuelles.items()}
        resultat = []
        for rang in range(min(gestion.cleaned_data["TOTAL_FORMS"], formset.absolute_max)):
            prefixe = f"{LIGNES}-{rang}"
            brute = donnees.get(f"{prefixe}-id", "")
            pk = int(brute) if brute.isdecimal() and len(brute) < 19 else None
            instance = copy.copy(objets[pk]) if pk in objets else formset.model()
            form = formset.form(self.donnees, prefix=prefixe, instance=instance, empty_permitted=True,
                                use_required_attribute=False, **formset.form_kwargs)  # fmt: skip
            nettoyer(form)
            if pk is not None or form.has_changed():
                resultat.append((pk, form))
        return resultat

    def _touchee(self, form, formset, pk, montre):
        """Tell whether a posted row is no longer what was shown."""
        for nom, champ in _cellules(form, formset):
            attendue = montre.get(f"{pk}.{nom}")
            if nom not in form.cleaned_data or marque(normale(champ, form.cleaned_data[nom])) != attendue:
                return attendue is not None
        return False


def _cellules(form, formset):
    """Return [(name, field)] of the cells of a row: neither its key, nor its parent, nor the box that deletes it."""
    hors = {formset.model._meta.pk.name, formset.fk.name, "DELETE"}
    return [(nom, champ) for nom, champ in form.fields.items() if nom not in hors]


def _recopier(donnees, source, suite, cible):
    if source in donnees:
        suite.setlist(cible, donnees.getlist(source))


def _figer_les_champs(form, noms):
    """Show what is frozen, without letting it be changed: a disabled field keeps what the database holds."""
    for nom in noms & form.fields.keys():
        form.fields[nom].disabled = True


def _figer_les_lignes(formset, gel):
    """Rows of a frozen kind are neither added nor deleted; of each, what still lives may be written."""
    modele = formset.model
    if not issubclass(modele, Historise) or modele.gele_avec not in gel:
        return
    formset.extra, formset.can_delete = 0, False
    for form in formset.forms:
        _figer_les_champs(form, modele().champs_figes(gel) | _cellules_figees(form, gel))


def _cellules_figees(form, gel):
    """Return the fields of a row's form that are not the row's own, and that `gel` freezes (the targets of a year)."""
    return frozenset(getattr(form, "champs_figes", lambda _: ())(gel))


def tout_est_fige(saisie):
    """Tell whether nothing of the part may be written now."""
    formset = saisie.lignes
    if saisie.grille is not None:
        return False
    if formset is not None and formset.extra:
        return False
    forms_ = [*([saisie.form] if saisie.form else []), *(formset.forms if formset is not None else [])]
    return all(c.disabled for f in forms_ for n, c in f.fields.items() if n != "id" and not c.widget.is_hidden)


# --- Who wrote last --------------------------------------------------------------------------------


def derniere_ecriture(objet):
    """Return (who, when) of the last change of an object or of the values that hang on it; ("", None) if unknown."""
    if not getattr(objet, "pk", None) or not hasattr(type(objet), "history"):
        return "", None
    etats = [type(objet).history.filter(**{objet._meta.pk.name: objet.pk})]
    for lien in objet._meta.related_objects:
        if lien.on_delete is models.CASCADE and hasattr(lien.related_model, "history"):
            etats.append(lien.related_model.history.filter(**{lien.field.attname: objet.pk}))
    derniers = [e for lot in etats if (e := lot.select_related("history_user").order_by("-history_date").first())]
    dernier = max(derniers, key=lambda e: e.history_date, default=None)
    return (str(dernier.history_user or "L’application"), dernier.history_date) if dernier else ("", None)


def derniere_suppression(modele, pk):
    """Return (who, when) of the deletion of a row."""
    if not hasattr(modele, "history"):
        return "", None
    etat = modele.history.filter(id=pk, history_type="-").select_related("history_user").first()
    return (str(etat.history_user or "L’application"), etat.history_date) if etat else ("", None)


def phrase_de(erreur, modeles):
    """Return, as a `ValidationError`, the French sentence of the constraint that the database has just held up."""
    message = str(erreur)
    for modele in modeles:
        for contrainte in modele._meta.constraints:
            colonnes = [modele._meta.get_field(c).column for c in getattr(contrainte, "fields", ())]
            # PostgreSQL names the constraint, SQLite the columns of a unique one.
            nommees = ", ".join(f"{modele._meta.db_table}.{colonne}" for colonne in colonnes)
            if contrainte.name in message or (nommees and message.endswith(nommees)):
                return ValidationError(contrainte.violation_error_message)
    return ValidationError(
        "Quelqu’un vient d’enregistrer la même chose, ou ce dont cette saisie dépend. Relisez-la, puis recommencez."
    )


# --- The page --------------------------------------------------------------------------------------


def editer(request, objet, parties, cle, *, retour=None, lecture=None, fil=(), apres=None):
    """Show, or save, the part `cle` of an object that `ouvrir` has found: a fragment for htmx, a page without.

    `lecture(cle, **contexte)` answers with the part as it is read, for htmx; `retour` is where to go from a page;
    `fil` is the way there, [(address, words)]; `apres()` is called once what was saved is committed.
    """
    if cle not in parties:
        raise Http404("Cette partie n’existe pas.")
    partie = parties[cle]
    if raison := partie.si(objet):
        refuser(request, raison)
    retour = retour or objet.get_absolute_url()
    if request.htmx and lecture and "annuler" in request.GET:
        return lecture(cle)
    poste = request.method == "POST"
    saisie = Saisie(objet, partie, cle, request.POST if poste else None)
    if not poste and tout_est_fige(saisie):
        refuser(request, objet._gardien().raison_du_gel())
    if poste and saisie.enregistrer():
        messages.success(request, f"{partie.titre} : c’est enregistré.")
        if apres:
            transaction.on_commit(apres)
        return lecture(cle, enregistree=True) if request.htmx and lecture else redirect(f"{retour}#{cle}")
    contexte = {"saisie": saisie, "objet": objet, "cle": cle, "retour": retour, "fil": fil, "en_place": bool(lecture)}
    if request.htmx:  # htmx swaps only successful answers
        return render(request, "saisie/_formulaire.html", contexte)
    return render(request, "saisie/page.html", contexte, status=422 if poste else 200)


def creer(request, titre, form, *, retour, fil=(), bouton="Enregistrer", succes=""):
    """Show, or save, the form of a new object: all that was typed is right, or nothing is kept; return the answer.

    `form` is bound to what was posted, or unbound. The new object's page is where to go then.
    """
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                objet = form.save()
        except (IntegrityError, Fige) as erreur:
            modele = getattr(getattr(form, "_meta", None), "model", None)
            form.add_error(None, erreur if isinstance(erreur, Fige) else phrase_de(erreur, [modele] if modele else []))
        else:
            messages.success(request, succes(objet) if succes else f"« {objet} » est enregistré.")
            return redirect(objet if hasattr(objet, "get_absolute_url") else retour)
    return page_de_saisie(request, titre, form, retour=retour, fil=fil, bouton=bouton)


def page_de_saisie(request, titre, form, *, retour, fil=(), bouton="Enregistrer"):
    """Show a form on a page of its own: empty, or posted and refused (422)."""
    contexte = {"titre_saisie": titre, "form": form, "retour": retour, "fil": fil, "bouton": bouton}
    return render(request, "saisie/creer.html", contexte, status=422 if request.method == "POST" else 200)
