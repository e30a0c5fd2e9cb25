"""What is addressed: what is common to the installation first, then a territory, then one of its conventions."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

from ctg import aide, erreurs, sante

urlpatterns = [
    # The words of the rich-text editor, in French.
    path("jsi18n/", JavaScriptCatalog.as_view(packages=["django_prose_editor"]), name="jsi18n"),
    path("comptes/", include("allauth.account.urls")),
    path("comptes/second-facteur/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("robots.txt", sante.robots, name="robots"),
    path("sante/", sante.sante, name="sante"),
    path("aide/", aide.sommaire, name="aide"),
    path("aide/<slug:page>/", aide.page, name="aide_page"),
    path("", include("pilotage.urls")),
    path("", include("actions.urls")),
]
handler404 = erreurs.erreur_404
handler500 = erreurs.erreur_500
