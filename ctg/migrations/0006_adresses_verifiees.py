"""The address of each account is a verified one: it was given with the account, and only another that answers replaces it."""

from django.db import migrations


def verifier(apps, _schema):
    EmailAddress = apps.get_model("account", "EmailAddress")
    for compte in apps.get_model("ctg", "User").objects.exclude(email=""):
        EmailAddress.objects.filter(user=compte).exclude(email=compte.email.lower()).delete()
        EmailAddress.objects.update_or_create(
            user=compte, email=compte.email.lower(), defaults={"verified": True, "primary": True}
        )


class Migration(migrations.Migration):
    dependencies = [("ctg", "0005_cache"), ("account", "0009_emailaddress_unique_primary_email")]

    operations = [migrations.RunPython(verifier, migrations.RunPython.noop)]
