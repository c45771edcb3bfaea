"""Runs of reconciliation, their findings, and breach inquiries."""

import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0013_heartbeats"),
    ]

    operations = [
        migrations.CreateModel(
            name="BreachInquiry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "subject",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="random id that stands for the inquiry in the evidence log"
                    ),
                ),
                ("source", models.TextField()),
                ("source_name", models.TextField()),
                ("on", models.DateField()),
                ("kind", models.TextField()),
                ("fingerprint", models.BinaryField(help_text="keyed hash of the row or permit that it speaks of")),
                ("person_id", models.BigIntegerField(null=True)),
                ("permit_id", models.BigIntegerField(null=True)),
                ("sealed", models.BinaryField()),
                ("state", models.TextField(default="open")),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("ground", models.TextField(null=True)),
                ("answered_by", models.BigIntegerField(null=True)),
                ("article", models.TextField(null=True)),
                ("consequence", models.TextField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.BigIntegerField(null=True)),
                ("lender", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store.lender")),
            ],
            options={
                "db_table": "breach_inquiry",
            },
        ),
        migrations.CreateModel(
            name="ReconciliationRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField(help_text="code in records.toml")),
                ("source_name", models.TextField()),
                ("source_kind", models.TextField()),
                ("on", models.DateField()),
                ("zone", models.TextField()),
                ("n", models.IntegerField(help_text="1, 2, … of this source and day")),
                ("state", models.TextField()),
                ("is_current", models.BooleanField(default=True)),
                ("file_name", models.TextField(default="")),
                ("file_sha256", models.CharField(default="", max_length=64)),
                (
                    "file_stamp",
                    models.TextField(
                        default="", help_text="size and time of the file, to see without reading that it changed"
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("arrived_at", models.DateTimeField(null=True)),
                ("worked_at", models.DateTimeField()),
                ("failure", models.JSONField(null=True)),
                ("header", models.JSONField(default=list, help_text="columns of the file, for the rejected rows")),
                ("rows", models.BigIntegerField(default=0)),
                ("rejected", models.BigIntegerField(default=0)),
                ("inbound", models.BigIntegerField(default=0)),
                ("agreed", models.BigIntegerField(default=0)),
                ("differing", models.BigIntegerField(default=0)),
                ("unmatched", models.BigIntegerField(default=0)),
                ("permits", models.BigIntegerField(default=0)),
                ("missing", models.BigIntegerField(default=0)),
                ("carried", models.BigIntegerField(default=0)),
                (
                    "released",
                    models.BigIntegerField(
                        default=0, help_text="of the differing: pairs with a permit that was given back"
                    ),
                ),
                ("lender", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store.lender")),
            ],
            options={
                "db_table": "reconciliation_run",
            },
        ),
        migrations.CreateModel(
            name="ReconciliationFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField()),
                ("kinds", models.JSONField()),
                ("row_number", models.BigIntegerField(null=True)),
                ("inquiry", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store.breachinquiry")),
                ("run", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store.reconciliationrun")),
            ],
            options={
                "db_table": "reconciliation_finding",
            },
        ),
        migrations.CreateModel(
            name="ReconciledEdge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("permit_id", models.BigIntegerField()),
                ("run", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store.reconciliationrun")),
            ],
            options={
                "db_table": "reconciled_edge",
            },
        ),
        migrations.CreateModel(
            name="InquiryStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("step", models.TextField()),
                ("by", models.BigIntegerField(help_text="null: the nightly run", null=True)),
                ("sealed", models.BinaryField(null=True)),
                ("inquiry", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store.breachinquiry")),
                (
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="store.reconciliationrun"
                    ),
                ),
            ],
            options={
                "db_table": "inquiry_step",
            },
        ),
        migrations.CreateModel(
            name="RejectedRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row_number", models.BigIntegerField()),
                ("column", models.TextField()),
                ("code", models.TextField()),
                ("reason_zh", models.TextField()),
                ("reason_en", models.TextField()),
                ("sealed", models.BinaryField(null=True)),
                ("run", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store.reconciliationrun")),
            ],
            options={
                "db_table": "rejected_record",
            },
        ),
        migrations.AddIndex(
            model_name="breachinquiry",
            index=models.Index(fields=["state", "due_at"], name="breach_inquiry_by_state"),
        ),
        migrations.AddIndex(
            model_name="breachinquiry",
            index=models.Index(fields=["source", "on"], name="breach_inquiry_by_day"),
        ),
        migrations.AddConstraint(
            model_name="breachinquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "answered", "explained", "breach"])),
                name="breach_inquiry_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="breachinquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "unknown_number",
                            "released_permit",
                            "record_without_permit",
                            "number_differs",
                            "outside_day",
                            "recorded_twice",
                            "wrong_caller",
                            "outcome_differs",
                            "times_differ",
                            "length_differs",
                            "parts_differ",
                            "permit_without_record",
                            "file_late",
                            "file_unreadable",
                            "rows_unreadable",
                        ],
                    )
                ),
                name="breach_inquiry_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="breachinquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ground__in", ["not_ours", "technical", "corrected_file", "test", "called_back", "other"])
                ),
                name="breach_inquiry_ground_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="breachinquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "consequence__in",
                        ["warned", "trained", "suspended", "agency_warned", "agency_ended", "reported", "other"],
                    )
                ),
                name="breach_inquiry_consequence_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="breachinquiry",
            constraint=models.UniqueConstraint(fields=("source", "fingerprint"), name="breach_inquiry_once"),
        ),
        migrations.AddConstraint(
            model_name="breachinquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state__in", ["open", "answered"])),
                    models.Q(("ended_at__isnull", False), ("state__in", ["explained", "breach"])),
                    _connector="OR",
                ),
                name="breach_inquiry_ends_with_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="breachinquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "explained"), _negated=True),
                    models.Q(
                        ("ended_by__isnull", True), ("ground", "corrected_file"), ("kind", "permit_without_record")
                    ),
                    models.Q(
                        ("answered_by__isnull", False),
                        ("ended_by__isnull", False),
                        ("ground__isnull", False),
                        models.Q(("answered_by", models.F("ended_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="breach_inquiry_explained_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="breachinquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "breach"), _negated=True),
                    models.Q(("article__isnull", False), ("consequence__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="breach_inquiry_breach_has_an_article",
            ),
        ),
        migrations.AddIndex(
            model_name="reconciliationrun",
            index=models.Index(fields=["on", "source"], name="reconciliation_run_by_day"),
        ),
        migrations.AddConstraint(
            model_name="reconciliationrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["matched", "late", "unreadable"])),
                name="reconciliation_run_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliationrun",
            constraint=models.UniqueConstraint(fields=("source", "on", "n"), name="reconciliation_run_once"),
        ),
        migrations.AddConstraint(
            model_name="reconciliationrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)), fields=("source", "on"), name="reconciliation_run_one_current"
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliationrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "late")), fields=("source", "on"), name="reconciliation_run_late_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliationrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "rows",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("rejected"), "+", models.F("inbound")
                                    ),
                                    "+",
                                    models.F("agreed"),
                                ),
                                "+",
                                models.F("differing"),
                            ),
                            "+",
                            models.F("unmatched"),
                        ),
                    )
                ),
                name="reconciliation_run_rows_add_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliationrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "permits",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("agreed"), "+", models.F("differing")
                                    ),
                                    "-",
                                    models.F("released"),
                                ),
                                "+",
                                models.F("missing"),
                            ),
                            "+",
                            models.F("carried"),
                        ),
                    )
                ),
                name="reconciliation_run_permits_add_up",
            ),
        ),
        migrations.AddIndex(
            model_name="reconciliationfinding",
            index=models.Index(fields=["run", "kind"], name="reconciliation_finding_by_kind"),
        ),
        migrations.AddConstraint(
            model_name="reconciliationfinding",
            constraint=models.UniqueConstraint(fields=("run", "inquiry"), name="reconciliation_finding_once"),
        ),
        migrations.AddConstraint(
            model_name="inquirystep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "step__in",
                        [
                            "opened",
                            "answered",
                            "sent_back",
                            "explained",
                            "breach",
                            "left_file",
                            "found_again",
                            "file_came",
                        ],
                    )
                ),
                name="inquiry_step_step_known",
            ),
        ),
        migrations.AddIndex(
            model_name="rejectedrecord",
            index=models.Index(fields=["run", "row_number"], name="rejected_record_by_run"),
        ),
        run_sql_file("reconciliation.sql"),
    ]
