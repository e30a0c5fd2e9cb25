"""Pages as a browser reads them: the forms that they show, and what it would post if nothing were typed."""

from bs4 import BeautifulSoup


def champs(reponse, selecteur="form[method=post]"):
    """Return {name: value or [values]} of the form of a page that edits; blank rows in a `<template>` are no fields."""
    page = BeautifulSoup(reponse.content, "lxml")
    for gabarit in page.find_all("template"):
        gabarit.decompose()
    formulaires = [f for f in page.select(selecteur) if "logout" not in (f.get("action") or "")]
    donnees = {}
    for element in formulaires[0].select("input[name], select[name], textarea[name]"):
        for valeur in _valeurs(element):
            ancienne = donnees.get(element["name"])
            donnees[element["name"]] = valeur if ancienne is None else [*_liste(ancienne), valeur]
    donnees.pop("csrfmiddlewaretoken", None)
    return donnees


def _liste(valeur):
    return valeur if isinstance(valeur, list) else [valeur]


def _valeurs(element):
    if element.has_attr("disabled"):
        return []
    if element.name == "textarea":
        # A browser drops the line break that follows the tag.
        return [element.get_text().removeprefix("\n")]
    if element.name == "select":
        choisies = [o.get("value", o.get_text()) for o in element.select("option[selected]")]
        return choisies or ([] if element.has_attr("multiple") else [element.select_one("option").get("value", "")])
    if element.get("type") in {"checkbox", "radio"}:
        return [element.get("value", "on")] if element.has_attr("checked") else []
    return [] if element.get("type") == "file" else [element.get("value", "")]


def saisir(client, adresse, donnees):
    """Open a page that edits, type `donnees` over what it shows, send it; return the answer."""
    return client.post(adresse, champs(client.get(adresse)) | {nom: _texte(v) for nom, v in donnees.items()})


def _texte(valeur):
    return [str(v) for v in valeur] if isinstance(valeur, list) else str(valeur)
