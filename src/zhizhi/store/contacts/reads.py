"""What screens read about the gate: what left, what was refused and why, what waits for a person, one decision."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.keyring import list_seal
from zhizhi.store.people.rows import Masked
from zhizhi.store.select import document, select

HOLDS_PER_PAGE = 50
RULES_MAX = 200


@dataclass(frozen=True, slots=True)
class DayCount:
    """So many decisions of a day of one channel, verdict and rule; `left` is how its delivery or permit stands."""

    channel: str
    verdict: str
    rule: str
    cites: str
    explain: Text
    left: str
    count: int


# A permitted contact without a delivery is one that a person makes: its permit says how it stands.
_DAY = """
SELECT d.channel, d.verdict, d.rule, coalesce(min(d.body #>> '{reasons,0,cites}'), ''),
       coalesce(min(d.body #>> '{reasons,0,explain,zh}'), ''), coalesce(min(d.body #>> '{reasons,0,explain,en}'), ''),
       coalesce(v.state, 'permit_' || p.state, ''), count(*)
FROM decision d
LEFT JOIN permit p ON p.person_id = d.person_id AND p.decision_id = d.id
LEFT JOIN delivery v ON v.person_id = p.person_id AND v.permit_id = p.id
WHERE d.at >= %(from)s AND d.at < %(until)s
GROUP BY d.channel, d.verdict, d.rule, coalesce(v.state, 'permit_' || p.state, '')
ORDER BY count(*) DESC
LIMIT %(limit)s
"""


def load_day(from_at: datetime, until_at: datetime) -> list[DayCount]:
    """Everything that was decided in a span, counted by channel, verdict, first rule and how it left."""
    rows = select(_DAY, {"from": from_at, "until": until_at, "limit": RULES_MAX})
    return [
        DayCount(channel, verdict, rule, cites, Text(zh, en), left, count)
        for channel, verdict, rule, cites, zh, en, left, count in rows
    ]


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold in the list; `name` is masked."""

    id: int
    person_id: int
    rule: str
    opened_at: datetime
    state: str
    ruled_at: datetime | None
    ruled_by: str
    ground: str
    until_at: datetime | None
    channels: tuple[str, ...]
    channel: str
    explain: Text
    cites: str
    case_number: str
    name: str


_HOLDS = """
SELECT h.id, h.person_id, h.rule, h.opened_at, h.state, h.ruled_at, coalesce(s.name, ''), coalesce(h.ground,
    ''), h.until_at,
       coalesce(h.channels, '[]'), d.channel, coalesce(r.reason #>> '{explain,zh}', ''),
           coalesce(r.reason #>> '{explain,en}', ''),
       coalesce(r.reason ->> 'cites', ''), c.number, p.lender_id, p.masked
FROM hold h
JOIN decision d ON d.person_id = h.person_id AND d.id = h.decision_id
JOIN person p ON p.id = h.person_id
LEFT JOIN staff s ON s.id = h.ruled_by_id
LEFT JOIN LATERAL (SELECT x AS reason FROM jsonb_array_elements(d.body -> 'reasons') x
    WHERE x ->> 'rule' = h.rule LIMIT 1) r ON true
LEFT JOIN LATERAL (SELECT number FROM collection_case c WHERE c.person_id = h.person_id
    ORDER BY c.closed_on NULLS FIRST, c.id DESC LIMIT 1) c ON true
WHERE
"""
_OPEN_HOLDS = """
h.state = 'open' AND (%(at)s::timestamptz IS NULL OR (h.opened_at, h.id) > (%(at)s, %(id)s))
    ORDER BY h.opened_at, h.id LIMIT %(limit)s
"""
_RULED_HOLDS = """
h.state <> 'open' AND (%(at)s::timestamptz IS NULL OR (h.opened_at, h.id) < (%(at)s, %(id)s))
    ORDER BY h.opened_at DESC, h.id DESC LIMIT %(limit)s
"""


def load_holds(
    *, are_open: bool, after: tuple[datetime, int] | None
) -> tuple[list[HoldRow], tuple[datetime, int] | None]:
    """One page of holds, the longest waiting first, or of rulings, the newest first; and where the next page begins."""
    values = {"at": after[0] if after else None, "id": after[1] if after else None, "limit": HOLDS_PER_PAGE + 1}
    rows = [_hold(*row) for row in select(_HOLDS + (_OPEN_HOLDS if are_open else _RULED_HOLDS), values)]
    page = rows[:HOLDS_PER_PAGE]
    return page, (page[-1].opened_at, page[-1].id) if len(rows) > HOLDS_PER_PAGE else None


def count_open_holds() -> int:
    """How many decisions wait for a person."""
    return int(select("SELECT count(*) FROM hold WHERE state = 'open'", {})[0][0])


def _hold(*row: Any) -> HoldRow:
    *plain, channels, channel, zh, en, cites, number, lender_id, masked = row
    shown = Masked.open(list_seal(lender_id), bytes(masked), plain[1])
    tail = (tuple(document_list(channels)), channel, Text(zh, en), cites, number or "", shown.name)
    hold: tuple[Any, ...] = (*plain, *tail)
    return HoldRow(*hold)


def document_list(column: str) -> list[str]:
    """A jsonb list of texts."""
    return list(document(f'{{"list": {column}}}')["list"])


@dataclass(frozen=True, slots=True)
class DecisionDetail:
    """One decision whole: the facts it was made of and what it said (contract/conduct-case.md)."""

    id: int
    person_id: int
    at: datetime
    verdict: str
    channel: str
    by: str
    facts: dict[str, Any]
    body: dict[str, Any]
    case_number: str


_DECISION = """
SELECT d.id, d.person_id, d.at, d.verdict, d.channel, coalesce((SELECT s.name FROM staff s
    WHERE s.id::text = ltrim(d.by, 'u')), d.by), d.facts, d.body,
       (SELECT number FROM collection_case c WHERE c.person_id = d.person_id ORDER BY c.closed_on NULLS FIRST,
           c.id DESC LIMIT 1)
FROM decision d WHERE d.person_id = %(person)s AND d.id = %(id)s
"""


def access_decision(person_id: int, decision_id: int) -> DecisionDetail | None:
    """A decision that this viewer may see."""
    for *plain, facts, body, number in select(_DECISION, {"person": person_id, "id": decision_id}):
        decision: tuple[Any, ...] = (*plain, document(facts), document(body), number or "")
        return DecisionDetail(*decision)
    return None


def access_hold(person_id: int, hold_id: int) -> tuple[HoldRow, DecisionDetail] | None:
    """A hold that this viewer may see, with the decision it came from: two short questions by key."""
    values = {"person": person_id, "id": hold_id}
    for row in select(_HOLDS + "h.person_id = %(person)s AND h.id = %(id)s", values):
        decision_id = select("SELECT decision_id FROM hold WHERE person_id = %(person)s AND id = %(id)s", values)[0][0]
        decision = access_decision(person_id, decision_id)
        return (_hold(*row), decision) if decision is not None else None
    return None


@dataclass(frozen=True, slots=True)
class OpenCallRow:
    """A permitted call that waits for the click (`waiting`) or for its outcome (`claimed`)."""

    permit_id: int
    state: str
    party_id: int
    point_id: int
    expires_at: datetime
    must_end_by: datetime | None
    used_at: datetime | None
    gateway: str


_OPEN_CALLS = """
SELECT p.id, v.state, p.party_id, p.point_id, p.expires_at, p.must_end_by, p.used_at, v.gateway
FROM permit p JOIN delivery v ON v.person_id = p.person_id AND v.permit_id = p.id
WHERE p.person_id = %(person)s AND p.channel = 'voice' AND v.state IN ('waiting', 'claimed')
  AND (v.state = 'claimed' OR p.expires_at > %(at)s)
ORDER BY p.id DESC LIMIT 20
"""


def load_open_calls(person_id: int, at: datetime) -> list[OpenCallRow]:
    """The calls to a person that somebody still has to make or to report, the newest first."""
    return [OpenCallRow(*row) for row in select(_OPEN_CALLS, {"person": person_id, "at": at})]
