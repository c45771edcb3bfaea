"""Whoever opens the pages of a person leaves a row and a leaf."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0034_service_accounts'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonView',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('role', models.TextField(help_text='of the member of staff, then')),
                ('ground', models.TextField()),
                ('quarter_at', models.DateTimeField(help_text='when the quarter of an hour began')),
                ('seen_at', models.DateTimeField(help_text='when the first page of the quarter was asked for')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'person_view',
                'indexes': [models.Index(fields=['-seen_at', '-id'], name='person_view_by_time'), models.Index(fields=['staff', '-seen_at', '-id'], name='person_view_of_staff'), models.Index(fields=['person_id', '-seen_at', '-id'], name='person_view_of_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ground__in', ['work', 'lead', 'matter', 'oversee', 'quality', 'audit', 'rule'])), name='person_view_ground_known'), models.UniqueConstraint(fields=('person_id', 'staff', 'ground', 'quarter_at'), name='person_view_once_a_quarter')],
            },
        ),
        run_sql_file("person_views.sql"),
    ]
