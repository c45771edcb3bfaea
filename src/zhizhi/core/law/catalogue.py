"""The closed list of what a rule may speak of: features of a contact, counts, and steps that a decision may oblige to.

A feature has one meaning, whatever computes it. Adding one changes this page, what computes it, and the cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from zhizhi.core.kernel.text import Text

FeatureType = Literal["flag", "choice", "set", "integer", "day"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One fact about a contact. `values`: the closed list of a choice or set; empty where any text may stand."""

    type: FeatureType
    text: Text
    values: frozenset[str] = frozenset()


def _flag(zh: str, en: str) -> Feature:
    return Feature("flag", Text(zh, en))


def _choice(zh: str, en: str, values: str) -> Feature:
    return Feature("choice", Text(zh, en), frozenset(values.split()))


def _set(zh: str, en: str, values: str) -> Feature:
    return Feature("set", Text(zh, en), frozenset(values.split()))


_PURPOSES = (
    "collect remind locate relay serve answer_request required_by_law active_litigation complete_dropped_conversation "
    "prevent_outside_harm discount_offer termination_notice specified_remedy_notice opt_out_confirmation "
    "complaint_reply"
)
_ROLES = (
    "debtor co_borrower guarantor spouse contact relative colleague employer guardian heir attorney creditor "
    "creditor_attorney collector_attorney credit_bureau other"
)
_CHANNELS = "voice ringless_voicemail sms im email app letter visit web public_post"
_MARKS = (
    "claims_to_be_authority claims_to_be_lender false_consequence threat insult urges_new_borrowing extra_fee "
    "public_notice missing_objection_channel discounts_within_own_power"
)
_DEBTOR_STATES = (
    "normal deceased no_capacity limited_capacity minor hospitalised bereaved disaster self_harm_risk bankruptcy_stay"
)
_DEBT_STATES = "not_due overdue plan_performing plan_broken disputed settled transferred_without_notice"

