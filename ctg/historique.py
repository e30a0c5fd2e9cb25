"""One base for everything that the application must be able to account for: its owner, its history, what freezes it.

django-simple-history keeps each state of a row: who, when, before, after. Every door to the database (`save`,
`delete`, `update`, the administration, a sheet, a fixture) passes here: it locks and counts the owner first
(ctg/compteurs.py), then asks the row whether it may still be written.
"""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from simple_history.models import HistoricalRecords

from ctg.compteurs import ecriture, ouvrir_l_ecriture
from ctg.signes import sans_controles

# What a state of an owner may freeze: the contract (parties, period, texts), the plan (fiches, targets, planned money).
CONTRAT, PLAN = "contrat", "plan"


class Fige(ValidationError):
    """Somebody tried to write what is frozen; the message says since when and what to do."""


class HistoriseQuerySet(models.QuerySet):
    """Rows in number pass by the same door as one row."""

    def visibles_pour(self, user):
        """Rows that an account may read: those for which it has the right `droit_de_lecture` of the model."""
        if user.is_superuser:
            return self.all()
        if not user.is_authenticated:
            return self.none()
        if not self.model.proprietaire:
            return self.all()
        proprietaires = self.model.modele_proprietaire()._default_manager.visibles_pour(user)
        return self.filter(**{f"{self.model.proprietaire}__in": proprietaires})

    def completes(self):
        """With all that the documents of a row print; models with more to read say so."""
        return self.all()

    def _ouvrir(self, champs=None):
        """Lock and count the owners of these rows; raise `Fige` if one of them freezes what is to be written."""
        for objet in self.model.proprietaires_de(self):
            gel = ouvrir_l_ecriture(objet)
            if self.model.gele_avec in gel and (champs is None or set(champs) - self.model.suivi):
                raise Fige(objet.raison_du_gel())

    def figees(self):
        """Rows that are frozen by themselves, whatever their owner: none, unless a model says otherwise."""
        return self.none()

    def update(self, **champs):
        with transaction.atomic():
            self._ouvrir(champs)
            if etats := set(champs) & self.model.etats:
                raise Fige(self.model.raison_de_l_etat(etats))
            if set(champs) - self.model.vivants and (figee := self.figees().first()):
                raise Fige(figee.raison_de_figer())
            return super().update(**champs)

    def delete(self):
        with transaction.atomic():
            self._ouvrir()
            if figee := self.figees().first():
                raise Fige(figee.raison_de_figer([figee._meta.verbose_name]))
            for objet in self:
                if raison := objet.refus_d_ecrire(frozenset(), suppression=True):
                    raise Fige(raison)
            return super().delete()

    def bulk_create(self, objs, *args, update_conflicts=False, **kwargs):
        if update_conflicts:
            raise NotImplementedError("An upsert would pass by what is frozen: change the rows one by one.")
        objs = list(objs)
        with transaction.atomic():
            for objet in objs:
                if raison := objet.refus_d_ecrire(objet.ouvrir_l_ecriture()):
                    raise Fige(raison)
            return super().bulk_create(objs, *args, **kwargs)


class Histoire(HistoricalRecords):
    """A history that says by which link a change came, where nobody signed in made it (`request.au_nom_de`)."""

    def get_change_reason_for_object(self, instance, history_type, using):
        dite = super().get_change_reason_for_object(instance, history_type, using)
        return dite or getattr(getattr(self.context, "request", None), "au_nom_de", None)


def signer_du_lien(request, lien):
    """Have what this request writes kept as done by the holder of a signed link."""
    request.au_nom_de = f"Par le lien envoyé à {lien.destinataire}"[:100]


