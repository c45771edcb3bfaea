"""How the book stood when a day began, and what a house wants to collect in a month."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0026_sign_in'),
    ]

    operations = [
        migrations.CreateModel(
            name='DebtDay',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'debt_id', 'on', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('debt_id', models.BigIntegerField()),
                ('on', models.DateField()),
                ('lender_id', models.BigIntegerField()),
                ('case_id', models.BigIntegerField(null=True)),
                ('agency_id', models.BigIntegerField(null=True)),
                ('queue_id', models.BigIntegerField(null=True)),
                ('collector_id', models.BigIntegerField(null=True)),
                ('product', models.TextField()),
                ('currency', models.CharField(max_length=3)),
                ('days_past_due', models.IntegerField()),
                ('balance_minor', models.BigIntegerField(help_text='what was due and not paid; of a day that was worked out: of its instalments')),
                ('state', models.TextField(default='')),
                ('stage', models.TextField(default='')),
                ('stop', models.TextField(null=True)),
                ('exit', models.TextField(null=True)),
                ('is_worked_out', models.BooleanField(default=False, help_text='from instalments, for a day before the first run')),
                ('kept_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'debt_day',
                'indexes': [models.Index(fields=['lender_id', 'on'], name='debt_day_by_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('product__in', ['instalment_loan', 'revolving_line', 'credit_card'])), name='debt_day_product_known'), models.CheckConstraint(condition=models.Q(('stage__in', ['', 'reminder', 'early', 'middle', 'visit', 'litigation'])), name='debt_day_stage_known'), models.CheckConstraint(condition=models.Q(('exit__in', ['cured', 'settled', 'settled_with_waiver', 'assigned', 'subrogated', 'ended', 'withdrawn'])), name='debt_day_exit_known'), models.CheckConstraint(condition=models.Q(('balance_minor__gte', 0)), name='debt_day_balance_minor_not_negative'), models.CheckConstraint(condition=models.Q(('days_past_due__gte', 0)), name='debt_day_days_past_due_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='its first day')),
                ('product', models.TextField()),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(default='CNY', max_length=3)),
                ('set_at', models.DateTimeField()),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'collection_target',
                'indexes': [models.Index(fields=['lender', 'month', '-set_at'], name='target_by_month')],
                'constraints': [models.CheckConstraint(condition=models.Q(('product__in', ['instalment_loan', 'revolving_line', 'credit_card'])), name='collection_target_product_known'), models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='collection_target_amount_minor_not_negative')],
            },
        ),
        run_sql_file("figures.sql"),
    ]
