"""The governance: the convention and its papers."""

from django.urls import path

from pilotage.views import convention

urlpatterns = [
    path("convention/", convention.convention, name="convention"),
    path("convention/apercu/", convention.apercu, name="convention_apercu"),
    path("convention/convention.pdf", convention.pdf, name="convention_pdf"),
]
