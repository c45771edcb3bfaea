"""What only the API reads: lists by keyset, under row-level security, each one row longer than its page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from zhizhi.store.canaries.looks import tell_found
from zhizhi.store.keyring import Seal, list_seal
from zhizhi.store.people.rows import Masked, open_note
from zhizhi.store.select import document, select

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Key = tuple[int, ...] | None
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ListedCase:
    """An open case in a list, its columns by the names of the answer; name and number are masked."""

    id: int
    person_id: int
    columns: dict[str, Any]

    @property
    def key(self) -> tuple[int, ...]:
        """Its place in the list."""
        return (self.person_id, self.id)


_OF_CASE = (
    "product", "stage", "stop", "days_past_due", "balance_minor", "currency", "opened_on", "next_step", "next_step_at"
)  # fmt: skip
_CASES = f"""
SELECT c.id, c.person_id, c.lender_id, c.masked, c.number, {", ".join(f"c.{name}" for name in _OF_CASE)}
FROM collection_case c
WHERE c.closed_on IS NULL AND (c.person_id, c.id) > (%(person)s, %(id)s)
  AND (%(stage)s::text IS NULL OR c.stage = %(stage)s)
ORDER BY c.person_id, c.id LIMIT %(limit)s
"""


def list_cases(after: Key, limit: int, stage: str | None) -> list[ListedCase]:
    """Open cases, in an order that work does not change."""
    person, case = after if after is not None and len(after) == 2 else (-1, -1)
    rows = select(_CASES, {"person": person, "id": case, "stage": stage, "limit": limit + 1})
    seals: dict[int, Seal] = {}
    cases = []
    for case_id, person_id, lender_id, masked, number, *rest in rows:
        seal = seals.get(lender_id) or seals.setdefault(lender_id, list_seal(lender_id))
        shown = Masked.open(seal, bytes(masked), person_id)
        told = {"case": number, "name": shown.name, "phone": shown.number, **dict(zip(_OF_CASE, rest, strict=True))}
        cases.append(ListedCase(case_id, person_id, told))
    return cases


@dataclass(frozen=True, slots=True)
class Happened:
    """One row of a list about a person: when, its id, and its columns by name."""

    at: datetime
    id: int
    columns: dict[str, Any]

    @property
    def key(self) -> tuple[int, ...]:
        """Its place in the list."""
        return ((self.at - EPOCH) // MICROSECOND, self.id)


@dataclass(frozen=True, slots=True)
class _List:
    """A table of a person in the order of time, newest first; `columns` as they are answered."""

    table: str
    at: str
    columns: Sequence[str]
    also: str = ""


_LISTS = {
    "contacts": _List(
        "contact",
        "at",
        ("channel", "direction", "party_id", "point_id", "purpose", "outcome", "ring_seconds", "talk_seconds",
         "exchanged", "about_debt", "permit_id"),
    ),
    "permits": _List(
        "permit",
        "minted_at",
        ("channel", "party_id", "point_id", "purpose", "decision_id", "state", "not_before", "expires_at",
         "must_end_by", "used_at", "released_because"),
        "(SELECT d.state FROM delivery d WHERE d.person_id = x.person_id AND d.permit_id = x.id) AS delivery",
    ),
    "decisions": _List("decision", "at", ("channel", "verdict", "rule", "next_permitted_at", "hold_for")),
    "statements": _List("statement", "at", ("kind", "party_id", "body", "source")),
    "stops": _List("stop", "from_at", ("kind", "debt_id", "until_at", "lifted_at")),
    "promises": _List("promise", "promised_at", ("due_on", "amount_minor", "paid_minor", "state")),
    "payments": _List(
        "payment", "recorded_at", ("debt_id", "kind", "paid_on", "amount_minor", "applied_minor", "source")
    ),
    "notes": _List("note", "at", ("action", "outcome", "overdue_reason", "next_step", "next_step_at", "sealed")),
}  # fmt: skip
LISTS = tuple(_LISTS)


def list_of_person(name: str, person_id: int, after: Key, limit: int) -> list[Happened]:
    """Rows of a person, newest first; `name` is one of `LISTS`."""
    wanted = _LISTS[name]
    columns = [*(f"x.{column}" for column in wanted.columns), *([wanted.also] if wanted.also else [])]
    behind = ""
    if after is not None and len(after) == 2:
        behind = f"AND (x.{wanted.at}, x.id) < (timestamptz 'epoch' + %(at)s * interval '1 microsecond', %(id)s)"
    rows = select(
        f"SELECT x.{wanted.at}, x.id, {', '.join(columns)} FROM {wanted.table} x WHERE x.person_id = %(person)s"
        f" {behind} ORDER BY x.{wanted.at} DESC, x.id DESC LIMIT %(limit)s",
        {"person": person_id, "limit": limit + 1, **({"at": after[0], "id": after[1]} if behind and after else {})},
    )
    names = [*wanted.columns, *(["delivery"] if wanted.also else [])]
    return [Happened(at, row_id, dict(zip(names, rest, strict=True))) for at, row_id, *rest in rows]


def note_opener(seal: Seal | None) -> Callable[[Happened], str]:
    """Opens the text of notes; an erased person's read as nothing."""

    def opened(note: Happened) -> str:
        sealed = note.columns["sealed"]
        return open_note(seal, sealed, note.id) if seal is not None and sealed is not None else ""

    return opened


def body_of(row: Happened) -> dict[str, Any]:
    """A jsonb column of a raw row as a mapping."""
    body = row.columns["body"]
    return document(body) if isinstance(body, str) or body is None else dict(body)


_ACCOUNT_CASE = """
SELECT c.number FROM debt d JOIN collection_case c ON c.person_id = d.person_id
WHERE d.account_key = %(key)s AND d.lender_id = %(lender)s ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1
"""


def find_case_of_account(key: object, lender_id: int, staff_id: int, at: datetime) -> str | None:
    """The number of the case of the person who has an account, where this viewer sees it; whom it found is told."""
    rows = select(_ACCOUNT_CASE, {"key": key, "lender": lender_id})
    tell_found([str(number) for (number,) in rows], staff_id, "search", at)
    return str(rows[0][0]) if rows else None
