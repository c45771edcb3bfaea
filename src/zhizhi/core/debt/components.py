"""The parts that a debt consists of, in the order in which the law lets a payment fill them."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from zhizhi.core.debt.errors import ErrorCode, Finding
from zhizhi.core.debt.reading import Fields
from zhizhi.core.kernel.text import Text


class Component(StrEnum):
    """A part of a debt. The order of the members is the statutory order of appropriation. Law: CC 561."""

    COSTS = "costs"
    TERM_INTEREST = "term_interest"
    COMPOUND_INTEREST = "compound_interest"
    PENALTY_INTEREST = "penalty_interest"
    DAMAGES = "damages"
    FEES = "fees"
    PRINCIPAL = "principal"
    DOUBLE_INTEREST = "double_interest"

    @property
    def text(self) -> Text:
        """What it is called on screens."""
        return _TEXTS[self]


_TEXTS = {
    Component.COSTS: Text("实现债权费用", "costs"),
    Component.TERM_INTEREST: Text("利息", "interest"),
    Component.COMPOUND_INTEREST: Text("复利", "compound interest"),
    Component.PENALTY_INTEREST: Text("罚息", "penalty interest"),
    Component.DAMAGES: Text("违约金", "damages"),
    Component.FEES: Text("费用", "fees"),
    Component.PRINCIPAL: Text("本金", "principal"),
    Component.DOUBLE_INTEREST: Text("迟延履行利息", "double interest"),
}


Components = Mapping[Component, int]
"""Minor units owed under each component; one that is left out is 0."""


def owed(components: Components) -> int:
    """Everything owed under the components together."""
    return sum(components.values())


def read_components(fields: Fields) -> Components:
    """The map of a document."""
    fields.keys(required=(), optional=(component.value for component in Component))
    return {part: fields.money(part.value, 0) for part in Component if fields.has(part.value)}


def component_findings(components: Components, place: str) -> Iterator[Finding]:
    """What is wrong with a map: an amount below 0, or nothing above it."""
    if any(amount < 0 for amount in components.values()):
        yield Finding(ErrorCode.BAD_AMOUNT, place, Text("金额不得为负", "must not be negative"))
    if owed(components) <= 0:
        yield Finding(ErrorCode.BAD_AMOUNT, place, Text("至少一项须大于 0", "must hold at least one amount above 0"))
