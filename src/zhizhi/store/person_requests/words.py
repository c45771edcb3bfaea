"""Closed lists of requests, and how many working days an answer may take."""

from zhizhi.core.kernel.text import Text

KINDS = {
    "plan": Text("协商还款", "a plan"),
    "waiver": Text("减免", "a waiver"),
    "amount": Text("核对欠款与息费", "to check the amount"),
    "information": Text("提供资料", "papers and information"),
    "manner": Text("调整联系方式与时间", "how and when to be contacted"),
    "other": Text("其他", "something else"),
}
HOWS = {
    "call": Text("通话中", "in a call"),
    "counter": Text("当面", "at the counter"),
    "letter": Text("来信", "by letter"),
}
OPEN, ANSWERED, SECOND_LOOK, CLOSED = "open", "answered", "second_look", "closed"
STATES = {
    OPEN: Text("待答复", "to be answered"),
    ANSWERED: Text("已答复", "answered"),
    SECOND_LOOK: Text("待复核", "second look"),
    CLOSED: Text("已复核", "looked at again"),
}
WAITING = (OPEN, SECOND_LOOK)
"""Somebody has to act by a day."""
ANSWERS = {
    "granted": Text("同意", "granted"),
    "partly": Text("部分同意", "granted in part"),
    "refused": Text("不同意", "refused"),
}
ANSWER_WORKING_DAYS = 5
REQUESTS_MAX = 200
