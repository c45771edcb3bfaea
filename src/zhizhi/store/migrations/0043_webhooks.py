"""Webhooks: endpoints of other systems, what they are told, and each try to tell it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0042_tables_of_the_web'),
    ]

    operations = [
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('url', models.TextField()),
                ('description', models.TextField(default='')),
                ('events', models.JSONField(help_text='types of events, or [] for all that it may be told')),
                ('off_at', models.DateTimeField(null=True)),
                ('off_because', models.TextField(null=True)),
                ('failing_since', models.DateTimeField(help_text='of the first failure since something arrived', null=True)),
                ('sealed', models.BinaryField(null=True)),
                ('sealed_before', models.BinaryField(null=True)),
                ('before_until', models.DateTimeField(help_text='until when the secret before signs beside the new one', null=True)),
                ('from_position', models.BigIntegerField(help_text='leaves numbered before it are not told')),
                ('created_at', models.DateTimeField()),
                ('deleted_at', models.DateTimeField(null=True)),
                ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='store.agency')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('staff', models.ForeignKey(help_text='the service account whose eyes are asked', on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'webhook_endpoint',
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('message_id', models.UUIDField(help_text='`webhook-id`, the same at every try and replay')),
                ('position', models.BigIntegerField(help_text='of the leaf that it tells of')),
                ('type', models.TextField()),
                ('happened_at', models.DateTimeField()),
                ('person_id', models.BigIntegerField(null=True)),
                ('case_id', models.BigIntegerField(null=True)),
                ('body', models.TextField()),
                ('state', models.TextField()),
                ('tries', models.IntegerField(default=0, help_text='of this round; a replay begins a new one')),
                ('next_at', models.DateTimeField(null=True)),
                ('claim', models.UUIDField(null=True)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='store.webhookendpoint')),
            ],
            options={
                'db_table': 'webhook_delivery',
            },
        ),
        migrations.CreateModel(
            name='WebhookAttempt',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('milliseconds', models.IntegerField()),
                ('end', models.TextField()),
                ('status', models.IntegerField(null=True)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='store.webhookdelivery')),
            ],
            options={
                'db_table': 'webhook_attempt',
                'constraints': [models.CheckConstraint(condition=models.Q(('end__in', ['accepted', 'status', 'redirect', 'gone', 'timeout', 'unreachable', 'tls', 'address', 'protocol', 'unreadable'])), name='webhook_attempt_end_known')],
            },
        ),
        migrations.AddIndex(
            model_name='webhookendpoint',
            index=models.Index(fields=['staff', 'id'], name='webhook_endpoint_of_account'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(('off_because__in', ['asked', 'gone', 'failing', 'deleted'])), name='webhook_endpoint_off_because_known'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('off_at', None), ('off_because', None)), models.Q(('off_at__isnull', False), ('off_because__isnull', False)), _connector='OR'), name='webhook_endpoint_off_says_why'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(('deleted_at', None), models.Q(('off_at__isnull', False), ('sealed', None), ('sealed_before', None)), _connector='OR'), name='webhook_endpoint_deleted_keeps_no_secret'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['endpoint', 'next_at'], name='webhook_waiting'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['endpoint', '-id'], name='webhook_of_endpoint'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state__in', ('waiting', 'delivered')), _negated=True), fields=['endpoint', '-id'], name='webhook_not_told'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['created_at'], name='webhook_by_time'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['ended_at'], name='webhook_failed'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'delivered', 'failed', 'missed', 'withheld'])), name='webhook_delivery_state_known'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.UniqueConstraint(fields=('endpoint', 'position'), name='webhook_delivery_once'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('next_at__isnull', False), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('claim', None), ('ended_at__isnull', False), ('next_at', None)), _connector='OR'), name='webhook_delivery_waits_or_ended'),
        ),
        run_sql_file("webhooks.sql"),
    ]
