"""The governance: the convention and its papers, bodies and meetings, acts."""

from django.urls import path

from pilotage.views import convention, deliberation, instance, pilotage, registre, reunion

urlpatterns = [
    path("convention/", convention.convention, name="convention"),
    path("convention/modifier/<slug:partie>/", convention.modifier, name="convention_modifier"),
    path("convention/apercu/", convention.apercu, name="convention_apercu"),
    path("convention/convention.pdf", convention.pdf, name="convention_pdf"),
    path("pilotage/", pilotage.pilotage, name="pilotage"),
    path("pilotage/calendrier/<int:annee>/", pilotage.calendrier, name="calendrier"),
    path("pilotage/instances/nouvelle/", instance.creer, name="instance_creer"),
    path("pilotage/instances/<int:pk>/", instance.instance, name="instance"),
    path("pilotage/instances/<int:pk>/modifier/", instance.modifier, name="instance_modifier"),
    path("pilotage/instances/<int:pk>/agenda/<str:jeton>.ics", pilotage.agenda, name="agenda"),
    path("pilotage/instances/<int:pk>/reunions/nouvelle/", instance.creer_reunion, name="reunion_creer"),
    path("pilotage/instances/<int:pk>/registre-<int:annee>.pdf", registre.registre, name="registre"),
    path("pilotage/reunions/<int:pk>/", reunion.reunion, name="reunion"),
    path("pilotage/reunions/<int:pk>/modifier/<slug:partie>/", reunion.modifier, name="reunion_modifier"),
    path("pilotage/reunions/<int:pk>/ordre-du-jour/", reunion.ordre_du_jour, name="ordre_du_jour"),
    path("pilotage/reunions/<int:pk>/deliberations/nouvelle/", reunion.creer_acte, name="deliberation_creer"),
    path("pilotage/reunions/<int:pk>/<slug:cle>.pdf", reunion.papier, name="papier"),
    path("pilotage/decisions/<int:pk>/faite/", pilotage.decision_faite, name="decision_faite"),
    path("deliberations/", deliberation.deliberations, name="deliberations"),
    path("deliberations/<int:pk>/", deliberation.deliberation, name="deliberation"),
    path("deliberations/<int:pk>/modifier/<slug:partie>/", deliberation.modifier, name="deliberation_modifier"),
    path("deliberations/<int:pk>/proclamer/", deliberation.proclamer, name="deliberation_proclamer"),
    path("deliberations/<int:pk>/supprimer/", deliberation.supprimer, name="deliberation_supprimer"),
    path("deliberations/<int:pk>/dates/", deliberation.dater, name="deliberation_dater"),
    path("deliberations/<int:pk>/retirer/", deliberation.retirer, name="deliberation_retirer"),
    path("deliberations/<int:pk>/deliberation.pdf", deliberation.pdf, name="deliberation_pdf"),
    path("deliberations/<int:pk>/dossier.pdf", deliberation.dossier, name="dossier_pdf"),
    path("deliberations/scdl-<int:pk>.csv", registre.scdl, name="scdl"),
]
