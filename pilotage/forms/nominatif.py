"""What the forms that note members one by one share: one field at the end notes all those who were not."""

from django import forms


class FormulaireNominatif(forms.Form):
    """One line a member, known by the key of their mandate; « reste » says the same of all who were not noted."""

    prefixe = ""  # of the fields that « reste » fills: « vote » for `vote_12`

    def proposer_le_reste(self, label, choix):
        """Add the field that notes at once all who were not noted one by one, among `choix` [(value, words)]."""
        self.fields["reste"] = forms.ChoiceField(label=label, choices=[("", "—"), *choix], required=False)

    @property
    def pour_tous(self):
        """The field « reste »; None while there is nobody to note."""
        return self["reste"] if "reste" in self.fields else None

    def clean(self):
        donnees = super().clean()
        if reste := donnees.get("reste"):
            for nom in self.fields:
                if nom.startswith(f"{self.prefixe}_"):
                    donnees[nom] = donnees.get(nom) or reste
        return donnees
