"""人员: who is here, as what and where; who asks for a change, who approves it, and who leaves at once."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from zhizhi.core.kernel.errors import Refused
from zhizhi.store.cases.reads import CaseFilter, count_worklist
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.lenders.staff_reads import (
    COUNT_MAX,
    StaffFilter,
    StaffRow,
    access_staff,
    count_staff,
    load_changes,
    load_places,
    load_staff,
)
from zhizhi.store.viewer import reading
from zhizhi.usecases.staff.asking import AskJoin, AskMove, AskPassword, ask_join, ask_move, ask_password
from zhizhi.usecases.staff.asking import withdraw as take_back
from zhizhi.usecases.staff.inviting import invite as make_invitation
from zhizhi.usecases.staff.leaving import Leave
from zhizhi.usecases.staff.leaving import leave as turn_out
from zhizhi.usecases.staff.mailing import SetAddress, ask_mail, load_mailbox, set_address, undelivered, words_of
from zhizhi.usecases.staff.ruling import RuleChange, rule_change
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.staffing import AddressForm, GroundForm, JoinForm, PlaceForm, StaffFilterForm
from zhizhi.web.console.forms.worded import WordedForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.proven import proven
from zhizhi.web.console.way_in import origin_of

Q_MAX = 100
FORM, POST = ("GET", "HEAD", "POST"), ("POST",)


@screen(Right.SEE_STAFF, FORM)
def staff(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Members by login; a search goes by POST, for a name in an address stands in logs."""
    q, after = request.POST.get("member", "").strip()[:Q_MAX], request.GET.get("after", "")[:Q_MAX]
    with reading(desk.viewer):
        form = StaffFilterForm(desk.language, load_places(desk.viewer), request.GET or None)
        narrowed = StaffFilter(q=q) if q else form.narrowed()
        rows, further = load_staff(desk.viewer, narrowed, after, at)
        count = count_staff(desk.viewer, narrowed, at)
        waiting = load_changes(desk.viewer, waiting=True)
    kept = [(name, value) for name, value in request.GET.items() if name != "after" and value]
    context = {
        "here": "staff",
        "form": form,
        "rows": rows,
        "count": min(count, COUNT_MAX),
        "is_more": count > COUNT_MAX,
        "waiting": waiting,
        "member_q": q,
        "next": urlencode([*kept, ("after", further)]) if further is not None and not q else None,
        "may_ask": desk.may(Right.ASK_STAFF),
        "may_see_queues": desk.viewer.agency_id is None,
        "undelivered": undelivered(desk.staff_id, at) if desk.may(Right.ASK_STAFF) else [],
    }
    return page(request, desk, at, "staff.html", context)


