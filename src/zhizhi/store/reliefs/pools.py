"""减免额度: set for a month; what is taken of it the database counts by itself."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connections, transaction

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.select import select


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A lender's pool of a month."""

    lender_id: int
    month: date
    currency: str
    limit_minor: int
    taken_minor: int

    @property
    def left_minor(self) -> int:
        """What may still be waived."""
        return self.limit_minor - self.taken_minor


_SET = """
INSERT INTO relief_pool (lender_id, month, currency, limit_minor, taken_minor, set_by_id, set_at)
VALUES (%(lender)s, %(month)s, %(currency)s, %(limit)s, 0, %(by)s, %(at)s)
ON CONFLICT (lender_id, month, currency) DO UPDATE
SET limit_minor = EXCLUDED.limit_minor, set_by_id = EXCLUDED.set_by_id, set_at = EXCLUDED.set_at
"""
_POOLS = """
SELECT lender_id, month, currency, limit_minor, taken_minor FROM relief_pool
WHERE lender_id = %(lender)s AND month >= %(since)s ORDER BY month, currency
"""


def set_pool(lender_id: int, month: date, currency: str, limit_minor: int, *, by: int, at: datetime) -> None:
    """Set it. Refuses: less than agreements have taken already."""
    values: dict[str, Any] = {"lender": lender_id, "month": month, "currency": currency}
    values |= {"limit": limit_minor, "by": by, "at": at}
    try:
        with transaction.atomic(using="gate", durable=True), connections["gate"].cursor() as cursor:
            cursor.execute(_SET, values)
    except IntegrityError as error:
        said = getattr(error.__cause__, "diag", None)
        if said is None or said.constraint_name != "relief_pool_holds":
            raise
        less = Text("额度不得低于已占用金额", "the pool is not below what agreements have taken")
        raise Refused("below_taken", less) from None


def load_pools(lender_id: int, since: date) -> list[PoolRow]:
    """The pools of a lender from a month on, for whoever may see them."""
    return [PoolRow(*row) for row in select(_POOLS, {"lender": lender_id, "since": since})]
