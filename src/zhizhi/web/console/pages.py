"""Filling a template: what every page of the console has around its own content."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right, may
from zhizhi.web.shared.signed_in import signed_in_of

ID_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Door:
    """An entry of the navigation."""

    name: str
    text: Text
    icon: str
    right: Right


@dataclass(frozen=True, slots=True)
class Menu:
    """Entries behind one word of the navigation."""

    text: Text
    icon: str
    doors: tuple[Door, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its entries."""
        return tuple(door.name for door in self.doors)


DOORS: tuple[Door | Menu, ...] = (
    Door("today", Text("今日", "Today"), "ti-sun", Right.SEE_DAY),
    Menu(
        Text("总览", "Overview"),
        "ti-chart-bar",
        (
            Door("figures", Text("催收总览", "Collections"), "ti-coins", Right.SEE_FIGURES),
            Door("floor", Text("班组实时", "The floor"), "ti-headset", Right.SEE_FIGURES),
            Door("figures_compliance", Text("合规总览", "Compliance"), "ti-shield-check", Right.SEE_COMPLIANCE_FIGURES),
        ),
    ),
    Door("worklist", Text("案件", "Cases"), "ti-folder", Right.SEE_CASES),
    Menu(
        Text("安排", "Work"),
        "ti-arrows-shuffle",
        (
            Door("assignment", Text("案件分配", "Assignment"), "ti-arrows-shuffle", Right.SEE_ASSIGNMENT),
            Door("reliefs", Text("协商减免", "Relief"), "ti-heart-handshake", Right.SEE_RELIEF),
            Door("person_requests", Text("诉求", "Requests"), "ti-message-question", Right.SEE_REQUESTS),
            Door("campaigns", Text("群发", "Campaigns"), "ti-send", Right.SEE_CAMPAIGNS),
            Door("callings", Text("外呼活动", "Calling campaigns"), "ti-phone-calling", Right.SEE_CAMPAIGNS),
            Door("outbound_numbers", Text("号码库", "Outbound numbers"), "ti-phone-outgoing", Right.SEE_NUMBERS),
            Door("placements", Text("委外", "Placements"), "ti-building-community", Right.SEE_PLACEMENTS),
            Door("remittances", Text("来款", "Money in"), "ti-cash", Right.SEE_REMITTANCES),
            Door("debits", Text("代扣", "Direct debits"), "ti-building-bank", Right.SEE_REMITTANCES),
            Door(
                "core_differences", Text("核心差异", "Differences to the core"), "ti-arrows-diff", Right.SEE_REMITTANCES
            ),
            Door("commission", Text("佣金", "Commission"), "ti-receipt", Right.SEE_COMMISSION),
            Door("suits", Text("诉讼案卷", "Court files"), "ti-files", Right.SEE_SUITS),
            Door("court_calendar", Text("诉讼到期日历", "Court calendar"), "ti-calendar-event", Right.SEE_SUITS),
            Door("court_fees", Text("诉讼费用", "Court fees"), "ti-cash-banknote", Right.SEE_SUITS),
            Door("credit_due", Text("征信异议与更正", "Credit objections"), "ti-report-off", Right.SEE_REQUESTS),
            Door("creditors", Text("债权人变更", "Creditors"), "ti-building", Right.SEE_CREDITORS),
            Door("law_firms", Text("律所", "Law firms"), "ti-briefcase", Right.SEE_SUITS),
        ),
    ),
    Menu(
        Text("核定", "Rulings"),
        "ti-gavel",
        (
            Door("holds", Text("待人工核定", "Holds"), "ti-hand-stop", Right.SEE_HOLDS),
            Door("approvals", Text("审批", "Approvals"), "ti-checklist", Right.SEE_APPROVALS),
        ),
    ),
    Door("imports", Text("导入", "Imports"), "ti-file-import", Right.SEE_IMPORTS),
    Menu(
        Text("合规规则", "Rules"),
        "ti-scale",
        (
            Door("law", Text("规则库", "Rule library"), "ti-books", Right.SEE_LAW),
            Door("case_builder", Text("判定试算", "Case builder"), "ti-flask", Right.SEE_LAW),
            Door("impacts", Text("规则影响", "Impact"), "ti-arrows-diff", Right.SEE_IMPACT),
            Door("audits", Text("触达审计", "Audit"), "ti-report-search", Right.SEE_AUDITS),
            Door("reconciliations", Text("对账", "Reconciliation"), "ti-file-diff", Right.SEE_RECONCILIATION),
            Door("assessments", Text("影响评估", "Impact assessments"), "ti-clipboard-check", Right.SEE_ASSESSMENTS),
            Door("quality", Text("质检", "Quality"), "ti-ear", Right.SEE_QUALITY),
            Door("bulk_stops", Text("批量停催", "Bulk stops"), "ti-hand-stop", Right.SEE_BULK_STOPS),
            Door("filings", Text("运营商报备", "Carrier filings"), "ti-antenna", Right.SEE_APPROVALS),
            Door("views", Text("查看记录", "Who saw whom"), "ti-eye", Right.SEE_VIEWS),
            Door("canaries", Text("诱饵档案告警", "Canary alarms"), "ti-feather", Right.KEEP_CANARIES),
            Door("exports", Text("导出", "Exports"), "ti-file-export", Right.SEE_EXPORTS),
            Door("inquiries", Text("违规核查", "Breach inquiries"), "ti-zoom-exclamation", Right.SEE_INQUIRIES),
        ),
    ),
    Menu(
        Text("运行", "Operations"),
        "ti-activity",
        (
            Door("unknowns", Text("结果未定", "Unknown outcomes"), "ti-help", Right.SEE_UNKNOWN),
            Door("health", Text("运行状况", "Health"), "ti-heartbeat", Right.SEE_HEALTH),
            Door("incidents", Text("事件", "Incidents"), "ti-alert-triangle", Right.SEE_INCIDENTS),
            Door("webhooks", Text("通知回放", "Webhook deliveries"), "ti-bell", Right.SEE_WEBHOOKS),
            Door("staff", Text("人员", "Staff"), "ti-users", Right.SEE_STAFF),
            Door("sign_ins", Text("登录管理", "Sign-ins"), "ti-key", Right.SEE_SIGN_INS),
        ),
    ),
)


