"""How the plan is searched and filtered (django-filter: the library of the field)."""

import django_filters
from django.utils.functional import cached_property

from actions.models import Action, Partenaire, Thematique
from actions.recherche import Recherche


class PlanFilter(django_filters.FilterSet):
    """Filters of the plan page; an unknown value is reported at its field and filters nothing."""

    # Compared on the fiches that were read (`Recherche`): no database of ours folds accents by itself.
    q = django_filters.CharFilter(label="Rechercher", method="laisser")
    axe = django_filters.ChoiceFilter(label="Axe", empty_label="Tous")
    thematique = django_filters.ModelChoiceFilter(
        label="Thématique", field_name="thematiques", queryset=Thematique.objects.all(), empty_label="Toutes"
    )
    pilote = django_filters.ModelChoiceFilter(
        label="Pilote", queryset=Partenaire.objects.none(), empty_label="Tous", method="par_pilote"
    )
    statut = django_filters.ChoiceFilter(
        label="Statut",
        choices=[*Action.Statut.choices, ("en_retard", "En retard")],
        method="par_statut",
        empty_label="Tous",
    )

    class Meta:
        model = Action
        fields = ["q", "axe", "thematique", "pilote", "statut"]

    def __init__(self, *args, convention, axes, **kwargs):
        """`axes` are those of the convention, which the page has read already."""
        super().__init__(*args, **kwargs)
        self.filters["axe"].extra["choices"] = [(str(axe.pk), str(axe)) for axe in axes]
        self.filters["pilote"].queryset = Partenaire.objects.filter(pk__in=Action.pilotes_de(convention))

    def laisser(self, queryset, _nom, _valeur):
        return queryset

    def par_pilote(self, queryset, _nom, valeur):
        return queryset.filter(pk__in=Action.objects.pilotees_par([valeur.pk]).values("pk"))

    @cached_property
    def recherche(self):
        """The `Recherche` among the fiches that answer the other filters."""
        demande = self.form.cleaned_data.get("q") if self.form.is_valid() else ""
        # The texts of the fiches are read by a search alone.
        return Recherche(demande or "", self.qs.pour_liste() if demande else self.qs.sans_textes())

    @property
    def fiches(self):
        """The fiches that answer all the filters, as a list."""
        return self.recherche.fiches

    def par_statut(self, queryset, _nom, valeur):
        return queryset.en_retard() if valeur == "en_retard" else queryset.filter(statut=valeur)
