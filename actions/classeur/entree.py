"""A workbook about to come in: compared with the plan in memory, then all of it or nothing, in one transaction."""

from functools import cached_property
from html import escape

from django.core.exceptions import ValidationError
from django.db import transaction
from import_export.instance_loaders import ModelInstanceLoader

from actions.models import Partenaire
from ctg.compteurs import ecrit_depuis, fermer_l_ecriture, valeurs

from .feuillet import comparable, montree
from .lecture import Changement, Faute, Lecteur


class _Annuler(Exception):
    """Roll everything back: it was a preview, or something is wrong."""


class Entree(Lecteur):
    """A workbook about to come in.

    `neuf` takes it as that of another plan: its identifiers are those of other rows, and each row is a new one.
    """

    def __init__(self, octets, convention, neuf=False):
        self.neuf = neuf
        super().__init__(octets, convention)

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
        connues = {comparable(ligne.get("numero")): fiches.get(self._cle(ligne)) for _, ligne in lignes}
        return {n: None if f.archivee else f.numero_affiche for n, f in connues.items() if n and f is not None}

    def _traduire(self, feuillet, rang, ligne):
        """Name the fiche of a row by its number today; return whether the row goes on."""
        numero = comparable(ligne.get("fiche"))
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
        return comparable(ligne.get("id"))

    def _formule(self, feuillet, rang, nom, valeur, presente):
        """A text of ours may begin with « = »: it is no formula as long as it is what the plan holds."""
        tenu = presente and nom in feuillet.colonnes and montree(feuillet, nom, presente[nom])
        if not tenu or comparable(tenu) != comparable(valeur):
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
            avant = montree(feuillet, nom, presente[nom]) if presente is not None else None
            apres = ligne[nom]
            if presente is not None and comparable(avant) == comparable(apres):
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
            changement.cellules.append((nom, comparable(avant), comparable(ligne[nom])))
        nomme = next(
            (
                ligne.get(n) or (presente or {}).get(n)
                for n in ("titre", "libelle", "nom", "indicateur", "partenaire")
                if n in feuillet.colonnes
            ),
            "",
        )
        fiche = comparable(ligne.get("fiche") or (presente or {}).get("fiche"))
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
