"""Rate cards of commission, statements of a month with their lines, and what is disputed in them."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0055_money_in'),
    ]

    operations = [
        migrations.CreateModel(
            name='CommissionCard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('from_on', models.DateField()),
                ('terms', models.JSONField(help_text='core/placement/rate_card.py')),
                ('added_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'commission_card',
            },
        ),
        migrations.CreateModel(
            name='CommissionDispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.TextField(help_text='number of a line, or B and the number of a breach')),
                ('reason', models.TextField()),
                ('at', models.DateTimeField()),
                ('answer', models.TextField(null=True)),
                ('answer_text', models.TextField(default='')),
                ('answered_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'commission_dispute',
            },
        ),
        migrations.CreateModel(
            name='CommissionLine',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('statement_id', models.BigIntegerField()),
                ('n', models.IntegerField()),
                ('payment_id', models.BigIntegerField()),
                ('placement_id', models.BigIntegerField()),
                ('case_number', models.TextField()),
                ('paid_on', models.DateField()),
                ('amount_minor', models.BigIntegerField(help_text='below nought for a reversal')),
                ('hand', models.SmallIntegerField()),
                ('days_past_due', models.IntegerField()),
                ('balance_minor', models.BigIntegerField()),
                ('rate', models.JSONField(help_text='place and tiers of the rate; null: it earns nothing', null=True)),
                ('nothing', models.TextField(null=True)),
                ('stands', models.BooleanField(default=True)),
            ],
            options={
                'db_table': 'commission_line',
            },
        ),
        migrations.CreateModel(
            name='CommissionStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lender_name', models.TextField(help_text='as the paper says it; an agency without a case left sees no lender')),
                ('agency_name', models.TextField()),
                ('month', models.DateField(help_text='its first day')),
                ('n', models.IntegerField(help_text='1, 2, … of this agency and month')),
                ('currency', models.CharField(max_length=3)),
                ('rates', models.JSONField(help_text='what each rate brought')),
                ('breaches', models.JSONField(help_text='ids of the inquiries that take something off')),
                ('lines', models.IntegerField()),
                ('base_minor', models.BigIntegerField()),
                ('commission_minor', models.BigIntegerField(help_text='below nought where more went back than came')),
                ('deducted_minor', models.BigIntegerField()),
                ('due_minor', models.BigIntegerField()),
                ('digest', models.BinaryField(help_text='SHA-256 of all that it says: what both sign')),
                ('made_at', models.DateTimeField()),
                ('state', models.TextField(default='open')),
                ('agency_signed_at', models.DateTimeField(null=True)),
                ('lender_signed_at', models.DateTimeField(null=True)),
                ('superseded_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'commission_statement',
            },
        ),
        migrations.RemoveConstraint(
            model_name='export',
            name='export_kind_known',
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['refused_rows', 'api_refused_rows', 'rejected_records', 'audit_findings', 'audit_paper', 'settlement_proof', 'views', 'commission_statement', 'commission_lines'])), name='export_kind_known'),
        ),
        migrations.AddField(
            model_name='commissioncard',
            name='agency',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.agency'),
        ),
        migrations.AddField(
            model_name='commissioncard',
            name='approval',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval'),
        ),
        migrations.AddField(
            model_name='commissioncard',
            name='lender',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender'),
        ),
        migrations.AddField(
            model_name='commissiondispute',
            name='answered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='commissiondispute',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='commissionline',
            constraint=models.CheckConstraint(condition=models.Q(('nothing__in', ['nobodys', 'self_cure', 'complained', 'no_rate'])), name='commission_line_nothing_known'),
        ),
        migrations.AddConstraint(
            model_name='commissionline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('nothing__isnull', False), ('rate', None)), models.Q(('nothing', None), ('rate__isnull', False)), _connector='OR'), name='commission_line_earns_or_says_why'),
        ),
        migrations.AddConstraint(
            model_name='commissionline',
            constraint=models.UniqueConstraint(fields=('statement_id', 'n'), name='commission_line_numbered'),
        ),
        migrations.AddConstraint(
            model_name='commissionline',
            constraint=models.UniqueConstraint(condition=models.Q(('stands', True)), fields=('person_id', 'payment_id'), name='commission_line_paid_once'),
        ),
        migrations.AddField(
            model_name='commissionstatement',
            name='agency',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.agency'),
        ),
        migrations.AddField(
            model_name='commissionstatement',
            name='agency_signed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='commissionstatement',
            name='card',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.commissioncard'),
        ),
        migrations.AddField(
            model_name='commissionstatement',
            name='lender',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender'),
        ),
        migrations.AddField(
            model_name='commissionstatement',
            name='lender_signed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='commissionstatement',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='commissiondispute',
            name='statement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.commissionstatement'),
        ),
        migrations.AddConstraint(
            model_name='commissioncard',
            constraint=models.CheckConstraint(condition=models.Q(('from_on__day', 1)), name='commission_card_of_a_month'),
        ),
        migrations.AddConstraint(
            model_name='commissioncard',
            constraint=models.UniqueConstraint(fields=('lender', 'agency', 'currency', 'from_on'), name='commission_card_once_a_month'),
        ),
        migrations.AddIndex(
            model_name='commissionstatement',
            index=models.Index(fields=['agency', '-month'], name='commission_statement_by_month'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'signed', 'superseded'])), name='commission_statement_state_known'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.CheckConstraint(condition=models.Q(('base_minor__gte', 0)), name='commission_statement_base_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.CheckConstraint(condition=models.Q(('deducted_minor__gte', 0)), name='commission_statement_deducted_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.CheckConstraint(condition=models.Q(('due_minor', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('base_minor'), '+', models.F('commission_minor')), '-', models.F('deducted_minor')))), name='commission_statement_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='commission_statement_of_a_month'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agency_signed_at', None), ('agency_signed_by', None)), models.Q(('agency_signed_at__isnull', False), ('agency_signed_by__isnull', False)), _connector='OR'), name='commission_statement_agency_signs_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lender_signed_at', None), ('lender_signed_by', None)), models.Q(('lender_signed_at__isnull', False), ('lender_signed_by__isnull', False)), _connector='OR'), name='commission_statement_lender_signs_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agency_signed_by__isnull', False), ('lender_signed_by__isnull', False), ('state', 'signed')), models.Q(models.Q(('state', 'signed'), _negated=True), models.Q(('agency_signed_by', None), ('lender_signed_by', None), _connector='OR')), _connector='OR'), name='commission_statement_signed_by_both'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'superseded'), ('superseded_at__isnull', False)), models.Q(models.Q(('state', 'superseded'), _negated=True), ('superseded_at', None)), _connector='OR'), name='commission_statement_superseded_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.UniqueConstraint(fields=('lender', 'agency', 'month', 'currency', 'n'), name='commission_statement_numbered'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'superseded'), _negated=True), fields=('lender', 'agency', 'month', 'currency'), name='commission_statement_one_stands'),
        ),
        migrations.AddConstraint(
            model_name='commissiondispute',
            constraint=models.CheckConstraint(condition=models.Q(('answer__in', ['kept', 'corrected'])), name='commission_dispute_answer_known'),
        ),
        migrations.AddConstraint(
            model_name='commissiondispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', None), ('answered_at', None), ('answered_by', None)), models.Q(('answer__isnull', False), ('answered_at__isnull', False), ('answered_by__isnull', False), models.Q(('answer_text', ''), _negated=True)), _connector='OR'), name='commission_dispute_answered_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='commissiondispute',
            constraint=models.UniqueConstraint(condition=models.Q(('answer', None)), fields=('statement', 'item'), name='commission_dispute_one_open'),
        ),
        run_sql_file("commission.sql"),
    ]
