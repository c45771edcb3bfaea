"""Calls that the system places, and what was recorded of them."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0015_caps_in_the_database"),
    ]

    operations = [
        migrations.CreateModel(
            name="LiveCall",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                ("id", models.BigIntegerField()),
                ("permit_id", models.BigIntegerField()),
                ("delivery_id", models.BigIntegerField()),
                ("staff_id", models.BigIntegerField()),
                ("must_end_by", models.DateTimeField(null=True)),
                ("must_record", models.BooleanField(help_text="a rule asks for the recording: no call without one")),
                ("state", models.TextField(default="asked")),
                ("asked_at", models.DateTimeField()),
                ("keeper", models.TextField(help_text="the voice worker that keeps it", null=True)),
                ("placed_at", models.DateTimeField(null=True)),
                ("rang_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("hang_up_asked_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_because", models.TextField(null=True)),
                (
                    "outcome",
                    models.TextField(
                        help_text="what the engine knows; the contact says what a person knows", null=True
                    ),
                ),
                ("line_result", models.TextField(null=True)),
                ("ring_seconds", models.IntegerField(null=True)),
                ("talk_seconds", models.IntegerField(null=True)),
                (
                    "recording_failure",
                    models.TextField(help_text="code; null: recorded, or there was nothing to record", null=True),
                ),
            ],
            options={
                "db_table": "live_call",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "ended"), _negated=True),
                        fields=["asked_at"],
                        name="live_call_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "desk_rings", "placed", "rings", "talks", "ended"])),
                        name="live_call_state_known",
                    ),
                    models.UniqueConstraint(fields=("person_id", "permit_id"), name="live_call_once_a_permit"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("ended_because__isnull", False), ("state", "ended")),
                            models.Q(models.Q(("state", "ended"), _negated=True), ("ended_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="live_call_ended_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recording",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                ("id", models.BigIntegerField()),
                ("call_id", models.BigIntegerField()),
                ("permit_id", models.BigIntegerField()),
                ("object_name", models.TextField(unique=True)),
                ("sha256", models.CharField(help_text="of the WAV: what a listener can check", max_length=64)),
                (
                    "sealed_sha256",
                    models.CharField(help_text="of the stored octets: what anybody can check", max_length=64),
                ),
                ("bytes", models.BigIntegerField(help_text="of the WAV")),
                ("seconds", models.IntegerField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "recording",
                "constraints": [models.UniqueConstraint(fields=("person_id", "call_id"), name="recording_once_a_call")],
            },
        ),
        run_sql_file("live_calls.sql"),
    ]
