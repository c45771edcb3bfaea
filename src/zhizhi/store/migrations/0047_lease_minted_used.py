"""The permit of a lease begins as used, its delivery as claimed."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):

    dependencies = [
        ("store", "0046_exports"),
    ]

    operations = [
        run_sql_file("lease_minted_used.sql"),
    ]
