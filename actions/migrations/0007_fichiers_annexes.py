"""Annexes that others wrote: a file, as many as wanted."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0006_annexes_d_usage'),
        ('ctg', '0003_identifiants_des_scelles'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='annexe',
            name='annexe_unique_par_contenu',
        ),
        migrations.AddField(
            model_name='annexe',
            name='fichier',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ctg.scelle', verbose_name='fichier'),
        ),
        migrations.AddField(
            model_name='historicalannexe',
            name='fichier',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='ctg.scelle', verbose_name='fichier'),
        ),
        migrations.AlterField(
            model_name='annexe',
            name='genre',
            field=models.CharField(choices=[('diagnostic', 'Diagnostic partagé et bilan'), ('services', 'Équipements et services soutenus'), ('plan', 'Plan d’actions'), ('moyens', 'Moyens de chaque partenaire'), ('pilotage', 'Pilotage'), ('evaluation', 'Évaluation'), ('deliberations', 'Délibérations'), ('fichier', 'Fichier PDF joint')], max_length=15, verbose_name='contenu'),
        ),
        migrations.AlterField(
            model_name='historicalannexe',
            name='genre',
            field=models.CharField(choices=[('diagnostic', 'Diagnostic partagé et bilan'), ('services', 'Équipements et services soutenus'), ('plan', 'Plan d’actions'), ('moyens', 'Moyens de chaque partenaire'), ('pilotage', 'Pilotage'), ('evaluation', 'Évaluation'), ('deliberations', 'Délibérations'), ('fichier', 'Fichier PDF joint')], max_length=15, verbose_name='contenu'),
        ),
        migrations.AddConstraint(
            model_name='annexe',
            constraint=models.UniqueConstraint(condition=models.Q(('genre', 'fichier'), _negated=True), fields=('convention', 'genre'), name='annexe_unique_par_contenu', violation_error_message='Ce contenu est déjà annexé : une fois suffit.'),
        ),
        migrations.AddConstraint(
            model_name='annexe',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('fichier__isnull', False), ('genre', 'fichier')), models.Q(models.Q(('genre', 'fichier'), _negated=True), ('fichier__isnull', True)), _connector='OR'), name='annexe_fichier_de_son_genre', violation_error_message='Un fichier s’annexe par « Joindre un fichier PDF », et reste un fichier.'),
        ),
    ]
