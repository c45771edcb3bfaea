"""The core's figures against our ledger, on PostgreSQL: listed, settled by persons, and nil afterwards to the fen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import psycopg
import pytest

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, propose_sms, refused_by_database, rows
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.files.opening import open_table
from zhizhi.store.core_differences.reads import count_waiting, load_waiting
from zhizhi.store.evidence.log import open_log
from zhizhi.store.imports.rows import Counts
from zhizhi.store.lenders.models import Lender
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.core_differences.settling import SettleDifference, settle_difference
from zhizhi.usecases.core_differences.words import Step
from zhizhi.usecases.import_file import ImportFile, import_file
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.record_payment import RecordPayment, record_payment

pytestmark = pytest.mark.usefixtures("store")
NUMBERS, FILES = count(1), count(1)
MAP = Path(__file__).resolve().parents[2] / "src/zhizhi/usecases/intake/maps/core_figures.toml"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class House:
    """A lender with its people."""

    lender: Lender
    staff: dict[str, int]
    folder: Path


@pytest.fixture
def house(store: str, tmp_path: Path) -> House:
    """A lender of its own for each test: the list is all that a lender has."""
    n = next(NUMBERS)
    lender = make_lender(f"C{n}")
    roles = ("settlement_clerk", "settlement_approver", "supervisor", "head")
    return House(lender, {role: make_staff(f"c{n}-{role}", role, lender).pk for role in roles}, tmp_path)


def debtor(house: House, minor: int = 100_000) -> tuple[Borrower, str]:
    n = 6_000 + next(NUMBERS)
    return make_borrower(house.lender, n, amount_minor=minor, due_on=TODAY - 20 * DAY), f"A{n}"


def told(house: House, *figures: tuple[str, int, str], days: int = 0) -> Counts:
    """Bring a file of the core's figures: account, balance, state; of today and some days."""
    path = house.folder / f"core-{next(FILES)}.csv"
    lines = [f"{house.lender.code},{account},{minor},{state}" for account, minor, state in figures]
    path.write_text("lender_code,account_number,balance_minor,core_state\n" + "\n".join(lines) + "\n", encoding="utf-8")
    on = TODAY + days * DAY
    with open_table(path) as table:
        book_map = read_map(MAP.read_text(encoding="utf-8"))
        return import_file(ImportFile(path.name, book_map, on), table, at=TEN + days * DAY).counts


def waiting(house: House) -> list[tuple[object, ...]]:
    return rows(
        "SELECT differs, ours_minor, core_minor, stop_id IS NOT NULL FROM core_difference"
        " WHERE lender_id = %s AND state IN ('open', 'asked_core') ORDER BY id",
        house.lender.pk,
    )


def only(house: House) -> int:
    ((found,),) = rows(
        "SELECT id FROM core_difference WHERE lender_id = %s AND state IN ('open', 'asked_core')", house.lender.pk
    )
    return int(found)


def settle(house: House, step: Step = Step.ACCEPT, component: str = "") -> int | None:
    by = house.staff["settlement_clerk"]
    return settle_difference(SettleDifference(only(house), step, "与核心系统核对一致", by, component), TEN)


def agree(house: House, approval: int | None) -> None:
    ((digest,),) = rows("SELECT digest FROM approval WHERE id = %s", approval)
    assert approval is not None
    rule(Rule(approval, digest, True, house.staff["settlement_approver"], "已核对"), TEN)


def state(who: Borrower) -> tuple[int, str]:
    ((balance, debt_state),) = rows("SELECT balance_minor, state FROM debt WHERE id = %s", who.debt)
    return balance, debt_state


def adjusted(who: Borrower) -> int:
    """What entries of adjustment did to the balance."""
    sums = "SELECT coalesce(sum(CASE WHEN is_credit THEN -amount_minor ELSE amount_minor END), 0) FROM entry"
    return int(rows(f"{sums} WHERE debt_id = %s AND kind = 'adjustment'", who.debt)[0][0])


def test_what_agrees_is_no_difference_and_money_after_the_day_is_none(house: House) -> None:
    (who, account), (_, other) = debtor(house), debtor(house)
    record_payment(RecordPayment(who.person, who.debt, 30_000, TODAY + DAY, "LATER-1", "console", None), TEN + DAY)
    assert told(house, (account, 100_000, "open"), (other, 100_000, "open")).unchanged == 2
    assert told(house, (account, 70_000, "open"), days=1).unchanged == 1
    assert waiting(house) == []


def test_every_kind_of_difference_is_listed_once_and_less_at_the_core_holds(house: House) -> None:
    (low, one), (_, two), (_, three) = debtor(house), debtor(house), debtor(house)
    figures = ((one, 99_999, "open"), (two, 0, "closed"), (three, 100_001, "open"), ("A-NOBODY-1", 5, "open"))
    assert told(house, *figures).new == 4
    assert told(house, *figures, days=1).unchanged == 4
    assert waiting(house) == [
        ("lower_there", 100_000, 99_999, True),
        ("closed_there", 100_000, 0, True),
        ("higher_there", 100_000, 100_001, False),
        ("unknown_account", None, 5, False),
    ]
    assert propose_sms(low, house.staff["supervisor"], TEN + MINUTE).permit_id is None
    with reading(Viewer(house.staff["head"], Scope.LENDER, house.lender.pk, None)):
        assert count_waiting() == (4, 6, 100_001)
        assert all(row.account.startswith("*") for row in load_waiting())


