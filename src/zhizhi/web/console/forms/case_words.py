"""The words of a conduct case on a form: what each key is called, and the words of its closed lists."""

from collections.abc import Mapping

from zhizhi.core.kernel.text import Text
from zhizhi.web.shared import vocabulary

SECTIONS: Mapping[str, Text] = {
    "": Text("业务与口径", "Profile and reading"),
    "proposed": Text("拟进行的触达", "The proposed contact"),
    "events": Text("触达历史", "Contact history"),
    "statements": Text("客户意愿", "Statements"),
    "debtor": Text("债务人", "Debtor"),
    "debts": Text("债权", "Debts"),
    "parties": Text("相关人", "Parties"),
    "points": Text("联系方式", "Points of contact"),
    "collector": Text("催收主体", "Collector"),
    "case": Text("案件事实", "Facts of the case"),
    "reviews": Text("已核定放行", "Holds released by a person"),
    "states": Text("多个状态", "Several states"),
    "person": Text("催收员", "The collector's person"),
}
ONE_OF: Mapping[str, Text] = {
    "events": Text("触达", "Contact"),
    "statements": Text("意愿", "Statement"),
    "debts": Text("债权", "Debt"),
    "parties": Text("相关人", "Party"),
    "points": Text("联系方式", "Point"),
    "reviews": Text("放行", "Release"),
    "states": Text("状态", "State"),
}
KEYS: Mapping[str, Text] = {
    "id": Text("编号", "Id"),
    "profile": Text("业务类型", "Profile"),
    "reading": Text("口径", "Reading"),
    "time_zones": Text("可能所在时区（以空格分隔）", "Time zones, spaced"),
    "state": Text("状态", "State"),
    "since": Text("自", "Since"),
    "until": Text("至", "Until"),
    "complaint_open": Text("投诉未结", "Complaint open"),
    "no_contact_order_until": Text("禁止联系令至", "No-contact order until"),
    "suit_pending": Text("诉讼进行中", "Suit pending"),
    "hardship_until": Text("困难宽限至", "Hardship pause until"),
    "unreachable_by_contract": Text("符合合同约定的失联", "Unreachable by the contract"),
    "rule": Text("规则或条目", "Rule or row"),
    "at": Text("时刻", "Instant"),
    "by": Text("由谁", "By"),
    "channels": Text("限于渠道", "Channels"),
    "lender": Text("贷款机构", "Lender"),
    "product": Text("产品", "Product"),
    "group": Text("合并服务组", "Serviced as one"),
    "validation_ends_on": Text("核实期截止日", "Validation ends on"),
    "outstanding_minor": Text("未偿金额（分）", "Outstanding, minor units"),
    "role": Text("角色", "Role"),
    "named_by_debtor": Text("债务人事先指定", "Named by the debtor"),
    "liability_evidence": Text("有清偿责任证据", "Evidence of liability"),
    "estate_value_minor": Text("遗产价值（分）", "Estate, minor units"),
    "party": Text("相关人", "Party"),
    "kind": Text("种类", "Kind"),
    "reserved": Text("预留号码", "Left with the lender"),
    "source": Text("来源", "Source"),
    "place": Text("地点", "Place"),
    "owner": Text("归属", "Owner"),
    "invalid_since": Text("失效自", "Invalid since"),
    "misdirected": Text("已知非本人", "Not the person's"),
    "listed": Text("在公示名单内", "On the published list"),
    "evaluated_on": Text("最近评估日", "Evaluated on"),
    "inspected_on": Text("最近检查日", "Inspected on"),
    "contract_ends_on": Text("合同到期日", "Contract ends on"),
    "trained_on": Text("最近培训日", "Trained on"),
    "certified_until": Text("资质有效至", "Certified until"),
    "private_device": Text("使用私人设备", "Private device"),
    "private_device_approved": Text("私人设备经同意", "Private device approved"),
    "channel": Text("渠道", "Channel"),
    "video": Text("视频通话", "Video"),
    "rcs": Text("5G 消息", "RCS"),
    "direction": Text("方向", "Direction"),
    "point": Text("联系方式", "Point"),
    "debts": Text("涉及债权（以空格分隔）", "Debts, spaced"),
    "attributed_to": Text("计入债权", "Counted to debt"),
    "form": Text("形式", "Form"),
    "robot": Text("机器外呼", "Robot"),
    "ring_seconds": Text("响铃秒数", "Rang for seconds"),
    "line_result": Text("线路结果", "Line result"),
    "outcome": Text("结果", "Outcome"),
    "purpose": Text("目的", "Purpose"),
    "talk_seconds": Text("通话秒数", "Talked for seconds"),
    "exchanged": Text("双方均表达", "Both sides spoke"),
    "about_debt": Text("谈及债务", "Debt was spoken of"),
    "physical": Text("同一物理通话", "Same physical call"),
    "in_reply_to": Text("答复哪次来访", "In reply to"),
    "on_call": Text("在哪次来电中", "On call"),
    "in_session": Text("在会话中", "In session"),
    "discloses_debt": Text("透露债务", "Discloses the debt"),
    "identifies_collector": Text("表明机构身份", "Identifies the collector"),
    "names_principal": Text("说明委托方", "Names the principal"),
    "opt_out_notice": Text("附退订方式", "Opt-out notice"),
    "recording": Text("录音录像", "Recording"),
    "team_size": Text("外访人数", "Team size"),
    "id_shown": Text("出示证件", "Identity cards shown"),
    "enters_premises": Text("进入场所", "Enters premises"),
    "known_place": Text("对方现处", "Known to be at"),
    "content": Text("内容筛查标记", "Content marks"),
    "expected_end_at": Text("计划结束", "Planned end"),
    "told": Text("告知谁", "Told"),
    "received_at": Text("收到时刻", "Received at"),
    "debt": Text("债权", "Debt"),
    "days": Text("星期", "Days"),
    "from": Text("自", "From"),
    "to": Text("至", "To"),
    "on": Text("日期", "On"),
    "per_day": Text("每日次数", "A day"),
    "purpose_told": Text("已告知目的", "Purpose told"),
    "consequences_told": Text("已告知后果", "Consequences told"),
    "of": Text("针对", "Of"),
    "amount_minor": Text("金额（分）", "Amount, minor units"),
    "proof": Text("有凭证", "Proof"),
    "why": Text("原因", "Why"),
    "written": Text("书面", "In writing"),
}
_WORDS: Mapping[str, Mapping[str, Text]] = {
    "reading": {"strict": Text("从严", "strict"), "text": Text("平实", "plain text")},
    "form": {
        "interactive": Text("交互式", "interactive"),
        "notification": Text("告知式", "notification"),
        "specific": Text("专门约定", "specific agreement"),
        "standard_clause": Text("格式条款", "standard clause"),
    },
    "source": {
        "contract": Text("合同", "contract"),
        "given": Text("本人提供", "given"),
        "published_by_debtor": Text("本人公开", "published by the debtor"),
        "authorised": Text("经授权", "authorised"),
        "public_record": Text("公开登记", "public record"),
        "address_book": Text("通讯录", "address book"),
        "purchased": Text("购买", "purchased"),
    },
    "place": {
        "home": Text("住所", "home"),
        "work": Text("工作单位", "work"),
        "private": Text("私人场所", "private"),
        "public": Text("公共场所", "public"),
    },
    "owner": {"debtor": Text("债务人", "debtor"), "employer": Text("用人单位", "employer")},
    "recording": {"on": Text("开", "on"), "off": Text("关", "off"), "unavailable": Text("无法录制", "unavailable")},
    "collector": {"lender": Text("金融机构", "lender"), "agency": Text("委外机构", "agency")},
    "days": {
        code: Text(f"周{zh}", code.title())
        for code, zh in zip(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), "一二三四五六日", strict=True)
    },
    "purpose": {
        "required_by_law": Text("法律要求", "required by law"),
        "active_litigation": Text("进行中的诉讼", "active litigation"),
        "complete_dropped_conversation": Text("续接断线的通话", "complete a dropped talk"),
        "prevent_outside_harm": Text("防止外来损害", "prevent outside harm"),
        "termination_notice": Text("终止催收通知", "termination notice"),
        "specified_remedy_notice": Text("特定救济通知", "specified remedy notice"),
        "opt_out_confirmation": Text("退订确认", "opt-out confirmation"),
    },
}
_LISTS: Mapping[str, str] = {
    "channel": "channel",
    "channels": "channel",
    "direction": "towards",
    "role": "party",
    "outcome": "outcome",
    "line_result": "line_result",
    "content": "mark",
    "why": "denial",
    "purpose": "purpose",
    "of": "statement",
}


def key_text(key: str) -> Text:
    """What a key is called; one that nobody has named stands for itself."""
    return KEYS.get(key, Text(key, key))


def value_text(section: str, key: str, code: str) -> Text:
    """The word for a value of a closed list; the section tells lists of the same name apart."""
    known = _WORDS.get("collector" if (section, key) == ("collector", "kind") else key, {}).get(code)
    if known is not None:
        return known
    return vocabulary.word(_list_of(section, key), code) if _list_of(section, key) else Text(code, code)


def _list_of(section: str, key: str) -> str:
    if key == "state":
        return "person_state" if section == "debtor" else "debt_state"
    if key == "kind":
        return {"points": "point", "statements": "statement"}.get(section, "")
    return _LISTS.get(key, "")
