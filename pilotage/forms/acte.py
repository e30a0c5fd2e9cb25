"""The forms of an act: voted here, or given back; its vote, its dates, its errata, its search."""

from django import forms
from django.core.exceptions import ValidationError

from ctg.formulaires import FormulaireAccessible, FormulaireDeModele, Lignes, lignes
from ctg.texte import sans_accents
from pilotage.models import (
    Deliberation,
    Disposition,
    Erratum,
    LienActe,
    Point,
    Presence,
    Vote,
)

from .fichier import pdf_lisible
from .nominatif import FormulaireNominatif


class DeliberationCreationForm(FormulaireAccessible, forms.ModelForm):
    """The number of a new act, and whether its texts come from the model of the CTG."""

    depart = forms.ChoiceField(
        label="Partir",
        choices=[("modele", "Du modèle d’approbation de la CTG"), ("vide", "D’une page blanche")],
        widget=forms.RadioSelect,
        initial="modele",
    )

    class Meta:
        model = Deliberation
        fields = ["numero", "point", "objet", "approuve"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["objet"].required = False
        self.fields["objet"].help_text = "Vide : celui du point, ou celui du modèle."
        self.fields["approuve"].queryset = self.instance.conseil.territoire.conventions.connues()
        self.fields["point"].queryset = self.instance.seance.points.all()
        self.initial["numero"] = self.instance.conseil.prochain_numero(self.instance.date)

    def clean(self):
        donnees = super().clean()
        if donnees.get("depart") == "modele" and not donnees.get("approuve"):
            self.add_error("approuve", "Choisissez la convention que ce modèle approuve, ou partez d’une page blanche.")
        if donnees.get("depart") == "vide":
            if point := donnees.get("point"):
                self.instance.objet = donnees["objet"] = donnees.get("objet") or point.objet
            if not donnees.get("objet"):
                self.add_error("objet", "Dites sur quoi porte l’acte, ou choisissez un point de l’ordre du jour.")
        return donnees

    def save(self, commit=True):
        if self.cleaned_data["depart"] == "modele":
            acte = self.instance
            return Deliberation.modele(acte.approuve, acte.seance, acte.numero, acte.point)
        return super().save(commit)


class ActeForm(FormulaireDeModele):
    class Meta:
        model = Deliberation
        fields = [
            *("numero", "ordre", "point", "objet", "matiere", "approuve", "rapporteur", "modifie"),
            *("visas", "expose", "considerants"),
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["modifie"].queryset = Deliberation.objects.en_vigueur().filter(conseil=self.instance.conseil)
        self.fields["point"].queryset = (
            self.instance.seance.points.all() if self.instance.seance else Point.objects.none()
        )
        self.fields["approuve"].queryset = self.instance.conseil.territoire.conventions.connues()


class VoteForm(FormulaireDeModele):
    class Meta:
        model = Deliberation
        fields = [
            *("mode", "pour", "contre", "abstentions", "sans_part", "voix_du_president", "unanimite"),
            "majorite_interessee",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.conseil.regime.majorite_interessee:
            del self.fields["majorite_interessee"]


class VotesNominauxForm(FormulaireNominatif):
    """One line a voice: those present, and those who gave a power (their holder votes for them)."""

    prefixe = "vote"

    def __init__(self, *args, objet, **kwargs):
        super().__init__(*args, **kwargs)
        self.acte = acte = objet
        notes = {v.mandat_id: v.sens for v in acte.votes.all()}
        voix = acte.voix()
        self.voix = [presence for presence, _ in voix]
        self._par_pouvoir = {p.pk for p, etat in voix if etat == Presence.Etat.PROCURATION}
        for presence in self.voix:
            self.fields[f"vote_{presence.mandat_id}"] = forms.ChoiceField(
                label=f"Vote de {presence.qui}",
                choices=[("", "Non noté"), *Vote.Sens.choices],
                required=False,
                initial=notes.get(presence.mandat_id, ""),
            )
        if self.voix:
            self.proposer_le_reste("Tous ceux dont le vote n’est pas noté votent", Vote.Sens.choices)

    colonnes = ("Vote",)
    vide = "Les présences par nom ne sont pas notées : notez-les d’abord à la séance."

    def rangees(self):
        """Return [(whose voice, [vote field])] for the template; a power is told with who holds it."""
        return [
            (
                f"{p.mandat.personne} (par {p.mandataire.personne})" if p.pk in self._par_pouvoir else p.qui,
                [self[f"vote_{p.mandat_id}"]],
            )
            for p in self.voix
        ]

    def clean(self):
        donnees = super().clean()
        chiffres = [self.acte.pour, self.acte.contre, self.acte.abstentions, self.acte.sans_part]
        notes = [p for p in self.voix if donnees.get(f"vote_{p.mandat_id}")]
        if notes and (self.acte.unanimite or any(c is not None for c in chiffres)):
            raise forms.ValidationError(
                "Le vote est déjà saisi en chiffres : videz-les d’abord, le décompte viendra des noms."
            )
        manquants = [p.mandat.personne for p in self.voix if not donnees.get(f"vote_{p.mandat_id}")]
        if manquants and len(manquants) < len(self.voix):
            raise forms.ValidationError(f"Notez le vote de chacun, ou d’aucun. Il manque : {', '.join(manquants)}.")
        return donnees

    def save(self):
        # Who has no voice at this point any more, since the attendance was corrected, has no vote either.
        for vote in self.acte.votes.exclude(mandat__in=[presence.mandat_id for presence in self.voix]):
            vote.delete()
        for presence in self.voix:
            sens = self.cleaned_data[f"vote_{presence.mandat_id}"]
            vote = self.acte.votes.filter(mandat=presence.mandat).first()
            if sens:
                vote = vote or Vote(deliberation=self.acte, mandat=presence.mandat)
                vote.sens = sens
                vote.save()
            elif vote:
                vote.delete()


def adresse_en_ligne():
    champ = Deliberation._meta.get_field("adresse_en_ligne")
    return forms.URLField(
        label=champ.verbose_name.capitalize(), help_text=champ.help_text, required=False, assume_scheme="https"
    )


class DatesForm(FormulaireAccessible, forms.ModelForm):
    """The life of an act after its vote; the model writes it (`Deliberation.dater`)."""

    adresse_en_ligne = adresse_en_ligne()
    ici = forms.BooleanField(
        label="Publiée ici",
        required=False,
        help_text="Le conseil publie l’acte sur cette page même : elle devient l’adresse où il se lit.",
    )

    class Meta:
        model = Deliberation
        fields = ["transmise_le", "accusee_le", "identifiant_actes", "publiee_le", "adresse_en_ligne"]

    def _post_clean(self):
        """Nothing is written on the act here: `dater` reads it again under its lock."""

    def enregistrer(self, acte, adresse):
        """Write what was typed on the act; `adresse` is that of its page here. Tell whether it could be."""
        if not self.is_valid():
            return False
        vie = dict(self.cleaned_data)
        if vie.pop("ici", False):
            vie["adresse_en_ligne"] = adresse
        try:
            acte.dater(**vie)
        except ValidationError as erreur:
            self.add_error(None, erreur)
            return False
        return True


class ActeRecuForm(FormulaireAccessible, forms.ModelForm):
    """The act that a council voted with its own software: what its stamped extract says, and the file itself."""

    date = forms.DateField(label="Date de la séance")
    issue = forms.ChoiceField(
        label="Résultat", choices=[("", "Choisissez"), *Deliberation.Issue.choices], widget=forms.Select
    )
    adresse_en_ligne = adresse_en_ligne()
    fichier = forms.FileField(
        label="L’acte signé ou tamponné (PDF)", help_text="Scellé tel quel : c’est lui qui fait foi."
    )

    class Meta:
        model = Deliberation
        fields = [
            *("numero", "objet", "transmise_le", "accusee_le", "identifiant_actes"),
            *("publiee_le", "adresse_en_ligne"),
        ]

    field_order = ["numero", "date", "objet", "issue", "fichier"]

    def clean_fichier(self):
        return pdf_lisible(self.cleaned_data["fichier"])

    def _post_clean(self):
        """The model judges the whole when it is received (`Deliberation.recevoir`)."""


class LienForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = LienActe
        fields = ["destinataire", "attendu_pour"]


class ErratumForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = Erratum
        fields = ["le", "ecrit", "lire", "auteur"]


class RechercheActesForm(forms.Form):
    """Acts by council, year and words; what an address asks that is none of these is left out."""

    q = forms.CharField(label="Numéro ou mots de l’objet", required=False, max_length=100)
    conseil = forms.TypedChoiceField(label="Conseil", required=False, coerce=int, empty_value=None)
    annee = forms.TypedChoiceField(label="Année", required=False, coerce=int, empty_value=None)

    def __init__(self, *args, actes, **kwargs):
        super().__init__(*args, **kwargs)
        conseils = sorted({acte.conseil for acte in actes}, key=lambda c: sans_accents(c.nom))
        annees = sorted({acte.date.year for acte in actes}, reverse=True)
        self.fields["conseil"].choices = [("", "Tous"), *((c.pk, c.nom) for c in conseils)]
        self.fields["annee"].choices = [("", "Toutes"), *((a, a) for a in annees)]

    def trouver(self, actes):
        """Return the acts that answer, whatever accents and capitals were typed."""
        if not self.is_bound:
            return actes
        self.is_valid()
        voulus = getattr(self, "cleaned_data", {})
        mots = sans_accents(voulus.get("q") or "").split()
        return [
            acte
            for acte in actes
            if (not voulus.get("conseil") or acte.conseil_id == voulus["conseil"])
            and (not voulus.get("annee") or acte.date.year == voulus["annee"])
            and all(mot in sans_accents(f"{acte.numero} {acte.objet}") for mot in mots)
        ]


class RetraitForm(forms.Form):
    par = forms.ModelChoiceField(
        Deliberation.objects.none(),
        label="Retirée par",
        error_messages={"required": "Choisissez la délibération qui retire celle-ci."},
    )

    def __init__(self, *args, acte, **kwargs):
        super().__init__(*args, **kwargs)
        autres = Deliberation.objects.en_vigueur().filter(conseil=acte.conseil, date__gte=acte.date)
        self.fields["par"].queryset = autres.exclude(pk=acte.pk)


class DispositionForm(Lignes):
    class Meta:
        model = Disposition
        fields = ["ordre", "verbe", "texte"]
        widgets = {"texte": forms.Textarea(attrs={"rows": 3})}


DISPOSITIONS = lignes(Deliberation, Disposition, form=DispositionForm)
