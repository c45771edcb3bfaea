"""Relief: agreements, their parts and payments, the pool of a month, and waivers in the ledger."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0049_assignment'),
    ]

    operations = [
        migrations.CreateModel(
            name='Relief',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('debt_id', models.BigIntegerField()),
                ('catalogue', models.TextField()),
                ('offer', models.TextField()),
                ('kind', models.TextField()),
                ('months', models.IntegerField()),
                ('grace_days', models.IntegerField()),
                ('product', models.TextField()),
                ('days_past_due', models.IntegerField()),
                ('hardship', models.BooleanField()),
                ('currency', models.CharField(max_length=3)),
                ('standing_minor', models.BigIntegerField()),
                ('waived_minor', models.BigIntegerField()),
                ('due_minor', models.BigIntegerField()),
                ('received_minor', models.BigIntegerField(default=0)),
                ('posted_minor', models.BigIntegerField(default=0, help_text='waived in the ledger, with what ran since')),
                ('level', models.IntegerField(help_text='how high the grant had to go: core/debt/relief/offers.py')),
                ('state', models.TextField()),
                ('proposed_by_id', models.BigIntegerField()),
                ('proposed_at', models.DateTimeField()),
                ('ground', models.TextField()),
                ('valid_until_on', models.DateField(help_text='the last day on which it is accepted')),
                ('ends_on', models.DateField(help_text='the day on which it ends unless something arrives', null=True)),
                ('pool_month', models.DateField(null=True)),
                ('given_by_id', models.BigIntegerField(null=True)),
                ('given_at', models.DateTimeField(null=True)),
                ('given_how', models.TextField(null=True)),
                ('accepted_on', models.DateField(null=True)),
                ('stop_id', models.BigIntegerField(null=True)),
                ('ended_on', models.DateField(null=True)),
            ],
            options={
                'db_table': 'relief',
            },
        ),
        migrations.CreateModel(
            name='ReliefLine',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('relief_id', models.BigIntegerField()),
                ('n', models.IntegerField()),
                ('due_on', models.DateField()),
                ('amount_minor', models.BigIntegerField()),
            ],
            options={
                'db_table': 'relief_line',
            },
        ),
        migrations.CreateModel(
            name='ReliefPart',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('relief_id', models.BigIntegerField()),
                ('component', models.TextField()),
                ('standing_minor', models.BigIntegerField()),
                ('waived_minor', models.BigIntegerField()),
                ('due_minor', models.BigIntegerField()),
                ('received_minor', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'relief_part',
            },
        ),
        migrations.CreateModel(
            name='ReliefPool',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='its first day')),
                ('currency', models.CharField(max_length=3)),
                ('limit_minor', models.BigIntegerField()),
                ('taken_minor', models.BigIntegerField(default=0)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'relief_pool',
            },
        ),
        migrations.RemoveConstraint(
            model_name='entry',
            name='entry_kind_known',
        ),
        migrations.AddField(
            model_name='entry',
            name='relief_id',
            field=models.BigIntegerField(help_text='of a waiver: the agreement that waived it', null=True),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['opening', 'charge', 'payment', 'reversal', 'adjustment', 'withdrawal', 'waiver'])), name='entry_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'waiver'), _negated=True), models.Q(('payment_id', None), ('relief_id__isnull', False)), _connector='OR'), name='entry_waives_by_agreement'),
        ),
        migrations.AddField(
            model_name='relief',
            name='approval',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval'),
        ),
        migrations.AddConstraint(
            model_name='reliefline',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='relief_line_above_nil'),
        ),
        migrations.AddConstraint(
            model_name='reliefline',
            constraint=models.UniqueConstraint(fields=('person_id', 'relief_id', 'n'), name='relief_line_once'),
        ),
        migrations.AddConstraint(
            model_name='reliefpart',
            constraint=models.CheckConstraint(condition=models.Q(('waived_minor__gte', 0)), name='relief_part_waived_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='reliefpart',
            constraint=models.CheckConstraint(condition=models.Q(('due_minor__gte', 0)), name='relief_part_due_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='reliefpart',
            constraint=models.CheckConstraint(condition=models.Q(('received_minor__gte', 0)), name='relief_part_received_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='reliefpart',
            constraint=models.CheckConstraint(condition=models.Q(('standing_minor', django.db.models.expressions.CombinedExpression(models.F('waived_minor'), '+', models.F('due_minor'))), ('standing_minor__gt', 0)), name='relief_part_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='reliefpart',
            constraint=models.CheckConstraint(condition=models.Q(('received_minor__lte', models.F('due_minor'))), name='relief_part_receives_what_is_due'),
        ),
        migrations.AddConstraint(
            model_name='reliefpart',
            constraint=models.UniqueConstraint(fields=('person_id', 'relief_id', 'component'), name='relief_part_once'),
        ),
        migrations.AddField(
            model_name='reliefpool',
            name='lender',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender'),
        ),
        migrations.AddField(
            model_name='reliefpool',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='relief',
            index=models.Index(condition=models.Q(('state__in', ('proposed', 'approved', 'given', 'accepted'))), fields=['lender_id', 'ends_on', 'id'], name='relief_by_end'),
        ),
        migrations.AddIndex(
            model_name='relief',
            index=models.Index(fields=['lender_id', '-proposed_at', 'id'], name='relief_by_time'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'approved', 'given', 'accepted', 'performed', 'broken', 'expired', 'refused', 'withdrawn'])), name='relief_state_known'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['lump_sum', 'instalments', 'interest_stop'])), name='relief_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('given_how__in', ['call', 'counter'])), name='relief_given_how_known'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', [1, 2, 3, 4])), name='relief_level_known'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('waived_minor__gte', 0)), name='relief_waived_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('received_minor__gte', 0)), name='relief_received_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('posted_minor__gte', 0)), name='relief_posted_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('due_minor__gt', 0), ('standing_minor', django.db.models.expressions.CombinedExpression(models.F('waived_minor'), '+', models.F('due_minor')))), name='relief_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('received_minor__lte', models.F('due_minor'))), name='relief_receives_what_is_due'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'performed'), _negated=True), ('received_minor', models.F('due_minor')), _connector='OR'), name='relief_performed_when_all_arrived'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('posted_minor', 0), ('state', 'performed'), _connector='OR'), name='relief_waives_when_performed'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'approved', 'refused', 'withdrawn', 'expired']), models.Q(('given_at__isnull', False), ('given_by_id__isnull', False), ('given_how__isnull', False)), _connector='OR'), name='relief_given_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted_on__isnull', False), ('state__in', ['accepted', 'performed', 'broken'])), models.Q(('accepted_on', None), ('state__in', ['proposed', 'approved', 'given', 'refused', 'withdrawn'])), ('state', 'expired'), _connector='OR'), name='relief_accepted_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_on', None), ('ends_on__isnull', False), ('state__in', ('proposed', 'approved', 'given', 'accepted'))), models.Q(models.Q(('state__in', ('proposed', 'approved', 'given', 'accepted')), _negated=True), ('ended_on__isnull', False)), _connector='OR'), name='relief_ends_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='relief',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('proposed', 'approved', 'given', 'accepted'))), fields=('person_id', 'debt_id'), name='relief_open_once_a_debt'),
        ),
        migrations.AddConstraint(
            model_name='reliefpool',
            constraint=models.CheckConstraint(condition=models.Q(('limit_minor__gte', 0)), name='relief_pool_limit_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='reliefpool',
            constraint=models.CheckConstraint(condition=models.Q(('taken_minor__gte', 0)), name='relief_pool_taken_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='reliefpool',
            constraint=models.CheckConstraint(condition=models.Q(('taken_minor__lte', models.F('limit_minor'))), name='relief_pool_holds'),
        ),
        migrations.AddConstraint(
            model_name='reliefpool',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='relief_pool_of_a_month'),
        ),
        migrations.AddConstraint(
            model_name='reliefpool',
            constraint=models.UniqueConstraint(fields=('lender', 'month', 'currency'), name='relief_pool_once_a_month'),
        ),
        run_sql_file("relief.sql"),
    ]
