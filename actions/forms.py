"""The forms of the plan: one per section of a fiche, with the rows that belong to it."""

import re
from decimal import Decimal

from django import forms
from django.db import models, transaction
from django.forms import BaseInlineFormSet, inlineformset_factory

from actions.models import (
    Action,
    Article,
    Axe,
    Cible,
    Convention,
    Financement,
    Indicateur,
    Jalon,
    Mesure,
    Note,
    Partenaire,
    Participation,
    Partie,
    PieceJointe,
    Service,
)
from ctg.templatetags.francais import nombre

NOMBRE_FAUX = "Écrivez un nombre en chiffres, par exemple 1250,50."


class DateFr(forms.DateInput):
    """The browser's own date field: it shows French dates and sends ISO ones."""

    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


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
    """Tie each error and help text to its field for those who listen to the page (RGAA 11.10)."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for champ in self.fields.values():
            if isinstance(champ, forms.DateField):
                champ.widget = DateFr()
                champ.error_messages["invalid"] = "Cette date n’existe pas. Écrivez-la jour, mois, année : 15/09/2026."
            elif isinstance(champ, forms.IntegerField) and not isinstance(champ, forms.TypedChoiceField):
                champ.localize = isinstance(champ, forms.DecimalField)
                champ.widget = NombreFr()
                champ.error_messages["invalid"] = NOMBRE_FAUX

    def add_error(self, field, error):
        """Say above the form what a rule of the model says of a field that this form does not show."""
        if field is None and hasattr(error, "error_dict"):
            for nom, fautes in error.error_dict.items():
                super().add_error(nom if nom in self.fields else None, fautes)
        else:
            super().add_error(field, error)


class SectionForm(FormulaireAccessible, forms.ModelForm):
    """One section of a fiche: it saves its own fields and no others, so that neighbours are not overwritten."""

    class Meta:
        model = Action
        fields = []
        field_classes = {"thematiques": ChoixMultiples}

    def save(self, commit=True):
        m2m = {f.name for f in Action._meta.many_to_many}
        champs = [nom for nom in self.fields if nom not in m2m]
        if champs and set(champs) & set(self.changed_data):
            self.instance.save(update_fields=champs)
        if m2m & set(self.changed_data):
            self._save_m2m()
        return self.instance


def _section(*champs, **widgets):
    meta = type("Meta", (SectionForm.Meta,), {"fields": list(champs), "widgets": widgets})
    return type("Section" + "".join(c.title() for c in champs[:1]), (SectionForm,), {"Meta": meta})


class Lignes(FormulaireAccessible, forms.ModelForm):
    """One inline row; an untouched blank row is no row."""


class IndicateurForm(Lignes):
    """An indicator with, for each year of the convention, its target and its measure."""

    class Meta:
        model = Indicateur
        # A tuple: Django's inline factory adds its foreign key to a list.
        fields = ("libelle", "unite", "reference", "annee_reference", "source")

    def __init__(self, *args, annees=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.annees = list(annees)
        valeurs = {a: (c, m) for a, c, m in self.instance.valeurs(self.annees)} if self.instance.pk else {}
        for annee in self.annees:
            for rang, nom in enumerate(("cible", "mesure")):
                champ = forms.DecimalField(
                    label=f"{nom.title()} {annee}", required=False, max_digits=14, decimal_places=2, localize=True
                )
                champ.widget = NombreFr()
                champ.error_messages["invalid"] = NOMBRE_FAUX
                self.fields[f"{nom}_{annee}"] = champ
                self.initial[f"{nom}_{annee}"] = valeurs.get(annee, (None, None))[rang]

    def par_annee(self):
        """Return [(year, target field, measure field)] for the template."""
        return [(a, self[f"cible_{a}"], self[f"mesure_{a}"]) for a in self.annees]

    def champs_simples(self):
        return [self[nom] for nom in IndicateurForm.Meta.fields]

    def save(self, commit=True):
        indicateur = super().save(commit)
        for annee in self.annees:
            for nom, modele in (("cible", Cible), ("mesure", Mesure)):
                if f"{nom}_{annee}" not in self.changed_data:
                    continue
                valeur = self.cleaned_data.get(f"{nom}_{annee}")
                present = modele.objects.filter(indicateur=indicateur, annee=annee).first()
                if valeur is None and present:
                    present.delete()
                elif valeur is not None:
                    present = present or modele(indicateur=indicateur, annee=annee)
                    present.valeur = valeur
                    present.save()
        return indicateur


class LignesFormSet(BaseInlineFormSet):
    """Inline rows that say in French which two lines clash."""

    def get_unique_error_message(self, unique_check):
        return "Deux lignes portent le même nom ou la même année : gardez-en une seule."


class LigneRangee(Lignes):
    """A row whose number is its rank among the others: people type an order, the numbers follow."""

    rang = forms.IntegerField(label="Rang", required=False, min_value=1, max_value=999)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields(["rang", *(nom for nom in self.fields if nom != "rang")])
        self.initial["rang"] = self.instance.ordre if self.instance.pk else None


class RangeesFormSet(LignesFormSet):
    """Rows numbered 1, 2, 3 ... in the order of the ranks that were typed; a row without one comes last."""

    def clean(self):
        super().clean()
        for form in self.deleted_forms:
            if form.instance.pk and getattr(form.instance, "actions", None) and form.instance.actions.exists():
                raise forms.ValidationError(
                    f"« {form.instance} » porte des fiches, archivées comprises : déplacez-les avant de le supprimer."
                )

    def save(self, commit=True):
        """Save the rows that changed and those that moved. Ranks are unique in the database: all are freed first."""
        supprimees = {form for form in self.deleted_forms if form.instance.pk}
        with transaction.atomic():
            for form in supprimees:
                form.instance.delete()
            gardees = [
                form
                for form in self.forms
                if form not in self.deleted_forms and (form.instance.pk or form.has_changed())
            ]
            gardees.sort(key=lambda form: (form.cleaned_data.get("rang") or 1000, self.forms.index(form)))
            anciens = dict(self.queryset.values_list("pk", "ordre"))
            self.queryset.update(ordre=models.F("ordre") + 1000)
            for ordre, form in enumerate(gardees, start=1):
                form.instance.ordre = ordre
                if form.has_changed() or anciens[form.instance.pk] != ordre:
                    form.instance.save()
                else:
                    self.model.objects.filter(pk=form.instance.pk).update(ordre=ordre)
        return [form.instance for form in gardees]


# Far above what a person fills; it bounds what a forged form can make the server build.
BORNES = {"extra": 1, "can_delete": True, "max_num": 200, "absolute_max": 250}


def _lignes(modele, champs, form=Lignes):
    return inlineformset_factory(Action, modele, form=form, formset=LignesFormSet, fields=champs, **BORNES)


class Section:
    """What a section of a fiche is made of: its title, its form, and its rows if it has any."""

    def __init__(self, titre, form=SectionForm, lignes=None, ajout="Ajouter une ligne"):
        self.titre, self.form, self.lignes, self.ajout = titre, form, lignes, ajout


SECTIONS = {
    "identite": Section("Fiche et avancement", _section("titre", "statut", "priorite", "avancement", "publiee")),
    "enjeux": Section("Constats et objectifs", _section("constats", "objectifs", "description", "public_vise")),
    "thematiques": Section("Thématiques CNAF", _section("thematiques", thematiques=forms.CheckboxSelectMultiple)),
    "pilotage": Section(
        "Pilotage et partenaires",
        _section("pilote", "elu_referent", "technicien_referent"),
        _lignes(Participation, ["partenaire", "role"]),
        "Ajouter un partenaire",
    ),
    "calendrier": Section(
        "Calendrier", _section("debut", "fin"), _lignes(Jalon, ["libelle", "echeance", "atteint"]), "Ajouter un jalon"
    ),
    "moyens": Section("Moyens", _section("moyens_humains", "moyens_materiels")),
    "financements": Section(
        "Financements",
        lignes=_lignes(Financement, ["partenaire", "annee", "prevu", "realise"]),
        ajout="Ajouter un financement",
    ),
    "indicateurs": Section(
        "Indicateurs de suivi",
        lignes=_lignes(Indicateur, IndicateurForm.Meta.fields, IndicateurForm),
        ajout="Ajouter un indicateur",
    ),
    "vigilance": Section("Points de vigilance", _section("vigilance")),
}


class ActionCreationForm(FormulaireAccessible, forms.ModelForm):
    """The little that a new fiche needs; the rest is filled section by section."""

    class Meta:
        model = Action
        fields = ["axe", "titre", "pilote"]

    def __init__(self, *args, convention, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["axe"].queryset = Axe.objects.filter(convention=convention)
        self.fields["pilote"].queryset = Partenaire.objects.filter(territoire=convention.territoire_id)


class ChangementAxeForm(forms.Form):
    """Where to move a fiche."""

    axe = forms.ModelChoiceField(Axe.objects.none(), label="Déplacer vers l’axe")

    def __init__(self, *args, convention, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["axe"].queryset = Axe.objects.filter(convention=convention)


class NoteForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = Note
        fields = ["date", "texte"]
        widgets = {"texte": forms.Textarea(attrs={"rows": 3})}


class PieceJointeForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = PieceJointe
        fields = ["titre", "fichier", "publique"]


class ConventionForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = Convention
        fields = []


def _partie(titre, *champs):
    meta = type("Meta", (ConventionForm.Meta,), {"fields": list(champs)})
    return Section(titre, type("PartieConvention", (ConventionForm,), {"Meta": meta}))


def _rangees(titre, modele, champs, ajout, **kwargs):
    reglages = {"form": LigneRangee, "formset": RangeesFormSet, **BORNES, **kwargs}
    classe = inlineformset_factory(Convention, modele, fields=champs, **reglages)
    classe.ajout = ajout
    return Section(titre, None, classe, ajout)


# The convention, part by part, in the order in which it is printed.
PARTIES_CONVENTION = {
    "identite": _partie("Période et publication", "titre", "debut", "fin", "projet", "publiee"),
    "parties": _rangees(
        "Parties et représentants", Partie, ["partenaire", "representant", "qualite"], "Ajouter une partie"
    ),
    "textes": _partie("Visas et préambule", "visas", "preambule"),
    "articles": _rangees("Articles", Article, ["titre", "texte"], "Ajouter un article"),
    "diagnostic": _partie("Diagnostic partagé", "diagnostic"),
    "services": _rangees(
        "Services soutenus",
        Service,
        ["nom", "gestionnaire", "commune", "thematique"],
        "Ajouter un service",
        form=Lignes,
        formset=LignesFormSet,
    ),
    "axes": _rangees("Axes stratégiques", Axe, ["titre", "presentation"], "Ajouter un axe"),
    "pilotage": _partie("Modalités de pilotage", "pilotage"),
    "evaluation": _partie("Modalités d’évaluation", "evaluation"),
}
