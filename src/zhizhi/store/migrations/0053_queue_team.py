"""The team of a queue changes by two people."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0052_sealed_sessions"),
    ]

    operations = [run_sql_file("queue_team.sql")]
