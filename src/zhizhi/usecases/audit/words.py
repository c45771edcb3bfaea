"""Words that logs write and what they mean here: channels, line results, relations. A map may add its own."""

from collections.abc import Mapping


def _meanings(table: str) -> Mapping[str, str]:
    """Lines of `meaning: word, word`, turned round."""
    found: dict[str, str] = {}
    for line in table.strip().splitlines():
        meaning, _, written = line.strip().partition(": ")
        found |= {word.strip(): meaning for word in written.split(",")}
    return found


CHANNEL_WORDS = _meanings(
    """
    voice: 电话, 语音, 呼叫, 外呼, call, phone
    sms: 短信, 5g消息, text
    im: 微信, 企业微信, 即时消息, wechat
    email: 邮件, 电子邮件, e-mail, mail
    app: app消息, app推送, 推送, push
    letter: 信函, 信件, 函件
    visit: 外访, 上门, 拜访
    public_post: 张贴, 公示
    ringless_voicemail: 语音信箱
    """
)

DIRECTION_WORDS = _meanings(
    """
    out: 呼出, 去电, 主叫, 外呼, 发送, 出, outbound, outgoing, mo
    in: 呼入, 来电, 被叫, 接收, 入, inbound, incoming, mt
    """
)
"""On a lender's or agency's log the caller is the house: 主叫 is out. A borrower's phone has it the other way round."""

LINE_WORDS = _meanings(
    """
    answered: 接通, 已接通, 接听, 已接, 成功, answered, connected, success
    no_answer: 未接, 未接通, 无人接听, 无应答, 未应答, noanswer, no answer, missed, timeout
    rejected: 拒接, 挂断, 拒绝, reject, declined
    busy: 忙, 忙线, 占线, 用户忙, 正在通话中
    off: 关机, power off, 不在服务区
    suspended: 停机, 欠费停机
    empty_number: 空号, invalid, not in service
    intercepted: 拦截, 被拦截, 呼叫限制
    """
)

OUTCOME_OF_LINE: Mapping[str, str] = {
    "no_answer": "no_answer",
    "rejected": "rejected",
    "busy": "busy",
    "off": "no_answer",
    "suspended": "not_in_service",
    "empty_number": "not_in_service",
}
"""What a network's result says of the contact. An intercepted call is left open: the phone may have rung."""

OUTCOME_WORDS = _meanings(
    """
    conversation: 有效通话, 通话
    answered_dropped: 秒挂
    delivered: 送达, 已送达, 发送成功, delivrd
    sent: 已发送
    undelivered: 发送失败, 失败, 未送达, undeliv
    met: 见到, 见面, 会面
    nobody_met: 未见, 无人, 无人在家
    """
)

ROLE_WORDS = _meanings(
    """
    debtor: 本人, 客户, 债务人, 借款人, 持卡人, self, borrower, 客户本人
    co_borrower: 共借人, 共同借款人
    guarantor: 担保人, 保证人
    spouse: 配偶, 丈夫, 妻子
    contact: 联系人, 紧急联系人
    other: 第三人, 第三方, 朋友, 好友, 同学, 邻居, 村委会, 居委会, 其他, friend, neighbour
    relative: 父母, 父亲, 母亲, 子女, 兄弟, 姐妹, 兄弟姐妹, 亲属, 亲戚, parent, family
    colleague: 同事
    employer: 单位, 公司, 工作单位
    guardian: 监护人
    heir: 继承人
    attorney: 律师
    """
)

PURPOSE_WORDS = _meanings(
    """
    collect: 催收, 催款, 还款提醒
    remind: 到期提醒, 提醒
    locate: 找人, 查找, 核实联系方式
    relay: 转告, 请转告
    serve: 送达, 法律文书送达
    answer_request: 回电, 答复
    complaint_reply: 投诉回复
    discount_offer: 减免告知
    """
)

FORM_WORDS = _meanings(
    """
    notification: 告知, 告知式, 通知, 语音通知
    interactive: 交互, 交互式, 人工
    """
)

PLACE_WORDS = _meanings(
    """
    home: 住所, 家, 家中, 住宅, 居住地
    work: 单位, 公司, 工作地, 工作单位
    private: 私人场所
    public: 公共场所
    """
)

RECORDING_WORDS = _meanings(
    """
    on: 有, 是, 已录音, 录音, 开, 1, true, yes
    off: 无, 否, 未录音, 关, 0, false, no
    """
)

SOURCE_WORDS = _meanings(
    """
    contract: 合同, 申请表
    given: 本人提供
    authorised: 授权
    public_record: 公开
    address_book: 通讯录
    purchased: 购买, 第三方购买
    """
)

MARK_WORDS = _meanings(
    """
    claims_to_be_authority: 冒充公检法, 冒充机关
    claims_to_be_lender: 冒充银行
    false_consequence: 虚假后果, 夸大后果
    threat: 威胁, 恐吓
    insult: 辱骂, 侮辱
    urges_new_borrowing: 诱导借贷, 以贷还贷
    extra_fee: 额外收费
    public_notice: 公开曝光, 曝光
    """
)
"""Marks of screening; `无` and `none` write that somebody screened and found nothing."""

STATE_WORDS = _meanings(
    """
    not_due: 未到期
    overdue: 逾期, 已逾期
    plan_performing: 协商还款中, 分期还款中
    plan_broken: 协商已违约
    disputed: 有异议, 争议
    settled: 已结清, 结清
    transferred_without_notice: 未通知转让
    """
)

PERSON_STATE_WORDS = _meanings(
    """
    normal: 正常
    deceased: 死亡, 身故
    hospitalised: 住院
    bereaved: 丧亲
    disaster: 受灾
    bankruptcy_stay: 破产
    no_capacity: 无行为能力
    limited_capacity: 限制行为能力
    minor: 未成年
    self_harm_risk: 自伤风险
    """
)

NO_MARKS = frozenset({"无", "none", "[]", "clean", "正常"})
