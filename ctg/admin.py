"""Accounts are opened here, by an administrator."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from ctg.models import User

admin.site.site_header = admin.site.site_title = "Administration de la CTG"
admin.site.index_title = "Tables de référence et plan d’actions"


@admin.register(User)
class CompteAdmin(UserAdmin):
    ordering = ["email"]
    list_display = ["email", "first_name", "last_name", "partenaire", "fonction", "is_staff"]
    list_select_related = ["partenaire"]
    search_fields = ["email", "last_name"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Personne", {"fields": ["first_name", "last_name", "partenaire", "fonction"]}),
        ("Accès", {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "partenaire", "fonction", "password1", "password2"]})]
