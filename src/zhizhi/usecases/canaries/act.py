"""Planting canaries takes two people of compliance."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.canaries.planting import Place, load_shapes, plant
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.canaries.inventing import invent
from zhizhi.usecases.refused import UseCaseRefused

OWN_WORK = Text("本机构自营", "the lender's own")


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    agency = request["agency_code"]
    count = request["count"]
    return (
        Change(Text("布设在", "planted with"), Text(agency, agency) if agency else OWN_WORK),
        Change(Text("诱饵档案", "canaries"), Text(f"{count} 份", f"{count}")),
    )


def _carry_out(approved: Standing, at: datetime) -> None:
    request, lender_id = approved.wanted.request, approved.wanted.lender_id
    assert lender_id is not None, "asked for a lender"
    place = Place(lender_id, request["agency"], approved.id)
    shapes = load_shapes(place, request["count"])
    if not shapes:
        text = Text("该处没有在手逾期案件可供仿照", "no open case is overdue there that one could be formed after")
        raise UseCaseRefused("no_shape", text)
    for n in range(request["count"]):
        plant(place, shapes[n % len(shapes)], invent, at)


CANARY = Act(
    "canary",
    Text("布设诱饵档案", "plant canaries"),
    Right.KEEP_CANARIES,
    Right.KEEP_CANARIES,
    _tell,
    _carry_out,
)
"""Asked for and approved by compliance: nobody else hears that there are any."""
