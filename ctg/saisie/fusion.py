"""The merge: what was typed, what was shown to who typed it, and what the database now holds."""

import copy

from ctg.saisie.conflits import Conflit, derniere_ecriture, derniere_suppression
from ctg.saisie.valeurs import cellules, ecrire, en_mots, marque, nettoyer, normale, recopier

LIGNES = "lignes"


class Fusion:
    """The half of a `Saisie` that decides, field by field and cell by cell, whose value stays."""

    def _fusionner(self, frais, parts, montre):
        """Return the posted data in which what was not touched here is what the database now holds (`parts`)."""
        donnees = self.donnees.copy()
        presentes = self._montre
        typees = self._former(copy.copy(frais), self.donnees)
        for nom_de_part in ("form", "grille"):
            if form := typees.get(nom_de_part):
                nettoyer(form)
                for nom in form.fields:
                    self._fusionner_une(donnees, form, nom, f"{nom_de_part}.{nom}", montre, presentes, frais)
        if LIGNES in typees and typees[LIGNES].management_form.is_valid():  # else it is refused as it came
            actuelles = {f.instance.pk: f for f in parts[LIGNES].initial_forms}
            self._fusionner_les_lignes(donnees, typees[LIGNES], actuelles, montre, frais)
        return donnees

    def _fusionner_une(self, donnees, form, nom, cle, montre, presentes, frais, ligne=""):
        """Decide for one field or cell, under its name in the form that was posted."""
        if cle not in presentes:
            return
        champ, presente = presentes[cle]
        html, ici = form.add_prefix(nom), form.cleaned_data.get(nom)
        if html not in self.donnees and nom in self._figes(form):
            ecrire(donnees, html, champ, presente)  # shown disabled: a browser does not send it
            return
        mienne = marque(normale(champ, ici)) if nom in form.cleaned_data else "?"
        leur = marque(normale(champ, presente))
        if mienne == leur or leur == montre.get(cle):
            return
        if mienne == montre.get(cle):
            ecrire(donnees, html, champ, presente)
            return
        moi = en_mots(champ, ici) if nom in form.cleaned_data else str(form[nom].value())
        objet = getattr(form, "instance", None) if ligne else frais
        quoi = f"{ligne}, {champ.label}" if ligne else champ.label
        self.conflits.append(Conflit(str(quoi), moi, en_mots(champ, presente), *derniere_ecriture(objet or frais)))

    def _fusionner_les_lignes(self, donnees, formset, actuelles, montre, frais):
        """Write the rows anew: those of the database in their order, with what was typed, then the new ones."""
        ici, presentes = self._lignes_typees(donnees, formset, actuelles), self._montre
        neuves = [form for pk, form in ici if pk is None and not donnees.get(f"{form.prefix}-DELETE")]
        posees = {pk: form for pk, form in ici if pk is not None}
        for pk in posees.keys() - actuelles.keys():
            if self._touchee(posees[pk], formset, pk, montre):
                neuves.append(posees[pk])
                self.conflits.append(
                    Conflit(
                        "Une ligne que vous avez modifiée",
                        "modifiée : elle sera ajoutée à nouveau si vous enregistrez",
                        "supprimée",
                        *derniere_suppression(formset.model, pk),
                    )
                )
        suite = donnees.copy()
        for nom in [n for n in suite if n.startswith(f"{LIGNES}-")]:
            del suite[nom]
        for rang, (pk, actuelle) in enumerate(actuelles.items()):
            prefixe = f"{LIGNES}-{rang}"
            suite[f"{prefixe}-id"] = str(pk)
            if pk not in posees:  # added meanwhile by somebody else
                for nom, champ in cellules(actuelle, formset):
                    ecrire(suite, f"{prefixe}-{nom}", champ, actuelle.get_initial_for_field(champ, nom))
                continue
            self._reprendre_la_ligne(donnees, suite, prefixe, posees[pk], formset, pk, montre, presentes, frais)
        for rang, form in enumerate(neuves, start=len(actuelles)):
            for nom, _ in cellules(form, formset):
                recopier(donnees, form.add_prefix(nom), suite, f"{LIGNES}-{rang}-{nom}")
        total = len(actuelles) + len(neuves)
        if formset.extra:  # a refused page offers a blank row again: without JavaScript there is no other way to one
            for nom, champ in cellules(formset.empty_form, formset):
                vierge = formset.empty_form.get_initial_for_field(champ, nom)
                ecrire(suite, f"{LIGNES}-{total}-{nom}", champ, vierge)
            total += 1
        suite[f"{LIGNES}-INITIAL_FORMS"] = str(len(actuelles))
        suite[f"{LIGNES}-TOTAL_FORMS"] = str(total)
        for nom in [n for n in donnees if n.startswith(f"{LIGNES}-")]:
            del donnees[nom]
        for nom in suite:
            if nom.startswith(f"{LIGNES}-"):
                donnees.setlist(nom, suite.getlist(nom))

    def _reprendre_la_ligne(self, donnees, suite, prefixe, form, formset, pk, montre, presentes, frais):
        """Merge the cells of a row that both sides know, under its new place; or the wish to delete it."""
        effacee = donnees.get(f"{form.prefix}-DELETE")
        if effacee:
            bougees = [
                cle
                for cle, (champ, valeur) in presentes.items()
                if cle.startswith(f"{pk}.") and marque(normale(champ, valeur)) != montre.get(cle)
            ]
            if bougees:
                quoi = str(form.instance) if form.instance.pk else "Une ligne"
                self.conflits.append(Conflit(quoi, "supprimée", "modifiée", *derniere_ecriture(form.instance)))
            suite[f"{prefixe}-DELETE"] = "on"
        for nom, _ in cellules(form, formset):
            # A row to be deleted too: who changes their mind finds there what others have saved meanwhile.
            self._fusionner_une(donnees, form, nom, f"{pk}.{nom}", montre, presentes, frais, ligne=str(form.instance))
            recopier(donnees, form.add_prefix(nom), suite, f"{prefixe}-{nom}")

    def _lignes_typees(self, donnees, formset, actuelles):
        """Return [(key or None, form with its fields read)] of the rows that were posted; blank new ones are left out."""
        gestion = formset.management_form
        if not gestion.is_valid():
            return []
        objets = {pk: form.instance for pk, form in actuelles.items()}
        resultat = []
        for rang in range(min(gestion.cleaned_data["TOTAL_FORMS"], formset.absolute_max)):
            prefixe = f"{LIGNES}-{rang}"
            brute = donnees.get(f"{prefixe}-id", "")
            pk = int(brute) if brute.isdecimal() and len(brute) < 19 else None
            instance = copy.copy(objets[pk]) if pk in objets else formset.model()
            form = formset.form(self.donnees, prefix=prefixe, instance=instance, empty_permitted=True,
                                use_required_attribute=False, **formset.form_kwargs)  # fmt: skip
            nettoyer(form)
            if pk is not None or form.has_changed():
                resultat.append((pk, form))
        return resultat

    def _touchee(self, form, formset, pk, montre):
        """Tell whether a posted row is no longer what was shown."""
        for nom, champ in cellules(form, formset):
            attendue = montre.get(f"{pk}.{nom}")
            if nom not in form.cleaned_data or marque(normale(champ, form.cleaned_data[nom])) != attendue:
                return attendue is not None
        return False
