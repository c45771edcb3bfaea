"""Where the core's figures and our ledger differ."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0065_filings'),
    ]

    operations = [
        migrations.CreateModel(
            name='CoreDifference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField(default=uuid.uuid4, help_text='random id that stands for it in the evidence log', unique=True)),
                ('account_key', models.UUIDField(help_text='keyed hash of the account number')),
                ('sealed', models.BinaryField()),
                ('as_of_on', models.DateField(help_text="the day that the core's figure speaks of")),
                ('differs', models.TextField()),
                ('person_id', models.BigIntegerField(null=True)),
                ('debt_id', models.BigIntegerField(null=True)),
                ('currency', models.CharField(default='CNY', max_length=3)),
                ('ours_minor', models.BigIntegerField(help_text='what our ledger says of that day', null=True)),
                ('core_minor', models.BigIntegerField()),
                ('core_closed', models.BooleanField(default=False)),
                ('import_id', models.BigIntegerField(null=True)),
                ('found_at', models.DateTimeField()),
                ('state', models.TextField(default='open')),
                ('stop_id', models.BigIntegerField(help_text='that holds contacts while less may be owed', null=True)),
                ('component', models.TextField(help_text='on which a rise was put', null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('ground', models.TextField(default='')),
                ('approval', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'core_difference',
                'indexes': [models.Index(condition=models.Q(('state__in', ('open', 'asked_core'))), fields=['lender', 'found_at'], name='core_difference_waiting'), models.Index(fields=['lender', '-settled_at', '-id'], name='core_difference_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'asked_core', 'accepted', 'agreed', 'superseded', 'set_aside'])), name='core_difference_state_known'), models.CheckConstraint(condition=models.Q(('differs__in', ['unknown_account', 'closed_there', 'lower_there', 'higher_there'])), name='core_difference_differs_known'), models.CheckConstraint(condition=models.Q(('component__in', ['costs', 'term_interest', 'compound_interest', 'penalty_interest', 'damages', 'fees', 'principal', 'double_interest'])), name='core_difference_component_known'), models.CheckConstraint(condition=models.Q(('ours_minor__gte', 0)), name='core_difference_ours_minor_not_negative'), models.CheckConstraint(condition=models.Q(('core_minor__gte', 0)), name='core_difference_core_minor_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('debt_id', None), ('differs', 'unknown_account'), ('ours_minor', None), ('person_id', None)), models.Q(models.Q(('differs', 'unknown_account'), _negated=True), ('debt_id__isnull', False), ('ours_minor__isnull', False), ('person_id__isnull', False), models.Q(('ours_minor', models.F('core_minor')), _negated=True)), _connector='OR'), name='core_difference_differs'), models.CheckConstraint(condition=models.Q(('stop_id', None), ('state__in', ('open', 'asked_core')), _connector='OR'), name='core_difference_holds_while_it_waits'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'accepted'), _negated=True), models.Q(('approval__isnull', False), ('debt_id__isnull', False)), _connector='OR'), name='core_difference_accepted_by_two'), models.UniqueConstraint(condition=models.Q(('state__in', ('open', 'asked_core'))), fields=('lender', 'account_key'), name='core_difference_waits_once')],
            },
        ),
        run_sql_file("core_differences.sql"),
    ]
