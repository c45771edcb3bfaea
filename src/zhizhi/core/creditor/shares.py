"""Who holds a debt after a change, for how much, and what they may claim at most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhizhi.core.creditor.words import ChangeKind
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text

HOLDERS_MAX = 10


class ChangeRefused(Refused):
    """The change cannot be made; nothing is written."""


@dataclass(frozen=True, slots=True)
class Holding:
    """The part of a debt that one creditor holds, in minor units; `creditor_id` None: the lender of the book itself.

    `allowed_minor`: what law or contract add to it (interest from the payment, costs).
    """

    creditor_id: int | None
    amount_minor: int
    allowed_minor: int = 0

    @property
    def cap_minor(self) -> int:
        """What this creditor may claim at most."""
        return self.amount_minor + self.allowed_minor


def require_holdings(kind: ChangeKind, holdings: Sequence[Holding], balance_minor: int, *, basis: str) -> None:
    """Refuses: nobody, a creditor twice, nothing or less, more than is owed, an addition without its ground, a
    repurchase by another than the lender, a payment or assignment that goes to nobody else, one funder alone."""
    ids = [one.creditor_id for one in holdings]
    if not 0 < len(ids) <= HOLDERS_MAX or len(set(ids)) != len(ids):
        raise _refused("holders", "请逐一填写债权人，不得重复", "help: name each creditor once")
    if any(one.amount_minor <= 0 or one.allowed_minor < 0 for one in holdings):
        raise _refused("amount", "金额须为正", "an amount is more than nothing")
    if sum(one.amount_minor for one in holdings) > balance_minor:
        raise _refused("too_much", "各债权人合计高于现欠余额", "together they hold more than is owed")
    if any(one.allowed_minor for one in holdings) and not basis.strip():
        raise _refused("basis", "另计利息、费用须写明依据", "what is added needs its ground")
    if kind is ChangeKind.REPURCHASE and ids != [None]:
        raise _refused(
            "repurchase", "回购后债权人只能是本机构", "a repurchase brings the debt back to the lender alone"
        )
    if kind is not ChangeKind.REPURCHASE and set(ids) == {None}:
        raise _refused("nobody_else", "没有新的债权人", "there is no other creditor")
    if kind is ChangeKind.JOINT_LOAN and len(ids) < 2:
        raise _refused("one_funder", "联合贷款至少有两个出资人", "a joint loan has two funders at least")


def cap_left(holdings: Sequence[Holding], paid_since_minor: int) -> int:
    """What all creditors together may still claim: never less than nothing."""
    return max(0, sum(one.cap_minor for one in holdings) - paid_since_minor)


def names_of(holdings: Sequence[Holding], names: Mapping[int, str], lender: str) -> tuple[str, ...]:
    """How the creditors are called, in the order in which they were named."""
    return tuple(lender if one.creditor_id is None else names[one.creditor_id] for one in holdings)


def _refused(code: str, zh: str, en: str) -> ChangeRefused:
    return ChangeRefused(code, Text(zh, en))
