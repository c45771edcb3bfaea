"""A statement is written as it was made, disputed line by line, signed by each side or made anew; each with a leaf."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.canonical import canonical
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.placement.commission import Earned, Statement
from zhizhi.core.placement.rate_card import Rate
from zhizhi.store.commission.gathering import Span
from zhizhi.store.commission.models import CommissionDispute, CommissionLine, CommissionStatement
from zhizhi.store.commission.words import AGENCY, CORRECTED, OPEN, SIGNED, SUPERSEDED
from zhizhi.store.evidence.sources import instant
from zhizhi.store.ids import ids
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.transact.leaves import NewLeaf, add_leaves

SUBJECTS = UUID("3d1f1b4e-6f0c-4f5e-9a54-61c0a1d7e061")
"""A statement is of no person: its subject in the log is made of its number."""


class StatementRefused(Refused):
    """The step cannot be taken; nothing is written."""


_GONE = Text("没有这份对账单，或已不在此状态", "there is no such statement, or it has moved on")
_STANDS = Text("该月对账单已出，重出须先更正", "this month is stated already; help: correct it first")
_DISPUTED = Text("尚有分歧未答复", "something is disputed and not answered yet")
_OTHER = Text("对账单内容与所见不符，请重新打开", "the statement is another than was shown; help: open it again")
_NO_ITEM = Text("对账单没有这一行", "the statement has no such line")
_TWICE = Text("该行已有分歧待答复", "this line is disputed already")


@dataclass(frozen=True, slots=True)
class LineToState:
    """A payment of the month that is, or would be, the agency's."""

    person_id: int
    case_number: str
    earned: Earned


@dataclass(frozen=True, slots=True)
class ToState:
    """A statement to be written."""

    span: Span
    card_id: int
    lines: Sequence[LineToState]
    breaches: Sequence[int]
    total: Statement
    by: int

    def digest(self, n: int) -> bytes:
        """What both sides sign: every line, every rate, every breach and the sums."""
        span = self.span
        return hashlib.sha256(
            canonical(
                {
                    "lender": span.lender_id,
                    "agency": span.agency_id,
                    "month": span.month.isoformat(),
                    "n": n,
                    "currency": span.currency,
                    "card": self.card_id,
                    "at": instant(span.at),
                    "lines": [_written(line.earned) for line in self.lines],
                    "rates": rates_of(self.total),
                    "breaches": list(self.breaches),
                    "base_minor": self.total.base_minor,
                    "commission_minor": self.total.commission_minor,
                    "deducted_minor": self.total.deducted_minor,
                    "due_minor": self.total.due_minor,
                }
            )
        ).digest()


def _written(earned: Earned) -> list[Any]:
    held = earned.held
    assert held is not None, "it is somebody's"
    nothing = earned.nothing.value if earned.nothing is not None else None
    money = earned.money
    return [money.id, held.id, money.paid_on.isoformat(), money.amount_minor, written_rate(earned.rate), nothing]


def written_rate(rate: Rate | None) -> list[Any] | None:
    """A rate as lines keep it."""
    return None if rate is None else [*rate.place, [[tier.from_minor, tier.rate] for tier in rate.tiers]]


def rates_of(total: Statement) -> list[dict[str, Any]]:
    """What each rate brought, as it is kept."""
    return [
        {
            "rate": written_rate(line.rate),
            "payments": line.payments,
            "collected_minor": line.collected_minor,
            "commission_minor": line.commission_minor,
        }
        for line in total.lines
    ]


