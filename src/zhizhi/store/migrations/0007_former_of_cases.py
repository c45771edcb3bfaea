"""That a case was contacted again is no change of the case."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [("store", "0006_case_policy")]

    operations = [run_sql_file("former_of_cases.sql")]
