"""The governance in the administration: bodies and meetings; acts and versions are read there, and kept on their pages."""

from django.contrib import admin

from ctg.admin import Administration, rangees
from pilotage import models


@admin.register(models.Instance)
class InstanceAdmin(Administration):
    list_display = ["nom", "nature", "territoire", "collectivite"]
    list_select_related = ["territoire", "collectivite"]
    list_filter = ["nature"]
    search_fields = ["nom"]
    raw_id_fields = ["territoire", "collectivite", "axes", "fiches"]
    inlines = [rangees(models.Mandat, raw_id_fields=["partenaire", "suppleant_de"])]


@admin.register(models.Mandat)
class MandatAdmin(Administration):
    list_display = ["personne", "siege", "role", "debut", "fin"]
    list_select_related = ["siege"]
    search_fields = ["nom", "prenom", "siege__nom"]
    raw_id_fields = ["siege", "partenaire", "suppleant_de"]


@admin.register(models.Reunion)
class ReunionAdmin(Administration):
    """A council's meetings belong to its secretary: here they are read."""

    list_display = ["date", "objet", "organisatrice", "territoire"]
    list_display_links = ["objet"]
    list_select_related = ["organisatrice", "territoire"]
    search_fields = ["objet"]
    raw_id_fields = ["territoire", "convention", "organisatrice"]
    inlines = [
        rangees(models.Point, raw_id_fields=["action"]),
        rangees(models.Decision, raw_id_fields=["action"]),
    ]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.est_seance)

    has_delete_permission = has_change_permission


class LectureAdmin(Administration):
    """Read only: acts belong to the secretary of their council, versions to the parties."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    has_delete_permission = has_change_permission


@admin.register(models.Deliberation)
class DeliberationAdmin(LectureAdmin):
    list_display = ["numero", "objet", "conseil", "statut"]
    list_display_links = ["objet"]
    list_select_related = ["conseil"]
    search_fields = ["numero", "objet"]


@admin.register(models.Version)
class VersionAdmin(LectureAdmin):
    list_display = ["convention", "rang", "figee_le", "abandonnee_le"]
    list_select_related = ["convention__territoire"]
