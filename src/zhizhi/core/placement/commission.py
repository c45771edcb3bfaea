"""What an agency earned in a month: whose a payment is, which rate it bears, and what is taken off.

Amounts are minor units of one currency. Rounding: half up to the minor unit, once for every rate of the card.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from zhizhi.core.kernel.text import Text
from zhizhi.core.placement.rate_card import PARTS, Rate, RateCard, Tier


@dataclass(frozen=True, slots=True)
class Held:
    """A placement of a case as commission sees it. `ended_on`: the day on which it ended, None while it lasts.

    `worked_on`: the day of its first connected contact; without one, money that came was no work of the agency.
    """

    id: int
    agency_id: int
    hand: int
    days_past_due: int
    from_on: date
    ended_on: date | None = None
    worked_on: date | None = None
    was_complained_of: bool = False
    balance_minor: int = 0


@dataclass(frozen=True, slots=True)
class Money:
    """A payment (or, below nought, its reversal) of a case, by the day on which it was paid."""

    id: int
    paid_on: date
    amount_minor: int


class Nothing(StrEnum):
    """Why a payment earns nobody anything."""

    NOBODYS = "nobodys"
    SELF_CURE = "self_cure"
    COMPLAINED = "complained"
    NO_RATE = "no_rate"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _LABELS[self]


_LABELS = {
    Nothing.NOBODYS: Text("还款时不在任何机构", "no agency had the case, or had it shortly before"),
    Nothing.SELF_CURE: Text("机构尚未接通，属自行还款", "paid without a connected contact of the agency"),
    Nothing.COMPLAINED: Text("委案期间有投诉，不计佣", "a complaint came in while the agency had the case"),
    Nothing.NO_RATE: Text("费率表无此手别与账龄", "the rate card has no rate for this hand and age"),
}


@dataclass(frozen=True, slots=True)
class Earned:
    """Whose a payment is, and at which rate; or why it earns nothing."""

    money: Money
    held: Held | None
    rate: Rate | None
    nothing: Nothing | None = None


def attribute(money: Money, placements: Iterable[Held], card: RateCard) -> Earned:
    """The agency that held the case on the day of the payment, else the last that lost it within the tail.

    Boundary: on the day of recall the payment is still the old agency's unless another holds the case by then.
    """
    begun = [held for held in placements if held.from_on <= money.paid_on]
    tail = timedelta(days=card.tail_days)
    holding = [held for held in begun if held.ended_on is None or money.paid_on < held.ended_on]
    within = [held for held in begun if held.ended_on is not None and money.paid_on <= held.ended_on + tail]
    held = max(holding or within, key=lambda one: (one.from_on, one.id), default=None)
    if held is None:
        return Earned(money, None, None, Nothing.NOBODYS)
    if held.was_complained_of:
        return Earned(money, held, None, Nothing.COMPLAINED)
    if held.worked_on is None or held.worked_on > money.paid_on:
        return Earned(money, held, None, Nothing.SELF_CURE)
    rate = card.rate_of(held.hand, held.days_past_due, held.balance_minor)
    return Earned(money, held, rate, None if rate is not None else Nothing.NO_RATE)


@dataclass(frozen=True, slots=True)
class Line:
    """What one rate brought. A rate of an earlier card stands by itself: money that went back is taken at its rate."""

    rate: Rate
    payments: int
    collected_minor: int
    commission_minor: int


@dataclass(frozen=True, slots=True)
class Statement:
    """An agency's month: lines by rate, what the service brings by itself, and what breaches take off."""

    lines: tuple[Line, ...]
    deducted_minor: int
    base_minor: int = 0

    @property
    def commission_minor(self) -> int:
        """What the lines come to."""
        return sum(line.commission_minor for line in self.lines)

    @property
    def due_minor(self) -> int:
        """What is to be paid; below nought the agency owes it."""
        return self.base_minor + self.commission_minor - self.deducted_minor


def state(earned: Iterable[Earned], deductions_minor: Sequence[int], base_minor: int = 0) -> Statement:
    """The month of one agency, of payments that were attributed to it."""
    paid = sorted(
        ((one.rate, one.money.amount_minor) for one in earned if one.rate is not None),
        key=lambda one: (one[0].place, one[0].tiers),
    )
    lines = []
    for rate, group in groupby(paid, key=lambda one: one[0]):
        amounts = [amount for _, amount in group]
        total = sum(amounts)
        lines.append(Line(rate, len(amounts), total, commission(total, rate.tiers)))
    return Statement(tuple(lines), sum(deductions_minor), base_minor)


def commission(total_minor: int, tiers: Sequence[Tier]) -> int:
    """Each tier's rate on what lies above its beginning, below the next; a month below nought goes back at the first.

    Rounding: half up to the minor unit, once, on the sum of the tiers.
    """
    if total_minor < 0:
        return -_half_up(-total_minor * tiers[0].rate)
    ends = [*(tier.from_minor for tier in tiers[1:]), total_minor]
    parts = (max(0, min(end, total_minor) - tier.from_minor) * tier.rate for tier, end in zip(tiers, ends, strict=True))
    return _half_up(sum(parts))


def _half_up(hundredths_of_per_cent: int) -> int:
    return (hundredths_of_per_cent + PARTS // 2) // PARTS
