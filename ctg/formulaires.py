"""The form kit: French dates and numbers, fields tied to their errors, rows and their ranks."""

import re
from decimal import Decimal
from functools import cached_property, partial

from django import forms
from django.db import transaction
from django.forms import BaseInlineFormSet, inlineformset_factory

from ctg.francais import nombre
from ctg.rangs import ranger

NOMBRE_FAUX = "Écrivez un nombre en chiffres, par exemple 1250,50."
ENTIER_FAUX = "Écrivez un nombre entier, en chiffres et sans virgule."
# Far above what a person fills; it bounds what a forged form can make the server build.
BORNES = {"extra": 1, "can_delete": True, "max_num": 200, "absolute_max": 250}


class DateFr(forms.DateInput):
    """The browser's own date field: it shows French dates and sends ISO ones."""

    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class ValeurDeDepart(forms.HiddenInput):
    """The default beside a field, hidden: Django ties it to the field's errors too, which HTML forbids."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        attrs = super().build_attrs(base_attrs, extra_attrs)
        return {nom: valeur for nom, valeur in attrs.items() if not nom.startswith("aria-")}


class NombreFr(forms.TextInput):
    """A number as French write it: 1 250,50. What is not a number is given back as it was typed."""

    def __init__(self, **kwargs):
        super().__init__(attrs={"inputmode": "decimal", "size": 8}, **kwargs)
        self.is_localized = True

    def value_from_datadict(self, data, files, name):
        saisie = super().value_from_datadict(data, files, name)
        epuree = re.sub(r"\s", "", saisie or "")
        return epuree if re.fullmatch(r"-?\d+([.,]\d+)?", epuree) else saisie

    def format_value(self, value):
        """Show 40 rather than 40,00; what was typed is shown as it was typed."""
        return nombre(value, separateur=False) if isinstance(value, Decimal | int) else super().format_value(value)


class ChoixMultiples(forms.ModelMultipleChoiceField):
    """Several rows to tick; a number too large for the database is an unknown row, not an error of the server."""

    def _check_values(self, value):
        try:
            return super()._check_values(value)
        except OverflowError as erreur:
            raise forms.ValidationError(self.error_messages["invalid_choice"], params={"value": value}) from erreur


class FormulaireAccessible:
    """Tie each error and help text to its field for those who listen to the page (RGAA 11.10).

    `limites` are the querysets to which foreign keys are limited, {field: queryset}: what is not in them is refused,
    not merely left out of the list.
    """

    def __init__(self, *args, limites=None, **kwargs):
        super().__init__(*args, **kwargs)
        self._limites = {nom for nom, queryset in (limites or {}).items() if isinstance(queryset, Limite)}
        for nom, queryset in (limites or {}).items():
            if nom in self.fields:
                present = getattr(getattr(self, "instance", None), f"{nom}_id", None)
                limiter(self.fields[nom], queryset, present)
        for champ in self.fields.values():
            if isinstance(champ, forms.ModelChoiceField) and champ.queryset is not None:
                # What its list is of: a page may complete it (static/js/partenaire.js).
                champ.widget.attrs["data-modele"] = champ.queryset.model._meta.model_name
            if champ.show_hidden_initial:
                champ.hidden_widget = ValeurDeDepart
            if isinstance(champ, forms.DateField):
                champ.widget = DateFr()
                champ.error_messages["invalid"] = "Cette date n’existe pas. Écrivez-la jour, mois, année : 15/09/2026."
            elif isinstance(champ, forms.URLField):
                # A browser's own address field may not be given back with what is no address.
                champ.widget = forms.TextInput(attrs={**champ.widget.attrs, "inputmode": "url"})
            elif isinstance(champ, forms.IntegerField) and not isinstance(champ, forms.TypedChoiceField):
                champ.localize = isinstance(champ, forms.DecimalField)
                champ.widget = NombreFr()
                champ.error_messages["invalid"] = NOMBRE_FAUX if champ.localize else ENTIER_FAUX

    def _get_validation_exclusions(self):
        """What was found among the rows of a `Limite` exists: the database need not be asked again, row by row."""
        return super()._get_validation_exclusions() | self._limites

    def add_error(self, field, error):
        """Say above the form what a rule of the model says of a field that this form does not show."""
        if field is None and hasattr(error, "error_dict"):
            for nom, fautes in error.error_dict.items():
                super().add_error(nom if nom in self.fields else None, fautes)
        else:
            super().add_error(field, error)


class Limite:
    """The rows that a foreign key may name, read once for all the forms of a page."""

    def __init__(self, queryset):
        self.queryset = queryset

    @cached_property
    def objets(self):
        return {str(objet.pk): objet for objet in self.queryset}

    @cached_property
    def choix(self):
        return [("", "---------"), *((objet.pk, str(objet)) for objet in self.objets.values())]

    def trouver(self, champ, present, valeur):
        """Return the row that a form names, among those of the limit; raise the field's own error for any other.

        The one that is stored stays acceptable, though it would no longer be offered (a fiche archived since).
        """
        if valeur in champ.empty_values:
            return None
        cle = str(getattr(valeur, "pk", valeur))
        objet = self.objets.get(cle) or (present is not None and cle == str(present) and self.relire(present))
        if not objet:
            raise forms.ValidationError(champ.error_messages["invalid_choice"], "invalid_choice", {"value": valeur})
        return objet

    def relire(self, cle):
        return self.queryset.model._base_manager.get(pk=cle)


def limiter(champ, limite, present=None):
    """Limit what a field accepts to a queryset; a `Limite` is read once, whatever the number of forms."""
    if not isinstance(limite, Limite):
        champ.queryset = limite
        return
    champ.queryset = limite.queryset
    # After the queryset: setting it makes choices that ask the database for each form.
    ailleurs = present is not None and str(present) not in limite.objets
    champ.choices = [*limite.choix, *([(present, str(limite.relire(present)))] if ailleurs else [])]
    champ.to_python = partial(limite.trouver, champ, present)


class FormulaireDeModele(FormulaireAccessible, forms.ModelForm):
    """A form that saves its own fields and no others, so that neighbours are not overwritten."""

    def save(self, commit=True):
        if self.instance._state.adding:
            return super().save(commit)
        multiples = {c.name for c in self.instance._meta.many_to_many}
        champs = [nom for nom in self._meta.fields if nom in self.fields and nom not in multiples]
        if set(champs) & set(self.changed_data):
            self.instance.save(update_fields=champs)
        if multiples & set(self.changed_data):
            self._save_m2m()
        return self.instance


class Lignes(FormulaireAccessible, forms.ModelForm):
    """One inline row; an untouched blank row is no row."""


class LignesFormSet(BaseInlineFormSet):
    """Inline rows that say in French which two lines clash, and that build their blank row once."""

    # What the words of a row, and its further cells, are read with: one question for all the rows.
    relies, precharges = (), ()
    default_error_messages = BaseInlineFormSet.default_error_messages | {
        "missing_management_form": (
            "Les lignes de cette page ne sont pas parvenues entières : rien n’est enregistré. Rechargez-la, puis recommencez."
        )
    }

    def __init__(self, *args, queryset=None, **kwargs):
        if queryset is None:
            queryset = self.model._default_manager.select_related(*self.relies).prefetch_related(*self.precharges)
            queryset = queryset if self.relies else queryset.select_related(None)
        super().__init__(*args, queryset=queryset, **kwargs)

    def clean(self):
        super().clean()
        for form in self.deleted_forms:
            if form.instance.pk and (raison := getattr(form.instance, "pourquoi_garder", str)()):
                raise forms.ValidationError(raison)

    def get_unique_error_message(self, unique_check):
        return "Deux lignes portent le même nom ou la même année : gardez-en une seule."

    def add_fields(self, form, index):
        """Find the row that a form names among those that were read, rather than ask for each."""
        super().add_fields(form, index)
        cle = form.fields.get(self._pk_field.name)
        if isinstance(cle, forms.ModelChoiceField):
            cle.to_python = partial(self._trouver_la_ligne, cle)

    def _trouver_la_ligne(self, champ, valeur):
        if valeur in champ.empty_values:
            return None
        objet = {str(o.pk): o for o in self.get_queryset()}.get(str(getattr(valeur, "pk", valeur)))
        if objet is None:
            raise forms.ValidationError(champ.error_messages["invalid_choice"], "invalid_choice", {"value": valeur})
        return objet

    @property
    def est_large(self):
        """Tell whether a row has more fields than a screen has room for: they go on several lines, under their own names."""
        return len(self.empty_form.visible_fields()) > 8

    @property
    def en_table(self):
        """Tell whether the rows read as one table: short fields, the same in each; long texts want the whole width."""
        formes = [*self.forms, *([self.empty_form] if self.extra else [])]
        colonnes = {tuple(c.name for c in f.visible_fields()) for f in formes}
        courtes = not any(isinstance(c.widget, forms.Textarea) for f in formes[:1] for c in f.fields.values())
        return len(colonnes) == 1 and courtes and not hasattr(formes[0], "champs_simples")

    @property
    def empty_form(self):
        if not hasattr(self, "_vide"):
            self._vide = super().empty_form
        return self._vide


class LigneRangee(Lignes):
    """A row whose number is its rank among the others: people type an order, the numbers follow."""

    rang = forms.IntegerField(label="Rang", required=False, min_value=1, max_value=999)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields(["rang", *(nom for nom in self.fields if nom != "rang")])
        self.initial["rang"] = self.instance.ordre if self.instance.pk else None

    def champs_figes(self, gel):
        return {"rang"} if self._meta.model.gele_avec in gel else set()


class RangeesFormSet(LignesFormSet):
    """Rows ranked 1, 2, 3 ... in the order of the ranks that were typed; a row without one comes last."""

    def save(self, commit=True):
        """Save the rows that changed and those that moved. Ranks are unique in the database: see `ranger`."""
        with transaction.atomic():
            for form in self.deleted_forms:
                if form.instance.pk:
                    form.instance.delete()
            places = list(enumerate(self._dans_l_ordre(), start=1))
            anciennes = [(rang, form.instance) for rang, form in places if form.instance.pk]
            for _, form in places:
                if form.instance.pk and (changes := set(form.changed_data) - {"rang"}):
                    form.instance.save(update_fields=changes)
            ranger([ligne for _, ligne in anciennes], [rang for rang, _ in anciennes])
            for rang, form in places:
                if not form.instance.pk:
                    form.instance.ordre = rang
                    form.instance.save()
        return [form.instance for _, form in places]

    def _dans_l_ordre(self):
        """Return the forms that stay: the others in their order, each one that moved at the rank that was typed."""
        gardees = [f for f in self.forms if f not in self.deleted_forms and (f.instance.pk or f.has_changed())]
        bougees = [f for f in gardees if "rang" in f.changed_data and f.cleaned_data.get("rang")]
        ordre = [f for f in gardees if f not in bougees]
        for form in sorted(bougees, key=lambda f: f.cleaned_data["rang"]):
            ordre.insert(form.cleaned_data["rang"] - 1, form)
        return ordre


def lignes(parent, modele, champs=None, form=Lignes, formset=LignesFormSet, relies=(), precharges=(), **kwargs):
    """Return the class of the inline rows of a parent; `relies` and `precharges` are read with them."""
    classe = inlineformset_factory(
        parent, modele, form=form, formset=formset, fields=champs, **{**BORNES, "fk_name": None, **kwargs}
    )
    classe.relies, classe.precharges = relies, precharges
    return classe
