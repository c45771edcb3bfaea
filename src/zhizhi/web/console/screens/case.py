"""案件: everything about one case on one screen, and the pages of its timeline."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.assignment.of_case import language_text, load_bars, load_moves, load_reserves
from zhizhi.store.bulk_stops.reads import load_residence
from zhizhi.store.cases.reads import CaseHead, access_case, load_codes, load_promises, load_stops
from zhizhi.store.consequences.reads import load_truths
from zhizhi.store.contacts.reads import load_open_calls
from zhizhi.store.contacts.unsettled import CALL_IS_AT_WORK_FOR, load_unsettled_of
from zhizhi.store.creditors.reads import load_changes_of
from zhizhi.store.debts.reads import load_debts
from zhizhi.store.history.reads import TABS, TimelineEntry, load_timeline
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.litigation.reads import load_files_of
from zhizhi.store.people.reads import PartyRow, load_id_number, load_parties
from zhizhi.store.reliefs.reads import load_reliefs_of
from zhizhi.store.templates.reads import WordingRow, load_wordings
from zhizhi.store.unmasking.reads import count_looks
from zhizhi.store.viewer import reading
from zhizhi.usecases.bulk_stops.divisions import division_name
from zhizhi.usecases.preview_contacts import preview_contacts
from zhizhi.usecases.see_person import see_person
from zhizhi.web.console.access import screen
from zhizhi.web.console.actions import arrange, warnings_of
from zhizhi.web.console.agreed import shown_relief
from zhizhi.web.console.clearing import Clearing
from zhizhi.web.console.happened import Happened, tell_entry
from zhizhi.web.console.pages import page, position_of, written_position
from zhizhi.web.console.truths import told_truths
from zhizhi.web.shared.clock import today

LOOKS_OF = timedelta(days=30)
RELIEFS_SHOWN_MAX = 5


def head_or_404(number: str, desk: Desk, at: datetime) -> CaseHead:
    """The head of a case, kept as seen; 404 where there is none for these eyes, so that nobody learns which exist."""
    head = access_case(number)
    if head is None:
        raise Http404
    see_person(head.person_id, desk.staff_id, desk.role, at)
    return head


@dataclass(frozen=True, slots=True)
class Tab:
    """A filter of the timeline."""

    name: str
    address: str
    is_here: bool


@screen(Right.SEE_CASES)
def case(request: HttpRequest, desk: Desk, at: datetime, number: str) -> HttpResponse:
    """The case; with htmx and `?tab=` only its timeline."""
    tab = request.GET.get("tab", "all")
    tab = tab if tab in TABS else "all"
    before = position_of(request.GET.get("before", ""))
    with reading(desk.viewer):
        head = head_or_404(number, desk, at)
        parties = load_parties(head.person_id, head.seal, desk.view)
        timeline = load_timeline(head.person_id, tab, before, head.seal)
        codes = {f"{code.list}:{code.code}": code.text for code in load_codes()}
        context: dict[str, object] = {
            "here": "worklist",
            "case": head,
            "tabs": [Tab(name, f"{reverse('case', args=[number])}?tab={name}", name == tab) for name in TABS],
            "entries": _told(timeline.entries, parties, codes, desk.language),
            "older": _older(number, tab, timeline.before),
            "may_take_back": desk.may(Right.SETTLE_REMITTANCE),
        }
        if request.headers.get("HX-Request"):
            return page(request, desk, at, "timeline.html", context)
        context |= {
            **_masked(head, parties, desk, at),
            "promises": load_promises(head.person_id),
            "stops": load_stops(head.person_id, at),
            "residence": _lives_in(head.person_id),
            "reliefs": [shown_relief(row) for row in load_reliefs_of(head.person_id)[:RELIEFS_SHOWN_MAX]],
            "files": load_files_of(head.person_id)[:RELIEFS_SHOWN_MAX],
            "changes": [row for row in load_changes_of(head.person_id) if row.is_last],
            "may_see_suits": desk.may(Right.SEE_SUITS),
            "may_sue": head.closed_on is None and desk.may(Right.WORK_SUIT),
            "may_propose": head.closed_on is None and desk.may(Right.PROPOSE_RELIEF),
            "may_lift": desk.may(Right.LIFT_STOP),
            "calls": load_open_calls(head.person_id, at),
            "unsettled": load_unsettled_of(head.person_id, at - CALL_IS_AT_WORK_FOR),
            "may_settle": desk.may(Right.SEE_UNKNOWN),
            "moves": load_moves(head.person_id, head.id),
            "bars": load_bars(head.person_id),
            "spoken": language_text(head.language),
            "reserves": load_reserves(head.person_id, today(at)),
        }
        is_open = head.closed_on is None and head.seal is not None
        may_contact = is_open and desk.may(Right.CONTACT)
        wordings = load_wordings(head.lender_id) if may_contact else []
    context |= _may(desk) if is_open else {}
    context |= _next_contacts(head, parties, wordings, desk, at) if may_contact else {}
    return page(request, desk, at, "case.html", context)


def _masked(head: CaseHead, parties: list[PartyRow], desk: Desk, at: datetime) -> dict[str, object]:
    """Names, numbers and accounts, each with whether this desk may ask to see it; and how often somebody did."""
    clearing = Clearing(desk, is_open=head.seal is not None)
    debts = load_debts(head.person_id, head.seal, desk.view)
    return {
        "truths": told_truths(load_truths(head.person_id, today(at)), debts),
        "parties": clearing.parties(parties, load_id_number(head.person_id, head.seal, desk.view)),
        "debts": [(debt, debt.days_past_due(today(at)), clearing.account(debt)) for debt in debts],
        "looks": count_looks(head.person_id, at - LOOKS_OF),
    }


def _next_contacts(
    head: CaseHead, parties: list[PartyRow], wordings: list[WordingRow], desk: Desk, at: datetime
) -> dict[str, object]:
    try:
        open_ones, shut = arrange(preview_contacts(head.person_id, desk.staff_id, at), parties, wordings)
    except Refused as refused:  # the law cannot be asked: then nothing is offered, and the screen says why
        return {"may_contact": True, "actions": [], "shut": [], "closed_because": refused.text}
    return {"may_contact": True, "actions": open_ones, "shut": shut, "warnings": warnings_of(open_ones)}


def _lives_in(person_id: int) -> str:
    division = load_residence(person_id)
    return division_name(division) if division else ""


def _may(desk: Desk) -> dict[str, object]:
    """What the desk may write down on an open case."""
    return {
        "may_record": desk.may(Right.RECORD),
        "may_stop": desk.may(Right.SET_STOP),
        "may_pay": desk.may(Right.RECORD_PAYMENT),
        "may_bar": desk.may(Right.BAR_COLLECTOR),
    }


def _told(
    entries: list[TimelineEntry], parties: list[PartyRow], codes: dict[str, Text], language: Language
) -> list[Happened]:
    names = {party.id: (party.role, party.name) for party in parties}
    return [tell_entry(entry, names, codes, language) for entry in entries]


def _older(number: str, tab: str, before: tuple[datetime, int] | None) -> str | None:
    written = written_position(before)
    return f"{reverse('case', args=[number])}?tab={tab}&before={written}" if written is not None else None
