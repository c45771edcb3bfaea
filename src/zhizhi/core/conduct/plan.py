"""plan(case, wishes, law, horizon): contacts that every rule permits, or the smallest set of rules that prevents them.

Pure. The engine that decides is an argument: the reference evaluator, or a quicker one that means the same.
"""

from zhizhi.core.conduct.case import Case
from zhizhi.core.conduct.decide import decide
from zhizhi.core.conduct.decision import ENGINE, Decision, PackUsed, Reason
from zhizhi.core.conduct.planning.answer import Cause, Contact, Plan, Prevented, Unplaced
from zhizhi.core.conduct.planning.document import parse_plan
from zhizhi.core.conduct.planning.prevented import preventing
from zhizhi.core.conduct.planning.search import Found, Search
from zhizhi.core.conduct.planning.steps import CameOf, Decide, Placed, Steps, Stuck
from zhizhi.core.conduct.planning.wish import Horizon, PlanCase, Times, Wish
from zhizhi.core.law.law import Law

__all__ = [
    "CameOf",
    "Cause",
    "Contact",
    "Horizon",
    "Plan",
    "PlanCase",
    "Prevented",
    "Times",
    "Unplaced",
    "Wish",
    "parse_plan",
    "plan",
]


def plan(case: Case, wishes: tuple[Wish, ...], law: Law, horizon: Horizon, decide: Decide = decide) -> Plan | Prevented:
    """Place as many of the wished contacts as the law permits, as many of these as can be at preferred times.

    The contact of `case` plays no part. Each planned contact is permitted whatever comes of those before it. Raises:
    ValueError where the law is another profile's.
    """

    def steps_under(changed: Law) -> Steps:
        return Steps(case, wishes, horizon, changed, decide)

    steps = steps_under(law)
    search = Search(steps)
    found = search.run()
    part = _plan(steps, found)
    if len(found.placed) == search.total:
        return part
    blame = preventing(law, steps_under)
    unplaced = tuple(_unplaced(steps, found))
    return Prevented(part, unplaced, _cause(blame.rules, steps), blame.rules, blame.smallest, blame.sure)


def _plan(steps: Steps, found: Found) -> Plan:
    law, case = steps.law, steps.case
    contacts = [_contact(steps, found.placed[:place], step) for place, step in enumerate(found.placed)]
    return Plan(
        id=case.id,
        wished=sum(wish.count for wish in steps.wishes),
        horizon=steps.horizon,
        contacts=tuple(contacts),
        complete=found.complete,
        warnings=_at_first(steps, 0).warnings,
        packs=tuple(PackUsed(pack.id, pack.version, pack.sha256) for pack in law.packs),
        zone=steps.zone.key,
        engine=ENGINE,
    )


def _contact(steps: Steps, before: tuple[Placed, ...], step: Placed) -> Contact:
    wish = steps.wishes[step.wish]
    decisions = steps.decisions(before, step)
    ends = [decision.must_end_by for decision in decisions.values() if decision.must_end_by is not None]
    reached = decisions[CameOf.REACHED]
    return Contact(
        wish=wish.id,
        contact=steps.proposed(wish, step.point, step.at),
        ends_at=step.ends_at,
        preferred=steps.preferred(step),
        must_end_by=min(ends, default=None),
        obligations=tuple(dict.fromkeys(one for decision in decisions.values() for one in decision.obligations)),
        budgets=reached.budgets,
    )


def _unplaced(steps: Steps, found: Found) -> list[Unplaced]:
    """What was said against each wish that was not placed whole.

    Boundary: by itself, else after what was placed, else at the beginning of the span, which pushed it too far back.
    """
    unplaced = []
    for number, wish in enumerate(steps.wishes):
        lacking = wish.count - sum(one.wish == number for one in found.placed)
        if lacking:
            against = _against(steps, (), number) or _against(steps, found.placed, number) or _at_first(steps, number)
            unplaced.append(Unplaced(wish.id, lacking, against.reasons, against.unknown))
    return unplaced


def _against(steps: Steps, placed: tuple[Placed, ...], number: int) -> Decision | None:
    for point in steps.wishes[number].points:
        step = steps.first(placed, number, point)
        if isinstance(step, Stuck) and step.decision is not None:
            return step.decision
    return None


def _at_first(steps: Steps, number: int) -> Decision:
    """The decision about a wish at the beginning of the span."""
    wish, at = steps.wishes[number], steps.horizon.start
    return steps.decisions((), Placed(number, wish.points[0], at, at + wish.lasts))[CameOf.UNKNOWN]


def _cause(rules: tuple[Reason, ...], steps: Steps) -> Cause:
    if rules:
        return Cause.RULES
    held = frozenset(rule.id for pack in steps.law.packs for rule in pack.rules)
    return Cause.LAW if steps.met.keys() - held else Cause.SPAN
