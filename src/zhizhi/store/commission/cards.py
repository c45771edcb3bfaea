"""Rate cards: added once two persons agreed, and found by the month."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.placement.rate_card import RateCard
from zhizhi.store.commission.models import CommissionCard


@dataclass(frozen=True, slots=True)
class CardInForce:
    """A card with its id."""

    id: int
    card: RateCard


def add_card(
    lender_id: int, agency_id: int, currency: str, from_on: date, terms: dict[str, Any], approval_id: int, at: datetime
) -> None:
    """Add it, in the open transaction of its approval. Refuses: a month that has one."""
    of_month = CommissionCard.objects.using("gate").filter(
        lender_id=lender_id, agency_id=agency_id, currency=currency, from_on=from_on
    )
    if of_month.exists():
        raise Refused("has_card", Text("该月起已有费率表", "a card begins with this month already"))
    CommissionCard.objects.using("gate").create(
        lender_id=lender_id,
        agency_id=agency_id,
        currency=currency,
        from_on=from_on,
        terms=terms,
        approval_id=approval_id,
        added_at=at,
    )


def card_of(lender_id: int, agency_id: int, currency: str, month: date) -> CardInForce | None:
    """The card of a month: the latest that began with it or before."""
    rows = CommissionCard.objects.using("gate").filter(
        lender_id=lender_id, agency_id=agency_id, currency=currency, from_on__lte=month
    )
    row = rows.order_by("-from_on").first()
    return None if row is None else CardInForce(row.pk, RateCard.from_document(row.terms))


def has_statement_since(lender_id: int, agency_id: int, currency: str, from_on: date) -> bool:
    """Whether a month from this one on stands stated, with an earlier card."""
    rows = CommissionCard.objects.using("gate").filter(lender_id=lender_id, agency_id=agency_id, currency=currency)
    return (
        rows.filter(commissionstatement__month__gte=from_on).exclude(commissionstatement__state="superseded").exists()
    )
