"""违规核查: what did not match, until somebody has said what it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Text
from zhizhi.core.reconcile.facts import OF_FILES
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.reconciliation.reads import (
    PAGE,
    Inquiry,
    access_inquiry,
    count_inquiries,
    load_inquiries,
    load_sources_seen,
)
from zhizhi.store.viewer import reading
from zhizhi.usecases.rule_inquiry import (
    CONSEQUENCES,
    GROUNDS,
    AnswerInquiry,
    ConfirmBreach,
    RuleAnswer,
    answer_inquiry,
    confirm_breach,
    rule_answer,
)
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.inquiring import AnswerForm, BreachForm, RuleAnswerForm
from zhizhi.web.console.forms.worded import WordedForm
from zhizhi.web.console.pages import page, position_of, posted, written_position

STATES = {
    "open": Text("待核查", "open"),
    "answered": Text("待第二人确认", "waits for a second person"),
    "breach": Text("确认违规", "breach"),
    "explained": Text("已说明", "explained"),
}
STEPS = {
    "opened": Text("立案", "opened"),
    "answered": Text("提交说明", "explained"),
    "sent_back": Text("退回", "sent back"),
    "explained": Text("确认说明，结案", "explanation accepted"),
    "breach": Text("确认违规，结案", "breach confirmed"),
    "left_file": Text("更正的文件中已无此项", "no longer in the corrected file"),
    "found_again": Text("再次出现在文件中", "found again"),
    "file_came": Text("文件已送达并核对", "the file came and was reconciled"),
}
_ENDED_BY_FILE = Text("更正的文件中有该记录，自动结案", "the corrected file holds the record: ended by itself")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the comparison: what the record says and what we say."""

    label: Text
    sides: tuple[object, object]
    differs: bool = False


@screen(Right.SEE_INQUIRIES)
def inquiries(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The inquiries of a state, the first due first."""
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    source = request.GET.get("source", "")
    with reading(desk.viewer):
        counts = count_inquiries()
        rows = load_inquiries(states=(state,), source=source, after=position_of(request.GET.get("after", "")))
        sources = load_sources_seen()
    last = rows[-1] if len(rows) == PAGE else None
    further = written_position((last.due_at, last.id) if last else None)
    tabs = [(code, text, counts.get(code, 0)) for code, text in STATES.items()]
    context = {
        "here": "inquiries",
        "rows": rows,
        "state": state,
        "tabs": tabs,
        "further": further,
        "sources": sources,
        "source": source,
        "is_waiting": state in ("open", "answered"),
    }
    return page(request, desk, at, "inquiries.html", context)


@screen(Right.SEE_INQUIRIES, ("GET", "HEAD", "POST"), posting=(Right.ANSWER_INQUIRY, Right.RULE_INQUIRY))
def inquiry(request: HttpRequest, desk: Desk, at: datetime, inquiry_id: int) -> HttpResponse:
    """One inquiry: both sides beside each other, its history, and what may be done with it."""
    with reading(desk.viewer):
        found = access_inquiry(inquiry_id)
    if found is None:
        raise Http404
    forms = _forms(request, desk, found)
    chosen = forms.get(request.POST.get("act", "")) if request.method == "POST" else None
    if chosen is not None and chosen.is_valid():
        try:
            _ACTS[request.POST["act"]](inquiry_id, chosen.cleaned_data, desk, at)
        except Refused as refused:
            chosen.refuse(refused)
        else:
            return redirect("inquiry", inquiry_id)
    context = {
        "here": "inquiries",
        "inquiry": found,
        "row": found.row,
        "state": STATES[found.row.state],
        "lines": _lines(found),
        "reason": _reason(found),
        "steps": [(step, _step_text(step.step, step.by)) for step in found.steps],
        "ground": GROUNDS.get(found.ground or ""),
        "consequence": CONSEQUENCES.get(found.consequence or ""),
        "forms": forms,
        "is_own_answer": found.row.state == "answered" and found.answered_by == desk.staff_id,
        "is_of_file": found.row.kind in OF_FILES,
        "is_overdue": found.ended_at is None and found.row.due_at < at,
    }
    return page(request, desk, at, "inquiry.html", context, status=400 if chosen is not None else 200)


def _forms(request: HttpRequest, desk: Desk, found: Inquiry) -> dict[str, WordedForm]:
    """The forms of this desk; only the one that was sent is bound."""
    kinds: dict[str, type[WordedForm]] = {}
    if found.ended_at is None and desk.may(Right.ANSWER_INQUIRY) and found.row.state == "open":
        kinds["answer"] = AnswerForm
    if found.ended_at is None and desk.may(Right.RULE_INQUIRY):
        if found.row.state == "answered" and found.answered_by != desk.staff_id:
            kinds["rule"] = RuleAnswerForm
        kinds["breach"] = BreachForm
    act = request.POST.get("act", "")
    return {name: form(desk.language, posted(request) if name == act else None) for name, form in kinds.items()}


def _answer(inquiry_id: int, said: Mapping[str, Any], desk: Desk, at: datetime) -> None:
    answer_inquiry(AnswerInquiry(inquiry_id, said["ground"], said["proof"], desk.staff_id, desk.viewer.lender_id), at)


def _rule(inquiry_id: int, said: Mapping[str, Any], desk: Desk, at: datetime) -> None:
    accept = said["ruling"] == "accept"
    rule_answer(RuleAnswer(inquiry_id, accept, said["text"], desk.staff_id, desk.viewer.lender_id), at)


def _breach(inquiry_id: int, said: Mapping[str, Any], desk: Desk, at: datetime) -> None:
    command = ConfirmBreach(
        inquiry_id, said["article"], said["consequence"], said["text"], desk.staff_id, desk.viewer.lender_id
    )
    confirm_breach(command, at)


_ACTS: dict[str, Callable[[int, Mapping[str, Any], Desk, datetime], None]] = {
    "answer": _answer,
    "rule": _rule,
    "breach": _breach,
}


def _step_text(step: str, by: str) -> Text:
    return _ENDED_BY_FILE if step == "explained" and not by else STEPS[step]


_LABELS = {
    "at": Text("时刻", "At"),
    "number": Text("号码", "Number"),
    "answered": Text("接通", "Answered"),
    "delivered": Text("送达", "Delivered"),
    "talk_seconds": Text("通话秒数", "Seconds of talk"),
    "parts": Text("短信条数", "SMS parts"),
    "caller_is_ours": Text("主叫是登记号码", "Caller number is ours"),
    "released": Text("许可已归还", "Permit given back"),
}
_YES_NO = {True: Text("是", "yes"), False: Text("否", "no")}


def _lines(found: Inquiry) -> list[Fact]:
    """Both sides beside each other; what neither side says is left out."""
    theirs, ours = found.facts.get("theirs", {}), found.facts.get("ours", {})
    lines = []
    for name, label in _LABELS.items():
        one, other = _told(theirs.get(name)), _told(ours.get(name))
        if one is None and other is None:
            continue
        both = name != "at" and one is not None and other is not None
        lines.append(Fact(label, (one, other), both and one != other))
    return lines


def _told(value: object) -> object:
    if isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def _reason(found: Inquiry) -> Text | None:
    written = found.facts.get("reason")
    return Text(written["zh"], written["en"]) if written else None
