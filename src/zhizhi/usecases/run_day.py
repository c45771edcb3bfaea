"""One run of a day for one lender: age, assign, wish, decide, deliver. Doing it twice for a date changes nothing.

The run keeps the step that is next, and every decision settles its wish in its own commit, so a killed run goes on
where it stopped. Wishes = proposals + skipped; proposals = permitted + refused + held.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from zhizhi.core.kernel.instants import BEIJING
from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.canaries.ageing import age_canaries
from zhizhi.store.certificates.keeping import certify_settled
from zhizhi.store.debits.planning import plan_debits
from zhizhi.store.snapshot import PersonFacts, load_facts
from zhizhi.store.strategy.working import (
    DayFigures,
    OpenCase,
    PlannedWish,
    day_figures,
    instants_waiting,
    open_cases,
    planned_wishes,
)
from zhizhi.store.templates.approved import ApprovedTemplate, load_approved
from zhizhi.store.transact.ageing import EntryRules
from zhizhi.store.transact.day_start import start_day
from zhizhi.store.transact.deliveries import cancel_run
from zhizhi.store.transact.gate import Stale
from zhizhi.store.transact.relief_days import age_reliefs
from zhizhi.store.transact.runs import (
    NewWish,
    RunState,
    add_wishes,
    advance_run,
    begin_run,
    close_past_runs,
    working,
)
from zhizhi.store.transact.wishes import WishResult, settle_wishes
from zhizhi.usecases.placements.ending import expire_placements
from zhizhi.usecases.proposal import Proposal, worked_debts
from zhizhi.usecases.propose_contact import propose_many
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.strategy_table import CaseToWork, Step, StrategyTable, parse_strategy
from zhizhi.usecases.zones import civil_day

BATCH_MAX = 500
TRIES_MAX = 20
POINT_KINDS = {
    "sms": ("mobile",),
    "voice": ("mobile", "landline"),
    "email": ("email",),
    "letter": ("postal",),
    "im": ("im",),
    "app": ("sign_in",),
}
NOT_CONNECTED = "not_connected"
ROBOT_NOT_CONNECTED = "robot_not_connected"
CASE_CLOSED = "case_closed"  # paid or withdrawn between wish and decision: there is nothing to propose any more

Deliver = Callable[[datetime], None]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class RunDay:
    """A lender and a day; `origin` says whose clock the instants are of."""

    lender_id: int
    on: date
    origin: str


def run_day(command: RunDay, at: datetime, deliver: Deliver, progress: Progress) -> DayFigures:
    """Work one day. Refuses: a lender without an active strategy, a declared clock beside a real channel, a day that
    another process works now, that began on the other clock, or that is not today on the system's clock."""
    _check_clock(command, at)
    if command.origin == "system":
        close_past_runs(command.lender_id, command.on, at)
    run_id = begin_run(command.lender_id, command.on, command.origin, at).run_id
    with working(run_id) as run:
        if run is None:
            raise UseCaseRefused(
                "being_worked",
                Text("另一进程正在处理这一天", "another process works this day now; help: wait until it is done"),
            )
        if run.origin != command.origin:
            raise UseCaseRefused(
                "other_clock",
                Text(
                    f"{run.on} 已按另一时钟开始处理，请沿用该时钟",
                    f"{run.on} was begun on the other clock; help: go on with that one",
                ),
            )
        if run.step != "done":
            _work(run, at, deliver, progress)
    return day_figures(run_id)


def _check_clock(command: RunDay, at: datetime) -> None:
    if command.origin == "declared" and (real := sorted(channels.real_gateways())):
        raise UseCaseRefused(
            "declared_clock",
            Text(
                f"已接入真实渠道（{'、'.join(real)}），不能使用演示时钟",
                f"a real channel is configured ({', '.join(real)}): no declared clock may run",
            ),
        )
    if command.origin == "system" and command.on != civil_day(at):
        raise UseCaseRefused("other_day", Text("系统时钟只能处理今天", "the system's clock works today only"))


