"""减免额度 of a month, and 同案同策: whether like was given like."""

from dataclasses import dataclass
from datetime import date, datetime

from zhizhi.core.debt.relief.default_offers import DEFAULT_CATALOGUES
from zhizhi.core.debt.relief.spread import Given, Spread, class_of, spread_of
from zhizhi.core.kernel.limits import MONEY_MINOR_MAX
from zhizhi.core.kernel.money import Currency
from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.rights import Right
from zhizhi.store.reliefs.pools import set_pool
from zhizhi.store.reliefs.reads import load_given
from zhizhi.usecases.authority import require
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.set_targets import months_open


@dataclass(frozen=True, slots=True)
class SetPool:
    """What a lender may waive in a month."""

    lender_id: int
    month: date
    currency: str
    limit_minor: int
    by: int


def set_month_pool(command: SetPool, at: datetime) -> None:
    """Set it. Refuses: NotAllowed, a month that is over or far away, an amount out of range or below what is taken."""
    require(command.by, Right.SET_RELIEF_POOL, lender_id=command.lender_id)
    if command.month not in months_open(at):
        raise UseCaseRefused("month_closed", Text("只能定本月及以后的额度", "help: this month or a later one"), "month")
    if command.currency not in Currency.__members__:
        raise UseCaseRefused("currency", Text("不认识的币种", "an unknown currency"), "currency")
    if not 0 <= command.limit_minor <= MONEY_MINOR_MAX:
        raise UseCaseRefused("amount", Text("金额超出范围", "the amount is out of range"), "limit")
    set_pool(command.lender_id, command.month, command.currency, command.limit_minor, by=command.by, at=at)


def spread_since(lender_id: int, since: datetime) -> list[Spread]:
    """How debtors with equal facts fared; the caller reads with the viewer's eyes."""
    catalogues = {catalogue.version: catalogue for catalogue in DEFAULT_CATALOGUES}
    return spread_of(
        Given(class_of(catalogues[version], product, days, hardship=hardship), choice)
        for version, product, days, hardship, choice in load_given(lender_id, since)
        if version in catalogues
    )
