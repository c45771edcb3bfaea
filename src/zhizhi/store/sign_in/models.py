"""Sign-in in rows: second factors, recovery codes, sessions, devices, waits after failures, and what was done."""

from django.db import models

from zhizhi.store.columns import not_negative, one_of
from zhizhi.store.lenders.models import Staff
from zhizhi.store.personal import Pfi, Shown, declare, of_product, of_staff

FACTORS = ("totp", "passkey")
PROOFS = ("totp", "passkey", "recovery", "demonstration", "password", "provider")
ACTS = (
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
)


MAIL_STATES = ("waiting", "sending", "sent", "failed", "unknown", "replaced")


class SecondFactor(models.Model):
    """第二因素: an authenticator app or a passkey of a member.

    PII: `sealed` (secret or public key) under the product's key, bound to the member. Retention: three years after
    the member left; `sealed` is emptied when the factor ends.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT)
    kind = models.TextField()
    label = models.TextField()
    sealed = models.BinaryField()
    mark = models.BinaryField(null=True, unique=True, help_text="SHA-256 of a passkey's id: no passkey twice")
    count = models.BigIntegerField(default=0, help_text="newest time step used, or the passkey's own count")
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    personal = declare(
        "id staff_id kind label mark count added_at used_at ended_at",
        sealed=of_product(
            "验证器密钥或通行密钥公钥",
            "secret of an authenticator, or public key of a passkey",
            "sign-in",
            "second_factor/{staff_id}/{kind}",
            Shown.NOBODY,
            pfi=Pfi.STAFF,
        ),
    )

    class Meta:
        db_table = "second_factor"
        constraints = [one_of("second_factor", "kind", FACTORS), *not_negative("second_factor", "count")]
        indexes = [models.Index(fields=["staff"], condition=models.Q(ended_at=None), name="second_factor_standing")]


class RecoveryCode(models.Model):
    """恢复码: opens once where the factor is lost. Only a keyed digest of its 79 random bits is kept.

    PII: none. Retention: three years after the member left.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT)
    mark = models.BinaryField()
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    void_at = models.DateTimeField(null=True)

    personal = declare(
        "id staff_id mark made_at used_at void_at",
    )

    class Meta:
        db_table = "recovery_code"
        constraints = [models.UniqueConstraint(fields=["staff", "mark"], name="recovery_code_once")]


class StaffDevice(models.Model):
    """设备: a browser in which a member has signed in; the same browser of two members is two rows.

    PII: none; a coarse name (browser, system), and a digest of random bits. Retention: three years after the member
    left.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT)
    mark = models.BinaryField()
    label = models.TextField()
    first_seen_at = models.DateTimeField()
    noticed_at = models.DateTimeField(null=True, help_text="when the member said: seen")
    forgotten_at = models.DateTimeField(null=True)

    personal = declare(
        "id staff_id mark label first_seen_at noticed_at forgotten_at",
    )

    class Meta:
        db_table = "staff_device"
        constraints = [models.UniqueConstraint(fields=["staff", "mark"], name="staff_device_once")]


class StaffSession(models.Model):
    """登录会话: honoured as long as this row stands and the member is who it began with.

    PII: none. Retention: three years after the member left.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT)
    device = models.ForeignKey(StaffDevice, on_delete=models.PROTECT)
    mark = models.BinaryField(unique=True)
    standing = models.BinaryField(help_text="digest of role, lender, agency, password and is_active at the beginning")
    proof = models.TextField()
    proved_at = models.DateTimeField(null=True, help_text="the newest proof by a second factor")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.TextField(default="")

    personal = declare(
        "id staff_id device_id mark standing proof proved_at started_at seen_at ends_at ended_at ended_because",
    )

    class Meta:
        db_table = "staff_session"
        constraints = [one_of("staff_session", "proof", PROOFS)]
        indexes = [models.Index(fields=["staff"], condition=models.Q(ended_at=None), name="staff_session_standing")]


class SignInWait(models.Model):
    """Failures of one login, address or member's factor, and until when the next attempt waits.

    PII: none; the key is a keyed digest. Retention: two days after the last failure; where locked, until opened.
    """

    mark = models.BinaryField(primary_key=True)
    failures = models.IntegerField(default=0)
    latest_at = models.DateTimeField()
    open_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True)

    personal = declare(
        "mark failures latest_at open_at locked_at",
    )

    class Meta:
        db_table = "sign_in_wait"
        constraints = [*not_negative("sign_in_wait", "failures")]
        indexes = [models.Index(fields=["latest_at"], name="sign_in_wait_by_time")]


