"""One section of a fiche being edited: what was on screen, what is typed, and whether somebody saved in between."""

import hashlib
import json
from datetime import datetime

from django.utils import timezone

from actions.forms import SECTIONS
from actions.journal import changements


class Edition:
    """The form and the rows of one section, bound to what was posted if anything was.

    Two people on one fiche: the page carries a fingerprint of the section as it was when it was opened. If the
    section is no longer the same when it is saved, nothing is written; the person sees who changed what since,
    beside what they typed, and decides.
    """

    def __init__(self, action, cle, donnees=None):
        self.action, self.cle, self.section = action, cle, SECTIONS[cle]
        self.donnees = donnees
        self.form = self.section.form(donnees, instance=action)
        if "pilote" in self.form.fields:
            self.form.fields["pilote"].queryset = self._partenaires()
        self.lignes = self._lignes()
        self.empreinte = self._empreinte()
        self.ouverte = timezone.now().isoformat()
        self.conflit = []

    def _partenaires(self):
        return self.action.axe.convention.territoire.partenaires.all()

    def _lignes(self):
        if not self.section.lignes:
            return None
        kwargs = {"annees": self.action.axe.convention.annees} if self.cle == "indicateurs" else {}
        formset = self.section.lignes(self.donnees, instance=self.action, prefix="lignes", form_kwargs=kwargs)
        if "partenaire" in formset.form.base_fields:
            choix = list(self._partenaires())
            for form in [*formset.forms, formset.empty_form]:
                form.fields["partenaire"].choices = [("", "---------"), *((p.pk, str(p)) for p in choix)]
        return formset

    def _empreinte(self):
        form = self.section.form(instance=type(self.action).objects.get(pk=self.action.pk))
        etat = [{nom: simple(form.get_initial_for_field(champ, nom)) for nom, champ in form.fields.items()}]
        if self.lignes is not None:
            modele = self.lignes.model
            etat.append(list(modele.objects.filter(action=self.action).order_by("pk").values()))
            if self.cle == "indicateurs":
                for nom in ("cibles", "mesures"):
                    etat.append(
                        list(
                            modele.objects.filter(action=self.action)
                            .order_by("pk", f"{nom}__annee")
                            .values("pk", f"{nom}__annee", f"{nom}__valeur")
                        )
                    )
        return condenser(etat)

    def enregistrer(self):
        """Save if what was typed is right and nobody saved in between; return whether it was saved."""
        justes = [self.form.is_valid(), self.lignes is None or self.lignes.is_valid()]
        if self.donnees.get("empreinte") != self.empreinte:
            self.conflit = changements(self.action, depuis=_instant(self.donnees.get("ouverte"))) or [None]
            return False
        if not all(justes):
            return False
        self.form.save()
        if self.lignes is not None:
            self.lignes.save()
        return True


def condenser(etat):
    """Return the fingerprint of a state made of plain values: two people on one page are told apart by it."""
    return hashlib.sha256(json.dumps(etat, default=str, sort_keys=True).encode()).hexdigest()[:20]


def simple(valeur):
    """Return the initial value of a field as a plain value; rows are known by their keys."""
    return sorted(getattr(v, "pk", v) for v in valeur) if isinstance(valeur, list) else valeur


def _instant(texte):
    try:
        return datetime.fromisoformat(texte)
    except (TypeError, ValueError):
        return None
