"""Cases with agencies: batches, lots, placements and extensions."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0050_relief'),
    ]

    operations = [
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('batch_id', models.BigIntegerField(help_text="null: the lender's file brought it", null=True)),
                ('lender_id', models.BigIntegerField()),
                ('agency_id', models.BigIntegerField()),
                ('case_id', models.BigIntegerField()),
                ('hand', models.SmallIntegerField()),
                ('balance_minor', models.BigIntegerField()),
                ('days_past_due', models.IntegerField()),
                ('state', models.TextField()),
                ('left_out_because', models.TextField(null=True)),
                ('placed_at', models.DateTimeField(null=True)),
                ('due_on', models.DateField(help_text='the last day; null: the file names none', null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.BigIntegerField(help_text='staff; null: by its day, or as the case closed', null=True)),
                ('ended_ground', models.TextField(default='')),
            ],
            options={
                'db_table': 'placement',
                'indexes': [models.Index(condition=models.Q(('state', 'placed')), fields=['agency_id', 'lender_id', 'due_on'], name='placement_standing'), models.Index(fields=['batch_id', 'agency_id', 'state'], name='placement_of_batch')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'left_out', 'placed', 'returned', 'recalled', 'expired', 'closed'])), name='placement_state_known'), models.CheckConstraint(condition=models.Q(('balance_minor__gte', 0)), name='placement_balance_minor_not_negative'), models.UniqueConstraint(condition=models.Q(('state', 'placed')), fields=('person_id', 'case_id'), name='placement_one_agency_a_case'), models.UniqueConstraint(fields=('person_id', 'case_id', 'batch_id'), name='placement_once_a_batch', nulls_distinct=True), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('left_out_because', None), ('placed_at', None), ('state', 'proposed')), models.Q(('ended_at', None), ('left_out_because__isnull', False), ('placed_at', None), ('state', 'left_out')), models.Q(('ended_at', None), ('placed_at__isnull', False), ('state', 'placed')), models.Q(('ended_at__gte', models.F('placed_at')), ('placed_at__isnull', False), ('state__in', ['returned', 'recalled', 'expired', 'closed'])), _connector='OR'), name='placement_times_of_its_state'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('returned', 'recalled')), _negated=True), models.Q(('ended_by__isnull', False), models.Q(('ended_ground', ''), _negated=True)), _connector='OR'), name='placement_ended_on_a_ground')],
            },
        ),
        migrations.CreateModel(
            name='PlacementBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hand', models.SmallIntegerField()),
                ('due_on', models.DateField()),
                ('criteria', models.JSONField(help_text='by what its cases were chosen')),
                ('left_out', models.JSONField(help_text='how many were not proposed, by barrier')),
                ('digest', models.BinaryField(help_text='SHA-256 of its lines: what is approved is what is handed over')),
                ('ground', models.TextField()),
                ('proposed_at', models.DateTimeField()),
                ('handed_over_at', models.DateTimeField(null=True)),
                ('approval', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.approval')),
                ('lender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.lender')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'placement_batch',
            },
        ),
        migrations.CreateModel(
            name='PlacementExtension',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('placement_id', models.BigIntegerField()),
                ('from_due_on', models.DateField()),
                ('due_on', models.DateField()),
                ('ground', models.TextField()),
                ('by_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'placement_extension',
                'constraints': [models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('from_due_on'))), name='placement_extension_is_later')],
            },
        ),
        migrations.CreateModel(
            name='PlacementLot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cases', models.IntegerField()),
                ('balance_minor', models.BigIntegerField()),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='store.agency')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='store.placementbatch')),
            ],
            options={
                'db_table': 'placement_lot',
            },
        ),
        migrations.AddIndex(
            model_name='placementbatch',
            index=models.Index(fields=['lender', '-proposed_at'], name='placement_batch_by_time'),
        ),
        migrations.AddConstraint(
            model_name='placementbatch',
            constraint=models.CheckConstraint(condition=models.Q(('hand__gte', 1), ('hand__lte', 9)), name='placement_batch_hand_known'),
        ),
        migrations.AddConstraint(
            model_name='placementbatch',
            constraint=models.CheckConstraint(condition=models.Q(('handed_over_at', None), ('approval__isnull', False), _connector='OR'), name='placement_batch_approved'),
        ),
        migrations.AddConstraint(
            model_name='placementlot',
            constraint=models.UniqueConstraint(fields=('batch', 'agency'), name='placement_lot_once_an_agency'),
        ),
        migrations.AddConstraint(
            model_name='placementlot',
            constraint=models.CheckConstraint(condition=models.Q(('balance_minor__gte', 0)), name='placement_lot_balance_minor_not_negative'),
        ),
        run_sql_file("placements.sql"),
    ]
