"""What pages read of court files; row-level security decides which. `head_of` is the gate's, for use cases."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.litigation.deadlines import Acts, Due
from zhizhi.core.litigation.fees import FeeItem, FeeMove, FeeSum
from zhizhi.core.litigation.words import Lane, State, Step
from zhizhi.store.litigation.models import CourtFile
from zhizhi.store.litigation.words import ROWS_MAX, file_number
from zhizhi.store.select import document, select


@dataclass(frozen=True, slots=True)
class FileHead:
    """A file as whoever writes about it finds it."""

    id: int
    person_id: int
    lender_id: int
    lane: Lane
    claim_minor: int
    currency: str


def head_of(file_id: int) -> FileHead | None:
    """A file by its number, for use cases, which ask whose it is."""
    found = _heads(id=file_id)
    return found[0] if found else None


def heads_of_batch(batch_id: int) -> list[FileHead]:
    """The open files of a batch, in the order in which they were opened."""
    return _heads(batch_id=batch_id, ended_on=None)


def _heads(**wanted: Any) -> list[FileHead]:
    rows = CourtFile.objects.using("gate").filter(**wanted).order_by("id")
    columns = ("id", "person_id", "lender_id", "lane", "claim_minor", "currency")
    return [_head(row) for row in rows.values_list(*columns)]


def _head(row: tuple[Any, ...]) -> FileHead:
    known: tuple[Any, ...] = (*row[:3], Lane(row[3]), *row[4:])
    return FileHead(*known)


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file on a list, and the head of its page."""

    id: int
    lender_id: int
    lender: str
    case_number: str
    lane: Lane
    state: State
    has_title: bool
    claim_minor: int
    currency: str
    court: str
    docket: str
    begin_by: date
    opened_on: date
    last_on: date
    batch_id: int
    firm_id: int | None
    firm: str
    next_due: Due | None
    next_due_on: date | None
    next_acts: Acts | None
    ended_on: date | None
    step_n: int

    @property
    def number(self) -> str:
        """How people call it."""
        return file_number(self.id)


_FILES = """
SELECT f.id, f.lender_id, coalesce(l.name, ''), f.case_number, f.lane, f.state, f.has_title, f.claim_minor, f.currency,
    f.court, f.docket, f.begin_by, f.opened_on, f.last_on, f.batch_id, f.firm_id, coalesce(w.name, ''), f.next_due,
    f.next_due_on, f.next_acts, f.ended_on, f.step_n
FROM court_file f LEFT JOIN lender l ON l.id = f.lender_id LEFT JOIN law_firm w ON w.id = f.firm_id
"""


def load_files(state: str = "", batch_id: int | None = None) -> list[FileRow]:
    """Files, what falls due first on top; open ones, of a state, or of a batch."""
    where = (
        "f.batch_id = %(batch)s" if batch_id is not None else "f.state = %(state)s" if state else "f.ended_on IS NULL"
    )
    order = "ORDER BY f.next_due_on NULLS LAST, f.id LIMIT %(limit)s"
    values = {"batch": batch_id, "state": state, "limit": ROWS_MAX}
    return [_file(row) for row in select(f"{_FILES} WHERE {where} {order}", values)]


def load_file(file_id: int) -> FileRow | None:
    """One, where the viewer sees it."""
    rows = select(_FILES + "WHERE f.id = %(id)s", {"id": file_id})
    return _file(rows[0]) if rows else None


def load_files_of(person_id: int) -> list[FileRow]:
    """Those of a person, open ones first."""
    order = "ORDER BY f.ended_on IS NOT NULL, f.id DESC LIMIT %(limit)s"
    rows = select(f"{_FILES} WHERE f.person_id = %(person)s {order}", {"person": person_id, "limit": ROWS_MAX})
    return [_file(row) for row in rows]


def count_states() -> dict[State, int]:
    """How many files stand in each state."""
    rows = select("SELECT state, count(*) FROM court_file GROUP BY state", {})
    found = {State(state): many for state, many in rows}
    return {state: found[state] for state in State if state in found}


