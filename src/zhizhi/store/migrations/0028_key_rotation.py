"""Rotations of keys; history holds no data key."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0027_figures'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeyRotation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.TextField()),
                ('aim', models.IntegerField(help_text='version of the wrapping key or the root; of data keys 0: each its next')),
                ('phase', models.TextField(default='begun')),
                ('mark', models.BigIntegerField(default=0, help_text='data keys: the last person of this phase that is done')),
                ('until', models.BigIntegerField(default=0, help_text='data keys: the last person there was when it began')),
                ('done', models.BigIntegerField(default=0, help_text='persons, or of a root values, that have the new key')),
                ('unopened', models.BigIntegerField(default=0, help_text='values that no key opens, left as they were')),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'key_rotation',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['wrapping', 'data', 'root'])), name='key_rotation_kind_known'), models.CheckConstraint(condition=models.Q(('phase__in', ['begun', 'announcing', 'waiting', 'sealing', 'ended'])), name='key_rotation_phase_known'), models.CheckConstraint(condition=models.Q(('done__gte', 0)), name='key_rotation_done_not_negative'), models.CheckConstraint(condition=models.Q(('unopened__gte', 0)), name='key_rotation_unopened_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('phase', 'ended')), models.Q(models.Q(('phase', 'ended'), _negated=True), ('ended_at__isnull', True)), _connector='OR'), name='key_rotation_ended_once'), models.UniqueConstraint(models.Value(1), condition=models.Q(('phase', 'ended'), _negated=True), name='key_rotation_one_under_way')],
            },
        ),
        run_sql_file("key_rotation.sql"),
    ]
