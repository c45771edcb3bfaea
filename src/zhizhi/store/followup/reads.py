"""The timed list of callbacks, promises and lines of plans; row-level security shows whom it concerns."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from zhizhi.core.followup.dispositions import CALLBACK, DISPOSITIONS, UNANSWERED, Claim, Line, difference
from zhizhi.core.kernel.instants import BEIJING, day_in
from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import Seal, list_seal
from zhizhi.store.people.rows import Masked
from zhizhi.store.select import select

LIST_MAX = 200
DESKS_MAX = 500
DIFFERENCES_MAX = 100
MISSED_AFTER = timedelta(minutes=15)
"""A callback that nobody made by then is missed."""
NOTHING_MORE = "NONE"


class Kind(StrEnum):
    """What falls due."""

    CALLBACK = "callback"
    STEP = "step"
    PROMISE = "promise"
    BROKEN = "broken"
    PLAN = "plan"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _KINDS[self]


_KINDS = {
    Kind.CALLBACK: Text("约定回电", "callback"),
    Kind.STEP: Text("跟进", "next step"),
    Kind.PROMISE: Text("承诺到期", "promise due"),
    Kind.BROKEN: Text("跳票", "promise broken"),
    Kind.PLAN: Text("方案到期", "plan due"),
}


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One line: of which case, what falls due, at which instant or on which day. The name is masked.

    `planned_at`: when its collector means to work the case, for what has a day and no time.
    """

    person_id: int
    number: str
    name: str
    collector: str
    kind: Kind
    step: str
    at: datetime | None
    on: date
    amount_minor: int | None
    currency: str
    planned_at: datetime | None = None


_OF = "(%(collector)s::bigint IS NULL OR c.collector_id = %(collector)s)"
_HEAD = "c.person_id, c.number, c.masked, c.lender_id, coalesce(s.name, '')"
_STEPS = f"""
SELECT {_HEAD}, c.next_step, c.next_step_at, NULL::date, NULL::bigint, c.currency, NULL::timestamptz
FROM collection_case c LEFT JOIN staff s ON s.id = c.collector_id
WHERE c.closed_on IS NULL AND c.next_step_at <= %(until)s AND c.next_step <> %(nothing)s AND {_OF}
  AND (NOT %(callbacks)s OR c.next_step = %(callback)s)
ORDER BY c.next_step_at, c.id LIMIT %(limit)s
"""
# A promise that broke is followed until a new one is given or somebody has done what the next step says.
_PROMISES = f"""
SELECT {_HEAD}, p.state, NULL::timestamptz, p.due_on, p.amount_minor - p.paid_minor, c.currency, c.next_step_at
FROM promise p JOIN collection_case c ON c.person_id = p.person_id AND c.closed_on IS NULL
LEFT JOIN staff s ON s.id = c.collector_id
WHERE {_OF} AND (p.state = 'open' AND p.due_on <= %(until_on)s
    OR p.state = 'broken' AND p.settled_on >= %(since_on)s
       AND NOT EXISTS (SELECT 1 FROM promise f WHERE f.person_id = p.person_id AND f.promised_at > p.promised_at)
       AND NOT EXISTS (SELECT 1 FROM note n WHERE n.person_id = p.person_id
                       AND (n.at AT TIME ZONE 'Asia/Shanghai')::date > p.settled_on))
ORDER BY p.due_on, p.id LIMIT %(limit)s
"""
_PLANS = f"""
SELECT {_HEAD}, 'plan', NULL::timestamptz, i.due_on, i.amount_minor, c.currency, c.next_step_at
FROM relief r JOIN relief_line i ON i.person_id = r.person_id AND i.relief_id = r.id
JOIN collection_case c ON c.person_id = r.person_id AND c.closed_on IS NULL
LEFT JOIN staff s ON s.id = c.collector_id
WHERE r.state = 'accepted' AND i.due_on BETWEEN %(on)s AND %(until_on)s AND {_OF}
ORDER BY i.due_on, r.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose list (None: everybody's that the viewer sees), from which day, until when, and callbacks alone or all."""

    collector_id: int | None
    on: date
    until: datetime
    until_on: date
    is_callbacks_only: bool = False


def load_followups(asked: Asked) -> list[FollowUp]:
    """In the order in which they fall due; what has a day and no time comes first on its day; within `reading`."""
    values = {
        "collector": asked.collector_id,
        "on": asked.on,
        "until": asked.until,
        "until_on": asked.until_on,
        "since_on": asked.on - timedelta(days=7),
        "callbacks": asked.is_callbacks_only,
        "callback": CALLBACK,
        "nothing": NOTHING_MORE,
        "limit": LIST_MAX,
    }
    statements = (_STEPS,) if asked.is_callbacks_only else (_STEPS, _PROMISES, _PLANS)
    rows = [row for statement in statements for row in select(statement, values)]
    seals: dict[int, Seal] = {}
    return [_followup(row, seals) for row in rows]


