"""The accounts that commands are asked about."""

from django.core.management.base import CommandError

from ctg.models import User


def compte_de(adresse):
    """Return the account of an e-mail address; raise `CommandError` if there is none."""
    try:
        return User.objects.get_by_natural_key(adresse)
    except User.DoesNotExist as erreur:
        raise CommandError(f"Aucun compte n’a l’adresse {adresse}.") from erreur
