"""An incident, what has to be told until when, and the log of its facts."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from zhizhi.store.columns import one_of
from zhizhi.store.incidents.words import FACTS, KINDS
from zhizhi.store.lenders.models import Lender, Staff
from zhizhi.store.personal import declare, written


class Incident(models.Model):
    """事件: a leak, tampering, loss or outage; how grave it is stands in its facts, the latest counts.

    PII: none. Retention: for ever, as the leaves that speak of it.
    """

    subject = models.UUIDField(default=uuid4, unique=True, help_text="random id that stands for it in the evidence log")
    lender = models.ForeignKey(Lender, null=True, on_delete=models.PROTECT, help_text="null: the whole installation")
    kind = models.TextField()
    is_drill = models.BooleanField()
    known_at = models.DateTimeField(help_text="when somebody of the house first knew: every clock begins here")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    personal = declare("id subject lender_id kind is_drill known_at opened_at opened_by_id closed_at")

    class Meta:
        db_table = "incident"
        constraints = [
            one_of("incident", "kind", KINDS),
            models.CheckConstraint(condition=Q(known_at__lte=F("opened_at")), name="incident_known_before_opened"),
        ]
        indexes = [models.Index(fields=["-opened_at", "-id"], name="incident_by_time")]


class IncidentDeadline(models.Model):
    """What has to be told, to whom, until when; answered once, by a filing or by a ground why nothing was owed.

    PII: none. Retention: with the incident.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="deadlines")
    clock = models.TextField(help_text="id of defaults/incident_clocks.toml")
    warn_at = models.DateTimeField(help_text="a quarter of the time is left")
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    personal = declare("id incident_id clock warn_at due_at answered_at")

    class Meta:
        db_table = "incident_deadline"
        constraints = [
            models.UniqueConstraint(fields=["incident", "clock"], name="incident_deadline_once"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(answered_at=None), name="incident_deadline_open")]


class IncidentFact(models.Model):
    """One entry of the log of an incident, only ever added, each with a leaf.

    PII: none by itself; `text` is written by staff and numbers are refused. Retention: with the incident.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="facts")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    clock = models.TextField(null=True)
    body = models.JSONField(default=dict, help_text="grade, flags and number of persons, or the reference of a filing")
    text = models.TextField()

    personal = declare(
        "id incident_id at by_id kind clock body",
        text=written("事实经过", "what is known of the incident"),
    )

    class Meta:
        db_table = "incident_fact"
        constraints = [
            one_of("incident_fact", "kind", FACTS),
            models.CheckConstraint(
                condition=Q(kind__in=["filed", "not_owed"], clock__isnull=False)
                | ~Q(kind__in=["filed", "not_owed"]) & Q(clock=None),
                name="incident_fact_names_its_clock",
            ),
        ]
        indexes = [models.Index(fields=["incident", "id"], name="incident_fact_of_incident")]
