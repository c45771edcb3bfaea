"""Search by telephone number through a keyed hash, beside a plain column of the same numbers under the same index.

Both in one run: the ratio is what not storing the number costs.

    python benchmarks/search.py [--persons 1000000] [--searches 2000]

It makes a server of its own and leaves nothing behind. `hash` is what the product does: the hash of the number for the
lender, the index, then the number that was found is opened and compared. `index` is the look-up alone.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from rotate import asked, command, installation

SEED = 20260302
LENDER = 7
CREATE = """
CREATE TABLE plain_point (LIKE point INCLUDING DEFAULTS);
ALTER TABLE plain_point DROP COLUMN value_key, ADD COLUMN number text NOT NULL;
"""
INDEXES = """
CREATE INDEX plain_point_number ON plain_point (number);
ALTER TABLE plain_point ADD PRIMARY KEY (person_id, id);
GRANT SELECT ON plain_point TO zhizhi_gate;
ANALYZE point, plain_point, person;
"""
BY_HASH = (
    "SELECT o.id, o.sealed, p.data_key FROM point o JOIN person p ON p.id = o.person_id WHERE o.value_key = %s LIMIT 50"
)
BY_NUMBER = BY_HASH.replace("FROM point", "FROM plain_point").replace("value_key", "number")


def main() -> int:
    """Fill, search alternately, print; exit code 1 where a search does not find who bears the number."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--persons", type=int, default=1_000_000)
    arguments.add_argument("--searches", type=int, default=2_000)
    wanted = arguments.parse_args()
    with installation():
        if command("migrate").returncode:
            raise SystemExit("zhizhi migrate failed")
        from zhizhi.config.wiring import start

        start(as_owner=True)
        begun = time.perf_counter()
        fill(wanted.persons)
        print(f"{wanted.persons:,} persons with a number each, twice, in {time.perf_counter() - begun:.0f} s")
        return 0 if measured(wanted.persons, wanted.searches) else 1


def number_of(index: int) -> str:
    """Numbers that no subscriber has."""
    return f"109{index:08d}"


def fill(count: int) -> None:
    """Persons with a point each, under its hash and once more in the clear."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO lender (id, code, name, profile, signature, recorder, is_synthetic)"
            " VALUES (%s, 'S', '测试机构', 'cn.bank.card', '', 'unavailable', true)",
            [LENDER],
        )
        cursor.execute(CREATE)
        for table, columns, rows in (
            ("person", "id, lender_id, subject, identity_key, customer_key, name_key, data_key, sealed, masked, state,"
             " time_zones, version, created_at", persons(count)),
            ("party", "person_id, id, role, sealed", ((3 * n + 1, 3 * n + 2, "debtor", b"") for n in range(count))),
        ):  # fmt: skip
            copy(cursor, table, columns, rows)
        copy(cursor, "point", "person_id, id, party_id, kind, sealed, value_key", points(count))
        cursor.execute(
            "INSERT INTO plain_point (person_id, id, party_id, kind, sealed, number)"
            " SELECT person_id, id, party_id, kind, sealed, '109' || lpad(((person_id - 1) / 3)::text, 8, '0')"
            " FROM point"
        )
        cursor.execute(INDEXES)


def persons(count: int) -> Iterator[tuple[Any, ...]]:
    """One ring for everybody: opening costs the same, and a million need not be wrapped."""
    from uuid import UUID

    ring = ring_of_all()
    for n in range(count):
        person = 3 * n + 1
        yield (person, LENDER, UUID(int=person), UUID(int=person), n, n, ring, b"", b"", "normal", "[]", 0,
               "2026-03-02T00:00:00Z")  # fmt: skip


def points(count: int) -> Iterator[tuple[Any, ...]]:
    """A mobile each, sealed and hashed as an import does it."""
    from zhizhi.store.keyring import SearchKeys, person_seal
    from zhizhi.store.people.rows import point_key, seal_point

    keys, seal = SearchKeys(LENDER), person_seal(ring_of_all())
    for n in range(count):
        number, point = number_of(n), 3 * n + 3
        yield 3 * n + 1, point, 3 * n + 2, "mobile", seal_point(seal, number, point), point_key(keys, number)


_RING: list[bytes] = []


def ring_of_all() -> bytes:
    """The one wrapped ring."""
    from zhizhi.store.keyring import new_person_key

    if not _RING:
        _RING.append(new_person_key()[0])
    return _RING[0]


def copy(cursor: Any, table: str, columns: str, rows: Any) -> None:
    """COPY rows in their text form."""
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as sink:
        for row in rows:
            sink.write_row(row)


def measured(count: int, searches: int) -> bool:
    """Print the figures; whether each search found exactly who bears the number."""
    from zhizhi.store.keyring import SearchKeys, person_seal
    from zhizhi.store.people.rows import open_point, point_key

    keys = SearchKeys(LENDER)

    def hashed(number: str) -> list[int]:
        found = asked(BY_HASH, point_key(keys, number))
        return [point for point, sealed, ring in found if open_point(person_seal(ring), sealed, point) == number]

    def by_index(number: str) -> list[int]:
        return [point for point, *_ in asked(BY_HASH, point_key(keys, number))]

    def plain(number: str) -> list[int]:
        return [point for point, *_ in asked(BY_NUMBER, number)]

    ways: dict[str, Callable[[str], list[int]]] = {"hash": hashed, "index": by_index, "plain": plain}
    times: dict[str, list[float]] = {name: [] for name in ways}
    processor: dict[str, float] = dict.fromkeys(ways, 0.0)
    random, is_right = Random(SEED), True
    for _ in range(searches):
        wanted = random.randrange(count)
        for name, way in ways.items():  # alternately, so that what else the machine does falls on all of them
            begun, worked = time.perf_counter(), time.process_time()
            found = way(number_of(wanted))
            times[name].append(time.perf_counter() - begun)
            processor[name] += time.process_time() - worked
            is_right = is_right and found == [3 * wanted + 3]
    told(times, processor, searches)
    return is_right


def told(times: dict[str, list[float]], processor: dict[str, float], searches: int) -> None:
    """Medians, and each as a ratio to the plain column."""
    base = statistics.median(times["plain"])
    for name, taken in times.items():
        median, p95 = statistics.median(taken), quantile(taken, 0.95)
        print(
            f"{name:6} p50 {median * 1e6:7.0f} µs  p95 {p95 * 1e6:7.0f} µs  x{median / base:.2f}"
            f"   processor here {processor[name] / searches * 1e6:6.0f} µs"
        )


def quantile(taken: Sequence[float], part: float) -> float:
    """The value below which this part lies."""
    return sorted(taken)[int(len(taken) * part)]


if __name__ == "__main__":
    sys.exit(main())
