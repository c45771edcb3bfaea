"""What a thread met last stands beside its sign of life; old signs of life are forgotten by the owner."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0012_operations'),
    ]

    operations = [
        migrations.AddField(
            model_name='heartbeat',
            name='faults',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='heartbeat',
            name='fault',
            field=models.TextField(db_default='', default='', help_text='type and place of what it meets now; empty: it gets on'),
        ),
        run_sql_file("heartbeats.sql"),
    ]
