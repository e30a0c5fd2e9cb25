"""The second way to edit the plan of every territory, sheets included: for administrators (ctg/admin.py)."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from import_export.admin import ImportExportModelAdmin

from actions import models, resources
from actions.resources import Classeur
from ctg.admin import Administration, rangees


@admin.register(models.Mission, models.Thematique)
class ReferenceAdmin(Administration):
    list_display = ["ordre", "nom"]
    list_display_links = ["nom"]


@admin.register(models.Dispositif)
class DispositifAdmin(Administration):
    list_display = ["nom", "financeur", "debut", "fin"]
    search_fields = ["nom"]


@admin.register(models.Territoire)
class TerritoireAdmin(Administration):
    list_display = ["nom", "slug", "departement", "exemple"]
    search_fields = ["nom", "slug"]


@admin.register(models.Fonction)
class FonctionAdmin(Administration):
    list_display = ["compte", "nature", "partenaire", "debut", "fin"]
    list_select_related = ["compte", "partenaire"]
    list_filter = ["nature"]
    search_fields = ["compte__email", "partenaire__nom"]
    raw_id_fields = ["compte", "partenaire"]


@admin.register(models.Convention)
class ConventionAdmin(Administration):
    list_display = ["periode", "territoire", "porteur", "etat", "publiee"]
    list_select_related = ["territoire", "porteur"]
    search_fields = ["territoire__nom", "cle"]
    raw_id_fields = ["territoire", "porteur", "precedente"]
    inlines = [
        rangees(models.Signataire, raw_id_fields=["partenaire"]),
        rangees(models.Article),
        rangees(models.Annexe),
        rangees(models.Service, raw_id_fields=["gestionnaire"]),
    ]

    @admin.display(description="état")
    def etat(self, convention):
        return convention.etat_en_mots


class FeuilleAdmin(ImportExportModelAdmin, Administration):
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
        return request.user.is_superuser

    has_export_permission = has_import_permission


@admin.register(models.Partenaire)
class PartenaireAdmin(FeuilleAdmin):
    resource_classes = [resources.PartenaireResource]
    list_display = ["nom", "sigle", "nature", "territoire"]
    list_select_related = ["territoire"]
    list_filter = ["nature"]
    search_fields = ["nom", "sigle"]
    raw_id_fields = ["territoire"]


@admin.register(models.Axe)
class AxeAdmin(FeuilleAdmin):
    resource_classes = [resources.AxeResource]
    list_display = ["numero_affiche", "titre", "convention"]
    list_display_links = ["titre"]
    list_select_related = ["convention__territoire"]
    search_fields = ["titre", "convention__territoire__nom"]
    raw_id_fields = ["convention"]
    inlines = [rangees(models.Objectif)]


@admin.register(models.Action)
class ActionAdmin(FeuilleAdmin):
    """The axe of a fiche is changed on its page, where its rank and its number follow (`Action.changer_axe`)."""

    resource_classes = [resources.ActionResource]
    list_display = ["numero_affiche", "titre", "convention", "statut", "avancement"]
    list_display_links = ["titre"]
    list_select_related = ["axe", "convention__territoire"]
    list_filter = ["statut"]
    search_fields = ["titre"]
    raw_id_fields = ["axe", "origine"]
    inlines = [
        rangees(models.Participation, raw_id_fields=["partenaire"]),
        rangees(models.Jalon),
        rangees(models.Financement, raw_id_fields=["partenaire", "dispositif"]),
    ]

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(["axe"] if obj else [])]


class LigneAdmin(FeuilleAdmin):
    """The rows of all the fiches, to be filled in a sheet."""

    list_select_related = ["action__axe", "action__convention__territoire"]
    search_fields = ["action__titre"]
    raw_id_fields = ["action"]


@admin.register(models.Participation)
class ParticipationAdmin(LigneAdmin):
    resource_classes = [resources.ParticipationResource]
    list_display = ["action", "partenaire", "nature", "role"]
    list_select_related = [*LigneAdmin.list_select_related, "partenaire"]
    raw_id_fields = ["action", "partenaire"]


@admin.register(models.Jalon)
class JalonAdmin(LigneAdmin):
    resource_classes = [resources.JalonResource]
    list_display = ["action", "libelle", "echeance", "atteint"]


@admin.register(models.Financement)
class FinancementAdmin(LigneAdmin):
    resource_classes = [resources.FinancementResource]
    list_display = ["action", "partenaire", "dispositif", "annee", "prevu", "realise"]
    list_select_related = [*LigneAdmin.list_select_related, "partenaire", "dispositif"]
    list_filter = ["annee"]
    raw_id_fields = ["action", "partenaire", "dispositif"]


@admin.register(models.Indicateur)
class IndicateurAdmin(LigneAdmin):
    resource_classes = [resources.IndicateurResource]
    list_display = ["libelle", "action", "unite"]
    search_fields = ["libelle", "action__titre"]
    inlines = [rangees(models.Cible), rangees(models.Mesure)]


class ValeurAdmin(FeuilleAdmin):
    list_display = ["indicateur", "annee", "valeur"]
    list_select_related = ["indicateur"]
    list_filter = ["annee"]
    raw_id_fields = ["indicateur"]


@admin.register(models.Cible)
class CibleAdmin(ValeurAdmin):
    resource_classes = [resources.CibleResource]


@admin.register(models.Mesure)
class MesureAdmin(ValeurAdmin):
    resource_classes = [resources.MesureResource]
