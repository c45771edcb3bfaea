"""An impact assessment is an act of two persons: one writes its three answers, another approves.

Law: S.A-28 (PIPL 55, 56): before the activity; lawful and necessary, impact and risk, measures that fit the risk.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.assessments.keeping import keep_assessment
from zhizhi.store.assessments.words import ACTIVITIES
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.zones import civil_day

ANSWERS = {
    "necessity": Text("目的、方式是否合法、正当、必要", "lawful, legitimate and necessary"),
    "impact": Text("对个人权益的影响与安全风险", "impact on persons, and risk"),
    "measures": Text("保护措施是否合法、有效、与风险相当", "measures that fit the risk"),
}


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    first, until = (civil_day(datetime.fromisoformat(request[name])).isoformat() for name in ("from", "until"))
    answers = (Change(text, Text(request[name], request[name])) for name, text in ANSWERS.items())
    return (
        Change(Text("活动", "activity"), ACTIVITIES[request["activity"]]),
        Change(Text("有效期", "in force"), Text(f"{first} 至 {until}", f"{first} until {until}")),
        *answers,
    )


def _carry_out(standing: Standing, at: datetime) -> None:
    request, lender_id = standing.wanted.request, standing.wanted.lender_id
    assert lender_id is not None, "asked for a lender"
    first, until = datetime.fromisoformat(request["from"]), datetime.fromisoformat(request["until"])
    keep_assessment(lender_id, request["activity"], first, until, standing.id, at)


ASSESSMENT = Act(
    "assessment",
    Text("批准个人信息保护影响评估", "approve an impact assessment"),
    Right.ASK_ASSESSMENT,
    Right.APPROVE_ASSESSMENT,
    _tell,
    _carry_out,
)
