"""Canary persons: planted by two people, never contacted, and loud."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0040_assessments'),
    ]

    operations = [
        migrations.CreateModel(
            name='Canary',
            fields=[
                ('person_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('agency_id', models.BigIntegerField(help_text='where its case was placed; null: with the lender', null=True)),
                ('planted_at', models.DateTimeField()),
                ('approval', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'canary',
            },
        ),
        migrations.CreateModel(
            name='CanaryAlarm',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('subject', models.UUIDField(default=uuid.uuid4, help_text='random id that stands for it in the evidence log', unique=True)),
                ('person_id', models.BigIntegerField()),
                ('role', models.TextField(help_text='of the member of staff, then')),
                ('how', models.TextField()),
                ('at', models.DateTimeField()),
                ('quarter_at', models.DateTimeField(help_text='when the quarter of an hour began')),
                ('sealed_at', models.DateTimeField(help_text='when it got its leaf', null=True)),
                ('ruling', models.TextField(null=True)),
                ('ruled_at', models.DateTimeField(null=True)),
                ('remark', models.TextField(default='')),
                ('incident', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.incident')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('ruled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'canary_alarm',
                'indexes': [models.Index(fields=['-at', '-id'], name='canary_alarm_by_time'), models.Index(condition=models.Q(('ruling', None)), fields=['at'], name='canary_alarm_open'), models.Index(condition=models.Q(('sealed_at', None)), fields=['id'], name='canary_alarm_unsealed')],
                'constraints': [models.CheckConstraint(condition=models.Q(('how__in', ['view', 'unmask', 'search', 'export', 'api'])), name='canary_alarm_how_known'), models.CheckConstraint(condition=models.Q(('ruling__in', ['explained', 'incident'])), name='canary_alarm_ruling_known'), models.UniqueConstraint(fields=('person_id', 'staff', 'how', 'quarter_at'), name='canary_alarm_once_a_quarter'), models.CheckConstraint(condition=models.Q(models.Q(('incident', None), ('ruled_at', None), ('ruled_by', None), ('ruling', None)), models.Q(('incident', None), ('ruled_at__isnull', False), ('ruled_by__isnull', False), ('ruling', 'explained')), models.Q(('incident__isnull', False), ('ruled_at__isnull', False), ('ruled_by__isnull', False), ('ruling', 'incident')), _connector='OR'), name='canary_alarm_ruled_whole')],
            },
        ),
        run_sql_file("canaries.sql"),
    ]
