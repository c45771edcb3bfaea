"""A permit is not used where the law permits its contact no more: it is asked again about what was written since."""

from datetime import datetime, timedelta

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, ToldChannel, propose_call, propose_sms, refused_by_database, rows, talk
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.ids import ids
from zhizhi.store.keyring import SearchKeys, person_seal
from zhizhi.store.lenders.models import Lender
from zhizhi.store.people.models import Party, Person, Point
from zhizhi.store.people.rows import PartySecrets, point_key, seal_point
from zhizhi.usecases import asked_again, claim_contacts
from zhizhi.usecases.claim_contacts import claim_contacts as claim
from zhizhi.usecases.propose_contact import ProposeContact, Proposed, propose_contact
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.start_call import RecordOutcome, StartCall, record_outcome, start_call
from zhizhi.usecases.templates import ApproveTemplate, DraftTemplate, approve_template, draft_template

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1000))
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    lender = make_lender()
    author, approver = (make_staff(f"{role}-2", role, lender).pk for role in ("supervisor", "compliance"))
    script = DraftTemplate(
        lender_id=lender.pk, code="locate-call", channel="voice", kind="service", name="联系转告话术", subject="",
        body="您好，这里是{lender}。", variables=("lender",), marks=(), discloses_debt=False,
        provider_template="locate-1", by=author,
    )  # fmt: skip
    approve_template(ApproveTemplate(draft_template(script, TEN), True, approver), TEN)
    return lender


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return make_staff("collector", "supervisor", lender, 50).pk


@pytest.fixture
def who(lender: Lender) -> Borrower:
    return make_borrower(lender, next(NUMBERS))


def harmless(who: Borrower, by: int) -> None:
    """Something that moves the person on and changes nothing for the contacts that wait: a refusal."""
    before = version(who)
    assert propose_sms(who, by, TEN.replace(hour=23)).permit_id is None
    assert version(who) > before


def version(who: Borrower) -> int:
    return int(rows("SELECT version FROM person WHERE id = %s", who.person)[0][0])


def end_of(proposed: Proposed) -> tuple[str, str | None, str]:
    """State and failure of its delivery, state of its permit."""
    (end,) = rows(
        "SELECT d.state, d.failure, m.state FROM delivery d"
        " JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id WHERE d.id = %s",
        proposed.delivery_id,
    )
    return end


class TestAThirdPersonOfWhomTheDebtorIsNoLongerLost:
    def test_is_not_called_on_the_permit_of_before(self, who: Borrower, by: int, lender: Lender) -> None:
        """Seed 2026 of the simulated quarter, on 28 April: the debtor answered between permit and click."""
        friend = named_friend(who, lender)
        at = TEN
        for _ in range(3):
            dial(who, by, at, "no_answer")
            at += DAY
        permitted = propose_contact(locate(who, friend, by), at)
        assert permitted.permit_id is not None, permitted.decision
        talk(who, by, at + MINUTE)
        with pytest.raises(UseCaseRefused) as refused:
            start_call(StartCall(who.person, permitted.permit_id, by), at + 5 * MINUTE)
        assert refused.value.code == "overtaken"
        assert end_of(permitted) == ("cancelled", "overtaken", "released")
        ((verdict, rule),) = rows(
            "SELECT verdict, rule FROM decision WHERE person_id = %s ORDER BY id DESC LIMIT 1", who.person
        )
        assert verdict == "forbid"
        assert "lost-contact-gate" in rule

    def test_and_without_that_is_called(self, who: Borrower, by: int, lender: Lender) -> None:
        friend = named_friend(who, lender)
        at = TEN
        for _ in range(3):
            dial(who, by, at, "no_answer")
            at += DAY
        permitted = propose_contact(locate(who, friend, by), at)
        assert permitted.permit_id is not None, permitted.decision
        dial(who, by, at + MINUTE, "no_answer")
        start_call(StartCall(who.person, permitted.permit_id, by), at + 5 * MINUTE)
        assert end_of(permitted)[0] == "claimed"


def test_what_changes_nothing_pulls_nothing_back(who: Borrower, by: int) -> None:
    message = propose_sms(who, by, TEN)
    harmless(who, by)
    assert [one.permit_id for one in claim(["sink"], TEN + MINUTE, "w")] == [message.permit_id]


def test_a_message_that_was_overtaken_is_pulled_back_and_the_others_leave(
    who: Borrower, by: int, lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, sink = make_borrower(lender, next(NUMBERS)), ToldChannel()
    forbidden, welcome = propose_sms(who, by, TEN), propose_sms(other, by, TEN)
    harmless(who, by)
    harmless(other, by)
    real = asked_again.ask_again

    def told(permitted: object, *given: object, **named: object) -> object:
        if getattr(permitted, "person_id", None) == who.person:
            raise RuntimeError("the law cannot be asked")
        return real(permitted, *given, **named)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(claim_contacts, "ask_again", told)
    Outbox({"sink": {"sms": sink}}, "test").drain(TEN + MINUTE)
    assert [grant.permit_id for grant in sink.sent] == [welcome.permit_id]
    assert end_of(forbidden) == ("cancelled", "overtaken", "released")


def test_wrong_code_does_not_claim_what_was_overtaken(who: Borrower, by: int, store: str) -> None:
    message = propose_sms(who, by, TEN)
    harmless(who, by)
    with psycopg.connect(store) as owner:
        statement = (
            "WITH used AS (UPDATE permit SET state = 'used', used_at = %s WHERE id = %s RETURNING 1)"
            " SELECT count(*) FROM used"
        )
        owner.execute(statement, [TEN, message.permit_id])
        refusal = refused_by_database(
            owner, "UPDATE delivery SET state = 'claimed', claimed_at = %s, claimed_by = 'w' WHERE id = %s",
            TEN, message.delivery_id,
        )  # fmt: skip
        owner.rollback()
    assert refusal == "RestrictViolation"


def dial(who: Borrower, by: int, at: datetime, outcome: str) -> None:
    """A call of which nothing came."""
    proposed = propose_call(who, by, at)
    assert proposed.permit_id is not None, proposed.decision
    start_call(StartCall(who.person, proposed.permit_id, by), at)
    record_outcome(RecordOutcome(who.person, proposed.permit_id, outcome, 30, "no_answer", None, None, None, by), at)


def named_friend(who: Borrower, lender: Lender) -> tuple[int, int]:
    """Somebody whom the debtor named, with a number: party and point."""
    party, point = ids.take_many(2)
    key = Person.objects.using("gate").values_list("data_key", flat=True).get(id=who.person)
    assert key is not None
    seal, number = person_seal(bytes(key)), f"101{point % 100_000_000:08d}"
    secrets = PartySecrets("测友人").seal(seal, party)
    Party.objects.using("gate").create(
        person_id=who.person, id=party, role="contact", sealed=secrets, is_named_by_debtor=True
    )
    Point.objects.using("gate").create(
        person_id=who.person, id=point, party_id=party, kind="mobile", sealed=seal_point(seal, number, point),
        value_key=point_key(SearchKeys(lender.pk), number), source="contract",
    )  # fmt: skip
    return party, point


def locate(who: Borrower, friend: tuple[int, int], by: int) -> ProposeContact:
    return ProposeContact(who.person, *friend, "voice", "interactive", "locate", "locate-call", by)
