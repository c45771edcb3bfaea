"""The show of a month: a script that shares no line with the product recomputes a statement to the fen."""

import random
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from commissionwork import APRIL, MARCH, Books, breach, make_books, pay, reach, reverse, stated, sums
from gatework import MINUTE, TEN, rows
from placework import make_case, make_floor, place, work
from zhizhi.usecases.placements.ending import RecallCases, recall_cases
from zhizhi.usecases.set_stop import SetStop, set_stop

pytestmark = pytest.mark.usefixtures("store")
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "commission_month.py"
CASES = 24
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def month(store: str) -> tuple[Books, int, int]:
    """A month with something of everything: two agencies, every kind of end, money on every day, some of it back; and
    the one that followed."""
    drawn = random.Random(8)
    books = make_books(make_floor("R1"))
    floor = books.floor
    cases = [
        make_case(floor.lender, days=drawn.choice([35, 59, 60, 75]), balance_minor=drawn.randrange(150_000, 250_000))
        for _ in range(CASES)
    ]
    place(floor)
    own = [case for case in cases if case.agency == floor.agencies[0].pk]
    work(floor, *own)
    for n, case in enumerate(own[2:]):
        reach(floor, case, TEN + n * 5 * MINUTE)
    paid = []
    for case in cases:
        for _ in range(3):
            at = TEN + drawn.randrange(0, 20) * DAY + 400 * MINUTE
            paid.append((case, pay(case, drawn.randrange(1, 40_000), at), at))
    for case in own[3:6]:
        ground = "转回自营"
        command = RecallCases(floor.lender.pk, floor.agencies[0].pk, ground, floor.asks, case.number)
        recall_cases(command, TEN + drawn.randrange(3, 9) * DAY)
    set_stop(SetStop(own[6].who.person, "complaint", None, "客户来信", None, floor.asks), TEN + 9 * DAY)
    back = [(case, one, at) for case, one, at in paid if case in own[7:]]
    for case, one, at in back[:3]:
        reverse(case, one.payment_id, one.applied_minor, at + DAY)
    permit = rows("SELECT permit_id FROM contact WHERE person_id = %s", own[4].who.person)[0][0]
    breach(books, permit, own[4].who.person)
    march = stated(books)
    for case, one, _ in back[3:5]:
        reverse(case, one.payment_id, one.applied_minor, APRIL)
    pay(own[8], 12_345, APRIL, paid_on=MARCH + 19 * DAY)
    return books, march, stated(books, month=date(2026, 4, 1), at=APRIL + 30 * DAY)


def recomputed(store: str, statement: int, *options: str) -> subprocess.CompletedProcess[str]:
    """By the script, in a process of its own that cannot import the product."""
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), "--dsn", store, str(statement), *options],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip


def test_a_script_of_its_own_recomputes_the_month_to_the_fen(
    store: str, month: tuple[Books, int, int], tmp_path: Path
) -> None:
    books, march, april = month
    told = sums(march)
    assert told["deducted_minor"] == 30_000
    assert told["commission_minor"] > 0
    whys = rows("SELECT DISTINCT coalesce(nothing, 'earns') FROM commission_line WHERE statement_id = %s", march)
    assert {why for (why,) in whys} == {"earns", "self_cure", "complained"}
    assert sums(april)["commission_minor"] != 0
    for statement in (march, april, stated(books, books.floor.agencies[1])):
        found = recomputed(store, statement, "--csv", str(tmp_path / "month.csv"))
        assert (found.returncode, found.stdout) == (
            0,
            f"{sums(statement)['lines']} lines recomputed, 0 differences\n",
        ), found
        assert len((tmp_path / "month.csv").read_text(encoding="utf-8").splitlines()) == 1 + sums(statement)["lines"]
    assert "zhizhi." not in SCRIPT.read_text(encoding="utf-8").replace("zhizhi_", "")


def test_the_script_tells_a_fen_that_somebody_changed(store: str, month: tuple[Books, int, int]) -> None:
    _, march, _ = month
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("ALTER TABLE commission_statement DISABLE TRIGGER USER")
        owner.execute("ALTER TABLE commission_line DISABLE TRIGGER USER")
        changed = (
            "UPDATE commission_statement SET commission_minor = commission_minor + %s, due_minor = due_minor + %s"
            " WHERE id = %s"
        )
        line = "UPDATE commission_line SET amount_minor = amount_minor + %s WHERE statement_id = %s AND n = 1"
        owner.execute(changed, [1, 1, march])
        owner.execute(line, [1, march])
        found = recomputed(store, march)
        owner.execute(changed, [-1, -1, march])
        owner.execute(line, [-1, march])
        owner.execute("ALTER TABLE commission_statement ENABLE TRIGGER USER")
        owner.execute("ALTER TABLE commission_line ENABLE TRIGGER USER")
    assert found.returncode == 1
    assert [line.partition(":")[0].split()[0] for line in found.stdout.splitlines()[:3]] == [
        "commission",
        "due",
        "payment",
    ]


def test_a_statement_that_is_not_there_is_said_to_be_none(store: str) -> None:
    assert recomputed(store, 10**9).returncode == 2
