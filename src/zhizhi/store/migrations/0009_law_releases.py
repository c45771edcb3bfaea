"""Packs kept under the digest that decisions name; what a proposed pack would have done; the stage of a decision."""

import django.db.models.deletion
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0008_import_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='PackRelease',
            fields=[
                ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('pack', models.TextField()),
                ('version', models.TextField()),
                ('body', models.BinaryField(help_text='the folder as a zip')),
                ('is_proposed', models.BooleanField(default=False, help_text='brought to be weighed; decides nothing')),
                ('kept_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'pack_release',
            },
        ),
        migrations.AddField(
            model_name='decision',
            name='stage',
            field=models.TextField(db_default='', default='', help_text='of the open case when it was decided; empty: none'),
        ),
        migrations.CreateModel(
            name='ImpactRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since_on', models.DateField()),
                ('until_on', models.DateField()),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.BigIntegerField(null=True)),
                ('state', models.TextField(default='waiting')),
                ('total', models.BigIntegerField(default=0)),
                ('done', models.BigIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True)),
                ('summary', models.JSONField(null=True)),
                ('failure', models.JSONField(null=True)),
                ('lender', models.ForeignKey(help_text='null: every lender', null=True, on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.packrelease')),
            ],
            options={
                'db_table': 'impact_run',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'finished', 'failed'])), name='impact_run_state_known')],
            },
        ),
        run_sql_file("law_releases.sql"),
    ]
