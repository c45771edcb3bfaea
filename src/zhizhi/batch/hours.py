"""Hours: whether a contact lies inside those of the law or agreed to, and outside those that the party named."""

import ibis

from zhizhi.batch.asked import Scene
from zhizhi.batch.clock import DAY_US, Clock
from zhizhi.batch.joins import attach, latest
from zhizhi.batch.said import is_by_party
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import NO, YES, any_of, surely
from zhizhi.core.conduct.words import WEEKDAYS
from zhizhi.core.kernel.instants import MINUTES_PER_DAY
from zhizhi.core.law.nodes import Avoid, Window

LENGTH_MAX_US = DAY_US
"""A contact planned to be longer is decided one by one."""

_FIRST_WEEKDAY = 3
"""1 January 1970 was a Thursday."""


def with_hours(
    scene: Scene, rows: Table, asked: Table, pairs: Table, windows: dict[str, Window], avoids: dict[str, Avoid]
) -> Table:
    """Proposals with, for each term by its name, the column of whether they lie inside.

    Also `has_hours`: a statement about hours bears on the contact; `hours_turn`: an agreement begins or ends while
    the contact lasts.
    """
    said = pairs.filter(pairs.kind.isin(["agree_hours", "inconvenient_time"]) & is_by_party(pairs))
    agreed = said.filter((said.kind == "agree_hours") & (said.role == "debtor"))
    heard = said.group_by("proposal").agg(
        has_hours=YES,
        hours_turn=((said.kind == "agree_hours") & _turns(said)).any(),
    )
    rows = attach(rows, scene.plan.step("hours", heard), fills={"has_hours": False, "hours_turn": False})
    for name, window in windows.items():
        rows = _with_window(scene, rows, asked, agreed, name, window)
    for name, avoid in avoids.items():
        rows = _with_avoid(scene, rows, said.filter(said.kind == "inconvenient_time"), name, avoid)
    return rows


def _turns(said: Table) -> Column:
    end = said.at_us + said.length_us
    begins = (said.at_us < said.since_us) & (said.since_us <= end)
    return begins | surely((said.at_us < said.until_us) & (said.until_us <= end))


def plain_hours(scene: Scene, rows: Table, windows: dict[str, Window]) -> dict[str, Column]:
    """For each term by its name whether proposals lie inside the hours of the law."""
    found = {}
    for name, window in windows.items():
        opens, closes = _numbers(window)
        length = rows.length_us if window.whole else ibis.literal(0, "int64")
        found[name] = _plain(scene.clock(rows), rows.day, rows.at_us, length, opens, closes)
    return found


def _with_window(scene: Scene, rows: Table, asked: Table, agreed: Table, name: str, window: Window) -> Table:
    opens, closes = _numbers(window)
    rows = rows.mutate(**plain_hours(scene, rows, {name: window}))
    instead = scene.plan.step(f"{name}_agreed", _agreed(scene, agreed.filter(~agreed.narrows), window, opens, closes))
    rows = _instead(rows, name, instead, replaces=True)
    narrowing = Window(0, MINUTES_PER_DAY, window.whole, clause_widens=True)
    narrow = _agreed(scene, agreed.filter(agreed.narrows), narrowing, 0, MINUTES_PER_DAY)
    rows = _instead(rows, name, scene.plan.step(f"{name}_narrowed", narrow), replaces=False)
    if window.zones:
        abroad = scene.plan.step(f"{name}_abroad", _abroad(scene, asked, window, opens, closes))
        rows = _instead(rows, name, abroad, replaces=False)
    return rows


def _numbers(window: Window) -> tuple[int, int]:
    assert isinstance(window.opens, int), "numbers are filled in before a rule is compiled"
    assert isinstance(window.closes, int), "numbers are filled in before a rule is compiled"
    return window.opens, window.closes


def _instead(rows: Table, name: str, found: Table, replaces: bool) -> Table:
    """Rows whose answer is that which was found, or both, where something was found."""
    rows = attach(rows, found)
    answer = rows.inside if replaces else rows[name] & rows.inside
    return rows.mutate(**{name: ibis.ifelse(rows.inside.isnull(), rows[name], answer)}).drop("inside")


def _plain(clock: Clock, day: Column, at: Column, length: Column, opens: int, closes: int) -> Column:
    """Inside the same hours every day."""
    if opens == 0 and closes == MINUTES_PER_DAY:
        return YES
    return (clock.wall(day, opens) <= at) & (at < clock.wall(day, closes)) & (at + length <= clock.wall(day, closes))


def _abroad(scene: Scene, rows: Table, window: Window, opens: int, closes: int) -> Table:
    """Inside the same hours of every zone besides the law's own."""
    if not scene.abroad:
        return rows.select("proposal", inside=YES).limit(0)
    away = rows.filter(rows.abroad).select("proposal", "person", "at_us", "length_us").inner_join(scene.away, "person")
    clock = scene.clock_abroad(away.key)
    length = away.length_us if window.whole else ibis.literal(0, "int64")
    away = away.mutate(inside=_plain(clock, clock.day(away.at_us), away.at_us, length, opens, closes))
    return away.group_by("proposal").agg(inside=away.inside.all())


