"""Lanes, states and steps of a court file: closed lists that tables check and screens speak."""

from enum import StrEnum

from zhizhi.core.kernel.text import Text


class Lane(StrEnum):
    """By which way a debt is brought to an enforceable end."""

    MEDIATION = "mediation"
    PAYMENT_ORDER = "payment_order"
    SUIT = "suit"
    SMALL_CLAIM = "small_claim"
    NOTARISED = "notarised"
    ARBITRATION = "arbitration"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _LANES[self]


class State(StrEnum):
    """Where a file stands."""

    PREPARED = "prepared"
    MEDIATING = "mediating"
    MEDIATED = "mediated"
    CONFIRMING = "confirming"
    ORDER_ASKED = "order_asked"
    ORDER_ACCEPTED = "order_accepted"
    ORDER_ISSUED = "order_issued"
    ORDER_SERVED = "order_served"
    ORDER_LAPSED = "order_lapsed"
    FILED = "filed"
    CORRECTING = "correcting"
    ACCEPTED = "accepted"
    ANNOUNCED = "announced"
    SERVED = "served"
    HEARD = "heard"
    DECIDED = "decided"
    APPEALED = "appealed"
    CERTIFICATE_ASKED = "certificate_asked"
    ARBITRATION_ASKED = "arbitration_asked"
    ARBITRATING = "arbitrating"
    SETTLED = "settled"
    EFFECTIVE = "effective"
    ENFORCING = "enforcing"
    STAYED = "stayed"
    ENDED = "ended"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _STATES[self]


class Step(StrEnum):
    """What happens to a file, by whoever does it."""

    PREPARE = "prepare"
    PRESERVE = "preserve"
    ASK_MEDIATION = "ask_mediation"
    MEDIATION_FAILS = "mediation_fails"
    MEDIATION_AGREED = "mediation_agreed"
    ASK_CONFIRMATION = "ask_confirmation"
    CONFIRMED = "confirmed"
    CONFIRMATION_REFUSED = "confirmation_refused"
    ASK_ORDER = "ask_order"
    ORDER_ACCEPTED = "order_accepted"
    ORDER_REFUSED = "order_refused"
    ORDER_ISSUED = "order_issued"
    ORDER_SERVED = "order_served"
    ORDER_OBJECTED = "order_objected"
    ORDER_NOT_SERVED = "order_not_served"
    ORDER_STANDS = "order_stands"
    REFUSE_SUIT = "refuse_suit"
    BECOMES_SUIT = "becomes_suit"
    FILE = "file"
    CORRECTION_ASKED = "correction_asked"
    CORRECT = "correct"
    FILING_REFUSED = "filing_refused"
    FILING_ACCEPTED = "filing_accepted"
    PAY_FEE = "pay_fee"
    SERVICE_TRIED = "service_tried"
    SERVICE_ANNOUNCED = "service_announced"
    SERVED = "served"
    HEARING_SET = "hearing_set"
    HEARD = "heard"
    JUDGED = "judged"
    APPEAL = "appeal"
    APPEAL_JUDGED = "appeal_judged"
    BECOMES_EFFECTIVE = "becomes_effective"
    COURT_MEDIATED = "court_mediated"
    DISMISSED = "dismissed"
    ASK_CERTIFICATE = "ask_certificate"
    CERTIFICATE_ISSUED = "certificate_issued"
    CERTIFICATE_REFUSED = "certificate_refused"
    ASK_ARBITRATION = "ask_arbitration"
    ARBITRATION_ACCEPTED = "arbitration_accepted"
    ARBITRATION_REFUSED = "arbitration_refused"
    AWARDED = "awarded"
    SETTLE = "settle"
    SETTLEMENT_BROKEN = "settlement_broken"
    ASK_ENFORCEMENT = "ask_enforcement"
    ENFORCEMENT_STAYED = "enforcement_stayed"
    ENFORCEMENT_RESUMED = "enforcement_resumed"
    PAID = "paid"
    WITHDRAW = "withdraw"
    CLOSE = "close"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _STEPS[self]


