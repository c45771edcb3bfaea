"""运行状况: whether everything that has to run does, in the figures that `/metrics` gives to a scraper."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from zhizhi.core.kernel.text import Text
from zhizhi.store.lenders.reads import Desk
from zhizhi.store.lenders.rights import Right
from zhizhi.store.operations.clock_guard import CLOCK_THREAD, WHY, guard
from zhizhi.store.operations.figures import Figures
from zhizhi.store.operations.heartbeats import HeartbeatRow
from zhizhi.store.operations.tallies import END, HOLD, PERMIT, REFUSAL
from zhizhi.web.console.access import screen
from zhizhi.web.console.pages import page
from zhizhi.web.shared.metrics.snapshot import Snapshot, take_snapshot

LATE = timedelta(minutes=10)  # the thresholds of docs/alerts.md
QUEUES = {
    "inbox": Text("渠道商通知待处理", "provider notices to work on"),
    "leaves": Text("存证待编号", "leaves without a number"),
    "imports": Text("导入排队", "imports waiting"),
    "audits": Text("审计排队", "audits waiting"),
    "impacts": Text("规则测算排队", "impact runs waiting"),
    "holds": Text("待人工核定", "holds waiting for a person"),
    "contradictions": Text("回执不符待核对", "contradicting receipts to compare"),
    "inquiries_overdue": Text("逾期未了的违规核查", "breach inquiries past their day"),
    "incident_deadlines_near": Text("事件报送将到期", "deadlines of incidents that are near or over"),
    "incident_deadlines_over": Text("事件报送已逾期", "deadlines of incidents that are over"),
    "portal_requests": Text("本人查询待答复", "requests of the portal that wait"),
    "webhooks": Text("通知待送达对接系统", "messages to other systems, not delivered yet"),
    "webhooks_failed": Text("一日内未送达的通知", "messages to other systems that failed within a day"),
    "webhook_endpoints_off": Text("自动停用的通知地址", "endpoints of webhooks turned off by themselves"),
}
NOT_HERE = "canary_alarms"  # for compliance alone: whoever set one off may read this page
# a queue of work for people is not ill because it waits
BY_PERSONS = frozenset(
    (
        *("holds", "contradictions", "inquiries_overdue", "incident_deadlines_near", "incident_deadlines_over"),
        *("webhooks", "webhooks_failed", "webhook_endpoints_off"),
    )
)


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue and whether it is late."""

    text: Text
    count: int
    oldest: timedelta
    is_late: bool


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """A process, what it thinks of its clock, and its steps."""

    name: str
    is_alive: bool
    clock: HeartbeatRow
    why: Text | None
    steps: tuple[HeartbeatRow, ...]

    @property
    def ahead_ms(self) -> int:
        """How far its clock is ahead of the database's."""
        return self.clock.clock_ahead // timedelta(milliseconds=1)


@screen(Right.SEE_HEALTH)
def health(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """The installation now. Counts and house packs of all lenders are for those whose eyes are not bound to one."""
    now, own_lender = take_snapshot(), desk.viewer.lender_id
    context: dict[str, object] = {
        "here": "health",
        "now": now,
        "own": guard().process,
        "processes": processes_of(now),
        "queues": queues_of(now.figures),
        "packs": sorted({(pack.id, pack.version, pack.sha256) for law in now.laws for pack in law.packs}),
        "held_houses": [house for house, held in now.houses if held and own_lender in (None, house.lender_id)],
        "sees_counts": own_lender is None,
    }
    if now.figures is not None:
        totals = Counter[str]()
        for one in now.figures.counts:
            totals[one.figure] += one.total
        ends = Counter({one.first: 0 for one in now.figures.counts if one.figure == END})
        for one in now.figures.counts:
            if one.figure == END:
                ends[one.first] += one.total
        context |= {
            "permits": totals[PERMIT],
            "refusals": totals[REFUSAL],
            "held": totals[HOLD],
            "ends": sorted(ends.items()),
            "rules": _first_rules(now.figures),
        }
    return page(request, desk, at, "health.html", context)


RULES_SHOWN = 12


def _first_rules(figures: Figures) -> list[tuple[str, str, int]]:
    """The rules that refused or held most."""
    rows = [(one.first, one.figure, one.total) for one in figures.counts if one.figure in (REFUSAL, HOLD)]
    return sorted(rows, key=lambda row: (-row[2], row[0]))[:RULES_SHOWN]


def queues_of(figures: Figures | None) -> list[QueueLine]:
    """Every queue in the order of the page."""
    if figures is None:
        return []
    return [
        QueueLine(QUEUES[one.queue], one.count, one.oldest, one.oldest > LATE and one.queue not in BY_PERSONS)
        for one in figures.queues
        if one.queue != NOT_HERE
    ]


def processes_of(now: Snapshot) -> list[ProcessLine]:
    """Every process of the last day, the living first."""
    rows = now.figures.heartbeats if now.figures is not None else ()
    alive = {row.process for row in now.alive}
    lines = []
    for process in sorted({row.process for row in rows}, key=lambda name: (name not in alive, name)):
        own = [row for row in rows if row.process == process]
        clock = next((row for row in own if row.thread == CLOCK_THREAD), own[0])
        found = WHY.get(clock.clock)
        why = found.fill(seconds=abs(clock.clock_ahead) // timedelta(seconds=1)) if found is not None else None
        steps = tuple(sorted((row for row in own if row.thread != CLOCK_THREAD), key=lambda row: row.thread))
        lines.append(ProcessLine(process, process in alive, clock, why, steps))
    return lines