def _work(run: RunState, at: datetime, deliver: Deliver, progress: Progress) -> None:
    if run.strategy_body is None:
        raise UseCaseRefused(
            "no_strategy",
            Text(f"{run.lender} 没有启用的策略", f"{run.lender} has no active strategy; help: have one activated"),
        )
    table = parse_strategy(run.strategy_body)
    if run.step == "age":
        rules = EntryRules(table.entry_from_days, table.tolerance_days, table.tolerance_minor, table.stages)
        expire_placements(run.lender_id, run.on, _start_of(run, at))
        age_reliefs(run.lender_id, run.on, _start_of(run, at))
        certify_settled(run.lender_id, run.on, _start_of(run, at))
        plan_debits(run.lender_id, run.on, _start_of(run, at))
        start_day(run, rules, _start_of(run, at))
        age_canaries(run.lender_id, rules, run.on, _start_of(run, at))
    if run.step in ("age", "wish"):
        _wish(run, table)
        advance_run(run.run_id, "decide", {}, at)
    later = _decide(run, at, deliver, progress)
    if not later:
        if run.origin == "declared":
            cancel_run(run.run_id, _midnight(run.on + timedelta(days=1)))
        advance_run(run.run_id, "done", {}, at)


def _start_of(run: RunState, at: datetime) -> datetime:
    """The instant for which the book is aged: the first of a declared day, now on the system's clock."""
    return _midnight(run.on) if run.origin == "declared" else at


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(0), BEIJING)


def _wish(run: RunState, table: StrategyTable) -> None:
    """A stop beats every stage: a stopped case wishes for nothing."""
    for block in open_cases(run.lender_id):
        wishes = [
            _new_wish(run, case, step)
            for case in block
            if case.stop is None
            for step in table.wishes(_case_to_work(case))
        ]
        add_wishes(run.run_id, wishes)


def _case_to_work(case: OpenCase) -> CaseToWork:
    return CaseToWork(
        person_id=case.person_id,
        case_id=case.case_id,
        days_past_due=case.days_past_due,
        balance_minor=case.balance_minor,
        product=case.product,
        has_open_promise=case.has_open_promise,
        collector_id=case.collector_id,
    )


def _new_wish(run: RunState, case: OpenCase, step: Step) -> NewWish:
    skipped = ROBOT_NOT_CONNECTED if step.robot else "" if channels.gateway_of(step.channel) else NOT_CONNECTED
    return NewWish(
        person_id=case.person_id,
        case_id=case.case_id,
        step=step.id,
        channel=step.channel,
        purpose=step.purpose,
        form=step.form,
        template_code=step.template,
        planned_at=step.planned_at(run.on, case.case_id),
        skipped_because=skipped,
    )


def _decide(run: RunState, at: datetime, deliver: Deliver, progress: Progress) -> int:
    """Decide what is due, instant by instant, and deliver after each; answers how many wishes lie later than a
    system clock. What an interrupted start had decided and not delivered is delivered first."""
    wishes = planned_wishes(run.run_id)
    templates = load_approved(run.lender_id)
    if run.origin == "declared":
        for instant in instants_waiting(run.run_id):
            deliver(instant)
    done = 0
    for instant, due in _due(run, wishes, at):
        for batch in batches(due):
            _decide_batch(run, batch, templates, instant)
            done += len(batch)
            progress(run.lender, done, len(wishes))
        deliver(instant)
    return len(wishes) - done


def _due(run: RunState, wishes: Sequence[PlannedWish], at: datetime) -> Iterator[tuple[datetime, list[PlannedWish]]]:
    """A declared clock goes from instant to instant; on the system's all that is due by now is decided now, at once."""
    if run.origin == "declared":
        for planned_at, group in groupby(wishes, key=lambda wish: wish.planned_at):
            yield planned_at, list(group)
    elif due := [wish for wish in wishes if wish.planned_at <= at]:
        yield at, due


