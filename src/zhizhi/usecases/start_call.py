"""A person clicks, calls, and says what came of it: the permit is used at the click, and its outcome arrives as a
new command."""

from dataclasses import dataclass, field
from datetime import datetime

from zhizhi.core.conduct.counts import UNANSWERED
from zhizhi.core.conduct.words import CALL_OUTCOMES
from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.contacts.calls import OpenCall, find_open_call
from zhizhi.store.law.houses import law_of
from zhizhi.store.lenders.rights import Right
from zhizhi.store.people.rows import mask_number
from zhizhi.store.recordings.reads import load_engine_facts
from zhizhi.store.transact.claims import Claimed
from zhizhi.store.transact.deliveries import Settled, settle
from zhizhi.store.transact.standing import is_overtaken
from zhizhi.usecases.authority import require
from zhizhi.usecases.claim_contacts import claim_contacts
from zhizhi.usecases.outbound.needed import taken_number
from zhizhi.usecases.refused import UseCaseRefused

TALK_SECONDS_MAX = 6 * 3600
OVERTAKEN = Text(
    "许可之后情况有变，规则不再允许这次拨打；请重新发起，查看理由",
    "things have changed since the permit, and the law permits this call no more; help: propose it again to see why",
)
NO_OPEN_CALL = Text("没有进行中的这次拨打", "there is no such call under way")

MASKED_PACKS = Text(
    "适用规则包尚不齐全，只显示掩码。", "not all packs of this profile are there yet: only the masked number is shown"
)
MASKED_AGENCY = Text(
    "委外机构只见掩码；须手工拨打时，在案件页“联系方式”处凭许可查看。",
    "an agency sees the mask; to dial by hand, have the number shown under this permit on the case, at its points",
)

NOT_YOURS = Text(
    "该许可属于另一位催收员，请自行发起",
    "this permit is another collector's; help: propose the call yourself",
)


@dataclass(frozen=True, slots=True)
class StartCall:
    """The click that uses a permit."""

    person_id: int
    permit_id: int
    by: int


@dataclass(frozen=True, slots=True)
class CallCard:
    """What the person at the desk sees; the number is shown once. `masked`: why it is not in the clear, where it is
    not: packs of the profile are missing, or the desk is an agency's. `goes_from`: the line to call from, where the
    lender keeps a register of its numbers."""

    number: str = field(repr=False)
    masked: Text | None
    script: str = field(repr=False)
    must_end_by: datetime | None
    goes_from: str = ""


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """What came of the call, in the words of contract/conduct-case.md."""

    person_id: int
    permit_id: int
    outcome: str
    ring_seconds: int | None
    line_result: str | None
    talk_seconds: int | None
    exchanged: bool | None
    about_debt: bool | None
    by: int


def start_call(command: StartCall, at: datetime) -> CallCard:
    """Use the permit.

    Refuses: a permit that was used, given back, ran out or is another's; a call that the law permits no more; one for
    which no outbound number stands.
    """
    acting = require(command.by, Right.CONTACT, person_id=command.person_id)
    call = _open_call(command.person_id, command.permit_id, "waiting")
    if call.permitted_to != f"u{command.by}":
        raise UseCaseRefused("not_yours", NOT_YOURS)
    mine = (command.person_id, call.delivery_id)
    goes_from = taken_number(command.person_id, command.permit_id, at)
    claimed = claim_contacts([channels.MANUAL], at, f"u{command.by}", only=mine)
    if not claimed and is_overtaken(*mine):
        raise UseCaseRefused("overtaken", OVERTAKEN)
    if not claimed or not claimed[0].is_readable:
        raise UseCaseRefused(
            "permit_over", Text("触达许可已失效，请重新发起", "the permit has run out; help: propose the call again")
        )
    is_partial = law_of(call.profile, call.house).is_partial and not call.is_synthetic
    of_agency = MASKED_AGENCY if acting.agency_id is not None else None
    return _card(claimed[0], MASKED_PACKS if is_partial else of_agency, goes_from)


def _card(claimed: Claimed, masked: Text | None, goes_from: str) -> CallCard:
    return CallCard(
        number=mask_number(claimed.address) if masked else claimed.address,
        masked=masked,
        script=claimed.content.body,
        must_end_by=claimed.must_end_by,
        goes_from=goes_from,
    )


def record_outcome(command: RecordOutcome, at: datetime) -> None:
    """Write what came of it. Refuses: an unknown outcome, a length that contradicts it, a call that is not open."""
    call = _call_to_report(command)
    if command.outcome not in CALL_OUTCOMES:
        raise UseCaseRefused(
            "unknown_outcome", Text("请选择通话结果", "help: choose an outcome of the call"), "outcome"
        )
    if command.talk_seconds is not None and not 0 <= command.talk_seconds <= TALK_SECONDS_MAX:
        raise UseCaseRefused(
            "talk_seconds", Text("通话时长不合理", "the length of the call is out of range"), "talk_seconds"
        )
    measured = _measured(command)
    if command.outcome == "conversation" and not measured.get("talk_seconds", command.talk_seconds):
        raise UseCaseRefused(
            "talk_seconds", Text("请填写通话时长（秒）", "help: give the length of the call in seconds"), "talk_seconds"
        )
    if call is None:
        raise UseCaseRefused("no_open_call", NO_OPEN_CALL)
    known = {
        "ring_seconds": command.ring_seconds,
        "line_result": command.line_result,
        "talk_seconds": command.talk_seconds,
        "exchanged": command.exchanged,
        "about_debt": command.about_debt,
        "collector_kind": call.collector_kind,
    }
    facts = {key: value for key, value in known.items() if value is not None} | measured
    caller = call.staff_id or command.by
    if settle([Settled(call.claimed, "delivered", at, command.outcome, facts=facts, staff_id=caller)]):
        raise UseCaseRefused("no_open_call", NO_OPEN_CALL)


def _call_to_report(command: RecordOutcome) -> OpenCall | None:
    """The call that is under way. Whoever began it says what came of it, also where the case has ended meanwhile: money
    that arrives during a talk does not undo the talk. Anybody else needs the case."""
    require(command.by, Right.CONTACT)
    call = find_open_call(command.person_id, command.permit_id, "claimed")
    if call is None or call.staff_id != command.by:
        require(command.by, Right.CONTACT, person_id=command.person_id)
    return call


def _measured(command: RecordOutcome) -> dict[str, int | str]:
    """What the engine measured beats what a person says. Refuses: a call that is still on, or was answered after all.

    Only calls that were answered wait for a person's word; of the others the engine told the outcome.
    """
    engine = load_engine_facts(command.person_id, command.permit_id)
    if engine is None:
        return {}
    if not engine.is_over:
        raise UseCaseRefused("call_still_on", Text("通话尚未结束", "the call is still on; help: hang up first"))
    if command.outcome in UNANSWERED:
        raise UseCaseRefused(
            "was_answered",
            Text("线路显示已接通，请选择相符的结果", "the line was answered; help: choose an outcome that says so"),
            "outcome",
        )
    return engine.to_facts()


def _open_call(person_id: int, permit_id: int, state: str) -> OpenCall:
    call = find_open_call(person_id, permit_id, state)
    if call is None:
        raise UseCaseRefused("no_open_call", NO_OPEN_CALL)
    return call
