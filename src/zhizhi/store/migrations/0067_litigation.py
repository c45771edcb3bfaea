"""Court files: steps, deadlines, fees, batches and law firms."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0066_core_differences'),
    ]

    operations = [
        migrations.CreateModel(
            name='CourtBatchLine',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('batch_id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('case_number', models.TextField()),
                ('debt_id', models.BigIntegerField()),
                ('file_id', models.BigIntegerField(null=True)),
                ('bar', models.TextField(null=True)),
            ],
            options={
                'db_table': 'court_batch_line',
                'indexes': [models.Index(fields=['batch_id', 'id'], name='court_batch_line_by_batch')],
                'constraints': [models.CheckConstraint(condition=models.Q(('bar__in', ['nothing_owed', 'open_already', 'case_closed', 'with_agency', 'agreement_kept', 'deceased', 'bankruptcy', 'disputed', 'missing', 'notice_missing', 'arbitration_clause', 'no_arbitration_clause', 'notarised', 'not_notarised', 'claim_too_high', 'no_limitation_day', 'time_barred'])), name='court_batch_line_bar_known'), models.CheckConstraint(condition=models.Q(models.Q(('bar', None), ('file_id__isnull', False)), models.Q(('bar__isnull', False), ('file_id', None)), _connector='OR'), name='court_batch_line_opened_or_says_why')],
            },
        ),
        migrations.CreateModel(
            name='CourtDeadline',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('file_id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('step_n', models.IntegerField()),
                ('due', models.TextField()),
                ('acts', models.TextField()),
                ('source', models.TextField()),
                ('is_confirmed', models.BooleanField()),
                ('begun_on', models.DateField()),
                ('due_on', models.DateField()),
                ('met_on', models.DateField(null=True)),
                ('dropped_on', models.DateField(null=True)),
            ],
            options={
                'db_table': 'court_deadline',
                'indexes': [models.Index(condition=models.Q(('dropped_on', None), ('met_on', None)), fields=['lender_id', 'due_on', 'id'], name='court_deadline_open_by_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('due__in', ['begin_in_time', 'sue_after_preservation', 'ask_confirmation', 'perform', 'order_answer', 'order_issue', 'order_service', 'order_objection', 'refuse_suit', 'filing_answer', 'correct', 'pay_fee', 'serve_copy', 'defence', 'announcement', 'hearing', 'trial', 'appeal', 'certificate', 'enforce'])), name='court_deadline_due_known'), models.CheckConstraint(condition=models.Q(('acts__in', ['us', 'court', 'debtor', 'either', 'other'])), name='court_deadline_acts_known'), models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('begun_on')), ('due', 'begin_in_time'), _connector='OR'), name='court_deadline_after_its_step'), models.CheckConstraint(condition=models.Q(('met_on', None), ('dropped_on', None), _connector='OR'), name='court_deadline_ends_once'), models.UniqueConstraint(fields=('person_id', 'file_id', 'step_n', 'due'), name='court_deadline_once')],
            },
        ),
        migrations.CreateModel(
            name='CourtFile',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('case_id', models.BigIntegerField()),
                ('case_number', models.TextField()),
                ('debt_id', models.BigIntegerField()),
                ('lane', models.TextField()),
                ('state', models.TextField()),
                ('has_title', models.BooleanField(default=False)),
                ('claim_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('court', models.TextField()),
                ('docket', models.TextField(default='')),
                ('begin_by', models.DateField(help_text='cautious end of limitation')),
                ('digest', models.BinaryField(help_text='SHA-256 of the facts that it was opened on: equal facts, equal files')),
                ('opened_on', models.DateField()),
                ('opened_by_id', models.BigIntegerField()),
                ('opened_at', models.DateTimeField()),
                ('batch_id', models.BigIntegerField()),
                ('firm_id', models.BigIntegerField(null=True)),
                ('assigned_on', models.DateField(null=True)),
                ('step_n', models.IntegerField(help_text='the place of the latest step')),
                ('last_on', models.DateField()),
                ('next_due_on', models.DateField(null=True)),
                ('next_due', models.TextField(null=True)),
                ('next_acts', models.TextField(null=True)),
                ('ended_on', models.DateField(null=True)),
            ],
            options={
                'db_table': 'court_file',
                'indexes': [models.Index(fields=['lender_id', 'next_due_on', 'id'], name='court_file_by_next'), models.Index(fields=['batch_id', 'id'], name='court_file_by_batch')],
                'constraints': [models.CheckConstraint(condition=models.Q(('lane__in', ['mediation', 'payment_order', 'suit', 'small_claim', 'notarised', 'arbitration'])), name='court_file_lane_known'), models.CheckConstraint(condition=models.Q(('state__in', ['prepared', 'mediating', 'mediated', 'confirming', 'order_asked', 'order_accepted', 'order_issued', 'order_served', 'order_lapsed', 'filed', 'correcting', 'accepted', 'announced', 'served', 'heard', 'decided', 'appealed', 'certificate_asked', 'arbitration_asked', 'arbitrating', 'settled', 'effective', 'enforcing', 'stayed', 'ended'])), name='court_file_state_known'), models.CheckConstraint(condition=models.Q(('next_due__in', ['begin_in_time', 'sue_after_preservation', 'ask_confirmation', 'perform', 'order_answer', 'order_issue', 'order_service', 'order_objection', 'refuse_suit', 'filing_answer', 'correct', 'pay_fee', 'serve_copy', 'defence', 'announcement', 'hearing', 'trial', 'appeal', 'certificate', 'enforce'])), name='court_file_next_due_known'), models.CheckConstraint(condition=models.Q(('next_acts__in', ['us', 'court', 'debtor', 'either', 'other'])), name='court_file_next_acts_known'), models.CheckConstraint(condition=models.Q(('claim_minor__gt', 0)), name='court_file_claims_something'), models.CheckConstraint(condition=models.Q(models.Q(('ended_on__isnull', False), ('state', 'ended')), models.Q(models.Q(('state', 'ended'), _negated=True), ('ended_on', None)), _connector='OR'), name='court_file_ends_on_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('next_acts', None), ('next_due', None), ('next_due_on', None)), models.Q(('next_acts__isnull', False), ('next_due__isnull', False), ('next_due_on__isnull', False)), _connector='OR'), name='court_file_next_is_whole'), models.CheckConstraint(condition=models.Q(models.Q(('assigned_on', None), ('firm_id', None)), models.Q(('assigned_on__isnull', False), ('firm_id__isnull', False)), _connector='OR'), name='court_file_assigned_on_a_day'), models.UniqueConstraint(condition=models.Q(('state', 'ended'), _negated=True), fields=('person_id', 'debt_id'), name='court_file_one_open_a_debt')],
            },
        ),
        migrations.CreateModel(
            name='CourtStep',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('file_id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('n', models.IntegerField()),
                ('step', models.TextField()),
                ('on', models.DateField()),
                ('until_on', models.DateField(help_text='the day that was named: until when to correct, appear, pay', null=True)),
                ('state', models.TextField(help_text='where it led')),
                ('by_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'court_step',
                'constraints': [models.CheckConstraint(condition=models.Q(('step__in', ['prepare', 'preserve', 'ask_mediation', 'mediation_fails', 'mediation_agreed', 'ask_confirmation', 'confirmed', 'confirmation_refused', 'ask_order', 'order_accepted', 'order_refused', 'order_issued', 'order_served', 'order_objected', 'order_not_served', 'order_stands', 'refuse_suit', 'becomes_suit', 'file', 'correction_asked', 'correct', 'filing_refused', 'filing_accepted', 'pay_fee', 'service_tried', 'service_announced', 'served', 'hearing_set', 'heard', 'judged', 'appeal', 'appeal_judged', 'becomes_effective', 'court_mediated', 'dismissed', 'ask_certificate', 'certificate_issued', 'certificate_refused', 'ask_arbitration', 'arbitration_accepted', 'arbitration_refused', 'awarded', 'settle', 'settlement_broken', 'ask_enforcement', 'enforcement_stayed', 'enforcement_resumed', 'paid', 'withdraw', 'close'])), name='court_step_step_known'), models.CheckConstraint(condition=models.Q(('state__in', ['prepared', 'mediating', 'mediated', 'confirming', 'order_asked', 'order_accepted', 'order_issued', 'order_served', 'order_lapsed', 'filed', 'correcting', 'accepted', 'announced', 'served', 'heard', 'decided', 'appealed', 'certificate_asked', 'arbitration_asked', 'arbitrating', 'settled', 'effective', 'enforcing', 'stayed', 'ended'])), name='court_step_state_known'), models.UniqueConstraint(fields=('person_id', 'file_id', 'n'), name='court_step_numbered'), models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', models.F('on')), ('step', 'prepare'), _connector='OR'), name='court_step_names_a_later_day')],
            },
        ),
        migrations.CreateModel(
            name='CourtBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lane', models.TextField()),
                ('claim', models.TextField()),
                ('court', models.TextField()),
                ('facts', models.JSONField(help_text='the form, as it was sent')),
                ('opened', models.IntegerField(default=0)),
                ('refused', models.IntegerField(default=0)),
                ('made_at', models.DateTimeField()),
                ('again_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.courtbatch')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'court_batch',
                'constraints': [models.CheckConstraint(condition=models.Q(('lane__in', ['mediation', 'payment_order', 'suit', 'small_claim', 'notarised', 'arbitration'])), name='court_batch_lane_known'), models.CheckConstraint(condition=models.Q(('claim__in', ['balance', 'principal'])), name='court_batch_claim_known')],
            },
        ),
        migrations.CreateModel(
            name='CourtFee',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('file_id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('item', models.TextField()),
                ('move', models.TextField()),
                ('amount_minor', models.BigIntegerField()),
                ('scale_minor', models.BigIntegerField(help_text='what the scale asked for, where there is one', null=True)),
                ('on', models.DateField()),
                ('by_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('approval', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
            ],
            options={
                'db_table': 'court_fee',
                'indexes': [models.Index(fields=['lender_id', 'file_id', 'id'], name='court_fee_by_file')],
                'constraints': [models.CheckConstraint(condition=models.Q(('item__in', ['case', 'payment_order', 'preservation', 'enforcement', 'announcement', 'notary', 'arbitration', 'law_firm'])), name='court_fee_item_known'), models.CheckConstraint(condition=models.Q(('move__in', ['advanced', 'refunded', 'recovered', 'borne'])), name='court_fee_move_known'), models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='court_fee_amount_minor_not_negative'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='court_fee_is_money'), models.CheckConstraint(condition=models.Q(('approval__isnull', False), ('move__in', ['refunded', 'recovered']), models.Q(('amount_minor__lte', 500000), ('move', 'advanced')), _connector='OR'), name='court_fee_of_two_persons')],
            },
        ),
        migrations.CreateModel(
            name='LawFirm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('contract_ends_on', models.DateField()),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'law_firm',
                'constraints': [models.UniqueConstraint(fields=('lender', 'name'), name='law_firm_once_a_lender')],
            },
        ),
        run_sql_file("litigation.sql"),
    ]
