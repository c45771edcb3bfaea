"""The first book of a house is written before its search indexes are made."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("store", "0010_audit_runs")]

    operations = [run_sql_file("search_rests.sql")]
