"""The forms of a meeting: its call, its agenda, who is there, what it decides."""

import math

from django import forms

from actions.models import Action
from ctg.formulaires import ChoixMultiples, FormulaireDeModele, Lignes, LignesFormSet, lignes
from pilotage.models import (
    Decision,
    Mandat,
    Point,
    Presence,
    Reunion,
    Siege,
)

from .nominatif import FormulaireNominatif

COMPTES = ["effectif_legal", "en_exercice", "presents", "procurations", "excuses", "absents"]


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


class PresencesForm(FormulaireNominatif):
    """One line a member: how they attended, and who holds their power. Nothing noted: the attendance stays by count."""

    prefixe = "etat"

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
            seuls = [(e.value, e.label) for e in Presence.Etat if e != Presence.Etat.PROCURATION]
            self.proposer_le_reste("Tous les membres non notés sont", seuls)
        colonnes = {"etat": "Présence", "mandataire": "Procuration à"}
        colonnes |= {"suppleant": "Remplacé par"} if suppleants else {}
        colonnes |= {"arrive": "Arrive au point", "part": "Part au point"} if self.points else {}
        self._prefixes, self.colonnes = tuple(colonnes), tuple(colonnes.values())

    vide = "L’instance n’a pas encore de membre : complétez d’abord sa composition."

    def rangees(self):
        """Return [(member, [attendance field, holder field, substitute field])] for the template."""
        return [(m, [self[f"{prefixe}_{m.pk}"] for prefixe in self._prefixes]) for m in self.membres]

    def clean(self):
        donnees = super().clean()
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


POINTS = lignes(Reunion, Point, form=PointForm, formset=PointsFormSet)


DECISIONS = lignes(Reunion, Decision, form=DecisionForm)
