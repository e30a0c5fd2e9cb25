"""The numbers of fiches, by the pattern of their convention."""

import re


def lettre(rang):
    """Write a rank as letters: 1 A, 26 Z, 27 AA."""
    lettres = ""
    while rang:
        rang, reste = divmod(rang - 1, 26)
        lettres = chr(65 + reste) + lettres
    return lettres


def rang_de_lettre(lettres):
    rang = 0
    for caractere in lettres:
        rang = rang * 26 + ord(caractere) - 64
    return rang


def ecrire_numero(numerotation, axe, rang):
    """Return the number of a fiche: « 1.1 », « 1A » or « 7 » (for the last, `rang` counts over the whole plan)."""
    if numerotation == "axe_lettre":
        return f"{axe}{lettre(rang)}"
    return str(rang) if numerotation == "suite" else f"{axe}.{rang}"


def lire_numero(numerotation, axe, numero):
    """Return the rank that a number of an axe holds, or 0 for the number of another axe."""
    if numerotation == "axe_lettre":
        trouve = re.fullmatch(rf"{axe}([A-Z]+)", numero)
        return rang_de_lettre(trouve[1]) if trouve else 0
    if numerotation == "suite":
        return int(numero) if numero.isdecimal() else 0
    trouve = re.fullmatch(rf"{axe}\.(\d+)", numero)
    return int(trouve[1]) if trouve else 0
