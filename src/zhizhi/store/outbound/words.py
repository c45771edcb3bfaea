"""Steps of an outbound number, its marks, and why a call may not go out from it."""

from datetime import timedelta

from zhizhi.core.kernel.carriers import CARRIERS
from zhizhi.core.kernel.text import Text

ADDED, EDITED, SUBMITTED, FILED, FILING_ENDED = "added", "edited", "submitted", "filed", "filing_ended"
MARKED, COMPLAINED, RESTED, RESUMED = "marked", "complained", "rested", "resumed"
BLOCKED, UNBLOCKED, RETIRED, RAISED = "blocked", "unblocked", "retired", "raised"
STEPS = {
    ADDED: Text("登记入库", "added"),
    EDITED: Text("更正资料或降低上限", "corrected, or its ceiling lowered"),
    SUBMITTED: Text("报备已提交", "filing handed in"),
    FILED: Text("报备有效", "filing stands"),
    FILING_ENDED: Text("报备被驳回或撤销", "filing rejected or ended"),
    MARKED: Text("被标记", "marked"),
    COMPLAINED: Text("被投诉", "complained of"),
    RESTED: Text("休息", "put to rest"),
    RESUMED: Text("提前结束休息", "taken out of rest early"),
    BLOCKED: Text("停用", "blocked"),
    UNBLOCKED: Text("恢复启用", "unblocked"),
    RETIRED: Text("注销", "retired for good"),
    RAISED: Text("提高每日上限", "ceiling raised"),
}
OPENING = (FILED, RESUMED, UNBLOCKED, RAISED)
"""What lets calls out takes two persons; all else one."""
CLOSING = (FILING_ENDED, MARKED, COMPLAINED, RESTED, BLOCKED, RETIRED)

LINE_CARRIERS = {**CARRIERS, "other": Text("其他线路商", "another provider")}
MARKS = {
    "harassment": Text("疑似骚扰", "suspected harassment"),
    "collection": Text("催收", "collection"),
    "marketing": Text("推销", "marketing"),
    "fraud": Text("疑似诈骗", "suspected fraud"),
    "intercepted": Text("被拦截", "intercepted"),
    "other": Text("其他标记", "another mark"),
}
REST_OF_MARK = {
    "harassment": timedelta(days=7),
    "collection": timedelta(days=7),
    "marketing": timedelta(days=3),
    "fraud": timedelta(days=30),
    "intercepted": timedelta(days=30),
    "other": timedelta(days=7),
}
"""House figures: no law of the reviewed files says how long a marked number rests."""
REST_OF_COMPLAINT = timedelta(days=14)
COMPLAINT_LOOKS_BACK = timedelta(days=7)
"""House figures: a complaint rests the numbers that called its person in the week before it."""

NOT_NAMED, UNKNOWN, FULL = "number_not_named", "number_unknown", "number_full"
WHY = {
    NOT_NAMED: Text("未写明外呼号码", "no outbound number is named"),
    UNKNOWN: Text("号码不在本机构的号码库", "the number is not in the register of this lender or agency"),
    "number_retired": Text("号码已注销", "the number is retired"),
    "number_blocked": Text("号码已停用", "the number is blocked"),
    "number_not_filed": Text("号码没有有效报备", "the number is not filed"),
    "number_filing_over": Text("号码报备已过期", "the filing of the number is over"),
    "number_rests": Text("号码休息中", "the number rests"),
    FULL: Text("号码当日呼出已达上限", "the number has made the calls of its day"),
}
"""By the codes of `zhizhi_number_falls` (sql/outbound.sql) and of what is looked up before it."""
