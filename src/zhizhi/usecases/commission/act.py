"""A rate card is an act of two persons; it begins with a month that nobody has stated yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.core.kernel.money import Currency, Money
from zhizhi.core.kernel.text import Text
from zhizhi.core.placement.rate_card import Rate, RateCard, Tier
from zhizhi.store.approvals.requests import Standing
from zhizhi.store.commission.cards import add_card, has_statement_since
from zhizhi.store.lenders.rights import Right
from zhizhi.store.placements.choosing import load_agency_facts
from zhizhi.store.placements.reads import agency_names
from zhizhi.usecases.approvals.act import Act, Change
from zhizhi.usecases.approvals.asking import Ask, ask
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class AskRateCard:
    """A lender's card for an agency, from a month on."""

    lender_id: int
    agency_id: int
    currency: str
    from_on: date
    card: RateCard
    ground: str
    by: int


def ask_rate_card(command: AskRateCard, at: datetime) -> int:
    """Ask for it; answers the request.

    Refuses: NotAllowed, an agency that is not there, a currency or month that is none, a month that is stated already.
    """
    require(command.by, Right.ASK_RATE_CARD, lender_id=command.lender_id)
    if command.agency_id not in load_agency_facts([command.agency_id]):
        raise UseCaseRefused("no_agency", Text("没有该委外机构", "there is no such agency"), "agency")
    if command.currency not in Currency.__members__:
        raise UseCaseRefused("currency", Text("不认识的币种", "an unknown currency"), "currency")
    if command.from_on.day != 1:
        raise UseCaseRefused("month", Text("费率表自每月一日起", "a card begins with a month"), "month")
    _require_unstated(command.lender_id, command.agency_id, command.currency, command.from_on)
    request = {
        "agency": command.agency_id,
        "name": agency_names([command.agency_id])[command.agency_id],
        "currency": command.currency,
        "from": command.from_on.isoformat(),
        "terms": command.card.to_document(),
    }
    return ask(RATE_CARD, Ask(request, command.ground, command.by, command.lender_id), at)


def _require_unstated(lender_id: int, agency_id: int, currency: str, from_on: date) -> None:
    if has_statement_since(lender_id, agency_id, currency, from_on):
        text = Text("该月及以后已出对账单", "this month, or a later one, is stated already; help: begin later")
        raise UseCaseRefused("stated", text, "month")


def rate_words(rate: Rate, currency: str) -> tuple[Text, Text]:
    """A rate as people read it: for which cases, and what it brings."""
    place = Text(f"第 {rate.hand} 手，{rate.from_days} 天起", f"hand {rate.hand}, from {rate.from_days} days")
    if rate.from_balance_minor:
        balance = _money(rate.from_balance_minor, currency)
        place = Text(f"{place.zh}，余额 {balance.zh}起", f"{place.en}, balance from {balance.en}")
    first, *later = rate.tiers
    zh, en = [_share(first)], [_share(first)]
    for tier in later:
        start = _money(tier.from_minor, currency)
        zh.append(f"超过 {start.zh}部分 {_share(tier)}")
        en.append(f"{_share(tier)} of what is above {start.en}")
    return place, Text("，".join(zh), ", ".join(en))


def _share(tier: Tier) -> str:
    return f"{tier.rate / HUNDREDTHS:.2f}%"


def _money(minor: int, currency: str) -> Text:
    whole, point, part = Money(minor, Currency(currency)).written().partition(".")
    amount = f"{int(whole):,}{point}{part}"
    return Text(f"{amount} 元" if currency == "CNY" else f"{amount} {currency}", f"{amount} {currency}")


def _tell(request: Mapping[str, Any]) -> tuple[Change, ...]:
    card, currency = RateCard.from_document(request["terms"]), request["currency"]
    rates = (rate_words(rate, currency) for rate in card.rates)
    days = card.tail_days
    return (
        Change(Text("委外机构", "agency"), Text(request["name"], request["name"])),
        Change(Text("自", "from"), Text(request["from"], request["from"])),
        *(Change(place, said) for place, said in rates),
        Change(Text("撤案后归属", "after recall"), Text(f"{days} 天", f"{days} days")),
        *(
            Change(what, _money(minor, currency))
            for what, minor in (
                (Text("每月固定服务费", "fixed fee a month"), card.base_minor),
                (Text("每项违规扣减", "off for a breach"), card.breach_minor),
            )
        ),
    )


def _carry_out(standing: Standing, at: datetime) -> None:
    request, lender_id = standing.wanted.request, standing.wanted.lender_id
    assert lender_id is not None, "asked for a lender"
    from_on = date.fromisoformat(request["from"])
    _require_unstated(lender_id, request["agency"], request["currency"], from_on)
    add_card(lender_id, request["agency"], request["currency"], from_on, request["terms"], standing.id, at)


RATE_CARD = Act(
    "rate_card",
    Text("佣金费率表", "a rate card of commission"),
    Right.ASK_RATE_CARD,
    Right.APPROVE_RATE_CARD,
    _tell,
    _carry_out,
)
