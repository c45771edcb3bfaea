"""结果码 of a call: what each says of the line, what it makes of the contact, and the step that usually follows.

The codes are those of the published list; one that is not here claims nothing of the line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from zhizhi.core.kernel.instants import BEIJING, day_in
from zhizhi.core.kernel.text import Text

CALLBACK = "CALLBACK"
"""The next step that was agreed with somebody for an instant."""
UNANSWERED = frozenset({"no_answer", "busy", "not_in_service", "rejected"})
VOICEMAIL = frozenset({"voicemail_limited", "voicemail_debt", "voicemail_full"})
MORNING = time(10)
AFTERNOON = time(15)


class Claim(StrEnum):
    """What a disposition says of the line."""

    SPOKE = "spoke"
    HUNG_UP = "hung_up"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Disposition:
    """`outcome`: the word of the contact. `exchanged`, `about_debt`: what the code implies of the talk; None: nothing.
    `next_step`: what usually follows, the next day where `on_promise` is not set."""

    claim: Claim
    outcome: str
    next_step: str
    exchanged: bool | None = None
    about_debt: bool | None = None
    on_promise: bool = False


def _spoke(next_step: str, *, about_debt: bool | None = True, on_promise: bool = False) -> Disposition:
    exchanged = True if about_debt else None
    return Disposition(Claim.SPOKE, "conversation", next_step, exchanged, about_debt, on_promise)


def _silent(outcome: str) -> Disposition:
    return Disposition(Claim.SILENT, outcome, "CALL")


DISPOSITIONS: Mapping[str, Disposition] = {
    "PROMISE": _spoke("CHECK_PROMISE", on_promise=True),
    "WILL_CALL_BACK": _spoke(CALLBACK, about_debt=None),
    "ASKS_PLAN": _spoke("OFFER_PLAN"),
    "PAID": _spoke("CHECK_PAYMENT"),
    "UNABLE": _spoke("OFFER_PLAN"),
    "REFUSES": _spoke("CALL"),
    "NO_ANSWER": _silent("no_answer"),
    "HUNG_UP": Disposition(Claim.HUNG_UP, "answered_dropped", "CALL"),
    "WRONG_PERSON": _spoke("ESCALATE", about_debt=None),
    "DISPUTES": _spoke("ESCALATE"),
    "REJECTED": _silent("rejected"),
    "SWITCHED_OFF": _silent("not_in_service"),
    "SUSPENDED": _silent("not_in_service"),
    "EMPTY_NUMBER": _silent("not_in_service"),
    "INTERCEPTED": _silent("no_answer"),
    "RELAYED": _spoke("CALL", about_debt=None),
    "NO_CONTACT": _spoke("ESCALATE", about_debt=None),
    "DECEASED": _spoke("ESCALATE", about_debt=None),
}
"""In the order of the keyboard: the nine that are most frequent first."""
CODE_OF_OUTCOME: Mapping[str, str] = {
    "no_answer": "NO_ANSWER",
    "busy": "NO_ANSWER",
    "rejected": "REJECTED",
    "not_in_service": "SWITCHED_OFF",
    "answered_dropped": "HUNG_UP",
}
"""Which code a form offers first, by what the line told of the call."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of a call apart from the word of its collector; None: not known."""

    outcome: str | None
    talk_seconds: int | None


TALKED = Text("线路显示已接通、通话 {seconds} 秒", "the line was answered and talked for {seconds} s")
NOT_ANSWERED = Text("线路显示未接通", "the line was not answered")
NO_TALK = Text("线路显示没有通话", "the line shows no talk")


def difference(code: str, line: Line) -> Text | None:
    """Where the disposition says another thing of the line than the line itself; None where they agree, or nothing is
    known.

    Boundary: a voicemail talks to nobody; a talk that was hung up is both.
    """
    said = DISPOSITIONS.get(code)
    if said is None or line.outcome in VOICEMAIL:
        return None
    if said.claim is Claim.SILENT and line.talk_seconds:
        return TALKED.fill(seconds=line.talk_seconds)
    if said.claim is Claim.SILENT or (line.outcome is None and line.talk_seconds is None):
        return None
    if line.outcome in UNANSWERED:
        return NOT_ANSWERED
    return NO_TALK if said.claim is Claim.SPOKE and line.talk_seconds == 0 else None


def usual_time(code: str, at: datetime, promised_on: date | None = None) -> datetime | None:
    """When the step that usually follows is due; None where the other side says when: a callback, a promise."""
    said = DISPOSITIONS.get(code)
    if said is None or said.next_step == CALLBACK:
        return None
    if said.on_promise:
        if promised_on is None:
            return None
        due = datetime.combine(promised_on, AFTERNOON, BEIJING)
        return due if due > at else datetime.combine(promised_on + timedelta(days=1), MORNING, BEIJING)
    return datetime.combine(day_in(BEIJING, at) + timedelta(days=1), MORNING, BEIJING)
