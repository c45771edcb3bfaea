"""Leaves of a person are read by looking at that person's cases, and not at all of them."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0062_certificates"),
    ]

    operations = [
        run_sql_file("leaves_by_person.sql"),
    ]
