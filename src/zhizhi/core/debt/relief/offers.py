"""The offers that a lender makes: dated lists of what is waived to which share, in how many instalments, for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from fractions import Fraction

from zhizhi.core.debt.components import Component
from zhizhi.core.debt.instalment_plan import CARD_MONTHS_MAX, LOAN_MONTHS_MAX
from zhizhi.core.kernel.text import Text

CARD = "credit_card"
VALID_DAYS_MAX = 31
# A card plan ends within sixty months of its day, and its first instalment is due when the offer ends.
_DAYS_MAX = 36_500


class OfferKind(StrEnum):
    """What an offer asks for."""

    LUMP_SUM = "lump_sum"
    INSTALMENTS = "instalments"
    INTEREST_STOP = "interest_stop"

    @property
    def text(self) -> Text:
        """For screens."""
        return _KINDS[self]


_KINDS = {
    OfferKind.LUMP_SUM: Text("一次性减免结清", "one payment, the rest waived"),
    OfferKind.INSTALMENTS: Text("分期还款", "instalments"),
    OfferKind.INTEREST_STOP: Text("停息分期", "interest stops, all of the rest is paid"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer. `shares`: how much of a component is waived; what is not named is not waived, principal no more than
    anything else. `days_until` is not included, None means for ever. Nothing runs on what is left while it is kept.

    Refuses: shares outside 0 to 1, a kind that its values do not fit (ValueError).
    """

    code: str
    text: Text
    kind: OfferKind
    products: frozenset[str]
    days_from: int
    days_until: int | None
    shares: Mapping[Component, Fraction]
    months: tuple[int, ...]
    valid_days: int
    grace_days: int
    needs_hardship: bool = False

    def __post_init__(self) -> None:
        longest = CARD_MONTHS_MAX if CARD in self.products else LOAN_MONTHS_MAX
        wrong = {
            "a share lies above 0 and is at most 1": not all(0 < share <= 1 for share in self.shares.values()),
            "somebody has to be meant": not self.products,
            "an offer is valid for some days, a month at most": not 1 <= self.valid_days <= VALID_DAYS_MAX,
            "days of grace are not negative": self.grace_days < 0,
            "days overdue are a span": not 0 <= self.days_from < (self.days_until or _DAYS_MAX),
            "one payment is one, and waives something": self.kind is OfferKind.LUMP_SUM
            and (self.months != (1,) or not self.shares),
            "instalments are several, and no more than the law has": self.kind is not OfferKind.LUMP_SUM
            and not (self.months and all(1 < months <= longest for months in self.months)),
            "where interest stops all that stands is paid": self.kind is OfferKind.INTEREST_STOP and bool(self.shares),
        }
        if found := [what for what, is_wrong in wrong.items() if is_wrong]:
            raise ValueError(f"{self.code}: {found[0]}")

    def is_for(self, product: str, days_past_due: int, *, hardship: bool) -> bool:
        """Whether a debt of this product and age may have it. Boundary: the first day yes, the last named day no."""
        old_enough = self.days_from <= days_past_due
        return (
            product in self.products
            and old_enough
            and (self.days_until is None or days_past_due < self.days_until)
            and (hardship or not self.needs_hardship)
        )


class Level(IntEnum):
    """How high a grant has to go. The order of the members is the order of authority."""

    COLLECTOR = 1
    LEADER = 2
    APPROVER = 3
    HEAD = 4

    @property
    def text(self) -> Text:
        """For screens."""
        return _LEVELS[self]


_LEVELS = {
    Level.COLLECTOR: Text("催收员", "collector"),
    Level.LEADER: Text("组长、主管", "team leader, supervisor"),
    Level.APPROVER: Text("减免审批岗", "settlement approver"),
    Level.HEAD: Text("催收负责人", "head of collections"),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a level may grant from an age on: a share of all that stands, an amount, how many months; and principal."""

    level: Level
    days_from: int
    share_most: Fraction
    minor_most: int
    months_most: int
    principal: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The offers and grants of a lender from a day on. The head of collections may grant whatever an offer says.

    Refuses: two offers of one code (ValueError).
    """

    version: str
    from_on: date
    offers: tuple[Offer, ...]
    grants: tuple[Grant, ...]

    def __post_init__(self) -> None:
        codes = [offer.code for offer in self.offers]
        if len(set(codes)) != len(codes):
            raise ValueError(f"{self.version}: an offer is named twice")

    def offer(self, code: str) -> Offer | None:
        """The offer of this code."""
        return next((offer for offer in self.offers if offer.code == code), None)


def in_force(catalogues: tuple[Catalogue, ...], on: date) -> Catalogue | None:
    """The catalogue of a day: the latest that began on or before it; None before the first."""
    begun = [one for one in catalogues if one.from_on <= on]
    return max(begun, key=lambda one: one.from_on) if begun else None
