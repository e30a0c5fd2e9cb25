"""What is addressed, by room: the public plan, the work on the plan, the governance, the accounts."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("pilotage.urls")),
    path("", include("actions.urls")),
    path("comptes/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
