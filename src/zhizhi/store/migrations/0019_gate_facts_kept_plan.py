"""The gate's question keeps its plan."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0018_erasures"),
    ]

    operations = [
        run_sql_file("gate_facts_kept_plan.sql"),
    ]
