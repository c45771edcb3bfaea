"""Which service account a token acts as, and how fast it asks."""

from django.db import models

from zhizhi.store.leases.models import ApiToken
from zhizhi.store.lenders.models import Staff
from zhizhi.store.personal import declare


class TokenAccount(models.Model):
    """系统账号: the service account, a row of `staff`, that a token acts as; several tokens may share one.

    PII: none. Retention: as its token.
    """

    token = models.OneToOneField(ApiToken, primary_key=True, on_delete=models.PROTECT)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT)

    personal = declare("token_id staff_id")

    class Meta:
        db_table = "token_account"


class ApiPace(models.Model):
    """How far ahead of its rate a token has asked; unlogged, so that a crash forgives it.

    PII: none. Retention: replaced with each request.
    """

    token_id = models.BigIntegerField(primary_key=True)
    paid_until = models.DateTimeField()

    personal = declare("token_id paid_until")

    class Meta:
        db_table = "api_pace"
