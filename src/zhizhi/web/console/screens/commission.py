"""佣金: rate cards, statements of every agency's month, and one statement with its lines, disputes and signatures."""

from datetime import date, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhizhi.core.kernel.text import Text
from zhizhi.store.commission.reads import (
    CardRow,
    StatementRow,
    load_cards,
    load_disputes,
    load_lines,
    load_statement,
    load_statements,
)
from zhizhi.store.commission.words import ANSWERS, OPEN, STATES
from zhizhi.store.lenders.reads import Desk, load_choices
from zhizhi.store.lenders.rights import Right
from zhizhi.store.viewer import reading
from zhizhi.usecases.commission.act import AskRateCard, ask_rate_card, rate_words
from zhizhi.usecases.commission.signing import (
    AnswerDispute,
    DisputeItem,
    SignStatement,
    answer,
    dispute,
    sign_for_agency,
    sign_for_lender,
)
from zhizhi.usecases.commission.stating import StateMonth, state_month
from zhizhi.usecases.set_targets import MONTHS_A_YEAR, months_open
from zhizhi.usecases.zones import civil_day
from zhizhi.web.console.access import screen
from zhizhi.web.console.forms.commission import CURRENCY, AnswerForm, CardForm, DisputeForm, MonthForm
from zhizhi.web.console.forms.worded import Choices, WordedForm
from zhizhi.web.console.pages import page, posted
from zhizhi.web.console.proven import proven

FORM = ("GET", "HEAD", "POST")
MONTHS_BACK = 12


