"""What falls due after each step of a court file: by when, who acts, by which article, and what meets it.

Ours end on the last working day within the period, because our own steps never rest on a holiday (CC 203 is a right of
whoever is late, not a plan); those of a court or of the other side roll forward. The day of the event is not counted
(CPL 85).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from zhizhi.core.kernel.calendar import WorkCalendar
from zhizhi.core.kernel.days import add_days, add_months, add_years
from zhizhi.core.kernel.text import Text
from zhizhi.core.litigation.machine import NAMES_PAYMENT, UNCONFIRMED, Standing, StepRefused, Taken, begin, take
from zhizhi.core.litigation.words import Lane, State, Step

LIMITATION_YEARS = 3
ENFORCEMENT_YEARS = 2


class Acts(StrEnum):
    """Who has to act by a day."""

    US = "us"
    COURT = "court"
    DEBTOR = "debtor"
    EITHER = "either"
    OTHER = "other"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _ACTS[self]


_ACTS = {
    Acts.US: Text("我方", "us"),
    Acts.COURT: Text("法院", "the court"),
    Acts.DEBTOR: Text("对方", "the other side"),
    Acts.EITHER: Text("任一方", "either side"),
    Acts.OTHER: Text("公证或仲裁机构", "notary or arbitral body"),
}


class Due(StrEnum):
    """A kind of deadline."""

    BEGIN_IN_TIME = "begin_in_time"
    SUE_AFTER_PRESERVATION = "sue_after_preservation"
    ASK_CONFIRMATION = "ask_confirmation"
    PERFORM = "perform"
    ORDER_ANSWER = "order_answer"
    ORDER_ISSUE = "order_issue"
    ORDER_SERVICE = "order_service"
    ORDER_OBJECTION = "order_objection"
    REFUSE_SUIT = "refuse_suit"
    FILING_ANSWER = "filing_answer"
    CORRECT = "correct"
    PAY_FEE = "pay_fee"
    SERVE_COPY = "serve_copy"
    DEFENCE = "defence"
    ANNOUNCEMENT = "announcement"
    HEARING = "hearing"
    TRIAL = "trial"
    APPEAL = "appeal"
    CERTIFICATE = "certificate"
    ENFORCE = "enforce"

    @property
    def label(self) -> Text:
        """What a person reads."""
        return _DUES[self]


_DUES = {
    Due.BEGIN_IN_TIME: Text("诉讼时效届满前启动程序", "begin before limitation runs out"),
    Due.SUE_AFTER_PRESERVATION: Text("保全后起诉或仲裁", "sue or arbitrate after preservation"),
    Due.ASK_CONFIRMATION: Text("共同申请司法确认", "ask together for confirmation"),
    Due.PERFORM: Text("履行期限", "last day of performance"),
    Due.ORDER_ANSWER: Text("是否受理支付令", "whether the application is accepted"),
    Due.ORDER_ISSUE: Text("发出支付令", "the order is issued"),
    Due.ORDER_SERVICE: Text("支付令送达，逾期失效", "the order is served, or lapses"),
    Due.ORDER_OBJECTION: Text("书面异议期", "objection in writing"),
    Due.REFUSE_SUIT: Text("表示不同意转入诉讼", "say no to the suit"),
    Due.FILING_ANSWER: Text("立案答复", "answer to the filing"),
    Due.CORRECT: Text("补正材料", "correct the papers"),
    Due.PAY_FEE: Text("缴纳诉讼费", "pay the court fee"),
    Due.SERVE_COPY: Text("向被告送达副本", "copy to the defendant"),
    Due.DEFENCE: Text("答辩期", "defence"),
    Due.ANNOUNCEMENT: Text("公告期满视为送达", "notice counts as service"),
    Due.HEARING: Text("开庭", "hearing"),
    Due.TRIAL: Text("审理期限", "end of the trial's time"),
    Due.APPEAL: Text("上诉期", "appeal"),
    Due.CERTIFICATE: Text("出具执行证书", "execution certificate"),
    Due.ENFORCE: Text("申请执行期限", "apply for enforcement"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """How long after its event: a number of natural days (`days`), working days (`working`), months or years; all
    None: the day that was named."""

    days: int | None = None
    working: int | None = None
    months: int | None = None
    years: int | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A line of the table: what begins to run with a step, and which later steps meet it.

    A step that is not among `met_by` and leaves the states in which it runs makes it fall away unmet.
    """

    due: Due
    acts: Acts
    period: Period
    source: str
    met_by: frozenset[Step]

    @property
    def is_confirmed(self) -> bool:
        """Whether the source was read; else the day is shown as one to be looked up."""
        return self.source not in UNCONFIRMED


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline of a file. `step_n`: the place of the step that began it; met, or fallen away, by another."""

    term: Term
    step_n: int
    begun_on: date
    due_on: date
    met_on: date | None = None
    dropped_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still runs."""
        return self.met_on is None and self.dropped_on is None

    def is_missed(self, today: date) -> bool:
        """Whether it was over when it was met or fell away, or is over now; what either side may leave never is."""
        return self.term.acts is not Acts.EITHER and (self.met_on or self.dropped_on or today) > self.due_on


