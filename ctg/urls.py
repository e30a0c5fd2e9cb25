"""What is addressed, by room: the public plan, the work on the plan, the governance, the accounts."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

urlpatterns = [
    path("", include("pilotage.urls")),
    path("", include("actions.urls")),
    # The words of the rich-text editor, in French.
    path("jsi18n/", JavaScriptCatalog.as_view(packages=["django_prose_editor"]), name="jsi18n"),
    path("comptes/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
