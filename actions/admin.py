"""Reference tables, and a second way to edit the plan."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import URLField
from import_export.admin import ImportExportModelAdmin
from js_asset import Media
from simple_history.admin import SimpleHistoryAdmin

from actions import models, resources
from actions.resources import Classeur
from ctg.templatetags.editeur import NOTRE_SCRIPT


class PlanAdmin(SimpleHistoryAdmin):
    """Ask ctg/droits.py, as the pages do: only who keeps the plan of that convention may write."""

    def _peut(self, request, objet=None):
        convention = models.Convention.objects.courante()
        if convention is None or isinstance(objet, models.Territoire | models.Partenaire) or not hasattr(objet, "pk"):
            objet = convention
        return request.user.is_staff and (request.user.is_superuser or request.user.has_perm("plan.modifier", objet))

    def render_change_form(self, request, context, *args, **kwargs):
        """Give the rich-text editor's import map the nonce that our CSP asks."""
        context["media"] = Media.from_media(context["media"] + NOTRE_SCRIPT, nonce=str(request.csp_nonce))
        return super().render_change_form(request, context, *args, **kwargs)

    def has_module_permission(self, request):
        return self._peut(request)

    def has_view_permission(self, request, obj=None):
        return self._peut(request, obj)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request, obj=None):
        return self._peut(request, obj)


class Ligne(admin.StackedInline):
    """Stacked, since the cells of a tabular inline have no label (RGAA 11.1)."""

    extra = 0

    def has_view_permission(self, request, obj=None):
        return True

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


def lignes(modele):
    """Return the inline of a model: rows edited under their parent, whose right is asked."""
    return type(f"{modele.__name__}Lignes", (Ligne,), {"model": modele})


@admin.register(models.Territoire, models.Mission, models.Thematique, models.BilanAxe, models.Service)
class ReferenceAdmin(PlanAdmin):
    def has_view_permission(self, request, obj=None):
        return self._peut(request)

    has_change_permission = has_delete_permission = has_view_permission


@admin.register(models.Convention)
class ConventionAdmin(PlanAdmin):
    inlines = [lignes(models.Partie), lignes(models.Article)]


class FeuilleAdmin(ImportExportModelAdmin, PlanAdmin):
    """A table that goes out as a sheet and comes back in as one."""

    formats = [Classeur]
    import_formats = [Classeur]
    export_formats = [Classeur]
    # One resource and one format: nothing to choose, the sheet comes at once.
    skip_export_form = True

    def add_data_read_fail_error_to_form(self, form, e):
        """Say what is wrong with the file in our words where we have them."""
        if isinstance(e, ValidationError):
            form.add_error("import_file", e)
        else:
            super().add_data_read_fail_error_to_form(form, e)

    def has_import_permission(self, request):
        return self._peut(request)

    has_export_permission = has_import_permission


@admin.register(models.Partenaire)
class PartenaireAdmin(FeuilleAdmin):
    resource_classes = [resources.PartenaireResource]
    list_display = ["nom", "sigle", "nature"]
    list_filter = ["nature"]
    search_fields = ["nom", "sigle"]
    # Django 6.0 assumes it by itself.
    formfield_overrides = {URLField: {"assume_scheme": "https"}}


@admin.register(models.Axe)
class AxeAdmin(FeuilleAdmin):
    resource_classes = [resources.AxeResource]
    list_display = ["ordre", "titre", "convention"]
    list_display_links = ["titre"]
    list_filter = ["convention"]


@admin.register(models.Action)
class ActionAdmin(FeuilleAdmin):
    resource_classes = [resources.ActionResource]
    list_display = ["numero", "titre", "pilote", "statut", "avancement"]
    list_display_links = ["titre"]
    list_select_related = ["axe", "pilote"]
    list_filter = ["axe", "statut"]
    search_fields = ["titre"]
    inlines = [lignes(models.Participation), lignes(models.Jalon), lignes(models.Financement)]


class LigneAdmin(FeuilleAdmin):
    """The rows of all the fiches, to be filled in a sheet."""

    list_select_related = ["action__axe"]
    search_fields = ["action__titre"]


@admin.register(models.Participation)
class ParticipationAdmin(LigneAdmin):
    resource_classes = [resources.ParticipationResource]
    list_display = ["action", "partenaire", "role"]
    list_select_related = ["action__axe", "partenaire"]


@admin.register(models.Jalon)
class JalonAdmin(LigneAdmin):
    resource_classes = [resources.JalonResource]
    list_display = ["action", "libelle", "echeance", "atteint"]


@admin.register(models.Financement)
class FinancementAdmin(LigneAdmin):
    resource_classes = [resources.FinancementResource]
    list_display = ["action", "partenaire", "annee", "prevu", "realise"]
    list_select_related = ["action__axe", "partenaire"]
    list_filter = ["annee", "partenaire"]


@admin.register(models.Indicateur)
class IndicateurAdmin(LigneAdmin):
    resource_classes = [resources.IndicateurResource]
    list_display = ["libelle", "action", "unite"]
    inlines = [lignes(models.Cible), lignes(models.Mesure)]


class ValeurAdmin(FeuilleAdmin):
    list_display = ["indicateur", "annee", "valeur"]
    list_select_related = ["indicateur"]
    list_filter = ["annee"]


@admin.register(models.Cible)
class CibleAdmin(ValeurAdmin):
    resource_classes = [resources.CibleResource]


@admin.register(models.Mesure)
class MesureAdmin(ValeurAdmin):
    resource_classes = [resources.MesureResource]
