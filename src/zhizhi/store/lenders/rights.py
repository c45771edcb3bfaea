"""Who may do what: rights, one an idea, and the one table of which role has which.

Screens, endpoints, use cases and commands ask this table and nothing else. Which rows a role sees is its scope
(`scopes.py`). Why it is so: docs/decisions/0041-roles-and-rights.md.
"""

from enum import StrEnum

from zhizhi.core.kernel.text import Text
from zhizhi.store.words import SERVICE_ROLE


class Right(StrEnum):
    """One thing that somebody may do; `SEE_` only reads."""

    ENTER = "enter"
    SEE_DAY = "see_day"
    SEE_CASES = "see_cases"
    SEE_LAW = "see_law"
    SEE_WHOLE_DECISIONS = "see_whole_decisions"
    SEE_HOLDS = "see_holds"
    SEE_UNKNOWN = "see_unknown"
    SEE_APPROVALS = "see_approvals"
    SEE_IMPORTS = "see_imports"
    SEE_CAMPAIGNS = "see_campaigns"
    SEE_IMPACT = "see_impact"
    SEE_AUDITS = "see_audits"
    SEE_RECONCILIATION = "see_reconciliation"
    SEE_INQUIRIES = "see_inquiries"
    SEE_VIEWS = "see_views"
    SEE_EXPORTS = "see_exports"
    SEE_INCIDENTS = "see_incidents"
    SEE_HEALTH = "see_health"
    SEE_FIGURES = "see_figures"
    SEE_COMPLIANCE_FIGURES = "see_compliance_figures"
    SEE_SIGN_INS = "see_sign_ins"
    SEE_STAFF = "see_staff"
    SEE_WEBHOOKS = "see_webhooks"
    CONTACT = "contact"
    RECORD = "record"
    RECORD_PAYMENT = "record_payment"
    SET_STOP = "set_stop"
    LIFT_STOP = "lift_stop"
    RULE_HOLD = "rule_hold"
    SETTLE_UNKNOWN = "settle_unknown"
    DRAFT_WORDING = "draft_wording"
    APPROVE_WORDING = "approve_wording"
    RECALL_WORDING = "recall_wording"
    KEEP_FILINGS = "keep_filings"
    APPROVE_FILING = "approve_filing"
    DRAFT_STRATEGY = "draft_strategy"
    ACTIVATE_STRATEGY = "activate_strategy"
    ACTIVATE_HOUSE = "activate_house"
    IMPORT = "import"
    TAKE_REFUSED_ROWS = "take_refused_rows"
    MAKE_CAMPAIGN = "make_campaign"
    RUN_CAMPAIGN = "run_campaign"
    HALT_CAMPAIGN = "halt_campaign"
    WEIGH_RULES = "weigh_rules"
    BRING_AUDIT = "bring_audit"
    ANSWER_INQUIRY = "answer_inquiry"
    RULE_INQUIRY = "rule_inquiry"
    OPEN_SIGN_IN = "open_sign_in"
    RESET_SIGN_IN = "reset_sign_in"
    SET_TARGET = "set_target"
    SEE_ASSESSMENTS = "see_assessments"
    ASK_ASSESSMENT = "ask_assessment"
    APPROVE_ASSESSMENT = "approve_assessment"
    WORK_INCIDENT = "work_incident"
    ASK_STAFF = "ask_staff"
    APPROVE_STAFF = "approve_staff"
    LEASE = "lease"
    KEEP_WEBHOOKS = "keep_webhooks"
    REPLAY_WEBHOOKS = "replay_webhooks"
    TAKE_EXPORT = "take_export"
    APPROVE_EXPORT = "approve_export"
    UNMASK = "unmask"
    ASK_LIMIT = "ask_limit"
    APPROVE_LIMIT = "approve_limit"
    KEEP_CANARIES = "keep_canaries"
    SEE_ASSIGNMENT = "see_assignment"
    ASSIGN = "assign"
    KEEP_SEATS = "keep_seats"
    BAR_COLLECTOR = "bar_collector"
    SEE_PLACEMENTS = "see_placements"
    ASK_PLACEMENT = "ask_placement"
    APPROVE_PLACEMENT = "approve_placement"
    END_PLACEMENT = "end_placement"
    RETURN_PLACEMENT = "return_placement"
    SEE_REMITTANCES = "see_remittances"
    SETTLE_REMITTANCE = "settle_remittance"
    APPROVE_REMITTANCE = "approve_remittance"
    SEE_COMMISSION = "see_commission"
    ASK_RATE_CARD = "ask_rate_card"
    APPROVE_RATE_CARD = "approve_rate_card"
    SETTLE_COMMISSION = "settle_commission"
    ANSWER_COMMISSION = "answer_commission"
    SEE_RELIEF = "see_relief"
    PROPOSE_RELIEF = "propose_relief"
    APPROVE_RELIEF = "approve_relief"
    APPROVE_LARGE_RELIEF = "approve_large_relief"
    SET_RELIEF_POOL = "set_relief_pool"
    CERTIFY = "certify"
    SEE_REQUESTS = "see_requests"
    ANSWER_REQUEST = "answer_request"
    SEE_SUITS = "see_suits"
    WORK_SUIT = "work_suit"
    KEEP_COURT_FEE = "keep_court_fee"
    APPROVE_COURT_FEE = "approve_court_fee"
    KEEP_LAW_FIRM = "keep_law_firm"
    SEE_NUMBERS = "see_numbers"
    KEEP_NUMBERS = "keep_numbers"
    REST_NUMBER = "rest_number"
    APPROVE_NUMBER = "approve_number"
    KEEP_TRUTHS = "keep_truths"
    SEE_BULK_STOPS = "see_bulk_stops"
    SET_BULK_STOP = "set_bulk_stop"
    APPROVE_BULK_LIFT = "approve_bulk_lift"
    SEE_CREDITORS = "see_creditors"
    ASK_CREDITOR = "ask_creditor"
    APPROVE_CREDITOR = "approve_creditor"
    PROVE_NOTICE = "prove_notice"
    SEE_QUALITY = "see_quality"
    DRAW_QUALITY = "draw_quality"
    REVIEW_QUALITY = "review_quality"
    APPEAL_QUALITY = "appeal_quality"
    RULE_QUALITY = "rule_quality"
    FOLLOW_QUALITY = "follow_quality"

    @property
    def text(self) -> Text:
        """What it is called on screens and in documents."""
        return _TEXTS[self]

    @property
    def only_reads(self) -> bool:
        """Whether nothing is changed by it; a copy that is taken changes nothing, and leaves a trace."""
        return self in (Right.ENTER, Right.TAKE_EXPORT) or self.value.startswith("see_")


