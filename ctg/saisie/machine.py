"""One part of an object being edited: shown, merged under the lock of the object, saved or given back."""

from functools import cached_property

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from ctg.historique import Fige, Historise
from ctg.saisie.fusion import LIGNES, Fusion
from ctg.saisie.parties import cellules_figees, figer_les_champs, figer_les_lignes
from ctg.saisie.valeurs import cellules, marque, normale

SEL = "ctg.saisie"


class Saisie(Fusion):
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
            figer_les_champs(parts["form"], objet.champs_figes(gel))
        if partie.grille:
            parts["grille"] = partie.grille(donnees, objet=objet)
        if partie.lignes:
            reglages = {"limites": limites, **partie.reglages(objet)}
            parts[LIGNES] = partie.lignes(donnees, instance=objet, prefix=LIGNES, form_kwargs=reglages)
            parts[LIGNES].ajout = partie.ajout
            figer_les_lignes(parts[LIGNES], gel)
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
                    f"{form.instance.pk}.{n}": (c, form.get_initial_for_field(c, n)) for n, c in cellules(form, formset)
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
                self.a_change = any(part.has_changed() for part in self.parts.values())
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
        return ligne.champs_figes(self._gel_lu) | cellules_figees(form, self._gel_lu)

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
