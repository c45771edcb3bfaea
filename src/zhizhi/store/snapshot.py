"""Everything the law needs to know of some persons, in one question and one snapshot, in the shape of the conduct
contract.

`load_facts` answers documents of contract/conduct-case.md without the proposed contact; ids are `d`ebt, `p`arty,
point `m`, `e`vent and `t` for a permit whose outcome is open (it counts as "perhaps").
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from zhizhi.core.consequence.claims import Truth
from zhizhi.core.consequence.words import Fact
from zhizhi.core.kernel.instants import BEIJING, day_in
from zhizhi.core.litigation.talk import AGREED, PENDING
from zhizhi.core.litigation.words import State
from zhizhi.store.bulk_stops.standing import StandingStop, read_stops
from zhizhi.store.many import Question, Rows, ask
from zhizhi.store.words import STOPS

EVENTS_MAX = 2000  # of one person; more than a year of contacts at every cap of every pack
LENDERS_REMEMBERED = 256

# What a stop means in the words of the contract: a state of the debtor, a state of the debt, a fact of the case.
STATE_OF_STOP = {"deceased": "deceased", "incapacity": "no_capacity", "bankruptcy": "bankruptcy_stay"}
DEBT_STATE_OF_STOP = {"plan": "plan_performing", "dispute": "disputed"}
# And a court file: an agreement that is kept is a plan, what lies before a mediator is a dispute.
DEBT_STATE_OF_FILE = {**dict.fromkeys(AGREED, "plan_performing"), State.MEDIATING: "disputed"}
UNTOLD = "transferred_without_notice"
STATEMENT_OF_STOP = {"represented": "represented_by_attorney", "claims_paid": "claims_paid"}
ANSWERED = ("withdraw", "claims_paid")
FAR_FUTURE = "2199-12-31"


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person as the gate sees it at `version`; `document` lacks only collector and proposal.

    `house`: digest of the house pack that stands for the lender. `assessed`: activities of which the lender has an
    approved impact assessment that stands (docs/decisions/0049-incidents-and-assessments.md). `court`: where the open
    court file of a debt stands, by debt (docs/decisions/0066-court-files.md). `truths`: what is true of a debt today,
    by debt, where anything is known (docs/decisions/0070-true-consequences-and-creditor.md). `bulk_stops`: those that
    mean the person and are not over, also those to come (docs/decisions/0068-bulk-stops.md).
    """

    person_id: int
    version: int
    subject: UUID
    lender_id: int
    lender: str
    profile: str
    house: str | None
    assessed: frozenset[str]
    recorder: str
    stop: str | None
    stopped_debts: frozenset[int]
    case_id: int | None
    agency_id: int | None
    document: Mapping[str, Any] = field(repr=False)
    court: Mapping[int, State] = field(default_factory=dict)
    truths: Mapping[int, Truth] = field(default_factory=dict)
    bulk_stops: tuple[StandingStop, ...] = ()


def load_facts(
    person_ids: Iterable[int], at: datetime, without_permits: frozenset[int] = frozenset()
) -> dict[int, PersonFacts]:
    """Facts by person id as they stand at an instant; a person that does not exist is absent.

    `without_permits` are left out of the count: their deliveries are pulled back by the commit that follows.
    """
    return ask(facts_of(person_ids, at, without_permits))


def facts_of(
    person_ids: Iterable[int], at: datetime, without_permits: frozenset[int] = frozenset()
) -> Question[dict[int, PersonFacts]]:
    """The question of `load_facts`, to be asked together with others."""

    def read(rows: Rows) -> dict[int, PersonFacts]:
        return {
            person_id: _facts(person_id, json.loads(facts), beside, at, without_permits)
            for person_id, facts, *beside in rows
        }

    return Question(FACTS, [list(person_ids), EVENTS_MAX, at], read)


