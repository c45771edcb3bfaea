"""One number on one day: its records against its permits, one to one, and what is wrong with each."""

from collections.abc import Sequence
from dataclasses import replace

from zhizhi.core.reconcile.assign import assign
from zhizhi.core.reconcile.facts import HOUR, Kind, Limits, Matched, Pair, Record, Used

Alone = tuple[Record, tuple[Kind, ...]]


def match(records: Sequence[Record], permits: Sequence[Used], limits: Limits) -> Matched:
    """Match the records and permits of one channel and number.

    In this order, each step with what the ones before left over: rows that repeat another and rows of another day are
    set aside; a record that names its permit belongs to it; then the nearest within the tolerance; then permits that
    were given back, within the tolerance; then what lies further apart, as one contact at another time.
    """
    alone: list[Alone] = []
    rest = _usable(records, permits, limits, alone)
    kept = sorted(permits, key=lambda used: (used.at, used.permit))
    pairs: list[tuple[Record, Used]] = []
    rest = _named(rest, kept, pairs)
    for is_released, reach in ((False, limits.tolerance), (True, limits.tolerance), (False, limits.apart)):
        rest = _nearest(rest, kept, is_released, reach, pairs)
    alone += [(record, _alone(Kind.RECORD_WITHOUT_PERMIT, record)) for record in rest]
    taken = {used.permit for _, used in pairs}
    left = [used for used in kept if used.permit not in taken and not used.is_released]
    return Matched(
        pairs=tuple(Pair(record, used, _kinds_of(record, used, limits)) for record, used in pairs),
        alone=tuple(sorted(alone, key=lambda one: one[0].row)),
        missing=tuple(used for used in left if used.is_due),
        carried=tuple(used for used in left if not used.is_due),
    )


def _usable(records: Sequence[Record], permits: Sequence[Used], limits: Limits, alone: list[Alone]) -> list[Record]:
    """The records that can be matched, in order of time."""
    known: set[tuple[object, ...]] = set()
    found = []
    for record in sorted(records, key=lambda one: (one.at, one.row)):
        if record.said() in known:
            alone.append((record, _alone(Kind.RECORDED_TWICE, record)))
            continue
        known.add(record.said())
        settled = _settled(record, permits, limits)
        if not limits.opens - limits.tolerance <= settled.at < limits.closes + limits.tolerance:
            alone.append((settled, _alone(Kind.OUTSIDE_DAY, settled)))
        else:
            found.append(settled)
    return sorted(found, key=lambda one: (one.at, one.row))


def _settled(record: Record, permits: Sequence[Used], limits: Limits) -> Record:
    """A time that the clock showed twice is its first, unless only at the second a permit was used."""
    if not record.came_twice:
        return record
    later = replace(record, at=record.at + HOUR)
    near = [any(abs(one.at - used.at) <= limits.tolerance for used in permits) for one in (record, later)]
    return later if near == [False, True] else record


def _named(records: list[Record], permits: list[Used], pairs: list[tuple[Record, Used]]) -> list[Record]:
    """Pair records with the permits that they name; of two that name one, the nearer has it."""
    by_permit = {used.permit: used for used in permits}
    naming = [
        (record, by_permit[record.permit])
        for record in records
        if record.permit is not None and record.permit in by_permit
    ]
    naming.sort(key=lambda pair: (abs(pair[0].at - pair[1].at), pair[0].at, pair[0].row))
    taken: set[int] = set()
    paired: set[int] = set()
    for record, used in naming:
        if used.permit not in taken:
            taken.add(used.permit)
            paired.add(record.row)
            pairs.append((record, used))
    return [record for record in records if record.row not in paired]


def _nearest(
    records: list[Record], permits: list[Used], is_released: bool, reach: int, pairs: list[tuple[Record, Used]]
) -> list[Record]:
    """Pair what is near; a record of another number than its group's is only ever paired by the permit it names."""
    taken = {used.permit for _, used in pairs}
    free = [used for used in permits if used.is_released is is_released and used.permit not in taken]
    open_records = [record for record in records if not record.number_differs]
    found = assign([record.at for record in open_records], [used.at for used in free], reach)
    pairs += [(open_records[record], free[permit]) for record, permit in found]
    paired = {open_records[record].row for record, _ in found}
    return [record for record in records if record.row not in paired]


def _alone(kind: Kind, record: Record) -> tuple[Kind, ...]:
    return (kind, Kind.WRONG_CALLER) if record.caller_is_ours is False else (kind,)


def _kinds_of(record: Record, used: Used, limits: Limits) -> tuple[Kind, ...]:
    """How a pair differs; the order is that of `Kind`. What one side does not say is no difference."""
    theirs, ours = record.talk_seconds, used.talk_seconds
    differs = (
        (Kind.RELEASED_PERMIT, used.is_released),
        (Kind.NUMBER_DIFFERS, record.number_differs),
        (Kind.WRONG_CALLER, record.caller_is_ours is False),
        (
            Kind.OUTCOME_DIFFERS,
            _contradict(record.is_answered, used.is_answered) or _contradict(record.is_delivered, used.is_delivered),
        ),
        (Kind.TIMES_DIFFER, abs(record.at - used.at) > limits.tolerance),
        (
            Kind.LENGTH_DIFFERS,
            record.is_answered and used.is_answered and theirs is not None and ours is not None
            and abs(theirs - ours) > limits.length_tolerance,
        ),
        (Kind.PARTS_DIFFER, _contradict(record.parts, used.parts)),
    )  # fmt: skip
    return tuple(kind for kind, is_so in differs if is_so)


def _contradict(theirs: int | None, ours: int | None) -> bool:
    return theirs is not None and ours is not None and theirs != ours
