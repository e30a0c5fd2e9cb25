"""The forms of the plan; which of them edits which part of what is said in actions/saisies.py."""

import re
from decimal import Decimal
from io import BytesIO

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm
from PIL import Image, ImageOps

from actions.models import (
    Action,
    AnneeDePoste,
    Annexe,
    Article,
    Axe,
    Cible,
    Convention,
    Dispositif,
    Financement,
    Genre,
    Indicateur,
    Invitation,
    Jalon,
    LienDeSaisie,
    Mesure,
    Note,
    Partenaire,
    Participation,
    Periode,
    PieceJointe,
    Poste,
    Service,
    Signataire,
    TempsParAxe,
    Territoire,
)
from actions.models.grandeurs import lire, montrer
from actions.models.lien import qui_saisit
from actions.models.suivi import valider_fichier
from actions.models.territoire import nom_compare
from ctg.formulaires import (
    NOMBRE_FAUX,
    ChoixMultiples,
    FormulaireAccessible,
    FormulaireDeModele,
    LigneRangee,
    Lignes,
    NombreFr,
    RangeesFormSet,
    lignes,
)
from ctg.models import User
from ctg.texte import sans_accents


class SectionForm(FormulaireDeModele):
    """One section of a fiche."""

    class Meta:
        model = Action
        fields = []
        field_classes = {"thematiques": ChoixMultiples}


def section(*champs, **widgets):
    """Return the form of some fields of a fiche."""
    meta = type("Meta", (SectionForm.Meta,), {"fields": list(champs), "widgets": widgets})
    return type("Section" + "".join(c.title() for c in champs[:1]), (SectionForm,), {"Meta": meta})


# What an indicator is, in the order in which it is asked.
INDICATEUR = (
    *("libelle", "unite", "nature", "genre", "echelle", "sens", "cumulable", "periode"),
    *("reference", "annee_reference", "source"),
)


class ChampDeValeur(forms.DecimalField):
    """A figure of an indicator, typed as its kind asks (« oui », a word of the scale, « 31/39 »)."""

    def __init__(self, genre, echelle, **kwargs):
        super().__init__(required=False, **kwargs)
        self.genre, self.echelle = genre, echelle
        self.widget = NombreFr() if genre in {Genre.NOMBRE, Genre.MONTANT} else forms.TextInput(attrs={"size": 8})

    def clean(self, value):
        lue = lire(self.genre, value, self.echelle)
        return None if lue is None else lue.valeur

    def has_changed(self, initial, data):
        try:
            return self.clean(data) != initial
        except forms.ValidationError:
            return True

    def prepare_value(self, value):
        return montrer(self.genre, value, self.echelle) if isinstance(value, Decimal | int) else value


