"""Closed lists of direct debits, in words."""

from zhizhi.core.kernel.text import Text

ASKED, ACTIVE, REFUSED, SUSPENDED, REVOKED = "asked", "active", "refused", "suspended", "revoked"
MANDATE_STATES = {
    ASKED: Text("待第二人审批", "waits for a second person"),
    ACTIVE: Text("生效中", "in force"),
    REFUSED: Text("未获批准", "refused"),
    SUSPENDED: Text("已暂停", "suspended"),
    REVOKED: Text("已撤销", "revoked"),
}
SIGNED_HOWS = {
    "paper": Text("纸质签署", "signed on paper"),
    "counter": Text("柜面签约", "at the counter"),
    "bank": Text("银行渠道签约", "through the bank's own channel"),
    "app": Text("应用内签约", "in the lender's app"),
}
PLANNED, HANDED_OVER, SUCCEEDED, FAILED = "planned", "handed_over", "succeeded", "failed"
WITHDRAWN, CHARGED_BACK = "withdrawn", "charged_back"
ATTEMPT_STATES = {
    PLANNED: Text("待提交", "planned"),
    HANDED_OVER: Text("已提交，待结果", "handed over, no result yet"),
    SUCCEEDED: Text("扣款成功", "drawn"),
    FAILED: Text("扣款失败", "failed"),
    WITHDRAWN: Text("未提交即撤回", "taken back before it left"),
    CHARGED_BACK: Text("扣款后被退回", "drawn, and taken back by the bank"),
}
COUNTED = (PLANNED, HANDED_OVER, SUCCEEDED, CHARGED_BACK)
"""What stands against the limits and the reserve: what has not failed."""
BATCH_STATES = {
    ASKED: Text("待第二人审批", "waits for a second person"),
    "approved": Text("已批准，待写出", "approved, to be written"),
    "written": Text("已写出", "written"),
    REFUSED: Text("未获批准", "refused"),
}
"""A debit takes part in a batch from the asking on; what is refused is planned anew."""
HELD_BY = "claims_paid"
"""The stop under which nobody duns while a debit is under way: money is on its way, and the law looks first (A-20)."""
SOURCE = "direct_debit"
