"""The governance: who decides, when they met, what they voted."""

from django.apps import AppConfig


class PilotageConfig(AppConfig):
    name = "pilotage"
    verbose_name = "Pilotage"

    def ready(self):
        from actions.places import offrir
        from ctg.compteurs import A_L_ECOUTE
        from pilotage import avance, fragments

        A_L_ECOUTE.append(avance.entendre)
        offrir("fiche", fragments.decisions_des_fiches)
        offrir("gestion", fragments.instances_du_territoire)
