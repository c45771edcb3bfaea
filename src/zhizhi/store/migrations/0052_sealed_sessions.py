"""Sessions that are kept in the clear end; everybody signs in again."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0051_placements"),
        ("sessions", "0001_initial"),
    ]

    operations = [run_sql_file("sealed_sessions.sql")]
