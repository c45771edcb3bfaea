"""A bulk stop is lifted before its end by two persons: it opens the gate again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.bulk_stops.keeping import lift_bulk_stop
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act, Change

STANDS, LIFTED = Text("生效中或将生效", "in force, or to come"), Text("解除", "lifted")


def lift_request(stop_id: int) -> dict[str, Any]:
    """What is asked for."""
    return {"bulk_stop": stop_id}


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    number = str(request["bulk_stop"])
    return (
        Change(Text("批量停催编号", "number of the bulk stop"), Text(number, number)),
        Change(Text("状态", "state"), LIFTED, STANDS),
    )


def _carry_out(approved: Standing, at: datetime) -> None:
    lift_bulk_stop(approved.wanted.request["bulk_stop"], approved.ground, approved.id, at, approved.asked_by)


BULK_STOP_LIFT = Act(
    code="bulk_stop_lift",
    text=Text("提前解除批量停催", "lift a bulk stop before its end"),
    asks=Right.SET_BULK_STOP,
    approves=Right.APPROVE_BULK_LIFT,
    tell=_tell,
    carry_out=_carry_out,
)