class SignInAct(models.Model):
    """What was done to a member's sign-in, by whom and on what ground; only ever added, each with a leaf.

    PII: none. Retention: three years after the member left.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ground = models.TextField(default="")
    at = models.DateTimeField()

    personal = declare(
        "id staff_id kind by_id at",
        ground=of_staff("理由", "ground"),
    )

    class Meta:
        db_table = "sign_in_act"
        constraints = [one_of("sign_in_act", "kind", ACTS)]
        indexes = [models.Index(fields=["staff", "-at"], name="sign_in_act_of_staff")]


class Invitation(models.Model):
    """邀请: opens the choice of a first password once. Of its 118 random bits only a keyed digest is kept.

    PII: none. Retention: three years after the member left.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    mark = models.BinaryField()
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    void_at = models.DateTimeField(null=True)

    personal = declare("id staff_id mark made_by_id made_at ends_at used_at void_at")

    class Meta:
        db_table = "invitation"
        constraints = [
            models.UniqueConstraint(
                fields=["staff"], condition=models.Q(used_at=None, void_at=None), name="invitation_one_open_a_member"
            ),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(void_at=None), name="invitation_used_or_void"
            ),
        ]


class WorkAddress(models.Model):
    """工作邮箱: where an invitation is sent; of the operator's own domains.

    PII: `sealed` (an e-mail address of an employee) under the product's key, bound to the member. Retention: until
    another is written or the member leaves.
    """

    staff = models.OneToOneField(Staff, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    set_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    personal = declare(
        "id staff_id set_by_id set_at",
        sealed=of_product(
            *("工作邮箱", "work e-mail address", "sign-in", "work_address/{staff_id}"), Shown.MASKED, pfi=Pfi.STAFF
        ),
    )

    class Meta:
        db_table = "work_address"


class InvitationMail(models.Model):
    """邀请邮件: somebody asked that a member be sent an invitation, and what came of it.

    Its code is made while it is sent, and is in no row: another try makes another one.

    PII: none. Retention: thirty days.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.TextField(default="waiting")
    tries = models.IntegerField(default=0)
    due_at = models.DateTimeField(help_text="when it is tried; while it is sent: when it counts as lost")
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.PROTECT, related_name="+")
    failure = models.TextField(default="", help_text="a code of why it did not leave, or may have")
    ended_at = models.DateTimeField(null=True)

    personal = declare("id staff_id asked_by_id asked_at state tries due_at invitation_id failure ended_at")

    class Meta:
        db_table = "invitation_mail"
        constraints = [
            one_of("invitation_mail", "state", MAIL_STATES),
            *not_negative("invitation_mail", "tries"),
            models.CheckConstraint(
                condition=models.Q(state__in=("waiting", "sending"), ended_at=None)
                | (~models.Q(state__in=("waiting", "sending")) & models.Q(ended_at__isnull=False)),
                name="invitation_mail_ends",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="sent") | models.Q(invitation__isnull=False),
                name="invitation_mail_sent_is_of_an_invitation",
            ),
            models.UniqueConstraint(
                fields=["staff"],
                condition=models.Q(state__in=("waiting", "sending")),
                name="invitation_mail_one_open_a_member",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-asked_at"], name="invitation_mail_by_asker"),
            models.Index(fields=["ended_at"], name="invitation_mail_by_end"),
        ]


class ProviderLink(models.Model):
    """统一认证绑定: the identity at the provider that is this member; of its `sub` only a keyed digest is kept.

    PII: none. Retention: three years after the member left.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    issuer = models.TextField()
    subject_mark = models.BinaryField()
    linked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    personal = declare("id staff_id issuer subject_mark linked_at ended_at")

    class Meta:
        db_table = "provider_link"
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "issuer"], condition=models.Q(ended_at=None), name="provider_link_one_a_member"
            ),
            models.UniqueConstraint(
                fields=["subject_mark"], condition=models.Q(ended_at=None), name="provider_link_one_a_subject"
            ),
        ]


class ProviderSession(models.Model):
    """A session that began at the provider, so that its logout ends it; keyed digests of `sub` and `sid`.

    PII: none. Retention: three years after the member left.
    """

    session = models.OneToOneField(StaffSession, primary_key=True, on_delete=models.PROTECT, related_name="+")
    subject_mark = models.BinaryField()
    sid_mark = models.BinaryField(null=True)

    personal = declare("session_id subject_mark sid_mark")

    class Meta:
        db_table = "provider_session"
        indexes = [
            models.Index(fields=["subject_mark"], name="provider_session_by_subject"),
            models.Index(fields=["sid_mark"], name="provider_session_by_sid"),
        ]