FEATURES: Mapping[str, Feature] = {
    "contact.channel": _choice("渠道", "channel", _CHANNELS),
    "contact.form": _choice("告知式或交互式", "notification or interactive", "notification interactive"),
    "contact.robot": _flag("无人说话的机器外呼", "no human speaks"),
    "contact.purpose": _choice("目的", "purpose", _PURPOSES),
    "contact.continues": _flag("延续对方发起的通话或会话", "continues a call or session that the person began"),
    "contact.replies": _flag("答复对方的来访", "answers an inbound contact of that party"),
    "contact.reminder": _flag("到期前提醒", "a reminder, and no debt of the contact is due"),
    "contact.first": _flag("首次联系此人", "no earlier outbound contact with that party"),
    "contact.discloses_debt": _flag("透露债务信息", "debt data are disclosed"),
    "contact.identifies_collector": _flag("表明机构身份", "says who is calling and for whom"),
    "contact.names_principal": _flag("说明委托方", "names the principal"),
    "contact.opt_out_notice": _flag("附退订方式", "tells how to opt out of this address or number"),
    "contact.recording": _choice("录音录像", "recording", "on off unavailable"),
    "contact.team_size": Feature("integer", Text("外访人数", "persons of a visit")),
    "contact.id_shown": _flag("出示证件", "identity cards are shown"),
    "contact.place": _choice("地点", "place of a visit", "home work private public"),
    "contact.enters_premises": _flag("进入场所", "premises are entered"),
    "contact.at_inconvenient_place": _flag("在对方称不便的地点", "where the party asked not to be contacted"),
    "contact.at_prohibited_work": _flag("在用人单位禁止联系的工作处", "at work, where the employer prohibits contact"),
    "contact.content": _set("内容筛查标记", "marks that the screening of the content found", _MARKS),
    "party.role": _choice("对方角色", "role of the party", _ROLES),
    "party.owes": _flag("对方负有清偿责任", "the party owes the debt or acts for who does"),
    "party.consumer": _flag("债务人、共同债务人或其代理人", "the debtor, who owes with him, or who stands for him"),
    "party.told_before": _flag("此前已与此人谈过", "an earlier contact of ours conveyed something to the party"),
    "party.professional": _flag("律师、债权人等", "attorney, creditor, credit bureau: no third person"),
    "party.named_by_debtor": _flag("债务人事先指定的联系人", "the debtor named the person in advance"),
    "party.refused": _flag("对方已拒绝再联系", "the party refused further contact"),
    "party.refused_channel": _flag("对方拒绝此种渠道", "the party refused this channel"),
    "party.refusal_confirmed": _flag("对方的拒绝已确认过一次", "the refusal has been confirmed to the party"),
    "party.offered_to_pay": _flag("对方明确表示愿意代偿", "the party offered to pay for the debtor"),
    "point.source": _choice(
        "联系方式来源",
        "where the number or address comes from",
        "contract given published_by_debtor authorised public_record address_book purchased",
    ),
    "point.misdirected": _flag("号码已知并非本人", "the number was found not to be the person's"),
    "point.refused": _flag("该联系方式已被拒绝使用", "this number or address was refused"),
    "point.objected": _flag("当事人反对使用", "its use, or the party's, was objected to"),
    "point.text_refused": _flag("该号码已拒收短信", "text messages to this number were refused"),
    "point.employers": _flag("用人单位的邮箱或号码", "known to be provided by an employer"),
    "point.wrote_from": _flag("对方曾用此址就债务来信", "the party wrote to us about the debt from it"),
    "collector.kind": _choice("催收主体", "lender or agency", "lender agency"),
    "collector.listed": _flag("机构在公示名单内", "the agency is on the published list"),
    "collector.contract_running": _flag("委托合同未到期", "the agency's contract has not ended"),
    "collector.evaluated_on": Feature("day", Text("机构最近评估日", "latest evaluation of the agency")),
    "collector.inspected_on": Feature("day", Text("机构最近检查日", "latest inspection of the agency")),
    "collector.trained_on": Feature("day", Text("催收员最近培训日", "latest training of the collector")),
    "collector.person_acts": _flag("由催收员实施", "a person makes the contact, not a machine alone"),
    "collector.private_device": _flag("使用私人设备", "a private device is used"),
    "collector.private_device_approved": _flag("委托方同意使用私人设备", "the lender agreed to the private device"),
    "debtor.state": _set("债务人状况", "states of the debtor that hold", _DEBTOR_STATES),
    "debts.state": _set("债务状态", "states of the debts of the contact", _DEBT_STATES),
    "debts.disputed": _flag("债务有异议", "a debt of the contact is disputed"),
    "debts.claimed_paid": _flag("对方称已清偿", "somebody says that a debt of the contact is paid"),
    "debts.ceased": _flag("书面要求停止或拒绝清偿", "stopping was asked for in writing, or payment refused"),
    "debts.unverified": _flag("书面异议尚未核实答复", "disputed in writing in time, not verified since"),
    "debtor.far_west": _flag("债务人可能在西部", "the debtor may be where the day begins two hours later"),
    "debtor.represented": _flag("债务人已委托律师", "the debtor is represented by an attorney"),
    "debtor.spoken_with": _flag("已与债务人谈过该债务", "somebody spoke with the debtor about each debt"),
    "case.complaint_open": _flag("投诉未结", "a complaint is open"),
    "case.no_contact_order": _flag("禁止联系令有效", "an order against contact is in force"),
    "case.hardship": _flag("困难宽限期内", "a hardship pause is running"),
    "case.unreachable_by_contract": _choice(
        "合同约定的失联情形",
        "whether the contract's own case of unreachable is met",
        "met not_met not_agreed",
    ),
    "visit.consented": _flag("同意上门且已告知目的与后果", "the visit was consented to, purpose and consequences told"),
    "entry.consented": _flag("同意进入", "the party consented to entering"),
    "entry.employer_consented": _flag("用人单位同意进入", "the employer consented to entering"),
    "callback.requested": _flag("正在对方要求的回电时段内", "within the span of a callback asked for and not yet made"),
    "callback.timed": _flag("回电时段起止明确", "both ends of the span were named"),
    "consent.time": _flag("对方同意此时联系", "the party told us itself that this time suits, and nothing else since"),
    "reply.unspent": _flag("同一渠道的唯一答复", "the one answer, in the same medium, to what the party sent"),
    "reply.at_bad_time": _flag("对方在其不便时段来信", "what it answers came at a time named as inconvenient"),
    "reply.same_point": _flag("答复至来信所用地址", "it goes to the number or address that the party used"),
}

