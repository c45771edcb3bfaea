"""Which record belongs to which permit: as many pairs as possible within reach, and of those the nearest."""

from bisect import bisect_left
from collections.abc import Sequence

Pairing = list[tuple[int, int]]


def assign(records: Sequence[int], permits: Sequence[int], reach: int) -> Pairing:
    """Pairs of positions; both sides are instants in order.

    Of all ways to pair one to one with no pair further apart than `reach`, the most pairs; of those the smallest sum of
    distances; of those the one that pairs the earliest. Two calls a minute apart never cross: of two crossing pairs the
    uncrossed ones are nowhere further apart, so a best way without crossing always exists, and only such are tried.
    """
    if not records or not permits:
        return []
    if len(records) == len(permits) == 1:
        return [(0, 0)] if abs(records[0] - permits[0]) <= reach else []
    near = _near(records, permits)
    pairing = _best([records[place] for place in near], permits, reach)
    return [(near[record], permit) for record, permit in pairing]


def _near(records: Sequence[int], permits: Sequence[int]) -> list[int]:
    """The records that can matter: of `n` permits each needs no more than its `n` nearest on either side, for with one
    further away it could be swapped to one of those that is free."""
    n = len(permits)
    if len(records) <= 2 * n:
        return list(range(len(records)))
    kept: set[int] = set()
    for at in permits:
        place = bisect_left(records, at)
        kept.update(range(max(0, place - n), min(len(records), place + n)))
    return sorted(kept)


def _best(records: Sequence[int], permits: Sequence[int], reach: int) -> Pairing:
    """The best way without crossing. `worth[r][p]`: pairs and (negative) distances of the rest from `r` and `p` on."""
    rows, columns = len(records), len(permits)
    worth = [[(0, 0)] * (columns + 1) for _ in range(rows + 1)]
    for r in range(rows - 1, -1, -1):
        for p in range(columns - 1, -1, -1):
            best = max(worth[r + 1][p], worth[r][p + 1])
            distance = abs(records[r] - permits[p])
            if distance <= reach:
                pairs, negative = worth[r + 1][p + 1]
                best = max(best, (pairs + 1, negative - distance))
            worth[r][p] = best
    found: Pairing = []
    r = p = 0
    while r < rows and p < columns:
        distance = abs(records[r] - permits[p])
        pairs, negative = worth[r + 1][p + 1]
        if distance <= reach and worth[r][p] == (pairs + 1, negative - distance):
            found.append((r, p))
            r, p = r + 1, p + 1
        elif worth[r][p] == worth[r + 1][p]:
            r += 1
        else:
            p += 1
    return found
