"""An agency's month: made of the ledger, disputed line by line, signed by both sides, and never changed after."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count

import psycopg
import pytest

from commissionwork import (
    APRIL,
    CARD,
    MARCH,
    Books,
    breach,
    give_card,
    lines,
    make_books,
    pay,
    reach,
    reverse,
    signing,
    stated,
    sums,
)
from gatework import MINUTE, TEN, refused_by_database, rows
from placework import Floor, Placed, make_case, make_floor, place, work
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.commission.reads import load_cards, load_disputes, load_lines, load_statement, load_statements
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.scopes import Scope
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.store.viewer import Viewer, reading
from zhizhi.usecases.commission.act import AskRateCard, ask_rate_card
from zhizhi.usecases.commission.signing import (
    AnswerDispute,
    DisputeItem,
    SignStatement,
    answer,
    dispute,
    sign_for_agency,
    sign_for_lender,
)
from zhizhi.usecases.placements.ending import RecallCases, recall_cases
from zhizhi.usecases.set_stop import SetStop, set_stop

pytestmark = pytest.mark.usefixtures("store")
LENDERS = count(1)
DAY = timedelta(days=1)


@pytest.fixture
def books(store: str) -> Books:
    return make_books(make_floor(f"K{next(LENDERS)}"))


def placed(books: Books, many: int = 1, days: int = 40, balance_minor: int = 1_000_000) -> list[Placed]:
    """Cases that the first agency has and whose persons it reached on the first day."""
    floor = books.floor
    cases = [make_case(floor.lender, days=days, balance_minor=balance_minor) for _ in range(many)]
    place(floor, floor.agencies[0])
    work(floor, *cases)
    for n, case in enumerate(cases):
        reach(floor, case, TEN + n * 5 * MINUTE)
    return cases


def recall(floor: Floor, case: Placed, at: datetime) -> None:
    recall_cases(RecallCases(floor.lender.pk, floor.agencies[0].pk, "转回自营", floor.asks, case.number), at)


class TestStating:
    def test_a_month_by_tiers_with_what_earns_nothing_said_line_by_line(self, books: Books) -> None:
        """10 % of 500.00 and 15.5 % of 300.01 above it, half up, and the fixed fee."""
        floor = books.floor
        first, second, never, complained = placed(books, 4)
        silent = make_case(floor.lender, days=40)
        place(floor, floor.agencies[0])
        own = make_case(floor.lender)
        pay(first, 50_000, TEN + DAY)
        pay(second, 30_001, TEN + 2 * DAY)
        pay(silent, 9_999, TEN + DAY)
        pay(own, 7_777, TEN + DAY)
        set_stop(SetStop(complained.who.person, "complaint", None, "客户来信", None, floor.asks), TEN + DAY)
        pay(complained, 8_888, TEN + 2 * DAY)
        assert never
        statement = stated(books)
        assert sums(statement) == {
            "state": "open", "n": 1, "lines": 4, "base_minor": 5_000, "commission_minor": 9_650,
            "deducted_minor": 0, "due_minor": 14_650,
        }  # fmt: skip
        assert {(number, why) for number, _, why in lines(statement)} == {
            (first.number, None), (second.number, None),
            (silent.number, "self_cure"), (complained.number, "complained"),
        }  # fmt: skip

    def test_age_comes_before_balance_and_both_are_of_the_day_of_placement(self, books: Books) -> None:
        small, large = (
            placed(books, days=60, balance_minor=199_999)[0],
            placed(books, days=75, balance_minor=200_000)[0],
        )
        pay(small, 10_000, TEN + DAY)
        pay(large, 10_000, TEN + DAY)
        assert sums(stated(books))["commission_minor"] == 2_000 + 1_234

    def test_after_a_recall_the_tail_is_the_agencys_and_what_comes_later_is_not(self, books: Books) -> None:
        within, beyond = placed(books, 2)
        for case in (within, beyond):
            recall(books.floor, case, TEN + DAY)
        pay(within, 10_000, TEN + 8 * DAY)
        pay(beyond, 10_000, TEN + 9 * DAY)
        statement = stated(books)
        assert lines(statement) == [(within.number, 10_000, None)]
        assert sums(stated(books, books.floor.agencies[1]))["lines"] == 0

    def test_a_payment_is_stated_once_in_the_month_that_the_ledger_got_it(self, books: Books) -> None:
        (case,) = placed(books)
        pay(case, 10_000, TEN + DAY)
        pay(case, 20_000, APRIL, paid_on=TEN.date() + 3 * DAY)
        march = stated(books)
        april = stated(books, month=date(2026, 4, 1), at=APRIL + 30 * DAY)
        assert [lines(one)[0][1] for one in (march, april)] == [10_000, 20_000]
        with pytest.raises(Refused, match="stands"):
            stated(books)

    def test_money_that_goes_back_later_is_taken_at_the_rate_it_was_stated_at(self, books: Books) -> None:
        (case,) = placed(books)
        paid = pay(case, 10_000, TEN + DAY)
        assert sums(stated(books))["commission_minor"] == 1_000
        give_card(books.floor, books.floor.agencies[0], CARD.from_document({**CARD.to_document(), "rates": [
            {"hand": 1, "from_days": 0, "from_balance_minor": 0, "tiers": [[0, 9_000]]}
        ]}), date(2026, 4, 1))  # fmt: skip
        reverse(case, paid.payment_id, 10_000, APRIL + DAY)
        set_stop(SetStop(case.who.person, "complaint", None, "客户来信", None, books.floor.asks), APRIL)
        april = stated(books, month=date(2026, 4, 1), at=APRIL + 30 * DAY)
        assert lines(april) == [(case.number, -10_000, None)]
        assert sums(april)["commission_minor"] == -1_000

    def test_without_a_card_or_before_the_end_of_the_month_nothing_is_stated(self, books: Books, store: str) -> None:
        with pytest.raises(Refused, match="not_over"):
            stated(books, at=TEN)
        with pytest.raises(Refused, match="no_card"):
            stated(books, month=date(2026, 2, 1))
        with pytest.raises(Refused, match="not_allowed"):
            stated(Books(books.floor, books.floor.managers[0]))

    def test_a_month_without_any_case_brings_no_fee(self, books: Books) -> None:
        assert sums(stated(books))["due_minor"] == 0

    def test_a_confirmed_breach_takes_off_what_the_card_says(self, books: Books) -> None:
        (case,) = placed(books)
        pay(case, 10_000, TEN + DAY)
        permit = rows("SELECT permit_id FROM contact WHERE person_id = %s AND direction = 'out'", case.who.person)[0][0]
        breach(books, permit, case.who.person)
        statement = stated(books)
        assert sums(statement)["deducted_minor"] == 30_000
        assert sums(statement)["due_minor"] == 5_000 + 1_000 - 30_000


class TestSigning:
    def test_both_sides_sign_what_was_shown_and_then_nothing_of_it_changes(self, books: Books) -> None:
        (case,) = placed(books)
        pay(case, 10_000, TEN + DAY)
        statement, manager = stated(books), books.floor.managers[0]
        with pytest.raises(Refused, match="other_statement"):
            sign_for_agency(SignStatement(statement, "00" * 32, manager), APRIL)
        with pytest.raises(Refused, match="not_allowed"):
            sign_for_agency(signing(statement, books.floor.managers[1]), APRIL)
        with pytest.raises(Refused, match="not_allowed"):
            sign_for_lender(signing(statement, books.floor.asks), APRIL)
        sign_for_agency(signing(statement, manager), APRIL)
        with pytest.raises(Refused, match="signed"):
            sign_for_agency(signing(statement, manager), APRIL)
        with pytest.raises(Refused, match="signed"):
            dispute(DisputeItem(statement, "1", "金额不符", manager), APRIL)
        sign_for_lender(signing(statement, books.clerk), APRIL + MINUTE)
        assert sums(statement)["state"] == "signed"
        with pytest.raises(Refused, match="gone"):
            sign_for_lender(signing(statement, books.clerk), APRIL)
        with pytest.raises(Refused, match="stands"):
            stated(books)

    def test_a_dispute_is_answered_with_a_reason_before_anybody_signs(self, books: Books) -> None:
        (case,) = placed(books)
        pay(case, 10_000, TEN + DAY)
        statement, manager = stated(books), books.floor.managers[0]
        for item in ("2", "0", "B7", "甲", "-1"):
            with pytest.raises(Refused, match="no_item"):
                dispute(DisputeItem(statement, item, "不存在的行", manager), APRIL)
        dispute(DisputeItem(statement, "1", "应按第二档计", manager), APRIL)
        with pytest.raises(Refused, match="twice"):
            dispute(DisputeItem(statement, "1", "应按第二档计", manager), APRIL)
        for by, sign in ((manager, sign_for_agency), (books.clerk, sign_for_lender)):
            with pytest.raises(Refused, match="disputed"):
                sign(signing(statement, by), APRIL)
        ((which,),) = rows("SELECT id FROM commission_dispute WHERE statement_id = %s", statement)
        other = make_books(make_floor(f"K{next(LENDERS)}"))
        with pytest.raises(Refused, match="not_allowed"):
            answer(AnswerDispute(which, "kept", "与费率表一致", other.clerk), APRIL)
        with pytest.raises(Refused, match="too_short"):
            answer(AnswerDispute(which, "kept", "否", books.clerk), APRIL)
        answer(AnswerDispute(which, "kept", "与费率表一致", books.clerk), APRIL)
        sign_for_agency(signing(statement, manager), APRIL)

    def test_what_is_corrected_is_stated_anew_from_the_facts(self, books: Books) -> None:
        (case,) = placed(books)
        pay(case, 10_000, TEN + DAY)
        statement, manager = stated(books), books.floor.managers[0]
        sign_for_lender(signing(statement, books.clerk), APRIL)
        dispute(DisputeItem(statement, "1", "漏记一笔还款", manager), APRIL)
        ((which,),) = rows("SELECT id FROM commission_dispute WHERE statement_id = %s", statement)
        answer(AnswerDispute(which, "corrected", "已补记该笔还款", books.clerk), APRIL)
        assert sums(statement)["state"] == "superseded"
        with pytest.raises(Refused, match="gone"):
            sign_for_agency(signing(statement, manager), APRIL)
        anew = stated(books, at=APRIL + DAY)
        assert (sums(anew)["n"], sums(anew)["lines"]) == (2, 1)

    def test_each_side_sees_its_own_statements_and_a_collector_none(self, books: Books) -> None:
        (case,) = placed(books)
        pay(case, 10_000, TEN + DAY)
        statement, floor = stated(books), books.floor
        recall(floor, case, APRIL)
        eyes = {
            "clerk": Viewer(books.clerk, Scope.MATTER, floor.lender.pk, None),
            "manager": Viewer(floor.managers[0], Scope.AGENCY, None, floor.agencies[0].pk),
            "other": Viewer(floor.managers[1], Scope.AGENCY, None, floor.agencies[1].pk),
            "agent": Viewer(floor.collector, Scope.SELF, None, floor.agencies[0].pk),
        }
        seen = {}
        for name, viewer in eyes.items():
            with reading(viewer):
                row = load_statement(statement)
                seen[name] = (
                    row is not None,
                    len(load_lines(statement)),
                    len(load_cards(TEN.date())),
                    len(load_statements()),
                )
                assert load_disputes(statement) == []
        assert seen == {
            "clerk": (True, 1, 2, 1), "manager": (True, 1, 1, 1), "other": (False, 0, 1, 0), "agent": (False, 0, 0, 0),
        }  # fmt: skip


class TestCards:
    def test_a_card_takes_two_persons_and_begins_with_a_month_that_is_not_stated(self, books: Books) -> None:
        floor = books.floor
        stated(books)
        command = AskRateCard(floor.lender.pk, floor.agencies[0].pk, "CNY", MARCH, CARD, "年度费率", floor.asks)
        with pytest.raises(Refused, match="stated"):
            ask_rate_card(command, TEN)
        with pytest.raises(Refused, match="not_allowed"):
            ask_rate_card(AskRateCard(*(getattr(command, name) for name in command.__slots__[:-1]), books.clerk), TEN)
        with pytest.raises(Refused, match="month"):
            ask_rate_card(
                AskRateCard(
                    floor.lender.pk, floor.agencies[0].pk, "CNY", date(2026, 5, 2), CARD, "年度费率", floor.asks
                ),
                TEN,
            )


class TestBelow:
    def test_the_database_keeps_what_was_stated_whatever_code_writes(
        self, books: Books, gate: psycopg.Connection[tuple[object, ...]]
    ) -> None:
        (case,) = placed(books)
        pay(case, 10_000, TEN + DAY)
        statement = stated(books)
        assert (
            refused_by_database(gate, "UPDATE commission_statement SET due_minor = 1 WHERE id = %s", statement)
            == "InsufficientPrivilege"
        )
        assert (
            refused_by_database(gate, "UPDATE commission_line SET stands = false WHERE statement_id = %s", statement)
            == "RestrictViolation"
        )
        assert (
            refused_by_database(gate, "DELETE FROM commission_line WHERE statement_id = %s", statement)
            == "InsufficientPrivilege"
        )
        sign = "UPDATE commission_statement SET agency_signed_by_id = %s, agency_signed_at = now() WHERE id = %s"
        assert refused_by_database(gate, sign, books.clerk, statement) == "RestrictViolation"
        own = "UPDATE commission_statement SET state = 'signed' WHERE id = %s"
        assert refused_by_database(gate, own, statement) == "CheckViolation"
        card = (
            "INSERT INTO commission_card (lender_id, agency_id, currency, from_on, terms, approval_id, added_at)"
            " SELECT lender_id, agency_id, currency, '2027-01-01', jsonb_set(terms, '{tail_days}', '90'), approval_id,"
            " now()"
            " FROM commission_card WHERE lender_id = %s LIMIT 1"
        )
        assert refused_by_database(gate, card, books.floor.lender.pk) == "RestrictViolation"

    def test_rows_and_leaves_say_the_same(self, books: Books) -> None:
        (case,) = placed(books)
        pay(case, 10_000, TEN + DAY)
        statement, manager = stated(books), books.floor.managers[0]
        dispute(DisputeItem(statement, "1", "应按第二档计", manager), APRIL)
        ((which,),) = rows("SELECT id FROM commission_dispute WHERE statement_id = %s", statement)
        answer(AnswerDispute(which, "kept", "与费率表一致", books.clerk), APRIL)
        sign_for_agency(signing(statement, manager), APRIL)
        sign_for_lender(signing(statement, books.clerk), APRIL)
        sequence_all(APRIL)
        size = rows("SELECT max(size) FROM checkpoint")[0][0]
        with open_log() as log:
            found = {one.position for one in compare(log.stored_leaves(), iter([None] * size), log.object_digest)}
        own = rows("SELECT position, source_table FROM leaf WHERE source_table LIKE 'commission%%'")
        assert found.isdisjoint(position for position, _ in own)
        assert rows(
            "SELECT count(*) FROM leaf WHERE source_table = 'commission_statement' AND source_id = %s", statement
        ) == [(3,)]


@pytest.fixture
def gate(store: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The gate's login, with raw SQL."""
    with psycopg.connect(store, autocommit=True) as owner:
        owner.execute(f"SET ROLE {GATE_LOGIN}")
        yield owner
