"""The forms of the governance: bodies, meetings and their rows, acts and their articles."""

import math
import re

from django import forms
from django.core.exceptions import ValidationError

from actions.models import Action, Annexe, Axe, Convention, Etat, Partenaire
from actions.models.suivi import valider_pdf
from ctg.formulaires import ChoixMultiples, FormulaireAccessible, FormulaireDeModele, Lignes, LignesFormSet, lignes
from ctg.pdf import PDFIllisible, a_l_ecart, compter_les_pages
from ctg.texte import sans_accents
from pilotage.models import (
    Decision,
    Deliberation,
    Disposition,
    Erratum,
    Instance,
    LienActe,
    Mandat,
    Point,
    Presence,
    Reunion,
    Siege,
    Vote,
)

REGLAGES_DE_CONSEIL = [
    *("tient_registre", "droit_local", "grande", "serie_des_actes", "serie_du_mandat"),
    *("publication", "publication_depuis", "mots_assemblee", "mots_chef", "mots_membres"),
]
COMPTES = ["effectif_legal", "en_exercice", "presents", "procurations", "excuses", "absents"]


def pdf_lisible(fichier):
    """Return a file that was sent, if it is a PDF that opens. Raises `ValidationError`."""
    valider_pdf(fichier)
    try:
        a_l_ecart(compter_les_pages, fichier.read())
    except PDFIllisible as erreur:
        raise forms.ValidationError(str(erreur)) from erreur
    fichier.seek(0)
    return fichier


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


