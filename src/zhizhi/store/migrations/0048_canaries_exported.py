"""An export about a person who does not exist raises an alarm that names who took it."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0047_lease_minted_used"),
    ]

    operations = [run_sql_file("canaries_exported.sql")]
