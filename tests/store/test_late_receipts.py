"""A receipt that names the message by the key that we gave it settles what nobody knew the end of, and nothing else."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import MINUTE, TEN, ToldChannel, propose_sms, rows
from zhizhi.core.evidence.fsck import check_history, compare
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.inbound import Receipt, ReceiptState
from zhizhi.gateways.permit import Failed, FailureKind, SendOutcome, Sent, Unknown
from zhizhi.jobs.connecting import arrival_of
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.evidence.log import open_log
from zhizhi.store.inbox.arrivals import keep_arrivals
from zhizhi.store.lenders.models import Lender
from zhizhi.store.transact.claims import CLAIM_LOST_AFTER, give_up_lost_claims
from zhizhi.store.transact.person import NoSuchRow
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.claim_contacts import claim_contacts
from zhizhi.usecases.look_at_contradiction import LookAtContradiction, look_at_contradiction
from zhizhi.usecases.settle_unknown import SettleUnknown, settle_unknown
from zhizhi.usecases.work_inbox import RECEIPT_WAITS, work_inbox

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1000))
NO_ANSWER = Unknown("no_answer", Text("无应答", "no answer"))
REFUSED = Failed(FailureKind.PERMANENT, "system_busy", Text("繁忙", "busy"))


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return make_staff("collector", "supervisor", lender, 200).pk


@pytest.fixture
def who(lender: Lender) -> Borrower:
    return make_borrower(lender, next(NUMBERS))


def sent(who: Borrower, by: int, answer: SendOutcome) -> int:
    """A message that ends as the provider answers; its permit."""
    permit = propose_sms(who, by, TEN).permit_id
    assert permit is not None
    Outbox({"sink": {"sms": ToldChannel(answer=lambda _grant: answer)}}, "test").drain(TEN)
    return permit


def report(who: Borrower, permit: int, state: str = "delivered", at: datetime = TEN, gateway: str = "sink") -> int:
    """The provider reports the message by our key and an id of its own; how many events were worked on."""
    key = f"{gateway}-{who.person}-{permit}-{state}"
    receipt = Receipt(key, f"late-{permit}", f"{who.person}-{permit}", ReceiptState(state), "", at)
    keep_arrivals(f"{gateway}/receipts", [arrival_of(receipt)], "", at)
    return work_inbox(at)


def ends(who: Borrower) -> tuple[object, ...]:
    """Delivery, failure and permit, then the contact's outcome and time."""
    (delivery,) = rows(
        "SELECT d.state, d.failure, m.state FROM delivery d JOIN permit m ON m.id = d.permit_id"
        " AND m.person_id = d.person_id WHERE d.person_id = %s",
        who.person,
    )
    contacts = rows("SELECT outcome FROM contact WHERE person_id = %s", who.person)
    return (*delivery, [outcome for (outcome,) in contacts])


def handled(who: Borrower) -> list[tuple[object, ...]]:
    """What became of the receipts of this person."""
    return rows("SELECT state, failure FROM inbox_item WHERE idempotency_key LIKE %s ORDER BY id", f"%-{who.person}-%")


@pytest.mark.parametrize(
    ("state", "outcome"), [("delivered", "delivered"), ("undelivered", "undelivered"), ("pending", "sent")]
)
def test_a_message_without_an_answer_is_settled_by_its_receipt(
    state: str, outcome: str, who: Borrower, by: int
) -> None:
    permit = sent(who, by, NO_ANSWER)
    assert ends(who) == ("unknown", "no_answer", "used", [])
    assert report(who, permit, state, TEN + 3 * MINUTE) == 1
    assert ends(who) == ("delivered", None, "used", [outcome])
    (at,) = rows("SELECT at FROM contact WHERE person_id = %s", who.person)[0]
    assert TEN <= at < TEN + MINUTE, "a contact stands at the time when it may have left, not when it was reported"
    assert rows("SELECT provider_key FROM delivery WHERE person_id = %s", who.person) == [(f"late-{permit}",)]


def test_later_receipts_of_a_settled_message_say_more_and_never_add_a_contact(who: Borrower, by: int) -> None:
    permit = sent(who, by, NO_ANSWER)
    for n, state in enumerate(("pending", "undelivered", "delivered", "pending")):
        report(who, permit, state, TEN + n * MINUTE)
    assert ends(who) == ("delivered", None, "used", ["delivered"])
    assert {state for state, _ in handled(who)} == {"done"}


def test_the_receipt_of_a_worker_that_died_waits_until_its_claim_is_given_up(who: Borrower, by: int) -> None:
    permit = propose_sms(who, by, TEN).permit_id
    assert permit is not None
    assert claim_contacts(["sink"], TEN, "a worker that dies now")
    assert report(who, permit) == 0
    assert ends(who) == ("claimed", None, "used", [])
    later = TEN + CLAIM_LOST_AFTER + MINUTE
    assert later < TEN + RECEIPT_WAITS
    assert give_up_lost_claims(later) == 1
    assert work_inbox(later) == 1
    assert ends(who) == ("delivered", None, "used", ["delivered"])


