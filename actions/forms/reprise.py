"""The next convention: its period and porteur, and what it takes over from the one that it follows."""

from django import forms
from django.db import transaction

from actions.copies import LOTS, reprendre
from actions.models import Action, Convention, Partenaire
from ctg.formulaires import ChoixMultiples, FormulaireAccessible
from ctg.francais import enumerer

TEXTES = "textes"


def _cases(queryset, titre):
    return ChoixMultiples(queryset, label=titre, required=False, widget=forms.CheckboxSelectMultiple)


class ReprendreForm(FormulaireAccessible, forms.Form):
    """What a convention in preparation takes over; what it has taken already is no longer asked."""

    def __init__(self, *args, ancienne, convention, **kwargs):
        super().__init__(*args, **kwargs)
        self.ancienne, self.convention = ancienne, convention
        # Fiches without an origin are left out: NOT IN finds nothing beside a NULL.
        prises = convention.fiches.actives().exclude(origine=None).values("origine") if convention.pk else []
        offertes = ancienne.fiches.actives().exclude(pk__in=prises)
        self.restent = list(offertes.pour_liste().dans_l_ordre())
        self.axes = list(ancienne.axes.all())
        lots = [(cle, f"{lot.titre} ({nombre})") for cle, lot in LOTS.items() if (nombre := self._nombre(lot))]
        textes = (TEXTES, "Les visas, le préambule, les modalités de pilotage et d’évaluation")
        self.fields["lots"] = forms.MultipleChoiceField(
            label="Le texte et les services",
            choices=[*lots, textes],
            required=False,
            initial=[cle for cle, _ in [*lots, textes]],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["axes"] = _cases(ancienne.axes.all(), "Les axes")
        self.fields["axes"].initial = [axe.pk for axe in self.axes]
        self.fields["fiches"] = _cases(offertes, "Les fiches actions")
        self.fields["fiches"].initial = [f.pk for f in self.restent if f.statut != Action.Statut.ABANDONNEE]
        if convention.pk:
            # Something was taken already, renamed, given up: nothing comes back unless it is asked for.
            for champ in self.fields.values():
                champ.initial = []

        for nom in ("axes", "fiches"):
            self.fields[nom].error_messages["invalid_choice"] = (
                "Ce que vous aviez choisi est déjà repris, ou n’est plus là : voyez ce qui reste."
            )

    def clean(self):
        choix = super().clean()
        if self.convention.pk and not self.errors and not any(choix.values()):
            raise forms.ValidationError("Cochez ce que vous voulez reprendre.")
        return choix

    def dit(self):
        """Say in words what was really taken: « les articles et 3 fiches »; "" when all of it was there already."""
        dites = [lot.titre.lower() for cle, lot in LOTS.items() if self.pris.get(cle)]
        dites += ["les textes"] if self.pris.get(TEXTES) else []
        for nom in ("axes", "fiches"):
            if n := self.pris[nom]:
                dites.append(f"{n} {nom if n > 1 else nom[:-1]}")
        return enumerer(dites)

    def _nombre(self, lot):
        return getattr(self.ancienne, lot.lignes).count()

    def par_axe(self):
        """Return [(axe, is it ticked, [(fiche, is it ticked)])], as they are shown, fiches under their axe."""
        axes, fiches = ({str(v) for v in self[nom].value() or ()} for nom in ("axes", "fiches"))
        for fiche in self.restent:
            fiche.convention = self.ancienne
        return [
            (axe, str(axe.pk) in axes, [(f, str(f.pk) in fiches) for f in self.restent if f.axe_id == axe.pk])
            for axe in self.axes
        ]

    def save(self):
        choix = self.cleaned_data
        lots = [cle for cle in choix["lots"] if cle != TEXTES]
        self.pris = reprendre(self.convention, lots, TEXTES in choix["lots"], choix["axes"], choix["fiches"])
        return self.convention


class ConventionNouvelleForm(FormulaireAccessible, forms.ModelForm):
    """A convention of a territory: a draft, whose porteur is chosen by who holds the territory.

    If it follows one, `reprise` says in the same form what it takes over.
    """

    class Meta:
        model = Convention
        fields = ["debut", "fin", "titre", "porteur", "numerotation"]

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        intercommunalites = Partenaire.objects.utilisables(self.instance.territoire).exclude(
            nature=Partenaire.Nature.CAF
        )
        self.fields["porteur"].queryset = intercommunalites
        ancienne = self.instance.precedente
        self.reprise = ancienne and ReprendreForm(data, ancienne=ancienne, convention=self.instance)

    def is_valid(self):
        return super().is_valid() and (self.reprise is None or self.reprise.is_valid())

    @property
    def errors(self):
        errors = super().errors
        return errors or (self.is_bound and self.reprise is not None and self.reprise.errors) or errors

    def save(self, commit=True):
        with transaction.atomic():
            convention = super().save(commit)
            if self.reprise:
                self.reprise.save()
        return convention
