"""What is only kept here, a logo or a file annexed, is not told as sealed by anybody."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ctg', '0003_identifiants_des_scelles'),
    ]

    operations = [
        migrations.AddField(
            model_name='scelle',
            name='fait_foi',
            field=models.BooleanField(default=True, verbose_name='fait foi'),
        ),
    ]
