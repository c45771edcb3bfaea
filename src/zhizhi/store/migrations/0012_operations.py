"""Signs of life, watermarks and counts for the people who keep it running; what was said of contacts without an end."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0011_search_rests'),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('pk', models.CompositePrimaryKey('process', 'thread', blank=True, editable=False, primary_key=True, serialize=False)),
                ('process', models.TextField(help_text='machine and process id')),
                ('thread', models.TextField()),
                ('at', models.DateTimeField()),
                ('clock', models.TextField(help_text='what the clock guard of the process said: core/kernel/clocks.py')),
                ('clock_ahead_ms', models.BigIntegerField(help_text="of the process's clock, beyond the database's")),
            ],
            options={
                'db_table': 'heartbeat',
                'indexes': [models.Index(fields=['at'], name='heartbeat_by_time')],
            },
        ),
        migrations.CreateModel(
            name='Watermark',
            fields=[
                ('name', models.TextField(primary_key=True, serialize=False)),
                ('position', models.BigIntegerField(default=0)),
                ('at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'watermark',
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('pk', models.CompositePrimaryKey('figure', 'first', 'second', blank=True, editable=False, primary_key=True, serialize=False)),
                ('figure', models.TextField()),
                ('first', models.TextField()),
                ('second', models.TextField(default='')),
                ('total', models.BigIntegerField()),
            ],
            options={
                'db_table': 'tally',
            },
        ),
        migrations.CreateModel(
            name='Settlement',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('delivery_id', models.BigIntegerField()),
                ('has_left', models.BooleanField(help_text='false: proof that nothing left, and the permit was given back')),
                ('outcome', models.TextField(null=True)),
                ('ground', models.TextField()),
                ('sealed_reference', models.BinaryField(null=True)),
                ('sealed_file', models.BinaryField(null=True)),
                ('file_kind', models.TextField(default='', help_text="ending of the file's name; the name itself is not kept")),
                ('file_sha256', models.CharField(default='', max_length=64)),
                ('settled_at', models.DateTimeField()),
                ('settled_by_id', models.BigIntegerField()),
            ],
            options={
                'db_table': 'settlement',
                'indexes': [models.Index(fields=['settled_at'], name='settlement_by_time')],
                'constraints': [
                    models.UniqueConstraint(fields=('person_id', 'delivery_id'), name='settlement_once_a_delivery'),
                    models.CheckConstraint(condition=models.Q(('sealed_reference__isnull', False), ('sealed_file__isnull', False), _connector='OR'), name='settlement_has_proof'),
                ],
            },
        ),
        run_sql_file("operations.sql"),
    ]
