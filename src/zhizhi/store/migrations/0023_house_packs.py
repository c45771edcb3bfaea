"""House packs of lenders: activations and proofs in rows, caps of one lender alone, permits held to what stands."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0022_leases_asked_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="HouseActivation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("activated_at", models.DateTimeField()),
                ("ground", models.TextField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_because", models.TextField(null=True)),
                (
                    "activated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("lender", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store.lender")),
                (
                    "release",
                    models.ForeignKey(
                        db_column="sha256", on_delete=django.db.models.deletion.PROTECT, to="store.packrelease"
                    ),
                ),
            ],
            options={
                "db_table": "house_activation",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("lender",),
                        name="house_pack_one_stands_for_a_lender",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_because", None), ("ended_by", None)),
                            models.Q(
                                ("ended_at__gte", models.F("activated_at")),
                                ("ended_because__isnull", False),
                                ("ended_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="house_activation_ended_wholly",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("profile", models.TextField()),
                (
                    "base_sha256",
                    models.CharField(help_text="of everything that it was proven against", max_length=64),
                ),
                ("unsat", models.IntegerField(help_text="questions that the solver answered with: never")),
                ("proven_at", models.DateTimeField()),
                (
                    "release",
                    models.ForeignKey(
                        db_column="sha256", on_delete=django.db.models.deletion.PROTECT, to="store.packrelease"
                    ),
                ),
            ],
            options={
                "db_table": "house_proof",
                "constraints": [
                    models.UniqueConstraint(fields=("release", "profile", "base_sha256"), name="house_proof_once"),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="caplimit",
            name="cap_limit_once_a_day",
        ),
        migrations.AddField(
            model_name="caplimit",
            name="lender",
            field=models.ForeignKey(
                help_text="whose house pack bounds; null: the law, for every lender",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="store.lender",
            ),
        ),
        migrations.AddConstraint(
            model_name="caplimit",
            constraint=models.UniqueConstraint(
                fields=("profile", "reading", "rule", "from_on", "lender"),
                name="cap_limit_once_a_day",
                nulls_distinct=False,
            ),
        ),
        run_sql_file("house_packs.sql"),
    ]
