"""The forms of the governance: bodies, meetings and their rows, acts and their articles."""

from dataclasses import asdict

from django import forms
from django.forms import inlineformset_factory

from actions.forms import BORNES, ChoixMultiples, FormulaireAccessible, Lignes, LignesFormSet
from actions.models import Action
from pilotage.models import (
    Decision,
    Deliberation,
    Disposition,
    Instance,
    Mandat,
    Point,
    Presence,
    Reunion,
    Vote,
)

COMPTES = ["effectif_legal", "en_exercice", "presents", "procurations", "excuses", "absents"]


class InstanceForm(FormulaireAccessible, forms.ModelForm):
    """A body; the axes and fiches that it follows are those of the convention."""

    class Meta:
        model = Instance
        fields = ["nom", "nature", "objet", "axes", "fiches"]
        widgets = {"axes": forms.CheckboxSelectMultiple, "fiches": forms.CheckboxSelectMultiple}
        field_classes = {"axes": ChoixMultiples, "fiches": ChoixMultiples}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        convention = self.instance.convention
        self.fields["axes"].queryset = convention.axes.all()
        self.fields["fiches"].queryset = Action.objects.actives().de(convention).select_related("axe")
        if not self.instance.est_conseil:
            self.fields["nature"].choices = [c for c in Instance.Nature.choices if c[0] != Instance.Nature.CONSEIL]


class ConseilForm(InstanceForm):
    """What the secretary of a council may say of it."""

    class Meta(InstanceForm.Meta):
        fields = ["objet", "droit_local", "grande"]

    def __init__(self, *args, **kwargs):
        super(InstanceForm, self).__init__(*args, **kwargs)


class MandatForm(Lignes):
    class Meta:
        model = Mandat
        fields = ["nom", "qualite", "role", "partenaire", "debut", "fin"]