_BEGINNINGS = frozenset((Step.ASK_MEDIATION, Step.ASK_ORDER, Step.FILE, Step.ASK_CERTIFICATE, Step.ASK_ARBITRATION))
_OF_ORDER = frozenset((Step.ORDER_ACCEPTED, Step.ORDER_REFUSED))
_TO_TITLE = frozenset((Step.JUDGED, Step.COURT_MEDIATED, Step.DISMISSED))
_LIMITATION = Term(Due.BEGIN_IN_TIME, Acts.US, Period(), "CC 188; CC 189", _BEGINNINGS)
_PERFORM = Term(Due.PERFORM, Acts.DEBTOR, Period(), "CPL 250", frozenset((Step.PAID,)))
_ENFORCE = Term(
    Due.ENFORCE, Acts.US, Period(years=ENFORCEMENT_YEARS), "CPL 250", frozenset((Step.ASK_ENFORCEMENT, Step.PAID))
)
_CONFIRM = frozenset((Step.ASK_CONFIRMATION, Step.PAID))
_ANSWERED = frozenset((Step.CORRECTION_ASKED, Step.FILING_REFUSED, Step.FILING_ACCEPTED))

TERMS: Mapping[Step, tuple[Term, ...]] = MappingProxyType(
    {
        Step.PREPARE: (_LIMITATION,),
        Step.PRESERVE: (
            Term(Due.SUE_AFTER_PRESERVATION, Acts.US, Period(days=30), "CPL 104",
                 frozenset((Step.FILE, Step.ASK_ARBITRATION))),
        ),
        Step.MEDIATION_AGREED: (
            Term(Due.ASK_CONFIRMATION, Acts.US, Period(days=30), "CPL 205; People's Mediation Law 33", _CONFIRM),
        ),
        Step.ASK_ORDER: (Term(Due.ORDER_ANSWER, Acts.COURT, Period(days=5), "CPL 226", _OF_ORDER),),
        Step.ORDER_ACCEPTED: (
            Term(Due.ORDER_ISSUE, Acts.COURT, Period(days=15), "CPL 227",
                 frozenset((Step.ORDER_ISSUED, Step.ORDER_REFUSED))),
        ),
        Step.ORDER_ISSUED: (
            Term(Due.ORDER_SERVICE, Acts.COURT, Period(days=30), "CPLI 430", frozenset((Step.ORDER_SERVED,))),
        ),
        Step.ORDER_SERVED: (
            Term(Due.ORDER_OBJECTION, Acts.DEBTOR, Period(days=15), "CPL 227",
                 frozenset((Step.ORDER_OBJECTED, Step.PAID))),
        ),
        **dict.fromkeys(
            (Step.ORDER_OBJECTED, Step.ORDER_NOT_SERVED),
            (Term(Due.REFUSE_SUIT, Acts.US, Period(days=7), "CPL 228; CPLI 438",
                  frozenset((Step.REFUSE_SUIT, Step.BECOMES_SUIT))),),
        ),
        **dict.fromkeys(
            (Step.FILE, Step.CORRECT), (Term(Due.FILING_ANSWER, Acts.COURT, Period(days=7), "CPL 126", _ANSWERED),)
        ),
        Step.CORRECTION_ASKED: (Term(Due.CORRECT, Acts.US, Period(), "CPL 124", frozenset((Step.CORRECT,))),),
        Step.FILING_ACCEPTED: (
            Term(Due.PAY_FEE, Acts.US, Period(days=7), "Fees 22", frozenset((Step.PAY_FEE,))),
            Term(Due.SERVE_COPY, Acts.COURT, Period(days=5), "CPL 128", frozenset((Step.SERVED,))),
        ),
        Step.BECOMES_SUIT: (
            Term(Due.PAY_FEE, Acts.US, Period(days=7), "Fees 22", frozenset((Step.PAY_FEE,))),
            Term(Due.SERVE_COPY, Acts.COURT, Period(days=5), "CPL 128", frozenset((Step.SERVED,))),
        ),
        Step.SERVICE_ANNOUNCED: (
            Term(Due.ANNOUNCEMENT, Acts.COURT, Period(days=30), "CPL 95", frozenset((Step.SERVED,))),
        ),
        Step.SERVED: (Term(Due.DEFENCE, Acts.DEBTOR, Period(days=15), "CPL 128", frozenset((Step.HEARD,))),),
        Step.HEARING_SET: (Term(Due.HEARING, Acts.US, Period(), "house", frozenset((Step.HEARD,))),),
        Step.JUDGED: (
            Term(Due.APPEAL, Acts.EITHER, Period(days=15), "CPL 171",
                 frozenset((Step.APPEAL, Step.PAID))),
        ),
        Step.ASK_CERTIFICATE: (
            Term(Due.CERTIFICATE, Acts.OTHER, Period(working=15), "Notarization Law 30",
                 frozenset((Step.CERTIFICATE_ISSUED, Step.CERTIFICATE_REFUSED))),
        ),
    }
)  # fmt: skip
TRIALS: Mapping[Lane, Term] = MappingProxyType(
    {
        Lane.SMALL_CLAIM: Term(Due.TRIAL, Acts.COURT, Period(months=2), "CPL 168", _TO_TITLE),
        Lane.SUIT: Term(Due.TRIAL, Acts.COURT, Period(months=3), "CPL 164", _TO_TITLE),
    }
)
"""From the filing that was accepted; an ordinary procedure has longer, so that this is the cautious day."""

