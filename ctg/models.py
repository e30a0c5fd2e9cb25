"""What the shell keeps: accounts, counters, what was sealed. No key leads from here into a room."""

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils.functional import cached_property


class UserManager(BaseUserManager):
    """Accounts are known by their e-mail address."""

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def create_user(self, email, password=None, **champs):
        user = self.model(email=self.normalize_email(email).lower(), **champs)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **champs):
        return self.create_user(email, password, **{**champs, "is_staff": True, "is_superuser": True})


class User(AbstractUser):
    """A person who signs in. What it may do follows from its `fonctions` (actions.Fonction, read by ctg/droits.py).

    An account is closed (`is_active`), never deleted: histories name it.
    """

    username = None
    email = models.EmailField("adresse électronique", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()

    class Meta:
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        ordering = ["email"]

    def __str__(self):
        return self.get_full_name() or self.email

    @cached_property
    def fonctions_en_cours(self):
        """What the person does today and for whom, read once a request."""
        return list(self.fonctions.en_cours().select_related("partenaire"))

    def partenaires(self, *natures):
        """Return the keys of the partners for which the person holds one of these functions (any of them if none)."""
        return {f.partenaire_id for f in self.fonctions_en_cours if not natures or f.nature in natures}


class Compteur(models.Model):
    """How many writes an owner has seen (ctg/compteurs.py)."""

    cle = models.CharField(max_length=60, primary_key=True)
    valeur = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "compteur"

    def __str__(self):
        return f"{self.cle} = {self.valeur}"


class Scelle(models.Model):
    """A file that was sealed: its SHA-256 is its name in the store (ctg/scelles.py)."""

    sha256 = models.CharField("empreinte SHA-256", max_length=64, primary_key=True)
    nom = models.CharField("nom", max_length=200, help_text="Sous lequel il est remis.")
    nature = models.CharField("type", max_length=100, help_text="MIME, par exemple application/pdf.")
    taille = models.PositiveBigIntegerField("taille (octets)")
    scelle_le = models.DateTimeField("scellé le", auto_now_add=True)

    class Meta:
        verbose_name = "fichier scellé"
        verbose_name_plural = "fichiers scellés"
        ordering = ["-scelle_le"]

    def __str__(self):
        return self.nom
