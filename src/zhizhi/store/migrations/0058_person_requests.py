"""What debtors ask for, the answers with their reasons, and the second look."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0057_called_off'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonRequest',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('kind', models.TextField()),
                ('how', models.TextField()),
                ('sealed', models.BinaryField()),
                ('received_at', models.DateTimeField()),
                ('received_by', models.BigIntegerField()),
                ('due_on', models.DateField(help_text='the last working day for the answer, or for the second look')),
                ('state', models.TextField(default='open')),
                ('answer', models.TextField(null=True)),
                ('answer_sealed', models.BinaryField(null=True)),
                ('answered_by', models.BigIntegerField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('second_asked_at', models.DateTimeField(null=True)),
                ('second_answer', models.TextField(null=True)),
                ('second_sealed', models.BinaryField(null=True)),
                ('second_by', models.BigIntegerField(null=True)),
                ('second_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'person_request',
                'indexes': [models.Index(condition=models.Q(('state__in', ('open', 'second_look'))), fields=['lender_id', 'due_on', 'id'], name='person_request_by_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['plan', 'waiver', 'amount', 'information', 'manner', 'other'])), name='person_request_kind_known'), models.CheckConstraint(condition=models.Q(('how__in', ['call', 'counter', 'letter'])), name='person_request_how_known'), models.CheckConstraint(condition=models.Q(('state__in', ['open', 'answered', 'second_look', 'closed'])), name='person_request_state_known'), models.CheckConstraint(condition=models.Q(('answer__in', ['granted', 'partly', 'refused'])), name='person_request_answer_known'), models.CheckConstraint(condition=models.Q(('second_answer__in', ['granted', 'partly', 'refused'])), name='person_request_second_answer_known'), models.CheckConstraint(condition=models.Q(models.Q(('answer', None), ('answer_sealed', None), ('answered_at', None), ('answered_by', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('answer__isnull', False), ('answer_sealed__isnull', False), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='person_request_answered_with_reasons'), models.CheckConstraint(condition=models.Q(models.Q(('second_asked_at__isnull', False), ('state__in', ['second_look', 'closed'])), models.Q(models.Q(('state__in', ['second_look', 'closed']), _negated=True), ('second_asked_at', None)), _connector='OR'), name='person_request_second_look_is_asked_for'), models.CheckConstraint(condition=models.Q(models.Q(('second_answer__isnull', False), ('second_at__isnull', False), ('second_by__isnull', False), ('second_sealed__isnull', False), ('state', 'closed'), models.Q(('second_by', models.F('answered_by')), _negated=True)), models.Q(models.Q(('state', 'closed'), _negated=True), ('second_answer', None), ('second_at', None), ('second_by', None), ('second_sealed', None)), _connector='OR'), name='person_request_second_look_by_another')],
            },
        ),
        run_sql_file("person_requests.sql"),
    ]
