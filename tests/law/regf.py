"""One ordinary contact under Regulation F, and the few words that specs need to change it."""

from copy import deepcopy
from typing import Any

Document = dict[str, Any]

DEBTS = [
    {"id": "d1", "lender": "L1", "state": "overdue"},
    {"id": "d2", "lender": "L1", "state": "overdue"},
    {"id": "d3", "lender": "L1", "group": "g", "state": "overdue"},
    {"id": "d4", "lender": "L2", "group": "g", "state": "overdue"},
]
PARTIES = [
    {"id": "p1", "role": "debtor"},
    {"id": "n1", "role": "other"},
    {"id": "a1", "role": "attorney"},
]
POINTS = [
    {"id": "m1", "party": "p1", "kind": "mobile", "source": "contract", "owner": "debtor"},
    {"id": "x1", "party": "p1", "kind": "mobile", "source": "contract", "misdirected": True},
    {"id": "h1", "party": "p1", "kind": "landline", "source": "contract", "place": "home"},
    {"id": "e1", "party": "p1", "kind": "email", "source": "contract", "owner": "debtor"},
    {"id": "nm1", "party": "n1", "kind": "mobile", "source": "public_record"},
    {"id": "am1", "party": "a1", "kind": "landline", "source": "given"},
]


def consumer_contact(reading: str = "text", debts_of: list[str] | None = None, **changes: Any) -> Document:
    """A call to the consumer at 11:00 with nothing against it; keys of `proposed` may be given as they are."""
    document: Document = {
        "id": "x",
        "profile": "us.regf",
        "reading": reading,
        "debtor": {"time_zones": ["America/New_York"], "state": "normal"},
        "debts": DEBTS,
        "parties": PARTIES,
        "points": POINTS,
        "collector": {"kind": "agency", "id": "agency-1"},
        "statements": [],
        "events": [],
        "proposed": {
            "at": "2026-04-15T11:00:00-04:00", "channel": "voice", "direction": "out", "party": "p1", "point": "m1",
            "debts": debts_of or ["d1"], "form": "interactive", "purpose": "collect", "discloses_debt": True,
            "identifies_collector": True, "opt_out_notice": True, "content": [],
        },
    }  # fmt: skip
    document = deepcopy(document)
    for key, value in deepcopy(changes).items():
        (document if key in document else document["proposed"])[key] = value
    return document
