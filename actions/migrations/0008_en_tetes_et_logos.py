"""What the papers of a partner bear at their head."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0007_fichiers_annexes'),
        ('ctg', '0003_identifiants_des_scelles'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalpartenaire',
            name='adresse',
            field=models.TextField(blank=True, help_text='En tête de ses courriers.', max_length=300, verbose_name='adresse postale'),
        ),
        migrations.AddField(
            model_name='historicalpartenaire',
            name='courriel',
            field=models.EmailField(blank=True, max_length=254, verbose_name='courriel'),
        ),
        migrations.AddField(
            model_name='historicalpartenaire',
            name='logo',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ctg.scelle', verbose_name='logo'),
        ),
        migrations.AddField(
            model_name='historicalpartenaire',
            name='telephone',
            field=models.CharField(blank=True, max_length=25, verbose_name='téléphone'),
        ),
        migrations.AddField(
            model_name='partenaire',
            name='adresse',
            field=models.TextField(blank=True, help_text='En tête de ses courriers.', max_length=300, verbose_name='adresse postale'),
        ),
        migrations.AddField(
            model_name='partenaire',
            name='courriel',
            field=models.EmailField(blank=True, max_length=254, verbose_name='courriel'),
        ),
        migrations.AddField(
            model_name='partenaire',
            name='logo',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ctg.scelle', verbose_name='logo'),
        ),
        migrations.AddField(
            model_name='partenaire',
            name='telephone',
            field=models.CharField(blank=True, max_length=25, verbose_name='téléphone'),
        ),
    ]