def _agreed(scene: Scene, said: Table, window: Window, opens: int, closes: int) -> Table:
    """Inside the hours that agreements put in the place of the law's, on the day before, the day and the day after."""
    now = said.filter((said.since_us <= said.at_us) & (said.until_us.isnull() | (said.at_us < said.until_us)))
    bearing_on = said.select("proposal", "at_us", "length_us", "day", "zone").distinct()
    for shift, of_day in ((-1, "before"), (0, "same"), (1, "after")):
        chosen = _chosen(now, shift, window, opens, closes).rename({f"{of_day}_{end}": end for end in ("start", "end")})
        bearing_on = attach(bearing_on, chosen, fills={f"{of_day}_start": opens, f"{of_day}_end": closes})
    return _covered(scene.clock(bearing_on), bearing_on, window)


def _covered(clock: Clock, rows: Table, window: Window) -> Table:
    """Whether the contact lies in the stretches that the hours of three days make, joined where they meet.

    Boundary: hours that run over midnight go on on the next day.
    """
    whole = MINUTES_PER_DAY
    stretches = [
        (rows.day, rows.before_start - whole, rows.before_end - whole),
        (rows.day, rows.same_start, rows.same_end),
        (rows.day + 1, rows.same_start - whole, rows.same_end - whole),
        (rows.day + 1, rows.after_start, rows.after_end),
    ]
    columns = {"reach_us": rows.at_us}
    for number, (day, start, end) in enumerate(stretches):
        held, none = (end > start) & (end > 0), ibis.null("int64")
        columns[f"first_{number}"] = ibis.ifelse(held, clock.wall(day, ibis.greatest(start, 0)), none)
        columns[f"last_{number}"] = ibis.ifelse(held, clock.wall(day, ibis.least(end, whole)), none)
    rows = rows.mutate(**columns)
    within = any_of(surely((rows[f"first_{n}"] <= rows.at_us) & (rows.at_us < rows[f"last_{n}"])) for n in (0, 1))
    rows = rows.mutate(within=within)
    for number in (0, 1, 0, 2, 3, 2):
        joins = surely(rows[f"first_{number}"] <= rows.reach_us)
        reach = ibis.ifelse(joins, ibis.greatest(rows.reach_us, rows[f"last_{number}"]), rows.reach_us)
        rows = rows.mutate(reach_us=reach)
    length = rows.length_us if window.whole else ibis.literal(0, "int64")
    return rows.select("proposal", inside=rows.within & (rows.at_us + length <= rows.reach_us))


def _chosen(now: Table, shift: int, window: Window, opens: int, closes: int) -> Table:
    """Start and end that agreements give a day: one for that date, else for its weekday, else a general one."""
    day = now.day + shift
    weekday = ibis.literal(list(WEEKDAYS))[((day + _FIRST_WEEKDAY + 7 * 10_000) % 7).cast("int32")]
    rank = ibis.cases(
        (now.on_day.notnull(), ibis.ifelse(now.on_day == day, 2, ibis.null("int64"))),
        (now.days.notnull(), ibis.ifelse(now.days.contains(weekday), 1, ibis.null("int64"))),
        else_=0,
    )
    ranked = now.mutate(rank=rank)
    ranked = ranked.filter(ranked["rank"].notnull())
    best = latest(ranked.mutate(place_in_row=ranked["rank"] * 2**40 + ranked.said_seq), ("proposal",), "place_in_row")
    wraps = best.to_minute <= best.from_minute
    end = ibis.ifelse(wraps, best.to_minute + MINUTES_PER_DAY, best.to_minute)
    start = best.from_minute
    if not window.clause_widens:
        clause = best.form == "standard_clause"
        first = ibis.greatest(start, opens)
        start, end = (
            ibis.ifelse(clause, first, start),
            ibis.ifelse(clause, ibis.greatest(first, ibis.least(end, closes)), end),
        )
    return best.select("proposal", start=start, end=end)


def _with_avoid(scene: Scene, rows: Table, said: Table, name: str, avoid: Avoid) -> Table:
    """Outside the hours that the party named, on the clock of the law and, with `zones`, of every zone abroad."""
    spared = _spared(scene.clock(said), said, avoid)
    if avoid.zones and scene.abroad:
        elsewhere = said.inner_join(scene.away, "person")
        elsewhere = elsewhere.mutate(zone=elsewhere.key).drop("key")
        clock = scene.clock_abroad(elsewhere.zone)
        elsewhere = elsewhere.mutate(day=clock.day(elsewhere.at_us))
        spared = spared.union(_spared(clock, elsewhere, avoid))
    found = scene.plan.step(f"{name}_spared", spared.group_by("proposal").agg(inside=spared.outside.all()))
    return _instead(rows.mutate(**{name: YES}), name, found, replaces=True)


def _spared(clock: Clock, said: Table, avoid: Avoid) -> Table:
    opens = said.from_minute.fill_null(0)
    closes = said.to_minute.fill_null(MINUTES_PER_DAY)
    closes = ibis.ifelse(closes <= opens, closes + MINUTES_PER_DAY, closes)
    end = said.at_us + (said.length_us if avoid.whole else 0)
    meets = NO
    for shift in (-1, 0, 1):
        day = said.day + shift
        weekday = ibis.literal(list(WEEKDAYS))[((day + _FIRST_WEEKDAY + 7 * 10_000) % 7).cast("int32")]
        that_day = said.days.isnull() | surely(said.days.contains(weekday))
        start = ibis.greatest(clock.wall(day, opens), said.since_us)
        last = ibis.least(clock.wall(day, closes), said.until_us.fill_null(2**62))
        meets = meets | (that_day & (start < last) & (said.at_us < last) & ((start <= said.at_us) | (start < end)))
    return said.select("proposal", outside=~meets)
