"""Receipts that contradict the end of a delivery are kept for a person to look at."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0028_key_rotation'),
    ]

    operations = [
        migrations.CreateModel(
            name='Contradiction',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('delivery_id', models.BigIntegerField()),
                ('outcome', models.TextField(help_text='what the provider says became of it')),
                ('provider_key', models.TextField(default='', help_text="its number in the provider's books")),
                ('reported_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('looked_at', models.DateTimeField(null=True)),
                ('looked_by_id', models.BigIntegerField(null=True)),
                ('remark', models.TextField(default='')),
            ],
            options={
                'db_table': 'contradiction',
                'indexes': [models.Index(condition=models.Q(('looked_at', None)), fields=['received_at', 'id'], name='contradiction_waiting'), models.Index(fields=['looked_at', 'id'], name='contradiction_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['sent', 'delivered', 'undelivered'])), name='contradiction_outcome_known'), models.UniqueConstraint(fields=('person_id', 'delivery_id', 'outcome'), name='contradiction_once'), models.CheckConstraint(condition=models.Q(models.Q(('looked_at', None), ('looked_by_id', None), ('remark', '')), models.Q(('looked_at__isnull', False), ('looked_by_id__isnull', False), models.Q(('remark', ''), _negated=True)), _connector='OR'), name='contradiction_looked_at_by_somebody')],
            },
        ),
        run_sql_file("contradictions.sql"),
    ]