def _file(row: tuple[Any, ...]) -> FileRow:
    due, due_on, acts = row[17:20]
    known: tuple[Any, ...] = (
        *(*row[:4], Lane(row[4]), State(row[5]), *row[6:17]),
        *(Due(due) if due else None, due_on, Acts(acts) if acts else None, *row[20:]),
    )
    return FileRow(*known)


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step that was taken."""

    n: int
    step: Step
    on: date
    until_on: date | None
    state: State
    by: str
    at: datetime


_STEPS = """
SELECT s.n, s.step, s."on", s.until_on, s.state, coalesce(a.name, ''), s.at
FROM court_step s LEFT JOIN staff a ON a.id = s.by_id WHERE s.file_id = %(file)s ORDER BY s.n LIMIT %(limit)s
"""


def load_steps(file_id: int) -> list[StepRow]:
    """All steps of a file in their order."""
    rows = select(_STEPS, {"file": file_id, "limit": ROWS_MAX})
    return [StepRow(row[0], Step(row[1]), row[2], row[3], State(row[4]), *row[5:]) for row in rows]


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """What falls due, or fell due; `case_number` and `court` for the calendar."""

    id: int
    file_id: int
    case_number: str
    court: str
    due: Due
    acts: Acts
    source: str
    is_confirmed: bool
    begun_on: date
    due_on: date
    met_on: date | None
    dropped_on: date | None
    firm: str

    @property
    def number(self) -> str:
        """Of its file."""
        return file_number(self.file_id)

    def is_missed(self, today: date) -> bool:
        """As `Deadline.is_missed`."""
        return self.acts is not Acts.EITHER and (self.met_on or self.dropped_on or today) > self.due_on


_DEADLINES = """
SELECT d.id, d.file_id, f.case_number, f.court, d.due, d.acts, d.source, d.is_confirmed, d.begun_on, d.due_on, d.met_on,
    d.dropped_on, coalesce(w.name, '')
FROM court_deadline d JOIN court_file f ON f.person_id = d.person_id AND f.id = d.file_id
LEFT JOIN law_firm w ON w.id = f.firm_id
"""


def load_deadlines(file_id: int) -> list[DeadlineRow]:
    """Every deadline that a file ever had, the open ones first."""
    order = "ORDER BY d.met_on IS NOT NULL OR d.dropped_on IS NOT NULL, d.due_on, d.id LIMIT %(limit)s"
    rows = select(f"{_DEADLINES} WHERE d.file_id = %(file)s {order}", {"file": file_id, "limit": ROWS_MAX})
    return [_deadline(row) for row in rows]


def load_calendar(until: date) -> list[DeadlineRow]:
    """What is open and falls due up to a day, what is overdue first."""
    where = "d.met_on IS NULL AND d.dropped_on IS NULL AND f.ended_on IS NULL AND d.due_on <= %(until)s"
    order = "ORDER BY d.due_on, d.id LIMIT %(limit)s"
    rows = select(f"{_DEADLINES} WHERE {where} {order}", {"until": until, "limit": ROWS_MAX})
    return [_deadline(row) for row in rows]


def _deadline(row: tuple[Any, ...]) -> DeadlineRow:
    known: tuple[Any, ...] = (*row[:4], Due(row[4]), Acts(row[5]), *row[6:])
    return DeadlineRow(*known)


@dataclass(frozen=True, slots=True)
class FeeRow:
    """An entry of the fee ledger."""

    id: int
    file_id: int
    item: FeeItem
    move: FeeMove
    amount_minor: int
    scale_minor: int | None
    on: date
    by: str
    approval_id: int | None

    @property
    def number(self) -> str:
        """Of its file."""
        return file_number(self.file_id)


_FEES = """
SELECT e.id, e.file_id, e.item, e.move, e.amount_minor, e.scale_minor, e."on", coalesce(a.name, ''), e.approval_id
FROM court_fee e LEFT JOIN staff a ON a.id = e.by_id
"""
_FEE_SUMS = """
SELECT e.item, e.move, sum(e.amount_minor)::bigint FROM court_fee e {where} GROUP BY e.item, e.move
"""


def load_fees(file_id: int | None = None) -> list[FeeRow]:
    """The entries of a file, or the latest of all that the viewer sees."""
    where = "WHERE e.file_id = %(file)s ORDER BY e.id" if file_id is not None else 'ORDER BY e."on" DESC, e.id DESC'
    rows = select(f"{_FEES} {where} LIMIT %(limit)s", {"file": file_id, "limit": ROWS_MAX})
    return [FeeRow(row[0], row[1], FeeItem(row[2]), FeeMove(row[3]), *row[4:]) for row in rows]


def load_fee_sums(file_id: int | None = None) -> dict[FeeItem, FeeSum]:
    """Sums by item of a file, or of all that the viewer sees."""
    where = "WHERE e.file_id = %(file)s" if file_id is not None else ""
    found: dict[FeeItem, dict[FeeMove, int]] = {}
    for item, move, minor in select(_FEE_SUMS.format(where=where), {"file": file_id}):
        found.setdefault(FeeItem(item), {})[FeeMove(move)] = minor
    return {item: FeeSum(*(found[item].get(move, 0) for move in FeeMove)) for item in FeeItem if item in found}


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with what came of it."""

    id: int
    lender_id: int
    lane: Lane
    claim: str
    court: str
    facts: dict[str, Any]
    again_of: int | None
    opened: int
    refused: int
    made_by: str
    made_at: datetime


