"""How the plan is searched and filtered (django-filter: the library of the field)."""

import django_filters

from actions.models import Action, Axe, Partenaire, Thematique


class PlanFilter(django_filters.FilterSet):
    """Filters of the plan page; an unknown value is reported at its field and filters nothing."""

    q = django_filters.CharFilter(label="Rechercher", method="chercher")
    axe = django_filters.ModelChoiceFilter(label="Axe", queryset=Axe.objects.none(), empty_label="Tous")
    thematique = django_filters.ModelChoiceFilter(
        label="Thématique", field_name="thematiques", queryset=Thematique.objects.all(), empty_label="Toutes"
    )
    pilote = django_filters.ModelChoiceFilter(label="Pilote", queryset=Partenaire.objects.none(), empty_label="Tous")
    statut = django_filters.ChoiceFilter(
        label="Statut",
        choices=[*Action.Statut.choices, ("en_retard", "En retard")],
        method="par_statut",
        empty_label="Tous",
    )

    class Meta:
        model = Action
        fields = ["q", "axe", "thematique", "pilote", "statut"]

    def __init__(self, *args, convention, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["axe"].queryset = Axe.objects.filter(convention=convention)
        self.filters["pilote"].queryset = Partenaire.objects.filter(
            actions_pilotees__axe__convention=convention
        ).distinct()

    def chercher(self, queryset, _nom, valeur):
        return queryset.contenant(valeur)

    def par_statut(self, queryset, _nom, valeur):
        return queryset.en_retard() if valeur == "en_retard" else queryset.filter(statut=valeur)
