"""The fields of a contact log: what each holds, under which headings it is often found, and what it speaks of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from zhizhi.core.conduct.words import (
    CHANNELS,
    DEBT_STATES,
    DEBTOR_STATES,
    LINE_RESULTS,
    MARKS,
    OUTCOMES,
    PLACES,
    POINT_SOURCES,
    PURPOSES,
    RECORDINGS,
    ROLES,
)
from zhizhi.core.kernel.text import Text
from zhizhi.usecases.audit import words
from zhizhi.usecases.intake import values
from zhizhi.usecases.intake.problems import BadValue

SECONDS_MAX = 24 * 3600
TEAM_MAX = 50
PARTS_MAX = 100


@dataclass(frozen=True, slots=True)
class LogField:
    """One field. `speaks`: features of the law that its column makes known; `names`: headings it is found under."""

    name: str
    label: Text
    read: Callable[[str], object]
    names: tuple[str, ...] = ()
    speaks: tuple[str, ...] = ()


def _listed(known: tuple[str, ...], synonyms: Mapping[str, str]) -> Callable[[str], object]:
    """A word of a closed list, or one of the words that logs write for it."""
    table = {**synonyms, **{word: word for word in known}}

    def read(cell: str) -> str:
        word = table.get(values.plain(cell).lower())
        if word is None:
            raise BadValue("unknown_value")
        return word

    return values.cached(read)


def _marks(cell: str) -> frozenset[str]:
    """Marks of screening, parted by `;` `,` or `、`. Boundary: a cell that says "none" says that somebody looked."""
    written = values.plain(cell)
    if written.lower() in words.NO_MARKS:
        return frozenset()
    read = _listed(MARKS, words.MARK_WORDS)
    parts = written.replace("、", ";").replace(",", ";").replace("，", ";").split(";")
    return frozenset(str(read(part)) for part in parts if part.strip())


def _day(cell: str) -> date:
    plain = values.plain(cell).replace("/", "-")[:10]
    try:
        return date.fromisoformat(plain)
    except ValueError as error:
        raise BadValue("not_a_day") from error


def _number(cell: str) -> str:
    """A telephone number or address as a key: spaces, hyphens and the country code do not tell two apart."""
    plain = values.plain(cell).replace(" ", "").replace("-", "")
    plain = plain.removeprefix("+86").removeprefix("0086")
    return str(values.number(plain))


def _seconds(cell: str) -> object:
    """`95`, `1:35`, `00:01:35`, `1分35秒`."""
    plain = values.plain(cell).removesuffix("秒").removesuffix("s").replace("分", ":").rstrip(":")
    parts = plain.split(":")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() and len(part) <= 6 for part in parts):
        raise BadValue("not_a_whole_number")
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    if total > SECONDS_MAX:
        raise BadValue("not_a_whole_number")
    return total


def _field(name: str, zh: str, en: str, read: Callable[[str], object], names: str = "", speaks: str = "") -> LogField:
    return LogField(name, Text(zh, en), read, tuple(names.split()), tuple(speaks.split()))


def _flag(name: str, zh: str, en: str, names: str, speaks: str) -> LogField:
    return _field(name, zh, en, values.cached(values.flag), names, speaks)


def _word(name: str, zh: str, en: str, names: str = "", speaks: str = "") -> LogField:
    return _field(name, zh, en, values.text(64), names, speaks)


_ALL = (
    _word("id", "流水号", "id of the record", "流水号 记录编号 通话ID 话单号 call_id callid uuid record_id cdr_id"),
    _word(
        "at",
        "时刻",
        "instant",
        "呼叫开始时间 开始时间 拨打时间 通话时间 发送时间 外访时间 联系时间 时间 起呼时间 "
        "call_time start_time calldate start_stamp start timestamp sent_at datetime",
    ),
    _word("date", "日期", "day", "日期 呼叫日期 通话日期 call_date day"),
    _word("clock", "时间", "clock time", "时刻 呼叫时刻 time_of_day"),
    _word("ended_at", "结束时刻", "end", "呼叫结束时间 结束时间 挂断时间 离开时间 end_time end_stamp hangup_time end"),
    _field(
        "channel", "渠道", "channel", _listed(CHANNELS, words.CHANNEL_WORDS), "渠道 联系方式类型 触达方式 channel type"
    ),
    _field(
        "direction",
        "方向",
        "direction",
        _listed(("out", "in"), words.DIRECTION_WORDS),
        "方向 呼叫方向 呼叫类型 direction call_type",
    ),
    _field(
        "number",
        "对方号码或地址",
        "number or address",
        _number,
        "被叫号码 被叫 对方号码 电话号码 手机号 接收号码 联系号码 地址 callee called dst "
        "destination to_number phone number",
    ),
    _field(
        "person",
        "客户编号",
        "debtor",
        values.number,
        "客户编号 客户号 借款人编号 案件号 案件编号 customer customer_id case_no debtor debtor_id borrower",
    ),
    _field(
        "debt", "借据号", "debt", values.number, "借据号 债权编号 账户号 合同号 loan loan_no debt account contract_no"
    ),
    _word("product", "产品", "product", "产品 产品名称 product"),
    _word("lender", "贷款人", "lender", "贷款人 委托方 甲方 lender principal client"),
    _field(
        "role",
        "对方身份",
        "who it was",
        _listed(ROLES, words.ROLE_WORDS),
        "对方身份 与本人关系 与客户关系 关系 联系人类型 对象 被访人 relation relationship role party contact_type",
        "party.role party.owes",
    ),
    _flag(
        "named_by_debtor",
        "客户事先指定",
        "named by the debtor",
        "是否预留联系人 客户指定 named_by_debtor",
        "party.named_by_debtor",
    ),
    _flag("liability_evidence", "有责任凭据", "liability on evidence", "有责任凭据 liability_evidence", "party.owes"),
    _word(
        "collector",
        "催收员",
        "collector",
        "催收员 工号 坐席 坐席工号 坐席号 员工号 外访员 agent agent_id operator seat collector",
    ),
    _word("agency", "机构", "agency", "机构 催收机构 委外机构 公司 服务商 agency vendor", "collector.kind"),
    _flag(
        "robot",
        "机器外呼",
        "robot",
        "机器人 是否机器人 智能外呼 robot is_robot ivr",
        "contact.robot collector.person_acts",
    ),
    _field(
        "form",
        "形式",
        "form",
        _listed(("notification", "interactive"), words.FORM_WORDS),
        "形式 外呼形式 form",
        "contact.form",
    ),
    _field(
        "purpose",
        "目的",
        "purpose",
        _listed(PURPOSES, words.PURPOSE_WORDS),
        "目的 联系目的 任务类型 purpose reason",
        "contact.purpose",
    ),
    _field(
        "line_result",
        "线路结果",
        "result of the line",
        _listed(LINE_RESULTS, words.LINE_WORDS),
        "呼叫结果 线路结果 接通状态 通话状态 状态 拨打结果 disposition result call_result status hangup_cause",
    ),
    _field(
        "outcome",
        "结果",
        "outcome",
        _listed(OUTCOMES, {**words.OUTCOME_WORDS}),
        "结果 触达结果 发送状态 外访结果 outcome status 状态",
    ),
    _field("ring_seconds", "振铃秒数", "ring seconds", _seconds, "振铃时长 振铃秒数 振铃 ring ring_seconds ring_time"),
    _field(
        "talk_seconds",
        "通话秒数",
        "talk seconds",
        _seconds,
        "通话时长 通话秒数 计费时长 时长 时长(秒) billsec talk talk_seconds talk_time duration",
    ),
    _flag("exchanged", "双方有交流", "both sides spoke", "双方交流 有效沟通 exchanged", ""),
    _field(
        "recording",
        "录音",
        "recording",
        _listed(RECORDINGS, words.RECORDING_WORDS),
        "录音 是否录音 录音录像 recording recorded",
        "contact.recording",
    ),
    _field(
        "marks",
        "内容标记",
        "content marks",
        _marks,
        "内容标记 质检标记 违规词 敏感词 marks flags qa_marks",
        "contact.content",
    ),
    _flag(
        "discloses_debt",
        "透露债务",
        "debt disclosed",
        "透露债务 告知债务 是否透露欠款 discloses_debt",
        "contact.discloses_debt",
    ),
    _flag(
        "identifies_collector",
        "表明身份",
        "identified",
        "表明身份 自报机构 identifies_collector",
        "contact.identifies_collector",
    ),
    _flag("names_principal", "说明委托方", "principal named", "说明委托方 names_principal", "contact.names_principal"),
    _field(
        "team_size",
        "外访人数",
        "team size",
        values.whole(TEAM_MAX),
        "外访人数 同行人数 人数 team_size",
        "contact.team_size",
    ),
    _flag("id_shown", "出示证件", "id shown", "出示证件 亮证 id_shown", "contact.id_shown"),
    _field(
        "place", "地点", "place", _listed(PLACES, words.PLACE_WORDS), "地点类型 外访地点 地点 place", "contact.place"
    ),
    _flag(
        "enters_premises", "进入场所", "entered", "是否进入 进入住所 入户 enters_premises", "contact.enters_premises"
    ),
    _flag(
        "visit_consent", "同意上门", "visit consented", "同意上门 上门同意 预约同意 visit_consent", "visit.consented"
    ),
    _flag("entry_consent", "同意进入", "entry consented", "同意进入 入户同意 entry_consent", "entry.consented"),
    _flag(
        "refused_before", "此前已拒绝", "refused before", "已拒绝联系 此前拒绝 拒绝联系 refused_before", "party.refused"
    ),
    _flag(
        "wrong_number", "已知非本人号码", "known wrong number", "已知非本人 误催号码 wrong_number", "point.misdirected"
    ),
    _field(
        "point_source",
        "号码来源",
        "source of the number",
        _listed(POINT_SOURCES, words.SOURCE_WORDS),
        "号码来源 point_source",
        "point.source",
    ),
    _field(
        "debt_state",
        "债务状态",
        "state of the debt",
        _listed(DEBT_STATES, words.STATE_WORDS),
        "债务状态 账户状态 debt_state",
        "debts.state",
    ),
    _field(
        "debtor_state",
        "客户状况",
        "state of the debtor",
        _listed(DEBTOR_STATES, words.PERSON_STATE_WORDS),
        "客户状况 debtor_state",
        "debtor.state",
    ),
    _flag("complaint_open", "投诉未结", "complaint open", "投诉未结 complaint_open", "case.complaint_open"),
    _flag("disputed", "有异议", "disputed", "有异议 债务异议 disputed", "debts.disputed"),
    _flag("no_contact_order", "禁止联系令", "no-contact order", "禁止联系令 no_contact_order", "case.no_contact_order"),
    _flag(
        "private_device", "私人设备", "private device", "私人手机 私人设备 private_device", "collector.private_device"
    ),
    _flag(
        "private_device_approved",
        "私人设备已获同意",
        "private device approved",
        "私人设备获批 private_device_approved",
        "collector.private_device_approved",
    ),
    _flag("agency_listed", "机构在名单内", "agency listed", "机构在名单内 agency_listed", "collector.listed"),
    _field(
        "agency_evaluated_on",
        "机构评估日",
        "agency evaluated on",
        _day,
        "机构评估日 agency_evaluated_on",
        "collector.evaluated_on",
    ),
    _field(
        "agency_inspected_on",
        "机构检查日",
        "agency inspected on",
        _day,
        "机构检查日 agency_inspected_on",
        "collector.inspected_on",
    ),
    _field(
        "contract_ends_on",
        "委托到期日",
        "contract ends on",
        _day,
        "委托到期日 contract_ends_on",
        "collector.contract_running",
    ),
    _field("trained_on", "培训日", "trained on", _day, "培训日 最近培训日 trained_on", "collector.trained_on"),
    # asked by `zhizhi reconcile` only (docs/reconcile.md): one map serves both
    _word("reference", "许可编号", "our reference", "许可编号 透传参数 外部编号 out_id permit_ref"),
    _field("caller", "主叫号码", "caller number", _number, "主叫号码 外显号码 caller caller_id from_number"),
    _field("parts", "条数", "parts", values.whole(PARTS_MAX), "计费条数 条数 parts segments"),
)

FIELDS: Mapping[str, LogField] = {field.name: field for field in _ALL}
