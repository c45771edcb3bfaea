"""What pages read of objections to credit data; row-level security decides of which."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.consequence.objections import Message, ObjectionAnswer, ObjectionHow
from zhizhi.store.keyring import person_seal
from zhizhi.store.select import select

ROWS_MAX = 200


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """One objection, with its words; those of an erased person are empty."""

    id: int
    debt_id: int
    how: ObjectionHow
    received_at: datetime
    received_by: str
    due_on: date
    answer: ObjectionAnswer | None
    answered_by: str
    answered_at: datetime | None
    text: str
    answer_text: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """What credit reporting is told, with its state."""

    id: int
    objection_id: int
    message: Message
    due_on: date
    sent_at: datetime | None
    confirmed_at: datetime | None
    receipt: str


_OBJECTIONS = """
SELECT o.id, o.debt_id, o.how, o.received_at, coalesce(a.name, ''), o.due_on, o.answer, coalesce(b.name, ''),
    o.answered_at, p.data_key, o.sealed, o.answer_sealed
FROM credit_objection o JOIN person p ON p.id = o.person_id
LEFT JOIN staff a ON a.id = o.received_by_id LEFT JOIN staff b ON b.id = o.answered_by_id
WHERE o.person_id = %(person)s ORDER BY o.received_at DESC, o.id DESC LIMIT %(limit)s
"""
_MESSAGES = """
SELECT m.id, m.objection_id, m.message, m.due_on, m.sent_at, m.confirmed_at, m.receipt
FROM credit_message m WHERE m.person_id = %(person)s ORDER BY m.made_at, m.id LIMIT %(limit)s
"""


def load_objections_of(person_id: int) -> list[ObjectionRow]:
    """All of a person, the newest first."""
    return [_objection(row) for row in select(_OBJECTIONS, {"person": person_id, "limit": ROWS_MAX})]


def load_messages_of(person_id: int) -> dict[int, list[MessageRow]]:
    """What credit reporting is told, by objection."""
    found: dict[int, list[MessageRow]] = {}
    for row in select(_MESSAGES, {"person": person_id, "limit": ROWS_MAX}):
        known: tuple[Any, ...] = (*row[:2], Message(row[2]), *row[3:])
        found.setdefault(row[1], []).append(MessageRow(*known))
    return found


def _objection(row: tuple[Any, ...]) -> ObjectionRow:
    key, sealed, answer_sealed = row[9:]
    place = f"credit_objection/{row[0]}"
    words = (_opened(key, sealed, place), _opened(key, answer_sealed, f"{place}/answer"))
    answer = ObjectionAnswer(row[6]) if row[6] else None
    known: tuple[Any, ...] = (*row[:2], ObjectionHow(row[2]), *row[3:6], answer, *row[7:9], *words)
    return ObjectionRow(*known)


def _opened(data_key: bytes | None, sealed: bytes | None, place: str) -> str:
    if data_key is None or sealed is None:
        return ""
    return person_seal(bytes(data_key)).open(bytes(sealed), place).decode()


@dataclass(frozen=True, slots=True)
class CreditDueRow:
    """What somebody has to do by a day: an objection to answer (no message), or a message to send or have confirmed."""

    case_number: str
    message: Message | None
    is_sent: bool
    due_on: date


_DUE = """
SELECT coalesce((SELECT c.number FROM collection_case c WHERE c.person_id = w.person_id
                 ORDER BY c.closed_on IS NULL DESC, c.opened_on DESC, c.id DESC LIMIT 1), ''),
    w.message, w.is_sent, w.due_on
FROM (SELECT o.person_id, NULL AS message, false AS is_sent, o.due_on, o.id FROM credit_objection o
      WHERE o.answer IS NULL
      UNION ALL
      SELECT m.person_id, m.message, m.sent_at IS NOT NULL, m.due_on, m.id FROM credit_message m
      WHERE m.confirmed_at IS NULL) w
ORDER BY w.due_on, w.id LIMIT %(limit)s
"""


def load_credit_due() -> list[CreditDueRow]:
    """What waits of all that the viewer sees, the day that comes first on top."""
    return [
        CreditDueRow(row[0], Message(row[1]) if row[1] else None, row[2], row[3])
        for row in select(_DUE, {"limit": ROWS_MAX})
    ]
