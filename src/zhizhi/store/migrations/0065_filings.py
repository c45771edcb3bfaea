"""Filings with carriers, and recalls of wordings."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0064_direct_debits'),
    ]

    operations = [
        migrations.CreateModel(
            name='CarrierFiling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.TextField()),
                ('carrier', models.TextField()),
                ('signature', models.TextField(default='', help_text='what stands in 【】; empty: the filing is of a wording')),
                ('n', models.IntegerField()),
                ('state', models.TextField()),
                ('number', models.TextField(default='', help_text="the carrier's number")),
                ('on_day', models.DateField(help_text="the carrier's day: of submission, answer, withdrawal")),
                ('expires_on', models.DateField(help_text='last day in force; null: without an end', null=True)),
                ('reason', models.TextField(default='')),
                ('evidence', models.TextField(default='', help_text="where the carrier's answer is kept")),
                ('evidence_sha256', models.TextField(default='')),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'carrier_filing',
            },
        ),
        migrations.CreateModel(
            name='WordingRecall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('reason', models.TextField()),
                ('due_at', models.DateTimeField(help_text='by when those who had it are followed up')),
                ('closed_at', models.DateTimeField(null=True)),
                ('followed_up', models.TextField(default='', help_text='what was done for those who had it')),
            ],
            options={
                'db_table': 'wording_recall',
            },
        ),
        migrations.RemoveConstraint(
            model_name='templateversion',
            name='template_version_state_known',
        ),
        migrations.AddConstraint(
            model_name='templateversion',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'approved', 'refused', 'retired', 'withdrawn'])), name='template_version_state_known'),
        ),
        migrations.AddField(
            model_name='carrierfiling',
            name='approval',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval'),
        ),
        migrations.AddField(
            model_name='carrierfiling',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='carrierfiling',
            name='lender',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender'),
        ),
        migrations.AddField(
            model_name='carrierfiling',
            name='version',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.templateversion'),
        ),
        migrations.AddField(
            model_name='wordingrecall',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='wordingrecall',
            name='closed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='wordingrecall',
            name='lender',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender'),
        ),
        migrations.AddField(
            model_name='wordingrecall',
            name='version',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='recall', to='store.templateversion'),
        ),
        migrations.AddConstraint(
            model_name='carrierfiling',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['sms'])), name='carrier_filing_channel_known'),
        ),
        migrations.AddConstraint(
            model_name='carrierfiling',
            constraint=models.CheckConstraint(condition=models.Q(('carrier__in', ['mobile', 'unicom', 'telecom', 'broadnet'])), name='carrier_filing_carrier_known'),
        ),
        migrations.AddConstraint(
            model_name='carrierfiling',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'approved', 'rejected', 'withdrawn'])), name='carrier_filing_state_known'),
        ),
        migrations.AddConstraint(
            model_name='carrierfiling',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signature', ''), ('version__isnull', False)), models.Q(models.Q(('signature', ''), _negated=True), ('version__isnull', True)), _connector='OR'), name='carrier_filing_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='carrierfiling',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('submitted', 'approved')), _negated=True), models.Q(('evidence', ''), _negated=True), _connector='OR'), name='carrier_filing_has_evidence'),
        ),
        migrations.AddConstraint(
            model_name='carrierfiling',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'approved'), _negated=True), models.Q(('number', ''), _negated=True), _connector='OR'), name='carrier_filing_has_a_number'),
        ),
        migrations.AddConstraint(
            model_name='carrierfiling',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='carrier_filing_says_why'),
        ),
        migrations.AddConstraint(
            model_name='carrierfiling',
            constraint=models.CheckConstraint(condition=models.Q(('expires_on__isnull', True), models.Q(('expires_on__gt', models.F('on_day')), ('state', 'approved')), _connector='OR'), name='carrier_filing_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='carrierfiling',
            constraint=models.UniqueConstraint(fields=('lender', 'channel', 'carrier', 'signature', 'version', 'n'), name='carrier_filing_step_once', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='wordingrecall',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['due_at'], name='wording_recall_open'),
        ),
        migrations.AddConstraint(
            model_name='wordingrecall',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None), ('followed_up', '')), models.Q(('closed_at__gte', models.F('at')), ('closed_by__isnull', False), models.Q(('followed_up', ''), _negated=True)), _connector='OR'), name='wording_recall_closed_with_words'),
        ),
        run_sql_file("filings.sql"),
    ]
