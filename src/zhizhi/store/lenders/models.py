"""Who lends, who collects for them, and the people who sit at the desks."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from zhizhi.core.kernel.text import Text
from zhizhi.store.columns import one_of
from zhizhi.store.personal import Pfi, declare, kept, of_staff
from zhizhi.store.words import SERVICE_ROLE, STAFF_ROLES

CHANGES = ("begin", "join", "admit", "move", "return", "password", "leave")
ONE_PERSON = ("begin", "leave")
CHANGE_STATES = ("asked", "done", "refused", "withdrawn")


class Lender(models.Model):
    """A lender whose loans are collected here; its profile names the rule packs that bind it.

    PII: none. Retention: as long as the product is in use.
    """

    code = models.TextField(unique=True)
    name = models.TextField()
    profile = models.TextField(help_text="profile of contract/conduct-case.md, such as cn.bank.card")
    recorder = models.TextField(
        default="unavailable", help_text="`on` only for a registered recording telephone system"
    )
    signature = models.TextField(default="", help_text="filed SMS signature, without brackets")
    is_synthetic = models.BooleanField(default=False)

    personal = declare(
        "id code name profile recorder signature is_synthetic",
    )

    class Meta:
        db_table = "lender"
        constraints = [one_of("lender", "recorder", ("on", "unavailable"))]


class Agency(models.Model):
    """An agency that collects for lenders; its dates are facts that rules ask for (GB/T 45251-2025 5.4).

    PII: none. Retention: as long as the product is in use.
    """

    code = models.TextField(unique=True)
    name = models.TextField()
    is_listed = models.BooleanField(default=False)
    evaluated_on = models.DateField(null=True)
    inspected_on = models.DateField(null=True)
    contract_ends_on = models.DateField(null=True)

    personal = declare(
        "id code name is_listed evaluated_on inspected_on contract_ends_on",
    )

    class Meta:
        db_table = "agency"


class Queue(models.Model):
    """A bucket of work of one lender: 队列.

    PII: none. Retention: as long as the product is in use.
    """

    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    code = models.TextField()
    name = models.TextField()
    hand = models.TextField(default="自营")
    team = models.TextField(default="", help_text="the team whose leader sees its cases; empty: no team's")

    personal = declare(
        "id lender_id code name hand team",
    )

    class Meta:
        db_table = "queue"
        constraints = [models.UniqueConstraint(fields=["lender", "code"], name="queue_code_once_a_lender")]


class Staff(AbstractBaseUser):
    """Somebody who signs in: a collector, team leader, compliance head, auditor, …

    PII: `login`, `name` of an employee, in the clear: shown to colleagues as part of the work (PIPL 13 (2),
    management of staff).
    Retention: three years after leaving (limitation, CC 188).
    """

    login = models.TextField(unique=True)
    name = models.TextField()
    role = models.TextField()
    lender = models.ForeignKey(Lender, null=True, on_delete=models.PROTECT)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT)
    team = models.TextField(default="")
    language = models.TextField(default="zh")
    capacity = models.IntegerField(
        default=0, help_text="open cases that this collector can work; 0: gets none assigned"
    )
    trained_on = models.DateField(null=True)
    certified_until = models.DateField(null=True)
    uses_private_device = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_admitted = models.BooleanField(
        default=False, help_text="two persons said that this one may sign in, and as what; files change it no more"
    )
    is_synthetic = models.BooleanField(default=False)

    objects = BaseUserManager()

    USERNAME_FIELD = "login"

    personal = declare(
        "id last_login role lender_id agency_id team language capacity trained_on certified_until "
        "uses_private_device is_active is_admitted is_synthetic",
        login=of_staff("登录名", "login name"),
        name=of_staff("姓名", "name"),
        password=kept(
            "口令的加盐杂凑",
            "salted hash of the password",
            Text("由 Django 以单向算法保存，无法还原；只供核验", "a one-way hash of Django's, kept to be checked only"),
            Pfi.STAFF,
        ),
    )

    class Meta:
        db_table = "staff"
        constraints = [one_of("staff", "role", (*STAFF_ROLES, SERVICE_ROLE)), one_of("staff", "language", ("zh", "en"))]


class StaffChange(models.Model):
    """人员变动: what somebody asked for about a member, and the word of another person on it.

    Nothing but its end ever changes (trigger); each word is a leaf. `begin`: by whoever installs, before anybody.

    PII: none. Retention: three years after the member left.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    role = models.TextField()
    lender = models.ForeignKey(Lender, null=True, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="+")
    team = models.TextField(default="")
    ground = models.TextField()
    asked_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.TextField(default="asked")
    ruled_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField(null=True)
    ruled_ground = models.TextField(default="")

    personal = declare(
        "id staff_id kind role lender_id agency_id team asked_by_id asked_at state ruled_by_id ruled_at",
        ground=of_staff("理由", "ground"),
        ruled_ground=of_staff("审批意见", "ground of the ruling"),
    )

    class Meta:
        db_table = "staff_change"
        constraints = [
            one_of("staff_change", "kind", CHANGES),
            one_of("staff_change", "role", STAFF_ROLES),
            one_of("staff_change", "state", CHANGE_STATES),
            models.UniqueConstraint(
                fields=["staff"], condition=models.Q(state="asked"), name="staff_change_one_open_a_member"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="begin") | models.Q(asked_by__isnull=False),
                name="staff_change_asked_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(asked_by=None) | ~models.Q(asked_by=models.F("staff")),
                name="staff_change_not_asked_by_oneself",
            ),
            models.CheckConstraint(
                condition=models.Q(ruled_by=None)
                | (~models.Q(ruled_by=models.F("staff")) & ~models.Q(ruled_by=models.F("asked_by"))),
                name="staff_change_ruled_by_a_third",
            ),
            models.CheckConstraint(
                condition=models.Q(state="asked", ruled_at=None, ruled_by=None)
                | models.Q(state__in=("done", "refused"), ruled_at__isnull=False, ruled_by__isnull=False)
                | models.Q(state="withdrawn", ruled_at__isnull=False)
                | models.Q(state="done", ruled_at__isnull=False, kind__in=ONE_PERSON),
                name="staff_change_ruled_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["staff", "-asked_at"], name="staff_change_of_staff"),
            models.Index(fields=["asked_at", "id"], condition=models.Q(state="asked"), name="staff_change_waiting"),
        ]


class ViewerKey(models.Model):
    """The key under which the web process seals the id of whoever looks; one row, made by its migration.

    PII: none. Retention: as long as the database; a new one ends nobody's session, the next reading fetches it.
    """

    id = models.SmallIntegerField(primary_key=True)
    secret = models.BinaryField()
    inner_pad = models.BinaryField()
    outer_pad = models.BinaryField()

    personal = declare(
        "id secret inner_pad outer_pad",
    )

    class Meta:
        db_table = "viewer_key"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="viewer_key_one_row")]
