"""Ids, foreign keys, guards of the gate, history, row-level security: what stands below the application."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("store", "0001_tables"), ("sessions", "0001_initial"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [
        run_sql_file(name)
        for name in ("ids.sql", "keys.sql", "gate_triggers.sql", "history.sql", "gate_facts.sql", "logins.sql")
    ]
