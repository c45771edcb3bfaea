"""What happened on the two legs of a call, from the engine's events: each thing once, whatever comes twice or late."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_CODE = re.compile(r"([1-6]\d\d)\b")


class Leg(StrEnum):
    """The collector's own telephone, and the line to the person who is called."""

    DESK = "desk"
    LINE = "line"


class Happening(StrEnum):
    """What an event says of a leg."""

    RINGS = "rings"
    ANSWERED = "answered"
    CLOSED = "closed"


# 183 counts as ringing: it opens the way for a ringback tone, and whoever sends one has reached a telephone.
_HAPPENINGS = {
    "CALL_RINGING": Happening.RINGS,
    "CALL_PROGRESS": Happening.RINGS,
    "CALL_ESTABLISHED": Happening.ANSWERED,
    "CALL_CLOSED": Happening.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of a call that this engine placed; `because` is the engine's word at its end."""

    leg: Leg
    what: Happening
    call_id: str
    because: str


def heard_in(message: Mapping[str, Any], legs: Mapping[str, Leg]) -> Heard | None:
    """Read an event; None where it is none of a call of ours. `legs`: address of record -> leg."""
    what = _HAPPENINGS.get(str(message.get("type")))
    leg = legs.get(str(message.get("accountaor")))
    if what is None or leg is None or message.get("direction") != "outgoing":
        return None
    return Heard(leg, what, str(message.get("id", "")), str(message.get("param", "")))


@dataclass(slots=True)
class LegProgress:
    """One leg: the monotonic second of each thing, None while it has not happened."""

    placed_at: float | None = None
    rang_at: float | None = None
    answered_at: float | None = None
    closed_at: float | None = None
    because: str = ""
    call_id: str = ""

    @property
    def is_up(self) -> bool:
        """Whether people can speak on it."""
        return self.answered_at is not None and self.closed_at is None


@dataclass(slots=True)
class Progress:
    """Both legs. An event before its leg was placed, after its end, of another call, or told twice changes nothing."""

    desk: LegProgress = field(default_factory=LegProgress)
    line: LegProgress = field(default_factory=LegProgress)

    def leg(self, leg: Leg) -> LegProgress:
        """One of the two."""
        return self.desk if leg is Leg.DESK else self.line

    def hear(self, heard: Heard, at: float) -> None:
        """Take an event in."""
        leg = self.leg(heard.leg)
        if leg.placed_at is None or leg.closed_at is not None or (leg.call_id and heard.call_id != leg.call_id):
            return
        leg.call_id = leg.call_id or heard.call_id
        match heard.what:
            case Happening.RINGS if leg.rang_at is None and leg.answered_at is None:
                leg.rang_at = at
            case Happening.ANSWERED if leg.answered_at is None:
                leg.answered_at = at
            case Happening.CLOSED:
                leg.closed_at, leg.because = at, heard.because
            case _:
                return


@dataclass(frozen=True, slots=True)
class Meaning:
    """How a line ended that nobody answered: `outcome` and `line_result` in the words of contract/conduct-case.md,
    or a proof that nothing rang (`proof`), or neither: nobody knows."""

    outcome: str | None = None
    line_result: str | None = None
    proof: str | None = None


# Final answers that say what the telephone did. Everything else that is final says nothing certain: a proxy answers 5xx
# also after it passed the call on.
_MEANINGS = {
    486: Meaning("busy", "busy"),
    600: Meaning("busy", "busy"),
    603: Meaning("rejected", "rejected"),
    607: Meaning("rejected", "intercepted"),
    608: Meaning("rejected", "intercepted"),
    408: Meaning("no_answer", "no_answer"),
    480: Meaning("no_answer", "no_answer"),
    487: Meaning("no_answer", "no_answer"),
    404: Meaning("not_in_service", "empty_number"),
    410: Meaning("not_in_service", "empty_number"),
    484: Meaning("not_in_service", "empty_number"),
    604: Meaning("not_in_service", "empty_number"),
    401: Meaning(proof="not_authorised"),
    407: Meaning(proof="not_authorised"),
}
# What the engine says where its request could not be sent at all.
_NOT_SENT = {
    "Connection refused": "unreachable",
    "Destination address required": "unreachable",
    "Network is unreachable": "unreachable",
    "No route to host": "unreachable",
}


def meaning_of(line: LegProgress) -> Meaning:
    """What the end of an unanswered line means. Boundary: what rang is never a proof that nothing did."""
    code = _CODE.match(line.because)
    found = _MEANINGS.get(int(code[1])) if code else Meaning(proof=_NOT_SENT.get(line.because))
    if line.rang_at is None:
        return found or Meaning()
    if found is None or found.outcome is None:
        return Meaning("no_answer", "no_answer")
    return found
