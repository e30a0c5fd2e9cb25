"""Reference tables, and a second way to edit the plan."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from import_export.admin import ImportExportModelAdmin
from simple_history.admin import SimpleHistoryAdmin

from actions import models
from actions.resources import ActionResource, Classeur, IndicateurResource


class PlanAdmin(SimpleHistoryAdmin):
    """Ask ctg/droits.py, as the pages do: only who keeps the plan of that convention may write."""

    def _peut(self, request, objet=None):
        convention = models.Convention.objects.courante()
        if convention is None or isinstance(objet, models.Territoire | models.Partenaire) or not hasattr(objet, "pk"):
            objet = convention
        return request.user.is_staff and (request.user.is_superuser or request.user.has_perm("plan.modifier", objet))

    def has_module_permission(self, request):
        return self._peut(request)

    def has_view_permission(self, request, obj=None):
        return self._peut(request, obj)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request, obj=None):
        return self._peut(request, obj)


class Ligne(admin.TabularInline):
    extra = 0

    def has_view_permission(self, request, obj=None):
        return True

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


def lignes(modele):
    """Return the inline of a model: rows edited under their parent."""
    return type(f"{modele.__name__}Lignes", (Ligne,), {"model": modele})


@admin.register(models.Territoire, models.Mission, models.Thematique, models.BilanAxe, models.Service)
class ReferenceAdmin(PlanAdmin):
    def has_view_permission(self, request, obj=None):
        return self._peut(request)

    has_change_permission = has_delete_permission = has_view_permission


@admin.register(models.Partenaire)
class PartenaireAdmin(PlanAdmin):
    list_display = ["nom", "sigle", "nature"]
    list_filter = ["nature"]
    search_fields = ["nom", "sigle"]


@admin.register(models.Convention)
class ConventionAdmin(PlanAdmin):
    inlines = [lignes(models.Partie), lignes(models.Article)]


@admin.register(models.Axe)
class AxeAdmin(PlanAdmin):
    list_display = ["ordre", "titre", "convention"]


class FeuilleAdmin(ImportExportModelAdmin, PlanAdmin):
    formats = [Classeur]
    import_formats = [Classeur]
    export_formats = [Classeur]

    def add_data_read_fail_error_to_form(self, form, e):
        """Say what is wrong with the file in our words where we have them."""
        if isinstance(e, ValidationError):
            form.add_error("import_file", e)
        else:
            super().add_data_read_fail_error_to_form(form, e)

    def has_import_permission(self, request):
        return self._peut(request)

    has_export_permission = has_import_permission


@admin.register(models.Action)
class ActionAdmin(FeuilleAdmin):
    resource_classes = [ActionResource]
    list_display = ["numero", "titre", "pilote", "statut", "avancement"]
    list_select_related = ["axe", "pilote"]
    list_filter = ["axe", "statut"]
    search_fields = ["titre"]
    inlines = [lignes(models.Participation), lignes(models.Jalon), lignes(models.Financement)]


@admin.register(models.Indicateur)
class IndicateurAdmin(FeuilleAdmin):
    resource_classes = [IndicateurResource]
    list_display = ["libelle", "action", "unite"]
    list_select_related = ["action__axe"]
    inlines = [lignes(models.Cible), lignes(models.Mesure)]
