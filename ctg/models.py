"""What the shell keeps: accounts, counters, what was sealed. No key leads from here into a room."""

from functools import partial

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models, transaction
from django.utils.functional import cached_property

from ctg.compteurs import compter


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

    def save(self, *args, **kwargs):
        nouveau, champs = self._state.adding, kwargs.get("update_fields")
        super().save(*args, **kwargs)
        if not nouveau and (champs is None or {"first_name", "last_name", "email"} & set(champs)):
            # What it wrote is signed with its name, on pages that are kept.
            transaction.on_commit(partial(compter, None))
        if self.email and (champs is None or "email" in champs):
            self._tenir_son_adresse()

    def _tenir_son_adresse(self):
        """Keep, for allauth, the address that was given with the account: another replaces it once it has answered."""
        from allauth.account.models import EmailAddress  # an application is not loaded while its models are

        adresse = {"email": self.email.lower(), "verified": True}
        EmailAddress.objects.filter(user=self, email=adresse["email"], primary=False).delete()
        EmailAddress.objects.update_or_create(user=self, primary=True, defaults=adresse)

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
    identifiant = models.CharField(
        "identifiant",
        max_length=16,
        unique=True,
        null=True,
        blank=True,
        help_text="Tiré avant la mise en page, imprimé sur le papier : son adresse de vérification.",
    )

    # What was signed, voted or received as such; a logo or a file annexed is only kept here, and proves nothing by itself.
    fait_foi = models.BooleanField("fait foi", default=True)

    class Meta:
        verbose_name = "fichier scellé"
        verbose_name_plural = "fichiers scellés"
        ordering = ["-scelle_le"]

    def __str__(self):
        return self.nom


class Courriel(models.Model):
    """An e-mail in the queue, or what became of it (ctg/courriels.py). Its text is forgotten once it is sent."""

    class Statut(models.TextChoices):
        EN_FILE = "en_file", "En file"
        EN_COURS = "en_cours", "En cours d’envoi"
        ENVOYE = "envoye", "Envoyé"
        REFUSE = "refuse", "Refusé"
        INCONNU = "inconnu", "Issue inconnue"

    expediteur = models.CharField("de", max_length=254)
    destinataires = models.JSONField("à")
    sujet = models.CharField("sujet", max_length=250)
    texte = models.TextField("texte", blank=True)
    html = models.TextField("texte mis en forme", blank=True)
    entetes = models.JSONField("en-têtes", default=dict, blank=True)
    statut = models.CharField("statut", max_length=10, choices=Statut, default=Statut.EN_FILE)
    essais = models.PositiveSmallIntegerField("essais", default=0)
    depose_le = models.DateTimeField("déposé le", auto_now_add=True)
    pas_avant = models.DateTimeField("pas avant", auto_now_add=True)
    pris_le = models.DateTimeField("pris le", null=True, blank=True)
    fini_le = models.DateTimeField("fini le", null=True, blank=True)
    reponse = models.CharField("réponse du serveur", max_length=500, blank=True)

    class Meta:
        verbose_name = "courriel"
        ordering = ["-depose_le"]
        indexes = [models.Index(fields=["statut", "pas_avant"], name="courriel_a_envoyer")]

    def __str__(self):
        return f"{self.sujet} ({', '.join(self.destinataires)})"
