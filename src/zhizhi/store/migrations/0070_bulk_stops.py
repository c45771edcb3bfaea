"""Bulk stops, and where persons live as far as it was said."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0069_true_consequences'),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product', models.TextField(default='', help_text='empty: every product')),
                ('channel', models.TextField(default='', help_text='empty: every channel')),
                ('areas', models.JSONField(default=list, help_text='codes of GB/T 2260; none: everywhere')),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField(help_text='from here on it is over, without anybody doing anything')),
                ('reason', models.TextField()),
                ('ground', models.TextField()),
                ('counts', models.JSONField(help_text='whom it meant when it was set')),
                ('set_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_ground', models.TextField(default='')),
                ('agency', models.ForeignKey(help_text='null: whoever has the case', null=True, on_delete=django.db.models.deletion.PROTECT, to='store.agency')),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('lender', models.ForeignKey(help_text='null: every lender', null=True, on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'bulk_stop',
                'indexes': [models.Index(condition=models.Q(('lifted_at', None)), fields=['until_at'], name='bulk_stop_not_lifted')],
                'constraints': [models.CheckConstraint(condition=models.Q(('channel__in', ['', 'voice', 'ringless_voicemail', 'sms', 'im', 'email', 'app', 'letter', 'visit', 'web', 'public_post'])), name='bulk_stop_channel_known'), models.CheckConstraint(condition=models.Q(('reason__in', ['typhoon', 'flood', 'earthquake', 'other_disaster', 'public_health', 'system_failure', 'other'])), name='bulk_stop_reason_known'), models.CheckConstraint(condition=models.Q(('from_at__gte', models.F('set_at')), ('until_at__gt', models.F('from_at'))), name='bulk_stop_begins_then_ends'), models.CheckConstraint(condition=models.Q(models.Q(('approval', None), ('lifted_at', None), ('lifted_by', None), ('lifted_ground', '')), models.Q(('approval__isnull', False), ('lifted_at__gte', models.F('set_at')), ('lifted_by__isnull', False), models.Q(('lifted_ground', ''), _negated=True)), _connector='OR'), name='bulk_stop_lifted_with_words')],
            },
        ),
        migrations.CreateModel(
            name='Residence',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('division', models.TextField(help_text='code of GB/T 2260, as exact as it is known')),
                ('source', models.TextField()),
                ('at', models.DateTimeField()),
                ('import_id', models.BigIntegerField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'residence',
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['said', 'file'])), name='residence_source_known'), models.CheckConstraint(condition=models.Q(('division__regex', '^[1-8][0-9]{5}$')), name='residence_is_a_division'), models.CheckConstraint(condition=models.Q(models.Q(('by__isnull', False), ('import_id', None), ('source', 'said')), models.Q(('by', None), ('import_id__isnull', False), ('source', 'file')), _connector='OR'), name='residence_has_a_source')],
            },
        ),
        run_sql_file("bulk_stops.sql"),
    ]
