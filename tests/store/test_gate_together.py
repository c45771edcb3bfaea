"""Proposals that come at the same time: a group answers and writes what each alone would; one that fails harms itself
alone.
"""

from collections.abc import Callable
from functools import partial
from itertools import repeat

import psycopg
import pytest
from django.db import IntegrityError, connections, transaction

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, at_once, propose_call, propose_sms, rows
from zhizhi.core.kernel.errors import Refused
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.gate import Stale, holding
from zhizhi.store.transact.stops import add_stop
from zhizhi.store.transact.together import WithinTransaction
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.propose_contact import (
    TOGETHER_MOST,
    Asking,
    ProposeContact,
    Proposed,
    propose_contact,
    propose_together,
)

pytestmark = pytest.mark.usefixtures("store")
CALLS_A_DAY = 3  # cn.gbt45251/5.3.2.2.2/valid-calls-per-day


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def desks(lender: Lender) -> list[int]:
    return [make_staff(f"desk-{n}", "collector", lender, 50).pk for n in range(8)]


def sms(who: Borrower, by: int, code: str | None = "plan-sms") -> ProposeContact:
    return ProposeContact(who.person, who.party, who.mobile, "sms", "notification", "collect", code, by)


def call(who: Borrower, by: int) -> ProposeContact:
    return ProposeContact(who.person, who.party, who.mobile, "voice", "interactive", "collect", "call-plan", by)


def asking(*commands: ProposeContact) -> list[Asking]:
    return [Asking(one, TEN) for one in commands]


def alone(command: ProposeContact) -> object:
    try:
        return propose_contact(command, TEN)
    except Refused as refused:
        return refused


def of_every_kind(lender: Lender, by: int, first: int) -> list[ProposeContact]:
    """Permitted, refused by law, refused before it, and a call; of different persons."""
    message, stopped, erased, mute, other, called, gone = (make_borrower(lender, first + n) for n in range(7))
    add_stop(stopped.person, "deceased", None, "test", None, at=TEN, by="test")
    rows("UPDATE person SET data_key = NULL WHERE id = %s RETURNING id", erased.person)
    nobody = ProposeContact(gone.person + 999_999, gone.party, gone.mobile, "sms", "notification", "collect", None, by)
    return [
        sms(message, by), sms(stopped, by), sms(erased, by), sms(mute, by, None), sms(other, by, "no-such"),
        call(called, by), nobody,
    ]  # fmt: skip


def said(answer: object) -> object:
    """An answer without what differs from person to person."""
    if not isinstance(answer, Proposed):
        return getattr(answer, "code", answer)
    body = answer.decision.to_document()
    return body["verdict"], body["reasons"], body["budgets"], body["must_end_by"], answer.permit_id is None


WRITTEN = """
SELECT v.verdict, v.rule, v.stage, v.hold_for, v.next_permitted_at, v.by, v.facts -> 'proposed' ->> 'channel', m.state,
    m.minted_at, m.expires_at, m.must_end_by, m.debts, m.collector, d.state, d.gateway, d.due_at, p.version,
    (SELECT count(*) FROM leaf f WHERE f.source_id = v.id AND f.source_person_id = v.person_id),
    (SELECT count(*) FROM salt s WHERE s.person_id = v.person_id),
    (SELECT count(*) FROM permit_slot s WHERE s.permit_id = m.id),
    (SELECT count(*) FROM hold h WHERE h.decision_id = v.id)
FROM person p LEFT JOIN decision v ON v.person_id = p.id
LEFT JOIN permit m ON m.person_id = v.person_id AND m.decision_id = v.id
LEFT JOIN delivery d ON d.person_id = m.person_id AND d.permit_id = m.id
WHERE p.id = %s
"""


def written(commands: list[ProposeContact]) -> list[object]:
    return [rows(WRITTEN, command.person_id) for command in commands]


def permits(who: Borrower) -> int:
    return int(rows("SELECT count(*) FROM permit WHERE person_id = %s AND state <> 'released'", who.person)[0][0])


