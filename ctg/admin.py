"""The administration: for the administrators of the installation, who see everything; what is frozen is read there."""

from allauth.socialaccount.admin import SocialAccount, SocialApp, SocialToken
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import URLField
from django.http import HttpResponseRedirect
from django.utils import timezone
from js_asset import Media
from simple_history.admin import SimpleHistoryAdmin

from ctg.comptes import entrer_dans_l_administration
from ctg.courriels import renvoyer
from ctg.historique import Fige
from ctg.models import Courriel, Scelle, User
from ctg.saisie import phrase_de
from ctg.templatetags.editeur import NOTRE_SCRIPT

admin.site.site_header = admin.site.site_title = "Administration de la CTG"
admin.site.index_title = "Toute l’installation"
admin.site.has_permission = lambda request: request.user.is_active and request.user.is_superuser
admin.site.login = entrer_dans_l_administration
admin.site.unregister(Group)
admin.site.empty_value_display = "–"
# Django's words agree with nothing: « Supprimer les conventions sélectionnés ».
delete_selected.short_description = "Supprimer la sélection"
# The environment alone names the server that may say who comes in, and nothing of it is kept.
admin.site.unregister([SocialAccount, SocialApp, SocialToken])


class Administration(SimpleHistoryAdmin):
    """One row of the installation: an administrator changes what may still be changed, and reads the rest.

    `FIGES` are the fields that are never edited here: they follow from methods (states, ranks, numbers).
    """

    list_per_page = 50
    # Django 6.0 assumes it by itself.
    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_add_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser and not (obj and self._fige(obj))

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser and not (obj and (self._fige(obj) or obj.gele_avec in obj.gel()))

    @staticmethod
    def _fige(objet):
        return objet.est_fige or bool(objet.peut_etre_modifie())

    def get_readonly_fields(self, request, obj=None):
        figes = obj.champs_figes(obj.gel()) if obj else ()
        return [*super().get_readonly_fields(request, obj), *sorted(n for n in figes if self._editable(n))]

    def _editable(self, nom):
        champ = self.model._meta.get_field(nom)
        return champ.editable and not champ.primary_key

    def render_change_form(self, request, context, *args, **kwargs):
        """Give the rich-text editor's import map the nonce that our CSP asks."""
        context["media"] = Media.from_media(context["media"] + NOTRE_SCRIPT, nonce=str(request.csp_nonce))
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Say what only the save could know (a state that has moved, a number just taken) in its own French sentence."""
        try:
            with transaction.atomic():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except (IntegrityError, Fige) as erreur:
            phrases = (
                erreur.messages if isinstance(erreur, ValidationError) else phrase_de(erreur, [self.model]).messages
            )
            for phrase in phrases:
                messages.error(request, phrase)
            return HttpResponseRedirect(request.get_full_path())

    def get_deleted_objects(self, objs, request):
        """Name, among what may not be deleted, the rows that a rule of theirs keeps: nothing is then offered."""
        lignes, comptes, droits, proteges = super().get_deleted_objects(objs, request)
        refus = [phrase for o in objs if (phrase := o.refus_d_ecrire(o.gel(), suppression=True))]
        return lignes, comptes, droits, [*proteges, *refus]


class Ligne(admin.StackedInline):
    """Stacked, since the cells of a tabular inline have no label (RGAA 11.1); frozen with what they belong to."""

    extra = 0

    def _gelee(self, obj):
        return obj is not None and self.model.gele_avec in obj.gel()

    def has_view_permission(self, request, obj=None):
        return True

    def has_change_permission(self, request, obj=None):
        return not (self._gelee(obj) and not self.model.suivi)

    def has_add_permission(self, request, obj=None):
        return not self._gelee(obj)

    has_delete_permission = has_add_permission

    def get_readonly_fields(self, request, obj=None):
        if not self._gelee(obj):
            return super().get_readonly_fields(request, obj)
        return [c.name for c in self.model._meta.fields if c.editable and c.name not in self.model.suivi | {"id"}]


def rangees(modele, exclure=(), **attributs):
    """Return the inline of a model: rows edited under their parent."""
    return type(f"{modele.__name__}Lignes", (Ligne,), {"model": modele, "exclude": exclure, **attributs})


@admin.register(User)
class CompteAdmin(UserAdmin):
    """Accounts are opened here; they are closed, never deleted: histories name them."""

    ordering = ["email"]
    list_display = ["email", "first_name", "last_name", "is_active", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_superuser"]
    search_fields = ["email", "last_name"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Personne", {"fields": ["first_name", "last_name"]}),
        ("Accès", {"fields": ["is_active", "is_superuser"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "first_name", "last_name", "password1", "password2"]})]
    actions = ["fermer"]

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.is_staff = obj.is_superuser
        super().save_model(request, obj, form, change)

    @admin.action(description="Fermer les comptes choisis")
    def fermer(self, request, queryset):
        fermes = queryset.exclude(pk=request.user.pk).update(is_active=False)
        self.message_user(request, f"{fermes} compte(s) fermé(s) le {timezone.localdate():%d/%m/%Y}.")


class EnLecture(admin.ModelAdmin):
    """What the application writes alone: read here, and nothing else."""

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(Scelle)
class ScelleAdmin(EnLecture):
    list_display = ["nom", "nature", "taille", "scelle_le", "sha256"]
    search_fields = ["sha256", "nom"]


@admin.register(Courriel)
class CourrielAdmin(EnLecture):
    """What waits, what was refused, what nobody knows the end of; the text itself may open something and is not shown."""

    list_display = ["depose_le", "sujet", "a", "statut", "essais", "reponse"]
    list_filter = ["statut"]
    search_fields = ["sujet", "destinataires"]
    fields = [*list_display, "pas_avant", "fini_le"]
    readonly_fields = fields
    actions = ["envoyer_a_nouveau"]

    @admin.display(description="à")
    def a(self, courriel):
        return ", ".join(courriel.destinataires)

    @admin.action(description="Envoyer à nouveau les courriels choisis")
    def envoyer_a_nouveau(self, request, queryset):
        repris = sum(renvoyer(courriel) for courriel in queryset)
        laisses = queryset.count() - repris
        phrase = f"Remis en file : {repris}."
        if laisses:
            phrase += f" Laissés tels quels : {laisses} (ni refusés, ni d’issue inconnue)."
        self.message_user(request, phrase)
