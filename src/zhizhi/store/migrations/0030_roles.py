"""The closed set of roles, teams of queues, and a viewer whom the database knows by a sealed id."""

from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file

ROLES = [
    *("administrator", "head", "compliance", "supervisor", "team_leader", "quality", "assignment"),
    *("settlement_approver", "settlement_clerk", "complaint_handler", "legal", "collector", "agency_manager"),
    *("agency_collector", "field_officer", "auditor"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0029_contradictions"),
    ]

    operations = [
        migrations.CreateModel(
            name="ViewerKey",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("secret", models.BinaryField()),
                ("inner_pad", models.BinaryField()),
                ("outer_pad", models.BinaryField()),
            ],
            options={
                "db_table": "viewer_key",
                "constraints": [models.CheckConstraint(condition=models.Q(id=1), name="viewer_key_one_row")],
            },
        ),
        migrations.RemoveConstraint(model_name="staff", name="staff_role_known"),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(condition=models.Q(role__in=ROLES), name="staff_role_known"),
        ),
        migrations.AddField(
            model_name="queue",
            name="team",
            field=models.TextField(default="", help_text="the team whose leader sees its cases; empty: no team's"),
        ),
        run_sql_file("roles.sql"),
    ]
