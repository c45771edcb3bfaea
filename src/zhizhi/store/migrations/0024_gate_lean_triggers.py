"""The triggers of a permit ask less."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0023_house_packs"),
    ]

    operations = [
        run_sql_file("gate_lean_triggers.sql"),
    ]
