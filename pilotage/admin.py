"""The governance as it stands: bodies, meetings, acts."""

from django.contrib import admin

from actions.admin import PlanAdmin
from pilotage import models


@admin.register(models.Instance, models.Reunion, models.Deliberation)
class PilotageAdmin(PlanAdmin):
    pass
