"""Whoever has the whole database and no key finds no name, no number, no address of the demonstration book in it."""

import base64
import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql

from gatework import rows
from zhizhi.gateways.postgres.binaries import choose
from zhizhi.ops.generate import generate
from zhizhi.ops.import_book import import_book
from zhizhi.store.ids import ids
from zhizhi.store.keyring import person_seal
from zhizhi.store.people.rows import seal_note
from zhizhi.store.transact.person import writing

ACCOUNTS = "24"
SAID = "客户说住在云汉省某处，请打隔壁电话"
SEEDED = {
    "accounts": ("name", "id_number", "mobile", "mobile_2", "email", "address", "account_number", "customer_number"),
    "contact_persons": ("name", "mobile"),
}
PLANTED = "标记·某某某"


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration book of a few accounts as `zhizhi import` brings it, and a note of a collector."""
    folder = tmp_path_factory.mktemp("book")
    for command, arguments in (
        (generate, ["--out", str(folder), "--accounts", ACCOUNTS]),
        (import_book, [str(folder)]),
    ):
        done = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    ((person_id,),) = rows("SELECT min(id) FROM person")
    with writing(person_id) as person, psycopg.connect(store, autocommit=True) as owner:
        note = ids.take()
        owner.execute(
            "INSERT INTO note (person_id, id, at, author, action, outcome, overdue_reason, codes_version, sealed,"
            " next_step, next_step_at) VALUES (%s, %s, now(), 'u1', '', '', '', 1, %s, '', now())",
            [person_id, note, seal_note(person_seal(person.data_key), SAID, note)],
        )
        owner.execute("CREATE TABLE planted (clear text, octets bytea, document jsonb)")
        owner.execute(
            "INSERT INTO planted VALUES (%s, %s, %s)",
            [
                f"a {PLANTED} b",
                f"a {PLANTED} b".encode(),
                json.dumps([base64.b64encode(f"{n * 'x'}{PLANTED}zz".encode()).decode() for n in range(3)]),
            ],
        )
    return folder


def seeded(folder: Path) -> dict[str, set[str]]:
    """Every seeded value by its field; a name that an employee happens to bear is the employee's too."""
    staff = {name for (name,) in rows("SELECT name FROM staff")}
    found: dict[str, set[str]] = {"note": {SAID}}
    for table, columns in SEEDED.items():
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column in columns:
                    if row[column] and row[column] not in staff:
                        found.setdefault(f"{table}.{column}", set()).add(row[column])
    return found


def forms(value: str) -> Iterator[bytes]:
    """A value as a dump could show it: text, escaped text, octets in hex, and base64 at each of its three phases."""
    utf8 = value.encode()
    yield utf8
    yield json.dumps(value)[1:-1].encode()
    yield utf8.hex().encode()
    yield utf8.hex().upper().encode()
    yield value.encode("gb18030").hex().encode()
    for phase in range(3):
        whole = base64.b64encode(b"x" * phase + utf8)
        inner = whole[(0, 2, 3)[phase] :]
        # the last group also depends on what follows the value
        yield inner[: len(inner) - 4 if (phase + len(utf8)) % 3 else len(inner)]


def hits(dump: bytes, values: Iterable[str]) -> int:
    """How many values stand in a dump in one form or another; forms too short to mean anything are left out."""
    return sum(any(len(form) > 5 and form in dump for form in set(forms(value))) for value in values)


def dump_of(url: str, into: Path) -> bytes:
    """What `pg_dump` writes, where the server's own is there; else every table by COPY."""
    beside = shutil.which("pg_dump", path=str(choose(into.parent, os.environ).folder))
    for program in filter(None, (beside, shutil.which("pg_dump"))):  # one that is older than the server refuses
        written = subprocess.run(
            [program, "--inserts", "--dbname", url, "-f", str(into)], capture_output=True, check=False
        )
        if written.returncode == 0:
            return into.read_bytes()
    parts: list[bytes] = []
    with psycopg.connect(url) as owner:
        tables = owner.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            with owner.cursor().copy(f"COPY {table} TO STDOUT") as copied:
                parts += [bytes(part) for part in copied]
    return b"".join(parts)


def test_a_dump_holds_no_seeded_value(
    book: Path, store: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    dump = dump_of(store, tmp_path / "dump.sql")
    assert hits(dump, [PLANTED]) == 1, "the search finds what is in the clear"
    for column in ("clear", "octets", "document"):
        with psycopg.connect(store) as owner:
            asked = sql.SQL("SELECT {}::text FROM planted").format(sql.Identifier(column))
            (alone,) = owner.execute(asked).fetchone() or ("",)
        assert hits(str(alone).encode(), [PLANTED]) == 1, f"the search finds it in {column} alone"
    counts = {field: (len(values), hits(dump, values)) for field, values in seeded(book).items()}
    for field, (values, found) in counts.items():
        record_property(field, f"{values} searched, {found} found")
    told = [f"{field}: {n} searched, {found} found" for field, (n, found) in counts.items()]
    sys.stdout.write(f"a dump of {len(dump):,} octets; {'; '.join(told)}\n")
    assert {field for field, (_, found) in counts.items() if found} == set()
    assert sum(n for n, _ in counts.values()) > 100, "the book was seeded"
    assert rows("SELECT count(*) FROM person")[0][0] > 10, "and imported"
