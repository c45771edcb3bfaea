"""The words of campaigns, one Chinese and one English a code: screens and commands say the same."""

from zhizhi.core.kernel.text import Text
from zhizhi.store.campaigns.reads import SentFigures

LISTS: dict[str, dict[str, tuple[str, str]]] = {
    "campaign_state": {
        "draft": ("草稿", "draft"),
        "running": ("进行中", "running"),
        "paused": ("已暂停", "paused"),
        "finished": ("已完成", "finished"),
        "cancelled": ("已取消", "cancelled"),
    },
    "campaign_step": {
        "created": ("新建", "made"),
        "started": ("开始", "started"),
        "paused": ("暂停", "paused"),
        "resumed": ("继续", "resumed"),
        "throttled": ("改限速", "throttle changed"),
        "finished": ("完成", "finished"),
        "cancelled": ("取消", "cancelled"),
    },
    "campaign_why": {
        "wording_changed": ("模板已换版或停用", "the wording was replaced or retired"),
        "not_connected": ("渠道未接入", "channel not connected"),
        "partial_profile": ("规则包不齐", "not all packs are there"),
    },
    "target_state": {
        "waiting": ("待判定", "waiting"),
        "permit": ("准许", "permitted"),
        "forbid": ("拒绝", "refused"),
        "hold": ("待人工核定", "held"),
        "skipped": ("跳过", "skipped"),
    },
    "target_reason": {
        "case_closed": ("案件已关闭", "case closed"),
        "no_point": ("没有可用的联系方式", "no usable point of this kind"),
        "bad_facts": ("资料不完整，无法判定", "facts are no case that can be decided"),
        "erased_person": ("资料已删除", "data erased"),
        "unknown_variable": ("模板变量无值", "a variable of the wording has no value"),
        "campaign_finished": ("群发已到期", "the campaign was over"),
        "campaign_cancelled": ("群发已取消", "the campaign was cancelled"),
        "bulk_stop": ("批量停催", "bulk stop"),
        "stop_plan": ("停催：协商方案履行中", "stop: plan performing"),
        "stop_dispute": ("停催：有异议", "stop: dispute"),
        "stop_claims_paid": ("停催：称已还款", "stop: claims paid"),
        "stop_complaint": ("停催：投诉处理中", "stop: complaint"),
        "stop_hardship": ("停催：困难", "stop: hardship"),
        "stop_deceased": ("停催：身故", "stop: deceased"),
        "stop_incapacity": ("停催：无民事行为能力", "stop: incapacity"),
        "stop_represented": ("停催：已委托律师", "stop: represented"),
        "stop_bankruptcy": ("停催：破产程序", "stop: bankruptcy"),
        "stop_no_contact_order": ("停催：禁止联系令", "stop: no-contact order"),
    },
    "rejected_line": {
        "unknown": ("查无此案件号或账号", "no case or account of that number"),
        "no_open_case": ("没有未结案件", "no open case"),
        "double": ("与前面的行是同一客户", "the same person as an earlier line"),
    },
}


def word(list_name: str, code: str) -> Text:
    """The word of a code; a code that nobody has named stands for itself."""
    return Text(*LISTS[list_name].get(code, (code, code)))


def figures(states: dict[str, int], sent: SentFigures) -> list[tuple[Text, int]]:
    """A campaign in figures: its persons by state, then its messages by how they stand."""
    return [
        *((word("target_state", state), states.get(state, 0)) for state in LISTS["target_state"]),
        (Text("待发出", "in the outbox"), sent.waiting),
        (Text("发送中", "leaving now"), sent.leaving),
        (Text("已送出", "sent"), sent.sent),
        (Text("已送达", "delivered"), sent.arrived),
        (Text("失败", "failed"), sent.failed),
        (Text("结果未定", "unknown"), sent.unknown),
        (Text("已撤回", "pulled back"), sent.pulled_back),
    ]


def pulled_back(sent: SentFigures) -> list[Text]:
    """What became of the messages of a campaign that ended."""
    return [
        Text("{n} 条未发出，已撤回，许可已归还", "{n} had not left: pulled back, permits given back").fill(
            n=sent.pulled_back
        ),
        Text("{n} 条此前已送出", "{n} had left before").fill(n=sent.sent),
        Text("{n} 条结果未定", "{n} unknown").fill(n=sent.unknown),
    ]


def pulling_back(sent: SentFigures) -> list[Text]:
    """What is still to be done about them."""
    return [
        Text("正在撤回，尚余 {n} 条", "pulling back, {n} still wait").fill(n=sent.waiting),
        Text("{n} 条已在后台进程手里，不打断", "{n} in the hands of a worker, not interrupted").fill(n=sent.leaving),
    ]
