"""Closed lists: facts that are kept of a debt, who keeps them, how a notice was served, what a wording may claim."""

from enum import StrEnum

from zhizhi.core.kernel.text import Text


class Fact(StrEnum):
    """What is kept of a debt as true or as not true, from a day on; nothing kept is unknown, and never true."""

    CREDIT_REPORTING = "credit_reporting"
    ADVERSE_NOTICE = "adverse_notice"
    ADVERSE_REPORTED = "adverse_reported"
    INTEREST_STOPPED = "interest_stopped"
    ACCELERATED = "accelerated"

    @property
    def label(self) -> Text:
        """On screens."""
        return _FACTS[self]


_FACTS = {
    Fact.CREDIT_REPORTING: Text("债权人向征信系统报送本笔债权", "the creditor reports this debt to credit reporting"),
    Fact.ADVERSE_NOTICE: Text(
        "报送不良信息前的告知已送达", "the notice before reporting adverse information was served"
    ),
    Fact.ADVERSE_REPORTED: Text("已报送不良信息", "adverse information was reported"),
    Fact.INTEREST_STOPPED: Text("已停止计息", "interest has stopped"),
    Fact.ACCELERATED: Text("已宣布全部提前到期", "the whole was called due"),
}


class Source(StrEnum):
    """Who says so."""

    CORE_FILE = "core_file"
    CLERK = "clerk"
    LEGAL = "legal"

    @property
    def label(self) -> Text:
        """On screens."""
        return _SOURCES[self]


_SOURCES = {
    Source.CORE_FILE: Text("核心系统文件", "file of the core system"),
    Source.CLERK: Text("征信与结算岗", "clerk"),
    Source.LEGAL: Text("法务岗", "legal"),
}


class Served(StrEnum):
    """How a notice reached the person."""

    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    CALL = "call"
    PORTAL = "portal"
    COUNTER = "counter"
    COURT = "court"

    @property
    def label(self) -> Text:
        """On screens."""
        return _SERVED[self]


_SERVED = {
    Served.SMS: Text("短信（有送达回执）", "text message with a receipt"),
    Served.EMAIL: Text("邮件", "e-mail"),
    Served.LETTER: Text("挂号信、快递签收", "registered letter"),
    Served.CALL: Text("通话录音", "recorded call"),
    Served.PORTAL: Text("门户确认", "confirmed in the portal"),
    Served.COUNTER: Text("当面签收", "handed over against signature"),
    Served.COURT: Text("法院送达", "served by a court"),
}


class Claim(StrEnum):
    """What a wording says of consequences."""

    CREDIT_REPORTING = "credit_reporting"
    ADVERSE_REPORT = "adverse_report"
    ADVERSE_REPORTED = "adverse_reported"
    INTEREST_STOPPED = "interest_stopped"
    INTEREST_RUNNING = "interest_running"
    ACCELERATED = "accelerated"
    SUIT = "suit"
    ENFORCEMENT = "enforcement"

    @property
    def label(self) -> Text:
        """On screens."""
        return _CLAIMS[self]


_CLAIMS = {
    Claim.CREDIT_REPORTING: Text("本机构报送征信", "the creditor reports to credit reporting"),
    Claim.ADVERSE_REPORT: Text("逾期将影响征信", "arrears will show in the credit record"),
    Claim.ADVERSE_REPORTED: Text("已报送不良信息", "adverse information was reported"),
    Claim.INTEREST_STOPPED: Text("已停止计息", "interest has stopped"),
    Claim.INTEREST_RUNNING: Text("利息、罚息继续计算", "interest goes on"),
    Claim.ACCELERATED: Text("全部欠款已提前到期", "the whole was called due"),
    Claim.SUIT: Text("起诉、仲裁、支付令", "suit, arbitration or a payment order"),
    Claim.ENFORCEMENT: Text("强制执行、失信、查封", "enforcement and its measures"),
}
