"""Decisions that are taken together are written together."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ("store", "0044_gate_caps_once"),
    ]

    operations = [
        run_sql_file("gate_commit_many.sql"),
    ]
