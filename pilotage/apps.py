"""The governance: who decides, when they met, what they voted."""

from django.apps import AppConfig


class PilotageConfig(AppConfig):
    name = "pilotage"
    verbose_name = "Pilotage"

    def ready(self):
        from actions.places import offrir
        from pilotage import fragments

        offrir("fiche", fragments.decisions_des_fiches)
        offrir("suite", fragments.suites_des_fiches)
        offrir("gestion", fragments.instances_du_territoire)
        offrir("convention_publique", fragments.bilans_d_une_convention)
        offrir("axe_public", fragments.bilans_d_un_axe)
        offrir("lien_de_saisie", fragments.pages_d_un_lien)
