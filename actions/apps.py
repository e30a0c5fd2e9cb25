"""The plan: what is to be done, by whom, how far it is."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "Plan d’actions"
