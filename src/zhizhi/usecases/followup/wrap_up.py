"""小结: what came of a call and what follows it, in one step: the call is reported, the note written, the next step
set. Where the line says another thing, the line is what counts, and the word of the desk is kept beside it."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from zhizhi.core.followup.dispositions import DISPOSITIONS, UNANSWERED, Claim, Line, difference
from zhizhi.core.kernel.text import Text
from zhizhi.store.contacts.calls import find_open_call
from zhizhi.store.followup.calls import EndedCall, load_ended_call
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.notes import add_note
from zhizhi.usecases.authority import require
from zhizhi.usecases.record_note import RecordNote, checked_note
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.start_call import RecordOutcome, record_outcome

ACTION = "CALL_OUT"
REASON_CHARACTERS_MIN = 4
STATEMENT_OF = {"PAID": "claims_paid", "NO_CONTACT": "refuse_contact"}
"""What somebody said by such a disposition acts at once; nobody has to remember to record it beside the note."""
ANSWERED = "connected"
"""What a call is that was answered, and of which the desk says that nobody spoke."""


class LineDiffers(UseCaseRefused):
    """The line says another thing; whoever stands by the disposition says why, and both are kept."""

    def __init__(self, says: Text) -> None:
        text = Text(
            f"{says.zh}，与所选结果不符。请改选，或写明原因后再次保存（组长可见此差异）",
            f"{says.en}, which is not what you chose; help: choose another, or say why and save again"
            " (your team leader sees the difference)",
        )
        super().__init__("line_differs", text, "disposition")


@dataclass(frozen=True, slots=True)
class WrapUp:
    """What came of a call. `insists`: the desk was told that the line says another thing, and stands by it.
    `talk_seconds`: of a call by hand, which nothing measured."""

    person_id: int
    case_id: int
    permit_id: int
    disposition: str
    next_step: str
    next_step_at: datetime
    by: int
    text: str = field(default="", repr=False)
    promise: tuple[int, date] | None = None
    talk_seconds: int | None = None
    about_debt: bool | None = None
    insists: bool = False
    hide: bool = False


def wrap_up(command: WrapUp, at: datetime) -> int:
    """Write it; answers the note. The call is reported only once the rest may be written.

    Refuses: NotAllowed, no such call of this desk, one that is still on or was wrapped up, a disposition that is none
    of a call, LineDiffers, and whatever a note refuses: no next step, a callback at an unlawful time.
    """
    require(command.by, Right.RECORD, person_id=command.person_id)
    call = load_ended_call(command.person_id, command.permit_id)
    if call is None or call.staff_id not in (None, command.by):
        raise UseCaseRefused("no_such_call", Text("没有您的这次通话", "you have made no such call"))
    if call.is_wrapped_up:
        raise UseCaseRefused("wrapped_up", Text("这次通话已写小结", "this call is wrapped up already"))
    if command.disposition not in DISPOSITIONS:
        raise UseCaseRefused("no_disposition", Text("请选择通话结果", "help: choose what came of it"), "disposition")
    _require_agreement(command, call.line)
    if command.disposition == "PROMISE" and command.promise is None:
        raise UseCaseRefused(
            "no_promise", Text("请填写承诺金额与日期", "help: give the amount and the day"), "promise_amount"
        )
    note, _ = checked_note(_note_of(command, call.contact_id), at)
    if call.contact_id is None:
        _report(command, call, at)
        reported = load_ended_call(command.person_id, command.permit_id)
        assert reported is not None, "it was reported just now"
        note = replace(note, contact_id=reported.contact_id)
    note_id = add_note(note, at)
    if command.disposition in STATEMENT_OF:
        kind = STATEMENT_OF[command.disposition]
        record_statement(RecordStatement(command.person_id, call.party_id, kind, {}, command.by), at)
    return note_id


def _require_agreement(command: WrapUp, line: Line) -> None:
    says = difference(command.disposition, line)
    is_explained = command.insists and len(command.text.strip()) >= REASON_CHARACTERS_MIN
    if says is not None and not is_explained:
        raise LineDiffers(says)


def _note_of(command: WrapUp, contact_id: int | None) -> RecordNote:
    return RecordNote(
        person_id=command.person_id,
        case_id=command.case_id,
        action=ACTION,
        outcome=command.disposition,
        overdue_reason=None,
        text=command.text,
        next_step=command.next_step,
        next_step_at=command.next_step_at,
        contact_id=contact_id,
        promise=command.promise,
        by=command.by,
        hide=command.hide,
    )


def _report(command: WrapUp, call: EndedCall, at: datetime) -> None:
    """Say of an open call what came of it, in the words of the law. Refuses: as `record_outcome`."""
    if find_open_call(command.person_id, command.permit_id, "claimed") is None:
        raise UseCaseRefused("no_such_call", Text("没有您的这次通话", "you have made no such call"))
    said, line = DISPOSITIONS[command.disposition], call.line
    differs = difference(command.disposition, line) is not None
    outcome = said.outcome
    if differs:
        outcome = ANSWERED if line.outcome is None or line.outcome not in UNANSWERED else line.outcome
    spoke = said.claim is Claim.SPOKE and not differs
    record_outcome(
        RecordOutcome(
            person_id=command.person_id,
            permit_id=command.permit_id,
            outcome=outcome,
            ring_seconds=None,
            line_result=None,
            talk_seconds=command.talk_seconds if line.talk_seconds is None and spoke else None,
            exchanged=said.exchanged if spoke else None,
            about_debt=command.about_debt if command.about_debt is not None else said.about_debt if spoke else None,
            by=command.by,
        ),
        at,
    )
