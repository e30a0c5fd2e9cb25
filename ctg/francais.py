"""French as it is written: spaces, dates, numbers, names. Plain functions; the template library registers them."""

import errno
import re
from decimal import Decimal

from django.utils import formats
from django.utils.safestring import mark_safe

from ctg import texte
from ctg.tableaux import accorder
from ctg.texte import sans_accents

# What the system says in English of a file that it does not take.
ERREURS = {
    errno.ENOENT: "Il n’y a rien à cet endroit",
    errno.ENOTDIR: "Ce n’est pas un dossier",
    errno.EISDIR: "C’est un dossier, non un fichier",
    errno.EEXIST: "Un fichier de ce nom est déjà là",
    errno.EACCES: "Ce compte n’a pas le droit d’y écrire, ou de le lire",
    errno.EPERM: "Ce compte n’a pas le droit d’y écrire, ou de le lire",
    errno.EROFS: "On ne peut rien y écrire",
    errno.ENOSPC: "Le disque est plein",
}
FINE, INSECABLE = "\u202f", "\u00a0"
# Entities (&amp;) are left whole.
MOT_SANS_FIN = re.compile(r"[^\s<>&;]{60,}")
MOIS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


def riche(html, niveau=4):
    """Return a stored rich text as sanitised HTML, with French spaces.

    `niveau` is the level of its first heading on the page that shows it: levels that skip one lose those who
    listen (ISO 14289-1, 7.4.2; RGAA 9.1).
    """
    propre = couper_les_mots(accorder(espaces(texte.assainir(html))))
    if "<h4>" not in propre:
        propre = propre.replace("<h5>", "<h4>").replace("</h5>", "</h4>")
    for stocke, affiche in ((4, niveau), (5, niveau + 1)):
        propre = propre.replace(f"<h{stocke}>", f"<h{affiche}>").replace(f"</h{stocke}>", f"</h{affiche}>")
    return mark_safe(propre)  # noqa: S308 - assainir is the sanitiser


def dire_l_erreur(erreur):
    """Return what a system error says, for who gave the path; others say it themselves."""
    if getattr(erreur, "errno", None) not in ERREURS:
        return str(erreur)
    return ERREURS[erreur.errno] + (f" : {erreur.filename}" if erreur.filename else "") + "."


def couper_les_mots(html):
    """Let a word that no line holds break, every 30 letters: it would run off the sheet, and take its table with it."""
    if not MOT_SANS_FIN.search(html):
        return html
    morceaux = re.split(r"(<[^>]+>)", html)
    return "".join(m if m.startswith("<") else MOT_SANS_FIN.sub(_couper, m) for m in morceaux)


def _couper(mot):
    return "<wbr>".join(mot[0][rang : rang + 30] for rang in range(0, len(mot[0]), 30))


def espaces(chaine):
    """Set the non-breaking spaces of French before ; ? ! : and inside « »."""
    chaine = re.sub(r"(?<=\S) (?=[;?!](?:\s|<|$))", FINE, str(chaine))
    chaine = re.sub(r"(?<=\S) (?=:(?:\s|<|$))", INSECABLE, chaine)
    return chaine.replace("« ", f"«{INSECABLE}").replace(" »", f"{INSECABLE}»")


def date_fr(date):
    """Write a date as French does: 1er avril 2025, 11 février 2026."""
    if not date:
        return ""
    jour = "1er" if date.day == 1 else date.day
    return f"{jour}{INSECABLE}{MOIS[date.month - 1]} {date.year}"


def heure_fr(heure):
    """Write an hour as French does: 14 h, 9 h 30."""
    return f"{heure.hour}{INSECABLE}h" + (f"{INSECABLE}{heure.minute:02d}" if heure.minute else "")


def minuscule(texte):
    """Return a name as it stands within a sentence: « la délibération n° 12 »."""
    texte = str(texte)
    return texte if texte[1:2].isupper() else texte[:1].lower() + texte[1:]  # an acronym keeps its capitals


def nombre(valeur, separateur=True):
    """Write a number as French does, without useless decimals: 1 234,5 (1234,5 without `separateur`)."""
    if valeur is None or valeur == "":
        return "–"
    valeur = Decimal(valeur).normalize()
    decimales = max(0, -valeur.as_tuple().exponent)
    return formats.number_format(valeur, decimal_pos=decimales, use_l10n=True, force_grouping=separateur)


def montant(valeur):
    """Write an amount as French does, with its two decimals if it has cents: 12 500, 10 500,50, −499,50."""
    if valeur is None or valeur == "":
        return "–"
    valeur = Decimal(valeur)
    decimales = 0 if valeur == valeur.to_integral() else 2
    signe = "−" if valeur < 0 else ""
    return signe + formats.number_format(abs(valeur), decimales, use_l10n=True, force_grouping=True)


def euros(valeur):
    """Write an amount in euros: 12 500 €."""
    return "–" if valeur is None else f"{montant(valeur)}{INSECABLE}€"


def sans_civilite(nom):
    """Return a name without Mme or M., as it stands under a signature."""
    return re.sub(r"^(Mme|M\.|Madame|Monsieur)\s+", "", nom or "")


def est_feminin(nom):
    """Tell whether a person is named with Mme."""
    return bool(re.match(r"(Mme|Madame)\b", nom or ""))


# First words that take « la », or « l’ » before a vowel; any other noun is masculine.
FEMININS = {
    "agence", "assemblée", "association", "caisse", "collectivité", "commission", "communauté", "commune",
    "coopérative", "direction", "eurométropole", "fédération", "fondation", "maison", "métropole", "mission",
    "mutualité", "région", "société", "union", "ville",
}  # fmt: skip


def _premier_mot(nom):
    return nom.split()[0].lower() if nom.split() else ""


def represente(nom):
    """Return « représentée » or « représenté », as the name of a body wants it."""
    return "représentée" if _premier_mot(nom) in FEMININS else "représenté"


def _s_elide(mot):
    return sans_accents(mot)[:1].lower() in set("aeiouy") or mot[:1] in "œŒ"


def article_defini(nom):
    """Set the article before a noun: « le conseil municipal », « la caisse », « l’assemblée »."""
    premier = _premier_mot(nom)
    if _s_elide(premier):
        return f"l’{nom}"
    return f"{'la' if premier in FEMININS else 'le'} {nom}"


def contracter_de(nom):
    """Set « du », « de la » or « de l’ » before a noun."""
    avec = article_defini(nom)
    return f"du {avec[3:]}" if avec.startswith("le ") else f"de {avec}"


def enumerer(mots):
    """Return « a, b et c »."""
    mots = list(mots)
    return " et ".join(filter(None, [", ".join(mots[:-1]), *mots[-1:]]))


def signataire(nom, fonction):
    """Return who signs, in the gender that the name tells: « La secrétaire de séance », « Le maire »."""
    article = "L’" if _s_elide(fonction) else "La " if est_feminin(nom) else "Le "
    return f"{article}{fonction[:1].lower()}{fonction[1:]}"
