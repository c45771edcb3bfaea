"""Money that comes in, on PostgreSQL: once, on the debt that it names, or waiting with its person left alone."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, at_once, propose_sms, refused_by_database, rows
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.debt.remittance.authority import ALONE_UP_TO_MINOR, Step
from zhizhi.core.debt.remittance.matching import Source
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.files.opening import open_table
from zhizhi.store.evidence.log import open_log
from zhizhi.store.imports.rows import Counts
from zhizhi.store.lenders.models import Lender
from zhizhi.store.lenders.rights import RIGHTS, Right
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.remittances.reads import count_waiting, load_latest_rows, load_surplus, load_waiting_rows
from zhizhi.store.transact.remittances import Arrived
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.approvals.asking import withdraw
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.import_file import ImportFile, import_file
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.record_payment import RecordPayment, record_payment
from zhizhi.usecases.remittances.receiving import ReceiveMoney, receive_money
from zhizhi.usecases.remittances.settling import SettleRemittance, TakeBack, settle_remittance, take_back
from zhizhi.usecases.run_day import RunDay, run_day

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1, 10_000))
REFERENCES = iter(range(10_000))


@dataclass(frozen=True)
class House:
    """A lender with its people."""

    lender: Lender
    staff: dict[str, int]


@pytest.fixture(scope="module")
def house(store: str) -> House:
    lender = make_lender("M1")
    roles = ("settlement_clerk", "settlement_approver", "head", "collector", "supervisor")
    return House(lender, {role: make_staff(f"m-{role}", role, lender).pk for role in roles})


def debtor(house: House, minor: int = 100_000) -> tuple[Borrower, str]:
    """A person with one debt, and its account number."""
    n = next(NUMBERS) * 100_000 + 7
    who = make_borrower(house.lender, n % 10**9, amount_minor=minor, due_on=TODAY - timedelta(days=20))
    return who, f"A{n % 10**9}"


def arrive(house: House, minor: int, source: Source = Source.BANK, **told: str) -> Arrived:
    told.setdefault("reference", f"F{next(REFERENCES)}")
    command = ReceiveMoney(house.lender.pk, source, minor, TODAY, house.staff["settlement_clerk"], **told)
    return receive_money(command, TEN)


def settle(house: House, arrived: Arrived, step: Step, account: str = "") -> int | None:
    by = house.staff["settlement_clerk"]
    command = SettleRemittance(arrived.remittance_id, step, "与客户核对后确认", by, account)
    return settle_remittance(command, TEN).approval_id


def agree(house: House, approval: int | None, by: str = "settlement_approver", *, approve: bool = True) -> None:
    ((digest,),) = rows("SELECT digest FROM approval WHERE id = %s", approval)
    assert approval is not None
    rule(Rule(approval, digest, approve, house.staff[by], "已核对" if approve else "请再核对"), TEN)


def state_of(arrived: Arrived) -> tuple[object, ...]:
    return rows("SELECT state, why, rule FROM remittance WHERE id = %s", arrived.remittance_id)[0]


def owed(who: Borrower) -> int:
    return int(rows("SELECT balance_minor FROM debt WHERE id = %s", who.debt)[0][0])


def stops(who: Borrower) -> list[object]:
    return [row[0] for row in rows("SELECT kind FROM stop WHERE person_id = %s AND lifted_at IS NULL", who.person)]


def ledger_explains(who: Borrower) -> bool:
    """The entries add up to what changed since the debt was there with its whole amount."""
    moved = rows(
        "SELECT coalesce(sum(CASE WHEN is_credit THEN amount_minor ELSE -amount_minor END), 0) FROM entry"
        " WHERE debt_id = %s AND kind IN ('payment', 'reversal')",
        who.debt,
    )[0][0]
    paid = rows("SELECT sum(paid_minor) FROM instalment WHERE debt_id = %s", who.debt)[0][0]
    return owed(who) + int(moved) == 100_000 and int(paid) == 100_000 - owed(who)


def viewer(staff: int, lender: Lender) -> Viewer:
    return Viewer(staff, Scope.LENDER, lender.pk, None)


class TestWhereItGoes:
    def test_an_account_is_paid_at_once_and_the_same_again_changes_nothing(self, house: House) -> None:
        who, account = debtor(house)
        waiting = propose_sms(who, house.staff["supervisor"], TEN - MINUTE)
        assert waiting.permit_id is not None
        first = arrive(house, 40_000, account=account, reference="ONCE-1")
        assert first.payment is not None
        assert (first.state, owed(who), first.payment.pulled_back) == ("posted", 60_000, 1)
        again = arrive(house, 40_000, account=account, reference="ONCE-1")
        assert (again.is_repeated, again.remittance_id, owed(who)) == (True, first.remittance_id, 60_000)
        with pytest.raises(Refused) as refused:
            arrive(house, 40_001, account=account, reference="ONCE-1")
        assert refused.value.code == "other_remittance"
        assert ledger_explains(who)

    def test_an_account_or_the_case_in_the_remark_names_the_debt(self, house: House) -> None:
        who, account = debtor(house)
        assert arrive(house, 100, remark=f"还款 {account} 谢谢").state == "posted"
        run_day(RunDay(house.lender.pk, TODAY, "declared"), TEN, lambda _at: None, lambda *_: None)
        ((number,),) = rows("SELECT number FROM collection_case WHERE person_id = %s", who.person)
        arrived = arrive(house, 200, remark=f"案件{number}")
        assert state_of(arrived) == ("posted", None, "customer")
        assert owed(who) == 99_700

    def test_the_same_reference_of_another_source_is_the_same_money(self, house: House) -> None:
        who, account = debtor(house)
        by = house.staff["collector"]
        record_payment(RecordPayment(who.person, who.debt, 5_000, TODAY, "BANK-9", "console", None), TEN)
        arrived = arrive(house, 5_000, account=account, reference="BANK-9")
        assert (state_of(arrived)[0], owed(who), by > 0) == ("known", 95_000, True)

    def test_the_same_amount_under_another_reference_waits_and_holds_the_debt(self, house: House) -> None:
        who, account = debtor(house)
        arrive(house, 5_000, Source.LINK, account=account)
        second = arrive(house, 5_000, Source.BANK, account=account)
        assert (state_of(second)[1], owed(who), stops(who)) == ("maybe_same", 95_000, ["claims_paid"])
        approval = settle(house, second, Step.SAME)
        assert state_of(second)[0] == "asked"
        agree(house, approval)
        assert (state_of(second)[0], owed(who), stops(who)) == ("known", 95_000, [])

    def test_it_may_be_other_money_all_the_same(self, house: House) -> None:
        who, account = debtor(house)
        arrive(house, 5_000, Source.LINK, account=account)
        second = arrive(house, 5_000, Source.BANK, account=account)
        assert settle(house, second, Step.POST, account) is None, "small: one person"
        assert (state_of(second), owed(who), stops(who)) == (("posted", None, "person"), 90_000, [])

    def test_two_debts_or_an_unknown_account_wait(self, house: House) -> None:
        (one, first), (_, second) = debtor(house), debtor(house)
        assert arrive(house, 100, remark=f"{first} {second}").why == "names_several"
        assert arrive(house, 100, account="A-UNKNOWN-1", remark=first).why == "unknown_account"
        assert arrive(house, 100, payer="测某某").why == "names_nobody"
        assert owed(one) == 100_000

    def test_nothing_is_sent_to_whoever_the_waiting_money_names(self, house: House) -> None:
        who, account = debtor(house)
        arrive(house, 3_000, Source.LINK, account=account)
        arrive(house, 3_000, account=account)
        assert propose_sms(who, house.staff["supervisor"], TEN + MINUTE).permit_id is None

    def test_two_files_that_bring_it_at_once_post_it_once(self, house: House) -> None:
        who, account = debtor(house)
        found = at_once([partial(arrive, house, 7_000, account=account, reference="RACE") for _ in range(4)])
        assert sorted(one.is_repeated for one in found if isinstance(one, Arrived)) == [False, True, True, True]
        assert owed(who) == 93_000
        nobodys = at_once([partial(arrive, house, 9, remark="?", reference="RACE-2") for _ in range(4)])
        assert sorted(one.is_repeated for one in nobodys if isinstance(one, Arrived)) == [False, True, True, True]


class TestWhoDecides:
    def test_a_large_match_takes_two_persons(self, house: House) -> None:
        who, account = debtor(house, ALONE_UP_TO_MINOR + 1)
        arrived = arrive(house, ALONE_UP_TO_MINOR + 1, remark="还款")
        approval = settle(house, arrived, Step.POST, account)
        assert (state_of(arrived)[0], owed(who)) == ("asked", ALONE_UP_TO_MINOR + 1)
        with pytest.raises(Refused):
            agree(house, approval, "settlement_clerk")
        agree(house, approval)
        assert (state_of(arrived), owed(who)) == (("posted", None, "person"), 0)

    def test_what_is_refused_or_taken_back_waits_again(self, house: House) -> None:
        arrived = arrive(house, 100, remark="不知道谁的")
        agree(house, settle(house, arrived, Step.RETURN), approve=False)
        assert state_of(arrived)[0] == "unmatched"
        approval = settle(house, arrived, Step.RETURN)
        assert approval is not None
        with pytest.raises(Refused):
            settle(house, arrived, Step.RETURN)
        withdraw(approval, house.staff["settlement_clerk"], TEN)
        agree(house, settle(house, arrived, Step.RETURN))
        assert state_of(arrived)[0] == "returned"
        with pytest.raises(Refused):
            settle(house, arrived, Step.RETURN)

    def test_a_collector_decides_nothing_and_no_account_of_another_lender_is_paid(self, house: House) -> None:
        arrived = arrive(house, 100, remark="还款")
        by = house.staff["collector"]
        with pytest.raises(Refused):
            settle_remittance(SettleRemittance(arrived.remittance_id, Step.RETURN, "退回吧退回", by), TEN)
        with pytest.raises(Refused) as refused:
            settle(house, arrived, Step.POST, "A-OF-NOBODY")
        assert refused.value.code == "unknown_account"


class TestMoneyThatGoesBack:
    def test_a_reversal_undoes_what_followed(self, house: House) -> None:
        who, account = debtor(house)
        arrived = arrive(house, 100_000, account=account)
        assert arrived.payment is not None
        assert rows("SELECT state FROM debt WHERE id = %s", who.debt) == [("settled",)]
        ask = TakeBack(who.debt, arrived.payment.payment_id, Step.REVERSE, "银行退票", house.staff["settlement_clerk"])
        agree(house, take_back(ask, TEN).approval_id)
        assert (owed(who), state_of(arrived)[0]) == (100_000, "reversed")
        assert rows("SELECT state, oldest_unpaid_due_on FROM debt WHERE id = %s", who.debt) == [
            ("overdue", TODAY - timedelta(days=20))
        ]
        assert ledger_explains(who)
        with pytest.raises(Refused):
            take_back(ask, TEN)

    def test_a_promise_that_was_kept_with_it_is_kept_no_more(self, house: House) -> None:
        who, account = debtor(house)
        rows(
            "INSERT INTO promise (person_id, id, promised_at, due_on, amount_minor, paid_minor, state)"
            " VALUES (%s, 1, %s, %s, 5000, 0, 'open') RETURNING id",
            who.person,
            TEN - timedelta(days=1),
            TODAY + timedelta(days=1),
        )
        arrived = arrive(house, 5_000, account=account)
        promise = "SELECT state, paid_minor, settled_on FROM promise WHERE person_id = %s"
        assert rows(promise, who.person) == [("kept", 5_000, TODAY)]
        assert arrived.payment is not None
        ask = TakeBack(who.debt, arrived.payment.payment_id, Step.REVERSE, "银行退票", house.staff["settlement_clerk"])
        agree(house, take_back(ask, TEN).approval_id)
        assert rows(promise, who.person) == [("open", 0, None)]

    def test_surplus_is_shown_and_refunded_to_the_fen_and_no_further(self, house: House) -> None:
        who, account = debtor(house)
        arrived = arrive(house, 100_001, account=account)
        assert arrived.payment is not None
        assert arrived.payment.surplus_minor == 1
        clerk, paid = house.staff["settlement_clerk"], arrived.payment.payment_id
        with reading(viewer(clerk, house.lender)):
            listed, many, minor = load_surplus()
        assert [(row.payment_id, row.surplus_minor) for row in listed if row.payment_id == paid] == [(paid, 1)]
        assert (many, minor) == (len(listed), sum(row.surplus_minor for row in listed))
        with pytest.raises(Refused):
            take_back(TakeBack(who.debt, paid, Step.REFUND, "多付退还", clerk, 2), TEN)
        agree(house, take_back(TakeBack(who.debt, paid, Step.REFUND, "多付退还", clerk, 1), TEN).approval_id)
        with reading(viewer(clerk, house.lender)):
            assert paid not in [row.payment_id for row in load_surplus()[0]]
        with pytest.raises(Refused):
            take_back(TakeBack(who.debt, paid, Step.REFUND, "多付退还", clerk, 1), TEN)


class TestBelowTheApplication:
    def test_the_database_knows_the_same_roles_and_the_same_limit(self, house: House) -> None:
        assert rows("SELECT zhizhi_money_alone_up_to()") == [(ALONE_UP_TO_MINOR,)]
        for role, by in house.staff.items():
            with reading(viewer(by, house.lender)):
                sees = count_waiting()[0] > 0
            assert sees is (Right.SEE_REMITTANCES in RIGHTS[role]), role

    def test_rows_are_masked_and_another_lenders_are_not_there(self, house: House) -> None:
        other = make_lender("M2")
        stranger = make_staff("m-stranger", "settlement_clerk", other).pk
        arrive(house, 321, remark="张三 6222020012345678 还", payer="张三丰")
        with reading(viewer(house.staff["settlement_clerk"], house.lender)):
            (row,) = [one for one in load_waiting_rows() if one.amount_minor == 321]
            assert load_latest_rows()
        assert (row.payer, row.remark) == ("张**", "张三 ****5678 还")
        with reading(viewer(stranger, other)):
            assert (load_waiting_rows(), load_latest_rows(), load_surplus()) == ([], [], ([], 0, 0))

    def test_raw_sql_moves_no_money(self, house: House, store: str) -> None:
        who, account = debtor(house)
        posted = arrive(house, 100, account=account).remittance_id
        waits = arrive(house, ALONE_UP_TO_MINOR + 1, remark="还款").remittance_id
        paid = rows("SELECT payment_id FROM remittance WHERE id = %s", posted)[0][0]
        with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as gate:
            for statement, value in {
                "DELETE FROM remittance WHERE id = %s": posted,
                "UPDATE remittance SET amount_minor = 1 WHERE id = %s": posted,
                "UPDATE remittance SET state = 'unmatched', payment_id = NULL, rule = NULL, why = 'names_nobody',"
                " settled_at = NULL WHERE id = %s": posted,
                "UPDATE remittance SET state = 'returned', settled_at = now() WHERE id = %s": waits,
                "UPDATE remittance SET state = 'reversed' WHERE id = %s": posted,
                f"UPDATE remittance SET state = 'posted', why = NULL, rule = 'person', settled_at = now(),"
                f" person_id = {who.person}, debt_id = {who.debt}, payment_id = {paid} WHERE id = %s": waits,
                f"INSERT INTO refund (person_id, id, payment_id, amount_minor, approval_id, ground, by_id, at)"
                f" SELECT {who.person}, 1, %s, 1, max(id), 'x', 1, now() FROM approval": paid,
            }.items():
                assert refused_by_database(gate, statement, value) in ("RestrictViolation", "InsufficientPrivilege")

    def test_the_log_says_what_the_rows_say(self, house: House) -> None:
        sequence_all(TEN)
        size = rows("SELECT max(size) FROM checkpoint")[0][0]
        with open_log() as log:
            assert list(compare(log.stored_leaves(), iter([None] * size), log.object_digest)) == []


BANK = """
[file]
kind = "remittances"
unit = "yuan"
lender = "{code}"