class Historise(models.Model):
    """A row whose every change is kept, and that answers `.convention` and `.territoire`: whose it is.

    `proprietaire` is the way to the row that owns it ("action__convention", "territoire"); empty, it is common to the
    installation. `gele_avec` is what a state must freeze for the row to be frozen; the fields of `suivi` then still move. A row may also be frozen by itself (`est_fige`): all but its `vivants`. Nobody
    types the fields of `remis`: a restore brings them back all the same. The fields of `etats` are written by the methods of a state alone (`ecrire_l_etat`).
    """

    proprietaire = ""
    gele_avec = ""
    suivi = frozenset()
    vivants = frozenset()
    remis = frozenset()
    etats = frozenset()
    droit_de_lecture = "commun.lire"

    history = Histoire(inherit=True, m2m_fields_model_field_name="_history_m2m_fields")
    objects = HistoriseQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self._nettoyer(kwargs.get("update_fields"))
        with ecriture():
            gel = self.ouvrir_l_ecriture()
            if raison := self.refus_d_ecrire(gel, kwargs.get("update_fields")):
                raise Fige(raison)
            super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        with ecriture():
            gel = self.ouvrir_l_ecriture()
            if raison := self.refus_d_ecrire(gel, suppression=True):
                raise Fige(raison)
            return super().delete(*args, **kwargs)

    def _nettoyer(self, champs=None):
        """Take out of the texts to be saved the signs that nobody sees, by whatever door they came."""
        for champ in self._meta.concrete_fields:
            valeur = self.__dict__.get(champ.attname)
            if isinstance(valeur, str) and (champs is None or champ.name in champs):
                setattr(self, champ.attname, sans_controles(valeur))

    def ecrire_l_etat(self, *champs):
        """Save fields that make a state of the row: called by the method of that state, under its lock."""
        self._etat_ecrit = frozenset(champs)
        try:
            self.save(update_fields=champs)
        finally:
            self._etat_ecrit = frozenset()

    _etat_ecrit = frozenset()

    @classmethod
    def raison_de_l_etat(cls, champs):
        noms = ", ".join(sorted(str(cls._meta.get_field(c).verbose_name) for c in champs))
        return f"Ce qui fait l’état de cet élément ({noms}) ne s’écrit que par les gestes prévus pour cela."

    def _proprietaire(self):
        objet = self
        for nom in filter(None, self.proprietaire.split("__")):
            objet = getattr(objet, nom)
        return None if objet is self else objet

    @property
    def convention(self):
        """The convention that owns the row, or None."""
        return getattr(self._proprietaire(), "convention", None)

    @property
    def territoire(self):
        """The territory that the row belongs to, or None for what is common."""
        return getattr(self._proprietaire(), "territoire", None)

    @classmethod
    def modele_proprietaire(cls):
        modele = cls
        for nom in filter(None, cls.proprietaire.split("__")):
            modele = modele._meta.get_field(nom).related_model
        return modele

    @classmethod
    def proprietaires_de(cls, lignes):
        """Return the owners of a queryset of rows, in the order of locks; [None] for what is common."""
        if not cls.proprietaire:
            return [None]
        cles = set(lignes.order_by().values_list(cls.proprietaire, flat=True))
        trouves = list(cls.modele_proprietaire()._default_manager.filter(pk__in=cles).order_by("pk"))
        return [None, *trouves] if None in cles else trouves

    def a_compter(self):
        """Return the owners that a write of this row counts, in the order of locks: the common, territory, convention."""
        return [self._proprietaire()]

    def ouvrir_l_ecriture(self):
        """Lock and count the owners of the row; return what their states freeze."""
        return frozenset().union(*(ouvrir_l_ecriture(objet) for objet in self.a_compter()))

    def verrouiller(self):
        """Lock the owners and the row, and read it again, whatever this instance held: a state follows from what is stored."""
        self.ouvrir_l_ecriture()
        type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        self.refresh_from_db()

    def _gardien(self):
        """Return the row whose state freezes this one."""
        return self._proprietaire()

    def gel(self):
        """Return what the owners of the row freeze, as they were read: for what a page offers, never for a save."""
        return frozenset().union(*(objet.gel_connu() for objet in self.a_compter() if objet is not None))

    def gel_connu(self):
        """Return what the state of this owner freezes, as it was read."""
        return frozenset()

    def gel_en_base(self):
        """Return what the state of this owner freezes, read now: among `CONTRAT` and `PLAN`."""
        return frozenset()

    def raison_du_gel(self):
        """Return, as a sentence, why this owner freezes what it freezes."""
        return "Cet élément ne se modifie plus."

    # --- May it be written? --------------------------------------------------------------------------

    def champs_figes(self, gel):
        """Return the names of the fields that may not move while `gel` is frozen."""
        if self.gele_avec not in gel:
            return frozenset()
        return frozenset(c.name for c in self._meta.get_fields() if c.concrete) - self.suivi - {"id"}

    @property
    def est_fige(self):
        """Tell whether the row is frozen by itself, as a proclaimed act is."""
        return False

    def raison_de_figer(self, champs=()):
        """Return, as a sentence, why the row is frozen by itself; `champs` are those that one tried to change."""
        return "Cet élément ne se modifie plus."

    def peut_etre_modifie(self):
        """Return "" if the row may be written, at least in part, else a French sentence that says why it may not."""
        return ""

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        """Return "" or why this write is refused; `champs` are the fields to be saved, None for all."""
        presente = self._stockee()
        if presente is not None and (raison := self._refus_de_quitter(presente, champs)):
            return raison
        figes = self.champs_figes(gel)
        if champs is not None:
            figes &= set(champs)
        if figes and (suppression or presente is None or self._changent(figes, presente)):
            return self._gardien().raison_du_gel()
        etats = self.etats - self._etat_ecrit if champs is None else (self.etats & set(champs)) - self._etat_ecrit
        if etats and not suppression and (changes := self._etats_changes(etats, presente)):
            return self.raison_de_l_etat(changes)
        if presente is None:
            return self._refus_de_creer(gel)
        return self._refus_de_figee(presente, champs, suppression, gel)

    def _stockee(self):
        """Return the row as the database holds it, or None; a new instance that bears the key of a row is that row."""
        if self.pk is None:
            return None
        return type(self)._default_manager.filter(pk=self.pk).first()

    def _refus_de_quitter(self, presente, champs):
        """Return why the row may not leave the owner that it had, if it does."""
        premier = self.proprietaire.split("__")[0]
        if not premier or (champs is not None and premier not in champs):
            return ""
        attribut = self._meta.get_field(premier).attname
        if getattr(self, attribut) == getattr(presente, attribut):
            return ""
        return presente.refus_d_ecrire(presente.ouvrir_l_ecriture(), suppression=True)

    def _etats_changes(self, etats, presente):
        """Return the fields of a state that would be written otherwise than by their method."""
        avant = {n: self._meta.get_field(n).get_default() if presente is None else getattr(presente, n) for n in etats}
        return {n for n in etats if getattr(self, n) != avant[n]}

    def _refus_de_creer(self, gel):
        """Return why the row may not come into being, for what its own kind freezes."""
        return ""

    def _est_fige_par(self, gel):
        """Tell whether the row is frozen by itself, for a write whose owners freeze `gel`."""
        return self.est_fige

    def _refus_de_figee(self, presente, champs, suppression, gel):
        """Return why this write is refused if the row, as the database holds it, is frozen by itself."""
        if not presente._est_fige_par(gel):
            return ""
        if suppression:
            return presente.raison_de_figer([self._meta.verbose_name])
        changes = [
            c.verbose_name
            for c in self._meta.concrete_fields
            if c.name not in self.vivants | self._etat_ecrit
            and (champs is None or c.name in champs)
            and getattr(self, c.attname) != getattr(presente, c.attname)
        ]
        return presente.raison_de_figer(changes) if changes else ""

    def _changent(self, noms, presente):
        """Tell whether one of these fields is no longer what the database holds."""
        attributs = [c.attname for n in noms if not (c := self._meta.get_field(n)).many_to_many]
        # A row from before texts were cleaned (`_nettoyer`) is no other for it.
        return any(_propre(getattr(presente, a)) != _propre(getattr(self, a)) for a in attributs)


def _propre(valeur):
    return sans_controles(valeur) if isinstance(valeur, str) else valeur


def trouver(queryset, chemins, valeurs):
    """Return the row whose `chemins` hold `valeurs`; None is a value too."""
    filtre = {
        f"{c}__isnull" if v is None else c: True if v is None else v for c, v in zip(chemins, valeurs, strict=True)
    }
    return queryset.get(**filtre)