WAITS_FOR: Mapping[Step, Due] = MappingProxyType(
    {Step.ORDER_STANDS: Due.ORDER_OBJECTION, Step.BECOMES_EFFECTIVE: Due.APPEAL}
)
"""Steps that take effect by silence: not before the other side's time is over."""

_RUNS_ON_IN_COURT = frozenset((Due.PAY_FEE, Due.SERVE_COPY, Due.DEFENCE, Due.HEARING, Due.TRIAL, Due.BEGIN_IN_TIME))
_COURT = frozenset((State.ACCEPTED, State.ANNOUNCED, State.SERVED, State.HEARD))
_RUNS_ON: Mapping[Due, frozenset[State]] = MappingProxyType(
    {
        **dict.fromkeys(_RUNS_ON_IN_COURT, _COURT),
        Due.BEGIN_IN_TIME: frozenset((State.PREPARED, State.SETTLED)),
        Due.SUE_AFTER_PRESERVATION: frozenset((State.PREPARED, State.MEDIATING, State.SETTLED)),
        Due.PERFORM: frozenset((State.MEDIATED, State.CONFIRMING, State.SETTLED, State.EFFECTIVE, State.ENFORCING)),
        Due.ENFORCE: frozenset((State.EFFECTIVE, State.SETTLED)),
        Due.ASK_CONFIRMATION: frozenset((State.MEDIATED,)),
    }
)
"""States in which a deadline keeps running though another step than its own was taken."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """A file after its steps, with every deadline that ever ran, in the order in which they began."""

    standing: Standing
    deadlines: tuple[Deadline, ...]

    @property
    def next(self) -> Deadline | None:
        """The open deadline that comes first."""
        return min((one for one in self.deadlines if one.is_open), key=lambda one: one.due_on, default=None)


def agenda(lane: Lane, steps: Sequence[Taken], calendar: WorkCalendar) -> Agenda:
    """Work a file through all its steps, the opening first.

    Refuses: no opening, a step that the machine does not know here, a day before the step before it, what takes effect
    by silence before the silence is over, a named day that lies before its step.
    """
    if not steps or steps[0].step is not Step.PREPARE:
        raise StepRefused("not_opened", Text("案卷须先建卷", "a file is opened first"))
    now = Agenda(begin(lane), tuple(_begun(lane, 1, steps[0], calendar)))
    for n, taken in enumerate(steps[1:], start=2):
        now = _after(now, n, taken, steps[n - 2].on, calendar)
    return now


def _after(before: Agenda, n: int, taken: Taken, last_on: date, calendar: WorkCalendar) -> Agenda:
    if taken.on < last_on:
        text = Text(f"日期早于上一步骤（{last_on}）", f"the day lies before the last step ({last_on})")
        raise StepRefused("before_last", text, "on")
    if taken.until_on is not None and taken.until_on < taken.on:
        raise StepRefused(
            "day_before", Text("所写日期早于步骤当天", "the day that is named lies before the step"), "until_on"
        )
    _require_silence(before, taken)
    standing = take(before.standing, taken)
    kept = [_carried(one, standing, taken) for one in before.deadlines]
    return Agenda(standing, (*kept, *_begun(standing.lane, n, taken, calendar)))


def _require_silence(before: Agenda, taken: Taken) -> None:
    due = WAITS_FOR.get(taken.step)
    running = [one.due_on for one in before.deadlines if one.is_open and one.term.due is due]
    if running and before.standing.lane is not Lane.SMALL_CLAIM and taken.on <= max(running):
        text = Text(
            f"期限至 {max(running)} 届满，其后才能登记", f"the time ends on {max(running)}; help: record it after that"
        )
        raise StepRefused("too_early", text, "on")


def _carried(one: Deadline, standing: Standing, taken: Taken) -> Deadline:
    if not one.is_open:
        return one
    if taken.step in one.term.met_by:
        return replace(one, met_on=taken.on)
    is_anew = any(term.due is one.term.due for term in TERMS.get(taken.step, ()))
    if is_anew or standing.state not in _RUNS_ON.get(one.term.due, frozenset()):
        return replace(one, dropped_on=taken.on)
    return one


def _begun(lane: Lane, n: int, taken: Taken, calendar: WorkCalendar) -> Iterable[Deadline]:
    terms = list(TERMS.get(taken.step, ()))
    if taken.step is Step.JUDGED and lane is Lane.SMALL_CLAIM:
        terms = []
    if taken.step in (Step.FILING_ACCEPTED, Step.BECOMES_SUIT) and lane in TRIALS:
        terms.append(TRIALS[lane])
    for term in terms:
        if term.period != Period() or taken.until_on is not None:
            yield Deadline(term, n, taken.on, _due_on(term, taken, calendar))
    if taken.step in NAMES_PAYMENT and taken.until_on is not None:
        yield Deadline(_PERFORM, n, taken.on, taken.until_on)
    if _gives_title(taken.step):
        counted = replace(taken, on=taken.until_on or taken.on)
        due = Deadline(_ENFORCE, n, taken.on, _due_on(_ENFORCE, counted, calendar))
        yield replace(due, due_on=max(due.due_on, taken.on))


def _gives_title(step: Step) -> bool:
    return step in NAMES_PAYMENT - {Step.MEDIATION_AGREED, Step.SETTLE}


def _due_on(term: Term, taken: Taken, calendar: WorkCalendar) -> date:
    """The day by which somebody acts, never before the step itself."""
    period, on = term.period, taken.on
    if period == Period():
        assert taken.until_on is not None, "asked before"
        return taken.until_on if term.due is not Due.BEGIN_IN_TIME else max(calendar.back(taken.until_on), on)
    if period.working is not None:
        return calendar.add_working_days(on, period.working)
    if period.days is not None:
        nominal = add_days(on, period.days)
    elif period.months is not None:
        nominal = add_months(on, period.months)
    else:
        assert period.years is not None, "a period counts something"
        nominal = add_years(on, period.years)
    return max(calendar.back(nominal), on) if term.acts is Acts.US else calendar.roll(nominal)


def cautious_limitation(unpaid_since: date | None, interrupted_on: date | None, calendar: WorkCalendar) -> date | None:
    """The day by which we begin: three years from the first instalment that was missed, or from the day of an
    interruption that is proven; None where neither is known. Law: CC 188, CC 195; house reading of ambiguity 8."""
    from_on = interrupted_on or unpaid_since
    return calendar.back(add_years(from_on, LIMITATION_YEARS)) if from_on is not None else None
