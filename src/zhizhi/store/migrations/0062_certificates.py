"""Certificates that debts are settled."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0061_note_of_contact'),
    ]

    operations = [
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('debt_id', models.BigIntegerField()),
                ('number', models.TextField(unique=True)),
                ('case_number', models.TextField()),
                ('issued_on', models.DateField()),
                ('issued_at', models.DateTimeField()),
                ('with_waiver', models.BooleanField()),
                ('digest', models.BinaryField(help_text='SHA-256 of the document')),
                ('sealed', models.BinaryField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'certificate',
            },
        ),
        migrations.RemoveConstraint(
            model_name='export',
            name='export_kind_known',
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['refused_rows', 'api_refused_rows', 'rejected_records', 'audit_findings', 'audit_paper', 'settlement_proof', 'views', 'commission_statement', 'commission_lines', 'certificate'])), name='export_kind_known'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(fields=['lender_id', '-issued_at'], name='certificate_by_time'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('person_id', 'debt_id'), name='certificate_one_stands'),
        ),
        run_sql_file("certificates.sql"),
    ]
