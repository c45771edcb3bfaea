"""States of money that came in, in words."""

from zhizhi.core.kernel.text import Text

STATES: dict[str, Text] = {
    "unmatched": Text("待匹配", "waits for a match"),
    "asked": Text("待第二人审批", "waits for a second person"),
    "posted": Text("已入账", "posted"),
    "known": Text("同一笔已入账", "the same money is posted"),
    "returned": Text("已退回付款人", "returned to the payer"),
    "reversed": Text("已冲正", "reversed"),
}
WAITING = ("unmatched", "asked")
BY_PERSON = "person"
"""The rule of what a person matched."""
