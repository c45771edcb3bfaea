"""Campaigns: one wording for many persons, what was done to it, what became of each, and how fast it leaves."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0020_gate_commit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField()),
                ("channel", models.TextField()),
                ("template_code", models.TextField()),
                ("template_version_id", models.BigIntegerField()),
                ("purpose", models.TextField()),
                ("form", models.TextField()),
                ("from_on", models.DateField()),
                ("until_on", models.DateField(help_text="the last day")),
                ("opens_minute", models.IntegerField(help_text="of each day, after midnight in Beijing")),
                ("closes_minute", models.IntegerField()),
                ("per_second", models.IntegerField(help_text="null: as fast as the provider's throttle", null=True)),
                ("tokens", models.FloatField(default=0)),
                ("filled_at", models.DateTimeField(null=True)),
                ("state", models.TextField(default="draft")),
                ("source", models.JSONField()),
                ("total", models.IntegerField()),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("counts", models.JSONField(help_text="what came of it, counted when it ended", null=True)),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "campaign",
            },
        ),
        migrations.CreateModel(
            name="CampaignReject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.IntegerField()),
                ("code", models.TextField()),
            ],
            options={
                "db_table": "campaign_reject",
            },
        ),
        migrations.CreateModel(
            name="CampaignStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("what", models.TextField()),
                ("why", models.TextField(default="", help_text="a code; a throttle is its number")),
            ],
            options={
                "db_table": "campaign_step",
            },
        ),
        migrations.CreateModel(
            name="CampaignTarget",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                ("id", models.BigIntegerField()),
                ("campaign_id", models.BigIntegerField()),
                ("case_id", models.BigIntegerField()),
                ("state", models.TextField(default="waiting")),
                ("not_before", models.DateTimeField(null=True)),
                ("reason", models.TextField(default="", help_text="the first rule, or why nobody asked the law")),
                ("decision_id", models.BigIntegerField(null=True)),
                ("delivery_id", models.BigIntegerField(null=True)),
                ("asked", models.IntegerField(default=0, help_text="how often the law was asked")),
            ],
            options={
                "db_table": "campaign_target",
            },
        ),
        migrations.CreateModel(
            name="SendPace",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "gateway", "channel", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("gateway", models.TextField()),
                ("channel", models.TextField()),
                ("per_second", models.IntegerField(null=True)),
                ("tokens", models.FloatField(default=0)),
                ("filled_at", models.DateTimeField(null=True)),
                ("set_by_id", models.BigIntegerField(null=True)),
                ("set_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "send_pace",
            },
        ),
        migrations.AddField(
            model_name="delivery",
            name="campaign_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("campaign_id__isnull", False)),
                fields=["campaign_id", "state"],
                name="delivery_by_campaign",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("campaign_id__isnull", False), ("state", "waiting")),
                fields=["campaign_id", "due_at"],
                name="delivery_campaign_waiting",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="lender",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="store.lender"),
        ),
        migrations.AddField(
            model_name="campaignreject",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rejects", to="store.campaign"
            ),
        ),
        migrations.AddField(
            model_name="campaignstep",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="campaignstep",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="store.campaign"
            ),
        ),
        migrations.AddIndex(
            model_name="campaigntarget",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["campaign_id", "not_before", "person_id"],
                name="campaign_target_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntarget",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "permit", "forbid", "hold", "skipped"])),
                name="campaign_target_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaigntarget",
            constraint=models.UniqueConstraint(fields=("campaign_id", "person_id"), name="campaign_target_once"),
        ),
        migrations.AddConstraint(
            model_name="campaigntarget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision_id__isnull", False), ("delivery_id__isnull", False), ("state", "permit")),
                    models.Q(models.Q(("state", "permit"), _negated=True), ("delivery_id", None)),
                    _connector="OR",
                ),
                name="campaign_target_permitted_with_delivery",
            ),
        ),
        migrations.AddConstraint(
            model_name="sendpace",
            constraint=models.CheckConstraint(
                condition=models.Q(("per_second", None), ("per_second__gte", 1), _connector="OR"),
                name="send_pace_has_a_rate",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "running", "paused", "finished", "cancelled"])),
                name="campaign_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closes_minute__lte", 1440),
                    ("opens_minute__gte", 0),
                    ("from_on__lte", models.F("until_on")),
                    ("opens_minute__lt", models.F("closes_minute")),
                ),
                name="campaign_has_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("per_second", None), ("per_second__gte", 1), _connector="OR"),
                name="campaign_has_a_rate",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state__in", ("finished", "cancelled"))),
                    models.Q(models.Q(("state__in", ("finished", "cancelled")), _negated=True), ("ended_at", None)),
                    _connector="OR",
                ),
                name="campaign_ended_with_its_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("what__in", ["created", "started", "paused", "resumed", "throttled", "finished", "cancelled"])
                ),
                name="campaign_step_what_known",
            ),
        ),
        run_sql_file("campaigns.sql"),
    ]
