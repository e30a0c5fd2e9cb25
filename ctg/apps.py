"""The shell, as an app: it carries the account and the few services that both rooms use."""

from django.apps import AppConfig


class CtgConfig(AppConfig):
    name = "ctg"
    verbose_name = "Comptes et magasin scellé"

    def ready(self):
        from ctg import droits, verifications  # noqa: F401 - registers the permissions, the checks