def test_what_a_person_said_about_the_outcome_is_replaced_by_the_carriers_word(who: Borrower, by: int) -> None:
    permit = sent(who, by, NO_ANSWER)
    (delivery,) = rows("SELECT id FROM delivery WHERE person_id = %s", who.person)[0]
    command = SettleUnknown(who.person, delivery, True, "sent", "与渠道商核对过", by, reference="LOG-1")
    settle_unknown(command, TEN + MINUTE)
    assert report(who, permit, "delivered", TEN + 2 * MINUTE) == 1
    assert ends(who) == ("delivered", None, "used", ["delivered"])


def test_a_report_of_what_never_left_is_put_aside_under_a_name_of_its_own(who: Borrower, by: int) -> None:
    permit = sent(who, by, REFUSED)
    assert ends(who) == ("failed", "system_busy", "released", [])
    assert report(who, permit) == 1
    assert ends(who) == ("failed", "system_busy", "released", [])
    assert handled(who) == [("refused", "contradicts_end")]


def test_what_contradicts_our_records_is_kept_once_a_word_for_a_person(who: Borrower, by: int) -> None:
    permit = sent(who, by, REFUSED)
    for n, state in enumerate(("pending", "delivered", "delivered")):
        receipt = Receipt(f"{who.person}-{n}", f"m-{n}", f"{who.person}-{permit}", ReceiptState(state), "", TEN)
        keep_arrivals("sink/receipts", [arrival_of(receipt)], "", TEN)
    assert work_inbox(TEN) == 3
    kept = rows("SELECT outcome, provider_key FROM contradiction WHERE person_id = %s ORDER BY id", who.person)
    assert kept == [("sent", "m-0"), ("delivered", "m-1")]
    (first, _) = rows("SELECT id FROM contradiction WHERE person_id = %s ORDER BY id", who.person)
    command = LookAtContradiction(who.person, first[0], "与渠道商的记录核对过", by)
    look_at_contradiction(command, TEN + MINUTE)
    with pytest.raises(NoSuchRow):
        look_at_contradiction(command, TEN + MINUTE)


@pytest.mark.parametrize(
    "changed",
    ["DELETE FROM contradiction", "UPDATE contradiction SET outcome = 'sent'", "UPDATE contradiction SET remark = 'x'"],
)
def test_what_a_provider_said_and_whoever_looked_stands(changed: str, who: Borrower, by: int) -> None:
    report(who, sent(who, by, REFUSED))
    ((first,),) = rows("SELECT id FROM contradiction WHERE person_id = %s", who.person)
    look_at_contradiction(LookAtContradiction(who.person, first, "与渠道商的记录核对过", by), TEN)
    with pytest.raises(DatabaseError), transaction.atomic(using="gate"):
        rows(f"{changed} WHERE person_id = %s", who.person)


def test_a_receipt_of_another_gateway_settles_nothing(who: Borrower, by: int) -> None:
    permit = sent(who, by, NO_ANSWER)
    report(who, permit, gateway="other")
    assert work_inbox(TEN + RECEIPT_WAITS) == 1
    assert ends(who) == ("unknown", "no_answer", "used", [])
    assert handled(who) == [("refused", "unknown_message")]


@pytest.mark.parametrize("out_id", ["", "99-99", "1-", "-1-2", "x", f"{10**18}-{10**18}", "1-2\n"])
def test_a_key_that_is_none_of_ours_settles_nothing(out_id: str, who: Borrower, by: int) -> None:
    sent(who, by, NO_ANSWER)
    receipt = Receipt(f"alien-{who.person}-", f"alien-{who.person}", out_id, ReceiptState.DELIVERED, "", TEN)
    keep_arrivals("sink/receipts", [arrival_of(receipt)], "", TEN)
    assert work_inbox(TEN) == 0
    assert work_inbox(TEN + RECEIPT_WAITS) == 1
    assert ends(who) == ("unknown", "no_answer", "used", [])


def test_an_id_that_the_provider_told_before_is_not_overruled_by_a_key(who: Borrower, by: int) -> None:
    permit = sent(who, by, Sent("told at the time"))
    report(who, permit)
    work_inbox(TEN + RECEIPT_WAITS)
    assert ends(who) == ("delivered", None, "used", ["sent"])


def test_what_a_receipt_settled_stands_in_the_log(who: Borrower, by: int) -> None:
    permit = sent(who, by, NO_ANSWER)
    report(who, permit, "delivered", TEN + timedelta(seconds=30))
    size = sequence_all(TEN + 2 * MINUTE).size
    with open_log() as log:
        found = list(check_history(log.entries(), log.notes(), log.verifiers()))
        found += list(compare(log.stored_leaves(), iter([None] * size), log.object_digest))
    assert found == []
