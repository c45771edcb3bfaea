"""The questions of the caps' trigger keep their plans."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0024_gate_lean_triggers"),
    ]

    operations = [
        run_sql_file("gate_kept_questions.sql"),
    ]
