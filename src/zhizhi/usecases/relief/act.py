"""An offer beyond what whoever proposes may grant takes a second person; the highest ones the head of collections."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from zhizhi.core.debt.components import Component
from zhizhi.core.debt.relief.default_offers import DEFAULT_CATALOGUES
from zhizhi.core.debt.relief.offers import Level
from zhizhi.core.kernel.money import Currency, Money
from zhizhi.core.kernel.text import Text
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.lenders.rights import Right
from zhizhi.store.transact.reliefs import rule_relief
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.relief.trying import Choice, TriedDebt
from zhizhi.usecases.zones import civil_day

_PRODUCTS = {
    "instalment_loan": Text("分期贷款", "instalment loan"),
    "revolving_line": Text("循环额度", "revolving line"),
    "credit_card": Text("信用卡", "credit card"),
}
_HARDSHIP = Text("，困难客户", ", in hardship")
_NOT = Text("", "")


def request_of(person_id: int, relief_id: int, tried: TriedDebt, choice: Choice) -> dict[str, Any]:
    """All that is approved: which agreement, of which facts, what it comes to. No name and no number of a person."""
    trial, facts = choice.trial, tried.facts
    return {
        "person": person_id,
        "relief": relief_id,
        "catalogue": trial.catalogue,
        "offer": trial.offer.code,
        "months": trial.months,
        "product": facts.product,
        "days": facts.days_past_due,
        "hardship": facts.hardship,
        "currency": tried.debt.currency,
        "standing_minor": trial.waived_minor + trial.due_minor,
        "waived_minor": trial.waived_minor,
        "due_minor": trial.due_minor,
        "waived": {part.value: minor for part, minor in trial.waived.items()},
        "first": [trial.lines[0].due_on.isoformat(), trial.lines[0].amount_minor],
        "valid_until": trial.valid_until.isoformat(),
        "level": int(choice.level),
    }


def offer_name(catalogue: str, code: str) -> Text:
    """What an offer is called; its code where no catalogue knows it any more."""
    for one in DEFAULT_CATALOGUES:
        offer = one.offer(code) if one.version == catalogue else None
        if offer is not None:
            return offer.text
    return Text(code, code)


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    currency = request["currency"]
    product, hardship = _PRODUCTS[request["product"]], _HARDSHIP if request["hardship"] else _NOT
    days = request["days"]
    first_on, first_minor = request["first"]
    months = request["months"]
    share = f"{request['waived_minor'] * 100 / request['standing_minor']:.1f} %"
    return (
        Change(
            Text("债权", "debt"),
            Text(f"{product.zh}，逾期 {days} 天{hardship.zh}", f"{product.en}, {days} days past due{hardship.en}"),
        ),
        Change(Text("方案", "offer"), offer_name(request["catalogue"], request["offer"])),
        Change(Text("欠款", "stands"), _same(_yuan(request["standing_minor"], currency))),
        *(
            Change(
                Text(f"减免：{Component(part).text.zh}", f"waived: {Component(part).text.en}"),
                _same(_yuan(minor, currency)),
            )
            for part, minor in request["waived"].items()
        ),
        Change(Text("减免合计", "waived in all"), _same(f"{_yuan(request['waived_minor'], currency)}（{share}）")),
        Change(Text("应还合计", "due in all"), _same(_yuan(request["due_minor"], currency))),
        Change(
            Text("还款", "payments"),
            Text(
                f"{months} 期，首期 {_yuan(first_minor, currency)}，{first_on} 到期",
                f"{months}, the first of {_yuan(first_minor, currency)} due on {first_on}",
            ),
        ),
        Change(Text("有效期至", "valid until"), _same(request["valid_until"])),
        Change(Text("所需权限", "authority"), Level(request["level"]).text),
        Change(Text("编号", "number"), _same(f"{request['person']}-{request['relief']}")),
    )


def _carry_out(approved: Standing, at: datetime) -> None:
    _rule(approved, at, approve=True)


def _set_aside(refused: Standing, at: datetime) -> None:
    _rule(refused, at, approve=False)


def _rule(standing: Standing, at: datetime, *, approve: bool) -> None:
    request = standing.wanted.request
    rule_relief(request["person"], request["relief"], standing.id, approve=approve, on=civil_day(at), at=at)


def _same(written: str) -> Text:
    return Text(written, written)


def _yuan(minor: int, currency: str) -> str:
    return f"{Money(minor, Currency(currency)).written()} {currency}"


RELIEF = Act(
    code="relief",
    text=Text("协商减免", "relief"),
    asks=Right.PROPOSE_RELIEF,
    approves=Right.APPROVE_RELIEF,
    tell=_tell,
    carry_out=_carry_out,
    set_aside=_set_aside,
)
RELIEF_BY_HEAD = replace(
    RELIEF,
    code="relief_by_head",
    text=Text("协商减免（大额或长期）", "relief, large or long"),
    approves=Right.APPROVE_LARGE_RELIEF,
)


def act_for(level: Level) -> Act:
    """The act that a level of authority needs."""
    return RELIEF_BY_HEAD if level >= Level.HEAD else RELIEF
