"""A token acts as a service account, a row of `staff`; how fast each token asks is counted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file

ROLES = [
    *("administrator", "head", "compliance", "supervisor", "team_leader", "quality", "assignment"),
    *("settlement_approver", "settlement_clerk", "complaint_handler", "legal", "collector", "agency_manager"),
    *("agency_collector", "field_officer", "auditor", "service_account"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0033_unmasking"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiPace",
            fields=[
                ("token_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("paid_until", models.DateTimeField()),
            ],
            options={"db_table": "api_pace"},
        ),
        migrations.CreateModel(
            name="TokenAccount",
            fields=[
                (
                    "token",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="store.apitoken",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={"db_table": "token_account"},
        ),
        migrations.RemoveConstraint(model_name="staff", name="staff_role_known"),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(condition=models.Q(role__in=ROLES), name="staff_role_known"),
        ),
        run_sql_file("service_accounts.sql"),
    ]
