"""What screens read about strategies: the runs of a day and the versions of a strategy."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zhizhi.store.select import select
from zhizhi.store.strategy.models import StrategyVersion
from zhizhi.store.viewer import Viewer

RUNS_MAX = 50
VERSIONS_MAX = 200


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of one lender with figures that add up, counted from the rows, not from what the run said of itself."""

    id: int
    on: date
    lender: str
    origin: str
    step: str
    started_at: datetime
    finished_at: datetime | None
    strategy: str
    version: int | None
    wishes: int
    planned: int
    skipped: int
    permitted: int
    refused: int
    held: int
    delivered: int
    failed: int
    waiting: int
    unknown: int
    cancelled: int

    @property
    def proposals(self) -> int:
        """Wishes that were put to the law."""
        return self.permitted + self.refused + self.held

    @property
    def adds_up(self) -> bool:
        """wishes = planned + skipped + proposals, and what was permitted is all accounted for."""
        left = self.delivered + self.failed + self.waiting + self.unknown + self.cancelled
        return self.wishes == self.planned + self.skipped + self.proposals and self.permitted == left


# A permitted wish without a delivery waits for a person; a claimed one is on its way: both count as waiting.
_RUNS = """
WITH r AS (
    SELECT * FROM run WHERE "on" = coalesce(%(on)s::date, (SELECT max("on") FROM run
        WHERE %(lender)s::bigint IS NULL OR lender_id = %(lender)s))
       AND (%(lender)s::bigint IS NULL OR lender_id = %(lender)s)
    ORDER BY lender_id LIMIT %(limit)s
), w AS (
    SELECT w.run_id, w.result, v.state, count(*) AS n
    FROM wish w
    LEFT JOIN permit p ON p.person_id = w.person_id AND p.decision_id = w.decision_id
    LEFT JOIN delivery v ON v.person_id = p.person_id AND v.permit_id = p.id
    WHERE w.run_id IN (SELECT id FROM r)
    GROUP BY w.run_id, w.result, v.state
)
SELECT r.id, r."on", l.name, r.origin, r.step, r.started_at, r.finished_at, coalesce(s.name, ''), sv.n,
       coalesce(sum(w.n), 0)::bigint,
       coalesce(sum(w.n) FILTER (WHERE w.result = 'planned'), 0)::bigint,
       coalesce(sum(w.n) FILTER (WHERE w.result = 'skipped'), 0)::bigint,
       coalesce(sum(w.n) FILTER (WHERE w.result = 'permit'), 0)::bigint,
       coalesce(sum(w.n) FILTER (WHERE w.result = 'forbid'), 0)::bigint,
       coalesce(sum(w.n) FILTER (WHERE w.result = 'hold'), 0)::bigint,
       coalesce(sum(w.n) FILTER (WHERE w.result = 'permit' AND w.state = 'delivered'), 0)::bigint,
       coalesce(sum(w.n) FILTER (WHERE w.result = 'permit' AND w.state = 'failed'), 0)::bigint,
       coalesce(sum(w.n) FILTER (WHERE w.result = 'permit' AND (w.state IS NULL OR w.state IN ('waiting',
           'claimed'))), 0)::bigint,
       coalesce(sum(w.n) FILTER (WHERE w.result = 'permit' AND w.state = 'unknown'), 0)::bigint,
       coalesce(sum(w.n) FILTER (WHERE w.result = 'permit' AND w.state = 'cancelled'), 0)::bigint
FROM r JOIN lender l ON l.id = r.lender_id
LEFT JOIN strategy_version sv ON sv.id = r.strategy_version_id
LEFT JOIN strategy s ON s.id = sv.strategy_id
LEFT JOIN w ON w.run_id = r.id
GROUP BY r.id, r."on", l.name, r.origin, r.step, r.started_at, r.finished_at, s.name, sv.n
ORDER BY l.name
"""


def load_runs(viewer: Viewer, on: date | None) -> list[RunRow]:
    """The runs of a day, of the latest day that ran where none is named; their counts are what this viewer may see."""
    values = {"on": on, "lender": viewer.lender_id if viewer.scope == "lender" else None, "limit": RUNS_MAX}
    return [RunRow(*row) for row in select(_RUNS, values)]


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """Why wishes of a run were not put to the law."""

    channel: str
    reason: str
    count: int


_SKIPPED = """
SELECT channel, reason, count(*) FROM wish WHERE run_id = ANY(%(runs)s) AND result = 'skipped'
GROUP BY channel, reason ORDER BY count(*) DESC, channel, reason LIMIT 50
"""


def load_skipped(run_ids: list[int]) -> list[SkippedRow]:
    """Skipped wishes of runs, by channel and reason."""
    return [SkippedRow(*row) for row in select(_SKIPPED, {"runs": run_ids})]


@dataclass(frozen=True, slots=True)
class StrategyVersionRow:
    """A version of a strategy, for the list and for comparing."""

    id: int
    strategy_id: int
    lender: str
    code: str
    name: str
    n: int
    state: str
    body: str
    created_by_id: int
    created_by: str
    created_at: datetime
    activated_by: str
    activated_at: datetime | None


def load_strategy_versions(viewer: Viewer) -> list[StrategyVersionRow]:
    """The versions of the strategies of this viewer's lender, the newest of each first."""
    rows = StrategyVersion.objects.order_by("strategy__lender__name", "strategy__code", "-n")
    if viewer.lender_id is not None:
        rows = rows.filter(strategy__lender_id=viewer.lender_id)
    columns = (
        "id",
        "strategy_id",
        "strategy__lender__name",
        "strategy__code",
        "strategy__name",
        "n",
        "state",
        "body",
        "created_by_id",
        "created_by__name",
        "created_at",
        "activated_by__name",
        "activated_at",
    )
    found: list[tuple[Any, ...]] = list(rows.values_list(*columns)[:VERSIONS_MAX])
    versions = []
    for *most, activated_by, activated_at in found:
        row: tuple[Any, ...] = (*most, activated_by or "", activated_at)
        versions.append(StrategyVersionRow(*row))
    return versions
