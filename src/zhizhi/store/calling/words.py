"""States of calling campaigns and of their persons."""

from datetime import timedelta

from zhizhi.core.kernel.text import Text

STATES = {
    "draft": Text("草稿", "draft"),
    "running": Text("进行中", "running"),
    "paused": Text("已暂停", "paused"),
    "ended": Text("已结束", "ended"),
}
STEPS = {
    "created": Text("新建", "created"),
    "started": Text("启动", "started"),
    "paused": Text("暂停", "paused"),
    "resumed": Text("恢复", "resumed"),
    "ended": Text("结束", "ended"),
}
MOVES = {
    "started": ("draft", "running"),
    "paused": ("running", "paused"),
    "resumed": ("paused", "running"),
}
"""From which state to which; `ended` comes from all but itself."""
TARGETS = {
    "waiting": Text("待拨", "to be rung"),
    "reserved": Text("取号中", "being leased"),
    "leased": Text("拨打中", "ringing"),
    "talking": Text("通话中", "talking"),
    "answered": Text("已通话", "talked"),
    "abandoned": Text("接通无人应答", "abandoned"),
    "unanswered": Text("未接通", "not answered"),
    "withheld": Text("不得拨打", "held back"),
    "unknown": Text("结果未知", "unknown"),
}
OPEN_LINES = ("reserved", "leased")
ANSWERED = ("talking", "answered", "abandoned")
WINDOW = timedelta(days=30)
"""The rolling window of the abandoned share."""
STEP_EVERY = timedelta(minutes=1)
RESERVED_FOR = timedelta(minutes=2)
"""Longer than any request: whoever reserved persons and died gives them back."""
RUNG_AGAIN_AFTER = timedelta(minutes=10)
"""A call that never rang is tried again."""
