"""The national lists come with the application."""

from django.db import migrations

from actions.listes import installer


class Migration(migrations.Migration):
    dependencies = [("actions", "0002_initial")]
    operations = [migrations.RunPython(lambda apps, _: installer(apps), migrations.RunPython.noop)]