FACTS = """
SELECT f.person_id, f.facts::text,
    (SELECT h.sha256 FROM house_activation h
     WHERE h.lender_id = (f.facts ->> 'lender_id')::bigint AND h.ended_at IS NULL),
    (SELECT json_agg(json_build_array(a.activity, a.from_at, a.until_at))::text FROM assessment a
     WHERE a.lender_id = (f.facts ->> 'lender_id')::bigint),
    (SELECT json_agg(json_build_array(c.debt_id, c.state, c.begin_by))::text FROM court_file c
     WHERE c.person_id = f.person_id AND c.ended_on IS NULL),
    x.debt_truths, x.meant_by, x.without_notice, x.in_dispute
FROM zhizhi_gate_facts(%s::bigint[], %s) f LEFT JOIN LATERAL zhizhi_facts_beside(f.person_id, %s::timestamptz) x ON true
"""


def _facts(
    person_id: int,
    row: dict[str, Any],
    beside: Sequence[str | None],
    at: datetime,
    without_permits: frozenset[int],
) -> PersonFacts:
    house, assessments, files, known_facts, bulk_stops, unnoticed, disputed = beside
    untold = frozenset(json.loads(unnoticed or "[]"))
    court = _court(files, at)
    stops = [stop for stop in row["stops"] if _in_force(stop, at)]
    case = row["case"] or {}
    events = row["events"]
    permits = [permit for permit in row["permits"] if permit["id"] not in without_permits]
    known = frozenset(event["id"] for event in events)
    return PersonFacts(
        person_id=person_id,
        version=row["version"],
        subject=UUID(row["subject"]),
        lender_id=row["lender_id"],
        lender=row["lender"],
        profile=row["profile"],
        house=house,
        assessed=frozenset(activity for activity, begins, ends in _spans(assessments) if begins <= at < ends),
        recorder=row["recorder"],
        stop=gravest_stop(stops, [debt["id"] for debt in row["debts"] if debt["state"] != "settled"]),
        stopped_debts=frozenset(stop["debt_id"] for stop in stops if stop["debt_id"] is not None)
        | {debt for debt, state in court.items() if state in AGREED},
        case_id=case.get("id"),
        agency_id=case.get("agency_id"),
        document={
            "profile": row["profile"],
            "debtor": _debtor(row, stops),
            "case": _case(stops, court),
            "reviews": [_review(review) for review in row["reviews"] if _still_speaks(review, stops)],
            "debts": [_debt(debt, row["lender"], _beside(debt["id"], stops, court, untold)) for debt in row["debts"]],
            "parties": [_party(party) for party in row["parties"]],
            "points": [_point(point) for point in row["points"]],
            "statements": _statements(row, stops),
            "events": sorted(
                [_event(event, known) for event in events] + [_open_permit(permit) for permit in permits],
                key=lambda event: datetime.fromisoformat(event["at"]),
            ),
        },
        court=court,
        truths=_truths(known_facts, court, json.loads(disputed or "[]")),
        bulk_stops=read_stops(bulk_stops),
    )


def _court(files: str | None, at: datetime) -> dict[int, State]:
    """Open files by debt. Boundary: one that nothing was begun with before limitation ran out is none to speak of."""
    today = day_in(BEIJING, at)
    return {
        debt: State(state)
        for debt, state, begin_by in json.loads(files or "[]")
        if state != State.PREPARED or date.fromisoformat(begin_by) >= today
    }


def _truths(known: str | None, court: Mapping[int, State], disputed: Sequence[int]) -> dict[int, Truth]:
    """What is true by debt; of a debt and a fact the last row counts."""
    rows = json.loads(known or "[]")
    return {
        debt: Truth(
            {Fact(fact): holds for of, fact, holds, _ in rows if of == debt},
            {Fact(fact): date.fromisoformat(on) for of, fact, _, on in rows if of == debt},
            is_disputed=debt in disputed,
            court=court.get(debt),
        )
        for debt in {row[0] for row in rows} | set(court) | set(disputed)
    }


