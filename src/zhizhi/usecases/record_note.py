"""Write a note (催记) with its next step; a promise may come with it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.cases.codes import load_codes
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.notes import NewNote, add_note
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

PROMISE_DAYS_MAX = 90


@dataclass(frozen=True, slots=True)
class RecordNote:
    """What was done, what came of it, and when the next step is due."""

    person_id: int
    case_id: int
    action: str
    outcome: str
    overdue_reason: str | None
    text: str = field(repr=False)
    next_step: str
    next_step_at: datetime
    contact_id: int | None
    promise: tuple[int, date] | None
    by: int


def record_note(command: RecordNote, at: datetime) -> int:
    """Write the note; answers its id. Refuses: unknown codes, a next step in the past, a promise without amount or
    too far away."""
    require(command.by, Right.RECORD, person_id=command.person_id)
    codes = load_codes()
    _known(codes.lists["action"], command.action, "action")
    _known(codes.lists["outcome"], command.outcome, "outcome")
    _known(codes.lists["next_step"], command.next_step, "next_step")
    if command.overdue_reason is not None:
        _known(codes.lists["overdue_reason"], command.overdue_reason, "overdue_reason")
    if command.next_step_at <= at:
        raise UseCaseRefused(
            "step_in_the_past", Text("下次跟进时间须在现在之后", "the next step must lie in the future"), "next_step_at"
        )
    if command.promise is not None:
        _check_promise(command.promise, civil_day(at))
    return add_note(
        NewNote(
            person_id=command.person_id,
            case_id=command.case_id,
            action=command.action,
            outcome=command.outcome,
            overdue_reason=command.overdue_reason,
            codes_version=codes.version,
            text=checked_text(command.text, "text"),
            next_step=command.next_step,
            next_step_at=command.next_step_at,
            contact_id=command.contact_id,
            promise=command.promise,
            author=f"u{command.by}",
        ),
        at,
    )


def _known(codes: dict[str, Text], code: str, field_name: str) -> None:
    if code not in codes:
        raise UseCaseRefused(
            "unknown_code",
            Text(f"没有代码 `{code}`；请从列表中选择", f"there is no code `{code}`; help: choose from the list"),
            field_name,
        )


def _check_promise(promise: tuple[int, date], today: date) -> None:
    amount_minor, due_on = promise
    if amount_minor <= 0:
        raise UseCaseRefused(
            "promise_amount", Text("承诺金额须大于 0", "a promise needs an amount above 0"), "promise_amount"
        )
    if not today <= due_on or (due_on - today).days > PROMISE_DAYS_MAX:
        raise UseCaseRefused(
            "promise_day",
            Text(
                f"承诺日须在今天起 {PROMISE_DAYS_MAX} 天内",
                f"a promise is due within {PROMISE_DAYS_MAX} days from today",
            ),
            "promise_due_on",
        )
