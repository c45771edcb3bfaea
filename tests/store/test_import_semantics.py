"""What an import promises.

Nothing twice, changes with history, balances that entries explain, rows that come back mended, taken back whole.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from book import make_staff
from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.files.opening import open_table
from zhizhi.gateways.keys.local import open_local_keys
from zhizhi.store import keyring
from zhizhi.store.imports.keys import BulkSearchKeys
from zhizhi.store.imports.reads import iterate_refused
from zhizhi.store.imports.rows import Counts, ImportBusy, erase_refused
from zhizhi.store.keyring import SearchKeys, person_seal
from zhizhi.store.lenders.models import Lender
from zhizhi.store.people.rows import PersonSecrets, open_point
from zhizhi.store.transact.import_withdraw import WithdrawRefused
from zhizhi.usecases import import_file as module
from zhizhi.usecases.import_file import ImportFile, ImportReport, import_file
from zhizhi.usecases.import_workers import Workers
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.withdraw_import import WithdrawImport, withdraw_import

ON = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
ID = "750101199003070037"
ACCOUNTS = """[file]
kind = "accounts"
lender = "T1"
[columns]
customer = "c"
account = "a"
name = "n"
id_number = "i"
product = { constant = "instalment_loan" }
oldest_unpaid_due_on = "d"
principal = "p"
term_interest = "t"
mobile = "m"
"""
HEADER = "c,a,n,i,d,p,t,m"
PAYMENTS = """[file]
kind = "payments"
lender = "T1"
[columns]
account = "a"
reference = "r"
paid_on = "d"
kind = "k"
amount = "x"
reverses = "v"
"""
INSTALMENTS = """[file]
kind = "instalments"
lender = "T1"
[columns]
account = "a"
n = "n"
due_on = "d"
amount = "x"
paid = "y"
"""


@pytest.fixture(autouse=True)
def empty(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute(
            "TRUNCATE person, party, point, debt, entry, instalment, payment, imported_file, refused_row, leaf,"
            " salt, former_row,"
            " collection_case CASCADE"
        )


@pytest.fixture(scope="module")
def by(store: str) -> int:
    """Somebody who may import, for every lender."""
    return make_staff("importer", "head").pk


def send(folder: Path, body: str, *lines: str, header: str = HEADER, **changes: Any) -> ImportReport:
    path = folder / "file.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    options: dict[str, Any] = {"profile": "cn.bank.card"} | {
        key: value for key, value in changes.items() if key != "at"
    }
    command = ImportFile("file.csv", read_map(body), **({"on": ON} | options))
    with open_table(path) as table:
        return import_file(command, table, at=changes.get("at", AT))


def ask(question: str, *terms: Any) -> list[tuple[Any, ...]]:
    with connections["gate"].cursor() as cursor:
        cursor.execute(question, terms)
        return list(cursor.fetchall())


def one(question: str, *terms: Any) -> Any:
    ((answer,),) = ask(question, *terms)
    return answer


def entries_explain_balances() -> bool:
    wrong = ask(
        "SELECT d.id FROM debt d LEFT JOIN entry e ON e.person_id = d.person_id AND e.debt_id = d.id GROUP BY"
        " d.person_id, d.id"
        " HAVING d.balance_minor <> coalesce(sum(CASE WHEN e.is_credit THEN -e.amount_minor ELSE e.amount_minor"
        " END), 0)"
    )
    return not wrong


OPENED = """
SELECT p.*, t.id AS party, t.sealed AS party_sealed, t.role, d.account_key, d.sealed AS debt_sealed, d.product,
       d.currency, d.state, d.opened_on, d.oldest_unpaid_due_on, d.principal_minor, d.term_interest_minor,
       d.balance_minor,
       d.rate_annual, d.agency_id, d.row_digest, d.id AS debt,
       (SELECT array_agg((o.kind, o.value_key, o.last_four_key, o.is_reserved, o.source) ORDER BY o.id)::text
        FROM point o
        WHERE o.person_id = p.id AND o.party_id = t.id) AS points,
       (SELECT array_agg((e.kind, e.component, e.amount_minor) ORDER BY e.id)::text FROM entry e
        WHERE e.person_id = p.id AND e.debt_id = d.id) AS entries
