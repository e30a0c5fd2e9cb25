"""The whole plan in one typed workbook (XLSX): out to be worked on, in again after a preview in words, all or nothing.

What comes in is first compared, cell by cell and in memory, with what the plan is: only rows that changed pass through
the resources (actions/resources.py), hence through the same rules as a page. A text whose plain lines are as they were
keeps its formatting. Faults are named by sheet and cell.
"""

import io
import time
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from html import escape

from django.core.exceptions import ValidationError
from django.db import transaction
from import_export.instance_loaders import ModelInstanceLoader
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from actions.models import Partenaire
from actions.resources import FEUILLES, LIGNES_MAX, Choix, OuiNon, verifier_le_classeur
from ctg.compteurs import ecrit_depuis, fermer_l_ecriture, valeurs
from ctg.historique import CONTRAT, PLAN
from ctg.texte import TexteRiche, texte_brut

COLONNES_MAX = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DUREE_MAX = 20  # seconds, reading and comparing included
ENTETE = PatternFill("solid", fgColor="F0E7DB")


# --- What a sheet is -------------------------------------------------------------------------------


class Feuillet:
    """One sheet of the workbook: a resource of the plan, its columns, its rows as they are now.

    For a `contrat`, only what a signature holds: neither follow-up nor what those who run the plan note for themselves.
    """

    def __init__(self, cle, convention, contrat=False):
        self.cle, (self.titre, classe) = cle, FEUILLES[cle]
        self.ressource = classe(convention=convention)
        self.ressource._meta = copy(self.ressource._meta)
        self.ressource._meta.skip_diff = True  # what comes in was compared already
        self.modele = self.ressource._meta.model
        champs = self.ressource.get_export_fields()
        suivi = self.modele.suivi if contrat else frozenset()
        champs = [c for c in champs if c.column_name not in suivi]
        self.colonnes = [c.column_name for c in champs]
        self.champs = dict(zip(self.colonnes, champs, strict=True))
        self.riches = {c for c in self.colonnes if isinstance(self._champ_du_modele(c), TexteRiche)}
        # What is shown for the eye alone; the fiche of a value is how it is found.
        self.lues = {c for c in self.colonnes if self.champs[c].readonly and c != "fiche"}

    def _champ_du_modele(self, colonne):
        attribut = self.champs[colonne].attribute
        return next((f for f in self.modele._meta.concrete_fields if f.name == attribut), None)

    @property
    def lignes(self):
        """Return {key: {column: raw value}} of the rows as they are now."""
        donnees = self.ressource.export()
        return {str(ligne["id"]): ligne for ligne in donnees.dict}

    def explication(self, colonne):
        """Return what a column holds, in words."""
        champ = self._champ_du_modele(colonne)
        if colonne == "id":
            return "Laissez tel quel ; vide pour une ligne nouvelle."
        if colonne in self.lues:
            return "Pour lecture : se modifie sur l’autre feuille."
        widget = self.champs[colonne].widget
        mots = str(champ.verbose_name) if champ is not None else colonne
        if isinstance(widget, Choix):
            return f"{mots} : {', '.join(map(str, widget.libelles.values()))}"
        if isinstance(widget, OuiNon):
            return f"{mots} : oui ou non"
        if colonne in self.riches:
            return f"{mots} (texte ; modifié ici, il perd sa mise en forme)"
        return mots

    def choix(self, colonne):
        """Return the words between which one chooses, or None."""
        widget = self.champs[colonne].widget
        if isinstance(widget, OuiNon):
            return ["oui", "non"]
        return [str(m) for m in widget.libelles.values()] if isinstance(widget, Choix) else None