@lru_cache(maxsize=LENDERS_REMEMBERED)
def _spans(written: str | None) -> tuple[tuple[str, datetime, datetime], ...]:
    """The assessments of a lender: activity, beginning and end. Each person of the lender brings the same text."""
    return tuple(
        (activity, datetime.fromisoformat(begins), datetime.fromisoformat(ends))
        for activity, begins, ends in json.loads(written or "[]")
    )


def _in_force(stop: dict[str, Any], at: datetime) -> bool:
    """A stop that is known is in force until its end, whatever clock began it."""
    until = stop["until_at"]
    return until is None or at < datetime.fromisoformat(until)


def gravest_stop(stops: list[dict[str, Any]], live_debts: list[int]) -> str | None:
    """The stop that rests the whole case: one of the person, or one of a debt where every live debt is stopped."""
    stopped = {stop["debt_id"] for stop in stops}
    all_stopped = bool(live_debts) and stopped.issuperset(live_debts)
    kinds = [stop["kind"] for stop in stops if stop["debt_id"] is None or all_stopped]
    return max(kinds, key=STOPS.index, default=None)


def _debtor(row: dict[str, Any], stops: list[dict[str, Any]]) -> dict[str, Any]:
    states = {STATE_OF_STOP[stop["kind"]] for stop in stops if stop["kind"] in STATE_OF_STOP}
    states |= {row["state"]} - {"normal"}
    zones = row["time_zones"] or ["Asia/Shanghai"]
    if not states:
        return {"time_zones": zones, "state": "normal"}
    return {"time_zones": zones, "states": [{"state": state} for state in sorted(states)]}


def _case(stops: list[dict[str, Any]], court: Mapping[int, State]) -> dict[str, Any]:
    case: dict[str, Any] = {}
    if not PENDING.isdisjoint(court.values()):
        case["suit_pending"] = True
    if any(stop["kind"] == "complaint" for stop in stops):
        case["complaint_open"] = True
    for kind, key in (("no_contact_order", "no_contact_order_until"), ("hardship", "hardship_until")):
        ends = [stop["until_at"] for stop in stops if stop["kind"] == kind]
        if ends:
            case[key] = FAR_FUTURE if None in ends else max(ends, key=datetime.fromisoformat)
    return case


def _beside(debt_id: int, stops: list[dict[str, Any]], court: Mapping[int, State], untold: frozenset[int]) -> list[str]:
    """Further states of a debt: of its stops, of its court file, of a change of creditor that the debtor was not told
    of (CC 546)."""
    states = [
        DEBT_STATE_OF_STOP[stop["kind"]]
        for stop in stops
        if stop["kind"] in DEBT_STATE_OF_STOP and stop["debt_id"] in (None, debt_id)
    ]
    if court.get(debt_id) in DEBT_STATE_OF_FILE:
        states.append(DEBT_STATE_OF_FILE[court[debt_id]])
    return states + [UNTOLD] * (debt_id in untold)


def _debt(debt: dict[str, Any], lender: str, beside: list[str]) -> dict[str, Any]:
    states = [debt["state"], *beside]
    unique = list(dict.fromkeys(states))
    state = {"state": unique[0]} if len(unique) == 1 else {"states": [{"state": one} for one in unique]}
    return {
        "id": f"d{debt['id']}",
        "lender": lender,
        "product": debt["product"],
        "outstanding_minor": debt["balance_minor"],
        **state,
    }


def _party(party: dict[str, Any]) -> dict[str, Any]:
    known = {key: party[key] for key in ("named_by_debtor", "liability_evidence") if party[key] is not None}
    return {"id": f"p{party['id']}", "role": party["role"], **known}


def _point(point: dict[str, Any]) -> dict[str, Any]:
    optional = ("reserved", "source", "place", "owner", "invalid_since", "misdirected")
    known = {key: point[key] for key in optional if point[key] is not None}
    return {"id": f"m{point['id']}", "party": f"p{point['party']}", "kind": point["kind"], **known}