@pytest.mark.parametrize(
    ("core", "word", "component", "ends"),
    [
        (40_001, "open", "", (40_001, "overdue")),
        (0, "closed", "", (0, "settled")),
        (100_777, "open", "penalty_interest", (100_777, "overdue")),
    ],
)
def test_two_persons_take_the_figure_and_the_list_is_nil_to_the_fen(
    house: House, core: int, word: str, component: str, ends: tuple[int, str]
) -> None:
    who, account = debtor(house)
    told(house, (account, core, word))
    approval = settle(house, component=component)
    assert (state(who)[0], adjusted(who)) == (100_000, 0), "nothing before the second person"
    agree(house, approval)
    assert (state(who), adjusted(who)) == (ends, core - 100_000)
    assert rows("SELECT 1 FROM stop WHERE person_id = %s AND lifted_at IS NULL", who.person) == []
    assert told(house, (account, core, word), days=1).unchanged == 1
    assert waiting(house) == []


def test_money_of_before_that_the_core_brings_afterwards_lowers_nothing_twice(house: House) -> None:
    who, account = debtor(house)
    told(house, (account, 60_000, "open"), days=1)
    agree(house, settle(house))
    path = house.folder / "payments.csv"
    path.write_text(f"流水号,还款日期,还款金额,账号\nCORE-1,{TODAY + DAY},400,{account}\n", encoding="utf-8")
    map_of = (
        f'[file]\nkind = "payments"\nlender = "{house.lender.code}"\nunit = "yuan"\n[columns]\nreference = "流水号"\n'
        'paid_on = "还款日期"\namount = "还款金额"\naccount = "账号"\nlender = {constant = "'
        f'{house.lender.code}"}}\n'
    )
    with open_table(path) as table:
        import_file(ImportFile(path.name, read_map(map_of), TODAY + DAY), table, at=TEN + DAY)
    assert state(who)[0] == 60_000


def test_a_ledger_that_moved_is_not_corrected_and_a_later_file_takes_its_place(house: House) -> None:
    who, account = debtor(house)
    told(house, (account, 90_000, "open"))
    approval = settle(house)
    record_payment(RecordPayment(who.person, who.debt, 10_000, TODAY, "SAME-DAY", "console", None), TEN)
    with pytest.raises(Refused, match="moved"):
        agree(house, approval)
    assert state(who)[0] == 90_000
    told(house, (account, 90_000, "open"), days=1)
    assert waiting(house) == []
    assert rows("SELECT state FROM core_difference WHERE lender_id = %s", house.lender.pk) == [("agreed",)]


def test_asking_the_core_waits_on_and_what_is_nobodys_is_explained(house: House) -> None:
    _, account = debtor(house)
    told(house, (account, 50_000, "open"))
    assert settle(house, Step.ASK) is None
    assert len(waiting(house)) == 1
    with pytest.raises(Refused, match="of_a_debt"):
        settle(house, Step.SET_ASIDE)
    told(house, (account, 100_000, "open"), days=1)
    told(house, ("A-NOBODY-2", 7, "open"))
    with pytest.raises(Refused, match="not_ours"):
        settle(house)
    assert settle(house, Step.SET_ASIDE) is None
    assert waiting(house) == []


def test_what_raw_sql_cannot_do(house: House, gate: psycopg.Connection[tuple[object, ...]]) -> None:
    _, account = debtor(house)
    told(house, (account, 50_000, "open"))
    found = only(house)
    taken = "UPDATE core_difference SET state = 'accepted', stop_id = NULL, settled_at = now() WHERE id = %s"
    assert refused_by_database(gate, taken, found) == "RestrictViolation"
    assert refused_by_database(gate, "UPDATE core_difference SET core_minor = 1 WHERE id = %s", found) == (
        "InsufficientPrivilege"
    )
    assert refused_by_database(gate, "DELETE FROM core_difference WHERE id = %s", found) == "InsufficientPrivilege"


def test_rows_and_leaves_say_the_same(house: House) -> None:
    _, account = debtor(house)
    told(house, (account, 50_000, "open"))
    found = only(house)
    settle(house, Step.ASK)
    agree(house, settle(house))
    sequence_all(TEN)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        wrong = {one.position for one in compare(log.stored_leaves(), iter([None] * size), log.object_digest)}
    own = rows("SELECT position FROM leaf WHERE source_table = 'core_difference' AND source_id = %s", found)
    assert len(own) == 3
    assert wrong.isdisjoint(position for (position,) in own)


@pytest.fixture
def gate(store: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The gate's login, with raw SQL."""
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute(f"SET ROLE {GATE_LOGIN}")
        yield owner
