"""One ordinary contact, and the few words that specs need to change it."""

from copy import deepcopy
from datetime import datetime
from typing import Any

from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.decide import Decision, decide
from zhizhi.store.packs import load_law

Document = dict[str, Any]

ONLINE, CARD, BANK, MICRO = "cn.consumer_finance.online", "cn.bank.card", "cn.bank.online", "cn.microloan"
DAY = "2026-03-02"
CONTACT = {"id": "c1", "role": "contact", "named_by_debtor": True}
CONTACT_MOBILE = {"id": "mc1", "party": "c1", "kind": "mobile", "source": "contract"}
DEBTOR, MOBILE = (
    {"id": "p1", "role": "debtor"},
    {"id": "m1", "party": "p1", "kind": "mobile", "reserved": True, "source": "contract"},
)
HOME = {"id": "h1", "party": "p1", "kind": "place", "place": "home", "source": "contract"}
VISIT = {"channel": "visit", "point": "h1", "place": "home", "team_size": 2, "id_shown": True, "enters_premises": False}
VISIT_CONSENT = {
    "at": "2026-02-26T10:00:00+08:00", "by": "p1", "kind": "consent_visit", "place": "home",
    "purpose_told": True, "consequences_told": True,
}  # fmt: skip
ASK_CONTACT = {"party": "c1", "point": "mc1", "purpose": "locate", "discloses_debt": False}


def clock(written: str, day: str = DAY) -> str:
    """An instant in Beijing: `09:00`, `09:00:01`."""
    return f"{day}T{written if written.count(':') == 2 else written + ':00'}+08:00"


def contact(profile: str = ONLINE, reading: str = "strict", **changes: Any) -> Document:
    """A call to the debtor at 10:00 with nothing against it; keys of `proposed` may be given as they are."""
    document: Document = {
        "id": "x",
        "profile": profile,
        "reading": reading,
        "debtor": {"time_zones": ["Asia/Shanghai"], "state": "normal"},
        "debts": [{"id": "d1", "lender": "L1", "product": "P1", "state": "overdue"}],
        "parties": [DEBTOR, CONTACT],
        "points": [MOBILE, CONTACT_MOBILE],
        "collector": {
            "kind": "lender", "id": "L1",
            "person": {"id": "u1", "trained_on": "2026-01-16", "private_device": False},
        },
        "statements": [],
        "events": [],
        "proposed": {
            "at": clock("10:00"), "channel": "voice", "direction": "out", "party": "p1", "point": "m1",
            "purpose": "collect", "discloses_debt": True, "identifies_collector": True, "names_principal": True,
            "recording": "on", "content": [],
        },
    }  # fmt: skip
    document = deepcopy(document)
    for key, value in deepcopy(changes).items():
        (document if key in document or key in ("case", "reviews") else document["proposed"])[key] = value
    return document


def decided(document: Document) -> Decision:
    """The decision under the law of this release."""
    return decide(parse_case(document), load_law(document["profile"]))


def answer(document: Document) -> tuple[str, str | None]:
    """Verdict and next permitted instant, as they are written."""
    written = decided(document).to_document()
    return str(written["verdict"]), written["next_permitted_at"]  # type: ignore[return-value]  # text or null


def call(name: str, at: str, outcome: str | None = "conversation", day: str = DAY, **keys: Any) -> Document:
    """An outbound call to the debtor's reserved mobile."""
    event = {"id": name, "at": clock(at, day), "channel": "voice", "direction": "out", "party": "p1", "point": "m1"}
    if outcome is not None:
        event["outcome"] = outcome
    if outcome == "conversation":
        event |= {"talk_seconds": 60, "exchanged": True}  # type: ignore[dict-item]  # numbers and flags beside text
    return {**event, **keys}


def calls(count: int, outcome: str | None = "conversation", day: str = DAY) -> list[Document]:
    """So many calls from 08:00 on, ten minutes apart."""
    return [call(f"e{n}", f"{8 + n // 6:02d}:{n % 6}0", outcome, day) for n in range(count)]


def said(kind: str, by: str = "p1", at: str = "2026-02-20T10:00:00+08:00", **keys: Any) -> Document:
    """A statement."""
    return {"at": at, "by": by, "kind": kind, **{key.rstrip("_"): value for key, value in keys.items()}}


def moved(document: Document, at: datetime) -> Document:
    """The same contact at another instant, its planned length kept."""
    changed = deepcopy(document)
    before = datetime.fromisoformat(changed["proposed"]["at"])
    changed["proposed"]["at"] = at.isoformat()
    if "expected_end_at" in changed["proposed"]:
        length = datetime.fromisoformat(changed["proposed"]["expected_end_at"]) - before
        changed["proposed"]["expected_end_at"] = (at + length).isoformat()
    return changed
