"""That a carrier approved a filing opens the gate for texts: one person records it, another approves."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.carriers import CARRIERS
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.filings.keeping import Filed, Step, add_step
from zhizhi.store.filings.things import find_thing
from zhizhi.store.filings.words import APPROVED, STATES
from zhizhi.store.lenders.rights import Right
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.refused import UseCaseRefused

WITHOUT_END = Text("长期有效", "without an end")
NO_FILE = Text("未附文件", "no file")


def _same(written: str) -> Text:
    return Text(written, written)


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    carriers = [CARRIERS[one] for one in request["carriers"]]
    names = Text("、".join(one.zh for one in carriers), ", ".join(one.en for one in carriers))
    sha256, until = request["evidence_sha256"], request["expires_on"]
    what = (
        Change(Text("签名", "signature"), _same(f"【{request['signature']}】"))
        if request["signature"]
        else Change(Text("模板", "wording"), _same(f"{request['code']} v{request['n']}"))
    )
    return (
        what,
        *([] if request["signature"] else [Change(Text("正文", "its text"), _same(request["body"]))]),
        Change(Text("运营商", "carriers"), names),
        Change(Text("报备状态", "state"), STATES[APPROVED]),
        Change(Text("批复编号", "number"), _same(request["number"])),
        Change(Text("批复日期", "day of the answer"), _same(request["on_day"])),
        Change(Text("有效至", "in force until"), _same(until) if until else WITHOUT_END),
        Change(Text("凭证", "evidence"), _same(request["evidence"])),
        Change(Text("凭证文件 SHA-256", "SHA-256 of its file"), _same(sha256) if sha256 else NO_FILE),
    )


def _carry_out(standing: Standing, at: datetime) -> None:
    request, lender_id = standing.wanted.request, standing.wanted.lender_id
    assert lender_id is not None, "asked for a lender"
    thing = find_thing(lender_id, request["version"])
    if thing is None or thing.signature != request["signature"]:
        text = Text("申请之后签名已改，或模板已停用", "the signature changed or the wording was withdrawn since")
        raise UseCaseRefused("no_thing", text)
    filed = Filed(lender_id, request["channel"], request["signature"], request["version"])
    for carrier in request["carriers"]:
        step = Step(
            carrier=carrier,
            state=APPROVED,
            on_day=date.fromisoformat(request["on_day"]),
            number=request["number"],
            expires_on=date.fromisoformat(request["expires_on"]) if request["expires_on"] else None,
            evidence=request["evidence"],
            evidence_sha256=request["evidence_sha256"],
        )
        add_step(filed, step, at, standing.asked_by, standing.id)


CARRIER_FILING = Act(
    "carrier_filing",
    Text("登记运营商报备通过", "record that a carrier approved a filing"),
    Right.KEEP_FILINGS,
    Right.APPROVE_FILING,
    _tell,
    _carry_out,
)
