"""The case that the builder opens with: an ordinary evening call after a day's contacts, of nobody real."""

from datetime import date
from typing import Any


def example(day: date) -> dict[str, Any]:
    """A case of a bank's online loan on a day: two talks, a dial that nobody answered, a frequency agreed to."""

    def at(clock: str) -> str:
        return f"{day.isoformat()}T{clock}:00+08:00"

    call = {"channel": "voice", "direction": "out", "party": "p1", "point": "m1", "purpose": "collect"}
    talk = {"outcome": "conversation", "talk_seconds": 75, "exchanged": True}
    return {
        "id": "try-1",
        "profile": "cn.bank.online",
        "reading": "strict",
        "debtor": {"time_zones": ["Asia/Shanghai"], "state": "normal"},
        "debts": [{"id": "d1", "lender": "L1", "product": "P1", "state": "overdue"}],
        "parties": [{"id": "p1", "role": "debtor"}, {"id": "c1", "role": "contact", "named_by_debtor": True}],
        "points": [
            {"id": "m1", "party": "p1", "kind": "mobile", "reserved": True, "source": "contract"},
            {"id": "mc1", "party": "c1", "kind": "mobile", "source": "contract"},
        ],
        "collector": {
            "kind": "lender",
            "id": "L1",
            "person": {"id": "u1", "trained_on": date(day.year, 1, 1).isoformat(), "private_device": False},
        },
        "statements": [{"at": at("08:40"), "by": "p1", "kind": "agree_frequency", "per_day": 4}],
        "events": [
            {"id": "e1", "at": at("08:30"), **call, **talk},
            {"id": "e2", "at": at("12:10"), **call, "outcome": "no_answer"},
            {"id": "e3", "at": at("15:45"), **call, **talk},
        ],
        "proposed": {
            "at": at("19:30"),
            "channel": "voice",
            "direction": "out",
            "party": "p1",
            "point": "m1",
            "purpose": "collect",
            "discloses_debt": True,
            "identifies_collector": True,
            "names_principal": True,
            "recording": "on",
            "content": [],
            "expected_end_at": at("19:40"),
        },
    }
