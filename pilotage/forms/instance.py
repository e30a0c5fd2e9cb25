"""The forms of a body: what it is, who sits there, its renewal."""

import re

from django import forms

from actions.models import Action, Axe, Convention, Etat, Partenaire
from ctg.formulaires import ChoixMultiples, FormulaireAccessible, FormulaireDeModele, Lignes, lignes
from ctg.texte import sans_accents
from pilotage.models import (
    Instance,
    Mandat,
)

REGLAGES_DE_CONSEIL = [
    *("tient_registre", "droit_local", "grande", "serie_des_actes", "serie_du_mandat"),
    *("publication", "publication_depuis", "mots_assemblee", "mots_chef", "mots_membres"),
]


class AvecPeriode(ChoixMultiples):
    """Axes or fiches of several conventions, each with its period: « Axe 1 » alone would stand there twice."""

    def label_from_instance(self, obj):
        return f"{obj.convention.periode} · {obj}"


class InstanceForm(FormulaireDeModele):
    """A body; the axes and fiches that it follows are those of the conventions of its territory."""

    class Meta:
        model = Instance
        fields = ["nom", "nature", "objet", "axes", "fiches"]
        widgets = {"axes": forms.CheckboxSelectMultiple, "fiches": forms.CheckboxSelectMultiple}
        field_classes = {"axes": AvecPeriode, "fiches": AvecPeriode}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        territoire = self.instance.territoire
        axes = Axe.objects.filter(convention__in=self._conventions(territoire))
        self.fields["axes"].queryset = axes.select_related("convention").order_by("-convention__debut", "ordre")
        fiches = Action.objects.actives().filter(convention__in=self._conventions(territoire))
        self.fields["fiches"].queryset = fiches.select_related("axe", "convention").dans_l_ordre()
        if not self.instance.est_conseil:
            self.fields["nature"].choices = [c for c in Instance.Nature.choices if c[0] != Instance.Nature.CONSEIL]

    def clean(self):
        """What the form does not offer (an archived fiche, a convention that is over) is kept: it was not taken away."""
        donnees = super().clean()
        for nom in ("axes", "fiches"):
            if self.instance.pk and nom in donnees:
                suivis = getattr(self.instance, nom).values_list("pk", flat=True)
                caches = set(suivis) - {o.pk for o in self.fields[nom].queryset}
                donnees[nom] = (
                    donnees[nom] | donnees[nom].model.objects.filter(pk__in=caches) if caches else donnees[nom]
                )
        return donnees

    @staticmethod
    def _conventions(territoire):
        """The conventions that a body may follow: those that are not over."""
        passees = Convention.objects.dans_l_etat(Etat.ECHUE).values("pk")
        return Convention.objects.filter(territoire=territoire).connues().exclude(pk__in=passees)


class ConseilForm(FormulaireDeModele):
    """What the secretary of a council may say of it."""

    class Meta:
        model = Instance
        fields = ["nom", "objet", *REGLAGES_DE_CONSEIL]


class ConseilNouveauForm(FormulaireAccessible, forms.ModelForm):
    """A council of the territory, named with the collectivité that it administers."""

    class Meta:
        model = Instance
        fields = ["nom", "collectivite", *REGLAGES_DE_CONSEIL]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["collectivite"].queryset = Partenaire.objects.utilisables(self.instance.territoire)
        self.fields["collectivite"].required = True


class MandatForm(Lignes):
    class Meta:
        model = Mandat
        fields = [
            *("rang", "civilite", "prenom", "nom", "qualite", "role"),
            *("suppleant_de", "partenaire", "debut", "fin"),
        ]


class RenouvellementForm(FormulaireAccessible, forms.Form):
    """The end of the mandates of a council, and the list of the new one, as it is pasted."""

    le = forms.DateField(label="Le nouveau conseil est installé le")
    serie = forms.CharField(
        label="Mandat", max_length=20, help_text="« 2026-2032 » : les numéros d’actes reprennent dans cette série."
    )
    membres = forms.CharField(
        label="Les nouveaux membres",
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Un par ligne, dans l’ordre du tableau : civilité, prénom, NOM, puis la qualité après une virgule.",
    )

    def clean_membres(self):
        membres = lire_les_membres(self.cleaned_data["membres"])
        noms = [f"{m['prenom']} {m['nom']}".strip() for m in membres]
        compares = [sans_accents(n) for n in noms]
        if doubles := sorted({n for n in noms if compares.count(sans_accents(n)) > 1}):
            raise forms.ValidationError(f"Ce nom figure deux fois : {', '.join(doubles)}.")
        return membres


CIVILITES = {"mme": "Mme", "madame": "Mme", "mlle": "Mme", "m": "M.", "mr": "M.", "monsieur": "M."}


def lire_les_membres(texte):
    """Return [{civilite, prenom, nom, qualite}] of a pasted list, a member a line.

    A line is a sentence (« 1. Mme Noëlie HESTIN, Maire ») or the cells of a spreadsheet (civility, first name, name,
    office). In a sentence the name is what is written in capitals, or the last word. Raises `ValidationError` with the
    number of a line that holds no name.
    """
    membres = []
    for rang, ligne in enumerate(texte.splitlines(), start=1):
        cellules = [c.strip() for c in re.sub(r"^[\s•·*–—-]*(\d+\s*[.)–-]?\s+)?[•·*–—-]?\s*", "", ligne).split("\t")]
        if len([c for c in cellules if c]) > 2:
            civilite = CIVILITES.get(cellules[0].lower().rstrip("."), "")
            prenom, nom, *suite = cellules[1:] if civilite else cellules
            qualite = ", ".join(filter(None, suite))
        else:
            personne, _, qualite = " ".join(cellules).partition(",")
            civilite, prenom, nom = _decouper(personne.split())
        if not nom:
            if ligne.strip():
                quoi = "la civilité n’est suivie d’aucun nom" if civilite else "aucun nom avant la virgule"
                raise forms.ValidationError(f"Ligne {rang} : {quoi}.")
            continue
        membres.append({"civilite": civilite, "prenom": prenom, "nom": nom, "qualite": qualite.strip()})
    if not membres:
        raise forms.ValidationError("Collez au moins un membre.")
    if len(membres) > 250:
        raise forms.ValidationError(f"{len(membres)} lignes : un conseil ne compte pas autant de membres.")
    return membres


def _decouper(mots):
    """Return (civility, first name, name) of the words of a person."""
    civilite = CIVILITES.get(mots[0].lower().rstrip("."), "") if mots else ""
    mots = mots[1:] if civilite else mots
    capitales = [i for i, m in enumerate(mots) if m.isupper() and len(m) > 1] or [len(mots) - 1]
    nom = " ".join(mots[i] for i in capitales) if mots else ""
    return civilite, " ".join(m for i, m in enumerate(mots) if i not in capitales), nom


MANDATS = lignes(Instance, Mandat, form=MandatForm)
