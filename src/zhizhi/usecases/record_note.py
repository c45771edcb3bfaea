"""Write a note (催记) with its next step; a promise may come with it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from zhizhi.core.followup.dispositions import CALLBACK
from zhizhi.core.kernel.masks import MaskKind
from zhizhi.core.kernel.text import Text
from zhizhi.core.screening.personal import digits_of, find_personal
from zhizhi.store.cases.codes import load_codes
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.notes import NewNote, NewPoint, add_note
from zhizhi.usecases.authority import require
from zhizhi.usecases.followup.callbacks import require_lawful
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.zones import civil_day

PROMISE_DAYS_MAX = 90
# Where a number that somebody tells may be from. What was bought, found or taken from a telephone is in no list.
SOURCES = {
    "given": Text("对方本人告知", "told by the person whose it is"),
    "authorised": Text("号码本人书面授权提供", "its owner allowed it in writing"),
}
_POINT_KINDS = {MaskKind.MOBILE: "mobile", MaskKind.LANDLINE: "landline", MaskKind.EMAIL: "email"}
_NOT_ONE = Text(
    "文字里须恰有一个电话或邮箱，才能记为联系方式；其余请隐去",
    "there has to be exactly one telephone number or e-mail address to become a point; help: hide the rest",
)


@dataclass(frozen=True, slots=True)
class ToldPoint:
    """Whose the number in the text is, and where it is from, a word of SOURCES."""

    party_id: int
    source: str


@dataclass(frozen=True, slots=True)
class RecordNote:
    """What was done, what came of it, and when the next step is due.

    `hide`: what looks personal in the text is hidden; `told`: the one number in it becomes a point of contact besides.
    """

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
    hide: bool = False
    told: ToldPoint | None = None


def record_note(command: RecordNote, at: datetime) -> int:
    """Write the note; answers its id. Refuses: NotAllowed, and whatever `checked_note` refuses."""
    require(command.by, Right.RECORD, person_id=command.person_id)
    note, point = checked_note(command, at)
    return add_note(note, at, point)


def checked_note(command: RecordNote, at: datetime) -> tuple[NewNote, NewPoint | None]:
    """The note as it is written, and the point that it tells. Refuses: unknown codes, a next step in the past, a
    callback at an unlawful time, a promise without amount or too far away, a text with what looks personal in it
    (PersonalInText), neither hidden nor told of whom."""
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
    if command.next_step == CALLBACK:
        require_lawful(command.person_id, command.by, command.next_step_at)
    if command.promise is not None:
        _check_promise(command.promise, civil_day(at))
    point = _told_point(command)
    text = checked_text(command.text, "text", hide=command.hide or point is not None)
    note = NewNote(
        person_id=command.person_id,
        case_id=command.case_id,
        action=command.action,
        outcome=command.outcome,
        overdue_reason=command.overdue_reason,
        codes_version=codes.version,
        text=text,
        next_step=command.next_step,
        next_step_at=command.next_step_at,
        contact_id=command.contact_id,
        promise=command.promise,
        author=f"u{command.by}",
    )
    return note, point


def _told_point(command: RecordNote) -> NewPoint | None:
    """The point of contact that the text tells. Refuses: none or several in it, a source that is not of the list."""
    if command.told is None:
        return None
    if command.told.source not in SOURCES:
        raise UseCaseRefused("unknown_source", Text("请选择来源", "help: choose where it is from"), "source")
    found = [one for one in find_personal(command.text) if one.kind in _POINT_KINDS]
    if len(found) != 1:
        raise UseCaseRefused("not_one_number", _NOT_ONE, "text")
    (one,) = found
    value = digits_of(command.text, one) if one.kind is not MaskKind.EMAIL else command.text[one.start : one.end]
    return NewPoint(command.told.party_id, _POINT_KINDS[one.kind], value, command.told.source)


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