COUNTS: Mapping[str, Text] = {
    "connected_notices": Text("已接通的告知式外呼", "notification calls put through"),
    "valid_calls": Text("有效通话", "valid interactive calls"),
    "answered_calls": Text("已接通的各类外呼(从严)", "answered calls of both forms, unless proven short and empty"),
    "dials": Text("对同一号码的拨打", "dials to one number, whoever made them and however they ended"),
    "unanswered_dials_alike": Text(
        "同一主体同一方式对同一号码的未接拨打", "unanswered dials to one number by one collector, human or robot alike"
    ),
    "visits": Text("外访", "visits, fruitless ones included"),
    "valid_visits": Text("有效外访沟通", "visits with a valid talk"),
    "letters": Text("信函", "letters, court papers aside"),
    "placed_calls": Text("拨出且已接续的电话", "calls placed that reached the line, answered or not"),
    "silent_calls": Text("无人应答的拨打", "calls placed that reached the line and nobody answered"),
    "talks": Text("电话交谈", "talks by telephone, whoever began them"),
    "written": Text("书面与电子送达", "letters and electronic messages that did not come back"),
    "contacts": Text("各渠道触达", "contacts in every medium, fruitless ones included"),
}

KEYS: Mapping[str, Text] = {
    "person": Text("同一当事人", "the party of the contact"),
    "debtor": Text("债务人", "the debtor, whoever the contact is with"),
    "lender": Text("同一贷款机构", "a debt of the same lender, whoever acts for it"),
    "collector": Text("同一催收机构", "the same collector"),
    "debt": Text("同一债务", "the same debt; debts serviced as one are one"),
    "product": Text("同一信贷产品", "the same credit product"),
    "point": Text("同一号码或地址", "the same number or address"),
    "place": Text("同类地点", "the same kind of place: home, work, private, public"),
}
"""What an event has to share with a contact to count for it."""

EDGES: Mapping[str, Text] = {
    "half_open": Text("含起点不含终点", "the first instant lies inside, the last does not"),
    "open": Text("起点终点均不含", "neither end lies inside"),
    "closed": Text("起点终点均含", "both ends lie inside"),
}
"""Which ends of hours belong to them; a clock of the law counts whole seconds."""

BREACHES: Mapping[str, Text] = {
    "forbid": Text("禁止", "the contact is forbidden"),
    "presumed_violation": Text("推定违规", "the law presumes a violation, rebuttably"),
    "warning": Text("仅提示", "worth a warning, no more"),
}
"""What breaking a rule comes to."""

AGREED: Mapping[str, Text] = {
    "conversations": Text("约定的每日通话次数", "conversations a day agreed to by the party"),
    "dials": Text("约定的每日拨打次数", "dials a day to the number agreed to by the party"),
}

OBLIGATIONS: Mapping[str, Text] = {
    "record_audio": Text("全程录音", "record the whole call"),
    "record_visit": Text("全程录音录像", "record the whole visit"),
    "keep_record": Text("保存催收记录", "keep the record of the contact"),
    "identify_institution": Text("首先表明机构身份", "state the institution first"),
    "show_identity_card": Text("出示证件", "show identity cards"),
    "disclose_purpose": Text("说明催收目的与信息用途", "say that a debt is collected and what information is used for"),
    "give_validation_information": Text("五日内提供债务核实信息", "give validation information within five days"),
    "plain_envelope": Text("信封不显示催收", "use an envelope that shows no collection, and no postcard"),
    "say_synthetic": Text("说明为机器语音", "say that the voice is synthetic"),
}

TOPICS = (
    "law",
    "stop",
    "person",
    "disclosure",
    "point",
    "debt",
    "content",
    "identity",
    "visit",
    "record",
    "collector",
    "time",
    "frequency",
    "review",
)
"""What a rule is about, in the published order of precedence of reasons of one effect."""

UNITS = (
    "calls",
    "dials",
    "visits",
    "messages",
    "minutes",
    "hours",
    "days",
    "working_days",
    "months",
    "years",
    "seconds",
    "minute_of_day",
    "persons",
    "attempts",
)