[columns]
reference = "流水号"
arrived_on = "入账日期"
amount = "贷方金额"
account = "账号"
payer = "对方户名"
remark = "摘要"
"""


def bring(house: House, folder: Path, *lines: str) -> Counts:
    """A bank's file."""
    path = folder / f"bank-{next(NUMBERS)}.csv"
    path.write_text("\n".join(("流水号,入账日期,贷方金额,账号,对方户名,摘要", *lines)) + "\n", encoding="utf-8")
    command = ImportFile(path.name, read_map(BANK.format(code=house.lender.code)), on=TODAY)
    with open_table(path) as table:
        return import_file(command, table, at=TEN).counts


def test_a_bank_file_is_posted_line_by_line_once_and_what_matches_nobody_waits(house: House, tmp_path: Path) -> None:
    (who, account), (other, second) = debtor(house), debtor(house)
    lines = (
        f"F-1,2026-03-02,10.00,{account},,",
        f"F-2,2026-03-02,20.00,,张三,还款 {second}",
        "F-3,2026-03-02,30.00,,李四,还款",
    )
    assert bring(house, tmp_path, *lines) == Counts(new=3)
    assert (owed(who), owed(other)) == (99_000, 98_000)
    assert rows("SELECT state FROM remittance WHERE amount_minor = 3000 AND import_id IS NOT NULL") == [("unmatched",)]
    again = bring(house, tmp_path, *lines, f"F-1,2026-03-02,11.00,{account},,", f"F-4,2026-03-02,0,{account},,")
    assert again == Counts(unchanged=3, refused=2)
    assert (owed(who), owed(other)) == (99_000, 98_000)
