"""Random cases of every width: each key of the format is sometimes there, times crowd around the edges of rules."""

from random import Random
from typing import Any

from zhizhi.core.conduct.words import (
    CHANNELS,
    DEBT_STATES,
    DEBTOR_STATES,
    MARKS,
    OUTCOMES,
    PLACES,
    POINT_KINDS,
    POINT_SOURCES,
    PURPOSES,
    RECORDINGS,
    ROLES,
    WEEKDAYS,
)

DAYS = ["2026-02-21", "2026-02-22", "2026-02-23", "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
EDGES = ["00:00:00", "00:00:01", "07:59:59", "08:00:00", "09:00:00", "10:00:00", "11:00:00", "21:59:59", "22:00:00"]
CLOCKS = ["00:00", "06:00", "08:00", "09:30", "12:00", "20:00", "22:00", "23:30", "24:00"]
ZONES = [["Asia/Shanghai"]] * 4 + [
    ["Asia/Urumqi"],
    ["Asia/Shanghai", "Asia/Tokyo"],
    ["Europe/London"],
    ["Asia/Tokyo", "UTC"],
]
Document = dict[str, Any]


def _instant(rng: Random, days: list[str] = DAYS) -> str:
    return f"{rng.choice(days)}T{rng.choice(EDGES)}+08:00"


def _maybe(rng: Random, document: Document, key: str, value: object, chance: float = 0.5) -> None:
    if rng.random() < chance:
        document[key] = value


def _flag(rng: Random) -> bool:
    return rng.random() < 0.5


def _states(rng: Random, states: tuple[str, ...], plain: str) -> Document:
    if rng.random() < 0.6:
        return {"state": plain if rng.random() < 0.5 else rng.choice(states)}
    found = []
    for _ in range(rng.randint(1, 2)):
        state: Document = {"state": rng.choice(states)}
        _maybe(rng, state, "since", rng.choice(DAYS), 0.2)
        found.append(state)
    return {"states": found}


def _event(rng: Random, n: int, at: str) -> Document:
    channel = rng.choice(["voice"] * 8 + ["visit", "visit", "letter", "letter", "sms", "ringless_voicemail", *CHANNELS])
    event: Document = {
        "id": f"e{n}", "at": at, "channel": channel, "direction": rng.choice(["out"] * 7 + ["in"]),
        "party": rng.choice(["p1", "p1", "p1", "x1"]),
    }  # fmt: skip
    _maybe(rng, event, "point", rng.choice(["m1", "m1", "m2", "x2"]), 0.8)
    _maybe(rng, event, "debts", rng.choice([["d1"], ["d2"], ["d3"], ["d1", "d3"]]), 0.4)
    _maybe(rng, event, "form", rng.choice(["notification", "interactive"]))
    _maybe(rng, event, "robot", _flag(rng))
    _maybe(rng, event, "by", rng.choice(["L1", "A1"]))
    _maybe(rng, event, "outcome", rng.choice(["conversation", "connected", "no_answer", "no_answer", *OUTCOMES]), 0.8)
    _maybe(rng, event, "purpose", rng.choice([*PURPOSES, "remind", "opt_out_confirmation"]), 0.3)
    _maybe(rng, event, "talk_seconds", rng.choice([0, 5, 6, 60]))
    _maybe(rng, event, "exchanged", _flag(rng))
    _maybe(rng, event, "about_debt", _flag(rng), 0.3)
    _maybe(rng, event, "physical", rng.choice(["x", "y"]), 0.1)
    _maybe(rng, event, "in_session", True, 0.05)
    return event


def _statement(rng: Random, at: str) -> Document:
    by = rng.choice(["p1", "p1", "p1", "x1"])
    kinds: list[Document] = [
        {"kind": "agree_hours", "from": rng.choice(CLOCKS[:-1]), "to": rng.choice(CLOCKS),
         "form": rng.choice(["specific", "standard_clause"])},
        {"kind": "agree_hours", "from": "09:00", "to": "20:00", "form": rng.choice(["specific", "standard_clause"])},
        {"kind": "agree_frequency", "per_day": rng.randint(0, 6)},
        {"kind": "inconvenient_time", "from": rng.choice(CLOCKS[:-1]), "to": rng.choice(CLOCKS)},
        {"kind": "inconvenient_time", "from": "09:00", "to": "12:00"},
        {"kind": "inconvenient_place", "place": rng.choice(PLACES)},
        {"kind": "refuse_contact"}, {"kind": "cease"},
        {"kind": "refuse_medium", "channel": rng.choice(["voice", "sms", "visit"])},
        {"kind": "refuse_point", "point": rng.choice(["m1", "m2", "x2"])},
        {"kind": "consent_visit", "place": rng.choice(PLACES[:2])},
        {"kind": "consent_entry", "place": rng.choice(PLACES[:2])},
        {"kind": "request_callback", "from": f"2026-03-02T{rng.choice(EDGES)}+08:00"}, {"kind": "request_callback"},
        {"kind": "offer_to_pay"}, {"kind": "represented_by_attorney"}, {"kind": "employer_prohibits"},
        {"kind": "claims_paid"}, {"kind": "dispute"}, {"kind": "object_use", "of": rng.choice(["m1", "p1", "x1"])},
        {"kind": "withdraw", "of": rng.choice(["agree_hours", "refuse_contact", "refuse_medium"])},
    ]  # fmt: skip
    said = {"at": at, "by": by, **rng.choice(kinds)}
    if said["kind"] in ("agree_hours", "inconvenient_time"):
        _maybe(rng, said, "days", [rng.choice(WEEKDAYS[:2])], 0.2)
    if said["kind"] == "agree_hours":
        _maybe(rng, said, "on", "2026-03-02", 0.1)
    if said["kind"] == "agree_frequency":
        _maybe(rng, said, "point", rng.choice(["m1", "m2"]), 0.4)
    if said["kind"] in ("agree_hours", "agree_frequency", "inconvenient_time"):
        _maybe(rng, said, "until", rng.choice(["2026-03-02", "2026-03-02T10:00:00+08:00"]), 0.15)
    if said["kind"] == "consent_visit":
        _maybe(rng, said, "purpose_told", rng.random() < 0.8, 0.8)
        _maybe(rng, said, "consequences_told", rng.random() < 0.8, 0.8)
    _maybe(rng, said, "told", rng.choice(["collector", "A1", "x1"]), 0.15)
    _maybe(rng, said, "debt", rng.choice(["d1", "d2"]), 0.2)
    return said


def _points(rng: Random) -> list[Document]:
    found = []
    for name, party in (("m1", "p1"), ("m2", "p1"), ("x2", "x1")):
        point: Document = {"id": name, "party": party, "kind": rng.choice(["mobile", "mobile", *POINT_KINDS])}
        _maybe(rng, point, "reserved", _flag(rng), 0.8)
        _maybe(rng, point, "source", rng.choice(["contract", *POINT_SOURCES]), 0.8)
        _maybe(rng, point, "place", rng.choice(PLACES), 0.4)
        _maybe(rng, point, "owner", rng.choice(["debtor", "employer"]), 0.2)
        _maybe(rng, point, "invalid_since", _instant(rng), 0.15)
        _maybe(rng, point, "misdirected", _flag(rng), 0.2)
        found.append(point)
    return found


def _collector(rng: Random) -> Document:
    collector: Document = {"kind": rng.choice(["lender", "agency"]), "id": rng.choice(["L1", "A1"])}
    _maybe(rng, collector, "listed", _flag(rng))
    for key in ("evaluated_on", "inspected_on"):
        _maybe(rng, collector, key, rng.choice(["2025-03-01", "2025-03-02", "2025-06-01", "2026-03-05"]), 0.8)
    _maybe(rng, collector, "contract_ends_on", rng.choice(["2026-03-01", "2026-03-02"]))
    if rng.random() < 0.8:
        person: Document = {"id": "u1"}
        _maybe(rng, person, "trained_on", rng.choice(["2025-03-01", "2025-03-02", "2026-01-01"]), 0.8)
        _maybe(rng, person, "private_device", _flag(rng))
        _maybe(rng, person, "private_device_approved", _flag(rng))
        collector["person"] = person
    return collector


def _proposed(rng: Random, events: list[Document]) -> Document:
    party = rng.choice(["p1", "x1"])
    proposed: Document = {
        "at": _instant(rng, ["2026-03-02"]), "channel": rng.choice(["voice", "voice", "visit", "letter", *CHANNELS]),
        "direction": "out", "party": party, "purpose": rng.choice(["collect", "collect", "answer_request", *PURPOSES]),
    }  # fmt: skip
    _maybe(rng, proposed, "point", rng.choice(["m1", "m2"]) if party == "p1" else "x2", 0.8)
    _maybe(rng, proposed, "debts", rng.choice([["d1"], ["d1", "d2"], ["d3"]]))
    _maybe(rng, proposed, "form", rng.choice(["notification", "interactive"]))
    _maybe(rng, proposed, "robot", _flag(rng))
    for key in ("discloses_debt", "identifies_collector", "names_principal", "id_shown", "enters_premises"):
        _maybe(rng, proposed, key, _flag(rng), 0.8)
    _maybe(rng, proposed, "recording", rng.choice(RECORDINGS), 0.8)
    _maybe(rng, proposed, "team_size", rng.randint(1, 3), 0.8)
    _maybe(rng, proposed, "place", rng.choice(PLACES), 0.4)
    _maybe(rng, proposed, "known_place", rng.choice(PLACES), 0.2)
    _maybe(rng, proposed, "content", rng.sample(MARKS, rng.choice([0, 0, 0, 1, 2])), 0.8)
    _maybe(rng, proposed, "in_session", True, 0.1)
    if events:
        _maybe(rng, proposed, "on_call", rng.choice(events)["id"], 0.1)
        _maybe(rng, proposed, "in_reply_to", rng.choice(events)["id"], 0.2)
    hour = int(proposed["at"][11:13])
    if rng.random() < 0.4 and hour < 23:
        proposed["expected_end_at"] = f"{proposed['at'][:11]}{hour + 1:02d}:00:00+08:00"
    return proposed


def wide_case(seed: int, profile: str, reading: str) -> Document:
    """The case of a seed."""
    rng = Random(seed)
    statements = [_statement(rng, at) for at in sorted(_instant(rng) for _ in range(rng.choice([0, 0, 1, 1, 2, 4])))]
    events = [_event(rng, n, at) for n, at in enumerate(sorted(_instant(rng) for _ in range(rng.choice([0, 3, 9]))))]
    facts: Document = {}
    _maybe(rng, facts, "complaint_open", True, 0.2)
    _maybe(rng, facts, "no_contact_order_until", "2026-03-03", 0.1)
    _maybe(rng, facts, "hardship_until", "2026-03-02", 0.1)
    _maybe(rng, facts, "unreachable_by_contract", _flag(rng), 0.4)
    other: Document = {"id": "x1", "role": rng.choice(ROLES)}
    _maybe(rng, other, "named_by_debtor", _flag(rng))
    _maybe(rng, other, "liability_evidence", _flag(rng))
    _maybe(rng, other, "estate_value_minor", rng.choice([0, 100]))
    second = {"product": "P2"} if _flag(rng) else {}
    return {
        "id": f"wide-{seed}", "profile": profile, "reading": reading, "case": facts,
        "debtor": {"time_zones": rng.choice(ZONES), **_states(rng, DEBTOR_STATES, "normal")},
        "debts": [
            {"id": "d1", "lender": "L1", "product": "P1", **_states(rng, DEBT_STATES, "overdue")},
            {"id": "d2", "lender": "L1", **second, **_states(rng, DEBT_STATES, "not_due")},
            {"id": "d3", "lender": "L2", "product": "P1", "state": "overdue"},
        ],
        "parties": [{"id": "p1", "role": "debtor"}, other], "points": _points(rng), "collector": _collector(rng),
        "statements": statements, "events": events, "proposed": _proposed(rng, events),
    }  # fmt: skip
