"""A decision is committed in one statement; the gate's functions keep their plans."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0019_gate_facts_kept_plan"),
    ]

    operations = [
        run_sql_file("gate_commit.sql"),
    ]