def _followup(row: tuple[Any, ...], seals: dict[int, Seal]) -> FollowUp:
    person_id, number, masked, lender_id, collector, word, at, on, amount_minor, currency, planned_at = row
    seal = seals.setdefault(lender_id, list_seal(lender_id))
    name = Masked.open(seal, bytes(masked), person_id).name
    kinds = {"open": Kind.PROMISE, "broken": Kind.BROKEN, "plan": Kind.PLAN, CALLBACK: Kind.CALLBACK}
    kind = kinds.get(word, Kind.STEP)
    step = word if kind in (Kind.STEP, Kind.CALLBACK) else ""
    day = on or day_in(BEIJING, at)
    return FollowUp(person_id, number, name, collector, kind, step, at, day, amount_minor, currency, planned_at)


@dataclass(frozen=True, slots=True)
class DeskPromises:
    """How a collector's follow-ups stand: callbacks missed, what is due, and what became of promises."""

    staff_id: int
    name: str
    cases: int
    missed: int
    due: int
    promised_today: int
    kept: int
    broken: int

    @property
    def kept_percent(self) -> int | None:
        """Of those that were kept or broken; None where none was."""
        ended = self.kept + self.broken
        return 100 * self.kept // ended if ended else None


_BY_DESK = """
SELECT s.id, s.name, count(*), count(*) FILTER (WHERE c.next_step = %(callback)s AND c.next_step_at < %(missed)s),
    count(*) FILTER (WHERE c.next_step_at < %(at)s AND c.next_step <> %(nothing)s),
    coalesce(sum(p.due), 0)::bigint, coalesce(sum(p.kept), 0)::bigint, coalesce(sum(p.broken), 0)::bigint
FROM collection_case c JOIN staff s ON s.id = c.collector_id
LEFT JOIN (SELECT q.person_id, count(*) FILTER (WHERE q.state = 'open' AND q.due_on = %(on)s) AS due,
               count(*) FILTER (WHERE q.state = 'kept') AS kept, count(*) FILTER (WHERE q.state = 'broken') AS broken
           FROM promise q WHERE q.state = 'open' AND q.due_on = %(on)s OR q.settled_on >= %(since_on)s
           GROUP BY q.person_id) p ON p.person_id = c.person_id
WHERE c.closed_on IS NULL AND (%(collector)s::bigint IS NULL OR s.id = %(collector)s)
GROUP BY s.id, s.name ORDER BY 4 DESC, 5 DESC, s.name, s.id LIMIT %(limit)s
"""
PROMISES_OF_DAYS = 30


def load_desks(on: date, at: datetime, collector_id: int | None = None) -> list[DeskPromises]:
    """Every collector whose open cases the viewer sees, those with missed callbacks first; within `reading`."""
    values = {
        "on": on,
        "at": at,
        "missed": at - MISSED_AFTER,
        "since_on": on - timedelta(days=PROMISES_OF_DAYS),
        "callback": CALLBACK,
        "nothing": NOTHING_MORE,
        "collector": collector_id,
        "limit": DESKS_MAX,
    }
    return [DeskPromises(*row) for row in select(_BY_DESK, values)]


@dataclass(frozen=True, slots=True)
class Differs:
    """A wrap-up that says another thing of the line than the line."""

    number: str
    author: str
    at: datetime
    code: str
    says: Text


_DIFFERS = """
SELECT c.number, coalesce(s.name, ''), n.at, n.outcome, k.outcome, k.talk_seconds
FROM note n JOIN contact k ON k.person_id = n.person_id AND k.id = n.contact_id
JOIN collection_case c ON c.person_id = n.person_id AND c.id = n.case_id
LEFT JOIN staff s ON n.author = 'u' || s.id
WHERE n.contact_id IS NOT NULL AND n.at >= %(since)s AND k.channel = 'voice'
  AND (n.outcome = ANY (%(silent)s) AND k.talk_seconds > 0
       OR n.outcome = ANY (%(answered)s) AND (k.outcome = ANY (%(unanswered)s) OR k.talk_seconds = 0))
ORDER BY n.at DESC LIMIT %(limit)s
"""
DIFFERENCES_OF = timedelta(days=7)


def load_differences(at: datetime) -> list[Differs]:
    """Those of the last week, the newest first; within `reading`."""
    values = {
        "since": at - DIFFERENCES_OF,
        "silent": [code for code, one in DISPOSITIONS.items() if one.claim is Claim.SILENT],
        "answered": [code for code, one in DISPOSITIONS.items() if one.claim is not Claim.SILENT],
        "unanswered": sorted(UNANSWERED),
        "limit": DIFFERENCES_MAX,
    }
    found = []
    for number, author, written_at, code, outcome, talk_seconds in select(_DIFFERS, values):
        says = difference(code, Line(outcome, talk_seconds))
        if says is not None:
            found.append(Differs(number, author, written_at, code, says))
    return found


_CANDIDATES = """
SELECT c.person_id, c.number FROM collection_case c
WHERE c.closed_on IS NULL AND c.stop IS NULL AND c.collector_id = %(staff)s AND c.number <> %(after)s
  AND c.next_step_at IS NULL ORDER BY c.balance_minor DESC, c.id LIMIT %(limit)s
"""


def load_untouched(staff_id: int, after: str, limit: int) -> list[tuple[int, str]]:
    """Own cases that nobody has worked yet, the largest first; `after`: one that is passed over; within `reading`."""
    return [(row[0], row[1]) for row in select(_CANDIDATES, {"staff": staff_id, "after": after, "limit": limit})]
