"""The table of the shared cache (`CACHES`): attempts to sign in are counted there by all processes."""

from django.core.management import call_command
from django.db import migrations


def creer(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("ctg", "0004_ce_qui_fait_foi")]

    operations = [migrations.RunPython(creer, migrations.RunPython.noop)]