@screen(Right.ASK_STAFF, FORM)
@proven()
def join(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Somebody new is asked for."""
    with reading(desk.viewer):
        places = load_places(desk.viewer)
    form = JoinForm(desk.language, places, posted(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = AskJoin(said["login"], said["name"], form.place(), said["ground"], desk.staff_id)
        if form.did(lambda: ask_join(command, at)):
            return redirect("staff")
    context = {"here": "staff", "form": form, "teams": places.teams}
    return page(request, desk, at, "staff_new.html", context, status=400 if form.errors else 200)


@screen(Right.SEE_STAFF)
def member(request: HttpRequest, desk: Desk, at: datetime, staff_id: int) -> HttpResponse:
    """One member: what is known, what waits, what was said by whom."""
    return _shown(request, desk, at, staff_id)


@screen(Right.ASK_STAFF, POST)
@proven()
def move(request: HttpRequest, desk: Desk, at: datetime, staff_id: int) -> HttpResponse:
    """Another role, lender, agency or team is asked for."""
    with reading(desk.viewer):
        form = PlaceForm(desk.language, load_places(desk.viewer), request.POST, auto_id="move_%s")

    def act() -> None:
        ask_move(AskMove(staff_id, form.place(), form.cleaned_data["ground"], desk.staff_id), at)

    return _did(request, desk, at, staff_id, "move", form, act)


@screen(Right.ASK_STAFF, POST)
@proven()
def password(request: HttpRequest, desk: Desk, at: datetime, staff_id: int) -> HttpResponse:
    """A new first password is asked for."""
    form = GroundForm(desk.language, request.POST, auto_id="password_%s")

    def act() -> None:
        ask_password(AskPassword(staff_id, form.cleaned_data["ground"], desk.staff_id), at)

    return _did(request, desk, at, staff_id, "password", form, act)


@screen(Right.ASK_STAFF, POST)
@proven()
def leave(request: HttpRequest, desk: Desk, at: datetime, staff_id: int) -> HttpResponse:
    """Somebody leaves, at once."""
    form = GroundForm(desk.language, request.POST, auto_id="leave_%s")

    def act() -> None:
        turn_out(Leave(staff_id, form.cleaned_data["ground"], desk.staff_id), at)

    return _did(request, desk, at, staff_id, "leave", form, act)


@screen(Right.APPROVE_STAFF, POST)
@proven()
def rule(request: HttpRequest, desk: Desk, at: datetime, staff_id: int, change_id: int) -> HttpResponse:
    """The second word on a change."""
    form = GroundForm(desk.language, request.POST, auto_id="rule_%s")

    def act() -> None:
        is_yes = request.POST.get("ruling") == "approve"
        rule_change(RuleChange(change_id, is_yes, form.cleaned_data["ground"], desk.staff_id), at)

    return _did(request, desk, at, staff_id, "rule", form, act)


@screen(Right.ASK_STAFF, POST)
def withdraw(request: HttpRequest, desk: Desk, at: datetime, staff_id: int, change_id: int) -> HttpResponse:
    """Whoever asked takes it back."""
    try:
        take_back(change_id, desk.staff_id, at)
    except Refused as refused:
        return _shown(request, desk, at, staff_id, because=refused)
    return redirect("member", staff_id)


@screen(Right.ASK_STAFF, POST)
@proven()
def invite(request: HttpRequest, desk: Desk, at: datetime, staff_id: int) -> HttpResponse:
    """A one-time code, shown this once; it stands in no address that a server sees."""
    row = _row(desk, staff_id, at)
    try:
        made = make_invitation(staff_id, desk.staff_id, at)
    except Refused as refused:
        return _shown(request, desk, at, staff_id, because=refused)
    site = origin_of(request) + reverse("invitation")
    context = {"here": "staff", "row": row, "made": made, "site": site, "link": f"{site}#{made.code}"}
    return page(request, desk, at, "invitation_made.html", context)


@screen(Right.ASK_STAFF, POST)
@proven()
def address(request: HttpRequest, desk: Desk, at: datetime, staff_id: int) -> HttpResponse:
    """Where a member is written to."""
    form = AddressForm(desk.language, request.POST, auto_id="address_%s")

    def act() -> None:
        set_address(SetAddress(staff_id, form.cleaned_data["address"], desk.staff_id), at)

    return _did(request, desk, at, staff_id, "address", form, act)


@screen(Right.ASK_STAFF, POST)
@proven()
def invite_by_mail(request: HttpRequest, desk: Desk, at: datetime, staff_id: int) -> HttpResponse:
    """The worker is asked to make a code and send it; nobody here sees it."""
    _row(desk, staff_id, at)
    try:
        ask_mail(staff_id, desk.staff_id, at)
    except Refused as refused:
        return _shown(request, desk, at, staff_id, because=refused)
    return redirect("member", staff_id)


def _row(desk: Desk, staff_id: int, at: datetime) -> StaffRow:
    with reading(desk.viewer):
        row = access_staff(desk.viewer, staff_id, at)
    if row is None:
        raise Http404
    return row


def _did(
    request: HttpRequest, desk: Desk, at: datetime, staff_id: int, which: str, form: WordedForm, act: Callable[[], None]
) -> HttpResponse:
    """Do what a form asks for, and go back to the member; its errors stand at the form."""
    _row(desk, staff_id, at)
    if form.is_valid() and form.did(act):
        return redirect("member", staff_id)
    return _shown(request, desk, at, staff_id, which=which, form=form)


def _shown(
    request: HttpRequest,
    desk: Desk,
    at: datetime,
    staff_id: int,
    *,
    which: str = "",
    form: WordedForm | None = None,
    because: Refused | None = None,
) -> HttpResponse:
    with reading(desk.viewer):
        row = access_staff(desk.viewer, staff_id, at)
        changes = load_changes(desk.viewer, staff_id)
        places = load_places(desk.viewer)
        cases = count_worklist(desk.viewer, CaseFilter(collector_id=staff_id)) if desk.may(Right.SEE_CASES) else None
    if row is None:
        raise Http404
    waiting = next((change for change in changes if change.state == "asked"), None)
    is_other = staff_id != desk.staff_id
    asks = is_other and desk.may(Right.ASK_STAFF)
    offered: dict[str, WordedForm] = {}
    if asks and waiting is None:
        offered["move"] = PlaceForm(desk.language, places, auto_id="move_%s", initial=_initial(row))
        if row.state != "left":
            offered["leave"] = GroundForm(desk.language, auto_id="leave_%s")
        if row.state in ("here", "invited"):
            offered["password"] = GroundForm(desk.language, auto_id="password_%s")
    elif asks:
        offered["leave"] = GroundForm(desk.language, auto_id="leave_%s")
    if waiting is not None and is_other and desk.may(Right.APPROVE_STAFF) and waiting.asked_by_id != desk.staff_id:
        offered["rule"] = GroundForm(desk.language, auto_id="rule_%s")
    mailbox = latest = None
    if asks and row.state in ("here", "invited", "waiting"):
        mailbox = load_mailbox(staff_id, desk.staff_id)
        latest = mailbox.latest
        offered["address"] = AddressForm(desk.language, auto_id="address_%s")
    if form is not None:
        offered[which] = form
    context = {
        "here": "staff",
        "row": row,
        "changes": changes,
        "waiting": waiting,
        "offered": offered,
        "wrong": which,
        "cases": cases,
        "teams": places.teams,
        "is_own_request": waiting is not None and waiting.asked_by_id == desk.staff_id,
        "may_invite": asks and row.state in ("here", "invited"),
        "mailbox": mailbox,
        "mail": latest,
        "mail_because": latest and latest.failure and words_of(latest.failure),
        "mail_is_over": latest and latest.is_over(at),
        "because": because and because.text,
    }
    return page(request, desk, at, "member.html", context, status=400 if form is not None or because else 200)


def _initial(row: StaffRow) -> dict[str, object]:
    return {"role": row.role, "lender": row.lender_id or "", "agency": row.agency_id or "", "team": row.team}