def write_statement(new: ToState) -> int:
    """Write it, open for both signatures; answers its id. Refuses: a month whose statement stands."""
    span, total = new.span, new.total
    of_month = CommissionStatement.objects.using("gate").filter(
        lender_id=span.lender_id, agency_id=span.agency_id, month=span.month, currency=span.currency
    )
    with transaction.atomic(using="gate", durable=True):
        earlier = list(of_month.select_for_update())
        if any(row.state != SUPERSEDED for row in earlier):
            raise StatementRefused("stands", _STANDS)
        n = len(earlier) + 1
        row = CommissionStatement.objects.using("gate").create(
            lender_id=span.lender_id,
            agency_id=span.agency_id,
            lender_name=Lender.objects.using("gate").get(pk=span.lender_id).name,
            agency_name=Agency.objects.using("gate").get(pk=span.agency_id).name,
            month=span.month,
            n=n,
            card_id=new.card_id,
            currency=span.currency,
            rates=rates_of(total),
            breaches=list(new.breaches),
            lines=len(new.lines),
            base_minor=total.base_minor,
            commission_minor=total.commission_minor,
            deducted_minor=total.deducted_minor,
            due_minor=total.due_minor,
            digest=new.digest(n),
            made_by_id=new.by,
            made_at=span.at,
        )
        taken = ids.take_many(len(new.lines)) if new.lines else range(0)
        numbered = enumerate(zip(new.lines, taken, strict=True), start=1)
        CommissionLine.objects.using("gate").bulk_create(
            [_line(row.pk, number, line, row_id) for number, (line, row_id) in numbered]
        )
        _log(row, span.at)
        return int(row.pk)


def _line(statement_id: int, n: int, line: LineToState, row_id: int) -> CommissionLine:
    earned, held = line.earned, line.earned.held
    assert held is not None, "it is somebody's"
    return CommissionLine(
        person_id=line.person_id,
        id=row_id,
        statement_id=statement_id,
        n=n,
        payment_id=earned.money.id,
        placement_id=held.id,
        case_number=line.case_number,
        paid_on=earned.money.paid_on,
        amount_minor=earned.money.amount_minor,
        hand=held.hand,
        days_past_due=held.days_past_due,
        balance_minor=held.balance_minor,
        rate=written_rate(earned.rate),
        nothing=earned.nothing.value if earned.nothing is not None else None,
    )


def sign_statement(statement_id: int, side: str, digest: str, by: int, at: datetime) -> None:
    """One side signs what the digest names; the second signature closes it.

    Refuses: another statement than was shown, one that is signed or made anew, an open dispute.
    """
    with transaction.atomic(using="gate", durable=True):
        row = _open(statement_id)
        if bytes(row.digest).hex() != digest:
            raise StatementRefused("other_statement", _OTHER)
        if CommissionDispute.objects.using("gate").filter(statement_id=row.pk, answer=None).exists():
            raise StatementRefused("disputed", _DISPUTED)
        if (row.agency_signed_by_id if side == AGENCY else row.lender_signed_by_id) is not None:
            raise StatementRefused("signed", _GONE)
        if side == AGENCY:
            row.agency_signed_by_id, row.agency_signed_at = by, at
        else:
            row.lender_signed_by_id, row.lender_signed_at = by, at
        if row.agency_signed_by_id is not None and row.lender_signed_by_id is not None:
            row.state = SIGNED
        row.save(using="gate", update_fields=[*_MOVING])
        _log(row, at)


_MOVING = (
    "state",
    "agency_signed_by",
    "agency_signed_at",
    "lender_signed_by",
    "lender_signed_at",
    "superseded_at",
)


def dispute_item(statement_id: int, item: str, reason: str, by: int, at: datetime) -> None:
    """Say that a line, or a breach, is not agreed with. Refuses: a statement that the agency signed, no such line."""
    with transaction.atomic(using="gate", durable=True):
        row = _open(statement_id)
        if row.agency_signed_by_id is not None:
            raise StatementRefused("signed", _GONE)
        if not _has_item(row, item):
            raise StatementRefused("no_item", _NO_ITEM)
        disputes = CommissionDispute.objects.using("gate")
        if disputes.filter(statement_id=row.pk, item=item, answer=None).exists():
            raise StatementRefused("twice", _TWICE)
        dispute = disputes.create(statement_id=row.pk, item=item, reason=reason, by_id=by, at=at)
        _log_dispute(row, dispute, at)


