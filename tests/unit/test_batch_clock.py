"""The batch's own clock shows what the kernel's shows, changes to summer time included."""

from datetime import UTC, date, datetime, timedelta

import ibis
import pyarrow as pa
import pytest

from reference.batch_cases import dense
from zhizhi.batch.book import decide_book
from zhizhi.batch.clock import Clock, NoZone
from zhizhi.batch.from_cases import from_us, tables_of_people, to_us
from zhizhi.batch.tables import Facts
from zhizhi.batch.truth import is_open
from zhizhi.core.kernel.instants import day_in, wall, zone_of
from zhizhi.store.packs import load_law

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


@pytest.mark.parametrize("known", [[], ["America/New_York"]], ids=["nobody's", "one's"])
@pytest.mark.parametrize("nothing", [None, []])
def test_a_law_of_the_debtors_clock_says_that_zones_are_missing_and_what_to_do(known: list[str], nothing: object):
    law, zones = load_law("us.regf"), [*([known] if known else []), *([nothing] * (3 - bool(known)))]
    tables = tables_of_people([[case] for case, _ in dense(law.profile, "strict", 3, 7)], law.zone)
    persons = tables["persons"]
    place = persons.column_names.index("zones")
    tables["persons"] = persons.set_column(place, persons.field(place), pa.array(zones, pa.list_(pa.string())))
    connection = ibis.duckdb.connect()
    facts = Facts.of_arrow(connection, tables)
    with pytest.raises(NoZone, match=rf"{3 - bool(known)} of the persons .*`persons.zones`.*help: fill the column"):
        decide_book(connection, facts, law)


def test_without_any_zone_there_is_no_clock():
    with pytest.raises(NoZone, match="the debtor's clock"):
        Clock([], 0, 1)


def test_a_negation_of_a_known_fact_is_known():
    """Found by the comparison: Ibis writes `NOT x IS NULL` for the negation of x, which asks whether x is there."""
    table = ibis.memtable(pa.table({"known": pa.array([True, False, None])}))
    assert table.select(open=is_open(~table.known)).to_pyarrow()["open"].to_pylist() == [False, False, True]
