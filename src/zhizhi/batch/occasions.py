"""Occasions: what the way of a contact, its collector and its day settle. Alike, they share a number."""

from datetime import date

import ibis

from zhizhi.batch.asked import Scene, dated
from zhizhi.batch.demand import Demand, asked_by
from zhizhi.batch.rules import Reader
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import any_of, column_of, surely
from zhizhi.core.law.nodes import Cap, Cooldown, Fresh

_EPOCH = date(1970, 1, 1)
_STATED = (
    "channel", "form", "robot", "purpose", "discloses_debt", "identifies_collector", "names_principal", "recording",
    "team_size", "id_shown", "enters_premises",
)  # fmt: skip
_OF_COLLECTOR = ("kind", "listed", "private_device", "private_device_approved")
_DATED = ("evaluated_on", "inspected_on", "trained_on")
OF_DAY = ("contact", "collector", "day")
"""What tells the ways, collectors and days of proposals apart."""


def occasions_of(scene: Scene) -> tuple[Table, Table]:
    """Every `contact`, `collector` and `day` of a proposal with its `occasion`, and what each occasion says.

    Beside the first stands which bodies may concern such a proposal, whatever the rest of it says (`concerned_<n>`),
    and whether it matters that a contact is the first (`asks_first`).
    """
    demand, facts = scene.demand, scene.facts
    rows = dated(scene, facts.proposals).select(*OF_DAY).distinct()
    rows = rows.inner_join(_ways(demand, facts.contacts), "contact")
    rows = rows.inner_join(_collectors(demand, facts.collectors), "collector")
    rows = rows.mutate(period=_period(demand, rows.day), **_aged(demand, rows)).drop("ends_day", *_days(demand))
    said = [name for name in rows.columns if name not in OF_DAY]
    rows = rows.mutate(occasion=ibis.dense_rank().over(order_by=said))
    reader = Reader(rows)
    asked = {
        name: any_of(
            reader.concerned(bound.clause) for bound in demand.clauses_of(type(body)) if bound.clause.body == body
        )
        for name, body in counted_bodies(demand).items()
    }
    bounds = [bound for period in demand.periods for bound in period.bounds if "contact.first" in asked_by(bound)]
    asked["asks_first"] = any_of(reader.may_block(bound.clause) for bound in bounds)
    rows = scene.plan.step("occasions", rows.mutate(**asked))
    return rows.select(*OF_DAY, "occasion", *asked), rows.select("occasion", *said).distinct()


def counted_bodies(demand: Demand) -> dict[str, Cap | Cooldown]:
    """The bodies for which events are counted, each by the name of the column that says whether it may concern."""
    bodies: list[Cap | Cooldown] = [*demand.bodies(Cap), *demand.bodies(Cooldown)]
    return {f"concerned_{number}": body for number, body in enumerate(bodies)}


def days_of_collectors(demand: Demand, collectors: Table) -> Table:
    """The days of a collector that grow old, as numbers, and the same date a year later beside them."""
    found = {}
    for name in _DATED:
        column = column_of(f"collector.{name}")
        if demand.asks(f"collector.{name}"):
            found[f"{column}_day"] = collectors[name].epoch_days().cast("int64")
            found[f"{column}_anniversary"] = (collectors[name] + ibis.interval(years=1)).epoch_days().cast("int64")
    ends = collectors.contract_ends_on.epoch_days().cast("int64")
    return collectors.select("collector", ends_day=ends, **found)


def last_day(rows: Table, fresh: Fresh) -> Column:
    """The last day on which a day of a collector is not too old."""
    name = column_of(fresh.feature)
    assert isinstance(fresh.days, int), "numbers are filled in before a rule is compiled"
    return rows[f"{name}_anniversary"] if fresh.anniversary else rows[f"{name}_day"] + fresh.days


def _days(demand: Demand) -> list[str]:
    columns = [column_of(f"collector.{name}") for name in _DATED if demand.asks(f"collector.{name}")]
    return [f"{column}_{part}" for column in columns for part in ("day", "anniversary")]


def _ways(demand: Demand, contacts: Table) -> Table:
    """The features that a way of contact settles, and what others are made of."""
    marks = {
        column_of("contact.content", value): contacts.content.contains(value)
        for feature, value in sorted(demand.values)
        if feature == "contact.content"
    }
    stated = {column_of(f"contact.{name}"): contacts[name] for name in _STATED if demand.asks(f"contact.{name}")}
    return contacts.select("contact", "robot", "purpose", "place", **stated, **marks)


def _collectors(demand: Demand, collectors: Table) -> Table:
    """The features that a collector settles. Of a day that grows old a rule asks beside its age only whether it is."""
    plain = {
        column_of(f"collector.{name}"): collectors[name] for name in _OF_COLLECTOR if demand.asks(f"collector.{name}")
    }
    known = {
        column_of(f"collector.{name}"): ibis.ifelse(collectors[name].notnull(), 1, ibis.null("int64"))
        for name in _DATED
        if demand.asks(f"collector.{name}")
    }
    rows = collectors.select("collector", "person_acts", **plain, **known)
    return rows.inner_join(days_of_collectors(demand, collectors), "collector")


def _aged(demand: Demand, rows: Table) -> dict[str, Column]:
    """What a collector's days say on the day of the contact."""
    found = {}
    for number, fresh in enumerate(demand.bodies(Fresh)):
        day = rows[f"{column_of(fresh.feature)}_day"]
        found[f"fresh_{number}_forbid"] = surely(day > rows.day) | surely(rows.day > last_day(rows, fresh))
        found[f"fresh_{number}_open"] = day.isnull()
    if demand.asks("collector.person_acts"):
        found[column_of("collector.person_acts")] = rows.person_acts | ~rows.robot
    if demand.asks("collector.contract_running"):
        found[column_of("collector.contract_running")] = rows.day <= rows.ends_day
    return found


def _period(demand: Demand, day: Column) -> Column:
    """The number of the period of the law in which a day lies."""
    number = ibis.literal(0, "int64")
    for place, period in enumerate(demand.periods[1:], start=1):
        number = ibis.ifelse(day >= (period.first - _EPOCH).days, ibis.literal(place, "int64"), number)
    return number
