"""What two people changed at once, and who wrote last."""

from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True)
class Conflit:
    """What two people changed: where, what each wrote (in words), who the other is and when they saved."""

    quoi: str
    moi: str
    autre: str
    auteur: str = ""
    date: object = None


def derniere_ecriture(objet):
    """Return (who, when) of the last change of an object or of the values that hang on it; ("", None) if unknown."""
    if not getattr(objet, "pk", None) or not hasattr(type(objet), "history"):
        return "", None
    etats = [type(objet).history.filter(**{objet._meta.pk.name: objet.pk})]
    for lien in objet._meta.related_objects:
        if lien.on_delete is models.CASCADE and hasattr(lien.related_model, "history"):
            etats.append(lien.related_model.history.filter(**{lien.field.attname: objet.pk}))
    derniers = [e for lot in etats if (e := lot.select_related("history_user").order_by("-history_date").first())]
    dernier = max(derniers, key=lambda e: e.history_date, default=None)
    return (str(dernier.history_user or "L’application"), dernier.history_date) if dernier else ("", None)


def derniere_suppression(modele, pk):
    """Return (who, when) of the deletion of a row."""
    if not hasattr(modele, "history"):
        return "", None
    etat = modele.history.filter(id=pk, history_type="-").select_related("history_user").first()
    return (str(etat.history_user or "L’application"), etat.history_date) if etat else ("", None)
