"""Parts of a debt on which a rise may be put, and the steps of a person, in words."""

from enum import StrEnum

from zhizhi.core.debt.components import Component
from zhizhi.core.kernel.text import Text

PARTS = {
    Component.PRINCIPAL.value: Text("本金", "principal"),
    Component.TERM_INTEREST.value: Text("期内利息", "interest of the term"),
    Component.PENALTY_INTEREST.value: Text("罚息", "penalty interest"),
    Component.COMPOUND_INTEREST.value: Text("复利", "compound interest"),
    Component.DAMAGES.value: Text("违约金", "damages"),
    Component.COSTS.value: Text("实现债权费用", "costs"),
    Component.FEES.value: Text("手续费", "fees"),
}


class Step(StrEnum):
    """What a person does about a difference."""

    ACCEPT = "accept"
    ASK = "ask"
    SET_ASIDE = "set_aside"

    @property
    def label(self) -> Text:
        """For screens."""
        return _STEPS[self]


_STEPS = {
    Step.ACCEPT: Text("按核心系统更正（另一人批准）", "correct to the core's figure (another approves)"),
    Step.ASK: Text("已询核心系统，等待答复", "asked the core, waiting"),
    Step.SET_ASIDE: Text("已说明，无须更正", "explained, nothing to correct"),
}
