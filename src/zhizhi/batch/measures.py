"""What the rules measure: hours, counts, letters. Computed where a rule may apply, and named by its term."""

from collections.abc import Mapping
from typing import Any

import ibis

from zhizhi.batch.asked import Scene
from zhizhi.batch.beside import days_back
from zhizhi.batch.history import LEVELS, count_name, with_counts
from zhizhi.batch.hours import LENGTH_MAX_US, plain_hours, with_hours
from zhizhi.batch.joins import attach
from zhizhi.batch.letters import with_letters
from zhizhi.batch.occasions import counted_bodies
from zhizhi.batch.rules import Measure
from zhizhi.batch.said import is_by_party, standing
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import NO, YES, surely
from zhizhi.core.law.nodes import After, Avoid, Cap, Cooldown, Fresh, Gate, Window


class Measured:
    """The measures that the law asks for, and what they say of each body.

    `beside` computes them for proposals with something beside them, and `said` are the truths that they come to;
    `lawful` is what every instant settles. These are packed and read from records, as are the `numbers` of budgets.
    """

    def __init__(self, scene: Scene) -> None:
        demand = scene.demand
        self.scene = scene
        self._windows = {f"window_{n}": term for n, term in enumerate(demand.bodies(Window)) if _told(term)}
        self._avoids = {f"avoid_{n}": term for n, term in enumerate(demand.bodies(Avoid)) if _told(term)}
        self._concerned = {body: name for name, body in counted_bodies(demand).items() if _told(body)}
        self._caps = [term for term in demand.bodies(Cap) if _told(term)]
        self._cooldowns = {term: f"letters_{n}" for n, term in enumerate(demand.bodies(Cooldown)) if _told(term)}
        named: dict[str, Any] = {**self._windows, **self._avoids}
        named |= {f"cap_{n}": body for n, body in enumerate(self._caps)}
        named |= {name: body for body, name in self._cooldowns.items()}
        self._measured = named
        self._names: dict[Any, str] = {body: name for name, body in named.items()}
        self._names |= {body: f"fresh_{n}" for n, body in enumerate(demand.bodies(Fresh))}
        self._limits = {cap: f"limit_of_{n}" for n, cap in enumerate(self._caps)}

    def beside(self, rows: Table, asked: Table, pairs: Table, near: Table) -> Table:
        """Proposals with something beside them, with what was counted, agreed and sent.

        `asked`: the same proposals as a step, from which small tables are made that are put beside the rows at the end.
        `near`: what we sent lately.
        """
        scene = self.scene
        if self._windows or self._avoids:
            rows = with_hours(scene, rows, asked, pairs, self._windows, self._avoids)
        if self._caps:
            rows = with_counts(scene, rows, asked, near, {cap: self._concerned[cap] for cap in self._caps})
            rows = _with_agreed(scene, rows, pairs, self._caps)
        if self._cooldowns:
            concerned = [self._concerned[term] for term in self._cooldowns]
            rows = with_letters(scene, rows, asked, near, concerned, days_back(scene))
        columns = {name: _limit(rows, cap) for cap, name in self._limits.items()}
        clock = scene.clock(rows)
        for body, name in self._cooldowns.items():
            columns[f"{name}_sure_us"] = clock.wall(rows.letter_day + body.days, 0)
            columns[f"{name}_most_us"] = clock.wall(rows.maybe_letter_day + body.days, 0)
        return rows.mutate(**columns)

    def said(self, rows: Table) -> dict[str, Column]:
        """The truths of every measure of proposals with something beside them."""
        return {
            f"{name}_{part}": column
            for name, body in self._measured.items()
            for part, column in self._said(name, body, rows).items()
        }

    def lawful(self, rows: Table) -> dict[str, Column]:
        """What the instant of a proposal settles: whether it lies in the hours of the law, and is too long."""
        hours = plain_hours(self.scene, rows, self._windows)
        found = {f"{name}_lawful": inside for name, inside in hours.items()}
        return found | {"too_long": _too_long(rows.length_us, NO)}

    @property
    def lawful_names(self) -> tuple[str, ...]:
        """The names of what the instant settles."""
        return (*[f"{name}_lawful" for name in self._windows], "too_long")

    def silent(self) -> dict[str, Column]:
        """The truths where nothing stands beside: counts of nought; of hours it is not told, the instant settles it."""
        found: dict[str, Column] = {}
        for name, body in self._measured.items():
            if not isinstance(body, Window | Avoid):
                full = isinstance(body, Cap) and isinstance(body.limit, int) and body.limit <= 0
                found |= {f"{name}_{part}": YES if full and part == "forbid" else NO for part in _parts(body)}
        return found

    def settled(self, records: Table) -> dict[str, Column]:
        """The truths of hours of records: as told, else as the instant settles them."""
        found: dict[str, Column] = {}
        for name, body in self._measured.items():
            if isinstance(body, Window | Avoid):
                outside = ~records[f"{name}_lawful"] if isinstance(body, Window) else NO
                found[f"{name}_forbid"] = records[f"{name}_forbid"].coalesce(outside)
                if body.whole:
                    found[f"{name}_undecided"] = records[f"{name}_undecided"].coalesce(records.too_long)
        return found

    @property
    def truths(self) -> tuple[str, ...]:
        """The names of the truths."""
        return tuple(f"{name}_{part}" for name, body in self._measured.items() for part in _parts(body))

    def numbers(self) -> Mapping[str, int | None]:
        """The columns of counts and limits, and what they are where nothing stands beside."""
        found: dict[str, int | None] = {f"{count_name(cap)}_sure": 0 for cap in self._caps}
        for cap, name in self._limits.items():
            assert cap.limit is None or isinstance(cap.limit, int), "numbers are filled in before a rule is compiled"
            found[name] = cap.limit
        return found

    @property
    def instants(self) -> tuple[str, ...]:
        """The columns of instants that stay with a proposal; null where nothing stands beside."""
        return tuple(f"{name}_{part}_us" for name in self._cooldowns.values() for part in ("sure", "most"))

    def of_records(self, records: Table) -> "MeasuredRecords":
        """What the tables say of a body, on the records."""
        return MeasuredRecords(self._names, records)

    def tells(self, body: Any) -> bool:
        """Whether the tables tell a measure."""
        return _told(body)

    def limit(self, rows: Table, cap: Cap) -> Column:
        """The limit that counts."""
        return rows[self._limits[cap]]

    def used(self, rows: Table, cap: Cap) -> Column:
        """How many certainly count."""
        return rows[f"{count_name(cap)}_sure"]

    def released_us(self, rows: Table, body: Cap | Cooldown) -> Column:
        """When a count or a letter that blocks lets go, if nothing else happens."""
        if isinstance(body, Cap):
            return rows.day_ends_us
        sure, most = (rows[f"{self._cooldowns[body]}_{part}_us"] for part in ("sure", "most"))
        return ibis.greatest(sure.coalesce(most), most.coalesce(sure))

    def _said(self, name: str, body: Any, rows: Table) -> dict[str, Column]:
        """Parts of a measure on the proposals. `open`: it holds since something is not known."""
        if isinstance(body, Window | Avoid):
            found = {"forbid": ~rows[name]}
            if body.whole:
                turning = rows.hours_turn if isinstance(body, Window) else NO
                found["undecided"] = _too_long(rows.length_us, turning)
            return found
        if isinstance(body, Cap):
            count, limit = count_name(body), rows[self._limits[body]]
            full = surely(rows[f"{count}_sure"] >= limit)
            perhaps = surely(rows[f"{count}_most"] >= limit) & ~full
            return {"forbid": full, "open": perhaps, "outcomes": perhaps & ~rows[f"{count}_other"]}
        assert isinstance(body, Cooldown), "bodies are a closed list"
        certain = surely(rows.at_us < rows[f"{name}_sure_us"])
        return {"forbid": certain, "open": surely(rows.at_us < rows[f"{name}_most_us"]) & ~certain}