_TEXTS = {
    Right.ENTER: Text("登录进入", "enter"),
    Right.SEE_DAY: Text("看今日", "see the day"),
    Right.SEE_CASES: Text("看案件", "see cases"),
    Right.SEE_LAW: Text("看规则、试算", "see the law and try cases"),
    Right.SEE_WHOLE_DECISIONS: Text("看第三人判定全文", "see whole decisions about third persons"),
    Right.SEE_HOLDS: Text("看待人工核定", "see holds"),
    Right.SEE_UNKNOWN: Text("看结果未定", "see unknown outcomes"),
    Right.SEE_APPROVALS: Text("看审批", "see approvals"),
    Right.SEE_IMPORTS: Text("看导入", "see imports"),
    Right.SEE_CAMPAIGNS: Text("看群发", "see campaigns"),
    Right.SEE_IMPACT: Text("看规则影响", "see impact runs"),
    Right.SEE_AUDITS: Text("看触达审计", "see audits"),
    Right.SEE_RECONCILIATION: Text("看对账", "see reconciliation"),
    Right.SEE_INQUIRIES: Text("看违规核查", "see breach inquiries"),
    Right.SEE_VIEWS: Text("看查看记录", "see who saw whom"),
    Right.SEE_EXPORTS: Text("看导出", "see exports"),
    Right.SEE_INCIDENTS: Text("看事件", "see incidents"),
    Right.SEE_HEALTH: Text("看运行状况", "see how it runs"),
    Right.SEE_FIGURES: Text("看催收总览", "see the figures of collections"),
    Right.SEE_COMPLIANCE_FIGURES: Text("看合规总览", "see the figures of compliance"),
    Right.SEE_SIGN_INS: Text("看登录管理", "see who signs in"),
    Right.SEE_STAFF: Text("看人员", "see staff"),
    Right.SEE_WEBHOOKS: Text("看通知送达", "see webhook deliveries"),
    Right.CONTACT: Text("触达", "contact"),
    Right.RECORD: Text("记催记与客户意愿", "record notes and statements"),
    Right.RECORD_PAYMENT: Text("登记还款", "record payments"),
    Right.SET_STOP: Text("停催", "set stops"),
    Right.LIFT_STOP: Text("解除停催", "lift stops"),
    Right.RULE_HOLD: Text("核定", "rule on holds"),
    Right.SETTLE_UNKNOWN: Text("核定未定结果", "settle unknown outcomes"),
    Right.DRAFT_WORDING: Text("起草话术", "draft wordings"),
    Right.APPROVE_WORDING: Text("审批话术", "approve wordings"),
    Right.RECALL_WORDING: Text("停用话术、写明跟进", "withdraw wordings and say what was done about them"),
    Right.KEEP_FILINGS: Text("登记运营商报备", "record filings with carriers"),
    Right.APPROVE_FILING: Text("核准报备通过", "approve that a filing stands"),
    Right.DRAFT_STRATEGY: Text("起草策略", "draft strategies"),
    Right.ACTIVATE_STRATEGY: Text("启用策略", "activate strategies"),
    Right.ACTIVATE_HOUSE: Text("启用内部规则包", "activate house packs"),
    Right.IMPORT: Text("导入文件", "import files"),
    Right.TAKE_REFUSED_ROWS: Text("下载未通过的行", "take refused rows away"),
    Right.MAKE_CAMPAIGN: Text("新建群发", "make campaigns"),
    Right.RUN_CAMPAIGN: Text("启动、恢复、限速群发", "start, resume and throttle campaigns"),
    Right.HALT_CAMPAIGN: Text("暂停、取消群发", "pause and cancel campaigns"),
    Right.WEIGH_RULES: Text("测算规则影响", "weigh rules"),
    Right.BRING_AUDIT: Text("提交触达审计", "bring logs to be audited"),
    Right.ANSWER_INQUIRY: Text("说明违规核查", "explain breach inquiries"),
    Right.RULE_INQUIRY: Text("裁定违规核查", "rule on breach inquiries"),
    Right.OPEN_SIGN_IN: Text("解除登录锁定", "open a lock of sign-in"),
    Right.RESET_SIGN_IN: Text("结束会话、重置第二因素", "end sessions, take second factors away"),
    Right.SET_TARGET: Text("定回款目标", "set targets"),
    Right.SEE_ASSESSMENTS: Text("看影响评估", "see impact assessments"),
    Right.ASK_ASSESSMENT: Text("提交影响评估", "ask for impact assessments"),
    Right.APPROVE_ASSESSMENT: Text("批准影响评估", "approve impact assessments"),
    Right.WORK_INCIDENT: Text("登记、处置与关闭事件", "open, work and close incidents"),
    Right.ASK_STAFF: Text("申请人员变动、办理离岗、发出邀请", "ask for changes of staff, turn out, invite"),
    Right.APPROVE_STAFF: Text("审批人员变动", "approve changes of staff"),
    Right.LEASE: Text("租用许可（接口）", "lease permits (API)"),
    Right.KEEP_WEBHOOKS: Text("订阅通知（接口）", "keep webhook endpoints (API)"),
    Right.REPLAY_WEBHOOKS: Text("重发通知", "replay webhooks"),
    Right.TAKE_EXPORT: Text("导出文件（限量、留痕）", "take files away, within limits, with a trace"),
    Right.APPROVE_EXPORT: Text("批准导出", "approve exports"),
    Right.UNMASK: Text("凭理由查看明文", "see a value in the clear, on a ground"),
    Right.ASK_LIMIT: Text("申请改查看上限", "ask for another limit of clear values"),
    Right.APPROVE_LIMIT: Text("核准改查看上限", "approve another limit of clear values"),
    Right.KEEP_CANARIES: Text("布设诱饵档案、核定其告警", "plant canaries and rule on their alarms"),
    Right.SEE_ASSIGNMENT: Text("看案件分配", "see assignments"),
    Right.ASSIGN: Text("分配、重新分配、撤销分配", "assign, deal anew, undo assignments"),
    Right.KEEP_SEATS: Text("登记休假与培训", "record absences and schooling"),
    Right.BAR_COLLECTOR: Text("设定回避、保留协商", "bar collectors, reserve negotiations"),
    Right.SEE_PLACEMENTS: Text("看委外", "see placements"),
    Right.ASK_PLACEMENT: Text("提交委案批次", "ask for placements"),
    Right.APPROVE_PLACEMENT: Text("批准委案移交", "approve placements"),
    Right.END_PLACEMENT: Text("撤案、留案", "recall cases and extend placements"),
    Right.SEE_REMITTANCES: Text("看来款", "see money that came in"),
    Right.SETTLE_REMITTANCE: Text(
        "处理来款、申请冲正与退还", "settle money that came in, ask for reversals and refunds"
    ),
    Right.APPROVE_REMITTANCE: Text("批准来款处理", "approve what is done with money"),
    Right.RETURN_PLACEMENT: Text("退案", "give cases back"),
    Right.SEE_COMMISSION: Text("看佣金", "see commission"),
    Right.ASK_RATE_CARD: Text("提交佣金费率表", "ask for rate cards"),
    Right.APPROVE_RATE_CARD: Text("批准佣金费率表", "approve rate cards"),
    Right.SETTLE_COMMISSION: Text("出佣金对账单、答复分歧、签署", "make, answer and sign statements of commission"),
    Right.ANSWER_COMMISSION: Text(
        "对佣金对账单提分歧、签署（委外）", "dispute and sign statements of commission, for an agency"
    ),
    Right.SEE_RELIEF: Text("看协商减免总览", "see the lender's relief"),
    Right.PROPOSE_RELIEF: Text("试算、提出、告知协商减免", "try, propose and give relief"),
    Right.APPROVE_RELIEF: Text("审批协商减免", "approve relief"),
    Right.APPROVE_LARGE_RELIEF: Text("审批大额或长期协商减免", "approve large or long relief"),
    Right.SET_RELIEF_POOL: Text("定减免额度", "set the pool of relief"),
    Right.CERTIFY: Text("出具结清证明", "certify that debts are settled"),
    Right.SEE_REQUESTS: Text("看诉求总览", "see the requests that wait"),
    Right.ANSWER_REQUEST: Text("答复、复核诉求", "answer requests and look again"),
    Right.SEE_SUITS: Text("看诉讼调解", "see court files"),
    Right.WORK_SUIT: Text("建卷、办理诉讼步骤、委派律所", "open court files, work their steps, give them to firms"),
    Right.KEEP_COURT_FEE: Text("登记诉讼费用", "keep court fees"),
    Right.APPROVE_COURT_FEE: Text("批准诉讼费用", "approve court fees"),
    Right.KEEP_LAW_FIRM: Text("登记律师事务所", "keep law firms"),
    Right.SEE_NUMBERS: Text("看号码库", "see outbound numbers"),
    Right.KEEP_NUMBERS: Text("登记外呼号码与其报备", "keep outbound numbers and their filings"),
    Right.REST_NUMBER: Text("登记标记与投诉、停用或休息外呼号码", "mark, rest and block outbound numbers"),
    Right.APPROVE_NUMBER: Text("核准外呼号码启用", "approve that calls go out from a number"),
    Right.KEEP_TRUTHS: Text("登记债权的真实后果（征信、计息、到期）", "keep what is true of debts"),
    Right.SEE_BULK_STOPS: Text("看批量停催", "see bulk stops"),
    Right.SET_BULK_STOP: Text("设定批量停催、申请提前解除", "set bulk stops and ask to lift them early"),
    Right.SEE_QUALITY: Text("看质检", "see quality reviews"),
    Right.DRAW_QUALITY: Text("抽取质检样本", "draw contacts to be reviewed"),
    Right.REVIEW_QUALITY: Text("质检", "review contacts"),
    Right.APPEAL_QUALITY: Text("对本人的质检申诉", "appeal reviews of one's own contacts"),
    Right.RULE_QUALITY: Text("复核质检申诉", "rule on appeals of reviews"),
    Right.FOLLOW_QUALITY: Text("处理质检结果", "say what comes of a review"),
    Right.APPROVE_BULK_LIFT: Text("批准提前解除批量停催", "approve that a bulk stop is lifted early"),
    Right.SEE_CREDITORS: Text("看债权人变更", "see changes of creditor"),
    Right.ASK_CREDITOR: Text("登记债权人、申请债权人变更", "keep creditors, ask for changes of creditor"),
    Right.APPROVE_CREDITOR: Text("批准债权人变更", "approve changes of creditor"),
    Right.PROVE_NOTICE: Text("登记债权人变更通知送达", "prove that notice of a change of creditor arrived"),
}

