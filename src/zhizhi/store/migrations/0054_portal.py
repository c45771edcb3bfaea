"""The portal's way in: requests for a code, and the sessions that codes open."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0053_queue_team"),
    ]

    operations = [
        migrations.CreateModel(
            name="PortalRequest",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "mark",
                    models.BinaryField(help_text="SHA-256 of random bits that only the browser holds", unique=True),
                ),
                ("asked_at", models.DateTimeField()),
                ("sealed", models.BinaryField(null=True)),
                ("handled_at", models.DateTimeField(null=True)),
                ("person_id", models.BigIntegerField(null=True)),
                ("party_id", models.BigIntegerField(null=True)),
                ("role", models.TextField(null=True)),
                ("code_mark", models.BinaryField(null=True)),
                ("code_until", models.DateTimeField(null=True)),
                ("tries", models.IntegerField(default=0)),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "portal_request",
                "indexes": [
                    models.Index(
                        condition=models.Q(("handled_at", None)), fields=["id"], name="portal_request_waiting"
                    ),
                    models.Index(fields=["asked_at"], name="portal_request_by_time"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["borrower", "contact_person"])),
                        name="portal_request_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tries__gte", 0)), name="portal_request_tries_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code_mark", None), ("person_id", None), ("used_at", None)),
                            models.Q(
                                ("code_mark__isnull", False),
                                ("code_until__isnull", False),
                                ("handled_at__isnull", False),
                                ("party_id__isnull", False),
                                ("person_id__isnull", False),
                                ("role__isnull", False),
                                ("sealed__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="portal_request_code_is_somebodys",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PortalSession",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "mark",
                    models.BinaryField(help_text="SHA-256 of random bits that only the browser holds", unique=True),
                ),
                (
                    "request_id",
                    models.BigIntegerField(help_text="whose code opened it: no code opens two", unique=True),
                ),
                ("person_id", models.BigIntegerField()),
                ("party_id", models.BigIntegerField()),
                ("role", models.TextField()),
                ("sealed", models.BinaryField()),
                ("began_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "portal_session",
                "indexes": [models.Index(fields=["began_at"], name="portal_session_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["borrower", "contact_person"])),
                        name="portal_session_role_known",
                    )
                ],
            },
        ),
        run_sql_file("portal.sql"),
    ]
