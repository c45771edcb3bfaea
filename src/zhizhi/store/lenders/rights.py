"""Who may do what: rights, one an idea, and the one table of which role has which.

Screens, endpoints, use cases and commands ask this table and nothing else. Which rows a role sees is its scope, at the
end; the database holds the same list in `zhizhi_scope_of`, and a test compares the two. Why it is so:
docs/decisions/0041-roles-and-rights.md.
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
    SEE_INCIDENTS = "see_incidents"
    SEE_HEALTH = "see_health"
    SEE_FIGURES = "see_figures"
    SEE_COMPLIANCE_FIGURES = "see_compliance_figures"
    SEE_SIGN_INS = "see_sign_ins"
    SEE_STAFF = "see_staff"
    CONTACT = "contact"
    RECORD = "record"
    RECORD_PAYMENT = "record_payment"
    SET_STOP = "set_stop"
    LIFT_STOP = "lift_stop"
    RULE_HOLD = "rule_hold"
    SETTLE_UNKNOWN = "settle_unknown"
    DRAFT_WORDING = "draft_wording"
    APPROVE_WORDING = "approve_wording"
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
    UNMASK = "unmask"
    ASK_LIMIT = "ask_limit"
    APPROVE_LIMIT = "approve_limit"

    @property
    def text(self) -> Text:
        """What it is called on screens and in documents."""
        return _TEXTS[self]

    @property
    def only_reads(self) -> bool:
        """Whether nothing is changed by it."""
        return self is Right.ENTER or self.value.startswith("see_")


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
    Right.SEE_INCIDENTS: Text("看事件", "see incidents"),
    Right.SEE_HEALTH: Text("看运行状况", "see how it runs"),
    Right.SEE_FIGURES: Text("看催收总览", "see the figures of collections"),
    Right.SEE_COMPLIANCE_FIGURES: Text("看合规总览", "see the figures of compliance"),
    Right.SEE_SIGN_INS: Text("看登录管理", "see who signs in"),
    Right.SEE_STAFF: Text("看人员", "see staff"),
    Right.CONTACT: Text("触达", "contact"),
    Right.RECORD: Text("记催记与客户意愿", "record notes and statements"),
    Right.RECORD_PAYMENT: Text("登记还款", "record payments"),
    Right.SET_STOP: Text("停催", "set stops"),
    Right.LIFT_STOP: Text("解除停催", "lift stops"),
    Right.RULE_HOLD: Text("核定", "rule on holds"),
    Right.SETTLE_UNKNOWN: Text("核定未定结果", "settle unknown outcomes"),
    Right.DRAFT_WORDING: Text("起草话术", "draft wordings"),
    Right.APPROVE_WORDING: Text("审批话术", "approve wordings"),
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
    Right.UNMASK: Text("凭理由查看明文", "see a value in the clear, on a ground"),
    Right.ASK_LIMIT: Text("申请改查看上限", "ask for another limit of clear values"),
    Right.APPROVE_LIMIT: Text("核准改查看上限", "approve another limit of clear values"),
}

_DESK = frozenset((Right.ENTER, Right.SEE_DAY, Right.SEE_CASES, Right.SEE_LAW))
_HANDLING = _DESK | {Right.RECORD, Right.SET_STOP}
# What somebody sees who answers for the collection of a team or of a lender.
_LEADING = _DESK | {
    Right.SEE_WHOLE_DECISIONS,
    Right.SEE_HOLDS,
    Right.SEE_UNKNOWN,
    Right.SEE_APPROVALS,
    Right.SEE_HEALTH,
    Right.SEE_FIGURES,
    Right.SET_STOP,
    Right.LIFT_STOP,
    Right.RULE_HOLD,
    Right.SETTLE_UNKNOWN,
}
_OVERSEEING = _LEADING | {
    Right.SEE_IMPORTS,
    Right.SEE_CAMPAIGNS,
    Right.SEE_IMPACT,
    Right.SEE_AUDITS,
    Right.SEE_RECONCILIATION,
    Right.SEE_INQUIRIES,
    Right.SEE_COMPLIANCE_FIGURES,
    Right.SEE_ASSESSMENTS,
    Right.HALT_CAMPAIGN,
    Right.WEIGH_RULES,
    Right.BRING_AUDIT,
    Right.TAKE_REFUSED_ROWS,
}
# Who has the second word has no first one: nobody drafts or explains here.
_SECOND_WORD = frozenset(
    (
        Right.APPROVE_WORDING,
        Right.ACTIVATE_STRATEGY,
        Right.ACTIVATE_HOUSE,
        Right.RULE_INQUIRY,
        Right.APPROVE_LIMIT,
        Right.SEE_STAFF,
        Right.APPROVE_STAFF,
        Right.APPROVE_ASSESSMENT,
    )
)
_CAMPAIGNING = frozenset((Right.MAKE_CAMPAIGN, Right.RUN_CAMPAIGN))
_IMPORTING = frozenset((Right.SEE_IMPORTS, Right.IMPORT, Right.TAKE_REFUSED_ROWS))

_INCIDENTS = frozenset((Right.SEE_INCIDENTS, Right.WORK_INCIDENT))

RIGHTS: dict[str, frozenset[Right]] = {
    "administrator": frozenset(
        (
            *(Right.ENTER, Right.SEE_LAW, Right.SEE_HEALTH, *_INCIDENTS),
            *(Right.SEE_SIGN_INS, Right.OPEN_SIGN_IN, Right.RESET_SIGN_IN, Right.SEE_STAFF, Right.ASK_STAFF),
        )
    ),
    "head": _OVERSEEING | _SECOND_WORD | _CAMPAIGNING | _IMPORTING | _INCIDENTS | {Right.SET_TARGET},
    "compliance": _OVERSEEING | _SECOND_WORD | _INCIDENTS | {Right.UNMASK, Right.SEE_VIEWS},
    "supervisor": _OVERSEEING
    | _HANDLING
    | _CAMPAIGNING
    | _IMPORTING
    | {
        Right.CONTACT,
        Right.RECORD_PAYMENT,
        Right.DRAFT_WORDING,
        Right.DRAFT_STRATEGY,
        Right.ANSWER_INQUIRY,
        Right.ASK_ASSESSMENT,
        Right.SEE_SIGN_INS,
        Right.SEE_STAFF,
        Right.OPEN_SIGN_IN,
        Right.UNMASK,
        Right.ASK_LIMIT,
    },
    "team_leader": _LEADING | _HANDLING | {Right.CONTACT, Right.RECORD_PAYMENT, Right.DRAFT_WORDING, Right.UNMASK},
    "quality": _DESK
    | {
        Right.SEE_WHOLE_DECISIONS,
        Right.SEE_AUDITS,
        Right.BRING_AUDIT,
        Right.SEE_RECONCILIATION,
        Right.SEE_INQUIRIES,
        Right.ANSWER_INQUIRY,
    },
    "assignment": _DESK
    | _IMPORTING
    | {
        Right.SEE_APPROVALS,
        Right.DRAFT_WORDING,
        Right.DRAFT_STRATEGY,
        Right.SEE_CAMPAIGNS,
        Right.MAKE_CAMPAIGN,
        Right.SEE_IMPACT,
        Right.WEIGH_RULES,
    },
    "settlement_approver": _HANDLING,
    "settlement_clerk": _HANDLING | {Right.RECORD_PAYMENT, Right.UNMASK},
    "complaint_handler": _HANDLING | {Right.CONTACT, Right.UNMASK},
    "legal": _HANDLING | {Right.UNMASK},
    "collector": _HANDLING | {Right.CONTACT, Right.RECORD_PAYMENT, Right.UNMASK},
    "agency_manager": _HANDLING | {Right.SEE_STAFF, Right.ASK_STAFF},
    "agency_collector": _HANDLING | {Right.CONTACT, Right.UNMASK},
    "field_officer": _HANDLING | {Right.CONTACT, Right.UNMASK},
    "auditor": frozenset(right for right in Right if right.only_reads),
    "borrower": frozenset(),  # the portal is to come; a role without a right opens nothing
    "contact_person": frozenset(),
    # What the scopes of a token open (store/api/scopes.py), never more: a test compares the two.
    SERVICE_ROLE: frozenset(
        (
            *(Right.LEASE, Right.SEE_CASES, Right.SEE_LAW, Right.SEE_IMPORTS),
            *(Right.CONTACT, Right.RECORD, Right.SET_STOP, Right.RECORD_PAYMENT, Right.IMPORT, Right.TAKE_REFUSED_ROWS),
        )
    ),
}


class Scope(StrEnum):
    """Which rows somebody sees."""

    LENDER = "lender"
    AGENCY = "agency"
    QUEUE = "queue"
    MATTER = "matter"
    SELF = "self"
    PERSON = "person"
    NONE = "none"


SCOPE_OF_ROLE: dict[str, Scope] = {
    "administrator": Scope.NONE,
    "head": Scope.LENDER,
    "compliance": Scope.LENDER,
    "supervisor": Scope.LENDER,
    "team_leader": Scope.QUEUE,
    "quality": Scope.LENDER,
    "assignment": Scope.LENDER,
    "settlement_approver": Scope.MATTER,
    "settlement_clerk": Scope.MATTER,
    "complaint_handler": Scope.MATTER,
    "legal": Scope.MATTER,
    "collector": Scope.SELF,
    "agency_manager": Scope.AGENCY,
    "agency_collector": Scope.SELF,
    "field_officer": Scope.SELF,
    "auditor": Scope.LENDER,
    "borrower": Scope.PERSON,
    "contact_person": Scope.PERSON,
    SERVICE_ROLE: Scope.LENDER,  # of an agency's token: that agency's open placements with this lender
}

SCOPE_TEXTS = {
    Scope.LENDER: Text(
        "本机构全部案件（未指定机构的岗位：各机构）", "all cases of the lender; of every lender where none is named"
    ),
    Scope.AGENCY: Text("委给本外包机构的在手案件", "open cases placed with the agency"),
    Scope.QUEUE: Text("本组催收员与本组队列的在手案件", "open cases of the team's collectors and queues"),
    Scope.MATTER: Text("事由归其办理的在手案件", "open cases whose matter is theirs"),
    Scope.SELF: Text("分给本人的在手案件", "open cases assigned to oneself"),
    Scope.PERSON: Text("本人", "oneself"),
    Scope.NONE: Text("不看任何客户与案件", "no person and no case"),
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