def _parts(body: Any) -> tuple[str, ...]:
    """What a measure says of a proposal."""
    if isinstance(body, Cap):
        return ("forbid", "open", "outcomes")
    if isinstance(body, Cooldown):
        return ("forbid", "open")
    return ("forbid", "undecided") if body.whole else ("forbid",)


def _too_long(length_us: Column, turning: Column) -> Column:
    """Whether a contact is too long for tables, or hours turn while it lasts."""
    too_long = length_us > LENGTH_MAX_US
    return too_long if turning is NO else too_long | (turning & (length_us > 0))


class MeasuredRecords:
    """What the tables say of a body, on records that carry the truths of measures."""

    def __init__(self, names: Mapping[Any, str], records: Table) -> None:
        self._names, self._records = names, records

    def __call__(self, body: Any) -> Measure:
        """What they say of a body."""
        if not _told(body):
            return Measure(NO, undecided=YES)
        name, records = self._names[body], self._records

        def part(wanted: str) -> Column:
            return records[f"{name}_{wanted}"] if f"{name}_{wanted}" in records.columns else NO

        return Measure(part("forbid"), part("open"), part("open"), part("undecided"), part("outcomes"))


def _limit(rows: Table, cap: Cap) -> Column:
    """The limit of the law, the party's own where it is lower, or with `higher_counts` the party's either way."""
    none = ibis.null("int64")
    limit = none if cap.limit is None else ibis.literal(cap.limit, "int64")
    if cap.agreed is None:
        return limit
    free, narrow = rows[f"agreed_{cap.agreed}"], rows[f"agreed_{cap.agreed}_narrows"]
    if cap.limit is not None:
        narrow = ibis.ifelse(narrow.isnull(), none, ibis.least(narrow, limit))
    agreed = ibis.least(free.coalesce(narrow), narrow.coalesce(free))
    both = agreed if cap.higher_counts or cap.limit is None else ibis.least(agreed, limit)
    return ibis.ifelse(free.isnull() & narrow.isnull(), limit, both)


