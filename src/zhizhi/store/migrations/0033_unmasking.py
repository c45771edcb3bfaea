"""Looks at clear values, and how many there may be."""

import django.db.models.deletion
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0032_asked_again'),
    ]

    operations = [
        migrations.CreateModel(
            name='Unmasking',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('lender_id', models.BigIntegerField()),
                ('case_id', models.BigIntegerField()),
                ('party_id', models.BigIntegerField(help_text='whose value it is')),
                ('what', models.TextField()),
                ('target_id', models.BigIntegerField(help_text='the person, party, point or debt that has the value')),
                ('ground', models.TextField()),
                ('staff_id', models.BigIntegerField()),
                ('role', models.TextField(help_text='in which role; the person is told this and no name')),
                ('at', models.DateTimeField()),
                ('until', models.DateTimeField()),
            ],
            options={
                'db_table': 'unmasking',
                'indexes': [models.Index(fields=['staff_id', 'at'], name='unmasking_by_staff'), models.Index(fields=['person_id', 'at'], name='unmasking_by_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('what__in', ['name', 'id_number', 'point', 'account'])), name='unmasking_what_known'), models.CheckConstraint(condition=models.Q(('ground__in', ['verify', 'permit', 'match_payment', 'correct', 'complaint', 'rights', 'court', 'review'])), name='unmasking_ground_known'), models.CheckConstraint(condition=models.Q(('role__in', ['administrator', 'head', 'compliance', 'supervisor', 'team_leader', 'quality', 'assignment', 'settlement_approver', 'settlement_clerk', 'complaint_handler', 'legal', 'collector', 'agency_manager', 'agency_collector', 'field_officer', 'auditor'])), name='unmasking_role_known'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('at'))), name='unmasking_has_a_time')],
            },
        ),
        migrations.CreateModel(
            name='UnmaskLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('per', models.TextField()),
                ('hours', models.IntegerField()),
                ('most', models.IntegerField()),
                ('from_at', models.DateTimeField()),
                ('approval', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('lender', models.ForeignKey(help_text='null: where a lender has none', null=True, on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
            ],
            options={
                'db_table': 'unmask_limit',
                'constraints': [models.CheckConstraint(condition=models.Q(('per__in', ['staff', 'person'])), name='unmask_limit_per_known'), models.CheckConstraint(condition=models.Q(('hours__gte', 1), ('hours__lte', 24), ('most__gte', 0), ('most__lte', 60)), name='unmask_limit_far_below_the_law'), models.CheckConstraint(condition=models.Q(models.Q(('approval', None), ('lender', None)), models.Q(('approval__isnull', False), ('lender__isnull', False)), _connector='OR'), name='unmask_limit_approved')],
            },
        ),
        run_sql_file("unmasking.sql"),
    ]