FROM person p JOIN party t ON t.person_id = p.id JOIN debt d ON d.person_id = p.id ORDER BY p.id
"""
NEVER_THE_SAME = {"id", "subject", "data_key", "party", "debt", "import_id", "created_at"}


def opened_rows() -> list[dict[str, Any]]:
    """What stands of each person, its sealed values opened."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(OPENED)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        for row in rows:
            seal = person_seal(row["data_key"])
            masks = keyring.list_seal(row["lender_id"])
            row["sealed"] = seal.open_json(row["sealed"], f"person/{row['id']}")
            row["masked"] = masks.open_json(row["masked"], f"masked/{row['id']}")
            row["party_sealed"] = seal.open_json(row["party_sealed"], f"party/{row['party']}")
            row["debt_sealed"] = seal.open(row["debt_sealed"], f"debt/{row['debt']}")
            row["row_digest"] = bytes(row["row_digest"])
            cursor.execute("SELECT sealed, id FROM point WHERE person_id = %s ORDER BY id", [row["id"]])
            row["numbers"] = [open_point(seal, sealed, point) for sealed, point in cursor.fetchall()]
    return [{name: value for name, value in row.items() if name not in NEVER_THE_SAME} for row in rows]


def test_rows_built_at_once_are_those_built_one_by_one(tmp_path: Path, store: str) -> None:
    body = ACCOUNTS + 'mobile_2 = "m2"\nemail = "e"\naddress = "x"\nopened_on = "o"\nrate = "r"\n'
    header = HEADER + ",m2,e,x,o,r"
    lines = [
        f"C1,A1,张三,{ID},2026-02-01,1000,20,10900000000,10900000009,a@b.cn,云汉省 星渡市,2025-01-01,0.12",
        "C2,A2,O'Neil \\ Ann,,,0,,,,,,,",
        "C3,A3,李,11010519491231002X,2026-03-20,7,,10900000001,,,某路１号,,0.24",
        'C4,A4,王"五,,2026-02-01,5,5,10900000002,10900000002,A@B.cn,,2025-01-02,',
    ]
    send(tmp_path, body, *lines, header=header)
    at_once = opened_rows()
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute("TRUNCATE person, party, point, debt, entry, imported_file, refused_row, leaf, salt CASCADE")
    # A row that stands twice is refused the second time; none of its rows is alone any more.
    report = send(tmp_path, body, *lines, *lines, header=header)
    assert report.counts == Counts(new=4, refused=4)
    assert opened_rows() == at_once
    assert len(at_once) == 4


def test_the_same_file_twice_changes_nothing_and_says_so(tmp_path: Path) -> None:
    first = send(tmp_path, ACCOUNTS, f"C1,A1,张三,{ID},2026-02-01,1000,20,10900000000")
    again = send(tmp_path, ACCOUNTS, f"C1,A1,张三,{ID},2026-02-01,1000,20,10900000000")
    assert (first.counts, first.was_known) == (Counts(new=1), False)
    assert (again.file_id, again.counts, again.was_known) == (first.file_id, Counts(new=1), True)
    assert one("SELECT count(*) FROM former_row") == 0
    assert one("SELECT count(*) FROM leaf WHERE kind = 'import'") == 1


def test_a_row_sent_again_in_another_file_is_unchanged_and_a_changed_one_is_a_change_with_history(
    tmp_path: Path,
) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,10900000000", "C2,A2,李四,,2026-02-01,500,,10900000001")
    got = send(
        tmp_path,
        ACCOUNTS,
        "C1,A1,张三,,2026-02-01,1000,20,10900000000",
        "C2,A2,李四四,,2026-01-01,700,,10900000009",
        "C3,A3,王五,,2026-02-01,1,,",
    )
    assert got.counts == Counts(new=1, changed=1, unchanged=1)
    assert ask("SELECT balance_minor FROM debt ORDER BY id") == [(1020,), (700,), (1,)]
    assert ask("SELECT kind, is_credit, amount_minor FROM entry WHERE kind = 'adjustment'") == [
        ("adjustment", False, 200)
    ]
    assert entries_explain_balances()
    assert ask("SELECT was ->> 'balance_minor' FROM former_row WHERE \"table\" = 'debt'") == [("500",)]
    person_id, sealed, key = ask("SELECT id, sealed, data_key FROM person ORDER BY id")[1]
    assert PersonSecrets.open(person_seal(key), sealed, person_id).name == "李四四"
    assert ask("SELECT is_reserved FROM point WHERE person_id = %s ORDER BY id", person_id) == [(False,), (True,)]


