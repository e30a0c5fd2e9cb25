"""The cells of the grid of a year: each knows what it shows, reads what is typed, and writes its own field.

A new column is a subclass and its line in `COLONNES_DE_MESURE` or `COLONNES_DE_MONTANT`.
"""

from functools import cached_property

from django.core.exceptions import ValidationError

from actions.models import Financement, Mesure
from actions.models.grandeurs import Genre, lire, mots_de_l_echelle
from ctg.formulaires import FormulaireDeModele
from ctg.francais import nombre


class Case:
    """One cell: its name in the form, what the database holds as it is typed, and what became of the last save.

    `etat` is "" (as it was), "enregistre", "refuse" or "conflit"; `message` says what, in French; `saisie` is what the
    field shows again.
    """

    code, libelle = "", ""
    largeur, genre_html = "case-nombre", "text"

    def __init__(self, cle, modifiable):
        self.nom, self.modifiable = f"{self.code}-{cle}", modifiable
        self.etat = self.message = ""

    @property
    def texte(self):
        """What the database holds, as one types it."""
        raise NotImplementedError

    def ecrire(self, texte):
        """Save what was typed. Raises `ValidationError` with what to do instead."""
        raise NotImplementedError

    @property
    def saisie(self):
        return getattr(self, "_saisie", self.texte)

    @property
    def choix(self):
        """The [(text, words)] between which one chooses, or None for a field to type in."""
        return None

    def noter(self, etat, message, saisie=None):
        """Say what became of the last save; `saisie` is what the field keeps of what was typed."""
        self.etat, self.message = etat, message
        if saisie is not None:
            self._saisie = saisie


class CasePerdue(Case):
    """What was typed in a cell that is there no more: it is told, with the words typed, never dropped in silence."""

    libelle, texte = "Une ligne retirée", ""

    def __init__(self, nom, texte):
        self.nom, self.modifiable, self.etat = nom, False, "refuse"
        self._saisie = texte
        self.message = (
            "Cette ligne n’est plus dans le plan, ou n’est pas la vôtre : "
            f"{f'« {texte[:80]} »' if texte else 'ce que vous avez vidé'} n’est pas enregistré."
        )


# --- Measures --------------------------------------------------------------------------------------


class _CaseDeMesure(Case):
    def __init__(self, ligne, modifiable):
        super().__init__(f"{ligne.indicateur.pk}-{ligne.rang}", modifiable)
        self.ligne = ligne

    @property
    def mesure(self):
        return self.ligne.mesure

    def _enregistrer(self, mesure):
        try:
            mesure.full_clean(validate_unique=False, validate_constraints=False)
            mesure.save()
        except ValidationError:
            if mesure.pk:  # what did not fit is not what the next cell of the row starts from
                mesure.refresh_from_db(fields=["valeur", "numerateur", "denominateur", "commentaire", "preuve"])
            raise
        self.ligne.mesure = mesure


class CaseMesure(_CaseDeMesure):
    """The figure itself; emptied, the measure is taken out."""

    code, libelle = "mesure", "Mesure"

    @property
    def texte(self):
        return self.mesure.en_toutes_lettres if self.mesure else ""

    @property
    def choix(self):
        indicateur = self.ligne.indicateur
        if indicateur.genre == Genre.OUI_NON:
            mots = ["oui", "non"]
        elif indicateur.genre == Genre.ECHELLE:
            mots = mots_de_l_echelle(indicateur.echelle)
        else:
            return None
        # What is stored is always among them: a form sent back untouched empties nothing.
        return [("", "–"), *((mot, mot) for mot in dict.fromkeys([*mots, *filter(None, [self.texte])]))]

    def ecrire(self, texte):
        indicateur, mesure = self.ligne.indicateur, self.mesure
        lue = lire(indicateur.genre, texte, indicateur.echelle)
        if lue is None:
            if mesure and mesure.commentaire:
                raise ValidationError("Videz d’abord le commentaire de cette mesure.")
            if mesure:
                mesure.delete()
                self.ligne.mesure = None
            return
        mesure = mesure or Mesure(indicateur=indicateur, annee=self.ligne.annee, rang=self.ligne.rang)
        mesure.valeur, mesure.numerateur, mesure.denominateur = lue.valeur, lue.numerateur, lue.denominateur
        self._enregistrer(mesure)


