"""What lets calls out from a number takes two persons: a filing that stands, a rest that ends early, a block that is
lifted, a ceiling that is raised."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.lenders.rights import Right
from zhizhi.store.outbound.keeping import NumberStep, write_step
from zhizhi.store.outbound.words import STEPS
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.zones import civil_day


def _same(written: str) -> Text:
    return Text(written, written)


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    told = (
        (Text("批复编号", "number of the filing"), request["filing_number"]),
        (Text("报备有效至", "filed until"), request["filed_until"]),
        (Text("每日上限", "ceiling of a day"), request["daily_max"]),
        (Text("凭证", "evidence"), request["evidence"]),
        (Text("理由", "reason"), request["reason"]),
    )
    return (
        Change(Text("外呼号码", "outbound number"), _same(request["number"])),
        Change(Text("登记主体", "in whose name"), _same(request["holder"])),
        Change(Text("事项", "what"), STEPS[request["step"]]),
        *(Change(what, _same(str(value))) for what, value in told if value),
    )


def _carry_out(standing: Standing, at: datetime) -> None:
    request = standing.wanted.request
    step = NumberStep(
        kind=request["step"],
        on_day=civil_day(at),
        filed_until=date.fromisoformat(request["filed_until"]) if request["filed_until"] else None,
        filing_number=request["filing_number"],
        daily_max=request["daily_max"],
        reason=request["reason"],
        evidence=request["evidence"],
    )
    write_step(request["number_id"], step, at, standing.asked_by, standing.id)


OUTBOUND_NUMBER = Act(
    "outbound_number",
    Text("外呼号码启用", "let calls out from a number"),
    Right.KEEP_NUMBERS,
    Right.APPROVE_NUMBER,
    _tell,
    _carry_out,
)
