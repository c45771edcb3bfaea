"""Money that comes in, matched or waiting; surplus that goes back."""
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0054_portal'),
    ]

    operations = [
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('payment_id', models.BigIntegerField()),
                ('amount_minor', models.BigIntegerField()),
                ('ground', models.TextField()),
                ('by_id', models.BigIntegerField(help_text='who asked for it; another approved')),
                ('at', models.DateTimeField()),
                ('approval', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
            ],
            options={
                'db_table': 'refund',
                'indexes': [models.Index(fields=['person_id', 'payment_id'], name='refund_of_payment')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='refund_above_nil')],
            },
        ),
        migrations.CreateModel(
            name='Remittance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField(default=uuid.uuid4, help_text='random id that stands for it in the evidence log', unique=True)),
                ('source', models.TextField()),
                ('reference_key', models.UUIDField(help_text='keyed hash of the reference, once a lender and source')),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(default='CNY', max_length=3)),
                ('arrived_on', models.DateField()),
                ('sealed', models.BinaryField()),
                ('recorded_at', models.DateTimeField()),
                ('import_id', models.BigIntegerField(null=True)),
                ('state', models.TextField()),
                ('why', models.TextField(help_text='of what waits: core/debt/remittance/matching.py', null=True)),
                ('rule', models.TextField(help_text='of what is posted: what named the debt, or a person', null=True)),
                ('person_id', models.BigIntegerField(null=True)),
                ('debt_id', models.BigIntegerField(null=True)),
                ('payment_id', models.BigIntegerField(null=True)),
                ('stop_id', models.BigIntegerField(help_text='that holds collection while it waits', null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('ground', models.TextField(default='')),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'remittance',
                'indexes': [models.Index(condition=models.Q(('state__in', ['unmatched', 'asked'])), fields=['lender', 'arrived_on', 'id'], name='remittance_waiting'), models.Index(fields=['lender', '-recorded_at', '-id'], name='remittance_by_time'), models.Index(fields=['person_id', 'payment_id'], name='remittance_of_payment')],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['core_file', 'direct_debit', 'payment_link', 'bank_file', 'branch'])), name='remittance_source_known'), models.CheckConstraint(condition=models.Q(('state__in', ['unmatched', 'asked', 'posted', 'known', 'returned', 'reversed'])), name='remittance_state_known'), models.CheckConstraint(condition=models.Q(('why__in', ['names_nobody', 'unknown_account', 'names_several', 'several_debts', 'no_open_debt', 'other_currency', 'maybe_same'])), name='remittance_why_known'), models.CheckConstraint(condition=models.Q(('rule__in', ['account', 'remark', 'customer', 'person'])), name='remittance_rule_known'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='remittance_above_nil'), models.UniqueConstraint(fields=('lender', 'source', 'reference_key'), name='remittance_once'), models.CheckConstraint(condition=models.Q(models.Q(('payment_id', None), ('rule', None), ('state__in', ['unmatched', 'asked']), ('why__isnull', False)), models.Q(('payment_id', None), ('rule', None), ('state', 'returned')), models.Q(('debt_id__isnull', False), ('payment_id__isnull', False), ('person_id__isnull', False), ('rule__isnull', False), ('state__in', ['posted', 'known', 'reversed'])), _connector='OR'), name='remittance_posted_on_a_debt'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('state__in', ['unmatched', 'asked'])), models.Q(('settled_at__isnull', False), ('state__in', ['posted', 'known', 'returned', 'reversed'])), _connector='OR'), name='remittance_settled_once')],
            },
        ),
        run_sql_file("money_in.sql"),
    ]