_DESK = frozenset((Right.ENTER, Right.SEE_DAY, Right.SEE_CASES, Right.SEE_LAW, Right.SEE_BULK_STOPS, Right.SEE_QUALITY))
_EXPORTING = frozenset((Right.SEE_EXPORTS, Right.TAKE_EXPORT))
_HANDLING = _DESK | {Right.RECORD, Right.SET_STOP}
# What somebody sees who answers for the collection of a team or of a lender.
_LEADING = _DESK | {
    Right.SEE_WHOLE_DECISIONS,
    Right.SEE_HOLDS,
    Right.SEE_UNKNOWN,
    Right.SEE_APPROVALS,
    Right.SEE_HEALTH,
    Right.SEE_FIGURES,
    Right.SEE_RELIEF,
    Right.SEE_REQUESTS,
    Right.ANSWER_REQUEST,
    *_EXPORTING,
    Right.SET_STOP,
    Right.LIFT_STOP,
    Right.RULE_HOLD,
    Right.SETTLE_UNKNOWN,
    Right.BAR_COLLECTOR,
}
_OVERSEEING = _LEADING | {
    *(Right.SEE_IMPORTS, Right.SEE_CAMPAIGNS, Right.SEE_IMPACT, Right.SEE_AUDITS),
    Right.SEE_RECONCILIATION,
    Right.SEE_INQUIRIES,
    Right.SEE_COMPLIANCE_FIGURES,
    Right.SEE_ASSESSMENTS,
    Right.SEE_ASSIGNMENT,
    Right.SEE_PLACEMENTS,
    Right.END_PLACEMENT,
    *(Right.SEE_COMMISSION, Right.SEE_SUITS, Right.SEE_CREDITORS),
    Right.HALT_CAMPAIGN,
    Right.SEE_NUMBERS,
    Right.REST_NUMBER,
    Right.RECALL_WORDING,
    Right.SET_BULK_STOP,
    *(Right.WEIGH_RULES, Right.BRING_AUDIT, Right.TAKE_REFUSED_ROWS),
}
# Who has the second word has no first one: nobody drafts or explains here.
_SECOND_WORD = frozenset(
    (
        Right.APPROVE_WORDING,
        Right.APPROVE_FILING,
        Right.APPROVE_NUMBER,
        Right.APPROVE_BULK_LIFT,
        Right.ACTIVATE_STRATEGY,
        Right.ACTIVATE_HOUSE,
        Right.RULE_INQUIRY,
        Right.APPROVE_LIMIT,
        Right.APPROVE_EXPORT,
        Right.SEE_STAFF,
        Right.APPROVE_STAFF,
        Right.APPROVE_ASSESSMENT,
        Right.APPROVE_PLACEMENT,
        Right.APPROVE_RATE_CARD,
    )
)
_MONEY = frozenset((Right.SEE_REMITTANCES, Right.SETTLE_REMITTANCE))
_CAMPAIGNING = frozenset((Right.MAKE_CAMPAIGN, Right.RUN_CAMPAIGN))
_ASSIGNING = frozenset((Right.SEE_ASSIGNMENT, Right.ASSIGN, Right.KEEP_SEATS, Right.BAR_COLLECTOR))
_IMPORTING = frozenset((Right.SEE_IMPORTS, Right.IMPORT, Right.TAKE_REFUSED_ROWS))

