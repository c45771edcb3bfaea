"""What was called off while a worker had it in hand."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0056_commission'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalledOff',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField()),
                ('id', models.BigIntegerField()),
                ('because', models.TextField(help_text='payment, statement, stop_…, placement_over')),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'called_off',
            },
        ),
        run_sql_file("called_off.sql"),
    ]
