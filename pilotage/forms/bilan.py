"""The forms of an account: its pages, and the moves from one state to the next."""

from django import forms
from django.utils import timezone

from actions.models import Action
from ctg.formulaires import FormulaireAccessible, FormulaireDeModele
from pilotage.models import Bilan, Complement, Decision, Observation, PageDAxe, PageDeBilan, Reunion


class BilanForm(FormulaireDeModele):
    """The summary; for a final evaluation, also the four questions of the national frame."""

    class Meta:
        model = Bilan
        fields = ["synthese", "coherence", "atteinte", "moyens", "effets"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.annee or self.instance.source:
            for nom in self.Meta.fields[1:]:
                del self.fields[nom]


class PageDAxeForm(FormulaireDeModele):
    class Meta:
        model = PageDAxe
        fields = ["texte"]


class PageDeBilanForm(FormulaireDeModele):
    class Meta:
        model = PageDeBilan
        fields = ["fait", "ecarts", "difficultes", "participation", "suite", "suite_dite", "rendue"]


class OuvertureForm(FormulaireAccessible, forms.Form):
    """Which account to open, and for when its pages are expected."""

    annee = forms.TypedChoiceField(label="Bilan de", coerce=int, empty_value=None, required=False)
    attendu_le = forms.DateField(label="Pages attendues pour le", required=False)
    source = forms.CharField(
        label="Repris d’un document (facultatif)",
        required=False,
        max_length=Bilan._meta.get_field("source").max_length,
        help_text="Si ces années ont déjà leur bilan ailleurs : quel document ? Ses mots se saisissent alors axe par axe, "
        "sans fiches ni chiffres, et il ne passe par aucune étape.",
    )

    def __init__(self, *args, convention, prevenir=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.convention, self.prevenir = convention, prevenir
        ouvertes = set(convention.bilans.values_list("annee", flat=True))
        choix = [(annee, str(annee)) for annee in convention.annees if annee not in ouvertes]
        choix += [] if None in ouvertes else [("", "toute la convention (évaluation finale)")]
        self.fields["annee"].choices = choix
        moment = convention.annee_du_moment()
        self.fields["annee"].initial = next((a for a, _ in choix if a == moment), choix[0][0] if choix else None)

    def save(self):
        """Open the account and tell who has pages to write in it. Raises `ValidationError`."""
        bilan = Bilan.ouvrir(self.convention, **self.cleaned_data)
        bilan.muets = [] if bilan.source else self.prevenir(bilan)
        return bilan

    @property
    def reste(self):
        """Tell whether an account may still be opened."""
        return bool(self.fields["annee"].choices)


class PartageForm(FormulaireAccessible, forms.Form):
    observations_jusqu_au = forms.DateField(label="Observations attendues jusqu’au")


class RepriseForm(FormulaireAccessible, forms.Form):
    """What is asked again of each page; a page without words stays closed."""

    def __init__(self, *args, bilan, **kwargs):
        super().__init__(*args, **kwargs)
        self.pages = {page.pk: page for page in bilan.pages.completes()}
        for page in self.pages.values():
            page.bilan = bilan
            page.action.convention = page.action.axe.convention = bilan.convention
            self.fields[f"page-{page.pk}"] = forms.CharField(
                label=f"Fiche {page.action}",
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def demandes(self):
        """Return {page: what is asked}."""
        return {page: texte for pk, page in self.pages.items() if (texte := self.cleaned_data.get(f"page-{pk}"))}


class ArretForm(FormulaireAccessible, forms.Form):
    reunion = forms.ModelChoiceField(Reunion.objects.none(), label="Arrêté par la réunion")

    def __init__(self, *args, bilan, **kwargs):
        super().__init__(*args, **kwargs)
        tenues = Reunion.objects.filter(territoire=bilan.convention.territoire, date__lte=timezone.localdate())
        self.fields["reunion"].queryset = tenues.select_related("organisatrice", "territoire").order_by("-date")
        self.fields["reunion"].empty_label = "Choisissez la réunion"


class JourForm(FormulaireAccessible, forms.Form):
    le = forms.DateField(label="Le", initial=timezone.localdate)


class ObservationForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = Observation
        fields = ["page", "texte"]
        widgets = {"texte": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args, prevenir=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.prevenir = prevenir
        pages = list(self.instance.bilan.pages.completes())
        for page in pages:
            page.action.convention = page.action.axe.convention = self.instance.bilan.convention
        self.fields["page"].queryset = self.instance.bilan.pages.all()
        self.fields["page"].choices = [("", "L’ensemble du bilan"), *((p.pk, f"Fiche {p.action}") for p in pages)]

    def save(self, commit=True):
        observation = super().save(commit)
        self.prevenir(observation)
        return observation


class DecisionForm(FormulaireAccessible, forms.ModelForm):
    """What the meeting of the day decides of a fiche of the axe on the screen: what, who, by when."""

    class Meta:
        model = Decision
        fields = ["action", "texte", "responsable", "echeance"]

    def __init__(self, *args, axe, **kwargs):
        super().__init__(*args, **kwargs)
        choix = [(f["pk"], f"{f['numero']} {f['titre']}") for f in axe["fiches"]]
        self.fields["action"].queryset = Action.objects.filter(pk__in=[pk for pk, _ in choix])
        self.fields["action"].choices = [("", "L’ensemble de l’axe"), *choix]
        self.axe = axe["pk"]

    def save(self, commit=True):
        if self.instance.action is None:
            self.instance.axe_id = self.axe
        return super().save(commit)


class ComplementForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = Complement
        fields = ["objet"]