def batches(wishes: Sequence[PlannedWish]) -> Iterator[Sequence[PlannedWish]]:
    """Batches in which a person stands at most once: the n-th wish of a person is in the n-th round."""
    before: Counter[int] = Counter()
    rounds: list[list[PlannedWish]] = []
    for wish in wishes:
        if before[wish.person_id] == len(rounds):
            rounds.append([])
        rounds[before[wish.person_id]].append(wish)
        before[wish.person_id] += 1
    for one in rounds:
        for start in range(0, len(one), BATCH_MAX):
            yield one[start : start + BATCH_MAX]


def _decide_batch(
    run: RunState, batch: Sequence[PlannedWish], templates: dict[str, ApprovedTemplate], at: datetime
) -> None:
    """Decide a batch; who was overtaken by another commit is asked again on newer facts."""
    waiting = list(batch)
    for _ in range(TRIES_MAX):
        waiting = _try_batch(run, waiting, templates, at)
        if not waiting:
            return
    settle_wishes([_unasked(wish, "hold", "overtaken") for wish in waiting])


def _try_batch(
    run: RunState, waiting: Sequence[PlannedWish], templates: dict[str, ApprovedTemplate], at: datetime
) -> list[PlannedWish]:
    facts = load_facts([wish.person_id for wish in waiting], at)
    unasked: list[WishResult] = []
    asked: list[tuple[PlannedWish, Proposal]] = []
    for wish in waiting:
        proposal = _proposal(run, wish, facts[wish.person_id], templates)
        if isinstance(proposal, Proposal):
            asked.append((wish, proposal))
        else:
            unasked.append(_unasked(wish, "skipped" if proposal == CASE_CLOSED else "hold", proposal))
    answers = propose_many([proposal for _, proposal in asked], facts, at, origin=run.origin)
    again: list[PlannedWish] = []
    for (wish, _), answer in zip(asked, answers, strict=True):
        if isinstance(answer, Stale):
            again.append(wish)
        elif isinstance(answer, UseCaseRefused):
            unasked.append(_unasked(wish, "hold", answer.code))
    settle_wishes(unasked)
    return again


def _unasked(wish: PlannedWish, result: str, reason: str) -> WishResult:
    return WishResult(wish.person_id, wish.wish_id, result, reason, None)


def _proposal(
    run: RunState, wish: PlannedWish, facts: PersonFacts, templates: dict[str, ApprovedTemplate]
) -> Proposal | str:
    """The proposal of a wish, or why nobody can propose it."""
    if facts.case_id != wish.case_id:
        return CASE_CLOSED
    if facts.stop is not None:
        return f"stop_{facts.stop}"
    template = templates.get(wish.template_code)
    if template is None or template.channel != wish.channel:
        return "no_approved_template"
    found = debtor_point(facts, wish.channel)
    if found is None:
        return "no_point"
    party, point = found
    return Proposal(
        person_id=wish.person_id,
        party_id=party,
        point_id=point,
        channel=wish.channel,
        form=wish.form,
        purpose=wish.purpose,
        template=template,
        by=wish.collector_id or run.responsible_id,
        run_id=run.run_id,
        debts=worked_debts(facts),
        wish_id=wish.wish_id,
    )


def debtor_point(facts: PersonFacts, channel: str) -> tuple[int, int] | None:
    """Party and point at which the debtor is reached on a channel: the reserved one first, none that is dead or
    another's."""
    debtors = {party["id"] for party in facts.document["parties"] if party["role"] == "debtor"}
    usable = [
        point
        for point in facts.document["points"]
        if point["party"] in debtors
        and point["kind"] in POINT_KINDS.get(channel, ())
        and "invalid_since" not in point
        and not point.get("misdirected")
    ]
    if not usable:
        return None
    best = min(usable, key=lambda point: (not point.get("reserved"), int(point["id"][1:])))
    return int(best["party"][1:]), int(best["id"][1:])
