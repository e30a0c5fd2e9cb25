"""The user account: the only domain model of the shell."""

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models


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
    """A person who signs in, on behalf of a partner; the rights follow from that partner (ctg/droits.py)."""

    class Fonction(models.TextChoices):
        AGENT = "agent", "Agent ou technicien"
        ELU = "elu", "Élu"
        SECRETAIRE = "secretaire", "Secrétariat d’assemblée"

    username = None
    email = models.EmailField("adresse électronique", unique=True)
    partenaire = models.ForeignKey(
        "actions.Partenaire", models.PROTECT, null=True, blank=True, related_name="comptes", verbose_name="partenaire"
    )
    fonction = models.CharField("fonction", max_length=12, choices=Fonction, default=Fonction.AGENT)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()

    class Meta:
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        ordering = ["email"]

    def __str__(self):
        return self.get_full_name() or self.email
