"""The recount of caps reads what happened once."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ("store", "0043_webhooks"),
    ]

    operations = [
        run_sql_file("gate_caps_once.sql"),
    ]