_LANES = {
    Lane.MEDIATION: Text("调解", "mediation"),
    Lane.PAYMENT_ORDER: Text("支付令", "payment order"),
    Lane.SUIT: Text("起诉", "suit"),
    Lane.SMALL_CLAIM: Text("小额诉讼", "small claim"),
    Lane.NOTARISED: Text("赋强公证", "notarised instrument"),
    Lane.ARBITRATION: Text("仲裁", "arbitration"),
}
_STATES = {
    State.PREPARED: Text("材料准备", "prepared"),
    State.MEDIATING: Text("调解中", "in mediation"),
    State.MEDIATED: Text("调解协议履行中", "mediation agreement being kept"),
    State.CONFIRMING: Text("司法确认中", "confirmation asked of the court"),
    State.ORDER_ASKED: Text("支付令已申请", "payment order applied for"),
    State.ORDER_ACCEPTED: Text("支付令已受理", "application accepted"),
    State.ORDER_ISSUED: Text("支付令已发出", "payment order issued"),
    State.ORDER_SERVED: Text("支付令已送达", "payment order served"),
    State.ORDER_LAPSED: Text("支付令失效", "payment order lapsed"),
    State.FILED: Text("已递交立案", "filed"),
    State.CORRECTING: Text("补正中", "papers to be corrected"),
    State.ACCEPTED: Text("已立案", "accepted by the court"),
    State.ANNOUNCED: Text("公告送达中", "served by public notice"),
    State.SERVED: Text("已送达", "served"),
    State.HEARD: Text("已开庭", "heard"),
    State.DECIDED: Text("已判决", "decided"),
    State.APPEALED: Text("上诉中", "on appeal"),
    State.CERTIFICATE_ASKED: Text("执行证书申请中", "execution certificate asked for"),
    State.ARBITRATION_ASKED: Text("已申请仲裁", "arbitration asked for"),
    State.ARBITRATING: Text("仲裁中", "in arbitration"),
    State.SETTLED: Text("和解履行中", "settlement being kept"),
    State.EFFECTIVE: Text("文书已生效", "enforceable"),
    State.ENFORCING: Text("执行中", "in enforcement"),
    State.STAYED: Text("终结本次执行", "enforcement stayed"),
    State.ENDED: Text("已结", "ended"),
}
_STEPS = {
    Step.PREPARE: Text("建卷", "open the file"),
    Step.PRESERVE: Text("诉前保全裁定", "pre-suit preservation granted"),
    Step.ASK_MEDIATION: Text("申请调解", "ask for mediation"),
    Step.MEDIATION_FAILS: Text("调解不成", "mediation fails"),
    Step.MEDIATION_AGREED: Text("达成调解协议", "mediation agreement"),
    Step.ASK_CONFIRMATION: Text("申请司法确认", "ask the court to confirm"),
    Step.CONFIRMED: Text("裁定确认有效", "confirmed"),
    Step.CONFIRMATION_REFUSED: Text("驳回确认申请", "confirmation refused"),
    Step.ASK_ORDER: Text("申请支付令", "apply for a payment order"),
    Step.ORDER_ACCEPTED: Text("支付令受理", "application accepted"),
    Step.ORDER_REFUSED: Text("支付令不受理或驳回", "application refused"),
    Step.ORDER_ISSUED: Text("发出支付令", "order issued"),
    Step.ORDER_SERVED: Text("支付令送达", "order served"),
    Step.ORDER_OBJECTED: Text("书面异议成立", "written objection upheld"),
    Step.ORDER_NOT_SERVED: Text("三十日未能送达", "not served within thirty days"),
    Step.ORDER_STANDS: Text("期满无异议", "no objection in time"),
    Step.REFUSE_SUIT: Text("不同意转入诉讼", "refuse the suit"),
    Step.BECOMES_SUIT: Text("转入诉讼", "becomes a suit"),
    Step.FILE: Text("递交立案材料", "file the papers"),
    Step.CORRECTION_ASKED: Text("法院要求补正", "the court asks for corrections"),
    Step.CORRECT: Text("补正后再递交", "send the corrected papers"),
    Step.FILING_REFUSED: Text("不予受理", "filing refused"),
    Step.FILING_ACCEPTED: Text("立案", "filing accepted"),
    Step.PAY_FEE: Text("缴纳诉讼费", "pay the court fee"),
    Step.SERVICE_TRIED: Text("送达未成", "service tried"),
    Step.SERVICE_ANNOUNCED: Text("公告送达", "service by public notice"),
    Step.SERVED: Text("送达", "served"),
    Step.HEARING_SET: Text("排期开庭", "hearing set"),
    Step.HEARD: Text("开庭", "heard"),
    Step.JUDGED: Text("判决送达", "judgment served"),
    Step.APPEAL: Text("上诉", "appeal"),
    Step.APPEAL_JUDGED: Text("二审裁判", "decided on appeal"),
    Step.BECOMES_EFFECTIVE: Text("判决生效", "judgment takes effect"),
    Step.COURT_MEDIATED: Text("法院调解书", "mediated by the court"),
    Step.DISMISSED: Text("驳回", "dismissed"),
    Step.ASK_CERTIFICATE: Text("申请执行证书", "ask for an execution certificate"),
    Step.CERTIFICATE_ISSUED: Text("出具执行证书", "execution certificate issued"),
    Step.CERTIFICATE_REFUSED: Text("不予出具执行证书", "execution certificate refused"),
    Step.ASK_ARBITRATION: Text("申请仲裁", "ask for arbitration"),
    Step.ARBITRATION_ACCEPTED: Text("仲裁受理", "arbitration accepted"),
    Step.ARBITRATION_REFUSED: Text("仲裁不受理", "arbitration refused"),
    Step.AWARDED: Text("仲裁裁决", "award"),
    Step.SETTLE: Text("达成和解", "settle"),
    Step.SETTLEMENT_BROKEN: Text("未按约履行", "agreement broken"),
    Step.ASK_ENFORCEMENT: Text("申请执行", "apply for enforcement"),
    Step.ENFORCEMENT_STAYED: Text("终结本次执行", "enforcement stayed"),
    Step.ENFORCEMENT_RESUMED: Text("恢复执行", "enforcement resumed"),
    Step.PAID: Text("履行完毕", "all is paid"),
    Step.WITHDRAW: Text("撤回", "withdraw"),
    Step.CLOSE: Text("结卷", "close the file"),
}
