"""The register of outbound numbers, and the calls that went out from each."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0067_litigation'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutboundNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.TextField(help_text='digits, with area code')),
                ('carrier', models.TextField()),
                ('holder', models.TextField(help_text='in whose name the line is registered')),
                ('daily_max', models.IntegerField(help_text='calls a civil day, house figure')),
                ('state', models.TextField(default='open')),
                ('filed_until', models.DateField(help_text='last day of the filing; null: not filed', null=True)),
                ('filing_number', models.TextField(default='')),
                ('rests_until', models.DateTimeField(null=True)),
                ('agency', models.ForeignKey(help_text="null: the lender's own desks", null=True, on_delete=django.db.models.deletion.PROTECT, to='store.agency')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'outbound_number',
            },
        ),
        migrations.CreateModel(
            name='OutboundCall',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('permit_id', models.BigIntegerField()),
                ('on_day', models.DateField(help_text='civil day of the lender')),
                ('at', models.DateTimeField()),
                ('number', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.outboundnumber')),
            ],
            options={
                'db_table': 'outbound_call',
            },
        ),
        migrations.CreateModel(
            name='OutboundStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('on_day', models.DateField(help_text="the carrier's day, or that of the step")),
                ('filed_until', models.DateField(null=True)),
                ('filing_number', models.TextField(default='')),
                ('rests_until', models.DateTimeField(null=True)),
                ('mark', models.TextField(default='')),
                ('daily_max', models.IntegerField(null=True)),
                ('carrier', models.TextField(default='')),
                ('holder', models.TextField(default='')),
                ('reason', models.TextField(default='')),
                ('evidence', models.TextField(default='')),
                ('at', models.DateTimeField()),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('by', models.ForeignKey(help_text='null: the system', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('number', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='store.outboundnumber')),
            ],
            options={
                'db_table': 'outbound_step',
            },
        ),
        migrations.AddConstraint(
            model_name='outboundnumber',
            constraint=models.UniqueConstraint(fields=('lender', 'number'), name='outbound_number_once'),
        ),
        migrations.AddConstraint(
            model_name='outboundnumber',
            constraint=models.CheckConstraint(condition=models.Q(('carrier__in', ['mobile', 'unicom', 'telecom', 'broadnet', 'other'])), name='outbound_number_carrier_known'),
        ),
        migrations.AddConstraint(
            model_name='outboundnumber',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'blocked', 'retired'])), name='outbound_number_state_known'),
        ),
        migrations.AddConstraint(
            model_name='outboundnumber',
            constraint=models.CheckConstraint(condition=models.Q(('daily_max__gt', 0)), name='outbound_number_may_call'),
        ),
        migrations.AddIndex(
            model_name='outboundcall',
            index=models.Index(fields=['number', 'on_day'], name='outbound_call_of_day'),
        ),
        migrations.AddConstraint(
            model_name='outboundcall',
            constraint=models.UniqueConstraint(fields=('person_id', 'permit_id'), name='outbound_call_once_a_permit'),
        ),
        migrations.AddConstraint(
            model_name='outboundstep',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['added', 'edited', 'submitted', 'filed', 'filing_ended', 'marked', 'complained', 'rested', 'resumed', 'blocked', 'unblocked', 'retired', 'raised'])), name='outbound_step_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='outboundstep',
            constraint=models.CheckConstraint(condition=models.Q(('mark__in', ['', 'harassment', 'collection', 'marketing', 'fraud', 'intercepted', 'other'])), name='outbound_step_mark_known'),
        ),
        migrations.AddConstraint(
            model_name='outboundstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'marked'), models.Q(('mark', ''), _negated=True)), models.Q(models.Q(('kind', 'marked'), _negated=True), ('mark', '')), _connector='OR'), name='outbound_step_mark_named'),
        ),
        migrations.AddConstraint(
            model_name='outboundstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approval__isnull', False), ('kind__in', ('filed', 'resumed', 'unblocked', 'raised'))), models.Q(models.Q(('kind__in', ('filed', 'resumed', 'unblocked', 'raised')), _negated=True), ('approval__isnull', True)), _connector='OR'), name='outbound_step_opens_with_two'),
        ),
        run_sql_file("outbound.sql"),
    ]
