"""The forms of what a convention signs and annexes, and of a paper that is verified."""

from django import forms

from actions.models import Annexe
from actions.models.suivi import valider_pdf
from ctg.formulaires import FormulaireAccessible
from pilotage.models import (
    Deliberation,
)

from .fichier import pdf_lisible


class SignatureForm(FormulaireAccessible, forms.Form):
    """That a party signed; the last signature also asks when the convention takes effect."""

    le = forms.DateField(label="Signée le")
    lieu = forms.CharField(label="À", max_length=150, required=False)
    acte = forms.ModelChoiceField(
        Deliberation.objects.none(), label="En vertu de la délibération", required=False, empty_label="Non renseignée"
    )
    scan = forms.FileField(
        label="Page signée (PDF)", required=False, help_text="Scellée telle quelle : elle ne se remplace pas."
    )
    effet_le = forms.DateField(label="La convention prend effet le", required=False)

    def __init__(self, *args, version, signataire, **kwargs):
        super().__init__(*args, **kwargs)
        actes = Deliberation.objects.en_vigueur().filter(conseil__collectivite=signataire.partenaire_id)
        self.fields["acte"].queryset = actes.filter(approuve=version.convention)
        if {s.pk for s in version.restants()} != {signataire.pk}:
            del self.fields["effet_le"]

    def clean_scan(self):
        fichier = self.cleaned_data["scan"]
        if fichier:
            valider_pdf(fichier)
        return fichier


class PapierForm(FormulaireAccessible, forms.Form):
    """A convention that was signed on paper: its scan, when and where all signed, and when it took effect."""

    scan = forms.FileField(label="La convention signée (PDF)", help_text="Scellée telle quelle : elle fait foi.")
    le = forms.DateField(label="Signée par toutes les parties le")
    lieu = forms.CharField(label="À", max_length=150, required=False)
    effet_le = forms.DateField(label="Prend effet le")

    def clean_scan(self):
        valider_pdf(self.cleaned_data["scan"])
        return self.cleaned_data["scan"]


class AnnexeForm(FormulaireAccessible, forms.ModelForm):
    """A PDF that others wrote, annexed to a convention under a title, after the annexes that it has."""

    fichier = forms.FileField(
        label="Le fichier (PDF)",
        help_text="Joint sans changement aux documents scellés ; ses pages suivent dans l’impression de travail.",
    )

    class Meta:
        model = Annexe
        fields = ["titre"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["titre"].required, self.fields["titre"].help_text = True, ""

    def clean_fichier(self):
        return pdf_lisible(self.cleaned_data["fichier"])

    def _post_clean(self):
        """The row is whole once its file is stored: `Annexe.joindre`."""

    def save(self, commit=True):
        fichier = self.cleaned_data["fichier"]
        return Annexe.joindre(self.instance.convention, self.cleaned_data["titre"], fichier.read(), fichier.name)


class VerificationForm(forms.Form):
    """A file that anybody drops: it is read in memory, so its weight is bounded."""

    POIDS_MAX = 50 * 1024 * 1024

    fichier = forms.FileField(label="Le fichier à vérifier")

    def clean_fichier(self):
        fichier = self.cleaned_data["fichier"]
        if fichier.size > self.POIDS_MAX:
            raise forms.ValidationError(
                f"Ce fichier pèse {fichier.size // 1024**2} Mo ; la limite est de 50 Mo. "
                "Comparez vous-même son empreinte SHA-256 à celle du document scellé."
            )
        return fichier
