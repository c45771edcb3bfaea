"""Which proposals have something beside them: a statement, a state, several debts, a call of the day, a letter.

Few do. All that stands beside is worked out for these alone; of every other proposal it is known that there is nothing.
"""

import ibis

from zhizhi.batch.asked import Scene, dated, linked
from zhizhi.batch.clock import DAY_US
from zhizhi.batch.history import CALLS, CALLS_BACK_US, OF_VISITS, firsts, ours
from zhizhi.batch.occasions import OF_DAY, counted_bodies
from zhizhi.batch.tables import Table
from zhizhi.batch.truth import any_of
from zhizhi.core.law.nodes import Cap, Cooldown


def beside(scene: Scene, occasions: Table, near: Table) -> tuple[Table, Table]:
    """The ids of the proposals beside which something stands, and of first contacts where that matters."""
    demand, proposals = scene.demand, scene.facts.proposals
    found = [linked(proposals), proposals.semi_join(scene.plan.step("marked", _persons(scene)), "person")]
    concerned: dict[str, list[str]] = {}
    for name, body in counted_bodies(demand).items():
        concerned.setdefault(_kind(body), []).append(name)
    rows = dated(scene, proposals).inner_join(occasions, OF_DAY)
    for kind, names in concerned.items():
        asking = rows.filter(any_of(rows[name] for name in names))
        found.append(_near_letters(asking, near) if kind == "letters" else _near_calls(scene, asking, near, kind))
    first = scene.plan.step("first", firsts(scene, rows.filter(rows.asks_first)))
    ids = ibis.union(first, *[table.select("proposal") for table in found], distinct=True)
    return scene.plan.step("beside", ids), first


def near_events(scene: Scene) -> Table:
    """What we sent so lately that it can count or keep a letter back."""
    events = ours(scene.facts)
    events = events.filter(events.e_us >= scene.asked_first_us - max(CALLS_BACK_US, days_back(scene) * DAY_US))
    lately = events.e_us >= scene.asked_first_us - CALLS_BACK_US
    letters = (events.e_channel == "letter") & (events.e_us >= scene.asked_first_us - days_back(scene) * DAY_US)
    counted = (events.e_channel.isin(CALLS) | (events.e_channel == "visit")) & lately
    return events.filter((counted | letters) & (events.e_us <= scene.asked_last_us))


def days_back(scene: Scene) -> int:
    """How many days back a letter can matter."""
    days = [body.days for body in scene.demand.bodies(Cooldown)]
    assert all(isinstance(number, int) for number in days), "numbers are filled in before a rule is compiled"
    return max((int(number) for number in days if isinstance(number, int)), default=0) + 2


def _kind(body: Cap | Cooldown) -> str:
    if isinstance(body, Cooldown):
        return "letters"
    return "visits" if body.count in OF_VISITS else "calls"


def _persons(scene: Scene) -> Table:
    """Persons of whom something is told beside what every person has."""
    facts = scene.facts
    ordered = facts.persons.no_contact_order_until_us.notnull() | facts.persons.hardship_until_us.notnull()
    found = [
        facts.statements, facts.debtor_spans, facts.debt_spans, facts.reviews, scene.away,
        facts.persons.filter(ordered), scene.holders.filter(scene.holders.many),
    ]  # fmt: skip
    return ibis.union(*[table.select("person") for table in found], distinct=True)


def _near_calls(scene: Scene, asking: Table, near: Table, kind: str) -> Table:
    """Proposals to parties who were called or visited on their day."""
    events = near.filter(near.e_channel.isin(CALLS) if kind == "calls" else near.e_channel == "visit")
    events = scene.zoned(events)
    events = events.select("person", "party", day=scene.clock(events).day(events.e_us))
    return asking.semi_join(events, ["person", "party", "day"])


def _near_letters(asking: Table, near: Table) -> Table:
    """Proposals to parties who were sent a letter since the longest cooldown began."""
    return asking.semi_join(near.filter(near.e_channel == "letter"), ["person", "party"])
