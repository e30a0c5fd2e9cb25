"""The governance as a second way to edit: bodies and meetings; acts are read there, and kept on their own pages."""

from django.contrib import admin

from actions.admin import PlanAdmin, lignes
from pilotage import models


@admin.register(models.Instance)
class InstanceAdmin(PlanAdmin):
    list_display = ["nom", "nature", "partenaire"]
    list_select_related = ["partenaire"]
    filter_horizontal = ["axes", "fiches"]
    inlines = [lignes(models.Mandat)]


@admin.register(models.Reunion)
class ReunionAdmin(PlanAdmin):
    """A council's meetings belong to its secretary: here they are read."""

    list_display = ["date", "objet", "organisatrice"]
    list_display_links = ["objet"]
    list_select_related = ["organisatrice"]
    inlines = [lignes(models.Point), lignes(models.Decision)]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.est_seance)

    has_delete_permission = has_change_permission


@admin.register(models.Deliberation)
class DeliberationAdmin(PlanAdmin):
    """Read only: a council's acts belong to its secretary (ctg/droits.py), and a proclaimed one to nobody."""

    list_display = ["numero", "objet", "statut"]
    list_display_links = ["objet"]

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    has_delete_permission = has_change_permission