def _has_item(row: CommissionStatement, item: str) -> bool:
    if item.startswith("B"):
        return item[1:] in {str(inquiry) for inquiry in row.breaches}
    lines = CommissionLine.objects.using("gate").filter(statement_id=row.pk)
    return item.isascii() and item.isdigit() and lines.filter(n=min(int(item), row.lines + 1)).exists()


def answer_dispute(dispute_id: int, lender_id: int | None, answer: str, text: str, by: int, at: datetime) -> None:
    """Answer it. A correction ends the statement: once the facts are mended it is made anew from them.

    Refuses: a dispute of another lender, one that is answered, of a statement that is not open.
    """
    with transaction.atomic(using="gate", durable=True):
        dispute = CommissionDispute.objects.using("gate").select_for_update().filter(pk=dispute_id, answer=None).first()
        if dispute is None:
            raise StatementRefused("gone", _GONE)
        row = _open(dispute.statement_id)
        if lender_id is not None and row.lender_id != lender_id:
            raise StatementRefused("gone", _GONE)
        dispute.answer, dispute.answer_text = answer, text
        dispute.answered_by_id, dispute.answered_at = by, at
        dispute.save(using="gate", update_fields=["answer", "answer_text", "answered_by", "answered_at"])
        _log_dispute(row, dispute, at)
        if answer == CORRECTED:
            row.state, row.superseded_at = SUPERSEDED, at
            row.save(using="gate", update_fields=[*_MOVING])
            CommissionLine.objects.using("gate").filter(statement_id=row.pk, stands=True).update(stands=False)
            _log(row, at)


@dataclass(frozen=True, slots=True)
class StatementHead:
    """Whose a statement is."""

    lender_id: int
    agency_id: int
    month: date


def head_of_statement(statement_id: int) -> StatementHead | None:
    """For a use case that asks whether whoever acts may."""
    row = CommissionStatement.objects.using("gate").filter(pk=statement_id).first()
    return None if row is None else StatementHead(row.lender_id, row.agency_id, row.month)


def lender_of_dispute(dispute_id: int) -> int | None:
    """Whose statement is disputed."""
    rows = CommissionDispute.objects.using("gate").filter(pk=dispute_id)
    lender_id: int | None = rows.values_list("statement__lender_id", flat=True).first()
    return lender_id


def _open(statement_id: int) -> CommissionStatement:
    rows = CommissionStatement.objects.using("gate").select_for_update().filter(pk=statement_id, state=OPEN)
    row: CommissionStatement | None = rows.first()
    if row is None:
        raise StatementRefused("gone", _GONE)
    return row


def _log(row: CommissionStatement, at: datetime) -> None:
    values = {
        "lender": row.lender_id,
        "agency": row.agency_id,
        "month": row.month.isoformat(),
        "n": row.n,
        "digest": bytes(row.digest).hex(),
        "due_minor": row.due_minor,
        "state": row.state,
        "agency_signed_by": row.agency_signed_by_id,
        "lender_signed_by": row.lender_signed_by_id,
    }
    subject = uuid5(SUBJECTS, str(row.pk))
    add_leaves([NewLeaf(LeafKind.DOCUMENT, at, subject, values, None, row.pk, source_table="commission_statement")])


def _log_dispute(row: CommissionStatement, dispute: CommissionDispute, at: datetime) -> None:
    values = {
        "statement": row.pk,
        "item": dispute.item,
        "reason": dispute.reason,
        "by": dispute.by_id,
        "answer": dispute.answer,
        "answer_text": dispute.answer_text,
        "answered_by": dispute.answered_by_id,
    }
    subject = uuid5(SUBJECTS, str(row.pk))
    add_leaves([NewLeaf(LeafKind.DISPUTE, at, subject, values, None, dispute.pk, source_table="commission_dispute")])