def doors_of(role: str) -> list[Door | Menu]:
    """The navigation of a role; a menu shows the entries that the role may open."""
    seen: list[Door | Menu] = []
    for entry in DOORS:
        if isinstance(entry, Door):
            seen += [entry] if may(role, entry.right) else []
        elif doors := tuple(door for door in entry.doors if may(role, door.right)):
            seen.append(replace(entry, doors=doors))
    return seen


def position_of(written: str) -> tuple[datetime, int] | None:
    """Where a page of a list begins, `instant~id` as the page before wrote it; anything else begins at the start."""
    instant, _, row_id = written.partition("~")
    try:
        at, number = datetime.fromisoformat(instant), int(row_id)
    except ValueError:
        return None
    return (at, number) if at.tzinfo is not None and 0 <= number <= ID_MAX else None


def written_position(position: tuple[datetime, int] | None) -> str | None:
    """The same for an address."""
    return f"{position[0].isoformat()}~{position[1]}".replace("+", "%2B") if position is not None else None


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, an empty one too; None where it is only shown."""
    return request.POST if request.method == "POST" else None


def posted_files(request: HttpRequest) -> tuple[QueryDict | None, MultiValueDict[str, UploadedFile] | None]:
    """The same for a form that brings files."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def page(
    request: HttpRequest,
    desk: Desk,
    at: datetime,
    template: str,
    context: Mapping[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    """The filled template; `context` is the view model of one screen."""
    around = {
        "desk": desk,
        "at": at,
        "doors": doors_of(desk.role),
        "signed_in": signed_in_of(request),
        "is_part": bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted"),
    }
    return render(request, f"console/{template}", {**around, **context}, status=status)
