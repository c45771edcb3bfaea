"""Assignments in rows, and what decides them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0048_canaries_exported'),
    ]

    operations = [
        migrations.CreateModel(
            name='AssignmentDesk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('capacity', models.IntegerField()),
                ('cases', models.IntegerField()),
                ('balance_minor', models.BigIntegerField()),
                ('got', models.IntegerField()),
                ('gave', models.IntegerField()),
            ],
            options={
                'db_table': 'assignment_desk',
            },
        ),
        migrations.CreateModel(
            name='AssignmentDone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('kind', models.TextField()),
                ('at', models.DateTimeField()),
                ('counts', models.JSONField()),
                ('digest', models.BinaryField(help_text='SHA-256 of its moves, core/assignment/digest.py')),
            ],
            options={
                'db_table': 'assignment',
            },
        ),
        migrations.CreateModel(
            name='AssignmentMove',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('assignment_id', models.BigIntegerField()),
                ('case_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('agency_id', models.BigIntegerField(null=True)),
                ('from_id', models.BigIntegerField(null=True)),
                ('to_id', models.BigIntegerField(null=True)),
                ('why', models.TextField()),
                ('home_before', models.BigIntegerField(null=True)),
                ('home_after', models.BigIntegerField(null=True)),
                ('held_since_before', models.DateField(null=True)),
                ('held', models.IntegerField()),
                ('capacity', models.IntegerField()),
                ('among', models.IntegerField()),
                ('unplaced', models.TextField(null=True)),
            ],
            options={
                'db_table': 'assignment_move',
            },
        ),
        migrations.CreateModel(
            name='BarredCollector',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('staff_id', models.BigIntegerField()),
                ('ground', models.TextField()),
                ('remark', models.TextField(default='')),
                ('set_by_id', models.BigIntegerField()),
                ('set_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by_id', models.BigIntegerField(null=True)),
                ('ended_ground', models.TextField(default='')),
            ],
            options={
                'db_table': 'barred_collector',
            },
        ),
        migrations.CreateModel(
            name='ReservedNegotiation',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('case_id', models.BigIntegerField()),
                ('until_on', models.DateField()),
                ('ground', models.TextField()),
                ('set_by_id', models.BigIntegerField()),
                ('set_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by_id', models.BigIntegerField(null=True)),
                ('ended_ground', models.TextField(default='')),
            ],
            options={
                'db_table': 'reserved_negotiation',
            },
        ),
        migrations.CreateModel(
            name='StaffAbsence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_on', models.DateField()),
                ('to_on', models.DateField()),
                ('set_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(help_text='taken back: back earlier, or never away', null=True)),
            ],
            options={
                'db_table': 'staff_absence',
            },
        ),
        migrations.CreateModel(
            name='StaffSkill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('value', models.TextField()),
                ('set_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'staff_skill',
            },
        ),
        migrations.AddField(
            model_name='case',
            name='held_since',
            field=models.DateField(help_text='since when its collector has it', null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='home_id',
            field=models.BigIntegerField(help_text='who is away and has it back', null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='language',
            field=models.TextField(help_text='of the debtor, where it is not the main one', null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='unplaced',
            field=models.TextField(help_text='why nobody has it', null=True),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('closed_on', None), ('home_id__isnull', False)), fields=['home_id'], name='case_open_by_home'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('unplaced__in', ['nobody_fits', 'no_room'])), name='case_unplaced_known'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('language__in', ['yue', 'wuu', 'nan', 'hak', 'bo', 'ug', 'mn', 'ko', 'en'])), name='case_language_known'),
        ),
        migrations.AddField(
            model_name='assignmentdesk',
            name='agency',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.agency'),
        ),
        migrations.AddField(
            model_name='assignmentdesk',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='assignmentdone',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='assignmentdone',
            name='lender',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.lender'),
        ),
        migrations.AddField(
            model_name='assignmentdone',
            name='undoes',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.assignmentdone'),
        ),
        migrations.AddField(
            model_name='assignmentdesk',
            name='assignment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='store.assignmentdone'),
        ),
        migrations.AddIndex(
            model_name='assignmentmove',
            index=models.Index(fields=['assignment_id', 'case_id'], name='assignment_move_of_one'),
        ),
        migrations.AddIndex(
            model_name='assignmentmove',
            index=models.Index(fields=['to_id'], name='assignment_move_to'),
        ),
        migrations.AddConstraint(
            model_name='assignmentmove',
            constraint=models.CheckConstraint(condition=models.Q(('why__in', ['new', 'holder_left', 'holder_away', 'holder_barred', 'holder_unfit', 'back_home', 'reshuffled', 'undone'])), name='assignment_move_why_known'),
        ),
        migrations.AddConstraint(
            model_name='assignmentmove',
            constraint=models.CheckConstraint(condition=models.Q(('unplaced__in', ['nobody_fits', 'no_room'])), name='assignment_move_unplaced_known'),
        ),
        migrations.AddConstraint(
            model_name='barredcollector',
            constraint=models.CheckConstraint(condition=models.Q(('ground__in', ['relative', 'complained_of', 'conflict'])), name='barred_collector_ground_known'),
        ),
        migrations.AddConstraint(
            model_name='barredcollector',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person_id', 'staff_id', 'ground'), name='barred_collector_once'),
        ),
        migrations.AddConstraint(
            model_name='reservednegotiation',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('case_id',), name='reserved_negotiation_once'),
        ),
        migrations.AddField(
            model_name='staffabsence',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='staffabsence',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='staffabsence',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='staffskill',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='staffskill',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='staffskill',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='assignmentdone',
            index=models.Index(fields=['lender', '-at'], name='assignment_latest'),
        ),
        migrations.AddConstraint(
            model_name='assignmentdone',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['morning', 'act', 'reshuffle', 'reflow', 'undo'])), name='assignment_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='assignmentdesk',
            constraint=models.UniqueConstraint(fields=('assignment', 'staff'), name='assignment_desk_once'),
        ),
        migrations.AddConstraint(
            model_name='assignmentdesk',
            constraint=models.CheckConstraint(condition=models.Q(('balance_minor__gte', 0)), name='assignment_desk_balance_minor_not_negative'),
        ),
        migrations.AddIndex(
            model_name='staffabsence',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['staff', 'to_on'], name='staff_absence_standing'),
        ),
        migrations.AddConstraint(
            model_name='staffabsence',
            constraint=models.CheckConstraint(condition=models.Q(('to_on__gte', models.F('from_on'))), name='staff_absence_has_days'),
        ),
        migrations.AddConstraint(
            model_name='staffabsence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='staff_absence_ended_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='staffskill',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['queue', 'language'])), name='staff_skill_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='staffskill',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'queue'), ('value__in', ['reminder', 'm1', 'm2', 'm3', 'm4'])), models.Q(('kind', 'language'), ('value__in', ['yue', 'wuu', 'nan', 'hak', 'bo', 'ug', 'mn', 'ko', 'en'])), _connector='OR'), name='staff_skill_value_known'),
        ),
        migrations.AddConstraint(
            model_name='staffskill',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('staff', 'kind', 'value'), name='staff_skill_once'),
        ),
        migrations.AddConstraint(
            model_name='staffskill',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='staff_skill_ended_by_somebody'),
        ),
        run_sql_file("assignment.sql"),
    ]
