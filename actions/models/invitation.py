"""The signed link by which a person is given an account, or one more function, for a partner."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from ctg.adresses import adresse
from ctg.liens import LienSigne

from .territoire import Fonction, Partenaire, Territoire


class Invitation(LienSigne):
    """One address, one function for one partner, fourteen days, used once; `territoire` is where it was sent from."""

    SEL = "actions.invitation"
    DUREE = timedelta(days=14)
    # As who works for a common body, who is invited there is read by the administrators alone.
    proprietaire = "partenaire__territoire"
    droit_de_lecture = "territoire.lire"
    etats = LienSigne.etats | {"acceptee_le"}

    territoire = models.ForeignKey(Territoire, models.PROTECT, related_name="+", editable=False)
    partenaire = models.ForeignKey(
        Partenaire, models.PROTECT, related_name="invitations", verbose_name="partenaire", editable=False
    )
    nature = models.CharField("fonction", max_length=12, choices=Fonction.Nature, default=Fonction.Nature.AGENT)
    destinataire = models.EmailField("adresse électronique")
    par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    acceptee_le = models.DateField("acceptée le", null=True, editable=False)

    class Meta(LienSigne.Meta):
        verbose_name = "invitation"

    def __str__(self):
        return f"{self.destinataire}, {self.get_nature_display().lower()} ({self.partenaire.nom_court})"

    def get_absolute_url(self):
        return adresse("invitation", self.jeton, de=self.territoire)

    def clean(self):
        deja = Fonction.objects.en_cours().filter(
            partenaire=self.partenaire, nature=self.nature, compte__email__iexact=self.destinataire
        )
        if deja.exists():
            raise ValidationError({"destinataire": "Cette personne exerce déjà cette fonction pour ce partenaire."})
        pareilles = self.partenaire.invitations.ouverts().filter(
            nature=self.nature, destinataire__iexact=self.destinataire
        )
        if pareilles.exclude(pk=self.pk).exists():
            raise ValidationError(
                {"destinataire": "Une invitation attend déjà cette personne : retirez-la pour en envoyer une autre."}
            )

    def accepter(self, compte):
        """Give the function to an account, and close the link: it serves once. Raises `ValidationError`."""
        with transaction.atomic():
            self.verrouiller()
            if not self.est_ouvert:
                raise ValidationError("Cette invitation a déjà servi, ou n’est plus valable : demandez-en une autre.")
            if not compte.is_active:
                raise ValidationError("Ce compte est fermé : un administrateur de l’installation peut le rouvrir.")
            if compte.email.lower() != self.destinataire.lower():
                raise ValidationError("Cette invitation a été envoyée à une autre adresse.")
            fonction = Fonction(
                compte=compte, partenaire=self.partenaire, nature=self.nature, debut=timezone.localdate()
            )
            fonction.full_clean()
            fonction.save()
            self.acceptee_le = self.retire_le = timezone.localdate()
            self.ecrire_l_etat("acceptee_le", "retire_le")
        return fonction
