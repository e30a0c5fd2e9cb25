"""The plan: what is to be done, by whom, how far it is."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "Plan d’actions"

    def ready(self):
        from django.db.models.signals import post_delete

        from actions.models import PieceJointe
        from actions.models.suivi import retirer_le_fichier

        # A cascade calls no method: the signal alone sees every deletion.
        post_delete.connect(retirer_le_fichier, sender=PieceJointe)