_GRANTING = frozenset((Right.APPROVE_RELIEF, Right.APPROVE_LARGE_RELIEF, Right.SET_RELIEF_POOL))
_HEARING = frozenset((Right.SEE_REQUESTS, Right.ANSWER_REQUEST))
_COMMISSION = frozenset((Right.SEE_COMMISSION, Right.SETTLE_COMMISSION, *_EXPORTING))
_INCIDENTS = frozenset((Right.SEE_INCIDENTS, Right.WORK_INCIDENT))
_SUING = frozenset((Right.SEE_SUITS, Right.WORK_SUIT, Right.KEEP_COURT_FEE, Right.KEEP_TRUTHS))
_ASSIGNING_DEBTS = frozenset((Right.SEE_CREDITORS, Right.ASK_CREDITOR, Right.PROVE_NOTICE))

RIGHTS: dict[str, frozenset[Right]] = {
    "administrator": frozenset(
        (
            *(Right.ENTER, Right.SEE_LAW, Right.SEE_HEALTH, *_INCIDENTS),
            *(Right.SEE_SIGN_INS, Right.OPEN_SIGN_IN, Right.RESET_SIGN_IN, Right.SEE_STAFF, Right.ASK_STAFF),
            *(Right.SEE_WEBHOOKS, Right.REPLAY_WEBHOOKS),
        )
    ),
    "head": _OVERSEEING
    | _SECOND_WORD
    | _CAMPAIGNING
    | _IMPORTING
    | _INCIDENTS
    | _GRANTING
    | {
        Right.SET_TARGET,
        Right.SEE_REMITTANCES,
        Right.APPROVE_REMITTANCE,
        Right.APPROVE_COURT_FEE,
        Right.APPROVE_CREDITOR,
        Right.FOLLOW_QUALITY,
    },
    "compliance": _OVERSEEING
    | _SECOND_WORD
    | _INCIDENTS
    | {Right.UNMASK, Right.SEE_VIEWS, Right.KEEP_CANARIES, Right.SEE_REMITTANCES}
    | {Right.DRAW_QUALITY, Right.RULE_QUALITY},
    "supervisor": _OVERSEEING
    | _HANDLING
    | _CAMPAIGNING
    | _IMPORTING
    | _ASSIGNING
    | _MONEY
    | _SUING
    | _ASSIGNING_DEBTS
    | {
        Right.KEEP_LAW_FIRM,
        Right.FOLLOW_QUALITY,
        Right.APPEAL_QUALITY,
        Right.CONTACT,
        Right.RECORD_PAYMENT,
        Right.DRAFT_WORDING,
        Right.KEEP_FILINGS,
        Right.KEEP_NUMBERS,
        Right.DRAFT_STRATEGY,
        Right.ANSWER_INQUIRY,
        Right.ASK_ASSESSMENT,
        Right.ASK_PLACEMENT,
        Right.ASK_RATE_CARD,
        Right.SEE_SIGN_INS,
        Right.SEE_STAFF,
        Right.OPEN_SIGN_IN,
        Right.UNMASK,
        Right.ASK_LIMIT,
        Right.PROPOSE_RELIEF,
        Right.CERTIFY,
    },
    "team_leader": _LEADING
    | _HANDLING
    | {Right.CONTACT, Right.RECORD_PAYMENT, Right.DRAFT_WORDING, Right.UNMASK, Right.PROPOSE_RELIEF}
    | {Right.APPEAL_QUALITY},
    "quality": _DESK
    | _EXPORTING
    | {
        Right.SEE_WHOLE_DECISIONS,
        Right.SEE_AUDITS,
        Right.BRING_AUDIT,
        Right.SEE_RECONCILIATION,
        Right.SEE_INQUIRIES,
        Right.ANSWER_INQUIRY,
        *(Right.DRAW_QUALITY, Right.REVIEW_QUALITY, Right.RULE_QUALITY),
    },
    "assignment": _DESK
    | _EXPORTING
    | _IMPORTING
    | _ASSIGNING
    | {
        Right.SEE_APPROVALS,
        Right.DRAFT_WORDING,
        Right.KEEP_FILINGS,
        *(Right.SEE_NUMBERS, Right.KEEP_NUMBERS, Right.REST_NUMBER),
        Right.DRAFT_STRATEGY,
        Right.SEE_CAMPAIGNS,
        Right.MAKE_CAMPAIGN,
        Right.SEE_IMPACT,
        Right.WEIGH_RULES,
        Right.SEE_PLACEMENTS,
        Right.ASK_PLACEMENT,
        Right.END_PLACEMENT,
    },
    "settlement_approver": _HANDLING
    | _HEARING
    | {
        *(Right.SEE_APPROVALS, Right.SEE_RELIEF, Right.APPROVE_RELIEF),
        *(Right.SEE_REMITTANCES, Right.APPROVE_REMITTANCE),
    },
    "settlement_clerk": _HANDLING
    | _MONEY
    | _COMMISSION
    | {Right.RECORD_PAYMENT, Right.UNMASK, Right.SEE_RELIEF, Right.PROPOSE_RELIEF, Right.SEE_APPROVALS}
    | {Right.CERTIFY, Right.KEEP_TRUTHS, Right.SEE_CREDITORS, Right.PROVE_NOTICE, Right.SEE_REQUESTS},
    "complaint_handler": _HANDLING | _HEARING | {Right.CONTACT, Right.UNMASK, Right.BAR_COLLECTOR},
    "legal": _HANDLING | _SUING | _ASSIGNING_DEBTS | {Right.UNMASK, Right.SEE_APPROVALS},
    "collector": _HANDLING
    | {Right.CONTACT, Right.RECORD_PAYMENT, Right.UNMASK, Right.PROPOSE_RELIEF, Right.APPEAL_QUALITY},
    "agency_manager": _HANDLING
    | {
        *(Right.SEE_STAFF, Right.ASK_STAFF, Right.SEE_PLACEMENTS, Right.RETURN_PLACEMENT),
        *(Right.SEE_COMMISSION, Right.ANSWER_COMMISSION),
    },
    "agency_collector": _HANDLING | {Right.CONTACT, Right.UNMASK, Right.APPEAL_QUALITY},
    "field_officer": _HANDLING | {Right.CONTACT, Right.UNMASK, Right.APPEAL_QUALITY},
    "auditor": frozenset(right for right in Right if right.only_reads),
    "borrower": frozenset(),  # the portal is to come; a role without a right opens nothing
    "contact_person": frozenset(),
    # What the scopes of a token open (store/api/scopes.py), never more: a test compares the two.
    SERVICE_ROLE: frozenset(
        (
            *(Right.LEASE, Right.SEE_CASES, Right.SEE_LAW, Right.SEE_IMPORTS),
            *(Right.CONTACT, Right.RECORD, Right.SET_STOP, Right.RECORD_PAYMENT, Right.IMPORT, Right.TAKE_REFUSED_ROWS),
            *(Right.SEE_WEBHOOKS, Right.KEEP_WEBHOOKS, Right.REPLAY_WEBHOOKS),
        )
    ),
}


def roles_with(right: Right) -> tuple[str, ...]:
    """The roles that have a right."""
    return tuple(role for role in RIGHTS if right in RIGHTS[role])


def rights_of(role: str) -> frozenset[Right]:
    """What a role may do; an unknown role may do nothing."""
    return RIGHTS.get(role, frozenset())


def may(role: str, right: Right) -> bool:
    """Whether a role has a right."""
    return right in rights_of(role)