def test_a_person_is_one_by_identity_number_and_never_by_a_shared_telephone(tmp_path: Path) -> None:
    send(
        tmp_path,
        ACCOUNTS,
        f"C1,A1,张三,{ID},2026-02-01,1,,10900000000",
        f"C1,A2,张三,{ID},2026-02-01,2,,10900000000",
        "C8,A8,李四,,2026-02-01,3,,10900000000",
    )
    send(tmp_path, ACCOUNTS, f"C9,A3,张三,{ID},2026-02-01,4,,10900000000", "C8,A9,李四,,2026-02-01,5,,")
    assert ask("SELECT count(*) FROM debt GROUP BY person_id ORDER BY person_id") == [(3,), (2,)]
    assert one("SELECT count(*) FROM point") == 2
    for person_id, point_id, sealed, key in ask(
        "SELECT o.person_id, o.id, o.sealed, p.data_key FROM point o JOIN person p ON p.id = o.person_id"
    ):
        assert open_point(person_seal(key), sealed, point_id) == "10900000000", person_id


def test_an_account_does_not_wander_to_another_person(tmp_path: Path) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1,,")
    got = send(tmp_path, ACCOUNTS, "C2,A1,李四,,2026-02-01,1,,")
    assert got.counts == Counts(refused=1)
    assert got.reasons[0].code == "account_of_another"


def test_an_interrupted_import_goes_on_where_it_was_committed(tmp_path: Path) -> None:
    lines = [f"C{n},A{n},张三,,2026-02-01,{n},,{'1390000' if n != 5 else 'x'}{n:04d}" for n in range(1, 10)]
    path = tmp_path / "file.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    command = ImportFile("file.csv", read_map(ACCOUNTS), ON, profile="cn.bank.card", chunk_rows=3)

    class Killed(Exception):
        pass

    def kill_after_two_chunks(counts: Counts) -> None:
        if counts.rows == 6:
            raise Killed

    with open_table(path) as table, pytest.raises(Killed):
        import_file(command, table, at=AT, progress=kill_after_two_chunks)
    assert ask("SELECT state, rows_total, accepted, refused FROM imported_file") == [("running", 6, 5, 1)]
    with open_table(path) as table:
        got = import_file(command, table, at=AT)
    assert got.resumed_at == 8
    assert got.counts == Counts(new=8, refused=1)
    assert ask("SELECT state, rows_total, accepted, refused FROM imported_file") == [("finished", 9, 8, 1)]
    assert one("SELECT count(*) FROM debt") == 8


def test_two_processes_do_not_import_one_file_at_once(tmp_path: Path) -> None:
    lines = [f"C{n},A{n},张三,,2026-02-01,{n},," for n in range(1, 5)]
    path = tmp_path / "file.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    command = ImportFile("file.csv", read_map(ACCOUNTS), ON, profile="cn.bank.card", chunk_rows=2)

    def other_is_faster(counts: Counts) -> None:
        if counts.rows == 2:
            with open_table(path) as again:
                import_file(command, again, at=AT)

    with open_table(path) as table, pytest.raises(ImportBusy):
        import_file(command, table, at=AT, progress=other_is_faster)
    assert one("SELECT count(*) FROM debt") == 4


