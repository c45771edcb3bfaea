"""目标: what a lender wants to collect of a product in a month, who set it, and what was set before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from zhizhi.store.figures.models import Target
from zhizhi.store.select import select

CHANGES_SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class TargetChange:
    """A target as it was set; the latest one of a month and product counts."""

    month: date
    product: str
    amount_minor: int
    currency: str
    set_at: datetime
    set_by: str


_CHANGES = """
SELECT t.month, t.product, t.amount_minor, t.currency, t.set_at, s.name
FROM collection_target t JOIN staff s ON s.id = t.set_by_id
WHERE t.lender_id = %(lender)s AND t.month >= %(since)s
ORDER BY t.set_at DESC, t.id DESC LIMIT %(limit)s
"""


def load_target_changes(lender_id: int, since: date) -> list[TargetChange]:
    """What was set for months from a day on, the latest first."""
    values = {"lender": lender_id, "since": since, "limit": CHANGES_SHOWN_MAX}
    return [TargetChange(*row) for row in select(_CHANGES, values)]


_IN_FORCE = """
SELECT DISTINCT ON (product) product, amount_minor FROM collection_target
WHERE lender_id = %(lender)s AND month = %(month)s AND currency = %(currency)s
ORDER BY product, set_at DESC, id DESC
"""


def load_month_targets(lender_id: int, month: date, currency: str) -> dict[str, int]:
    """The targets of a month by product, in minor units."""
    return dict(select(_IN_FORCE, {"lender": lender_id, "month": month, "currency": currency}))


def add_targets(
    lender_id: int, month: date, currency: str, amounts: Mapping[str, int], *, by: int, at: datetime
) -> None:
    """Set the targets of some products of a month; what stood before stays on record."""
    rows = [
        Target(
            lender_id=lender_id,
            month=month,
            product=product,
            amount_minor=minor,
            currency=currency,
            set_by_id=by,
            set_at=at,
        )
        for product, minor in amounts.items()
    ]
    with transaction.atomic(using="gate", durable=True):
        Target.objects.using("gate").bulk_create(rows)
