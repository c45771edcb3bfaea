"""Creditors, changes of creditor and their notices."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0070_bulk_stops'),
    ]

    operations = [
        migrations.CreateModel(
            name='CreditorChange',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('debt_id', models.BigIntegerField()),
                ('n', models.IntegerField(help_text='of the changes of this debt')),
                ('kind', models.TextField()),
                ('on_day', models.DateField(help_text='day of the contract or payment')),
                ('basis', models.TextField(help_text='number of the contract or receipt, and the ground of what is added; no name')),
                ('balance_minor', models.BigIntegerField(help_text='what was owed then')),
                ('approval_id', models.BigIntegerField()),
                ('asked_by_id', models.BigIntegerField()),
                ('at', models.DateTimeField(help_text='from this instant on')),
            ],
            options={
                'db_table': 'creditor_change',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['assignment', 'guarantor_paid', 'insurer_paid', 'joint_loan', 'repurchase'])), name='creditor_change_kind_known'), models.CheckConstraint(condition=models.Q(('balance_minor__gte', 0)), name='creditor_change_balance_minor_not_negative'), models.UniqueConstraint(fields=('person_id', 'debt_id', 'n'), name='creditor_change_numbered')],
            },
        ),
        migrations.CreateModel(
            name='CreditorHolding',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('change_id', models.BigIntegerField()),
                ('place', models.IntegerField()),
                ('creditor_id', models.BigIntegerField(null=True)),
                ('amount_minor', models.BigIntegerField()),
                ('allowed_minor', models.BigIntegerField(default=0)),
            ],
            options={
                'db_table': 'creditor_holding',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='creditor_holding_amount_minor_not_negative'), models.CheckConstraint(condition=models.Q(('allowed_minor__gte', 0)), name='creditor_holding_allowed_minor_not_negative'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='creditor_holding_is_money'), models.UniqueConstraint(fields=('person_id', 'change_id', 'place'), name='creditor_holding_numbered')],
            },
        ),
        migrations.CreateModel(
            name='CreditorNotice',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('change_id', models.BigIntegerField()),
                ('served_on', models.DateField()),
                ('how', models.TextField()),
                ('evidence', models.TextField(help_text='where the proof is kept; no name and no number')),
                ('by_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'creditor_notice',
                'constraints': [models.CheckConstraint(condition=models.Q(('how__in', ['sms', 'email', 'letter', 'call', 'portal', 'counter', 'court'])), name='creditor_notice_how_known'), models.UniqueConstraint(fields=('person_id', 'change_id'), name='creditor_notice_once')],
            },
        ),
        migrations.CreateModel(
            name='Creditor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('kind', models.TextField()),
                ('pay_to', models.TextField(help_text='the official way to pay: account or channel')),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'creditor',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['lender', 'funder', 'guarantor', 'insurer', 'assignee'])), name='creditor_kind_known'), models.UniqueConstraint(fields=('lender', 'name', 'pay_to'), name='creditor_once_a_lender')],
            },
        ),
        run_sql_file("creditors.sql"),
    ]
