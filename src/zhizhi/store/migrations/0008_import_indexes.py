"""Indexes that a book pays for with every row: none that nobody asks, none over what is not there."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("store", "0007_former_of_cases")]

    operations = [
        # 122 random bits: two that are equal do not happen, and nobody looks a person up by them.
        migrations.AlterField("person", "subject", models.UUIDField(help_text="random id that stands for the person in the evidence log")),
        migrations.RemoveIndex("point", "point_last_four_key"),
        migrations.AddIndex(
            "point",
            models.Index(fields=["last_four_key"], name="point_last_four_key", condition=models.Q(last_four_key__isnull=False)),
        ),
        run_sql_file("import_indexes.sql"),
    ]
