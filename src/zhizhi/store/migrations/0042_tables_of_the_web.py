"""Leaves and caps are read by viewer; what proofs need of others' leaves is their hashes."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0041_canaries"),
    ]

    operations = [run_sql_file("tables_of_the_web.sql")]
