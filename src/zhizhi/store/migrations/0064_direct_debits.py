"""Direct debits: mandates, orders, batches, and the living reserve."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0063_leaves_by_person'),
    ]

    operations = [
        migrations.CreateModel(
            name='DebitBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(help_text='the day on which its orders were planned, or the latest of them')),
                ('state', models.TextField(default='asked')),
                ('orders', models.IntegerField(help_text='how many were asked for')),
                ('total_minor', models.BigIntegerField()),
                ('currency', models.CharField(default='CNY', max_length=3)),
                ('asked_at', models.DateTimeField()),
                ('written_at', models.DateTimeField(null=True)),
                ('digest', models.TextField(help_text='SHA-256 of the file', null=True)),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'debit_batch',
            },
        ),
        migrations.CreateModel(
            name='DebitAttempt',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('debt_id', models.BigIntegerField()),
                ('mandate_id', models.BigIntegerField()),
                ('number', models.TextField(help_text='what the order is called in files; names nobody', unique=True)),
                ('relief_id', models.BigIntegerField(help_text='the agreement whose payment it draws; null: what is in arrears', null=True)),
                ('due_on', models.DateField(help_text='since when what it draws is due')),
                ('on', models.DateField(help_text='the day on which it is drawn')),
                ('tried', models.IntegerField(default=0, help_text='failures before it of what is due since the same day')),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('state', models.TextField(default='planned')),
                ('stop_id', models.BigIntegerField(help_text='under which nobody duns while it is under way', null=True)),
                ('result_by', models.DateField(help_text='the last day for the channel to say what became of it', null=True)),
                ('failure', models.TextField(null=True)),
                ('again_on', models.DateField(help_text='from this day on what is left is drawn again', null=True)),
                ('remittance_id', models.BigIntegerField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('looked_by', models.BigIntegerField(null=True)),
                ('looked_at', models.DateTimeField(null=True)),
                ('ground', models.TextField(default='')),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.debitbatch')),
            ],
            options={
                'db_table': 'debit_attempt',
            },
        ),
        migrations.CreateModel(
            name='DebitMandate',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('debt_id', models.BigIntegerField()),
                ('sealed', models.BinaryField()),
                ('signed_on', models.DateField()),
                ('signed_how', models.TextField()),
                ('currency', models.CharField(default='CNY', max_length=3)),
                ('limit_debit_minor', models.BigIntegerField()),
                ('limit_day_minor', models.BigIntegerField()),
                ('income_minor', models.BigIntegerField(help_text='what comes in a month, as the debtor says; null: nobody knows', null=True)),
                ('from_on', models.DateField()),
                ('until_on', models.DateField(help_text='its last day', null=True)),
                ('state', models.TextField(default='asked')),
                ('recorded_by', models.BigIntegerField()),
                ('recorded_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.TextField(help_text='`u7`, or what the bank said', null=True)),
                ('ended_ground', models.TextField(default='')),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
            ],
            options={
                'db_table': 'debit_mandate',
            },
        ),
        migrations.CreateModel(
            name='LivingReserve',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reserve_minor', models.BigIntegerField()),
                ('from_on', models.DateField()),
                ('set_at', models.DateTimeField()),
                ('approval', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'living_reserve',
            },
        ),
        migrations.AddIndex(
            model_name='debitbatch',
            index=models.Index(fields=['lender', '-asked_at'], name='debit_batch_by_time'),
        ),
        migrations.AddConstraint(
            model_name='debitbatch',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'approved', 'written', 'refused'])), name='debit_batch_state_known'),
        ),
        migrations.AddConstraint(
            model_name='debitbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('digest__isnull', False), ('state', 'written'), ('written_at__isnull', False)), models.Q(models.Q(('state', 'written'), _negated=True), ('digest', None), ('written_at', None)), _connector='OR'), name='debit_batch_written_once'),
        ),
        migrations.AddIndex(
            model_name='debitattempt',
            index=models.Index(condition=models.Q(('state__in', ['planned', 'handed_over'])), fields=['lender_id', 'on'], name='debit_attempt_open'),
        ),
        migrations.AddIndex(
            model_name='debitattempt',
            index=models.Index(fields=['person_id', 'on'], name='debit_attempt_of_month'),
        ),
        migrations.AddIndex(
            model_name='debitattempt',
            index=models.Index(fields=['lender_id', '-ended_at', '-id'], name='debit_attempt_by_end'),
        ),
        migrations.AddIndex(
            model_name='debitattempt',
            index=models.Index(fields=['batch'], name='debit_attempt_of_batch'),
        ),
        migrations.AddConstraint(
            model_name='debitattempt',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'handed_over', 'succeeded', 'failed', 'withdrawn', 'charged_back'])), name='debit_attempt_state_known'),
        ),
        migrations.AddConstraint(
            model_name='debitattempt',
            constraint=models.CheckConstraint(condition=models.Q(('failure__in', ['insufficient_funds', 'account_closed', 'mandate_revoked', 'limit_exceeded', 'suspicious', 'unknown'])), name='debit_attempt_failure_known'),
        ),
        migrations.AddConstraint(
            model_name='debitattempt',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='debit_attempt_above_nil'),
        ),
        migrations.AddConstraint(
            model_name='debitattempt',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'withdrawn']), models.Q(('batch__isnull', False), ('result_by__isnull', False)), _connector='OR'), name='debit_attempt_left_in_a_batch'),
        ),
        migrations.AddConstraint(
            model_name='debitattempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'handed_over'), ('stop_id__isnull', False)), models.Q(models.Q(('state', 'handed_over'), _negated=True), ('stop_id', None)), _connector='OR'), name='debit_attempt_holds_while_under_way'),
        ),
        migrations.AddConstraint(
            model_name='debitattempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('failure__isnull', False), ('state', 'failed')), models.Q(models.Q(('state', 'failed'), _negated=True), ('failure', None)), _connector='OR'), name='debit_attempt_fails_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='debitattempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('remittance_id__isnull', False), ('state__in', ['succeeded', 'charged_back'])), models.Q(models.Q(('state__in', ['succeeded', 'charged_back']), _negated=True), ('remittance_id', None)), _connector='OR'), name='debit_attempt_brings_money_once'),
        ),
        migrations.AddConstraint(
            model_name='debitattempt',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['planned', 'handed_over'])), fields=('person_id', 'debt_id'), name='debit_attempt_one_under_way'),
        ),
        migrations.AddConstraint(
            model_name='debitattempt',
            constraint=models.UniqueConstraint(fields=('remittance_id',), name='debit_attempt_of_its_money'),
        ),
        migrations.AddIndex(
            model_name='debitmandate',
            index=models.Index(condition=models.Q(('state', 'active')), fields=['lender_id', 'person_id'], name='debit_mandate_active'),
        ),
        migrations.AddConstraint(
            model_name='debitmandate',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'active', 'refused', 'suspended', 'revoked'])), name='debit_mandate_state_known'),
        ),
        migrations.AddConstraint(
            model_name='debitmandate',
            constraint=models.CheckConstraint(condition=models.Q(('signed_how__in', ['paper', 'counter', 'bank', 'app'])), name='debit_mandate_signed_how_known'),
        ),
        migrations.AddConstraint(
            model_name='debitmandate',
            constraint=models.CheckConstraint(condition=models.Q(('income_minor__gte', 0)), name='debit_mandate_income_minor_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='debitmandate',
            constraint=models.CheckConstraint(condition=models.Q(('limit_day_minor__gte', models.F('limit_debit_minor')), ('limit_debit_minor__gt', 0)), name='debit_mandate_has_limits'),
        ),
        migrations.AddConstraint(
            model_name='debitmandate',
            constraint=models.CheckConstraint(condition=models.Q(('until_on', None), ('until_on__gte', models.F('from_on')), _connector='OR'), name='debit_mandate_has_days'),
        ),
        migrations.AddConstraint(
            model_name='debitmandate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state__in', ['asked', 'active'])), models.Q(models.Q(('state__in', ['asked', 'active']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='debit_mandate_ends_once'),
        ),
        migrations.AddConstraint(
            model_name='debitmandate',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'active'])), fields=('person_id', 'debt_id'), name='debit_mandate_once_a_debt'),
        ),
        migrations.AddIndex(
            model_name='livingreserve',
            index=models.Index(fields=['lender', '-from_on', '-id'], name='living_reserve_in_force'),
        ),
        migrations.AddConstraint(
            model_name='livingreserve',
            constraint=models.CheckConstraint(condition=models.Q(('reserve_minor__gte', 0)), name='living_reserve_reserve_minor_not_negative'),
        ),
        run_sql_file("debits.sql"),
    ]