class ReunionForm(FormulaireDeModele):
    """When, where and how it was called; for a council also who presided and who kept the minutes."""

    class Meta:
        model = Reunion
        fields = [
            *("date", "heure", "lieu", "objet", "convention", "convoquee_le"),
            *("urgence", "seconde_convocation", "president", "qualite_president", "secretaire"),
        ]
        widgets = {"heure": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["convention"].queryset = self.instance.territoire.conventions.connues()
        if not self.instance.est_seance:
            for nom in ("urgence", "seconde_convocation"):
                del self.fields[nom]


class ComptesForm(FormulaireDeModele):
    """The attendance by count; the sums are checked by the model."""

    class Meta:
        model = Reunion
        fields = COMPTES


class CompteRenduForm(FormulaireDeModele):
    class Meta:
        model = Reunion
        fields = ["compte_rendu"]


class PointForm(Lignes):
    class Meta:
        model = Point
        fields = ["ordre", "objet", "action"]


class PointsFormSet(LignesFormSet):
    """The agenda: its order tells between which votes members arrived and left."""

    def clean(self):
        super().clean()
        gardes = [f for f in self.forms if f not in self.deleted_forms and (f.instance.pk or f.has_changed())]
        if any(self.errors) or not self.instance.pk:
            return
        ranges = sorted(gardes, key=lambda f: (f.cleaned_data["ordre"], f.instance.pk or math.inf))
        rangs = {f.instance.pk: rang for rang, f in enumerate(ranges, start=1)}
        for presence in self.instance.presences.completes():
            if raison := presence.mouvement_impossible(rangs):
                raise forms.ValidationError(f"Dans cet ordre, {raison}")


class DecisionForm(Lignes):
    class Meta:
        model = Decision
        fields = ["texte", "responsable", "echeance", "action", "faite_le"]


def fiches_de(reunion):
    """Return the fiches that may be put on the agenda of a meeting: those of its convention, or of its territory."""
    fiches = Action.objects.actives().filter(convention__in=reunion.territoire.conventions.connues())
    if reunion.convention_id:
        fiches = fiches.filter(convention=reunion.convention_id)
    return fiches.select_related("axe", "convention").dans_l_ordre()


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
        fiches = fiches_de(reunion)
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


def _choix(label, choix, initial):
    """Return the field of a key that may stay unsaid, among `choix` [(key, words)]."""
    return forms.TypedChoiceField(
        label=label,
        choices=[("", "—"), *choix],
        required=False,
        coerce=int,
        empty_value=None,
        initial=initial or "",
    )


class PresencesForm(forms.Form):
    """One line a member: how they attended, and who holds their power. Nothing noted: the attendance stays by count."""

    def __init__(self, *args, objet, **kwargs):
        super().__init__(*args, **kwargs)
        self.reunion = reunion = objet
        # At a séance a substitute sits for a member, who keeps the seat; elsewhere both may come.
        roles = [Mandat.Role.TITULAIRE] if reunion.est_seance else Mandat.Role.values
        siege = reunion.organisatrice
        mandats = siege.mandats.en_cours(reunion.date).dans_l_ordre() if siege else Mandat.objects.none()
        self.membres = list(mandats.filter(role__in=roles))
        admis = reunion.est_seance and siege.regime.suppleants
        suppleants = list(mandats.filter(role=Mandat.Role.SUPPLEANT)) if admis else []
        notees = {p.mandat_id: p for p in reunion.presences.all()}
        noms = [(m.pk, m.personne) for m in self.membres]
        for membre in self.membres:
            presence = notees.get(membre.pk)
            self.fields[f"etat_{membre.pk}"] = forms.ChoiceField(
                label=f"Présence de {membre.personne}",
                choices=[("", "Non noté"), *Presence.Etat.choices],
                required=False,
                initial=presence.etat if presence else "",
            )
            self.fields[f"mandataire_{membre.pk}"] = _choix(
                f"Procuration de {membre.personne} à", noms, presence and presence.mandataire_id
            )
            if suppleants:
                siens = [m for m in suppleants if m.suppleant_de_id in (None, membre.pk)]
                self.fields[f"suppleant_{membre.pk}"] = _choix(
                    f"Suppléant de {membre.personne}",
                    [(m.pk, m.personne) for m in siens],
                    presence and presence.suppleant_id,
                )
        # Who arrives or leaves during a séance does so at a point: each vote is counted against who was there for it.
        self.points = list(reunion.points.all()) if reunion.est_seance and self.membres else []
        points = [(p.pk, f"{rang}. {p.objet[:60]}") for rang, p in enumerate(self.points, start=1)]
        for membre in self.membres if self.points else []:
            presence = notees.get(membre.pk)
            for prefixe, quoi, point in (
                ("arrive", "arrive au point", presence and presence.arrive_au_id),
                ("part", "part au point", presence and presence.part_au_id),
            ):
                self.fields[f"{prefixe}_{membre.pk}"] = _choix(f"{membre.personne} {quoi}", points, point)
        if self.membres:
            self.fields["reste"] = forms.ChoiceField(
                label="Tous les membres non notés sont",
                choices=[("", "—"), *((e.value, e.label) for e in Presence.Etat if e != Presence.Etat.PROCURATION)],
                required=False,
            )
        colonnes = {"etat": "Présence", "mandataire": "Procuration à"}
        colonnes |= {"suppleant": "Remplacé par"} if suppleants else {}
        colonnes |= {"arrive": "Arrive au point", "part": "Part au point"} if self.points else {}
        self._prefixes, self.colonnes = tuple(colonnes), tuple(colonnes.values())

    vide = "L’instance n’a pas encore de membre : complétez d’abord sa composition."

    def rangees(self):
        """Return [(member, [attendance field, holder field, substitute field])] for the template."""
        return [(m, [self[f"{prefixe}_{m.pk}"] for prefixe in self._prefixes]) for m in self.membres]

    @property
    def pour_tous(self):
        """The field that notes at once those who were not noted one by one."""
        return self["reste"] if "reste" in self.fields else None

    def clean(self):
        donnees = super().clean()
        if reste := donnees.get("reste"):
            for m in self.membres:
                donnees[f"etat_{m.pk}"] = donnees.get(f"etat_{m.pk}") or reste
        etats = {m.pk: donnees.get(f"etat_{m.pk}") for m in self.membres}
        self._verifier_les_suppleants(donnees, etats)
        self._verifier_les_pouvoirs(donnees, self._verifier_les_mouvements(donnees, etats))
        notes = [m for m in self.membres if etats[m.pk]]
        en_exercice = self.reunion.en_exercice
        if notes and en_exercice is not None and en_exercice != len(self.membres):
            raise forms.ValidationError(
                f"La séance compte {en_exercice} membres en exercice et la composition en nomme {len(self.membres)} : "
                "complétez la composition de l’instance, ou gardez le décompte."
            )
        if self.reunion.est_seance and notes and len(notes) < len(self.membres):
            manquants = ", ".join(m.personne for m in self.membres if not etats[m.pk])
            raise forms.ValidationError(f"Notez chaque membre, ou aucun. Il manque : {manquants}.")
        return donnees

    def _verifier_les_suppleants(self, donnees, etats):
        remplacants = {}
        for membre in self.membres:
            suppleant, champ = donnees.get(f"suppleant_{membre.pk}"), f"suppleant_{membre.pk}"
            if suppleant and etats[membre.pk] != Presence.Etat.PRESENT:
                self.add_error(champ, "Notez ce siège présent : son suppléant y siège, ou retirez ce nom.")
            elif suppleant and suppleant in remplacants:
                self.add_error(champ, f"Ce suppléant remplace déjà {remplacants[suppleant]}.")
            elif suppleant:
                remplacants[suppleant] = membre.personne

    def _verifier_les_mouvements(self, donnees, etats):
        """Return {member: `Siege`} of what was typed; say which arrivals and departures cannot be."""
        rangs, sieges = {p.pk: rang for rang, p in enumerate(self.points, start=1)}, {}
        for membre in self.membres:
            arrive, part = (rangs.get(donnees.get(f"{quoi}_{membre.pk}")) for quoi in ("arrive", "part"))
            for quoi, rang in (("arrive", arrive), ("part", part)):
                if rang and etats[membre.pk] != Presence.Etat.PRESENT:
                    self.add_error(f"{quoi}_{membre.pk}", "Notez ce membre présent, ou retirez ce point.")
            if arrive and part and arrive >= part:
                self.add_error(f"part_{membre.pk}", "On part après être arrivé : corrigez l’un des deux points.")
            if arrive == 1:
                self.add_error(f"arrive_{membre.pk}", "Présent dès le premier point : laissez vide.")
            porteur = donnees.get(f"mandataire_{membre.pk}")
            sieges[membre.pk] = Siege(etats[membre.pk], arrive, part, porteur)
        return sieges

    def _verifier_les_pouvoirs(self, donnees, sieges):
        """A power is given for the time when one is away, to who is there, who holds no other (CGCT, L. 2121-20)."""
        points = list(range(1, len(self.points) + 1)) or [None]
        noms, portes = {m.pk: m.personne for m in self.membres}, {}
        for membre in self.membres:
            siege, champ = sieges[membre.pk], f"mandataire_{membre.pk}"
            bouge = siege.etat == Presence.Etat.PRESENT and (siege.arrive or siege.part)
            if siege.porteur is None:
                if siege.etat == Presence.Etat.PROCURATION:
                    self.add_error(champ, "Indiquez qui porte la procuration.")
                continue
            absences = [point for point in points if not siege.est_la(point)]
            if siege.etat != Presence.Etat.PROCURATION and not bouge:
                self.add_error(champ, "Choisissez « A donné procuration », ou retirez ce nom.")
            elif siege.porteur == membre.pk or not any(sieges[siege.porteur].est_la(point) for point in absences):
                self.add_error(champ, "Seul un membre présent porte une procuration.")
            elif deja := next((d for point in absences if (d := portes.get((siege.porteur, point)))), None):
                self.add_error(
                    champ, f"Ce membre porte déjà celle de {noms[deja]} : une seule ({self._article_du_pouvoir})."
                )
            else:
                portes |= {(siege.porteur, point): membre.pk for point in absences}

    @property
    def _article_du_pouvoir(self):
        conseil = self.reunion.conseil
        return conseil.regime.pouvoir if conseil else "une personne, un pouvoir"

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
            presence.suppleant_id = self.cleaned_data.get(f"suppleant_{membre.pk}")
            presence.arrive_au_id = self.cleaned_data.get(f"arrive_{membre.pk}")
            presence.part_au_id = self.cleaned_data.get(f"part_{membre.pk}")
            presence.save()
        if self.reunion.presences.exists():
            self.reunion.compter_les_noms()


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


class VotesNominauxForm(forms.Form):
    """One line a voice: those present, and those who gave a power (their holder votes for them)."""

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
            self.fields["reste"] = forms.ChoiceField(
                label="Tous ceux dont le vote n’est pas noté votent",
                choices=[("", "—"), *Vote.Sens.choices],
                required=False,
            )

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

    @property
    def pour_tous(self):
        return self["reste"] if "reste" in self.fields else None

    def clean(self):
        donnees = super().clean()
        if reste := donnees.get("reste"):
            for p in self.voix:
                donnees[f"vote_{p.mandat_id}"] = donnees.get(f"vote_{p.mandat_id}") or reste
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


class DispositionForm(Lignes):
    class Meta:
        model = Disposition
        fields = ["ordre", "verbe", "texte"]
        widgets = {"texte": forms.Textarea(attrs={"rows": 3})}


MANDATS = lignes(Instance, Mandat, form=MandatForm)
POINTS = lignes(Reunion, Point, form=PointForm, formset=PointsFormSet)
DECISIONS = lignes(Reunion, Decision, form=DecisionForm)
DISPOSITIONS = lignes(Deliberation, Disposition, form=DispositionForm)
