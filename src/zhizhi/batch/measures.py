"""What the rules measure: hours, counts, letters. Computed where a rule may apply, and named by its term."""

from typing import Any

import ibis

from zhizhi.batch.asked import Scene
from zhizhi.batch.history import LEVELS, count_name, with_counts
from zhizhi.batch.hours import LENGTH_MAX_US, with_hours
from zhizhi.batch.joins import attach
from zhizhi.batch.letters import with_letters
from zhizhi.batch.rules import Measure, Reader
from zhizhi.batch.said import is_by_party, standing
from zhizhi.batch.tables import Column, Table
from zhizhi.batch.truth import NO, YES, any_of, surely
from zhizhi.core.law.nodes import After, Avoid, Cap, Cooldown, Gate, Window

MEASURED_FROM = (
    "proposal", "person", "party", "point", "at_us", "seq", "day", "zone", "length_us", "abroad", "debts", "many",
    "only_state", "due_mask", "lender_mask", "collector_id", "robot",
)  # fmt: skip
"""What measures are made from. They are put beside the other columns once, when all are there."""


class Measured:
    """Proposals with the columns of every measure that the law asks for, and what these say of each body."""

    def __init__(self, scene: Scene, rows: Table, pairs: Table) -> None:
        demand, reader = scene.demand, Reader(rows)
        self._windows = {f"window_{n}": term for n, term in enumerate(demand.bodies(Window)) if _told(term)}
        self._avoids = {f"avoid_{n}": term for n, term in enumerate(demand.bodies(Avoid)) if _told(term)}
        caps = {term: f"concerns_cap_{n}" for n, term in enumerate(demand.bodies(Cap)) if _told(term)}
        cooldowns = {term: f"concerns_letter_{n}" for n, term in enumerate(demand.bodies(Cooldown)) if _told(term)}
        wide = rows
        rows = rows.select(
            *MEASURED_FROM,
            **{
                name: any_of(reader.concerned(b.clause) for b in demand.clauses_of(type(term)) if b.clause.body == term)
                for name, term in [
                    *((name, term) for term, name in caps.items()),
                    *((n, t) for t, n in cooldowns.items()),
                ]
            },
        )
        rows = scene.plan.step("concerned", rows)
        if self._windows or self._avoids:
            rows = with_hours(scene, rows, pairs, self._windows, self._avoids)
        if caps:
            rows = scene.plan.step("counts", with_counts(scene, rows, caps))
            rows = _with_agreed(rows, pairs, list(caps))
        if cooldowns:
            days = max(int(term.days) for term in cooldowns)  # type: ignore[arg-type]  # numbers are filled in
            rows = with_letters(scene, rows, list(cooldowns.values()), days)
        self.scene = scene
        self._limits = {cap: f"limit_of_{n}" for n, cap in enumerate(caps)}
        self._cooldowns = {body: f"letters_{n}" for n, body in enumerate(cooldowns)}
        columns = {name: _limit(rows, cap) for cap, name in self._limits.items()}
        clock = scene.clock(rows.zone)
        for body, name in self._cooldowns.items():
            columns[f"{name}_sure_us"] = clock.wall(rows.letter_day + body.days, 0)
            columns[f"{name}_most_us"] = clock.wall(rows.maybe_letter_day + body.days, 0)
        rows = rows.mutate(day_ends_us=clock.wall(rows.day + 1, 0), **columns)
        rows = scene.plan.step("counted", rows)
        self.rows = attach(wide, rows.select("proposal", *[name for name in rows.columns if name not in wide.columns]))

    def __call__(self, body: Any) -> Measure:
        """What the tables say of a body."""
        if not _told(body):
            return Measure(NO, undecided=YES)
        if isinstance(body, Window | Avoid):
            return self._hours(body)
        if isinstance(body, Cap):
            return self._cap(body)
        assert isinstance(body, Cooldown), "bodies are a closed list"
        return self._cooldown(body)

    def settle(self, name: str) -> None:
        """Makes a step of the rows as they are."""
        self.rows = self.scene.plan.step(name, self.rows)

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

    def _hours(self, body: Window | Avoid) -> Measure:
        named: dict[str, Any] = {**self._windows, **self._avoids}
        name = next(name for name, term in named.items() if term == body)
        rows = self.rows
        undecided = NO
        if body.whole:
            turning = rows.hours_turn if isinstance(body, Window) else NO
            undecided = (rows.length_us > LENGTH_MAX_US) | (turning & (rows.length_us > 0))
        return Measure(~rows[name], undecided=undecided)

    def _cap(self, cap: Cap) -> Measure:
        name, limit = count_name(cap), self.limit(cap)
        full = surely(self.rows[f"{name}_sure"] >= limit)
        perhaps = surely(self.rows[f"{name}_most"] >= limit) & ~full
        return Measure(full, perhaps, perhaps, only_outcomes=perhaps & ~self.rows[f"{name}_other"])

    def _cooldown(self, body: Cooldown) -> Measure:
        name = self._cooldowns[body]
        certain = surely(self.rows.at_us < self.rows[f"{name}_sure_us"])
        possible = surely(self.rows.at_us < self.rows[f"{name}_most_us"]) & ~certain
        return Measure(certain, possible, possible)


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


def _with_agreed(rows: Table, pairs: Table, caps: list[Cap]) -> Table:
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
    return attach(rows, said.group_by("proposal").agg(**found))
