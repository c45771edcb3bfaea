"""What may truthfully be said of debts, as pages tell it."""

from collections.abc import Mapping
from dataclasses import dataclass

from zhizhi.core.consequence.claims import Truth, why_untrue
from zhizhi.core.consequence.words import Claim
from zhizhi.core.kernel.text import Text
from zhizhi.store.debts.reads import DebtRow
from zhizhi.web.shared import vocabulary


@dataclass(frozen=True, slots=True)
class ToldTruth:
    """One debt: what may be said of it today, and what may not with the reason."""

    debt_id: int
    name: Text
    may: tuple[Text, ...]
    may_not: tuple[tuple[Text, Text], ...]
    is_disputed: bool


def told_truths(truths: Mapping[int, Truth], debts: list[DebtRow]) -> list[ToldTruth]:
    """Of each debt that is not settled, in the order of the debts."""
    return [_told(debt, truths[debt.id]) for debt in debts if debt.id in truths]


def name_of(debt: DebtRow) -> Text:
    """How a page calls a debt: product and masked account."""
    product = vocabulary.word("product", debt.product)
    return Text(f"{product.zh} {debt.account}", f"{product.en} {debt.account}")


def _told(debt: DebtRow, truth: Truth) -> ToldTruth:
    found = {claim: why_untrue(claim, truth) for claim in Claim}
    return ToldTruth(
        debt.id,
        name_of(debt),
        tuple(claim.label for claim, why in found.items() if why is None),
        tuple((claim.label, why) for claim, why in found.items() if why is not None),
        truth.is_disputed,
    )
