"""Conventions that were written before annexes could be chosen printed the six usual ones: they become rows.

Without them the first annex that a porteur adds would silently take the place of the six.
"""

from django.db import migrations
from django.utils import timezone

# Those of that day; later changes of `Annexe.HABITUELLES` do not rewrite what was printed.
D_USAGE = ("diagnostic", "services", "plan", "pilotage", "evaluation", "deliberations")


def annexer(apps, schema_editor):
    Convention = apps.get_model("actions", "Convention")
    Annexe = apps.get_model("actions", "Annexe")
    Histoire = apps.get_model("actions", "HistoricalAnnexe")
    # A former convention of which the text is not here has no annex of its own (`Convention.les_annexes`).
    sans = Convention.objects.filter(annexes__isnull=True, texte_non_verse=False)
    for convention in sans.order_by("pk"):
        for ordre, genre in enumerate(D_USAGE, start=1):
            annexe = Annexe.objects.create(convention=convention, ordre=ordre, genre=genre)
            Histoire.objects.create(
                id=annexe.pk,
                convention=convention,
                ordre=ordre,
                genre=genre,
                titre="",
                history_date=timezone.now(),
                history_type="+",
                history_change_reason="Annexes d’usage, reprises à la mise à jour",
            )


class Migration(migrations.Migration):
    dependencies = [("actions", "0005_annexes")]

    operations = [migrations.RunPython(annexer, migrations.RunPython.noop)]