def test_workers_and_this_process_bring_the_same_book(
    tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    keyring.install(open_local_keys(state / "keys" / "local.json", AT))  # workers find the same keys by ZHIZHI_STATE
    monkeypatch.setenv("ZHIZHI_STATE", str(state))
    monkeypatch.setenv("DATABASE_URL", store)
    monkeypatch.setattr(module, "INLINE_ROWS", 1)
    # Two accounts a person, far apart: chunks in flight do not know each other's persons yet.
    lines = [f"C{n % 40},A{n},张{n % 40},,2026-02-01,{n + 1},,1091000{n % 40:04d}" for n in range(120)]
    path = tmp_path / "file.csv"
    path.write_text("\n".join((HEADER, *lines, lines[0])) + "\n", encoding="utf-8")
    command = ImportFile("file.csv", read_map(ACCOUNTS), ON, profile="cn.bank.card", chunk_rows=10)
    with open_table(path) as table:
        open_workers = lambda place: Workers(place, "zhizhi.config.wiring:start")  # noqa: E731 - used once, two lines below
        got = import_file(command, table, at=AT, open_workers=open_workers)
    assert got.counts == Counts(new=120, refused=1)
    assert got.reasons[0].code == "duplicate_in_file"
    assert (
        one("SELECT count(*) FROM person"),
        one("SELECT count(*) FROM debt"),
        one("SELECT count(*) FROM point"),
    ) == (40, 120, 40)
    assert entries_explain_balances()


def test_refused_rows_come_back_mended_and_are_linked_and_erased_in_time(tmp_path: Path) -> None:
    first = send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1,,", "C2,A2,李四,,2026-02-01,-5,,")
    (row,) = iterate_refused(first.file_id)
    assert (row.row_number, row.column, row.code) == (3, "p", "negative_amount")
    assert row.cells == ["C2", "A2", "李四", "", "2026-02-01", "-5", "", ""]
    assert b"\xe6\x9d\x8e" not in bytes(one("SELECT sealed FROM refused_row")), "sealed, not in the clear"
    second = send(tmp_path, ACCOUNTS, "C2,A2,李四,,2026-02-01,5,,", resends_id=first.file_id)
    assert second.counts == Counts(new=1)
    assert one("SELECT resent_in FROM refused_row") == second.file_id
    assert erase_refused(AT + timedelta(days=29)) == 0
    assert erase_refused(AT + timedelta(days=31)) == 1
    assert list(iterate_refused(first.file_id)) == []
    assert one("SELECT code FROM refused_row") == "negative_amount"


def test_a_dry_run_counts_and_stores_nothing(tmp_path: Path) -> None:
    got = send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1,,", "C2,A2,李四,,2026-02-01,-5,,", dry_run=True)
    assert got.counts == Counts(new=1, refused=1)
    assert [
        one(f"SELECT count(*) FROM {table}") for table in ("person", "debt", "imported_file", "refused_row", "leaf")
    ] == [0] * 5


def payments(folder: Path, *lines: str) -> ImportReport:
    return send(folder, PAYMENTS, *lines, header="a,r,d,k,x,v", on=date(2026, 3, 6), at=AT + timedelta(days=4))


def test_a_payment_fills_the_debt_in_the_order_of_law_and_a_reversal_takes_it_back(tmp_path: Path) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,")
    send(tmp_path, INSTALMENTS, "A1,1,2026-02-01,520,0", "A1,2,2026-03-01,500,0", header="a,n,d,x,y")
    got = payments(tmp_path, "A1,R1,2026-03-05,payment,620,")
    assert got.counts == Counts(new=1)
    assert ask("SELECT principal_minor, term_interest_minor, balance_minor, oldest_unpaid_due_on FROM debt") == [
        (400, 0, 400, date(2026, 3, 1))
    ]
    assert ask("SELECT n, paid_minor FROM instalment ORDER BY n") == [(1, 520), (2, 100)]
    again = payments(tmp_path, "A1,R1,2026-03-05,payment,620,", "A1,R1,2026-03-05,payment,621,")
    assert again.counts == Counts(unchanged=1, refused=1)
    assert again.reasons[0].code == "reference_used"
    back = payments(tmp_path, "A1,R2,2026-03-06,reversal,620,R1", "A1,R3,2026-03-06,reversal,620,R1")
    assert back.counts == Counts(new=1, refused=1)
    assert back.reasons[0].code == "already_reversed"
    assert ask("SELECT principal_minor, term_interest_minor, balance_minor FROM debt") == [(1000, 20, 1020)]
    assert ask("SELECT n, paid_minor FROM instalment ORDER BY n") == [(1, 0), (2, 0)]
    assert entries_explain_balances()


def test_money_for_penalties_fills_no_instalment_and_gives_none_back(tmp_path: Path) -> None:
    with_penalty = ACCOUNTS.replace('mobile = "m"', 'mobile = "m"\npenalty_interest = "z"')
    send(tmp_path, with_penalty, "C1,A1,张三,,2026-02-01,500,20,,100", header=HEADER + ",z")
    send(tmp_path, INSTALMENTS, "A1,1,2026-02-01,520,0", header="a,n,d,x,y")
    payments(tmp_path, "A1,R1,2026-03-05,payment,300,")
    ((principal, interest, penalty),) = ask(
        "SELECT principal_minor, term_interest_minor, penalty_interest_minor FROM debt"
    )
    assert ask("SELECT paid_minor FROM instalment") == [(520 - principal - interest,)]
    assert penalty < 100, "some of it went on the penalty"
    payments(tmp_path, "A1,R2,2026-03-06,reversal,300,R1")
    assert ask("SELECT paid_minor, paid_on FROM instalment") == [(0, None)]
    assert entries_explain_balances()


def test_a_promise_that_was_kept_by_money_that_went_back_is_kept_no_more(tmp_path: Path) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,")
    ask(
        "INSERT INTO promise (person_id, id, promised_at, due_on, amount_minor, paid_minor, state)"
        " SELECT person_id, 1, '2026-03-01T10:00+08:00', '2026-03-05', 300, 0, 'open' FROM debt RETURNING id"
    )
    payments(tmp_path, "A1,R1,2026-03-05,payment,300,")
    assert ask("SELECT state, paid_minor FROM promise") == [("kept", 300)]
    payments(tmp_path, "A1,R2,2026-03-06,reversal,300,R1")
    assert ask("SELECT state, paid_minor FROM promise") == [("broken", 0)]


def test_more_than_is_owed_stays_as_surplus(tmp_path: Path) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,")
    payments(tmp_path, "A1,R1,2026-03-05,payment,2000,")
    assert ask("SELECT amount_minor, applied_minor FROM payment") == [(2000, 1020)]
    assert ask("SELECT balance_minor, state FROM debt") == [(0, "settled")]
    assert entries_explain_balances()


def test_money_that_the_amounts_already_know_lowers_nothing_again(tmp_path: Path) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,")
    payments(tmp_path, "A1,R0,2026-02-28,payment,300,")
    assert one("SELECT balance_minor FROM debt") == 1020
    assert entries_explain_balances()


def test_a_later_file_of_an_earlier_day_keeps_what_was_paid_since(tmp_path: Path) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,")
    person_id, debt_id = ask("SELECT person_id, id FROM debt")[0]
    record_payment(
        RecordPayment(person_id, debt_id, 100, date(2026, 3, 4), "LIVE", "counter", None), AT + timedelta(days=2)
    )
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1100,20,", on=date(2026, 3, 3))
    assert ask("SELECT principal_minor, term_interest_minor, balance_minor FROM debt") == [(1020, 0, 1020)]
    assert entries_explain_balances()


def test_a_row_of_an_earlier_day_than_what_is_known_is_refused(tmp_path: Path) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,")
    got = send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,900,20,", on=date(2026, 2, 20))
    assert (got.counts, got.reasons[0].code) == (Counts(refused=1), "older_than_known")


def test_a_withdrawal_compensates_closes_and_happens_once(tmp_path: Path, by: int) -> None:
    first = send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,")
    second = send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,800,20,", "C2,A2,李四,,2026-02-01,500,,")
    person_id = one("SELECT max(person_id) FROM debt")
    ask(
        "INSERT INTO collection_case (person_id, id, number, lender_id, team, stage, is_lost_contact, days_past_due,"
        " balance_minor,"
        " currency, product, masked, opened_on, aged_on, assigned_because)"
        " SELECT p.id, 1, 'C-1', p.lender_id, '', 'early', false, 29, 500, 'CNY', 'instalment_loan', p.masked,"
        " '2026-03-02',"
        " '2026-03-02', '' FROM person p WHERE p.id = %s RETURNING id",
        person_id,
    )
    done = withdraw_import(WithdrawImport(second.file_id, "测试撤回", by), AT)
    assert (done.debts, done.restored_debts, done.cases) == (1, 1, 1)
    assert ask("SELECT balance_minor, state FROM debt ORDER BY id") == [(1020, "overdue"), (0, "settled")]
    assert ask("SELECT exit FROM collection_case") == [("withdrawn",)]
    assert entries_explain_balances()
    with pytest.raises(WithdrawRefused, match="withdrawn before"):
        withdraw_import(WithdrawImport(second.file_id, "再次", by), AT)
    assert one("SELECT state FROM imported_file WHERE id = %s", first.file_id) == "finished"
    assert one("SELECT count(*) FROM leaf WHERE kind = 'import'") == 3


@pytest.mark.parametrize("who", ["another lender's", "no right", "nobody"])
def test_only_who_may_import_for_the_lender_takes_a_file_back(tmp_path: Path, by: int, who: str) -> None:
    file_id = send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,").file_id
    other, _ = Lender.objects.using("gate").get_or_create(code="T2", defaults={"profile": "cn.bank.card"})
    staff = {
        "another lender's": lambda: make_staff("importer-2", "head", other).pk,
        "no right": lambda: make_staff("compliance-2", "compliance").pk,
        "nobody": lambda: 10**9,
    }[who]()
    refused = "there is no import" if who == "another lender's" else "no right"
    with pytest.raises(Refused, match=refused):
        withdraw_import(WithdrawImport(file_id, "测试撤回", staff), AT)
    assert one("SELECT state FROM imported_file WHERE id = %s", file_id) == "finished"


def test_a_withdrawn_stop_is_lifted_at_the_instant_that_was_declared(tmp_path: Path, by: int) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,")
    person_id, file_id = one("SELECT max(person_id) FROM debt"), one("SELECT max(id) FROM imported_file")
    ask("UPDATE imported_file SET kind = 'stops' WHERE id = %s RETURNING id", file_id)
    ask(
        "INSERT INTO stop (person_id, id, kind, from_at, ground, set_by, import_id)"
        " VALUES (%s, 1, 'complaint', %s, 'letter', 'book', %s) RETURNING id",
        *(person_id, AT, file_id),
    )
    declared = AT + timedelta(days=5)
    assert withdraw_import(WithdrawImport(file_id, "测试撤回", by), declared).others == 1
    assert ask("SELECT lifted_at, lifted_by FROM stop") == [(declared, "withdrawal")]


def test_withdrawn_payments_are_reversed_row_by_row(tmp_path: Path, by: int) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,")
    paid = payments(tmp_path, "A1,R1,2026-03-05,payment,620,")
    done = withdraw_import(WithdrawImport(paid.file_id, "银行撤销", by), AT + timedelta(days=5))
    assert done.payments == 1
    assert ask("SELECT kind, amount_minor FROM payment ORDER BY id") == [("payment", 620), ("reversal", 620)]
    assert ask("SELECT principal_minor, term_interest_minor FROM debt") == [(1000, 20)]
    assert entries_explain_balances()


def test_the_fast_keys_are_the_keys(store: str) -> None:
    fast, plain = BulkSearchKeys(7), SearchKeys(7)
    words = ("", "750101199003070037", "张三", "x" * 500)
    assert fast.numbers("name", words) == [plain.number("name", word) for word in words]
    assert [fast.identity_octets("account", word) for word in words] == [
        plain.identity("account", word).bytes for word in words
    ]
    octets = [word.encode() for word in words]
    assert [one[:16] for one in fast.octets("row", octets)] == [plain.digest("row", one) for one in octets]
    assert [fast.last_four(word) for word in words] == [plain.number("last_four", word[-4:]) for word in words]


def test_references_that_are_asked_once_a_statement_are_still_refused(store: str) -> None:
    for statement in (
        "INSERT INTO party (person_id, id, role, sealed) VALUES (1, 2, 'debtor', '')",
        "INSERT INTO debt (person_id, id, lender_id, account_key, sealed, product, currency, state, principal_minor,"
        " term_interest_minor,"
        " penalty_interest_minor, compound_interest_minor, damages_minor, costs_minor, fees_minor, balance_minor,"
        " as_of_on, row_digest)"
        " VALUES (1, 2, 1, gen_random_uuid(), '', 'credit_card', 'CNY', 'overdue', 0, 0, 0, 0, 0, 0, 0, 0,"
        " '2026-01-01', '')",
    ):
        with psycopg.connect(store) as owner, pytest.raises(psycopg.errors.ForeignKeyViolation):
            owner.execute(statement)


def test_a_person_with_debts_is_not_deleted_and_keeps_its_key(tmp_path: Path, store: str) -> None:
    send(tmp_path, ACCOUNTS, "C1,A1,张三,,2026-02-01,1000,20,")
    with psycopg.connect(store) as owner, pytest.raises(psycopg.errors.ForeignKeyViolation):
        owner.execute("DELETE FROM person")
    with psycopg.connect(store) as owner, pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute("UPDATE debt SET person_id = person_id + 1")
