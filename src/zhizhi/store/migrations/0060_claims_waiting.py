"""Claims to have paid are found by when they were made."""

from django.db import migrations

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0059_invitation_mails"),
    ]

    operations = [run_sql_file("claims_waiting.sql")]
