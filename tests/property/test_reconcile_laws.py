"""Matching is one to one, loses nothing, and is the best there is: compared with trying every way."""

from collections.abc import Sequence
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from zhizhi.core.reconcile.assign import assign
from zhizhi.core.reconcile.facts import SECOND, Limits, Record, Used
from zhizhi.core.reconcile.match import match

INSTANTS = st.lists(st.integers(0, 30), max_size=5).map(sorted)
MANY = st.lists(st.integers(0, 200), max_size=40).map(sorted)


def best_by_trial(records: Sequence[int], permits: Sequence[int], reach: int) -> tuple[int, int]:
    """Pairs and negative distances of the best way, by trying all."""
    best = (0, 0)
    places = [*range(len(permits)), *([None] * len(records))]
    for way in set(permutations(places, len(records))):
        pairs = [(r, p) for r, p in enumerate(way) if p is not None]
        distances = [abs(records[r] - permits[p]) for r, p in pairs]
        if all(distance <= reach for distance in distances):
            best = max(best, (len(pairs), -sum(distances)))
    return best


@settings(max_examples=60, deadline=None)
@given(records=st.lists(st.integers(0, 20), max_size=4).map(sorted), permits=INSTANTS.map(lambda at: at[:3]))
def test_no_other_way_pairs_more_or_nearer(records: list[int], permits: list[int]) -> None:
    found = assign(records, permits, 5)
    distances = [abs(records[r] - permits[p]) for r, p in found]
    assert (len(found), -sum(distances)) == best_by_trial(records, permits, 5)


@settings(max_examples=100, deadline=None)
@given(records=MANY, permits=INSTANTS, reach=st.integers(0, 40))
def test_many_records_of_one_number_change_no_pair(records: list[int], permits: list[int], reach: int) -> None:
    found = assign(records, permits, reach)
    crowded = sorted([*records, *([10_000] * 40)])  # so many further ones that only the nearest are looked at
    assert assign(crowded, permits, reach) == found
    assert sorted(found) == found
    assert len({p for _, p in found}) == len(found)


@settings(max_examples=100, deadline=None)
@given(
    records=st.lists(st.tuples(st.integers(-5, 40), st.sampled_from(["", "a", "b"]), st.booleans()), max_size=7),
    permits=st.lists(st.tuples(st.integers(-5, 40), st.booleans(), st.booleans()), max_size=5),
    named=st.lists(st.integers(0, 5), max_size=7),
)
def test_every_record_and_every_permit_has_one_place(
    records: list[tuple[int, str, bool]], permits: list[tuple[int, bool, bool]], named: list[int]
) -> None:
    theirs = [
        Record(row, at * SECOND, identity, permit=dict(enumerate(named)).get(row), caller_is_ours=ours)
        for row, (at, identity, ours) in enumerate(records)
    ]
    ours = [Used(n, n, at * SECOND, is_released, is_due) for n, (at, is_released, is_due) in enumerate(permits)]
    matched = match(theirs, ours, Limits(0, 30 * SECOND, 3 * SECOND, 10 * SECOND, 1))
    rows = [pair.record.row for pair in matched.pairs] + [one.row for one, _ in matched.alone]
    assert sorted(rows) == list(range(len(theirs)))
    placed = [pair.used for pair in matched.pairs] + [*matched.missing, *matched.carried]
    assert len({one.permit for one in placed}) == len(placed)
    assert {one.permit for one in ours if not one.is_released} <= {one.permit for one in placed}
    assert matched == match(theirs[::-1], ours[::-1], Limits(0, 30 * SECOND, 3 * SECOND, 10 * SECOND, 1))
