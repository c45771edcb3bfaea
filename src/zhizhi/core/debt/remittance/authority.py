"""Which step with money one person may take, and which takes two."""

from enum import StrEnum

from zhizhi.core.kernel.text import Text

ALONE_UP_TO_MINOR = 500_000
"""Up to 5,000.00 somebody puts money on a debt alone; where a house begins, not law."""


class Step(StrEnum):
    """What becomes of money that a person looked at."""

    POST = "post"
    SAME = "same"
    RETURN = "return"
    REVERSE = "reverse"
    REFUND = "refund"

    @property
    def label(self) -> Text:
        """For screens."""
        return _STEPS[self]


_STEPS = {
    Step.POST: Text("匹配入账", "put it on a debt"),
    Step.SAME: Text("与已入账为同一笔", "the same money as a payment that stands"),
    Step.RETURN: Text("退回付款人", "return it to the payer"),
    Step.REVERSE: Text("冲正", "reverse the payment"),
    Step.REFUND: Text("退还溢缴款", "refund the surplus"),
}


def needs_two(step: Step, amount_minor: int) -> bool:
    """Whether a second person has to agree: money that leaves, a debt that rises again, and a large match."""
    return step is not Step.POST or amount_minor > ALONE_UP_TO_MINOR
