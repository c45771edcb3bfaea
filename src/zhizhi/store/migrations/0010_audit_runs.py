"""Audits of contact logs that screens asked for."""

import django.db.models.deletion
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0009_law_releases'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField(help_text="the file's name, without its folder")),
                ('profile', models.TextField()),
                ('reading', models.TextField()),
                ('map_body', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.BigIntegerField(null=True)),
                ('state', models.TextField(default='failed')),
                ('done', models.BigIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True)),
                ('summary', models.JSONField(null=True)),
                ('findings', models.BinaryField(null=True)),
                ('paper', models.BinaryField(null=True)),
                ('failure', models.JSONField(null=True)),
                ('erased_at', models.DateTimeField(null=True)),
                ('lender', models.ForeignKey(help_text='null: for every lender', null=True, on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'audit_run',
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'finished', 'failed'])), name='audit_run_state_known')],
            },
        ),
        run_sql_file("audit_runs.sql"),
    ]
