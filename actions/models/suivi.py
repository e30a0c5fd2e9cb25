"""What happens to a fiche on its way: dated notes, questions of the CAF, attachments."""

from pathlib import PurePath

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from .action import Action, LigneDeFiche
from .exercice import Exercice


class Note(LigneDeFiche):
    """A dated line under a fiche: a follow-up note by who runs it, or a comment by who reads it."""

    gele_avec = ""

    class Nature(models.TextChoices):
        SUIVI = "suivi", "Note de suivi"
        COMMENTAIRE = "commentaire", "Commentaire"

    action = models.ForeignKey(Action, models.CASCADE, related_name="notes")
    nature = models.CharField("nature", max_length=12, choices=Nature, default=Nature.SUIVI)
    date = models.DateField("date", default=timezone.localdate)
    auteur = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="notes")
    texte = models.TextField("texte", max_length=4000)

    class Meta:
        verbose_name = "note"
        ordering = ["-date", "-pk"]

    def __str__(self):
        return f"{self.get_nature_display()} du {self.date:%d/%m/%Y}"


# What a town hall exchanges, and what puremagic must read in the first bytes of it.
FORMATS = {
    ".pdf": {".pdf"},
    ".png": {".png"},
    ".jpg": {".jpg", ".jpeg", ".jfif"},
    ".jpeg": {".jpg", ".jpeg", ".jfif"},
    ".docx": {".docx", ".zip"},
    ".xlsx": {".xlsx", ".zip"},
    ".odt": {".odt", ".zip"},
    ".ods": {".ods", ".zip"},
}


def valider_fichier(fichier):
    """Refuse a file that is too heavy, of another kind than we take, or not what its name says."""
    maximum = settings.PIECE_JOINTE_TAILLE_MAX
    if fichier.size > maximum:
        raise ValidationError(
            f"Ce fichier pèse {fichier.size / 1024**2:.0f} Mo ; la limite est de {maximum // 1024**2} Mo. "
            "Réduisez-le (par exemple en PDF allégé) ou découpez-le."
        )
    suffixe = PurePath(fichier.name).suffix.lower()
    if suffixe not in FORMATS:
        raise ValidationError(
            "Ce format n’est pas accepté. Joignez un fichier PDF, PNG, JPEG, Word (.docx), Excel (.xlsx), .odt ou .ods."
        )
    fichier.seek(0)
    debut = fichier.read(8192)
    fichier.seek(0)
    try:
        reconnus = {lecture.extension.lower() for lecture in puremagic.magic_string(debut)}
    except puremagic.PureError:
        reconnus = set()
    if not reconnus & FORMATS[suffixe]:
        raise ValidationError(
            f"Le contenu de ce fichier n’est pas celui d’un fichier {suffixe}. "
            "Ouvrez-le dans son logiciel, enregistrez-le dans ce format, puis joignez-le à nouveau."
        )


def valider_pdf(fichier):
    """Refuse what is not a PDF, or weighs too much to be sealed."""
    if not fichier.name.lower().endswith(".pdf"):
        raise ValidationError("Joignez un fichier PDF.")
    valider_fichier(fichier)


class PieceJointe(LigneDeFiche):
    """A file attached to a fiche, served only to those who may read the fiche."""

    gele_avec = ""

    action = models.ForeignKey(Action, models.CASCADE, related_name="pieces")
    titre = models.CharField("titre", max_length=150)
    fichier = models.FileField("fichier", upload_to="pieces/%Y/", max_length=255, validators=[valider_fichier])
    publique = models.BooleanField(
        "publique", default=False, help_text="Téléchargeable depuis la page publique de la fiche."
    )
    ajoutee_le = models.DateTimeField("ajoutée le", auto_now_add=True)

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"
        ordering = ["titre", "pk"]

    def __str__(self):
        return self.titre

    def refus_d_ecrire(self, gel, champs=None, suppression=False):
        if suppression and self.mesures.filter(annee__in=Exercice.closes(self.action.convention_id)).exists():
            return "Cette pièce justifie une mesure d’une année close : elle reste jointe."
        return super().refus_d_ecrire(gel, champs, suppression)


def retirer_le_fichier(sender, instance, **kwargs):
    """Take the file of a removed attachment off the storage, once its removal is committed."""
    fichier = instance.fichier
    transaction.on_commit(lambda: fichier.storage.delete(fichier.name))
