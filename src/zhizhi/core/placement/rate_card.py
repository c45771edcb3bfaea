"""佣金费率表: which share of what was collected an agency earns, by hand, age and balance of the case, in tiers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text

PARTS = 10_000
"""Rates are hundredths of a per cent."""
HANDS = range(1, 10)
TAIL_DAYS_MAX = 90
RATES_MAX = 100


class CardRefused(Refused):
    """A rate card that leaves open what a case earns."""


@dataclass(frozen=True, slots=True, order=True)
class Tier:
    """From this sum of a month on, this rate for what is above."""

    from_minor: int
    rate: int


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """The tiers of a hand for cases from an age and a balance on, both at the day of placement."""

    hand: int
    from_days: int
    tiers: tuple[Tier, ...]
    from_balance_minor: int = 0

    @property
    def place(self) -> tuple[int, int, int]:
        """What tells it from the other rates of its card."""
        return self.hand, self.from_days, self.from_balance_minor


@dataclass(frozen=True, slots=True)
class RateCard:
    """`tail_days`: for so many days after the end of a placement a payment is still the agency's. `base_minor`: what a
    month of service brings whatever was collected. `breach_minor`: what a confirmed breach takes off.

    Refuses: CardRefused, where a rate stands twice, an age has no rate for the smallest balance, or tiers leave a gap.
    """

    rates: tuple[Rate, ...]
    tail_days: int
    base_minor: int = 0
    breach_minor: int = 0

    def __post_init__(self) -> None:
        if not self.rates or len(self.rates) > RATES_MAX:
            raise _refused("rates", f"费率为 1 至 {RATES_MAX} 组", f"a card has 1 to {RATES_MAX} rates")
        if not 0 <= self.tail_days <= TAIL_DAYS_MAX:
            raise _refused(
                "tail_days", f"撤案后归属为 0 至 {TAIL_DAYS_MAX} 天", f"the tail is 0 to {TAIL_DAYS_MAX} days"
            )
        if self.base_minor < 0 or self.breach_minor < 0:
            raise _refused("amount", "金额不得为负", "no amount is below nought")
        places = [rate.place for rate in self.rates]
        if len(set(places)) != len(places):
            raise _refused(
                "twice", "同一手别、账龄、余额的费率重复", "a rate of one hand, age and balance stands twice"
            )
        for rate in self.rates:
            _require_whole(rate)
            if (rate.hand, rate.from_days, 0) not in places:
                raise _refused(
                    "no_smallest",
                    f"第 {rate.hand} 手、{rate.from_days} 天起缺少余额 0 元起的费率",
                    f"hand {rate.hand} from {rate.from_days} days has no rate for balances from nought",
                )

    def rate_of(self, hand: int, days_past_due: int, balance_minor: int = 0) -> Rate | None:
        """The rate of a hand, an age and a balance: the latest age that has begun, in it the largest balance that has;
        None where the card has none."""
        old_enough = [rate for rate in self.rates if rate.hand == hand and rate.from_days <= days_past_due]
        from_days = max((rate.from_days for rate in old_enough), default=None)
        fits = [rate for rate in old_enough if rate.from_days == from_days and rate.from_balance_minor <= balance_minor]
        return max(fits, key=lambda rate: rate.from_balance_minor, default=None)

    def to_document(self) -> dict[str, Any]:
        """The card as it is kept, approved and digested: rates in the order of hand, age and balance."""
        return {
            "tail_days": self.tail_days,
            "base_minor": self.base_minor,
            "breach_minor": self.breach_minor,
            "rates": [
                {
                    "hand": rate.hand,
                    "from_days": rate.from_days,
                    "from_balance_minor": rate.from_balance_minor,
                    "tiers": [[tier.from_minor, tier.rate] for tier in rate.tiers],
                }
                for rate in sorted(self.rates, key=lambda rate: rate.place)
            ],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "RateCard":
        """The card of a document that `to_document` wrote. Refuses: as the card."""
        return cls(
            tuple(
                Rate(
                    one["hand"],
                    one["from_days"],
                    tuple(Tier(*tier) for tier in one["tiers"]),
                    one["from_balance_minor"],
                )
                for one in document["rates"]
            ),
            document["tail_days"],
            document["base_minor"],
            document["breach_minor"],
        )


def _require_whole(rate: Rate) -> None:
    starts = [tier.from_minor for tier in rate.tiers]
    if rate.hand not in HANDS or rate.from_days < 0 or rate.from_balance_minor < 0:
        raise _refused(
            "place", "手别为 1 至 9，账龄与余额不得为负", "hands are 1 to 9, ages and balances not below nought"
        )
    if not starts or starts[0] != 0 or any(later <= earlier for earlier, later in pairwise(starts)):
        raise _refused(
            "tiers",
            f"第 {rate.hand} 手、{rate.from_days} 天起的分档须从 0 元起且递增",
            f"the tiers of hand {rate.hand} from {rate.from_days} days begin at nought and rise",
        )
    if any(not 0 <= tier.rate <= PARTS for tier in rate.tiers):
        raise _refused("rate", "费率为 0 至 100%", "a rate is 0 to 100 %")


def card_of_tiers(
    tiers: Iterable[tuple[int, int, int, Tier]], *, tail_days: int, base_minor: int, breach_minor: int
) -> RateCard:
    """The card of tiers that each name hand, age and balance, in whatever order. Refuses: as the card."""
    by_place: dict[tuple[int, int, int], list[Tier]] = {}
    for hand, from_days, from_balance_minor, tier in tiers:
        by_place.setdefault((hand, from_days, from_balance_minor), []).append(tier)
    rates = tuple(
        Rate(hand, from_days, tuple(sorted(found)), from_balance_minor)
        for (hand, from_days, from_balance_minor), found in sorted(by_place.items())
    )
    return RateCard(rates, tail_days, base_minor, breach_minor)


def _refused(code: str, zh: str, en: str) -> CardRefused:
    return CardRefused(code, Text(zh, en))
