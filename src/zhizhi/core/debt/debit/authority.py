"""Which step with a direct debit takes two persons; whoever has a mandate ends it by a word to anybody."""

from enum import StrEnum

from zhizhi.core.kernel.text import Text


class DebitStep(StrEnum):
    """What a second person agrees to."""

    MANDATE = "mandate"
    BATCH = "batch"
    RESERVE = "reserve"
    RESULT = "result"

    @property
    def label(self) -> Text:
        """For screens."""
        return _STEPS[self]


_STEPS = {
    DebitStep.MANDATE: Text("启用代扣授权", "put a mandate in force"),
    DebitStep.BATCH: Text("提交代扣批次", "hand a batch of debits over"),
    DebitStep.RESERVE: Text("定每月生活必需费用", "set the living reserve of a month"),
    DebitStep.RESULT: Text("确认未扣款", "say that nothing was drawn"),
}
