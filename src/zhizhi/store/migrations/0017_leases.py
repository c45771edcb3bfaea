"""Permits leased to other systems: tokens, campaigns, leases, what was reported of them, kept answers."""

import django.db.models.deletion
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0016_live_calls'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('secret_sha256', models.BinaryField(unique=True)),
                ('scopes', models.JSONField()),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='store.agency')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'api_token',
            },
        ),
        migrations.CreateModel(
            name='KeptAnswer',
            fields=[
                ('pk', models.CompositePrimaryKey('token_id', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('token_id', models.BigIntegerField()),
                ('key', models.TextField()),
                ('request_sha256', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('sealed', models.BinaryField()),
            ],
            options={
                'db_table': 'kept_answer',
                'indexes': [models.Index(fields=['at'], name='kept_answer_by_time')],
            },
        ),
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('permit_id', models.BigIntegerField()),
                ('delivery_id', models.BigIntegerField()),
                ('campaign_id', models.BigIntegerField()),
                ('token_id', models.BigIntegerField()),
                ('leased_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('recalled_at', models.DateTimeField(null=True)),
                ('recalled_because', models.TextField(null=True)),
            ],
            options={
                'db_table': 'lease',
                'indexes': [models.Index(condition=models.Q(('confirmed_at', None), ('recalled_at', None)), fields=['campaign_id'], name='lease_waiting_by_campaign')],
                'constraints': [models.UniqueConstraint(fields=('person_id', 'permit_id'), name='lease_once_a_permit'), models.CheckConstraint(condition=models.Q(models.Q(('recalled_at__isnull', True), ('recalled_because__isnull', True)), models.Q(('confirmed_at__isnull', True), ('recalled_at__isnull', False), ('recalled_because__isnull', False)), _connector='OR'), name='lease_recalled_or_confirmed')],
            },
        ),
        migrations.CreateModel(
            name='LeaseCampaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lender_id', models.BigIntegerField()),
                ('agency_id', models.BigIntegerField(null=True)),
                ('name', models.TextField()),
                ('begun_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'lease_campaign',
                'constraints': [models.UniqueConstraint(fields=('lender_id', 'agency_id', 'name'), name='lease_campaign_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='LeaseRecord',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lease_id', models.BigIntegerField()),
                ('token_id', models.BigIntegerField()),
                ('kind', models.TextField()),
                ('began_at', models.DateTimeField(help_text='when the call was dialled, as reported', null=True)),
                ('talk_seconds', models.IntegerField(null=True)),
                ('ring_seconds', models.IntegerField(null=True)),
                ('number_differs', models.BooleanField(default=False)),
                ('sealed_proof', models.BinaryField(null=True)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'lease_record',
                'indexes': [models.Index(fields=['person_id', 'lease_id'], name='lease_record_of_lease')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['never_rang', 'rang', 'answered', 'abandoned', 'talked', 'no_answer', 'busy', 'not_in_service', 'rejected', 'voicemail_limited'])), name='lease_record_kind_known')],
            },
        ),
        run_sql_file("leases.sql"),
    ]
