"""Files that leave are counted, approved, marked and logged."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0045_gate_commit_many'),
    ]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.UUIDField(default=uuid.uuid4, help_text='random id in the log; of the person where it is about one')),
                ('kind', models.TextField()),
                ('target', models.TextField(help_text='what was exported: ids, or the question that was asked')),
                ('person_id', models.BigIntegerField(help_text='where it is about one person of the book', null=True)),
                ('data_class', models.TextField()),
                ('rows', models.IntegerField(help_text='records about persons')),
                ('units', models.IntegerField(help_text='rows by weight of their class: store/exports/words.py')),
                ('day_limit', models.IntegerField(help_text='units within 24 hours that held then')),
                ('recipient', models.TextField()),
                ('recipient_key', models.TextField(help_text='the recipient as the count tells recipients apart')),
                ('ground', models.TextField()),
                ('role', models.TextField(help_text='of the member of staff, then')),
                ('sha256', models.TextField(help_text='of the file as it was handed out, in hex')),
                ('taken_at', models.DateTimeField()),
                ('approval', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('lender', models.ForeignKey(help_text='null: the whole installation', null=True, on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'export',
            },
        ),
        migrations.CreateModel(
            name='ExportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField()),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.export')),
            ],
            options={
                'db_table': 'export_row',
            },
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['staff', 'taken_at'], name='export_by_staff'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['recipient_key', 'taken_at'], name='export_by_recipient'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['-taken_at', '-id'], name='export_by_time'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['sha256'], name='export_by_file'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['person_id', 'taken_at'], name='export_of_person'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['refused_rows', 'api_refused_rows', 'rejected_records', 'audit_findings', 'audit_paper', 'settlement_proof', 'views'])), name='export_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('data_class__in', ['close', 'life', 'other'])), name='export_data_class_known'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('day_limit__gte', 0), ('day_limit__lte', 500), ('rows__gte', 0), ('units__gte', 0)), name='export_far_below_the_law'),
        ),
        migrations.AddIndex(
            model_name='exportrow',
            index=models.Index(fields=['digest'], name='export_row_by_digest'),
        ),
        run_sql_file("exports.sql"),
    ]