def _told(body: Any) -> bool:
    """Whether the tables tell a measure: the closed list. Everything else sends a proposal to the single decision."""
    if isinstance(body, Fresh):
        return True
    if isinstance(body, Window):
        return body == Window(body.opens, body.closes, body.whole, body.zones, body.clause_widens)
    if isinstance(body, Avoid):
        return body == Avoid(body.whole, body.zones)
    if isinstance(body, Cap):
        plain = Cap(body.count, body.limit, body.agreed, body.higher_counts, body.min_seconds)
        return body == plain and body.count in LEVELS
    if isinstance(body, Cooldown):
        return body == Cooldown(body.days)
    assert isinstance(body, Gate | After), "measures are a closed list"
    return False


def _with_agreed(scene: Scene, rows: Table, pairs: Table, caps: list[Cap]) -> Table:
    """The contacts a day that the party agreed to: the lowest of those that stand, apart those that only narrow."""
    kinds = sorted({cap.agreed for cap in caps if cap.agreed is not None})
    if not kinds:
        return rows
    said = standing(pairs.filter((pairs.kind == "agree_frequency") & is_by_party(pairs)))
    found = {}
    for kind in kinds:
        named = surely(said.said_point == said.point) if kind == "dials" else NO
        meant = said.said_point.isnull() | named
        found[f"agreed_{kind}"] = said.per_day.min(where=meant & ~said.narrows)
        found[f"agreed_{kind}_narrows"] = said.per_day.min(where=meant & said.narrows)
    return attach(rows, scene.plan.step("agreed", said.group_by("proposal").agg(**found)))
