"""批量停催: looked at before it is set, set by one person at once, and lifted before its end by two."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from zhizhi.core.conduct.words import CHANNELS
from zhizhi.core.kernel.text import Text
from zhizhi.store.bulk_stops.keeping import (
    Meant,
    NewBulkStop,
    add_residence,
    count_meant,
    give_back_stopped,
    keep_bulk_stop,
)
from zhizhi.store.bulk_stops.words import REASONS
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.asking import Ask, ask, require_for
from zhizhi.usecases.authority import require
from zhizhi.usecases.bulk_stops.act import BULK_STOP_LIFT, lift_request
from zhizhi.usecases.bulk_stops.divisions import find_division
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused

GROUND_CHARACTERS_MIN = 4
LASTS_AT_MOST = timedelta(days=31)
"""House rule: what lasts longer is looked at and set again."""
BEGINS_WITHIN = timedelta(days=31)
AREAS_MAX = 100


@dataclass(frozen=True, slots=True)
class SetBulkStop:
    """Whom it means (None and empty: all), its areas as typed, and from when until when; `from_at` None: from now."""

    lender_id: int | None
    agency_id: int | None
    product: str
    channel: str
    areas: tuple[str, ...]
    from_at: datetime | None
    until_at: datetime
    reason: str
    ground: str
    by: int


def preview_bulk_stop(command: SetBulkStop, at: datetime) -> Meant:
    """Whom it would mean now; nothing is written. Refuses: as `set_bulk_stop`."""
    return count_meant(_checked(command, at), at)


def set_bulk_stop(command: SetBulkStop, at: datetime, beat: Callable[[], None] = lambda: None) -> int:
    """Set it: from this second on, or from its begin, it binds; what waits for those whom it means is given back.

    Refuses: NotAllowed; every lender, by somebody of one; an unknown reason, channel or area; an end that is not after
    the begin, or too late; too short a ground or one with a number in it.
    """
    new = _checked(command, at)
    stop_id = keep_bulk_stop(new, at, command.by)
    if new.from_at <= at:
        give_back_stopped(at, beat)
    return stop_id


def _checked(command: SetBulkStop, at: datetime) -> NewBulkStop:
    require_for(command.by, Right.SET_BULK_STOP, command.lender_id)
    from_at = at if command.from_at is None else command.from_at
    if command.reason not in REASONS:
        raise UseCaseRefused("no_reason", Text("请选择原因", "help: choose a reason"), "reason")
    if command.channel not in ("", *CHANNELS):
        raise UseCaseRefused("no_channel", Text("请选择渠道", "help: choose a channel"), "channel")
    if not at <= from_at <= at + BEGINS_WITHIN:
        text = Text(
            "开始时间须在现在之后 31 天内；留空即立即开始", "it begins now, where left empty, or within 31 days"
        )
        raise UseCaseRefused("bad_begin", text, "from_at")
    if not from_at < command.until_at <= from_at + LASTS_AT_MOST:
        text = Text(
            "结束须在开始之后，最长 31 天；更久的到期前另设",
            "it ends after it begins, within 31 days; set it again for longer",
        )
        raise UseCaseRefused("bad_end", text, "until_at")
    if len(command.areas) > AREAS_MAX:
        raise UseCaseRefused(
            "many_areas", Text("地区过多，请改选上一级", "too many areas; help: name what is around them"), "areas"
        )
    areas = tuple(dict.fromkeys(find_division(area, "areas") for area in command.areas))
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    return NewBulkStop(
        command.lender_id,
        command.agency_id,
        command.product,
        command.channel,
        areas,
        from_at,
        command.until_at,
        command.reason,
        ground,
    )


@dataclass(frozen=True, slots=True)
class LiftBulkStop:
    """Somebody wants to end it before its time."""

    stop_id: int
    lender_id: int | None
    ground: str
    by: int


def ask_to_lift(command: LiftBulkStop, at: datetime) -> int:
    """Ask a second person; answers the request. Refuses: NotAllowed, a ground too short or with a number in it, the
    same request waiting."""
    asking = Ask(lift_request(command.stop_id), command.ground, command.by, command.lender_id)
    return ask(BULK_STOP_LIFT, asking, at)


@dataclass(frozen=True, slots=True)
class RecordResidence:
    """Somebody said where they live: a code or a name of a division."""

    person_id: int
    division: str
    by: int


def record_residence(command: RecordResidence, at: datetime) -> None:
    """Keep it. Refuses: NotAllowed, an unknown or ambiguous division."""
    require(command.by, Right.RECORD, person_id=command.person_id)
    add_residence(command.person_id, find_division(command.division, "division"), at, command.by)
