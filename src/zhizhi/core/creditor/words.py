"""Closed lists of changes of creditor, each with the article that it rests on."""

from dataclasses import dataclass
from enum import StrEnum

from zhizhi.core.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Article:
    """Where a rule stands; `is_confirmed`: the reference holds it, else its number is named from recollection."""

    cites: str
    is_confirmed: bool

    @property
    def text(self) -> Text:
        """On screens."""
        if self.is_confirmed:
            return Text(self.cites, self.cites)
        return Text(f"{self.cites}（条号待核）", f"{self.cites} (number to be looked up)")


NOTICE = Article("民法典 546", True)
"""An assignment has no effect against the debtor before the notice of it has arrived (B-18)."""


class ChangeKind(StrEnum):
    """Why the creditor is another one."""

    ASSIGNMENT = "assignment"
    GUARANTOR_PAID = "guarantor_paid"
    INSURER_PAID = "insurer_paid"
    JOINT_LOAN = "joint_loan"
    REPURCHASE = "repurchase"

    @property
    def label(self) -> Text:
        """On screens."""
        return _LABELS[self]

    @property
    def article(self) -> Article:
        """What it rests on."""
        return _ARTICLES[self]

    @property
    def is_of_what_was_paid(self) -> bool:
        """Whether the new creditor claims what they paid, and not what the old one was owed."""
        return self in (ChangeKind.GUARANTOR_PAID, ChangeKind.INSURER_PAID)


_LABELS = {
    ChangeKind.ASSIGNMENT: Text("债权转让", "assignment"),
    ChangeKind.GUARANTOR_PAID: Text("保证人代偿", "the guarantor paid"),
    ChangeKind.INSURER_PAID: Text("保险人代偿", "the insurer paid"),
    ChangeKind.JOINT_LOAN: Text("联合贷款出资份额", "shares of a joint loan"),
    ChangeKind.REPURCHASE: Text("回购", "repurchase"),
}
_ARTICLES = {
    ChangeKind.ASSIGNMENT: Article("民法典 545–550", True),
    ChangeKind.GUARANTOR_PAID: Article("民法典 700", False),
    ChangeKind.INSURER_PAID: Article("保险法 60", False),
    ChangeKind.JOINT_LOAN: Article("商业银行互联网贷款管理暂行办法", False),
    ChangeKind.REPURCHASE: Article("民法典 545–550", True),
}


class CreditorKind(StrEnum):
    """What a creditor is."""

    LENDER = "lender"
    FUNDER = "funder"
    GUARANTOR = "guarantor"
    INSURER = "insurer"
    ASSIGNEE = "assignee"

    @property
    def label(self) -> Text:
        """On screens."""
        return _KINDS[self]


_KINDS = {
    CreditorKind.LENDER: Text("放款机构", "lender"),
    CreditorKind.FUNDER: Text("联合出资机构", "funder of a joint loan"),
    CreditorKind.GUARANTOR: Text("保证人、融资担保公司", "guarantor"),
    CreditorKind.INSURER: Text("保险人", "insurer"),
    CreditorKind.ASSIGNEE: Text("受让人", "assignee"),
}
