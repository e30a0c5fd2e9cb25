"""Values of a form, as they are compared, written back and told."""

import hashlib
from datetime import date, time
from decimal import Decimal

from django import forms
from django.db import models
from django.forms.utils import ErrorDict
from django_prose_editor.fields import ProseEditorFormField

from ctg.francais import nombre
from ctg.texte import assainir, texte_brut


def normale(champ, valeur):
    """Return a value of a form field as text to be compared: the same for what is shown, typed and stored."""
    if isinstance(champ, forms.ModelMultipleChoiceField):
        return ",".join(sorted(str(getattr(v, "pk", v)) for v in valeur or ()))
    if valeur is None or valeur == "":
        return ""
    if isinstance(champ, ProseEditorFormField):
        return assainir(str(valeur)).replace("</p><p>", "\n").replace("<p>", "").replace("</p>", "").strip()
    if isinstance(champ, forms.BooleanField):
        return "oui" if valeur else ""
    if isinstance(valeur, models.Model):
        return str(valeur.pk)
    if isinstance(valeur, Decimal):
        return str(valeur.normalize())
    if isinstance(valeur, date | time):
        return valeur.isoformat()
    return str(valeur).replace("\r\n", "\n").strip()


def marque(texte):
    """Return the short mark of a compared value."""
    return hashlib.sha256(texte.encode()).hexdigest()[:12]


def ecrire(donnees, nom, champ, valeur):
    """Write a stored value into posted data, as a browser would have sent it."""
    donnees.pop(nom, None)
    valeur = champ.prepare_value(valeur)
    if isinstance(champ, forms.BooleanField):
        if valeur:
            donnees[nom] = "on"
    elif isinstance(champ, forms.ModelMultipleChoiceField):
        donnees.setlist(nom, [str(getattr(v, "pk", v)) for v in valeur or ()])
    elif isinstance(champ, forms.ChoiceField):
        donnees[nom] = "" if valeur is None else str(valeur)
    else:
        ecrite = champ.widget.format_value(valeur)
        donnees[nom] = "" if ecrite is None else str(ecrite)


def en_mots(champ, valeur):
    """Return a value as the people in conflict read it."""
    if isinstance(champ, forms.ModelMultipleChoiceField):
        noms = {str(cle): nom for cle, nom in champ.choices}
        return ", ".join(noms.get(str(getattr(v, "pk", v)), "?") for v in valeur or ()) or "(vide)"
    if valeur in (None, ""):
        return "(vide)"
    if isinstance(champ, forms.BooleanField):
        return "oui" if valeur else "non"
    if isinstance(champ, forms.ChoiceField):
        return str({str(cle): nom for cle, nom in champ.choices}.get(str(getattr(valeur, "pk", valeur)), valeur))
    if isinstance(champ, ProseEditorFormField):
        return texte_brut(str(valeur))
    if isinstance(valeur, date):
        return f"{valeur:%d/%m/%Y}"
    return nombre(valeur) if isinstance(valeur, Decimal) else str(valeur)


def nettoyer(form):
    """Read the fields of a bound form, and nothing else: no rule of the model, no question to the database."""
    form._errors, form.cleaned_data = ErrorDict(), {}
    form._clean_fields()
    return form


def cellules(form, formset):
    """Return [(name, field)] of the cells of a row: neither its key, nor its parent, nor the box that deletes it."""
    hors = {formset.model._meta.pk.name, formset.fk.name, "DELETE"}
    return [(nom, champ) for nom, champ in form.fields.items() if nom not in hors]


def recopier(donnees, source, suite, cible):
    if source in donnees:
        suite.setlist(cible, donnees.getlist(source))
