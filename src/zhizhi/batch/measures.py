"""What the rules measure: hours, counts, letters. Computed where a rule may apply, and named by its term."""

from typing import Any

import ibis

from zhizhi.batch.asked import Scene
from zhizhi.batch.history import LEVELS, count_name, with_counts
from zhizhi.batch.hours import LENGTH_MAX_US, with_hours
from zhizhi.batch.joins import attach
from zhizhi.batch.letters import with_letters
from zhizhi.batch.rules import Measure
from zhizhi.batch.said import is_by_party, standing
from zhizhi.batch.shapes import counted_bodies
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import NO, YES, column_of, surely
from zhizhi.core.law.nodes import After, Avoid, Cap, Cooldown, Fresh, Gate, Window


class Measured:
    """Proposals with the columns of every measure that the law asks for, and what these say of each body.

    What they say is computed on the proposals and read from their records: `domain` names what has to be packed.
    `asked`: the same proposals as a step, from which small tables are made that are put beside the rows at the end.
    """

    def __init__(self, scene: Scene, rows: Table, asked: Table, pairs: Table) -> None:
        demand = scene.demand
        self._windows = {f"window_{n}": term for n, term in enumerate(demand.bodies(Window)) if _told(term)}
        self._avoids = {f"avoid_{n}": term for n, term in enumerate(demand.bodies(Avoid)) if _told(term)}
        concerned = {body: name for name, body in counted_bodies(demand).items() if _told(body)}
        caps = {term: concerned[term] for term in demand.bodies(Cap) if _told(term)}
        cooldowns = {term: concerned[term] for term in demand.bodies(Cooldown) if _told(term)}
        if self._windows or self._avoids:
            rows = with_hours(scene, rows, asked, pairs, self._windows, self._avoids)
        if caps:
            rows = with_counts(scene, rows, asked, caps)
            rows = _with_agreed(scene, rows, pairs, list(caps))
        if cooldowns:
            days = max(int(term.days) for term in cooldowns)  # type: ignore[arg-type]  # numbers are filled in
            rows = with_letters(scene, rows, asked, list(cooldowns.values()), days)
        self.scene = scene
        self._limits = {cap: f"limit_of_{n}" for n, cap in enumerate(caps)}
        self._cooldowns = {body: f"letters_{n}" for n, body in enumerate(cooldowns)}
        columns = {name: _limit(rows, cap) for cap, name in self._limits.items()}
        clock = scene.clock(rows.zone)
        for body, name in self._cooldowns.items():
            columns[f"{name}_sure_us"] = clock.wall(rows.letter_day + body.days, 0)
            columns[f"{name}_most_us"] = clock.wall(rows.maybe_letter_day + body.days, 0)
        self.rows = rows.mutate(day_ends_us=clock.wall(rows.day + 1, 0), **columns)
        named: dict[str, Any] = {**self._windows, **self._avoids}
        named |= {f"cap_{n}": body for n, body in enumerate(caps)}
        named |= {f"letters_{n}": body for n, body in enumerate(cooldowns)}
        named |= {f"fresh_{n}": body for n, body in enumerate(demand.bodies(Fresh))}
        self._names: dict[Any, str] = {body: name for name, body in named.items()}
        said = {f"{name}_{part}": column for name, body in named.items() for part, column in self._said(body).items()}
        self.rows = self.rows.mutate(**said)
        self.domain = dict.fromkeys([*said, *(["f_contact_first"] if "f_contact_first" in rows.columns else [])])
        self.records = self.rows

    def __call__(self, body: Any) -> Measure:
        """What the tables say of a body, on the records."""
        if not _told(body):
            return Measure(NO, undecided=YES)
        name, records = self._names[body], self.records

        def part(wanted: str) -> Column:
            return records[f"{name}_{wanted}"] if f"{name}_{wanted}" in self.domain else NO

        return Measure(part("forbid"), part("open"), part("open"), part("undecided"), part("outcomes"))

    def tells(self, body: Any) -> bool:
        """Whether the tables tell a measure."""
        return _told(body)

    def limit(self, cap: Cap) -> Column:
        """The limit that counts."""
        return self.rows[self._limits[cap]]

    def used(self, cap: Cap) -> Column:
        """How many certainly count."""
        return self.rows[f"{count_name(cap)}_sure"]

    def released_us(self, body: Cap | Cooldown) -> Column:
        """When a count or a letter that blocks lets go, if nothing else happens."""
        if isinstance(body, Cap):
            return self.rows.day_ends_us
        sure, most = (self.rows[f"{self._cooldowns[body]}_{part}_us"] for part in ("sure", "most"))
        return ibis.greatest(sure.coalesce(most), most.coalesce(sure))

    def _said(self, body: Any) -> dict[str, Column]:
        """Parts of a measure on the proposals. `open`: it holds since something is not known."""
        if isinstance(body, Window | Avoid):
            return self._hours(body)
        if isinstance(body, Cap):
            return self._cap(body)
        if isinstance(body, Cooldown):
            return self._cooldown(body)
        assert isinstance(body, Fresh), "bodies are a closed list"
        return self._fresh(body)

    def _hours(self, body: Window | Avoid) -> dict[str, Column]:
        rows, found = self.rows, {"forbid": ~self.rows[self._name_of_hours(body)]}
        if body.whole:
            turning = rows.hours_turn if isinstance(body, Window) else NO
            found["undecided"] = (rows.length_us > LENGTH_MAX_US) | (turning & (rows.length_us > 0))
        return found

    def _name_of_hours(self, body: Window | Avoid) -> str:
        named: dict[str, Any] = {**self._windows, **self._avoids}
        return next(name for name, term in named.items() if term == body)

    def _cap(self, cap: Cap) -> dict[str, Column]:
        name, limit = count_name(cap), self.limit(cap)
        full = surely(self.rows[f"{name}_sure"] >= limit)
        perhaps = surely(self.rows[f"{name}_most"] >= limit) & ~full
        return {"forbid": full, "open": perhaps, "outcomes": perhaps & ~self.rows[f"{name}_other"]}

    def _cooldown(self, body: Cooldown) -> dict[str, Column]:
        name = self._cooldowns[body]
        certain = surely(self.rows.at_us < self.rows[f"{name}_sure_us"])
        return {"forbid": certain, "open": surely(self.rows.at_us < self.rows[f"{name}_most_us"]) & ~certain}

    def _fresh(self, body: Fresh) -> dict[str, Column]:
        name = column_of(body.feature)
        day, today = self.rows[name], self.rows.day
        assert isinstance(body.days, int), "numbers are filled in before a rule is compiled"
        last = self.rows[f"{name}_anniversary"] if body.anniversary else day + body.days
        return {"forbid": surely(day > today) | surely(today > last), "open": day.isnull()}


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