class TestAGroup:
    def test_answers_and_writes_what_its_proposals_alone_would(self, lender: Lender, desks: list[int]) -> None:
        singly, grouped = (of_every_kind(lender, desks[0], first) for first in (100, 200))
        expected = [alone(command) for command in singly]
        answers = propose_together(asking(*grouped))
        assert [said(one) for one in answers] == [said(one) for one in expected]
        assert written(grouped) == written(singly)
        codes = {one.code for one in answers if isinstance(one, Refused)}
        assert codes == {"erased_person", "no_template", "unknown_person"}
        assert {one.decision.verdict for one in answers if isinstance(one, Proposed)} >= {"permit", "forbid"}

    def test_is_one_transaction(self, lender: Lender, desks: list[int]) -> None:
        people = [make_borrower(lender, 300 + n) for n in range(TOGETHER_MOST)]
        propose_together(asking(*(sms(who, desks[0]) for who in people)))
        persons = [who.person for who in people]
        counts = rows("SELECT count(*) FROM decision WHERE person_id = ANY (%s) GROUP BY xmin", persons)
        assert counts == [(TOGETHER_MOST,)]

    def test_decides_each_proposal_at_its_own_instant(self, lender: Lender, desks: list[int]) -> None:
        early, late = make_borrower(lender, 320), make_borrower(lender, 321)
        night = TEN.replace(hour=23)
        answers = propose_together([Asking(sms(early, desks[0]), TEN), Asking(sms(late, desks[0]), night)])
        assert [one.decision.verdict for one in answers if isinstance(one, Proposed)] == ["permit", "forbid"]
        instants = [rows("SELECT at FROM decision WHERE person_id = %s", who.person)[0][0] for who in (early, late)]
        assert instants == [TEN, night]

    def test_decides_once_on_a_person(self, lender: Lender, desks: list[int]) -> None:
        who, other = make_borrower(lender, 330), make_borrower(lender, 331)
        first, second, third = propose_together(asking(sms(who, desks[0]), sms(who, desks[1]), sms(other, desks[2])))
        assert isinstance(first, Proposed)
        assert second == Stale(who.person)
        assert isinstance(third, Proposed)

    def test_does_not_wait_for_a_person_whom_somebody_holds(self, lender: Lender, desks: list[int]) -> None:
        busy, free = make_borrower(lender, 340), make_borrower(lender, 341)
        with holding(busy.person):
            (answers,) = at_once([partial(propose_together, asking(sms(busy, desks[0]), sms(free, desks[0])))])
        assert isinstance(answers, list)
        assert answers[0] == Stale(busy.person)
        assert isinstance(answers[1], Proposed)
        assert [permits(busy), permits(free)] == [0, 1]

    def test_sends_away_who_takes_a_call_back(self, lender: Lender, desks: list[int]) -> None:
        who, other = make_borrower(lender, 350), make_borrower(lender, 351)
        before = propose_call(who, desks[0], TEN).permit_id
        again, colleague = propose_together(
            [Asking(call(who, desks[0]), TEN + MINUTE), Asking(call(other, desks[0]), TEN)]
        )
        assert again is None, "what is taken back is locked with its person"
        assert isinstance(colleague, Proposed)
        assert propose_call(who, desks[0], TEN + MINUTE).permit_id != before
        assert permits(who) == 1

    def test_is_no_part_of_somebody_elses_transaction(self, lender: Lender, desks: list[int]) -> None:
        who = make_borrower(lender, 360)
        with transaction.atomic(using="gate"), pytest.raises(WithinTransaction):
            propose_together(asking(sms(who, desks[0])))
        assert permits(who) == 0

    def test_is_one_prepared_statement_whatever_stands_in_it(self, lender: Lender, desks: list[int]) -> None:
        connections["gate"].close()
        for n in range(4):
            one, other = make_borrower(lender, 370 + 2 * n), make_borrower(lender, 371 + 2 * n)
            for who, is_stopped in ((one, n & 1), (other, n & 2)):
                if is_stopped:
                    add_stop(who.person, "deceased", None, "test", None, at=TEN, by="test")
            propose_together(asking(sms(one, desks[0]), call(other, desks[1])))
        of_group = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"
        assert rows(of_group, "%zhizhi_commit_decisions%") == [(1,)]
        assert rows(of_group, "%zhizhi_gate_facts%") == [(1,)]
        connections["gate"].close()


