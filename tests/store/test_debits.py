"""Direct debits on PostgreSQL: two persons, within limits and reserve, once, and nobody is dunned meanwhile."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

import psycopg
import pytest
from django.db import transaction

from book import TODAY, Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, at_once, propose_sms, refused_by_database, rows
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.debt.debit.drawing import RESERVE_MINOR, RESULT_WITHIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.gateways.debits.channel import FileDebits
from zhizhi.gateways.files.opening import open_table
from zhizhi.jobs.debits import work_debits
from zhizhi.store.debits.planning import plan_debits
from zhizhi.store.evidence.log import open_log
from zhizhi.store.imports.rows import Counts
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.ageing import EntryRules, age_book
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.approvals.ruling import Rule, rule
from zhizhi.usecases.debits.working import (
    RecordMandate,
    ask_for_reserve,
    ask_nothing_drawn,
    ask_to_hand_over,
    look_at_failure,
    record_mandate,
    revoke_mandate,
)
from zhizhi.usecases.import_file import ImportFile, import_file
from zhizhi.usecases.intake.book_map import read_map
from zhizhi.usecases.relief.giving import AcceptOffer, GiveOffer, accept_offer, give_offer
from zhizhi.usecases.relief.proposing import ProposeRelief, propose_relief
from zhizhi.usecases.rule_hold import RuleHold, rule_hold
from zhizhi.usecases.set_stop import LiftStop, SetStop, lift_stop, set_stop

pytestmark = pytest.mark.usefixtures("store")
NUMBERS, FILES = count(1), count(1)
MAP = Path(__file__).resolve().parents[2] / "src/zhizhi/usecases/intake/maps/debit_results.toml"
DAY = timedelta(days=1)
INCOME = RESERVE_MINOR + 60_000


@dataclass(frozen=True)
class House:
    """A lender with its people, and the folder of its payment channel."""

    lender: Lender
    staff: dict[str, int]
    folder: Path


@pytest.fixture
def house(store: str, tmp_path: Path) -> House:
    """A lender of its own for each test: a batch takes all that a lender has planned."""
    n = next(NUMBERS)
    lender = make_lender(f"D{n}")
    roles = ("settlement_clerk", "settlement_approver", "supervisor", "head")
    return House(lender, {role: make_staff(f"d{n}-{role}", role, lender).pk for role in roles}, tmp_path)


def debtor(house: House, minor: int = 100_000) -> Borrower:
    n = 4_000 + next(NUMBERS)
    return make_borrower(house.lender, n, amount_minor=minor, due_on=TODAY - 20 * DAY)


def agree(house: House, approval: int, *, approve: bool = True) -> None:
    ((digest,),) = rows("SELECT digest FROM approval WHERE id = %s", approval)
    rule(Rule(approval, digest, approve, house.staff["settlement_approver"], "已核对"), TEN)


def mandate(house: House, who: Borrower, *, income: int | None = INCOME) -> int:
    command = RecordMandate(
        person_id=who.person,
        debt_id=who.debt,
        signed_on=TODAY - 30 * DAY,
        signed_how="paper",
        limit_debit_minor=40_000,
        limit_day_minor=40_000,
        income_minor=income,
        from_on=TODAY - 30 * DAY,
        until_on=None,
        ground="客户当面签署授权书",
        by=house.staff["settlement_clerk"],
        token="TOKEN-1",
        tail="4321",
        paper="P-77",
    )
    agree(house, record_mandate(command, TEN))
    return int(rows("SELECT max(id) FROM debit_mandate WHERE person_id = %s", who.person)[0][0])


def plan(house: House, on: date = TODAY) -> int:
    return plan_debits(house.lender.pk, on, TEN)


def handed_over(house: House) -> list[dict[str, str]]:
    """The batch of what is planned, agreed to and written; the lines of its file."""
    agree(house, ask_to_hand_over(house.lender.pk, "当日到期代扣", house.staff["settlement_clerk"], TEN))
    work_debits(FileDebits(house.folder), TEN)
    newest = max(house.folder.glob("*.csv"), key=lambda path: int(path.stem.partition("-")[2]))
    with newest.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def told(house: House, *results: tuple[dict[str, str], str], at_days: int = 0, **said: str) -> Counts:
    """Bring a file of results: order and `succeeded`, `returned` or the reason of a failure."""
    heading = ["lender_code", "number", "result", "failure", "on", "amount_minor", "reference"]
    path = house.folder / f"results-{next(FILES)}.txt"
    on = TODAY + at_days * DAY
    with path.open("w", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        for order, result in results:
            is_word = result in ("succeeded", "returned")
            line = {
                "lender_code": house.lender.code,
                "number": order["number"],
                "result": result if is_word else "failed",
                "failure": "" if is_word else result,
                "on": on.isoformat(),
                "amount_minor": order["amount_minor"],
                "reference": f"BK{order['number']}",
            } | said
            writer.writerow(line[name] for name in heading)
    book_map = read_map(MAP.read_text(encoding="utf-8"))
    with open_table(path) as table:
        return import_file(ImportFile(path.name, book_map, on), table, at=TEN + at_days * DAY).counts


def attempts(who: Borrower) -> list[tuple[object, ...]]:
    return rows(
        "SELECT state, amount_minor, failure, again_on FROM debit_attempt WHERE person_id = %s ORDER BY id", who.person
    )


def owed(who: Borrower) -> int:
    return int(rows("SELECT balance_minor FROM debt WHERE id = %s", who.debt)[0][0])


def standing(who: Borrower) -> list[tuple[object, ...]]:
    return rows("SELECT kind, id FROM stop WHERE person_id = %s AND lifted_at IS NULL", who.person)


class TestWhatIsDrawn:
    def test_from_the_mandate_to_the_ledger_and_once(self, house: House) -> None:
        who = debtor(house)
        mandate(house, who)
        assert (plan(house), plan(house)) == (1, 0)
        (order,) = handed_over(house)
        assert (order["token"], order["amount_minor"], order["currency"]) == ("TOKEN-1", "40000", "CNY")
        assert [kind for kind, _ in standing(who)] == ["claims_paid"]
        assert work_debits(FileDebits(house.folder), TEN) == 0
        assert told(house, (order, "succeeded")).new == 1
        assert (owed(who), standing(who), attempts(who)[0][0]) == (60_000, [], "succeeded")
        assert told(house, (order, "succeeded"), reference="BK-OTHER").unchanged == 1
        assert owed(who) == 60_000
        posted = rows("SELECT sum(amount_minor) FROM payment WHERE person_id = %s AND kind = 'payment'", who.person)
        assert int(posted[0][0]) == 40_000

    def test_a_month_leaves_what_the_debtor_lives_on(self, house: House) -> None:
        who = debtor(house)
        mandate(house, who)
        for day, drawn in ((0, 40_000), (1, 20_000), (2, None)):
            assert plan(house, TODAY + day * DAY) == (drawn is not None)
            if drawn is not None:
                (order,) = handed_over(house)
                assert int(order["amount_minor"]) == drawn
                told(house, (order, "succeeded"), at_days=day)
        assert owed(who) == 40_000
        assert plan(house, date(2026, 4, 1)) == 1, "another month"

    def test_an_unknown_income_a_stop_and_another_reserve_draw_nothing(self, house: House) -> None:
        unknown, ill, poor = debtor(house), debtor(house), debtor(house)
        mandate(house, unknown, income=None)
        mandate(house, ill)
        mandate(house, poor)
        set_stop(SetStop(ill.person, "hardship", None, "住院治疗", None, house.staff["supervisor"]), TEN)
        agree(
            house,
            ask_for_reserve(house.lender.pk, INCOME, "按当地生活费用标准核定", house.staff["settlement_clerk"], TEN),
        )
        assert plan(house) == 0
        assert [attempts(one) for one in (unknown, ill, poor)] == [[], [], []]

    def test_what_changed_since_it_was_planned_does_not_leave(self, house: House) -> None:
        ill, gone, well = debtor(house), debtor(house), debtor(house)
        ids = [mandate(house, one) for one in (ill, gone, well)]
        assert plan(house) == 3
        clerk = house.staff["settlement_clerk"]
        approval = ask_to_hand_over(house.lender.pk, "当日到期代扣", clerk, TEN)
        set_stop(SetStop(ill.person, "deceased", None, "家属告知已故", None, house.staff["supervisor"]), TEN)
        revoke_mandate(gone.person, ids[1], "客户来电撤销授权", house.staff["supervisor"], TEN)
        agree(house, approval)
        work_debits(FileDebits(house.folder), TEN)
        assert [attempts(one)[0][0] for one in (ill, gone, well)] == ["withdrawn", "withdrawn", "handed_over"]
        assert standing(gone) == []

    def test_two_who_plan_and_two_workers_order_once(self, house: House) -> None:
        who = debtor(house)
        mandate(house, who)
        found = at_once([partial(plan, house) for _ in range(3)])
        assert sorted(one for one in found if isinstance(one, int)) == [0, 0, 1]
        agree(house, ask_to_hand_over(house.lender.pk, "当日到期代扣", house.staff["settlement_clerk"], TEN))
        channel = FileDebits(house.folder)
        at_once([partial(work_debits, channel, TEN) for _ in range(3)])
        assert len(standing(who)) == 1
        assert len(list(house.folder.glob("*"))) == 1

    def test_of_an_agreement_what_falls_due_is_drawn_and_not_what_was_waived_or_comes_later(self, house: House) -> None:
        who = debtor(house, 60_000)
        mandate(house, who)
        supervisor = house.staff["supervisor"]
        with transaction.atomic(using="gate"):
            age_book(house.lender.pk, EntryRules(-3, 3, 0, ((4, "early"),)), TODAY, TEN)
        ((_, first_on, asked),) = agreed(house, who, supervisor)[:1]
        assert plan(house, first_on - DAY) == 0
        assert plan(house, first_on) == 1
        (order,) = handed_over(house)
        assert (int(order["amount_minor"]), order["on"]) == (min(asked, 40_000), first_on.isoformat())
        assert rows("SELECT relief_id IS NOT NULL FROM debit_attempt WHERE person_id = %s", who.person) == [(True,)]


def agreed(house: House, who: Borrower, by: int) -> list[tuple[int, date, int]]:
    """An agreement of instalments, approved, given and accepted; its payments."""
    proposed = propose_relief(ProposeRelief(who.person, who.debt, "interest_stop.3", "收入下降，愿意分期", by), TEN)
    if proposed.approval_id is not None:
        ((digest,),) = rows("SELECT digest FROM approval WHERE id = %s", proposed.approval_id)
        rule(Rule(proposed.approval_id, digest, True, house.staff["head"], "同意"), TEN)
    give_offer(GiveOffer(who.person, proposed.relief_id, "call", by), TEN)
    accept_offer(AcceptOffer(who.person, proposed.relief_id, by), TEN)
    lines = "SELECT n, due_on, amount_minor FROM relief_line WHERE relief_id = %s ORDER BY n"
    return [(int(n), on, int(minor)) for n, on, minor in rows(lines, proposed.relief_id)]


class TestWhileItIsUnderWay:
    def test_nobody_duns_and_nobody_can_say_otherwise(
        self, house: House, gate: psycopg.Connection[tuple[object, ...]]
    ) -> None:
        who = debtor(house)
        mandate(house, who)
        by, head = house.staff["supervisor"], house.staff["head"]
        plan(house)
        (order,) = handed_over(house)
        held = propose_sms(who, by, TEN + MINUTE)
        assert held.permit_id is None
        assert "A-20/claims-paid" in str(held.decision.to_document()["reasons"])
        ((_, stop),) = standing(who)
        with pytest.raises(Refused, match="debit_under_way"):
            lift_stop(LiftStop(who.person, int(str(stop)), "想继续联系", by), TEN)
        assert held.hold_id is not None
        release = RuleHold(who.person, held.hold_id, True, "已向银行核实未扣", TEN + DAY, (), head)
        with pytest.raises(Refused, match="debit_under_way"):
            rule_hold(release, TEN + 2 * MINUTE)
        assert refused_by_database(gate, "UPDATE stop SET lifted_at = now() WHERE id = %s", stop) != ""
        told(house, (order, "insufficient_funds"))
        assert propose_sms(who, by, TEN + 3 * MINUTE).permit_id is not None

    def test_a_look_from_before_speaks_of_no_later_debit(self, house: House) -> None:
        who = debtor(house)
        mandate(house, who)
        by, head = house.staff["supervisor"], house.staff["head"]
        stop = set_stop(SetStop(who.person, "claims_paid", who.debt, "称已还款", None, by), TEN - 3 * MINUTE)
        held = propose_sms(who, by, TEN - 2 * MINUTE).hold_id
        assert held is not None
        rule_hold(RuleHold(who.person, held, True, "核对流水未见还款", TEN + DAY, (), head), TEN - 2 * MINUTE)
        assert propose_sms(who, by, TEN - MINUTE).permit_id is not None
        lift_stop(LiftStop(who.person, stop, "核对流水未见还款", by), TEN - MINUTE)
        plan(house)
        handed_over(house)
        assert propose_sms(who, by, TEN + MINUTE).permit_id is None

    def test_a_result_that_does_not_come_waits_for_two_persons_and_holds_meanwhile(self, house: House) -> None:
        who = debtor(house)
        mandate(house, who)
        plan(house)
        handed_over(house)
        ((attempt,),) = rows("SELECT id FROM debit_attempt WHERE person_id = %s", who.person)
        clerk = house.staff["settlement_clerk"]
        with pytest.raises(Refused, match="not_late"):
            ask_nothing_drawn(attempt, "渠道确认未扣款", clerk, TEN + RESULT_WITHIN)
        late = TEN + RESULT_WITHIN + DAY
        assert propose_sms(who, house.staff["supervisor"], late).permit_id is None
        approval = ask_nothing_drawn(attempt, "渠道确认未扣款", clerk, late)
        assert len(standing(who)) == 1
        agree_at = rows("SELECT digest FROM approval WHERE id = %s", approval)[0][0]
        rule(Rule(approval, agree_at, True, house.staff["head"], "已核对"), late)
        assert (attempts(who)[0][0], standing(who)) == ("failed", [])


class TestWhatTheChannelSays:
    def test_insufficient_funds_are_tried_twice_more_and_then_by_nobody(self, house: House) -> None:
        who = debtor(house)
        mandate(house, who)
        days = []
        for day in range(10):
            if plan(house, TODAY + day * DAY):
                days.append(day)
                (order,) = handed_over(house)
                told(house, (order, "insufficient_funds"), at_days=day)
        assert days == [0, 1, 4]
        ((attempt,),) = rows("SELECT max(id) FROM debit_attempt WHERE person_id = %s", who.person)
        clerk = house.staff["settlement_clerk"]
        look_at_failure(attempt, "客户称发薪后再扣", clerk, TEN + 9 * DAY, again=True)
        assert (plan(house, TODAY + 9 * DAY), plan(house, TODAY + 10 * DAY)) == (0, 1)

    @pytest.mark.parametrize(
        ("said", "state"),
        [("account_closed", "suspended"), ("mandate_revoked", "revoked"), ("suspicious", "suspended")],
    )
    def test_a_closed_account_a_revoked_mandate_and_suspicion_end_the_mandate(
        self, house: House, said: str, state: str
    ) -> None:
        who = debtor(house)
        mandate(house, who)
        plan(house)
        (order,) = handed_over(house)
        told(house, (order, said))
        assert rows("SELECT state FROM debit_mandate WHERE person_id = %s", who.person) == [(state,)]
        assert plan(house, TODAY + 30 * DAY) == 0

    def test_rows_that_cannot_be_taken_are_refused_and_change_nothing(self, house: House) -> None:
        who, other = debtor(house), make_lender(f"X{next(NUMBERS)}")
        mandate(house, who)
        plan(house)
        (order,) = handed_over(house)
        assert told(house, (order | {"number": "DK-NOBODY"}, "succeeded")).refused == 1
        assert told(house, (order | {"amount_minor": "39999"}, "succeeded")).refused == 1
        assert told(house, (order, "succeeded"), reference="").refused == 1
        assert told(house, (order, "succeeded"), lender_code=other.code).refused == 1
        assert (owed(who), attempts(who)[0][0]) == (100_000, "handed_over")
        told(house, (order, "unknown"))
        assert told(house, (order, "succeeded")).refused == 1, "another result than stands"

    def test_money_that_the_bank_took_back_waits_for_a_person_and_is_drawn_by_nobody(self, house: House) -> None:
        who = debtor(house)
        mandate(house, who)
        plan(house)
        (order,) = handed_over(house)
        told(house, (order, "succeeded"))
        assert told(house, (order, "returned")).new == 1
        assert told(house, (order, "returned"), reference="BK-AGAIN").unchanged == 1
        assert (attempts(who)[0][0], plan(house, TODAY + 40 * DAY)) == ("charged_back", 0)

    def test_what_is_refused_is_planned_no_second_time_and_asked_for_anew(self, house: House) -> None:
        who = debtor(house)
        mandate(house, who)
        plan(house)
        clerk = house.staff["settlement_clerk"]
        agree(house, ask_to_hand_over(house.lender.pk, "当日到期代扣", clerk, TEN), approve=False)
        assert work_debits(FileDebits(house.folder), TEN) == 0
        assert standing(who) == []
        (order,) = handed_over(house)
        assert order["amount_minor"] == "40000"


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_channels_answer_and_when_the_sums_hold_day_by_day(house: House, seed: int) -> None:
    """What was posted is what was drawn, no month takes what its debtor lives on, and whoever waits is held."""
    chance = Random(seed)
    who = [debtor(house) for _ in range(3)]
    incomes = (INCOME, RESERVE_MINOR + 1, RESERVE_MINOR + 90_000)
    for one, income in zip(who, incomes, strict=True):
        mandate(house, one, income=income)
    left: list[dict[str, str]] = []
    clerk = house.staff["settlement_clerk"]
    for day in range(8):
        if plan(house, TODAY + day * DAY):
            left += handed_over(house)
        chance.shuffle(left)
        answered = left[: chance.randint(0, len(left))]
        answers = [
            (one, chance.choice(["succeeded", "succeeded", "insufficient_funds", "unknown"])) for one in answered
        ]
        left = [one for one in left if one not in answered]
        if answers:
            assert told(house, *answers, at_days=day).new == len(answers)
        for (attempt,) in rows(
            "SELECT id FROM debit_attempt WHERE lender_id = %s AND state = 'failed' AND again_on IS NULL"
            " AND looked_at IS NULL",
            house.lender.pk,
        ):
            look_at_failure(attempt, "渠道答复后再扣", clerk, TEN + day * DAY, again=True)
        for one, income in zip(who, incomes, strict=True):
            found = attempts(one)
            drawn = sum(int(str(row[1])) for row in found if row[0] == "succeeded")
            under_way = [row for row in found if row[0] == "handed_over"]
            assert owed(one) == 100_000 - drawn
            assert drawn + sum(int(str(row[1])) for row in under_way) <= income - RESERVE_MINOR
            assert len(standing(one)) == len(under_way) <= 1
    assert any(owed(one) < 100_000 for one in who)


class TestTheDatabase:
    def test_what_raw_sql_cannot_do(self, house: House, gate: psycopg.Connection[tuple[object, ...]]) -> None:
        who = debtor(house)
        one = mandate(house, who)
        plan(house)
        assert refused_by_database(gate, "UPDATE debit_mandate SET limit_day_minor = 9 WHERE id = %s", one) == (
            "InsufficientPrivilege"
        )
        left = "UPDATE debit_attempt SET state = 'handed_over' WHERE person_id = %s"
        assert refused_by_database(gate, left, who.person) == "RestrictViolation"
        drawn = "UPDATE debit_attempt SET state = 'succeeded' WHERE person_id = %s"
        assert refused_by_database(gate, drawn, who.person) == "RestrictViolation"
        more = (
            'INSERT INTO debit_attempt (person_id, id, lender_id, debt_id, mandate_id, number, due_on, "on", tried,'
            " amount_minor, currency, state, ground) SELECT person_id, -1, lender_id, debt_id, mandate_id, 'X', due_on,"
            " \"on\", 0, {}, currency, 'planned', '' FROM debit_attempt WHERE person_id = %s"
        )
        assert refused_by_database(gate, more.format(1), who.person) == "RestrictViolation", "the day's limit"
        rows(
            "UPDATE debit_attempt SET state = 'withdrawn', ended_at = now() WHERE person_id = %s RETURNING id",
            who.person,
        )
        assert refused_by_database(gate, more.format(40_001), who.person) == "RestrictViolation"
        reserve = (
            "INSERT INTO living_reserve (lender_id, reserve_minor, from_on, set_at, set_by_id, approval_id)"
            " SELECT lender_id, 0, asked_at::date, asked_at, asked_by_id, id FROM approval WHERE lender_id = %s LIMIT 1"
        )
        assert refused_by_database(gate, reserve, house.lender.pk) == "RestrictViolation"
        batch = "UPDATE debit_mandate SET state = 'active', ended_at = NULL WHERE id = %s"
        revoke_mandate(who.person, one, "客户来电撤销授权", house.staff["supervisor"], TEN)
        assert refused_by_database(gate, batch, one) == "RestrictViolation"

    def test_the_reserve_of_a_house_is_one_number(self, house: House) -> None:
        assert rows("SELECT zhizhi_living_reserve(%s, %s)", house.lender.pk, TODAY) == [(RESERVE_MINOR,)]

    def test_rows_and_leaves_say_the_same(self, house: House) -> None:
        who = debtor(house)
        mandate(house, who)
        plan(house)
        (order,) = handed_over(house)
        told(house, (order, "suspicious"))
        sequence_all(TEN)
        size = rows("SELECT max(size) FROM checkpoint")[0][0]
        with open_log() as log:
            found = {one.position for one in compare(log.stored_leaves(), iter([None] * size), log.object_digest)}
        own = rows(
            "SELECT position, source_table FROM leaf WHERE source_person_id = %s AND source_table LIKE 'debit%%'",
            who.person,
        )
        assert [table for _, table in own].count("debit_attempt") == 3
        assert [table for _, table in own].count("debit_mandate") == 3
        assert found.isdisjoint(position for position, _ in own)


@pytest.fixture
def gate(store: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The gate's login, with raw SQL."""
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute(f"SET ROLE {GATE_LOGIN}")
        yield owner
