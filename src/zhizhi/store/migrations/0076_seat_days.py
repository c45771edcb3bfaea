"""A team leader's floor counts the calls of a day on cases that left the team since."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    """One function."""

    dependencies = (("store", "0075_cases_at_a_million"),)

    operations = (run_sql_file("seat_days.sql"),)
