"""The strategic axes of a convention, their objectives, and what was done under each."""

from django.db import models

from ctg.compteurs import ecriture
from ctg.historique import PLAN, Historise, HistoriseQuerySet
from ctg.rangs import ranger
from ctg.texte import TexteRiche

from .convention import Convention
from .numeros import ecrire_numero, lire_numero


class AxeQuerySet(HistoriseQuerySet):
    def completes(self):
        return self.select_related("convention__territoire", "convention__porteur")

    def get_by_natural_key(self, territoire, cle, ordre):
        return self.get(convention__territoire__slug=territoire, convention__cle=cle, ordre=ordre)


class Axe(Historise):
    """A strategic axis, numbered 1, 2, 3 ... by its rank until the convention is in signature, for good from then on."""

    proprietaire = "convention"
    droit_de_lecture = "plan.lire"
    gele_avec = PLAN

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="axes")
    ordre = models.PositiveSmallIntegerField("rang")
    numero = models.PositiveSmallIntegerField("numéro", null=True, blank=True, editable=False)
    titre = models.CharField("intitulé", max_length=200)
    presentation = TexteRiche("présentation")

    objects = AxeQuerySet.as_manager()

    class Meta:
        verbose_name = "axe stratégique"
        verbose_name_plural = "axes stratégiques"
        ordering = ["ordre"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "ordre"],
                name="axe_unique_par_rang",
                violation_error_message="Un autre axe porte déjà ce rang.",
            ),
            models.UniqueConstraint(
                fields=["convention", "numero"],
                name="axe_unique_par_numero",
                violation_error_message="Un autre axe porte déjà ce numéro.",
            ),
        ]

    def __str__(self):
        return f"Axe {self.numero_affiche} : {self.titre}"

    def natural_key(self):
        return (*self.convention.natural_key(), self.ordre)

    natural_key.dependencies = ["actions.convention"]

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        if suppression and self.numero:
            return f"L’axe {self.numero} porte un numéro signé : il ne se supprime pas."
        return super().refus_d_ecrire(gel, champs, suppression)

    def pourquoi_garder(self):
        """Return why the axe may not be deleted, or ""."""
        if self.actions.exists():
            return f"« {self} » porte des fiches, archivées comprises : déplacez-les avant de le supprimer."
        return ""

    @property
    def est_public(self):
        return self.convention.publiee

    @property
    def numero_affiche(self):
        """The number that is shown: the stored one, or the rank while the plan may still be reordered."""
        return self.numero or self.ordre

    def save(self, *args, **kwargs):
        with ecriture():
            self.ouvrir_l_ecriture()
            if self._state.adding and self.numero is None and self.convention.numeros_fixes():
                plus_haut = self.convention.axes.aggregate(haut=models.Max("numero"))["haut"] or 0
                self.numero = plus_haut + 1
            super().save(*args, **kwargs)

    def prochain_rang(self):
        """Return the rank after the last one; asked under the lock of the convention."""
        return (self.actions.aggregate(haut=models.Max("ordre"))["haut"] or 0) + 1

    def prochain_numero(self):
        """Return the next number of a fiche of this axe: one that no fiche of the convention bears or has borne."""
        motif = self.convention.numerotation
        portes = self.convention.fiches.exclude(numero=None).values_list("numero", flat=True)
        plus_haut = max((lire_numero(motif, self.numero_affiche, numero) for numero in portes), default=0)
        return ecrire_numero(motif, self.numero_affiche, plus_haut + 1)

    def renumeroter(self):
        """Give its active fiches the ranks 1, 2, 3 ... in their present order, without holes."""
        ranger(self.actions.actives().order_by("ordre", "pk"))


class Objectif(Historise):
    """An objective between an axe and its fiches, for the conventions that have some."""

    proprietaire = "axe__convention"
    droit_de_lecture = "plan.lire"
    gele_avec = PLAN

    axe = models.ForeignKey(Axe, models.PROTECT, related_name="objectifs")
    ordre = models.PositiveSmallIntegerField("rang", default=1)
    titre = models.CharField("objectif", max_length=250)

    class Meta:
        verbose_name = "objectif"
        ordering = ["axe__ordre", "ordre"]
        constraints = [
            models.UniqueConstraint(
                fields=["axe", "ordre"],
                name="objectif_unique_par_rang",
                violation_error_message="Un autre objectif de cet axe porte déjà ce rang.",
            )
        ]

    def __str__(self):
        return self.titre
