"""A click that lets the system place a permitted call, and the word of the desk on what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.compiled import decide_compiled as decide
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import Law
from zhizhi.store.contacts.calls import find_open_call, load_decision_of, load_script
from zhizhi.store.keyring import KeyUnavailable
from zhizhi.store.law.houses import law_of
from zhizhi.store.lenders.rights import Right
from zhizhi.store.recordings.reads import load_engine_facts, unreported_calls
from zhizhi.store.transact.deliveries import Settled, settle
from zhizhi.store.transact.live_calls import Asked, ask_call, ask_hang_up, is_call_of
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.start_call import NO_OPEN_CALL, NOT_YOURS

RECORD = "record_audio"
REPORT_WITHIN = timedelta(minutes=10)
REPORTS_MAX = 200


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """The click: the desk's telephone will ring first."""

    person_id: int
    permit_id: int
    by: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """The person at the desk wants the call to end."""

    person_id: int
    permit_id: int
    by: int


def place_call(command: PlaceCall, at: datetime) -> None:
    """Ask for the call; clicking twice asks once. Refuses: a permit that is not this collector's, or not open."""
    require(command.by, Right.CONTACT, person_id=command.person_id)
    call = find_open_call(command.person_id, command.permit_id, "waiting")
    if call is None or call.claimed.expires_at <= at:
        raise UseCaseRefused("no_open_call", NO_OPEN_CALL)
    if call.permitted_to != f"u{command.by}":
        raise UseCaseRefused("not_yours", NOT_YOURS)
    decided = load_decision_of(command.person_id, command.permit_id)
    law = law_of(call.profile, call.house)
    must_record = asks_for_recording(decided.facts, decided.body, law)
    if ask_call(call, command.by, at, must_record=must_record) is Asked.ENDED:
        raise UseCaseRefused(
            "call_ended", Text("该次拨打已结束，请重新发起", "this call has ended; help: propose the call again")
        )


def asks_for_recording(facts: Mapping[str, Any], body: Mapping[str, Any], law: Law) -> bool:
    """Whether a rule asks for the recording: it obliges to it, or would not have permitted the call without it."""
    if any(obligation["do"] == RECORD for obligation in body["obligations"]):
        return True
    case = parse_case(dict(facts))
    return decide(replace(case, proposed=replace(case.proposed, recording="off")), law).verdict != "permit"


def access_script(person_id: int, permit_id: int, by: int) -> str:
    """What is to be said, for whoever makes the call; empty for anybody else, and where it does not open."""
    if not is_call_of(person_id, permit_id, by):
        return ""
    try:
        return load_script(person_id, permit_id)
    except KeyUnavailable:
        return ""


def hang_up(command: HangUp, at: datetime) -> None:
    """Ask for it. Refuses: a call that has ended, or is another's."""
    if not ask_hang_up(command.person_id, command.permit_id, command.by, at):
        raise UseCaseRefused("no_open_call", Text("通话已经结束", "the call has ended already"))


def settle_unreported(at: datetime) -> int:
    """Calls of which nobody said what came of them are contacts all the same, with what the engine knows."""
    done = 0
    for unreported in unreported_calls(at - REPORT_WITHIN, REPORTS_MAX):
        call = find_open_call(unreported.person_id, unreported.permit_id, "claimed")
        engine = load_engine_facts(unreported.person_id, unreported.permit_id)
        if call is None or engine is None:
            continue
        facts = {**engine.to_facts(), "collector_kind": call.collector_kind}
        done += not settle([Settled(call.claimed, "delivered", at, "connected", facts=facts, staff_id=call.staff_id)])
    return done
