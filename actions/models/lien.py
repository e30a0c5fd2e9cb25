"""The signed link by which a partner without an account fills in the figures of its own fiches."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models

from ctg.adresses import adresse
from ctg.liens import LienSigne

from .action import Action
from .convention import Convention
from .exercice import ANNEE
from .territoire import Partenaire


class LienDeSaisie(LienSigne):
    """One partner, one year of one convention, thirty days: the rows that it fills in, and no others."""

    SEL = "actions.saisie"
    DUREE = timedelta(days=30)
    proprietaire = "convention"
    droit_de_lecture = "plan.modifier"

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="liens_de_saisie")
    partenaire = models.ForeignKey(
        Partenaire, models.PROTECT, related_name="liens_de_saisie", verbose_name="partenaire"
    )
    annee = models.PositiveSmallIntegerField("année", validators=ANNEE)
    destinataire = models.EmailField("adresse électronique")

    class Meta(LienSigne.Meta):
        verbose_name = "lien de saisie"
        verbose_name_plural = "liens de saisie"

    def __str__(self):
        return f"{self.partenaire}, {self.annee}"

    def clean(self):
        if self.partenaire_id and self.partenaire_id not in qui_saisit(self.convention):
            raise ValidationError({"partenaire": "Ce partenaire ne pilote aucune fiche et ne saisit aucun indicateur."})

    def get_absolute_url(self):
        return adresse("saisie_par_lien", self.jeton, de=self.convention)


def qui_saisit(convention):
    """Return the keys of the partners that have figures to fill in: those that lead a fiche or an indicator names."""
    nommes = Partenaire.objects.filter(
        indicateurs_saisis__action__convention=convention, indicateurs_saisis__action__archivee=False
    )
    return {*Action.pilotes_de(convention), *nommes.values_list("pk", flat=True)}
