"""The planted actors: what they do, and the traces that it leaves. Only the truth file names the persons concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhizhi.gateways.generator.behaviour import CallOutcome
from zhizhi.gateways.generator.casework import CLOSES, OPENS, Casework, instant
from zhizhi.gateways.generator.organisation import BESIDE_SYSTEM, Row
from zhizhi.gateways.generator.parameters import Parameters

if TYPE_CHECKING:
    from zhizhi.gateways.generator.floor import Floor, Shift

_HIDDEN_HOURS = (6 * 60 + 50, 7 * 60 + 20, 12 * 60 + 40, 19 * 60 + 15, 22 * 60 + 12, 22 * 60 + 47)
_REGISTERED, _HIDDEN = "00000001", "00000099"  # the agency's registered line and a line nobody registered


def ring_once(floor: Floor, case: Casework, shift: Shift) -> bool:
    """Six days in ten: three dials that ring for two seconds, so that a contact person can be called tomorrow."""
    if case.dice.below(10) >= 6 or not case.contact_parties or case.window != (OPENS, CLOSES) or case.bad_span[1]:
        return False
    minute = case.window[0] + case.dice.below(60)
    for _ in range(3):
        if case.is_open(minute):
            told = CallOutcome("no_answer", "no_answer", case.dice.between(1, 3), 0, exchanged=False, right_party=None)
            floor.voice(case, shift, minute, told)
            minute += 61 + case.dice.below(20)
    case.planted.add("rings_once")
    case.locate_on = shift.day + 1
    return True


def record_carrier(parameters: Parameters, case: Casework, told: CallOutcome, *, agency: str, at: str) -> None:
    """The carrier's own record of a call that an agency made."""
    if agency:
        case.add("carrier_records", "D", _carrier(parameters, case, at, _REGISTERED, told) | {"agency_code": agency})


def _carrier(parameters: Parameters, case: Casework, at: str, line: str, told: CallOutcome) -> Row:
    return {
        "at": at,
        "calling_number": f"{parameters.identity.mobile_prefix}{line}",
        "called_number": case.person.mobile,
        "line_result": told.line_result,
        "ring_seconds": told.ring_seconds,
        "talk_seconds": told.talk_seconds,
    }


def call_beside_system(floor: Floor, case: Casework, day: int, age: int) -> None:
    """One day in ten of a placement the agency rings from a line of its own, early, late, often, unrecorded."""
    placement = floor.organisation.placement(case.account, age)
    if placement is None or placement.agency != BESIDE_SYSTEM or case.dice.below(10):
        return
    case.planted.add("beside_system")
    for minute in _HIDDEN_HOURS[case.dice.below(3) : 4 + case.dice.below(3)]:
        talk = case.dice.below(40) if case.dice.below(4) == 0 else 0
        told = CallOutcome(
            "", "answered" if talk else "no_answer", case.dice.between(5, 40), talk, exchanged=False, right_party=None
        )
        at = instant(day, minute, case.dice.below(60))
        row = _carrier(floor.behaviour.parameters, case, at, _HIDDEN, told)
        case.add("carrier_records", "D", row | {"agency_code": BESIDE_SYSTEM})