def _comparable(valeur):
    """Return a cell as it is compared: numbers, dates and texts alike, whoever wrote the file."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, int | float | Decimal):
        return f"{Decimal(str(valeur)).normalize():f}"
    if isinstance(valeur, datetime):
        return valeur.date().isoformat()
    if isinstance(valeur, date):
        return valeur.isoformat()
    lignes = [" ".join(ligne.split()) for ligne in str(valeur).replace("\r\n", "\n").replace("_x000D_", "").split("\n")]
    return "\n".join(ligne for ligne in lignes if ligne)


# --- Out -------------------------------------------------------------------------------------------


def ecrire(convention, contrat=False):
    """Return the workbook of a plan, as bytes; for a `contrat`, of what a signature holds alone."""
    classeur = Workbook()
    notice = classeur.active
    notice.title = "Lisez-moi"
    _ecrire_la_notice(notice, convention)
    for cle, (_, classe) in FEUILLES.items():
        if contrat and classe._meta.model.gele_avec not in {CONTRAT, PLAN}:
            continue
        feuillet = Feuillet(cle, convention, contrat)
        _ecrire_une_feuille(classeur.create_sheet(feuillet.titre), feuillet)
        notice.cell(notice.max_row + 2, 1, feuillet.titre).font = Font(bold=True)
        for colonne in feuillet.colonnes:
            _ligne(notice, ["", colonne, feuillet.explication(colonne)])
    sortie = io.BytesIO()
    classeur.save(sortie)
    return sortie.getvalue()


def _ecrire_la_notice(notice, convention):
    phrases = [
        f"{convention} – {convention.territoire}",
        "Chaque feuille est une table du plan. Modifiez, ajoutez des lignes (sans identifiant), puis faites entrer le "
        "classeur par la même page : ce qui changerait est montré avant d’être enregistré, et tout entre ou rien.",
        "Une ligne effacée ici n’est pas supprimée du plan. Une formule n’est jamais calculée : mettez sa valeur.",
        "Un texte que vous ne touchez pas garde sa mise en forme ; un texte modifié ici la perd.",
        "Une fiche se nomme par son numéro (2.1), un partenaire par son nom ou son sigle.",
    ]
    for phrase in phrases:
        _ligne(notice, [phrase])
    notice["A1"].font = Font(bold=True, size=14)
    for lettre, largeur in zip("ABC", (28, 24, 90), strict=True):
        notice.column_dimensions[lettre].width = largeur


def _ligne(feuille, valeurs):
    """Append a row in which nothing is taken for a formula."""
    rang = feuille.max_row + (feuille.cell(1, 1).value is not None)
    for colonne, valeur in enumerate(valeurs, 1):
        _poser(feuille.cell(rang, colonne), valeur)


def _poser(cellule, valeur):
    if isinstance(valeur, str):
        cellule.value = valeur[:32_767] or None
        if cellule.value:
            cellule.data_type = "s"  # text, though it begins with = + - or @
            cellule.quotePrefix = valeur[:1] in "=+-@"
    else:
        cellule.value = valeur
        if isinstance(valeur, date):
            cellule.number_format = "DD/MM/YYYY"


def _ecrire_une_feuille(feuille, feuillet):
    feuille.append(feuillet.colonnes)
    for cellule in feuille[1]:
        cellule.font, cellule.fill = Font(bold=True), ENTETE
    feuille.freeze_panes = "B2"
    for ligne in feuillet.lignes.values():
        _ligne(feuille, [_montree(feuillet, c, ligne[c]) for c in feuillet.colonnes])
    fin = max(feuille.max_row + 200, 300)
    for rang, colonne in enumerate(feuillet.colonnes, 1):
        lettre = get_column_letter(rang)
        large = colonne in feuillet.riches or colonne in {"titre", "libelle", "nom", "presentation", "en_clair"}
        feuille.column_dimensions[lettre].width = 8 if colonne == "id" else 44 if large else 18
        if large:
            for (cellule,) in feuille.iter_rows(min_row=2, min_col=rang, max_col=rang):
                cellule.alignment = Alignment(wrap_text=True, vertical="top")
        if mots := feuillet.choix(colonne):
            liste = f'"{",".join(mots)}"'
            if len(liste) <= 255 and not any("," in mot for mot in mots):
                validation = DataValidation(type="list", formula1=liste, allow_blank=True)
                validation.error = f"Choisissez parmi : {', '.join(mots)}."[:250]
                feuille.add_data_validation(validation)
                validation.add(f"{lettre}2:{lettre}{fin}")


def _montree(feuillet, colonne, valeur):
    if colonne in feuillet.riches:
        return texte_brut(valeur or "")
    if colonne == "id":
        return int(valeur)
    return valeur


# --- In --------------------------------------------------------------------------------------------


@dataclass
class Faute:
    """What is wrong, and where: the sheet, the cell as a spreadsheet names it (or its row), and what to do."""

    feuille: str
    cellule: str
    phrase: str


@dataclass
class Changement:
    """One row that would change: where it stands, what it is, and each cell before and after."""

    feuille: str
    rang: int
    nouvelle: bool
    mots: str
    cellules: list = field(default_factory=list)
    forme_perdue: list = field(default_factory=list)


@dataclass
class Lecture:
    """What a workbook would change, and what stands in its way."""

    changements: list = field(default_factory=list)
    fautes: list = field(default_factory=list)
    inchangees: int = 0
    archivees: int = 0


class _Annuler(Exception):
    """Roll everything back: it was a preview, or something is wrong."""


class Entree:
    """A workbook about to come in.

    `neuf` takes it as that of another plan: its identifiers are those of other rows, and each row is a new one.
    """

    def __init__(self, octets, convention, neuf=False):
        self.convention, self.neuf = convention, neuf
        self.echeance = time.monotonic() + DUREE_MAX
        self.lecture = Lecture()
        self.feuilles = self._ouvrir(octets)

    def _presser(self):
        if time.monotonic() > self.echeance:
            raise ValidationError(
                f"Ce classeur demande plus de {DUREE_MAX} secondes : faites-le entrer en plusieurs fois."
            )

    # --- Reading, without any lock ---------------------------------------------------------------------

    def _ouvrir(self, octets):
        """Return [(Feuillet, [(row, {column: value})])] of the sheets that are ours. Raises `ValidationError`."""
        verifier_le_classeur(octets)
        try:
            classeur = load_workbook(io.BytesIO(octets), read_only=True, data_only=False)
            titres = {feuille.title.strip().casefold(): feuille for feuille in classeur.worksheets}
            lues = [
                (f, self._lire(f, titres[f.titre.casefold()]))
                for f in self._feuillets()
                if f.titre.casefold() in titres
            ]
        except ValidationError:
            raise
        except Exception as erreur:  # whatever a library says of a file that is a workbook by its name alone
            raise ValidationError(
                "Ce classeur ne se lit pas : ouvrez-le dans votre tableur, enregistrez-le en .xlsx, puis recommencez."
            ) from erreur
        if not lues:
            noms = ", ".join(titre for titre, _ in FEUILLES.values())
            raise ValidationError(
                f"Aucune feuille de ce classeur n’est une table du plan. Feuilles attendues : {noms}."
            )
        return lues

    def _feuillets(self):
        return [Feuillet(cle, self.convention) for cle in FEUILLES]

    def _lire(self, feuillet, feuille):
        rangees = feuille.iter_rows(values_only=True)
        entete = [str(v).strip() if v is not None else "" for v in next(rangees, ())]
        while entete and not entete[-1]:
            entete.pop()
        if len(entete) > COLONNES_MAX:
            raise ValidationError(
                f"La feuille « {feuillet.titre} » compte {len(entete)} colonnes : ce n’est pas la nôtre."
            )
        feuillet.lettres = {nom: get_column_letter(n) for n, nom in enumerate(entete, 1) if nom}
        for rang, nom in enumerate(entete, 1):
            if nom not in feuillet.colonnes:
                quoi = f"La colonne « {nom} » n’est pas connue." if nom else "Cette colonne n’a pas de nom."
                self._fauter(feuillet, f"{get_column_letter(rang)}1", quoi)
            elif entete.count(nom) > 1:
                self._fauter(feuillet, f"{get_column_letter(rang)}1", f"La colonne « {nom} » est là deux fois.")
        lignes = []
        for rang, cellules in enumerate(rangees, 2):
            if rang > LIGNES_MAX:
                raise ValidationError(
                    f"La feuille « {feuillet.titre} » va au-delà de la ligne {LIGNES_MAX} : supprimez les lignes vides "
                    "du bas, ou faites entrer le classeur en plusieurs fois."
                )
            if rang % 500 == 0:
                self._presser()
            ligne = {nom: v for nom, v in zip(entete, cellules, strict=False) if nom}
            if any(v not in (None, "") and str(v).strip() for v in ligne.values()):
                lignes.append((rang, ligne))
        return lignes

    def _fauter(self, feuillet, cellule, phrase):
        self.lecture.fautes.append(Faute(feuillet.titre, cellule, phrase))

    # --- Comparing -------------------------------------------------------------------------------------

    def _comparer(self, feuillet, lignes, tient_le_territoire):
        """Return [(row, {column: value to import}, Changement)] of what differs from the plan."""
        presentes, vues, differentes = ({} if self.neuf else feuillet.lignes), {}, []
        for rang, ligne in lignes:
            if not self._traduire(feuillet, rang, ligne):
                continue
            for nom, valeur in ligne.items():
                if isinstance(valeur, str) and valeur.startswith("=") and len(valeur) > 1:
                    self._formule(feuillet, rang, nom, valeur, presentes.get(self._cle(ligne)))
            cle = "" if self.neuf else self._cle(ligne)
            if cle and cle in vues:
                self._fauter(
                    feuillet, f"{feuillet.lettres['id']}{rang}", f"L’identifiant {cle} est déjà à la ligne {vues[cle]}."
                )
            elif cle and cle not in presentes:
                self._inconnue(feuillet, rang, cle)
            else:
                presente = presentes.get(cle)
                voulue, changement = self._difference(feuillet, rang, ligne, presente)
                if presente is not None and not changement.cellules:
                    self.lecture.inchangees += 1
                else:
                    differentes.append((rang, voulue, changement))
            if cle:
                vues[cle] = rang
        if differentes and feuillet.modele is Partenaire and not tient_le_territoire:
            phrase = "Les partenaires se modifient par les agents qui tiennent le territoire."
            self._fauter(feuillet, f"A{differentes[0][0]}", phrase)
            return []
        return differentes

    @cached_property
    def _fiches(self):
        """Return {key: fiche} of the plan as it is, archived ones included."""
        fiches = {str(f.pk): f for f in self.convention.fiches.select_related("axe")}
        for fiche in fiches.values():
            fiche.convention = fiche.axe.convention = self.convention
        return fiches

    @cached_property
    def _numeros(self):
        """Return {number of a fiche in the workbook: its number today, or None if it was archived since}.

        A number is a place in the plan while nothing is signed: what was 2.2 when the workbook went out may be 2.1 now.
        """
        fiches = self._fiches
        lignes = next((lignes for f, lignes in self.feuilles if f.cle == "fiches"), [])
        connues = {_comparable(ligne.get("numero")): fiches.get(self._cle(ligne)) for _, ligne in lignes}
        return {n: None if f.archivee else f.numero_affiche for n, f in connues.items() if n and f is not None}

    def _traduire(self, feuillet, rang, ligne):
        """Name the fiche of a row by its number today; return whether the row goes on."""
        numero = _comparable(ligne.get("fiche"))
        if self.neuf or "fiche" not in feuillet.colonnes or numero not in self._numeros:
            return True
        if (aujourd_hui := self._numeros[numero]) is not None:
            if aujourd_hui != numero:
                ligne["fiche"] = aujourd_hui
            return True
        if self._cle(ligne):
            self.lecture.archivees += 1
        else:
            self._fauter(feuillet, f"{feuillet.lettres['fiche']}{rang}", f"La fiche {numero} est archivée.")
        return False

    @staticmethod
    def _cle(ligne):
        return _comparable(ligne.get("id"))

    def _formule(self, feuillet, rang, nom, valeur, presente):
        """A text of ours may begin with « = »: it is no formula as long as it is what the plan holds."""
        tenu = presente and nom in feuillet.colonnes and _montree(feuillet, nom, presente[nom])
        if not tenu or _comparable(tenu) != _comparable(valeur):
            self._fauter(
                feuillet,
                f"{feuillet.lettres[nom]}{rang}",
                "Cette cellule contient une formule : remplacez-la par sa valeur.",
            )

    def _inconnue(self, feuillet, rang, cle):
        """A row whose fiche was archived since is left alone; any other identifier is a mistake."""
        siennes = (
            feuillet.modele._base_manager.filter(pk=cle) if cle.isascii() and cle.isdecimal() and len(cle) < 19 else ()
        )
        objet = siennes[0] if siennes else None
        if objet is not None and feuillet.modele is not Partenaire and objet.convention == self.convention:
            self.lecture.archivees += 1
        else:
            phrase = f"Aucune ligne de cette feuille ne porte l’identifiant {cle[:20]} : videz la cellule pour une ligne nouvelle."
            self._fauter(feuillet, f"{feuillet.lettres['id']}{rang}", phrase)

    def _difference(self, feuillet, rang, ligne, presente):
        changement = Changement(feuillet.titre, rang, presente is None, "")
        # Of a row that exists only what changed is sent: a number, or an axe, names another thing once others have moved.
        voulue = {"id": "" if presente is None else presente["id"]}
        for nom in feuillet.colonnes:
            if nom not in ligne or nom in {"id", "numero"}:
                continue
            if presente is None and ligne[nom] in (None, ""):
                continue  # what is left empty in a new row is as it is in a new form
            avant = _montree(feuillet, nom, presente[nom]) if presente is not None else None
            apres = ligne[nom]
            if presente is not None and _comparable(avant) == _comparable(apres):
                continue
            if nom in feuillet.lues:
                if presente is not None:
                    self._fauter(
                        feuillet,
                        f"{feuillet.lettres[nom]}{rang}",
                        f"La colonne « {nom} » est pour lecture : elle se modifie sur l’autre feuille.",
                    )
                continue
            if nom in feuillet.riches:
                if presente is not None and _est_mis_en_forme(presente[nom]):
                    changement.forme_perdue.append(nom)
                apres = _en_paragraphes(apres)
            voulue[nom] = apres
            if (
                nom in {"indicateur", "fiche"} and "indicateur" in feuillet.colonnes
            ):  # an indicator is found on its fiche
                voulue |= {"indicateur": ligne.get("indicateur"), "fiche": ligne.get("fiche")}
            changement.cellules.append((nom, _comparable(avant), _comparable(ligne[nom])))
        nomme = next(
            (
                ligne.get(n) or (presente or {}).get(n)
                for n in ("titre", "libelle", "nom", "indicateur", "partenaire")
                if n in feuillet.colonnes
            ),
            "",
        )
        fiche = _comparable(ligne.get("fiche") or (presente or {}).get("fiche"))
        changement.mots = f"{nomme}{f' (fiche {fiche})' if fiche else ''}"
        return voulue, changement

    # --- Coming in -------------------------------------------------------------------------------------

    def entrer(self, user, confirme=False, tient_le_territoire=True):
        """Compare, then try the whole in one transaction; keep it if `confirme` and nothing is wrong. Return the `Lecture`.

        Nothing is locked while it compares: if somebody writes meanwhile, nothing comes in. Raises `ValidationError`.
        """
        lieux = [self.convention.territoire, self.convention]
        lu = valeurs(*lieux)
        # Numbers are those that the plan has before anything comes in.
        fiches = {f.numero_affiche: f for f in self._fiches.values() if not f.archivee}
        a_faire = [(f, self._comparer(f, lignes, tient_le_territoire)) for f, lignes in self.feuilles]
        if not any(differentes for _, differentes in a_faire):
            return self.lecture
        try:
            with transaction.atomic():
                self.convention.ouvrir_l_ecriture()
                if ecrit_depuis(lu, lieux, comptes=lieux):
                    raise ValidationError(
                        "Quelqu’un a modifié le plan pendant la lecture : envoyez à nouveau le classeur."
                    )
                for feuillet, differentes in a_faire:
                    self._faire_entrer(feuillet, differentes, user, fiches)
                if self.lecture.fautes or not confirme:
                    raise _Annuler
        except _Annuler:
            fermer_l_ecriture()
        return self.lecture

    def _faire_entrer(self, feuillet, differentes, user, fiches):
        ressource = feuillet.ressource
        chargeur = ModelInstanceLoader(ressource, None)
        for rang, voulue, changement in differentes:
            self._presser()
            donnees = {
                "convention": self.convention,
                "fiches": fiches,
                "row_number": rang,
                "dry_run": False,
                "user": user,
            }
            with transaction.atomic():
                fait = ressource.import_row(voulue, chargeur, **donnees)
                fautes = self._fautes(feuillet, rang, fait)
                if fautes:
                    transaction.set_rollback(True)
            self.lecture.fautes += fautes
            self.lecture.changements.append(changement)

    @staticmethod
    def _fautes(feuillet, rang, fait):
        def faute(nom, phrase):
            lettre = feuillet.lettres.get(nom, "A")
            return Faute(feuillet.titre, f"{lettre}{rang}", f"{nom} : {phrase}" if nom else phrase)

        trouvees = []
        for e in fait.errors:
            erreur = e.error
            trouvees += [faute("", phrase) for phrase in getattr(erreur, "messages", [str(erreur)])]
        if erreur := fait.validation_error:
            par_champ = erreur.message_dict if hasattr(erreur, "error_dict") else {"": erreur.messages}
            for nom, phrases in par_champ.items():
                trouvees += [faute("" if nom == "__all__" else nom, phrase) for phrase in phrases]
        return trouvees


def _en_paragraphes(texte):
    """Return plain lines as a rich text: each a paragraph, no markup of its own."""
    lignes = str(texte or "").replace("\r\n", "\n").replace("_x000D_", "").split("\n")
    return "".join(f"<p>{escape(ligne.strip(), quote=False)}</p>" for ligne in lignes if ligne.strip())


def _est_mis_en_forme(html):
    """Tell whether a text holds more than lines: a list, a heading, bold, a link, a table."""
    nu = (html or "").replace("<p>", "").replace("</p>", "").replace("<br>", "")
    return "<" in nu
