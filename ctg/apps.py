"""The shell, as an app: it carries the account and the few services that both apps use."""

from django.apps import AppConfig


class CtgConfig(AppConfig):
    name = "ctg"
    verbose_name = "Comptes"

    def ready(self):
        from ctg import droits  # noqa: F401 - registers the permissions
