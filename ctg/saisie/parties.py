"""The parts of an object that can be edited, and what of them is frozen now."""

from collections.abc import Callable
from dataclasses import dataclass

from ctg.historique import Historise


@dataclass(frozen=True)
class Partie:
    """A part of an object that is edited at once: a form of its fields, its rows, or a grid of choices.

    `si(objet)` returns "" if the part may be edited now, else why not. `limites(objet)` are the querysets of its
    foreign keys; `reglages(objet)` are further arguments of each row's form.
    """

    titre: str
    form: type | None = None
    lignes: type | None = None
    grille: type | None = None
    ajout: str = "Ajouter une ligne"
    si: Callable = lambda objet: ""
    limites: Callable = lambda objet: {}
    reglages: Callable = lambda objet: {}

    def est_figee(self, gel):
        """Tell whether nothing of the part may be written while `gel` is frozen."""
        if not gel or self.grille:
            return False
        champs_de_suivi = self.form and not set(self.form._meta.fields) <= self.form._meta.model().champs_figes(gel)
        modele = self.lignes and self.lignes.model
        lignes_vives = modele and (modele.gele_avec not in gel or modele.suivi or hasattr(self.lignes.form, "suivi"))
        return not champs_de_suivi and not lignes_vives


def figer_les_champs(form, noms):
    """Show what is frozen, without letting it be changed: a disabled field keeps what the database holds."""
    for nom in noms & form.fields.keys():
        form.fields[nom].disabled = True


def figer_les_lignes(formset, gel):
    """Rows of a frozen kind are neither added nor deleted; of each, what still lives may be written."""
    modele = formset.model
    if not issubclass(modele, Historise) or modele.gele_avec not in gel:
        return
    formset.extra, formset.can_delete = 0, False
    for form in formset.forms:
        figer_les_champs(form, modele().champs_figes(gel) | cellules_figees(form, gel))


def cellules_figees(form, gel):
    """Return the fields of a row's form that are not the row's own, and that `gel` freezes (the targets of a year)."""
    return frozenset(getattr(form, "champs_figes", lambda _: ())(gel))


def tout_est_fige(saisie):
    """Tell whether nothing of the part may be written now."""
    formset = saisie.lignes
    if saisie.grille is not None:
        return False
    if formset is not None and formset.extra:
        return False
    forms_ = [*([saisie.form] if saisie.form else []), *(formset.forms if formset is not None else [])]
    return all(c.disabled for f in forms_ for n, c in f.fields.items() if n != "id" and not c.widget.is_hidden)
