"""References that are asked once a statement, so that a million accounts come in within a minute."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("store", "0002_guards")]

    operations = [
        migrations.AddField("importedfile", "header", models.JSONField(default=list, help_text="names of the columns, for the download of refused rows")),
        migrations.AddField("importedfile", "as_of_on", models.DateField(null=True, help_text="the day that the amounts of the file speak of")),
        migrations.AddField("importedfile", "resends_id", models.BigIntegerField(null=True, help_text="the earlier file whose refused rows this one brings back")),
        migrations.AlterField("note", "case_id", models.BigIntegerField(null=True, help_text="null: came with a book, before the first case here was opened")),
        migrations.AlterField("promise", "case_id", models.BigIntegerField(null=True, help_text="null: came with a book, before the first case here was opened")),
        run_sql_file("import_references.sql"),
        run_sql_file("import_history.sql"),
    ]
