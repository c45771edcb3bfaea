"""Set or lift a stop (停催): a ground is required, and what waits to leave is pulled back."""

from dataclasses import dataclass
from datetime import datetime

from zhizhi.core.kernel.text import Text
from zhizhi.store.debits.waiting import holds_debit
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.stops import add_stop
from zhizhi.store.transact.stops import lift_stop as lift_stop_row
from zhizhi.usecases.authority import require
from zhizhi.usecases.free_text import checked_text
from zhizhi.usecases.refused import UseCaseRefused

GROUND_CHARACTERS_MIN = 4
DEBIT_UNDER_WAY = Text(
    "代扣尚无结果，其间不催收；结果到后自动解除",
    "a debit has no result yet and nobody is dunned meanwhile; its result lifts the stop",
)


@dataclass(frozen=True, slots=True)
class SetStop:
    """Collection rests from now on."""

    person_id: int
    kind: str
    debt_id: int | None
    ground: str
    until_at: datetime | None
    by: int


@dataclass(frozen=True, slots=True)
class LiftStop:
    """Collection goes on."""

    person_id: int
    stop_id: int
    ground: str
    by: int


def set_stop(command: SetStop, at: datetime) -> int:
    """Set it; answers its id. Refuses: no ground, an end in the past."""
    require(command.by, Right.SET_STOP, person_id=command.person_id)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    if command.until_at is not None and command.until_at <= at:
        raise UseCaseRefused(
            "end_in_the_past", Text("结束时间须在现在之后", "the end must lie in the future"), "until_at"
        )
    return add_stop(
        command.person_id, command.kind, command.debt_id, ground, command.until_at, at=at, by=f"u{command.by}"
    )


def lift_stop(command: LiftStop, at: datetime) -> None:
    """Lift it. Refuses: no ground, a stop that is not in force, one of a debit that has no result."""
    require(command.by, Right.LIFT_STOP, person_id=command.person_id)
    ground = checked_text(command.ground, "ground", characters_min=GROUND_CHARACTERS_MIN)
    if holds_debit(command.person_id, command.stop_id):
        raise UseCaseRefused("debit_under_way", DEBIT_UNDER_WAY)
    lift_stop_row(command.person_id, command.stop_id, ground, at=at, by=f"u{command.by}")