class TestARaceOfManyThreads:
    def test_gives_three_calls_to_each_of_three_persons(self, lender: Lender, desks: list[int]) -> None:
        people = [make_borrower(lender, 400 + n) for n in range(3)]
        jobs: list[Callable[[], Proposed]] = [partial(propose_call, who, by, TEN) for by in desks for who in people]
        answers = at_once(jobs)
        assert all(isinstance(one, Proposed) for one in answers), answers
        assert [permits(who) for who in people] == [CALLS_A_DAY] * 3

    def test_answers_everybody_and_shares_commits(self, lender: Lender, desks: list[int]) -> None:
        people = [make_borrower(lender, 420 + n) for n in range(24)]
        answers = at_once([partial(propose_sms, who, desks[n % 8], TEN) for n, who in enumerate(people)])
        assert all(isinstance(one, Proposed) and one.permit_id for one in answers), answers
        assert [permits(who) for who in people] == [1] * 24
        persons = [who.person for who in people]
        (commits,) = rows("SELECT count(DISTINCT xmin::text) FROM decision WHERE person_id = ANY (%s)", persons)[0]
        assert commits < len(people)

    def test_gives_whoever_clicks_eight_times_one_permit(self, lender: Lender, desks: list[int]) -> None:
        who, others = make_borrower(lender, 450), [make_borrower(lender, 451 + n) for n in range(8)]
        clicks = repeat(partial(propose_call, who, desks[0], TEN), 8)
        answers = at_once([*clicks, *(partial(propose_call, other, desks[1], TEN) for other in others)])
        assert all(isinstance(one, Proposed) for one in answers[8:]), answers
        waiting = "SELECT count(*) FROM delivery WHERE person_id = %s AND state = 'waiting'"
        assert rows(waiting, who.person) == [(1,)]
        assert [permits(other) for other in others] == [1] * 8


class TestAPoisonousProposal:
    def test_harms_itself_alone(self, lender: Lender, desks: list[int], database: str) -> None:
        """The database refuses its permit at the commit, as it would wrong code: no caps are activated for its law."""
        profile = "cn.bank.online"
        outlaw = make_lender("L9", profile)
        by = make_staff("outlaw", "collector", outlaw, 50).pk
        with psycopg.connect(database, autocommit=True) as owner:
            owner.execute("DELETE FROM cap_activation WHERE profile = %s", [profile])
        victim, people = make_borrower(outlaw, 500), [make_borrower(lender, 501 + n) for n in range(12)]
        with pytest.raises(IntegrityError):
            propose_together(asking(*(sms(who, desks[0]) for who in people[:4]), sms(victim, by)))
        assert [permits(who) for who in people] == [0] * 12, "nothing of the group is written"
        jobs = [partial(propose_sms, who, desks[n % 8], TEN) for n, who in enumerate(people)]
        *answers, refused = at_once([*jobs, partial(propose_sms, victim, by, TEN)])
        assert isinstance(refused, IntegrityError)
        assert all(isinstance(one, Proposed) and one.permit_id for one in answers), answers
        assert [permits(who) for who in people] == [1] * 12
        assert permits(victim) == 0

    def test_of_a_collector_who_is_gone_does_not_stop_the_others(self, lender: Lender, desks: list[int]) -> None:
        one, other = make_borrower(lender, 520), make_borrower(lender, 521)
        nobody, answer = propose_together(asking(sms(one, 999_999), sms(other, desks[0])))
        assert isinstance(nobody, NotAllowed)
        assert isinstance(answer, Proposed)