@screen(Right.SEE_COMMISSION, FORM, posting=(Right.SETTLE_COMMISSION,))
def commission(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """What stands; the settlement clerk makes the statement of a month that is over."""
    with reading(desk.viewer):
        cards, statements = load_cards(civil_day(at)), load_statements()
        lenders, agencies = _places(desk)
    places = [
        (f"{lender}-{agency}", Text(f"{of.zh} → {to.zh}", f"{of.en} → {to.en}"))
        for lender, of in lenders
        for agency, to in agencies
    ]
    form = MonthForm(desk.language, places, _months_over(at), posted(request))
    made: list[int] = []

    def act() -> None:
        said = form.cleaned_data
        lender_id, agency_id = (int(part) for part in said["where"].split("-"))
        month = date.fromisoformat(said["month"])
        made.append(state_month(StateMonth(lender_id, agency_id, month, CURRENCY, desk.staff_id), at))

    if request.method == "POST" and form.is_valid() and form.did(act):
        return redirect("statement_of_month", made[0])
    context = {
        "here": "commission",
        "cards": [(card, _rates(card)) for card in cards],
        "statements": [(row, STATES[row.state]) for row in statements],
        "form": form if desk.may(Right.SETTLE_COMMISSION) else None,
        "may_ask": desk.may(Right.ASK_RATE_CARD),
    }
    return page(request, desk, at, "commission.html", context, status=400 if form.errors else 200)


@screen(Right.ASK_RATE_CARD, FORM)
def new_card(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """A rate card, sent to a second person."""
    with reading(desk.viewer):
        lenders, agencies = _places(desk)
    form = CardForm(desk.language, lenders, agencies, [*_months_over(at)[:1], *months_open(at)], posted(request))
    asked: list[int] = []

    def act() -> None:
        said = form.cleaned_data
        lender_id, agency_id, month = int(said["lender"]), int(said["agency"]), date.fromisoformat(said["month"])
        command = AskRateCard(lender_id, agency_id, CURRENCY, month, form.card, said["ground"], desk.staff_id)
        asked.append(ask_rate_card(command, at))

    if request.method == "POST" and form.is_valid() and form.did(act):
        return redirect("requested", asked[0])
    context = {"here": "commission", "form": form}
    return page(request, desk, at, "commission_card.html", context, status=400 if form.errors else 200)


@screen(Right.SEE_COMMISSION)
def statement(request: HttpRequest, desk: Desk, at: datetime, statement_id: int) -> HttpResponse:
    """One statement as both sides see it."""
    return _shown(request, desk, at, statement_id, None)


@screen(Right.SEE_COMMISSION, ("POST",), posting=(Right.SETTLE_COMMISSION, Right.ANSWER_COMMISSION))
@proven()
def sign(request: HttpRequest, desk: Desk, at: datetime, statement_id: int) -> HttpResponse:
    """The own side signs what was shown."""
    command = SignStatement(statement_id, request.POST.get("digest", ""), desk.staff_id)
    form = WordedForm(desk.language, request.POST)
    by_agency = desk.viewer.agency_id is not None
    if form.did(lambda: (sign_for_agency if by_agency else sign_for_lender)(command, at)):
        return redirect("statement_of_month", statement_id)
    return _shown(request, desk, at, statement_id, form)


@screen(Right.ANSWER_COMMISSION, ("POST",))
def dispute_line(request: HttpRequest, desk: Desk, at: datetime, statement_id: int) -> HttpResponse:
    """The agency does not agree with a line."""
    form = DisputeForm(desk.language, request.POST)

    def act() -> None:
        said = form.cleaned_data
        dispute(DisputeItem(statement_id, said["item"], said["reason"], desk.staff_id), at)

    if form.is_valid() and form.did(act):
        return redirect("statement_of_month", statement_id)
    return _shown(request, desk, at, statement_id, form)


@screen(Right.SETTLE_COMMISSION, ("POST",))
def answer_line(request: HttpRequest, desk: Desk, at: datetime, statement_id: int, dispute_id: int) -> HttpResponse:
    """The lender answers."""
    form = AnswerForm(desk.language, request.POST, auto_id=_auto_id(dispute_id))

    def act() -> None:
        said = form.cleaned_data
        answer(AnswerDispute(dispute_id, said["answer"], said["text"], desk.staff_id), at)

    if form.is_valid() and form.did(act):
        return redirect("statement_of_month", statement_id)
    return _shown(request, desk, at, statement_id, form)


def _shown(
    request: HttpRequest, desk: Desk, at: datetime, statement_id: int, refused: WordedForm | None
) -> HttpResponse:
    with reading(desk.viewer):
        row = load_statement(statement_id)
        lines, disputes = load_lines(statement_id), load_disputes(statement_id)
    if row is None:
        raise Http404
    is_agency = desk.viewer.agency_id is not None
    may_settle = desk.may(Right.SETTLE_COMMISSION) and row.state == OPEN
    may_answer = desk.may(Right.ANSWER_COMMISSION) and row.state == OPEN and row.agency_signed_at is None
    own_signed_at = row.agency_signed_at if is_agency else row.lender_signed_at
    context = {
        "here": "commission",
        "row": row,
        "state": STATES[row.state],
        "rates": [(one, *rate_words(one.rate, row.currency)) for one in row.rates],
        "lines": [(one, rate_words(one.rate, row.currency)[1] if one.rate is not None else None) for one in lines],
        "disputes": [
            (one, ANSWERS[one.answer] if one.answer is not None else None, _answer_form(one.id, desk, refused))
            for one in disputes
        ],
        "refused": refused,
        "dispute_form": refused if isinstance(refused, DisputeForm) else DisputeForm(desk.language),
        "may_sign": (may_settle or may_answer) and own_signed_at is None and not row.disputed,
        "may_dispute": may_answer,
        "may_settle": may_settle,
        "may_export": desk.may(Right.TAKE_EXPORT),
        "exports": _exports(row),
    }
    return page(request, desk, at, "commission_statement.html", context, status=400 if refused is not None else 200)


def _answer_form(dispute_id: int, desk: Desk, refused: WordedForm | None) -> WordedForm:
    """The form of one dispute: its fields have names of their own on the page, and what was refused stands in it."""
    auto_id = _auto_id(dispute_id)
    if isinstance(refused, AnswerForm) and refused.auto_id == auto_id:
        return refused
    return AnswerForm(desk.language, auto_id=auto_id)


def _auto_id(dispute_id: int) -> str:
    return f"dispute{dispute_id}_%s"


def _exports(row: StatementRow) -> list[tuple[str, Text, int]]:
    return [
        ("commission_statement", Text("下载对账单", "Take the statement"), row.id),
        ("commission_lines", Text("下载明细", "Take its lines"), row.id),
    ]


def _rates(card: CardRow) -> list[tuple[Text, Text]]:
    return [rate_words(rate, card.currency) for rate in card.card.rates]


def _places(desk: Desk) -> tuple[Choices, Choices]:
    choices = load_choices(desk.viewer)
    lenders, agencies = (
        [(str(one.id), Text(one.name, one.name)) for one in choices if one.kind == kind]
        for kind in ("lender", "agency")
    )
    return lenders, agencies


def _months_over(at: datetime) -> list[date]:
    """The first days of the months that are over, the latest first."""
    today = civil_day(at)
    this = today.year * MONTHS_A_YEAR + today.month - 1
    return [
        date(month // MONTHS_A_YEAR, month % MONTHS_A_YEAR + 1, 1)
        for month in range(this - 1, this - 1 - MONTHS_BACK, -1)
    ]
