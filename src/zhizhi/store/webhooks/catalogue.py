"""What systems may be told of: the one table of events, from which leaf of the log each comes, and where it is read.

Every change writes a leaf in its own transaction, so an event is made from the leaf: no use case can forget one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.kernel.text import Text


class EventType(StrEnum):
    """A kind of event. Types are never renamed; new ones are appended."""

    CONTACT_PERMITTED = "contact.permitted"
    CONTACT_REFUSED = "contact.refused"
    CONTACT_HELD = "contact.held"
    HOLD_RULED = "hold.ruled"
    CONTACT_RECORDED = "contact.recorded"
    CONTACT_OUTCOME = "contact.outcome"
    CONTACT_NOT_MADE = "contact.not_made"
    STATEMENT_RECORDED = "statement.recorded"
    DISPUTE_OPENED = "dispute.opened"
    COMPLAINT_OPENED = "complaint.opened"
    STOP_OPENED = "stop.opened"
    STOP_LIFTED = "stop.lifted"
    PLAN_AGREED = "plan.agreed"
    NOTE_RECORDED = "note.recorded"
    PAYMENT_RECORDED = "payment.recorded"
    IMPORT_ENDED = "import.ended"
    INQUIRY_OPENED = "breach_inquiry.opened"
    INQUIRY_ENDED = "breach_inquiry.ended"
    PLAN_BROKEN = "plan.broken"
    PLACEMENT_BEGAN = "placement.began"
    PLACEMENT_EXTENDED = "placement.extended"
    PLACEMENT_ENDED = "placement.ended"

    @property
    def row(self) -> "Event":
        """Its line of the table."""
        return EVENTS[self]


@dataclass(frozen=True, slots=True)
class Event:
    """`noun` and `letter`: what the id in `data` is called, and the letter of the API before it. `read_at`: where below
    `/api/v1/`, with `{case}` and `{id}` to be filled in; None: no operation reads it yet. `for_agencies`: whether the
    agency that has the case is told."""

    says: Text
    noun: str
    letter: str = ""
    read_at: str | None = None
    of_case: bool = True
    for_agencies: bool = True


def _of_case(zh: str, en: str, noun: str, listed: str, letter: str = "") -> Event:
    return Event(Text(zh, en), noun, letter, f"cases/{{case}}/{listed}")


EVENTS = {
    EventType.CONTACT_PERMITTED: _of_case("准许一次联系", "a contact was permitted", "decision", "decisions/{id}"),
    EventType.CONTACT_REFUSED: _of_case("不准一次联系", "a contact was refused", "decision", "decisions/{id}"),
    EventType.CONTACT_HELD: _of_case(
        "一次联系待人工核定", "a contact waits for a person", "decision", "decisions/{id}"
    ),
    EventType.HOLD_RULED: _of_case("人工核定已作出", "a person ruled on a hold", "hold", "decisions"),
    EventType.CONTACT_RECORDED: _of_case("发生了一次联系", "a contact happened", "contact", "contacts", "e"),
    EventType.CONTACT_OUTCOME: _of_case("联系结果变化", "the outcome of a contact changed", "contact", "contacts", "e"),
    EventType.CONTACT_NOT_MADE: _of_case(
        "获准的联系未送出、已撤回或结果未定",
        "a permitted contact failed, was pulled back, or its end is unknown",
        "delivery",
        "permits",
    ),
    EventType.STATEMENT_RECORDED: _of_case("登记客户意愿", "a statement was recorded", "statement", "statements"),
    EventType.DISPUTE_OPENED: _of_case("提出异议", "a debt is disputed", "statement", "statements"),
    EventType.COMPLAINT_OPENED: _of_case("登记投诉", "a complaint was opened", "statement", "statements"),
    EventType.STOP_OPENED: _of_case("停催", "a stop was set", "stop", "stops"),
    EventType.STOP_LIFTED: _of_case("解除停催或方案", "a stop or a plan was lifted", "stop", "stops"),
    EventType.PLAN_AGREED: _of_case("协商方案达成", "a plan was agreed", "stop", "stops"),
    EventType.NOTE_RECORDED: _of_case("写下催记", "a note was written", "note", "notes"),
    EventType.PAYMENT_RECORDED: _of_case("登记还款", "a payment was recorded", "payment", "payments"),
    EventType.IMPORT_ENDED: Event(
        Text("导入结束或撤回", "an import ended or was withdrawn"), "imported", "", "imports/{id}", of_case=False
    ),
    EventType.INQUIRY_OPENED: Event(
        Text("开立违规核查", "a breach inquiry was opened"), "breach_inquiry", of_case=False
    ),
    EventType.INQUIRY_ENDED: Event(Text("违规核查了结", "a breach inquiry ended"), "breach_inquiry", of_case=False),
    EventType.PLAN_BROKEN: _of_case("协商方案违约", "an agreed plan was broken", "stop", "stops"),
    EventType.PLACEMENT_BEGAN: Event(Text("案件移交外包机构", "a case was placed"), "placement", "", "cases/{case}"),
    EventType.PLACEMENT_EXTENDED: Event(Text("留案", "a placement was extended"), "extension", "", "cases/{case}"),
    # whoever had the case may know nothing of it any more, and whoever has it now nothing of who had it
    EventType.PLACEMENT_ENDED: Event(
        Text("撤案、退案、到期或结案", "a placement was recalled, returned, over its term or closed"),
        *("placement", "", "cases/{case}"),
        for_agencies=False,
    ),
}

_BY_LEAF = {
    (LeafKind.PERMIT, "decision"): EventType.CONTACT_PERMITTED,
    (LeafKind.REFUSAL, "decision"): EventType.CONTACT_REFUSED,
    (LeafKind.HOLD, "decision"): EventType.CONTACT_HELD,
    (LeafKind.RELEASE, "hold"): EventType.HOLD_RULED,
    (LeafKind.REFUSAL, "hold"): EventType.HOLD_RULED,
    (LeafKind.CONTACT, "contact"): EventType.CONTACT_RECORDED,
    (LeafKind.RECEIPT, "contact"): EventType.CONTACT_OUTCOME,
    (LeafKind.OUTCOME, "delivery"): EventType.CONTACT_NOT_MADE,
    (LeafKind.STATEMENT, "statement"): EventType.STATEMENT_RECORDED,
    (LeafKind.CONSENT, "statement"): EventType.STATEMENT_RECORDED,
    (LeafKind.DISPUTE, "statement"): EventType.DISPUTE_OPENED,
    (LeafKind.COMPLAINT, "statement"): EventType.COMPLAINT_OPENED,
    (LeafKind.HOLD, "stop"): EventType.STOP_OPENED,
    (LeafKind.RELEASE, "stop"): EventType.STOP_LIFTED,
    (LeafKind.NOTE, "note"): EventType.NOTE_RECORDED,
    (LeafKind.INQUIRY, "breach_inquiry"): EventType.INQUIRY_OPENED,
    (LeafKind.WAIVER, "relief"): EventType.PLAN_BROKEN,
    (LeafKind.PLACEMENT, "placement"): EventType.PLACEMENT_BEGAN,
    (LeafKind.PLACEMENT, "placement_extension"): EventType.PLACEMENT_EXTENDED,
}
# Leaves of a file name no table; what was posted from a file is a payment like any other.
_BY_KIND = {LeafKind.PAYMENT: EventType.PAYMENT_RECORDED, LeafKind.IMPORT: EventType.IMPORT_ENDED}
LEAF_KINDS = tuple(sorted({kind.value for kind, _ in _BY_LEAF} | {kind.value for kind in _BY_KIND}))
"""The kinds of leaves that an event may come from."""


def event_of(kind: str, table: str | None, fields: Collection[str], stop: str | None) -> EventType | None:
    """The event that a leaf is; None for one that systems are not told of.

    `fields`: what the leaf commits to. `stop`: the kind of the stop that it speaks of.
    """
    found = _BY_LEAF.get((LeafKind(kind), table or "")) or _BY_KIND.get(LeafKind(kind))
    if found is EventType.STOP_OPENED and stop == "plan":
        return EventType.PLAN_AGREED
    if found is EventType.INQUIRY_OPENED and "ended_by" in fields:
        return EventType.INQUIRY_ENDED
    if found is EventType.PLACEMENT_BEGAN and "ended_at" in fields:
        return EventType.PLACEMENT_ENDED
    if found is EventType.PLAN_BROKEN and "broken" not in fields:
        return None
    return found


def types_for(*, is_agency: bool) -> tuple[EventType, ...]:
    """What an endpoint may be told of: an agency's, of its own cases alone."""
    return tuple(one for one in EventType if not is_agency or (one.row.of_case and one.row.for_agencies))


def data_of(event: EventType, case: str | None, row_id: int) -> dict[str, str | None]:
    """The `data` of a message: ids and where to read what happened, never what it says of a person."""
    row = event.row
    told: dict[str, str | None] = {"case": case} if row.of_case else {}
    told[row.noun] = f"{row.letter}{row_id}"
    told["href"] = f"/api/v1/{row.read_at.format(case=case, id=row_id)}" if row.read_at is not None else None
    return told
