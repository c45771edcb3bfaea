"""A wish keeps its form in a column of its own, a leaf names its table, and the guards know every transition."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("store", "0004_pull_cursor")]

    operations = [
        migrations.AddField("wish", "form", models.TextField(default="")),
        run_sql_file("wish_form.sql"),
        migrations.AddField("leaf", "source_table", models.TextField(null=True, help_text="table of `source_id`")),
        migrations.RemoveIndex("leaf", "leaf_by_person"),
        migrations.RemoveIndex("leaf", "leaf_unnumbered"),
        migrations.AddIndex(
            "leaf", models.Index(fields=["source_person_id", "source_id"], name="leaf_by_source")
        ),
        run_sql_file("leaf_sources.sql"),
        run_sql_file("gate_transitions.sql"),
        run_sql_file("gate_facts_of_used_permits.sql"),
    ]
