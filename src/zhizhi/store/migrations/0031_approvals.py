"""What one person asks for waits for another: one table, held to two persons by the database."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0030_roles'),
    ]

    operations = [
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField(default=uuid.uuid4, help_text='random id that stands for it in the evidence log', unique=True)),
                ('act', models.TextField(help_text='code of usecases/approvals/every.py')),
                ('request', models.JSONField(help_text='all that is carried out')),
                ('digest', models.TextField(help_text='SHA-256 of act, lender, person concerned and request, in hex')),
                ('ground', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('state', models.TextField(default='waiting')),
                ('ruled_at', models.DateTimeField(null=True)),
                ('remark', models.TextField(default='')),
                ('executed_at', models.DateTimeField(null=True)),
                ('about_staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lender', models.ForeignKey(help_text='null: the whole installation', null=True, on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('ruled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'approval',
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['asked_at', 'id'], name='approval_waiting'), models.Index(fields=['asked_at', 'id'], name='approval_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'approved', 'executed', 'refused', 'withdrawn', 'expired'])), name='approval_state_known'), models.CheckConstraint(condition=models.Q(('ruled_by', None), models.Q(('ruled_by', models.F('asked_by')), _negated=True), _connector='OR'), name='approval_ruled_by_another'), models.CheckConstraint(condition=models.Q(('ruled_by', None), ('about_staff', None), models.Q(('ruled_by', models.F('about_staff')), _negated=True), _connector='OR'), name='approval_not_by_whom_it_concerns'), models.CheckConstraint(condition=models.Q(models.Q(('ruled_at', None), ('ruled_by', None), ('state__in', ['waiting', 'withdrawn', 'expired'])), models.Q(('ruled_at__isnull', False), ('ruled_by__isnull', False), ('state__in', ['approved', 'executed', 'refused'])), models.Q(('ruled_at__isnull', False), ('ruled_by__isnull', False), ('state', 'expired')), _connector='OR'), name='approval_ruled_with_a_name'), models.CheckConstraint(condition=models.Q(models.Q(('executed_at__isnull', False), ('state', 'executed')), models.Q(models.Q(('state', 'executed'), _negated=True), ('executed_at', None)), _connector='OR'), name='approval_executed_with_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('ruled_at', None), models.Q(('ruled_at__gte', models.F('asked_at')), ('ruled_at__lt', models.F('expires_at'))), _connector='OR'), models.Q(('executed_at', None), models.Q(('executed_at__gte', models.F('ruled_at')), ('executed_at__lt', models.F('expires_at'))), _connector='OR')), name='approval_in_time'), models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('digest',), name='approval_waits_once')],
            },
        ),
        run_sql_file("approvals.sql"),
    ]