class ReunionForm(FormulaireAccessible, forms.ModelForm):
    """When, where and how it was called; for a council also who presided and who kept the minutes."""

    class Meta:
        model = Reunion
        fields = [
            *("date", "heure", "lieu", "objet", "convoquee_le"),
            *("urgence", "seconde_convocation", "president", "qualite_president", "secretaire"),
        ]
        widgets = {"heure": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.est_seance:
            for nom in ("urgence", "seconde_convocation"):
                del self.fields[nom]


class ComptesForm(FormulaireAccessible, forms.ModelForm):
    """The attendance by count; the sums are checked by the model."""

    class Meta:
        model = Reunion
        fields = COMPTES


class CompteRenduForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = Reunion
        fields = ["compte_rendu"]


class PointForm(Lignes):
    class Meta:
        model = Point
        fields = ["ordre", "objet", "action"]


class DecisionForm(Lignes):
    class Meta:
        model = Decision
        fields = ["texte", "responsable", "echeance", "action", "faite_le"]


class OrdreDuJourForm(forms.Form):
    """Fiches to put on the agenda, in three lots: late, at risk, and all the others."""

    fiches = ChoixMultiples(
        Action.objects.none(),
        label="Fiches à inscrire",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une fiche."},
    )

    def __init__(self, *args, reunion, **kwargs):
        super().__init__(*args, **kwargs)
        fiches = Action.objects.actives().de(reunion.convention).select_related("axe")
        self.fields["fiches"].queryset = fiches
        deja = set(reunion.points.values_list("action_id", flat=True))
        lots = {"En retard": [], "À risque (bloquées, en pause)": [], "Autres fiches": []}
        for fiche in fiches:
            if fiche.pk in deja:
                continue
            risque = fiche.statut in {Action.Statut.BLOQUEE, Action.Statut.EN_PAUSE}
            lot = (
                "En retard" if fiche.est_en_retard() else "À risque (bloquées, en pause)" if risque else "Autres fiches"
            )
            lots[lot].append((fiche.pk, str(fiche)))
        self.fields["fiches"].choices = [(nom, choix) for nom, choix in lots.items() if choix]


class PresencesForm(forms.Form):
    """One line a member: how they attended, and who holds their power. Nothing noted: the attendance stays by count."""

    def __init__(self, *args, reunion, **kwargs):
        super().__init__(*args, **kwargs)
        self.reunion = reunion
        # Nobody sits for a councillor; elsewhere a substitute may come.
        roles = [Mandat.Role.TITULAIRE] if reunion.est_seance else Mandat.Role.values
        siege = reunion.organisatrice
        self.membres = list(siege.mandats.en_cours(reunion.date).filter(role__in=roles)) if siege else []
        notees = {p.mandat_id: p for p in reunion.presences.all()}
        noms = [("", "—"), *((m.pk, m.nom) for m in self.membres)]
        for membre in self.membres:
            presence = notees.get(membre.pk)
            self.fields[f"etat_{membre.pk}"] = forms.ChoiceField(
                label=f"Présence de {membre.nom}",
                choices=[("", "Non noté"), *Presence.Etat.choices],
                required=False,
                initial=presence.etat if presence else "",
            )
            self.fields[f"mandataire_{membre.pk}"] = forms.TypedChoiceField(
                label=f"Procuration de {membre.nom} à",
                choices=noms,
                required=False,
                coerce=int,
                empty_value=None,
                initial=presence.mandataire_id if presence else "",
            )

    colonnes = ("Présence", "Procuration à")
    vide = "L’instance n’a pas encore de membre : complétez d’abord sa composition."

    def rangees(self):
        """Return [(member, [attendance field, holder field])] for the template."""
        return [(m, [self[f"etat_{m.pk}"], self[f"mandataire_{m.pk}"]]) for m in self.membres]

    def clean(self):
        donnees = super().clean()
        etats = {m.pk: donnees.get(f"etat_{m.pk}") for m in self.membres}
        porteurs = {}
        for membre in self.membres:
            porteur, champ = donnees.get(f"mandataire_{membre.pk}"), f"mandataire_{membre.pk}"
            if etats[membre.pk] != Presence.Etat.PROCURATION:
                if porteur:
                    self.add_error(champ, "Choisissez « A donné procuration », ou retirez ce nom.")
                continue
            if not porteur:
                self.add_error(champ, "Indiquez qui porte la procuration.")
            elif etats.get(porteur) != Presence.Etat.PRESENT:
                self.add_error(champ, "Seul un membre présent porte une procuration.")
            elif porteur in porteurs:
                self.add_error(
                    champ,
                    f"Ce membre porte déjà celle de {porteurs[porteur]} (article L. 2121-20 du CGCT : une seule).",
                )
            else:
                porteurs[porteur] = membre.nom
        notes = [m for m in self.membres if etats[m.pk]]
        en_exercice = self.reunion.en_exercice
        if notes and en_exercice is not None and en_exercice != len(self.membres):
            raise forms.ValidationError(
                f"La séance compte {en_exercice} membres en exercice et la composition en nomme {len(self.membres)} : "
                "complétez la composition de l’instance, ou gardez le décompte."
            )
        if self.reunion.est_seance and notes and len(notes) < len(self.membres):
            manquants = ", ".join(m.nom for m in self.membres if not etats[m.pk])
            raise forms.ValidationError(f"Notez chaque membre, ou aucun. Il manque : {manquants}.")
        return donnees

    def save(self):
        for membre in self.membres:
            presence = self.reunion.presences.filter(mandat=membre).first()
            etat = self.cleaned_data[f"etat_{membre.pk}"]
            if not etat:
                if presence:
                    presence.delete()
                continue
            presence = presence or Presence(reunion=self.reunion, mandat=membre)
            presence.etat = etat
            presence.mandataire_id = self.cleaned_data[f"mandataire_{membre.pk}"]
            presence.save()
        if self.reunion.presences.exists():
            # The counts that acts print follow the names.
            for nom, compte in asdict(self.reunion.assistance()).items():
                setattr(self.reunion, nom, compte)
            self.reunion.save()


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
        fields = ["numero"]


class ActeForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = Deliberation
        fields = ["numero", "ordre", "objet", "matiere", "rapporteur", "modifie", "visas", "expose", "considerants"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        anterieurs = Deliberation.objects.en_vigueur().filter(seance__organisatrice=self.instance.conseil)
        self.fields["modifie"].queryset = anterieurs.select_related("seance")


class VoteForm(FormulaireAccessible, forms.ModelForm):
    class Meta:
        model = Deliberation
        fields = ["mode", "pour", "contre", "abstentions", "sans_part", "voix_du_president", "unanimite"]


class VotesNominauxForm(forms.Form):
    """One line a voice: those present, and those who gave a power (their holder votes for them)."""

    def __init__(self, *args, acte, **kwargs):
        super().__init__(*args, **kwargs)
        self.acte = acte
        notes = {v.mandat_id: v.sens for v in acte.votes.all()}
        self.voix = list(acte.seance.presences.votants().select_related("mandat", "mandataire"))
        for presence in self.voix:
            self.fields[f"vote_{presence.mandat_id}"] = forms.ChoiceField(
                label=f"Vote de {presence.mandat.nom}",
                choices=[("", "Non noté"), *Vote.Sens.choices],
                required=False,
                initial=notes.get(presence.mandat_id, ""),
            )

    colonnes = ("Vote",)
    vide = "Les présences par nom ne sont pas notées : notez-les d’abord à la séance."

    def rangees(self):
        """Return [(whose voice, [vote field])] for the template; a power is told with who holds it."""
        return [
            (
                f"{p.mandat.nom} (par {p.mandataire.nom})" if p.mandataire else p.mandat.nom,
                [self[f"vote_{p.mandat_id}"]],
            )
            for p in self.voix
        ]

    def clean(self):
        donnees = super().clean()
        manquants = [p.mandat.nom for p in self.voix if not donnees.get(f"vote_{p.mandat_id}")]
        if manquants and len(manquants) < len(self.voix):
            raise forms.ValidationError(f"Notez le vote de chacun, ou d’aucun. Il manque : {', '.join(manquants)}.")
        return donnees

    def save(self):
        for presence in self.voix:
            sens = self.cleaned_data[f"vote_{presence.mandat_id}"]
            vote = self.acte.votes.filter(mandat=presence.mandat).first()
            if sens:
                vote = vote or Vote(deliberation=self.acte, mandat=presence.mandat)
                vote.sens = sens
                vote.save()
            elif vote:
                vote.delete()


class DatesForm(FormulaireAccessible, forms.ModelForm):
    """The life of an act after its vote."""

    class Meta:
        model = Deliberation
        fields = ["transmise_le", "publiee_le"]


class RetraitForm(forms.Form):
    par = forms.ModelChoiceField(
        Deliberation.objects.none(),
        label="Retirée par",
        error_messages={"required": "Choisissez la délibération qui retire celle-ci."},
    )

    def __init__(self, *args, acte, **kwargs):
        super().__init__(*args, **kwargs)
        autres = Deliberation.objects.en_vigueur().filter(seance__organisatrice=acte.conseil)
        autres = autres.filter(seance__date__gte=acte.seance.date)
        self.fields["par"].queryset = autres.exclude(pk=acte.pk).select_related("seance")


class DispositionForm(Lignes):
    class Meta:
        model = Disposition
        fields = ["ordre", "verbe", "texte"]
        widgets = {"texte": forms.Textarea(attrs={"rows": 3})}


def lignes(parent, modele, form, ajout):
    """Return the formset of the rows of a parent, and the words of the button that adds one."""
    classe = inlineformset_factory(parent, modele, form=form, formset=LignesFormSet, **BORNES)
    classe.ajout = ajout
    return classe


MANDATS = lignes(Instance, Mandat, MandatForm, "Ajouter un membre")
POINTS = lignes(Reunion, Point, PointForm, "Ajouter un point")
DECISIONS = lignes(Reunion, Decision, DecisionForm, "Ajouter une décision")
DISPOSITIONS = lignes(Deliberation, Disposition, DispositionForm, "Ajouter un article")
