"""Work addresses of staff, and invitations that are sent there."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhizhi.store.sql_files import run_sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0058_person_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="InvitationMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField()),
                ("state", models.TextField(default="waiting")),
                ("tries", models.IntegerField(default=0)),
                (
                    "due_at",
                    models.DateTimeField(help_text="when it is tried; while it is sent: when it counts as lost"),
                ),
                ("failure", models.TextField(default="", help_text="a code of why it did not leave, or may have")),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "invitation_mail",
            },
        ),
        migrations.CreateModel(
            name="WorkAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sealed", models.BinaryField()),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "db_table": "work_address",
            },
        ),
        migrations.RemoveConstraint(
            model_name="signinact",
            name="sign_in_act_kind_known",
        ),
        migrations.AddConstraint(
            model_name="signinact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "factor_added",
                            "factor_ended",
                            "factors_reset",
                            "passkey_copied",
                            "codes_made",
                            "code_used",
                            "sessions_ended",
                            "device_forgotten",
                            "unlocked",
                            "password_changed",
                            "invited",
                            "invitation_used",
                            "address_set",
                            "provider_linked",
                            "broke_glass",
                            "left",
                        ],
                    )
                ),
                name="sign_in_act_kind_known",
            ),
        ),
        migrations.AddField(
            model_name="invitationmail",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="invitationmail",
            name="invitation",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.invitation"
            ),
        ),
        migrations.AddField(
            model_name="invitationmail",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="workaddress",
            name="set_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="workaddress",
            name="staff",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="invitationmail",
            index=models.Index(fields=["asked_by", "-asked_at"], name="invitation_mail_by_asker"),
        ),
        migrations.AddIndex(
            model_name="invitationmail",
            index=models.Index(fields=["ended_at"], name="invitation_mail_by_end"),
        ),
        migrations.AddConstraint(
            model_name="invitationmail",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "sending", "sent", "failed", "unknown", "replaced"])),
                name="invitation_mail_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitationmail",
            constraint=models.CheckConstraint(
                condition=models.Q(("tries__gte", 0)), name="invitation_mail_tries_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitationmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state__in", ("waiting", "sending"))),
                    models.Q(
                        models.Q(("state__in", ("waiting", "sending")), _negated=True), ("ended_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="invitation_mail_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitationmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "sent"), _negated=True), ("invitation__isnull", False), _connector="OR"
                ),
                name="invitation_mail_sent_is_of_an_invitation",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitationmail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("waiting", "sending"))),
                fields=("staff",),
                name="invitation_mail_one_open_a_member",
            ),
        ),
        run_sql_file("invitation_mails.sql"),
    ]
