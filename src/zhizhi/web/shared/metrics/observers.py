"""How each metric is read from a snapshot: values with their labels.

No label holds what a person or a provider makes up: channels, rules, states, queues and steps are closed lists of the
product and its packs, the lenders' own among them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from zhizhi.core.kernel.clocks import ClockState
from zhizhi.store.operations.clock_guard import CLOCK_THREAD
from zhizhi.store.operations.heartbeats import HeartbeatRow
from zhizhi.web.shared.metrics.snapshot import Snapshot

SECOND = timedelta(seconds=1)
NONE = timedelta(0)
Observed = Iterable[tuple[float, Mapping[str, str]]]
Observe = Callable[[Snapshot], Observed]


def counts(figure: str, *labels: str) -> Observe:
    """Counts since the product was installed."""

    def observe(now: Snapshot) -> Observed:
        for one in now.figures.counts if now.figures is not None else ():
            if one.figure == figure:
                yield one.total, dict(zip(labels, (one.first, one.second), strict=False))

    return observe


def deliveries(now: Snapshot) -> Observed:
    """Deliveries without an end."""
    for one in now.figures.deliveries if now.figures is not None else ():
        yield one.count, {"state": one.state, "channel": one.channel}


def oldest(state: str) -> Observe:
    """The age of the oldest delivery in a state."""

    def observe(now: Snapshot) -> Observed:
        if now.figures is not None:
            ages = [one.oldest for one in now.figures.deliveries if one.state == state]
            yield max(ages, default=NONE) / SECOND, {}

    return observe


def queues(now: Snapshot) -> Observed:
    """What waits."""
    for one in now.figures.queues if now.figures is not None else ():
        yield one.count, {"queue": one.queue}
    if now.figures is not None:
        yield now.figures.uncounted, {"queue": "counts"}


def queue_ages(now: Snapshot) -> Observed:
    """How long the oldest waits."""
    for one in now.figures.queues if now.figures is not None else ():
        yield one.oldest / SECOND, {"queue": one.queue}


def own_clock(now: Snapshot) -> Observed:
    """How far the clock of the answering process is ahead."""
    if now.clock is not None:
        yield now.clock.ahead / SECOND, {}


def held(now: Snapshot) -> Observed:
    """Living processes by the state of their clock."""
    if now.figures is None:
        return
    rows = [row for row in now.alive if row.thread == CLOCK_THREAD]
    for state in ClockState:
        yield sum(row.clock is state for row in rows), {"state": state.value}


def _steps(now: Snapshot) -> Iterator[tuple[str, list[HeartbeatRow]]]:
    rows = [row for row in now.alive if row.thread != CLOCK_THREAD]
    for step in sorted({row.thread for row in rows}):
        yield step, [row for row in rows if row.thread == step]


def workers(now: Snapshot) -> Observed:
    """Living worker processes."""
    if now.figures is not None:
        yield len({row.process for row in now.alive if row.thread != CLOCK_THREAD}), {}


def progress(now: Snapshot) -> Observed:
    """Since each step last got on, the worst process."""
    for step, rows in _steps(now):
        yield max(row.age for row in rows) / SECOND, {"step": step}


def failing(now: Snapshot) -> Observed:
    """Processes in which a step meets an exception."""
    for step, rows in _steps(now):
        yield sum(bool(row.fault) for row in rows), {"step": step}


def packs(now: Snapshot) -> Observed:
    """The packs of every lender's profile."""
    found = {(pack.id, pack.version, pack.sha256) for law in now.laws for pack in law.packs}
    for pack, version, sha256 in sorted(found):
        yield 1, {"pack": pack, "version": version, "sha256": sha256}


def profiles(now: Snapshot) -> Observed:
    """The profiles of the lenders."""
    for law in now.laws:
        yield 1, {"profile": law.profile, "state": "broken" if law.broken else "partial" if law.is_partial else "whole"}
    for profile in now.unknown_profiles:
        yield 1, {"profile": profile, "state": "unknown"}


def houses(now: Snapshot) -> Observed:
    """The lenders' own packs that stand."""
    for house, held in now.houses:
        yield 1, {"pack": house.pack, "sha256": house.sha256, "state": "held" if held else "whole"}


def disk(now: Snapshot) -> Observed:
    """Free bytes."""
    if now.disk_free is not None:
        yield now.disk_free, {}


def database(now: Snapshot) -> Observed:
    """Whether the database answered."""
    yield float(now.figures is not None), {}


def cost(now: Snapshot) -> Observed:
    """What the snapshot took."""
    yield now.seconds, {}
