"""Incidents: deadlines that are only added, facts that are only added."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0036_views_by_systems'),
    ]

    operations = [
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField(default=uuid.uuid4, help_text='random id that stands for it in the evidence log', unique=True)),
                ('kind', models.TextField()),
                ('is_drill', models.BooleanField()),
                ('known_at', models.DateTimeField(help_text='when somebody of the house first knew: every clock begins here')),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('lender', models.ForeignKey(help_text='null: the whole installation', null=True, on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'incident',
            },
        ),
        migrations.CreateModel(
            name='IncidentDeadline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clock', models.TextField(help_text='id of defaults/incident_clocks.toml')),
                ('warn_at', models.DateTimeField(help_text='a quarter of the time is left')),
                ('due_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deadlines', to='store.incident')),
            ],
            options={
                'db_table': 'incident_deadline',
            },
        ),
        migrations.CreateModel(
            name='IncidentFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.TextField()),
                ('clock', models.TextField(null=True)),
                ('body', models.JSONField(default=dict, help_text='grade, flags and number of persons, or the reference of a filing')),
                ('text', models.TextField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='store.incident')),
            ],
            options={
                'db_table': 'incident_fact',
            },
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['-opened_at', '-id'], name='incident_by_time'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['leak', 'tampering', 'loss', 'outage'])), name='incident_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('known_at__lte', models.F('opened_at'))), name='incident_known_before_opened'),
        ),
        migrations.AddIndex(
            model_name='incidentdeadline',
            index=models.Index(condition=models.Q(('answered_at', None)), fields=['due_at'], name='incident_deadline_open'),
        ),
        migrations.AddConstraint(
            model_name='incidentdeadline',
            constraint=models.UniqueConstraint(fields=('incident', 'clock'), name='incident_deadline_once'),
        ),
        migrations.AddIndex(
            model_name='incidentfact',
            index=models.Index(fields=['incident', 'id'], name='incident_fact_of_incident'),
        ),
        migrations.AddConstraint(
            model_name='incidentfact',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['opened', 'classified', 'fact', 'filed', 'not_owed', 'closed'])), name='incident_fact_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='incidentfact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('clock__isnull', False), ('kind__in', ['filed', 'not_owed'])), models.Q(models.Q(('kind__in', ['filed', 'not_owed']), _negated=True), ('clock', None)), _connector='OR'), name='incident_fact_names_its_clock'),
        ),
        run_sql_file("incidents.sql"),
    ]
