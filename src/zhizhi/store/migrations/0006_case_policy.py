"""The policy of cases in a form that keeps the worklist's indexes in use."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("store", "0005_gate_transitions")]

    operations = [run_sql_file("case_policy.sql")]
