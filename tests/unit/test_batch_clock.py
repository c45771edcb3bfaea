"""The batch's own clock shows what the kernel's shows, changes to summer time included."""

from datetime import UTC, date, datetime, timedelta

import ibis
import pyarrow as pa
import pytest

from zhizhi.batch.clock import Clock
from zhizhi.batch.from_cases import from_us, to_us
from zhizhi.batch.truth import is_open
from zhizhi.core.kernel.instants import day_in, wall, zone_of

EPOCH = date(1970, 1, 1)
ZONES = ["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu"]


@pytest.mark.parametrize("zone", ZONES)
def test_days_and_wall_clocks_of_two_years_are_those_of_the_kernel(zone):
    start, key = datetime(2025, 1, 1, tzinfo=UTC), zone_of(zone)
    instants = [start + timedelta(minutes=47 * n, microseconds=n % 3) for n in range(22_000)]
    table = ibis.memtable(
        pa.table({"at_us": [to_us(at) for at in instants], "minutes": [n % 1441 for n in range(22_000)]})
    )
    clock = Clock([zone], to_us(instants[0]), to_us(instants[-1]))
    days = table.mutate(day=clock.day(table.at_us))
    shown = days.mutate(wall_us=clock.wall(days.day, days.minutes)).to_pyarrow().to_pylist()
    for row in shown:
        day = day_in(key, from_us(row["at_us"]))
        assert row["day"] == (day - EPOCH).days
        assert row["wall_us"] == to_us(wall(key, day, row["minutes"]))


def test_a_negation_of_a_known_fact_is_known():
    """Found by the comparison: Ibis writes `NOT x IS NULL` for the negation of x, which asks whether x is there."""
    table = ibis.memtable(pa.table({"known": pa.array([True, False, None])}))
    assert table.select(open=is_open(~table.known)).to_pyarrow()["open"].to_pylist() == [False, False, True]