class IndicateurForm(Lignes):
    """An indicator with, for each year of the convention, its target and its measure.

    What is measured several times a year is typed on the page of the year.
    """

    class Meta:
        model = Indicateur
        # A tuple: Django's inline factory adds its foreign key to a list.
        fields = (*INDICATEUR, "saisi_par")

    def __init__(self, *args, annees=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.annees = list(annees)
        valeurs = {a: (c, m) for a, c, m in self.instance.valeurs(self.annees)} if self.instance.pk else {}
        genre, echelle = (self._dit(nom) for nom in ("genre", "echelle"))
        self.mesures = self._dit("periode") in {Periode.ANNEE, Periode.ANNEE_SCOLAIRE, None}
        for annee in self.annees:
            for rang, nom in enumerate(("cible", "mesure") if self.mesures else ("cible",)):
                self.fields[f"{nom}_{annee}"] = ChampDeValeur(genre, echelle, label=f"{nom.title()} {annee}")
                self.initial[f"{nom}_{annee}"] = valeurs.get(annee, (None, None))[rang]

    def _dit(self, nom):
        """Return what the posted row says of itself, else what is stored: its figures are read by it."""
        return (
            self.data.get(self.add_prefix(nom), getattr(self.instance, nom))
            if self.is_bound
            else getattr(self.instance, nom)
        )

    suivi = True  # the measures of a year are typed in this row

    def champs_figes(self, gel):
        """Targets are the plan's, measures are follow-up."""
        return {f"cible_{annee}" for annee in self.annees} if Cible.gele_avec in gel else set()

    def par_annee(self):
        """Return [(year, target field, measure field)] for the template."""
        return [(a, self[f"cible_{a}"], self.mesures and self[f"mesure_{a}"]) for a in self.annees]

    def champs_simples(self):
        return [self[nom] for nom in IndicateurForm.Meta.fields]

    def save(self, commit=True):
        changes = set(self.changed_data) & set(self.Meta.fields)
        indicateur = super().save(commit) if changes or not self.instance.pk else self.instance
        for nom, modele in (("cible", Cible), ("mesure", Mesure)):
            annees = [a for a in self.annees if f"{nom}_{a}" in self.changed_data]
            # Read with the section, under its lock: the rows in hand are those of the base.
            presentes = {v.annee: v for v in getattr(indicateur, f"{nom}s").all()} if annees else {}
            for annee in annees:
                valeur, presente = self.cleaned_data.get(f"{nom}_{annee}"), presentes.get(annee)
                if valeur is None and presente:
                    presente.delete()
                elif valeur is not None:
                    presente = presente or modele(annee=annee)
                    presente.indicateur = indicateur  # whose convention is known: no climb to find it
                    presente.valeur = valeur
                    if nom == "mesure":
                        presente.numerateur = presente.denominateur = None
                    presente.save()
        return indicateur


class ActionCreationForm(FormulaireAccessible, forms.ModelForm):
    """The little that a new fiche needs; the rest is filled section by section."""

    pilote = forms.ModelChoiceField(Partenaire.objects.none(), label="Pilote", required=False)

    class Meta:
        model = Action
        fields = ["axe", "titre"]

    def __init__(self, *args, convention, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["axe"].queryset = convention.axes.all()
        self.fields["pilote"].queryset = Partenaire.objects.utilisables(convention.territoire)

    def save(self, commit=True):
        action = super().save(commit)
        if pilote := self.cleaned_data.get("pilote"):
            action.participations.create(partenaire=pilote, nature=Participation.Nature.PILOTE)
        return action


class ChangementAxeForm(forms.Form):
    """Where to move a fiche."""

    axe = forms.ModelChoiceField(Axe.objects.none(), label="Déplacer vers l’axe")

    def __init__(self, *args, convention, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["axe"].queryset = convention.axes.all()


class NoteForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = Note
        fields = ["date", "texte"]
        widgets = {"texte": forms.Textarea(attrs={"rows": 3})}


class PieceJointeForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = PieceJointe
        fields = ["titre", "fichier", "publique"]


class MontantForm(FormulaireAccessible, forms.ModelForm):
    """A line of funding added from the page of a year, to a fiche that who asks fills in."""

    class Meta:
        model = Financement
        fields = [
            *("action", "partenaire", "dispositif", "service", "nature"),
            *("prevu", "etat_prevu", "prevu_le", "source_prevu"),
            *("realise", "etat_realise", "realise_le", "source_realise"),
        ]
        labels = {"action": "Fiche"}

    def __init__(self, *args, grille, **kwargs):
        super().__init__(*args, instance=Financement(annee=grille.annee), **kwargs)
        self.fields["action"].choices = [("", "---------"), *((f.pk, str(f)) for f in grille.fiches)]
        self.fields["action"].queryset = Action.objects.filter(pk__in=[f.pk for f in grille.fiches])
        self.fields["partenaire"].queryset = Partenaire.objects.utilisables(grille.convention.territoire)
        self.fields["dispositif"].queryset = Dispositif.objects.ouverts(grille.annee)
        self.fields["service"].queryset = grille.convention.services.all()
        if Financement.gele_avec in grille.convention.gel():
            # While the plan is signed, what was spent beyond it may still be said.
            for nom in ("prevu", "etat_prevu", "prevu_le", "source_prevu"):
                del self.fields[nom]

    def clean(self):
        donnees = super().clean()
        if not self.errors and donnees.get("prevu") is None and donnees.get("realise") is None:
            self.add_error("realise", "Écrivez un montant prévu ou réalisé.")
        return donnees


class LienDeSaisieForm(FormulaireAccessible, forms.ModelForm):
    """To whom a link is sent, for which partner."""

    class Meta:
        model = LienDeSaisie
        fields = ["partenaire", "destinataire"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partenaire"].queryset = Partenaire.objects.filter(pk__in=qui_saisit(self.instance.convention))
        self.fields["partenaire"].widget.attrs["data-fermee"] = True  # a new partner fills in nothing yet


class PosteForm(FormulaireDeModele):
    class Meta:
        model = Poste
        fields = ["intitule", "employeur", "etp", "debut", "fin"]


class AnneeDePosteForm(Lignes):
    """A year of a post, with the share of its time that each axe took."""

    class Meta:
        model = AnneeDePoste
        fields = ("annee", "cout", "subvention", "faits")
        widgets = {"faits": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, axes=(), **kwargs):
        super().__init__(*args, **kwargs)
        parts = {t.axe_id: t.part for t in self.instance.temps.all()} if self.instance.pk else {}
        self.axes = {f"axe_{axe.pk}": axe for axe in axes}
        for nom, axe in self.axes.items():
            self.fields[nom] = forms.IntegerField(
                label=f"Axe {axe.numero_affiche} (% du temps)",
                required=False,
                min_value=0,
                max_value=100,
                widget=NombreFr(),
                error_messages={"invalid": NOMBRE_FAUX},
            )
            self.initial[nom] = parts.get(axe.pk)

    def clean(self):
        donnees = super().clean()
        total = sum(donnees.get(nom) or 0 for nom in self.axes)
        if total > 100:
            self.add_error(next(iter(self.axes)), f"Les parts font {total} % en tout : 100 % au plus.")
        return donnees

    def save(self, commit=True):
        ligne = super().save(commit)
        presents = {t.axe_id: t for t in ligne.temps.all()}
        for nom in self.axes.keys() & set(self.changed_data):
            part, present = self.cleaned_data.get(nom), presents.get(self.axes[nom].pk)
            if part is None and present:
                present.delete()
            elif part is not None:
                present = present or TempsParAxe(annee=ligne, axe=self.axes[nom])
                present.part = part
                present.save()
        return ligne


class ConventionForm(FormulaireDeModele):
    class Meta:
        model = Convention
        fields = []


def partie_de_convention(*champs):
    """Return the form of some fields of a convention."""
    meta = type("Meta", (ConventionForm.Meta,), {"fields": list(champs)})
    return type("PartieDeConvention", (ConventionForm,), {"Meta": meta})


class PartenaireForm(FormulaireDeModele):
    # Django 6.0 assumes https by itself.
    site = forms.URLField(label="Site internet", required=False, max_length=200, assume_scheme="https")

    class Meta:
        model = Partenaire
        fields = [
            *("nom", "sigle", "nature", "siret", "site", "presentation"),
            *("adresse", "telephone", "courriel"),
        ]
        widgets = {"adresse": forms.Textarea(attrs={"rows": 3})}


class LogoForm(FormulaireAccessible, forms.Form):
    """The logo of a partner, as paper takes it: RGB, without what the camera or the editor left beside it."""

    LARGEUR_MAX, PIXELS_MAX = 1200, 25_000_000  # pixels

    image = forms.FileField(
        label="Le logo (PNG ou JPEG)",
        required=False,
        help_text="Sur la couverture de la convention et en tête des courriers.",
    )
    retirer = forms.BooleanField(label="Retirer le logo", required=False)

    def clean_image(self):
        fichier = self.cleaned_data["image"]
        if not fichier:
            return None
        if not fichier.name.lower().endswith((".png", ".jpg", ".jpeg")):
            raise forms.ValidationError("Choisissez une image PNG ou JPEG.")
        valider_fichier(fichier)
        try:
            with Image.open(fichier) as entiere:
                entiere.verify()  # WeasyPrint has Pillow load what is cut short
            with Image.open(fichier) as image:
                if image.width * image.height > self.PIXELS_MAX:
                    raise forms.ValidationError("Cette image est trop grande : réduisez-la à 1 200 pixels de large.")
                if image.mode.startswith(("I", "F")):
                    raise forms.ValidationError("Cette image compte 16 bits par couleur : enregistrez-la en 8 bits.")
                image = ImageOps.exif_transpose(image)
                image = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
                image.info.clear()
                image.thumbnail((self.LARGEUR_MAX, self.LARGEUR_MAX))
                image.save(sortie := BytesIO(), "PNG", optimize=True)
        except forms.ValidationError:
            raise
        except Exception as erreur:  # Pillow raises whatever a file of anybody's makes it stumble on
            raise forms.ValidationError("Cette image ne se lit pas : enregistrez-la à nouveau en PNG.") from erreur
        return sortie.getvalue()

    def clean(self):
        donnees = super().clean()
        if not self.errors and not donnees.get("image") and not donnees.get("retirer"):
            self.add_error("image", "Choisissez une image, ou cochez « Retirer le logo ».")
        return donnees


class PartenairesCollesForm(FormulaireAccessible, forms.Form):
    """Partners pasted from a spreadsheet, a line each: name, then acronym, nature and SIRET in any order, if known."""

    liste = forms.CharField(
        label="La liste",
        widget=forms.Textarea(attrs={"rows": 10}),
        max_length=20_000,
        help_text="Une ligne par partenaire, copiée d’un tableur : nom, puis, s’ils sont connus, sigle, nature "
        "(commune, intercommunalité, association…) et SIRET.",
    )

    def __init__(self, *args, territoire, **kwargs):
        super().__init__(*args, **kwargs)
        self.territoire = territoire

    def clean_liste(self):
        lus, fautes = [], []
        lignes = [ligne for ligne in self.cleaned_data["liste"].splitlines() if ligne.strip()]
        for rang, ligne in enumerate(lignes[:200], start=1):
            partenaire = Partenaire(nom=ligne.strip()[:60])
            try:
                partenaire = self._lire([c.strip() for c in re.split(r"\t|;", ligne)])
                partenaire.full_clean()
                if any(nom_compare(p.nom) == nom_compare(partenaire.nom) for p in lus):
                    raise forms.ValidationError("Ce nom est déjà plus haut dans la liste.")
                if partenaire.siret and any(p.siret == partenaire.siret for p in lus):
                    raise forms.ValidationError("Ce SIRET est déjà plus haut dans la liste.")
            except forms.ValidationError as erreur:
                fautes.append(f"Ligne {rang}, « {partenaire.nom} » : {' '.join(erreur.messages)}")
            lus.append(partenaire)
        if len(lignes) > 200:
            fautes.append("Deux cents lignes au plus à la fois.")
        if fautes:
            raise forms.ValidationError(fautes)
        return lus

    def _lire(self, cellules):
        """Return the partner of a line: what each cell is follows from what it looks like."""
        natures = {sans_accents(titre): valeur for valeur, titre in Partenaire.Nature.choices}
        natures |= {valeur: valeur for valeur in Partenaire.Nature.values} | {"intercommunalite": "epci"}
        lu = Partenaire(territoire=self.territoire, nom=cellules[0])
        for cellule in filter(None, cellules[1:]):
            if re.fullmatch(r"[\d\s]{14,18}", cellule):
                lu.siret = re.sub(r"\s", "", cellule)
            elif sans_accents(cellule) in natures:
                lu.nature = natures[sans_accents(cellule)]
            elif lu.sigle:
                raise forms.ValidationError(
                    f"« {cellule} » n’est ni une nature, ni un SIRET, et le sigle est déjà « {lu.sigle} »."
                )
            else:
                lu.sigle = cellule
        if not lu.nature:
            lu.nature = self._deviner(lu.nom)
        return lu

    @staticmethod
    def _deviner(nom):
        """Return the nature that a name says: « Commune de … », « Communauté … »; else an association."""
        nom = sans_accents(nom)
        debuts = {
            "commune ": "commune",
            "ville ": "commune",
            "communaute ": "epci",
            "caisse d'allocations": "caf",
            "ccas": "ccas",
        }
        return next((nature for debut, nature in debuts.items() if nom.startswith(debut)), "association")


class TerritoireForm(FormulaireDeModele):
    class Meta:
        model = Territoire
        fields = ["nom", "departement", "region"]


class MentionsForm(FormulaireDeModele):
    """What the legal pages of a territory say, and whom to write to."""

    class Meta:
        model = Territoire
        fields = [
            *("directeur", "hebergeur", "contact_courriel", "contact_telephone", "contact_adresse"),
            *("dpo", "conformite", "audit_le"),
        ]


class TerritoireNouveauForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = Territoire
        fields = ["nom", "slug", "departement", "region"]


class InvitationForm(FormulaireAccessible, forms.ModelForm):
    """Who is invited, and to do what."""

    class Meta:
        model = Invitation
        fields = ["destinataire", "nature"]


class CompteInviteForm(FormulaireAccessible, BaseUserCreationForm):
    """The name and the password of somebody who was invited; the address is that of the invitation."""

    class Meta:
        model = User
        fields = ["first_name", "last_name"]

    field_order = ["first_name", "last_name", "password1", "password2"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = self.fields["last_name"].required = True
        self.fields["password1"].help_text = "Douze signes au moins ; une phrase se retient mieux."


# --- Rows ------------------------------------------------------------------------------------------

PARTICIPATIONS = lignes(Action, Participation, ["nature", "partenaire", "role", "ordre"], relies=["partenaire"])
JALONS = lignes(Action, Jalon, ["libelle", "echeance", "atteint"])
FINANCEMENTS = lignes(
    Action,
    Financement,
    [
        *("partenaire", "dispositif", "service", "annee", "nature"),
        *("prevu", "etat_prevu", "prevu_le", "source_prevu"),
        *("realise", "etat_realise", "realise_le", "source_realise"),
    ],
    relies=["partenaire", "dispositif", "service"],
)
INDICATEURS = lignes(
    Action,
    Indicateur,
    IndicateurForm.Meta.fields,
    IndicateurForm,
    relies=["saisi_par"],
    precharges=["cibles", "mesures"],
)

ANNEES_DE_POSTE = lignes(Poste, AnneeDePoste, AnneeDePosteForm.Meta.fields, AnneeDePosteForm, precharges=["temps"])

_RANGEES = {"form": LigneRangee, "formset": RangeesFormSet}
SIGNATAIRES = lignes(
    Convention,
    Signataire,
    [
        *("partenaire", "representant", "qualite", "second_representant", "seconde_qualite"),
        "brouillon_ouvert",
    ],
    relies=["partenaire", "convention"],
    **_RANGEES,
)
ARTICLES = lignes(Convention, Article, ["titre", "texte"], **_RANGEES)
ANNEXES = lignes(Convention, Annexe, ["genre", "titre"], **_RANGEES)
AXES = lignes(Convention, Axe, ["titre", "presentation"], **_RANGEES)
SERVICES = lignes(
    Convention,
    Service,
    [
        *("nom", "genre", "gestionnaire", "commune", "thematique"),
        *("places", "places_psu", "offre", "cofinance_par"),
        *("adresse", "telephone", "horaires", "ages"),
    ],
)