_BATCHES = """
SELECT b.id, b.lender_id, b.lane, b.claim, b.court, b.facts::text, b.again_of_id, b.opened, b.refused,
    coalesce(a.name, ''), b.made_at
FROM court_batch b LEFT JOIN staff a ON a.id = b.made_by_id
"""


def load_batches() -> list[BatchRow]:
    """The latest first."""
    return [_batch(row) for row in select(_BATCHES + "ORDER BY b.id DESC LIMIT %(limit)s", {"limit": 20})]


def load_batch(batch_id: int) -> BatchRow | None:
    """One, where the viewer sees it."""
    rows = select(_BATCHES + "WHERE b.id = %(id)s", {"id": batch_id})
    return _batch(rows[0]) if rows else None


def _batch(row: tuple[Any, ...]) -> BatchRow:
    return BatchRow(row[0], row[1], Lane(row[2]), row[3], row[4], document(row[5]), *row[6:])


def load_refused(batch_id: int) -> list[tuple[str, str]]:
    """Case number and bar of what was refused."""
    asked = "SELECT case_number, bar FROM court_batch_line WHERE batch_id = %(id)s AND bar IS NOT NULL ORDER BY id"
    return [(number, bar) for number, bar in select(asked, {"id": batch_id})]


@dataclass(frozen=True, slots=True)
class FirmRow:
    """A law firm with its contract."""

    id: int
    lender_id: int
    name: str
    contract_ends_on: date


def load_firms() -> list[FirmRow]:
    """The firms of the viewer's lenders by name."""
    asked = "SELECT id, lender_id, name, contract_ends_on FROM law_firm ORDER BY name, id LIMIT %(limit)s"
    return [FirmRow(*row) for row in select(asked, {"limit": ROWS_MAX})]


@dataclass(frozen=True, slots=True)
class FirmScore:
    """How a firm's files went. Days are from the opening of the file to the first day in that state, rounded to whole
    days; None where no file got there. `recovered_minor`: paid on the debts of its files since it had them."""

    firm: str
    files: int
    ended: int
    titled: int
    days_to_filed: int | None
    days_to_accepted: int | None
    days_to_title: int | None
    recovered_minor: int
    advanced_minor: int
    law_firm_minor: int
    missed: int
    deadlines: int


_SCORES = """
SELECT w.name, count(f.id), count(f.ended_on), count(*) FILTER (WHERE f.has_title),
    round(avg(r.filed - f.opened_on))::int, round(avg(r.accepted - f.opened_on))::int,
    round(avg(r.titled - f.opened_on))::int,
    coalesce(sum(p.paid), 0)::bigint, coalesce(sum(e.advanced), 0)::bigint, coalesce(sum(e.of_firm), 0)::bigint,
    coalesce(sum(d.missed), 0)::int, coalesce(sum(d.many), 0)::int
FROM law_firm w JOIN court_file f ON f.firm_id = w.id
CROSS JOIN LATERAL (SELECT
    min(s."on") FILTER (WHERE s.state IN
        ('filed', 'order_asked', 'arbitration_asked', 'certificate_asked', 'mediating')) AS filed,
    min(s."on") FILTER (WHERE s.state IN ('accepted', 'order_accepted', 'arbitrating')) AS accepted,
    min(s."on") FILTER (WHERE s.state = 'effective') AS titled
    FROM court_step s WHERE s.person_id = f.person_id AND s.file_id = f.id) r
CROSS JOIN LATERAL (SELECT sum(y.applied_minor) AS paid FROM payment y
    WHERE y.person_id = f.person_id AND y.debt_id = f.debt_id AND y.paid_on >= f.assigned_on) p
CROSS JOIN LATERAL (SELECT sum(x.amount_minor) FILTER (WHERE x.move = 'advanced') AS advanced,
        sum(CASE WHEN x.item = 'law_firm' THEN CASE x.move WHEN 'advanced' THEN x.amount_minor
                 WHEN 'refunded' THEN -x.amount_minor ELSE 0 END END) AS of_firm
    FROM court_fee x WHERE x.person_id = f.person_id AND x.file_id = f.id) e
CROSS JOIN LATERAL (SELECT count(*) AS many,
        count(*) FILTER (WHERE coalesce(t.met_on, t.dropped_on, %(today)s) > t.due_on) AS missed
    FROM court_deadline t WHERE t.person_id = f.person_id AND t.file_id = f.id AND t.acts = 'us'
      AND t.begun_on >= f.assigned_on) d
GROUP BY w.id, w.name ORDER BY w.name, w.id
"""


def load_scores(today: date) -> list[FirmScore]:
    """The firms that have, or had, files of the viewer's lenders."""
    return [FirmScore(*row) for row in select(_SCORES, {"today": today})]
