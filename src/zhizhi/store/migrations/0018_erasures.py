"""Erasing: recordings at the end of their time, uploads nobody needs; and how often a run was taken up."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0017_leases"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditrun",
            name="attempts",
            field=models.IntegerField(db_default=0, default=0, help_text="workers that took it up"),
        ),
        migrations.AddField(
            model_name="impactrun",
            name="attempts",
            field=models.IntegerField(db_default=0, default=0, help_text="workers that took it up"),
        ),
        migrations.AddField(
            model_name="impactrun",
            name="erased_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="importedfile",
            name="attempts",
            field=models.IntegerField(
                db_default=0,
                default=0,
                help_text="workers that took it up since it last got on; each that is killed counts",
            ),
        ),
        migrations.AddField(
            model_name="importedfile",
            name="upload_erased_at",
            field=models.DateTimeField(help_text="when the file of the upload was deleted unread", null=True),
        ),
        migrations.CreateModel(
            name="RecordingErasure",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                ("id", models.BigIntegerField()),
                ("recording_id", models.BigIntegerField()),
                ("object_name", models.TextField()),
                ("kept_until", models.DateField(help_text="the last day on which it had to be there")),
                ("rule", models.TextField(help_text="the rule whose time ended last")),
                ("erased_on", models.DateField(help_text="civil day of the lender")),
                ("decided_at", models.DateTimeField()),
                ("gone_at", models.DateTimeField(help_text="when the octets were seen to be gone", null=True)),
            ],
            options={
                "db_table": "recording_erasure",
                "indexes": [
                    models.Index(
                        condition=models.Q(("gone_at", None)), fields=["decided_at"], name="recording_erasure_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("person_id", "recording_id"), name="recording_erased_once"),
                    models.CheckConstraint(
                        condition=models.Q(("erased_on__gt", models.F("kept_until"))),
                        name="recording_erased_after_its_time",
                    ),
                ],
            },
        ),
        run_sql_file("erasures.sql"),
    ]
