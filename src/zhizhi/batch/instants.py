"""The next permitted instant of a refused proposal, where nothing but clocks moves before it.

Where a statement, state, review or event after the proposal may change the answer, or hours are agreed or of several
zones, it is searched one by one: `search` is true.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis

from zhizhi.batch.asked import Scene
from zhizhi.batch.clock import DAY_US, SECOND_US, Clock
from zhizhi.batch.joins import attach
from zhizhi.batch.measures import Measured
from zhizhi.batch.occasions import days_of_collectors, last_day
from zhizhi.batch.tables import Column, Facts, Table
from zhizhi.batch.truth import NO, YES, all_of, any_of, column_of, negated, surely
from zhizhi.core.law.law import Bound
from zhizhi.core.law.nodes import Avoid, Cap, Cooldown, Fresh, Window

_LATEST = 2**62


def with_changes(scene: Scene, rows: Table, asked_of: Table) -> Table:
    """Proposals with `changes`: whether a fact of the person begins or ends after the instant of the contact.

    `asked_of`: the same proposals as a step, from which a small table is made that is put beside the rows at the end.
    """
    asked = asked_of.select("proposal", "person", "at_us", "seq")
    turns = ibis.union(*_turns(scene.facts))
    later = asked.inner_join(turns.filter(turns.turn_us > scene.asked_first_us), "person")
    later = later.filter(later.turn_us > later.at_us).select("proposal")
    events = scene.facts.events
    events = events.filter(events.at_us > scene.asked_first_us).select("person", e_us="at_us")
    ahead = asked.filter(asked.seq.isnull()).inner_join(events, "person")
    ahead = ahead.filter(ahead.e_us > ahead.at_us).select("proposal")
    found = scene.plan.step("changes", ibis.union(later, ahead, distinct=True).mutate(changes=YES))
    return attach(rows, found, fills={"changes": False})


def _turns(facts: Facts) -> list[Table]:
    """Until when something that was recorded of a person can change an answer, kind by kind."""
    said, reviews, persons = facts.statements, facts.reviews, facts.persons
    said_us = ibis.greatest(
        said.received_us.coalesce(said.at_us), said.until_us.fill_null(0), said.from_us.fill_null(0),
        ibis.ifelse(said.kind == "request_callback", _LATEST, 0),
        (said.on.epoch_days().cast("int64").fill_null(-1000) + 2) * DAY_US,
    )  # fmt: skip
    found = [said.select("person", turn_us=said_us)]
    for spans in (facts.debtor_spans, facts.debt_spans):
        ends = ibis.greatest(spans.since_us.fill_null(0), spans.until_us.fill_null(0))
        found.append(spans.select("person", turn_us=ends))
    found.append(reviews.select("person", turn_us=ibis.greatest(reviews.at_us, reviews.until_us)))
    ends = ibis.greatest(persons.no_contact_order_until_us.fill_null(0), persons.hardship_until_us.fill_null(0))
    return [*found, persons.select("person", turn_us=ends)]


@dataclass(frozen=True, slots=True)
class Spoke:
    """A rule whose effects stand on the rows, in columns that begin with `name`."""

    bound: Bound
    name: str


def standing_of(measured: Measured, found: Table, spoke: Sequence[Spoke]) -> dict[str, Column]:
    """What next instants read of single rules: whether it applies and blocks; and whether any blocks for good."""
    columns: dict[str, Column] = {}
    lasting = []
    for one in spoke:
        body = one.bound.clause.body
        if isinstance(body, _LETTING_GO):
            columns[f"{one.name}_applies"] = said_by(found, one, "applies")
            columns[f"{one.name}_blocks"] = _blocks(found, one)
        else:
            lasting.append(_blocks(found, one))
        if isinstance(body, Cap) and measured.tells(body):
            lasting.append(all_of([said_by(found, one, "applies"), surely(measured.limit(found, body) <= 0)]))
    return {**columns, "blocks_for_good": any_of(lasting)}


def said_by(found: Table, one: Spoke, effect: str) -> Column:
    """What a rule says; what it never says has no column."""
    name = f"{one.name}_{effect}"
    return found[name] if name in found.columns else NO


def next_instant(
    measured: Measured, rows: Table, spoke: Sequence[Spoke], turns: Sequence[date], number: int
) -> tuple[Table, dict[str, Column]]:
    """The rows to read, the next permitted instant if refused, and whether it has to be searched one by one instead.

    `turns`: days on which the law itself changes. `number` keeps the columns of this period apart.
    """
    scene, name = measured.scene, f"next_{number}"
    rows = rows.inner_join(days_of_collectors(scene.demand, scene.facts.collectors), "collector")
    lets_go = [rows.at_us + SECOND_US]
    for one in spoke:
        body = one.bound.clause.body
        if isinstance(body, Cap | Cooldown) and measured.tells(body):
            lets_go.append(ibis.ifelse(rows[f"{one.name}_blocks"], measured.released_us(rows, body), rows.at_us))
    rows = rows.mutate(**{name: _whole_second(ibis.greatest(*lets_go))})
    windows = [
        (one.bound.clause.body, f"{one.name}_applies") for one in spoke if isinstance(one.bound.clause.body, Window)
    ]
    for window, applies in (*windows, *windows):
        moved = _start_from(scene.clock(rows), window, rows[name], rows.length_us)
        rows = rows.mutate(**{name: ibis.ifelse(rows[applies], moved, rows[name])})
    start, clock = rows[name], scene.clock(rows)
    fits = all_of(~rows[applies] | _holds_at_all(window, rows.length_us) for window, applies in windows)
    settled = all_of(
        ~rows[applies] | (start == _start_from(clock, window, start, rows.length_us)) for window, applies in windows
    )
    elsewhere = rows.abroad if any(window.zones for window, _ in windows) else NO
    moves = any_of([rows.has_hours, elsewhere, _ages(measured, rows, clock.day(start), turns), negated(settled)])
    never = any_of([rows.blocks_for_good, negated(fits)])
    return rows, {
        "next_us": ibis.ifelse(never, ibis.null("int64"), start),
        "search": rows.changes | _days_to_come(measured, rows) | (~rows.blocks_for_good & moves),
    }


def _whole_second(at_us: Column) -> Column:
    """The instant itself, or the next whole second after it."""
    ahead = at_us + (SECOND_US - 1)
    return ahead - ahead % SECOND_US


_LETTING_GO = (Window, Avoid, Cap, Cooldown)


def _blocks(rows: Table, one: Spoke) -> Column:
    return any_of(said_by(rows, one, effect) for effect in ("forbid", "hold", "presume"))


def _days_to_come(measured: Measured, rows: Table) -> Column:
    """Whether a training or an evaluation of the collector is arranged for a later day."""
    bodies = measured.scene.demand.bodies(Fresh)
    return any_of([surely(rows[f"{column_of(fresh.feature)}_day"] > rows.day) for fresh in bodies])


def _ages(measured: Measured, rows: Table, day: Column, turns: Sequence[date]) -> Column:
    """Whether a day grows too old, a contract ends, or the law changes, up to a day."""
    old = NO
    for fresh in measured.scene.demand.bodies(Fresh):
        old = old | surely(last_day(rows, fresh) < day)
    if measured.scene.demand.asks("collector.contract_running"):
        old = old | surely((rows.ends_day >= rows.day) & (rows.ends_day < day))
    for turn in turns:
        number = (turn - date(1970, 1, 1)).days
        old = old | ((rows.day < number) & (day >= number))
    return old


def _holds_at_all(window: Window, length: Column) -> Column:
    opens, closes = _minutes(window)
    return (length <= (closes - opens) * 60 * SECOND_US) if window.whole else YES


def _minutes(window: Window) -> tuple[int, int]:
    assert isinstance(window.opens, int), "numbers are filled in before a rule is compiled"
    assert isinstance(window.closes, int), "numbers are filled in before a rule is compiled"
    return window.opens, window.closes


def _start_from(clock: Clock, window: Window, at: Column, length: Column) -> Column:
    """The first start not before an instant from which the contact fits into the hours of a day."""
    opens, closes = _minutes(window)
    day = clock.day(at)
    first, last = clock.wall(day, opens), clock.wall(day, closes)
    room = (at + length <= last) if window.whole else YES
    return ibis.cases((at < first, first), ((at < last) & room, at), else_=clock.wall(day + 1, opens))
