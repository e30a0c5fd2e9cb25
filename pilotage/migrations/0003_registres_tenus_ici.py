"""A council that has proclaimed an act at a séance kept its register here: it goes on."""

from django.db import migrations


def garder(apps, schema_editor):
    Instance = apps.get_model("pilotage", "Instance")
    tenus = Instance.objects.filter(nature="conseil", actes__seance__isnull=False).exclude(actes__statut="projet")
    Instance.objects.filter(pk__in=tenus.values("pk")).update(tient_registre=True)


class Migration(migrations.Migration):
    dependencies = [("pilotage", "0002_actes_d_ailleurs")]
    operations = [migrations.RunPython(garder, migrations.RunPython.noop)]
