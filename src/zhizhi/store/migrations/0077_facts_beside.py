"""What the gate reads beside its facts is planned once, and not at each question."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    """One function."""

    dependencies = (("store", "0076_seat_days"),)

    operations = (run_sql_file("facts_beside.sql"),)
