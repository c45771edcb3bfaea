"""Objections to credit data, and what credit reporting is told because of them."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0073_quality'),
    ]

    operations = [
        migrations.CreateModel(
            name='CreditMessage',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('objection_id', models.BigIntegerField()),
                ('debt_id', models.BigIntegerField()),
                ('message', models.TextField()),
                ('due_on', models.DateField()),
                ('made_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('sent_by_id', models.BigIntegerField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('confirmed_by_id', models.BigIntegerField(null=True)),
                ('receipt', models.TextField(default='', help_text="number of the bureau's receipt")),
            ],
            options={
                'db_table': 'credit_message',
                'indexes': [models.Index(condition=models.Q(('confirmed_at', None)), fields=['lender_id', 'due_on', 'id'], name='credit_message_by_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('message__in', ['mark', 'correct', 'unmark', 'record'])), name='credit_message_message_known'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('sent_at', None), ('sent_by_id', None)), models.Q(('sent_at__isnull', False), ('sent_by_id__isnull', False)), _connector='OR'), name='credit_message_sent_before_confirmed'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by_id', None), ('receipt', '')), models.Q(('confirmed_at__isnull', False), ('confirmed_by_id__isnull', False), models.Q(('receipt', ''), _negated=True)), _connector='OR'), name='credit_message_confirmed_by_receipt'), models.UniqueConstraint(fields=('person_id', 'objection_id', 'message'), name='credit_message_once')],
            },
        ),
        migrations.CreateModel(
            name='CreditObjection',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('debt_id', models.BigIntegerField()),
                ('how', models.TextField()),
                ('sealed', models.BinaryField()),
                ('received_at', models.DateTimeField()),
                ('received_by_id', models.BigIntegerField()),
                ('due_on', models.DateField()),
                ('answer', models.TextField(null=True)),
                ('answer_sealed', models.BinaryField(null=True)),
                ('answered_by_id', models.BigIntegerField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'credit_objection',
                'indexes': [models.Index(condition=models.Q(('answer', None)), fields=['lender_id', 'due_on', 'id'], name='credit_objection_by_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('how__in', ['call', 'counter', 'letter', 'bureau'])), name='credit_objection_how_known'), models.CheckConstraint(condition=models.Q(('answer__in', ['wrong', 'right', 'unclear'])), name='credit_objection_answer_known'), models.CheckConstraint(condition=models.Q(models.Q(('answer', None), ('answer_sealed', None), ('answered_at', None), ('answered_by_id', None)), models.Q(('answer__isnull', False), ('answer_sealed__isnull', False), ('answered_at__isnull', False), ('answered_by_id__isnull', False)), _connector='OR'), name='credit_objection_answered_in_writing'), models.UniqueConstraint(condition=models.Q(('answer', None)), fields=('person_id', 'debt_id'), name='credit_objection_one_open_a_debt')],
            },
        ),
        run_sql_file("objections.sql"),
    ]
