"""How a breach inquiry goes on: answered, sent back, explained by a second person, or confirmed as a breach."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import product_seal
from zhizhi.store.reconciliation.models import BreachInquiry, InquiryStep
from zhizhi.store.reconciliation.sealing import PURPOSE, step_place
from zhizhi.store.transact.leaves import NewLeaf, add_leaves


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody does with an inquiry. `step`: `answered`, `sent_back`, `explained` or `breach`.

    `lender_id`: the lender whose inquiries this person may touch; None for every lender's.
    """

    inquiry_id: int
    step: str
    by: int
    lender_id: int | None
    text: str = ""
    ground: str | None = None
    article: str | None = None
    consequence: str | None = None


class InquiryRefused(Refused):
    """The inquiry is not there, or not in the state that the step needs."""


def rule_inquiry(ruling: Ruling, at: datetime) -> None:
    """Take a step. Refuses: an inquiry that ended, a step that does not follow, one's own answer to accept."""
    with transaction.atomic(using="gate", durable=True):
        rows = BreachInquiry.objects.using("gate").select_for_update().filter(pk=ruling.inquiry_id)
        if ruling.lender_id is not None:
            rows = rows.filter(lender_id=ruling.lender_id)
        inquiry = rows.first()
        if inquiry is None or inquiry.state not in _FROM[ruling.step]:
            raise InquiryRefused(
                "other_state",
                Text("该核查已变化，请刷新", "the inquiry has changed meanwhile; help: load the page again"),
            )
        if ruling.step == "explained" and inquiry.answered_by == ruling.by:
            raise InquiryRefused(
                "same_person",
                Text("须由第二人确认，不能确认自己的说明", "a second person accepts; not the one who explained"),
            )
        changed = _changes(ruling, at)
        for name, value in changed.items():
            setattr(inquiry, name, value)
        inquiry.save(using="gate", update_fields=list(changed))
        sealed = product_seal(PURPOSE).close(ruling.text.encode(), step_place(inquiry.pk)) if ruling.text else None
        InquiryStep.objects.using("gate").create(inquiry=inquiry, at=at, step=ruling.step, by=ruling.by, sealed=sealed)
        if inquiry.ended_at is not None:
            add_leaves([_end_leaf(inquiry, at)])


_FROM = {
    "answered": ("open",),
    "sent_back": ("answered",),
    "explained": ("answered",),
    "breach": ("open", "answered"),
}


def _changes(ruling: Ruling, at: datetime) -> dict[str, Any]:
    match ruling.step:
        case "answered":
            return {"state": "answered", "ground": ruling.ground, "answered_by": ruling.by}
        case "sent_back":
            return {"state": "open", "ground": None, "answered_by": None}
        case "explained":
            return {"state": "explained", "ended_at": at, "ended_by": ruling.by}
        case _:
            return {
                "state": "breach",
                "article": ruling.article,
                "consequence": ruling.consequence,
                "ended_at": at,
                "ended_by": ruling.by,
            }


def _end_leaf(inquiry: BreachInquiry, at: datetime) -> NewLeaf:
    values = {
        "state": inquiry.state,
        "ground": inquiry.ground,
        "article": inquiry.article,
        "consequence": inquiry.consequence,
        "answered_by": inquiry.answered_by,
        "ended_by": inquiry.ended_by,
    }
    return NewLeaf(LeafKind.INQUIRY, at, inquiry.subject, values, None, inquiry.pk, source_table="breach_inquiry")