def _statements(row: dict[str, Any], stops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    said = [
        {
            "at": statement["at"],
            "by": f"p{statement['by']}" if statement["by"] else "collector",
            "kind": statement["kind"],
            **statement["body"],
        }
        for statement in row["statements"]
    ]
    said = _unanswered(said)
    debtor = next((party["id"] for party in row["parties"] if party["role"] == "debtor"), None)
    if debtor is not None:
        said += [
            {"at": stop["from_at"], "by": f"p{debtor}", "kind": STATEMENT_OF_STOP[stop["kind"]], **_about(stop)}
            for stop in stops
            if stop["kind"] in STATEMENT_OF_STOP
        ]
    return sorted(said, key=lambda statement: datetime.fromisoformat(statement["at"]))


def _unanswered(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without claims to have paid that were answered after they were made, and without the answers
    (store/transact/paid_claims.py)."""
    answers = [one for one in said if one["by"] == "collector" and (one["kind"], one.get("of")) == ANSWERED]
    if not answers:
        return said

    def is_answered(one: dict[str, Any]) -> bool:
        made = datetime.fromisoformat(one["at"])
        return one["kind"] == ANSWERED[1] and any(
            datetime.fromisoformat(answer["at"]) >= made and answer.get("debt") in (None, one.get("debt"))
            for answer in answers
        )

    return [one for one in said if one not in answers and not is_answered(one)]


def _about(stop: dict[str, Any]) -> dict[str, Any]:
    return {} if stop["debt_id"] is None else {"debt": f"d{stop['debt_id']}"}


def _event(row: dict[str, Any], known: frozenset[int]) -> dict[str, Any]:
    """`known`: events of this document; an answer to one before them is no answer to anything that it shows."""
    event: dict[str, Any] = {
        "id": f"e{row['id']}",
        "at": row["at"],
        "channel": row["channel"],
        "direction": row["direction"],
        "party": f"p{row['party_id']}",
        "form": row["form"],
    }
    if row["collector"]:
        event["by"] = row["collector"]
    if row["point_id"] is not None:
        event["point"] = f"m{row['point_id']}"
    if row["debts"]:  # none named: all of them
        event["debts"] = [f"d{debt}" for debt in row["debts"]]
    if row["in_reply_to"] in known:
        event["in_reply_to"] = f"e{row['in_reply_to']}"
    if row["is_robot"] is not None:
        event["robot"] = row["is_robot"]
    optional = ("purpose", "outcome", "ring_seconds", "line_result", "talk_seconds", "exchanged", "about_debt")
    return event | {key: row[key] for key in optional if row[key] is not None}


def _open_permit(permit: dict[str, Any]) -> dict[str, Any]:
    event = _event(
        {
            **dict.fromkeys(("in_reply_to", "is_robot", "outcome", "ring_seconds", "line_result")),
            **dict.fromkeys(("talk_seconds", "exchanged", "about_debt")),
            **permit,
            "direction": "out",
        },
        frozenset(),
    )
    return event | {"id": f"t{permit['id']}"}


def _still_speaks(review: dict[str, Any], stops: list[dict[str, Any]]) -> bool:
    """Whether a person's look is younger than the money on its way that it would speak of: who looked before knew
    nothing of it."""
    if not review["rule"].endswith("claims-paid"):
        return True
    looked_at = datetime.fromisoformat(review["at"])
    return not any(
        stop["kind"] == "claims_paid" and datetime.fromisoformat(stop["from_at"]) >= looked_at for stop in stops
    )


def _review(review: dict[str, Any]) -> dict[str, Any]:
    shown = {"rule": review["rule"], "at": review["at"], "by": f"u{review['by']}", "until": review["until"]}
    return shown | ({"channels": review["channels"]} if review["channels"] else {})
