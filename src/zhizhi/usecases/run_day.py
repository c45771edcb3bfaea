"""One run of a day for one lender: age, assign, wish, decide, deliver. Doing it twice for a date changes nothing.

The run keeps the step that is next, so a killed run goes on where it stopped. Wishes = proposals + those skipped
because their channel is not connected;
proposals = permitted + refused + held.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from zhizhi.core.kernel.text import Text
from zhizhi.store import channels
from zhizhi.store.packs import load_law
from zhizhi.store.snapshot import PersonFacts, load_facts
from zhizhi.store.strategy.working import DayFigures, OpenCase, PlannedWish, day_figures, open_cases, planned_wishes
from zhizhi.store.templates.approved import ApprovedTemplate, load_approved
from zhizhi.store.transact.ageing import EntryRules, age_book
from zhizhi.store.transact.assigning import assign_cases
from zhizhi.store.transact.gate import Stale
from zhizhi.store.transact.runs import NewWish, RunState, WishResult, add_wishes, advance_run, begin_run, settle_wishes
from zhizhi.usecases.proposal import Proposal
from zhizhi.usecases.propose_contact import Proposed, propose_many
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.strategy_table import CaseToWork, Step, StrategyTable, parse_strategy

BATCH_MAX = 500
TRIES_MAX = 5
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

Deliver = Callable[[datetime], None]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class RunDay:
    """A lender and a day; `origin` says whose clock the instants are of."""

    lender_id: int
    on: date
    origin: str


def run_day(command: RunDay, at: datetime, deliver: Deliver, progress: Progress) -> DayFigures:
    """Work one day. Refuses: a lender without an active strategy, a declared clock beside a real channel."""
    if command.origin == "declared" and (real := sorted(channels.real_gateways())):
        raise UseCaseRefused(
            "declared_clock",
            Text(
                f"已接入真实渠道（{'、'.join(real)}），不能使用演示时钟",
                f"a real channel is configured ({', '.join(real)}): no declared clock may run",
            ),
        )
    run = begin_run(command.lender_id, command.on, command.origin, at)
    if run.step == "done":
        return day_figures(run.run_id)
    if run.strategy_body is None:
        raise UseCaseRefused(
            "no_strategy",
            Text(f"{run.lender} 没有启用的策略", f"{run.lender} has no active strategy; help: have one activated"),
        )
    table = parse_strategy(run.strategy_body)
    if run.step == "age":
        _age(run, table, at)
        advance_run(run.run_id, "wish", {}, at)
    if run.step in ("age", "wish"):
        _wish(run, table)
        advance_run(run.run_id, "decide", {}, at)
    undecided = _decide(run, at, deliver, progress)
    if not undecided:
        advance_run(run.run_id, "done", {}, at)
    return day_figures(run.run_id)


def _age(run: RunState, table: StrategyTable, at: datetime) -> None:
    rules = EntryRules(table.entry_from_days, table.tolerance_days, table.tolerance_minor, table.stages)
    aged = age_book(run.lender_id, rules, run.on, at)
    assigned = assign_cases(run.lender_id)
    counts = {
        "opened": aged.opened,
        "aged": aged.aged,
        "closed": aged.closed,
        "broken_promises": aged.broken_promises,
        "assigned": assigned.assigned,
        "without_room": assigned.without_room,
    }
    advance_run(run.run_id, "wish", counts, at)


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
    system clock."""
    wishes = planned_wishes(run.run_id)
    templates = load_approved(run.lender_id)
    done, later = 0, 0
    for planned_at, group in groupby(wishes, key=lambda wish: wish.planned_at):
        due = list(group)
        if run.origin == "system" and planned_at > at:
            later += len(due)
            continue
        instant = planned_at if run.origin == "declared" else at
        for batch in _batches(due):
            settle_wishes(_decide_batch(run, batch, templates, instant))
            done += len(batch)
            progress(run.lender, done, len(wishes))
        deliver(instant)
    return later


def _batches(wishes: Sequence[PlannedWish]) -> Iterator[list[PlannedWish]]:
    """Batches in which a person stands at most once, in order."""
    batch: dict[int, PlannedWish] = {}
    for wish in wishes:
        if wish.person_id in batch or len(batch) == BATCH_MAX:
            yield list(batch.values())
            batch = {}
        batch[wish.person_id] = wish
    if batch:
        yield list(batch.values())


def _decide_batch(
    run: RunState, batch: Sequence[PlannedWish], templates: dict[str, ApprovedTemplate], at: datetime
) -> list[WishResult]:
    results: list[WishResult] = []
    waiting = list(batch)
    for _ in range(TRIES_MAX):
        facts = load_facts([wish.person_id for wish in waiting])
        proposals: dict[int, Proposal] = {}
        for wish in waiting:
            proposal = _proposal(run, wish, facts[wish.person_id], templates)
            if isinstance(proposal, str):
                results.append(WishResult(wish.person_id, wish.wish_id, "hold", proposal, None))
            else:
                proposals[wish.wish_id] = proposal
        asked = [wish for wish in waiting if wish.wish_id in proposals]
        answers = propose_many([proposals[wish.wish_id] for wish in asked], facts, at, origin=run.origin)
        results += [
            _result(wish, answer) for wish, answer in zip(asked, answers, strict=True) if isinstance(answer, Proposed)
        ]
        waiting = [wish for wish, answer in zip(asked, answers, strict=True) if isinstance(answer, Stale)]
        if not waiting:
            return results
    return results + [WishResult(wish.person_id, wish.wish_id, "hold", "overtaken", None) for wish in waiting]


def _proposal(
    run: RunState, wish: PlannedWish, facts: PersonFacts, templates: dict[str, ApprovedTemplate]
) -> Proposal | str:
    """The proposal of a wish, or why nobody can propose it."""
    if facts.stop is not None:
        return f"stop_{facts.stop}"
    template = templates.get(wish.template_code)
    if template is None:
        return "no_approved_template"
    if channels.gateway_of(wish.channel) in channels.real_gateways() and load_law(facts.profile).is_partial:
        return "partial_profile"
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


def _result(wish: PlannedWish, answer: Proposed) -> WishResult:
    decision = answer.decision
    verdict = "hold" if decision.verdict == "presumed_violation" else str(decision.verdict)
    reason = decision.reasons[0].rule if decision.reasons and verdict != "permit" else ""
    return WishResult(wish.person_id, wish.wish_id, verdict, reason, answer.receipt.decision_id)
