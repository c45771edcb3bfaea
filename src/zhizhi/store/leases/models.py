"""Leases in rows: who may ask, for which campaign, what was leased, and what was reported of it."""

from django.db import models

from zhizhi.store.columns import PersonRow, one_of
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.personal import Shown, declare, of_person, of_product

SCOPES = ("lease", "lease.number")
RECORDS = (
    "never_rang",
    "rang",
    "answered",
    "abandoned",
    "talked",
    "no_answer",
    "busy",
    "not_in_service",
    "rejected",
    "voicemail_limited",
)


class ApiToken(models.Model):
    """接口令牌: a system that may use the API for one lender, or for an agency's placements of that lender.

    PII: none; the secret itself is not kept, only its SHA-256 (it has 256 random bits). Retention: five years after
    revocation, as the contacts that it leased.
    """

    name = models.TextField()
    secret_sha256 = models.BinaryField(unique=True)
    lender = models.ForeignKey(Lender, on_delete=models.PROTECT)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT)
    scopes = models.JSONField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    personal = declare(
        "id name secret_sha256 lender_id agency_id scopes created_at expires_at revoked_at",
    )

    class Meta:
        db_table = "api_token"


class KeptAnswer(models.Model):
    """What a request with an idempotency key was answered: the same key gets the same answer, and nothing twice.

    PII: `sealed` (may hold a telephone number in clear) under the product's key. Retention: two days after `at`, longer
    than any lease.
    """

    pk = models.CompositePrimaryKey("token_id", "key")
    token_id = models.BigIntegerField()
    key = models.TextField()
    request_sha256 = models.BinaryField()
    at = models.DateTimeField()
    sealed = models.BinaryField()

    personal = declare(
        "token_id key request_sha256 at",
        sealed=of_product(
            "对租用请求的答复，可含号码",
            "answer to a lease, may hold a number",
            "api/answers",
            "answer/{token_id}/{key}",
            Shown.NOBODY,
        ),
    )

    class Meta:
        db_table = "kept_answer"
        indexes = [models.Index(fields=["at"], name="kept_answer_by_time")]


class LeaseCampaign(models.Model):
    """外呼活动: the name under which a system leases; once it ended nothing is leased, and what waits is recalled.

    PII: none; the name is the system's own word. Retention: five years, as its leases.
    """

    lender_id = models.BigIntegerField()
    agency_id = models.BigIntegerField(null=True)
    name = models.TextField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    personal = declare(
        "id lender_id agency_id name begun_at ended_at",
    )

    class Meta:
        db_table = "lease_campaign"
        constraints = [
            models.UniqueConstraint(
                fields=["lender_id", "agency_id", "name"], name="lease_campaign_once", nulls_distinct=False
            )
        ]


class Lease(PersonRow):
    """租用: a permit in the hands of another system. It is used from the second in which it was minted; to ring, the
    system has to confirm it, once, before it expires and while nothing came between (trigger).

    PII: none by itself. Retention: collection record, five years.
    """

    permit_id = models.BigIntegerField()
    delivery_id = models.BigIntegerField()
    campaign_id = models.BigIntegerField()
    token_id = models.BigIntegerField()
    version = models.BigIntegerField(
        default=0, help_text="of the person once it was leased; another asks the law again"
    )
    leased_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    recalled_at = models.DateTimeField(null=True)
    recalled_because = models.TextField(null=True)

    personal = declare(
        "permit_id delivery_id campaign_id token_id version leased_at expires_at confirmed_at recalled_at "
        "recalled_because",
    )

    class Meta:
        db_table = "lease"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "permit_id"], name="lease_once_a_permit"),
            models.CheckConstraint(
                condition=models.Q(recalled_at__isnull=True, recalled_because__isnull=True)
                | models.Q(recalled_at__isnull=False, recalled_because__isnull=False, confirmed_at__isnull=True),
                name="lease_recalled_or_confirmed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign_id"],
                condition=models.Q(confirmed_at=None, recalled_at=None),
                name="lease_waiting_by_campaign",
            )
        ]


class LeaseRecord(PersonRow):
    """通话记录: what a system reports of a lease; kept as it came, in whatever order, each once. Only ever added.

    PII: `sealed_proof` (number of a carrier's or dialler's record) under the person's key. Retention: collection
    record, five years.
    """

    lease_id = models.BigIntegerField()
    token_id = models.BigIntegerField()
    kind = models.TextField()
    began_at = models.DateTimeField(null=True, help_text="when the call was dialled, as reported")
    talk_seconds = models.IntegerField(null=True)
    ring_seconds = models.IntegerField(null=True)
    number_differs = models.BooleanField(default=False)
    sealed_proof = models.BinaryField(null=True)
    recorded_at = models.DateTimeField()

    personal = declare(
        "lease_id token_id kind began_at talk_seconds ring_seconds number_differs recorded_at",
        sealed_proof=of_person(
            "线路商或外呼系统的记录号", "number of a carrier's or dialler's record", "lease_record/{id}", Shown.OPENED
        ),
    )

    class Meta:
        db_table = "lease_record"
        constraints = [one_of("lease_record", "kind", RECORDS)]
        indexes = [models.Index(fields=["person_id", "lease_id"], name="lease_record_of_lease")]
