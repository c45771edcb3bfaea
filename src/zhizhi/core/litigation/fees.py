"""The fee ledger of a court file: what was advanced, came back, was recovered or is borne; it adds up to the fen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zhizhi.core.debt.court_fee import Claim, FeeKind, Procedure, court_fee
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.machine import Standing, StepRefused
from zhizhi.core.litigation.words import Lane, State

ALONE_MAX_MINOR = 500_000
"""What one person may advance at once, where the scale says as much: 5,000 yuan, as with other money."""


class FeeItem(StrEnum):
    """For what money was paid."""

    CASE = "case"
    PAYMENT_ORDER = "payment_order"
    PRESERVATION = "preservation"
    ENFORCEMENT = "enforcement"
    ANNOUNCEMENT = "announcement"
    NOTARY = "notary"
    ARBITRATION = "arbitration"
    LAW_FIRM = "law_firm"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _ITEMS[self]


class FeeMove(StrEnum):
    """What happened to it."""

    ADVANCED = "advanced"
    REFUNDED = "refunded"
    RECOVERED = "recovered"
    BORNE = "borne"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _MOVES[self]


_ITEMS = {
    FeeItem.CASE: Text("案件受理费", "case fee"),
    FeeItem.PAYMENT_ORDER: Text("支付令申请费", "payment order fee"),
    FeeItem.PRESERVATION: Text("保全申请费", "preservation fee"),
    FeeItem.ENFORCEMENT: Text("执行申请费", "enforcement fee"),
    FeeItem.ANNOUNCEMENT: Text("公告费", "public notice"),
    FeeItem.NOTARY: Text("公证费", "notary"),
    FeeItem.ARBITRATION: Text("仲裁费", "arbitration"),
    FeeItem.LAW_FIRM: Text("律师费", "law firm"),
}
_MOVES = {
    FeeMove.ADVANCED: Text("垫付", "advanced"),
    FeeMove.REFUNDED: Text("退回", "refunded"),
    FeeMove.RECOVERED: Text("已由对方承担", "recovered"),
    FeeMove.BORNE: Text("自行承担", "borne by us"),
}
_SCALED = {
    FeeItem.CASE: FeeKind.CASE,
    FeeItem.PAYMENT_ORDER: FeeKind.PAYMENT_ORDER,
    FeeItem.PRESERVATION: FeeKind.PRESERVATION,
    FeeItem.ENFORCEMENT: FeeKind.ENFORCEMENT,
}


@dataclass(frozen=True, slots=True)
class FeeSum:
    """Sums of entries in minor units. What is outstanding was advanced and has not come back in any way."""

    advanced: int = 0
    refunded: int = 0
    recovered: int = 0
    borne: int = 0

    @property
    def outstanding(self) -> int:
        """Advanced less everything else; never below nought in a ledger that `require_fee` kept."""
        return self.advanced - self.refunded - self.recovered - self.borne


def sum_fees(entries: Iterable[tuple[FeeMove, int]]) -> FeeSum:
    """The sums of a ledger."""
    totals = dict.fromkeys(FeeMove, 0)
    for move, amount_minor in entries:
        totals[move] += amount_minor
    return FeeSum(*(totals[move] for move in FeeMove))


def scale_of(item: FeeItem, lane: Lane, claim_minor: int, on: date) -> int | None:
    """What the scale asks of this claim, in minor units; None where there is none.

    Law: Fees 13, 14, 16; a suit as a plain one, since the procedure is not known when its fee is advanced.
    """
    kind = _SCALED.get(item)
    if kind is None or claim_minor <= 0:
        return None
    procedure = None
    if kind is FeeKind.CASE:
        procedure = Procedure.SUMMARY if lane is Lane.SMALL_CLAIM else Procedure.ORDINARY
    return court_fee(Claim(kind, on, claim_minor, procedure)).minor


def needs_two(move: FeeMove, item: FeeItem, amount_minor: int, scale_minor: int | None) -> bool:
    """Whether a second person has to agree: an advance above what one may advance, or above the scale; and what is
    given up."""
    if move is FeeMove.BORNE:
        return True
    above_scale = scale_minor is not None and amount_minor > scale_minor
    return move is FeeMove.ADVANCED and (amount_minor > ALONE_MAX_MINOR or above_scale)


def require_fee(standing: Standing, item: FeeItem, move: FeeMove, amount_minor: int, of_item: FeeSum) -> None:
    """Refuses: an amount not above nought, more back than is outstanding of this item, what is said to be recovered
    where nobody owes it yet: no title and no agreement. Law: CC 561, Fees 29 (the loser bears)."""
    if amount_minor <= 0:
        raise StepRefused("bad_amount", Text("金额须大于 0", "the amount is above 0"), "amount")
    if move is not FeeMove.ADVANCED and amount_minor > of_item.outstanding:
        raise StepRefused("more_than_outstanding", Text(
            "超过该项尚未收回的垫付款", "more than is outstanding of this item"), "amount")  # fmt: skip
    if move is FeeMove.RECOVERED and not (
        standing.has_title or standing.state in (State.SETTLED, State.MEDIATED, State.ENDED)
    ):
        text = Text(
            "尚无生效文书或和解，不得向对方收取", "no title and no agreement: nothing is asked of the debtor yet"
        )
        raise StepRefused("no_title", text, "move")