class _CaseQuiAccompagne(_CaseDeMesure):
    """What goes with a figure, in a field of its own: nothing is kept of it without the figure."""

    def _lire(self, texte):
        """Return what the field keeps of what was typed. Raises `ValidationError`."""
        return texte

    def ecrire(self, texte):
        valeur = self._lire(texte)
        if self.mesure is not None:
            setattr(self.mesure, self.code, valeur)
            self._enregistrer(self.mesure)
        elif texte:
            raise ValidationError(f"Tapez d’abord la mesure : le {self.libelle.lower()} l’accompagne.")


class CaseCommentaire(_CaseQuiAccompagne):
    """A few words beside the figure."""

    code, libelle, largeur = "commentaire", "Commentaire", "case-mots"

    @property
    def texte(self):
        return self.mesure.commentaire if self.mesure else ""


class CasePreuve(_CaseQuiAccompagne):
    """The attachment of the fiche that proves the figure, if there is one to choose."""

    code, libelle, largeur = "preuve", "Justificatif", "case-choix"

    @property
    def texte(self):
        return str(self.mesure.preuve_id or "") if self.mesure else ""

    @property
    def _pieces(self):
        return {str(p.pk): p for p in self.ligne.indicateur.action.pieces.all()}

    @property
    def choix(self):
        return [("", "–"), *((pk, piece.titre) for pk, piece in self._pieces.items())]

    def _lire(self, texte):
        if texte and texte not in self._pieces:
            raise ValidationError("Choisissez une pièce jointe à cette fiche.")
        return self._pieces.get(texte)


# --- Money -----------------------------------------------------------------------------------------


class CaseDeMontant(Case):
    """One field of a funding line, read by that field's own form."""

    champ = ""

    def __init__(self, ligne, modifiable):
        super().__init__(ligne.financement.pk, modifiable)
        self.ligne = ligne

    @cached_property
    def _classe(self):
        meta = type("Meta", (), {"model": Financement, "fields": [self.champ]})
        return type("UnChampForm", (FormulaireDeModele,), {"Meta": meta})

    @property
    def _valeur(self):
        return getattr(self.ligne.financement, self.champ)

    @property
    def texte(self):
        valeur = self._valeur
        return "" if valeur is None else str(valeur)

    def ecrire(self, texte):
        form = self._classe({self.champ: texte}, instance=self.ligne.financement)
        if not form.is_valid():
            self.ligne.relire()
            raise ValidationError([phrase for phrases in form.errors.values() for phrase in phrases])
        try:
            form.save()
        except ValidationError:
            self.ligne.relire()
            raise


class _CaseEnEuros(CaseDeMontant):
    @property
    def texte(self):
        return "" if self._valeur is None else nombre(self._valeur, separateur=False)

    def ecrire(self, texte):
        lue = lire(Genre.MONTANT, texte)
        super().ecrire("" if lue is None else f"{lue.valeur:f}".replace(".", ","))


class CasePrevu(_CaseEnEuros):
    code = champ = "prevu"
    libelle = "Prévu (€)"


class CaseRealise(_CaseEnEuros):
    code = champ = "realise"
    libelle = "Réalisé (€)"


class _CaseEtat(CaseDeMontant):
    largeur = "case-choix"

    @property
    def choix(self):
        return list(Financement._meta.get_field(self.champ).get_choices(blank_choice=[("", "–")]))


class CaseEtatPrevu(_CaseEtat):
    code = champ = "etat_prevu"
    libelle = "État du prévu"


class CaseEtatRealise(_CaseEtat):
    code = champ = "etat_realise"
    libelle = "État du réalisé"


class CaseDate(CaseDeMontant):
    code = champ = "realise_le"
    libelle, largeur, genre_html = "Au", "case-date", "date"

    @property
    def texte(self):
        return self._valeur.isoformat() if self._valeur else ""


class CaseSource(CaseDeMontant):
    code = champ = "source_realise"
    libelle, largeur = "Source", "case-mots"


COLONNES_DE_MESURE = (CaseMesure, CaseCommentaire, CasePreuve)
COLONNES_DE_MONTANT = (CasePrevu, CaseEtatPrevu, CaseRealise, CaseEtatRealise, CaseDate, CaseSource)
