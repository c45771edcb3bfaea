"""The portal's way in, in rows: a request for a code, and the session that the code opened."""

from django.db import models

from zhizhi.store.columns import not_negative, one_of
from zhizhi.store.personal import Held, declare, keyed, of_product
from zhizhi.store.words import PERSON_ROLES


def _sealed(zh: str, en: str, table: str) -> Held:
    return of_product(zh, en, "portal", f"{table}/{{id}}")


class PortalRequest(models.Model):
    """查询请求: a browser asked for a code; whether somebody stands behind what was typed is found out by the worker.

    PII: `sealed`: what was typed until the worker has answered, then the masked number, or nothing; `code_mark` is a
    keyed hash of the code. Retention: two days.
    """

    id = models.BigIntegerField(primary_key=True)
    mark = models.BinaryField(unique=True, help_text="SHA-256 of random bits that only the browser holds")
    asked_at = models.DateTimeField()
    sealed = models.BinaryField(null=True)
    handled_at = models.DateTimeField(null=True)
    person_id = models.BigIntegerField(null=True)
    party_id = models.BigIntegerField(null=True)
    role = models.TextField(null=True)
    code_mark = models.BinaryField(null=True)
    code_until = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    personal = declare(
        "id mark asked_at handled_at person_id party_id role code_until tries used_at",
        sealed=_sealed(
            "填写的编号与手机号；答复后只留掩码号码", "what was typed; then the masked number", "portal_request"
        ),
        code_mark=keyed("一次性验证码", "one-time code"),
    )

    class Meta:
        db_table = "portal_request"
        constraints = [
            one_of("portal_request", "role", PERSON_ROLES),
            *not_negative("portal_request", "tries"),
            models.CheckConstraint(
                condition=models.Q(code_mark=None, person_id=None, used_at=None)
                | models.Q(
                    code_mark__isnull=False, code_until__isnull=False, person_id__isnull=False,
                    party_id__isnull=False, role__isnull=False, handled_at__isnull=False, sealed__isnull=False,
                ),
                name="portal_request_code_is_somebodys",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["id"], condition=models.Q(handled_at=None), name="portal_request_waiting"),
            models.Index(fields=["asked_at"], name="portal_request_by_time"),
        ]


class PortalSession(models.Model):
    """门户会话: somebody who showed the code reads what is about them, for a quarter of an hour.

    PII: `sealed`: the masked number that the page shows. Retention: two days after it began.
    """

    id = models.BigIntegerField(primary_key=True)
    mark = models.BinaryField(unique=True, help_text="SHA-256 of random bits that only the browser holds")
    request_id = models.BigIntegerField(unique=True, help_text="whose code opened it: no code opens two")
    person_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    role = models.TextField()
    sealed = models.BinaryField()
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    personal = declare(
        "id mark request_id person_id party_id role began_at ends_at ended_at",
        sealed=_sealed("掩码号码", "masked number", "portal_session"),
    )

    class Meta:
        db_table = "portal_session"
        constraints = [one_of("portal_session", "role", PERSON_ROLES)]
        indexes = [models.Index(fields=["began_at"], name="portal_session_by_time")]
