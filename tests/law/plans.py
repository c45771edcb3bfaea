"""Plan documents for the specs: the ordinary contact with wishes in its place."""

from copy import deepcopy
from typing import Any

from law.contacts import BANK, CONTACT_MOBILE, MOBILE, Document, clock, contact

SAID = {"discloses_debt": True, "identifies_collector": True, "names_principal": True, "content": []}
CALL = {"channel": "voice", "party": "p1", "purpose": "collect", "recording": "on", **SAID}
MESSAGE = {"channel": "sms", "party": "p1", "purpose": "collect", "form": "notification", **SAID}
ASK = {
    "channel": "voice", "party": "c1", "purpose": "locate", "recording": "on", **SAID, "discloses_debt": False,
}  # fmt: skip
SECOND = {"id": "m2", "party": "p1", "kind": "mobile", "reserved": False, "source": "given"}
UNTIL = "2026-03-07T00:00:00+08:00"


def wish(name: str, count: int, what: Document, **keys: Any) -> Document:
    """So many contacts of a kind."""
    return {"id": name, "count": count, "contact": deepcopy(what), **deepcopy(keys)}


def wishes(*wished: Document, profile: str = BANK, start: str = "09:00", until: str = UNTIL, **keys: Any) -> Document:
    """A plan document from Monday on; further keys are those of `contact`."""
    document = contact(profile, points=[MOBILE, CONTACT_MOBILE], **keys)
    del document["proposed"]
    return {**document, "wishes": list(wished), "horizon": {"from": clock(start), "until": until}}
