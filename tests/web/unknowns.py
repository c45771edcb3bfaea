"""Contacts of the small book whose end nobody knows."""

from datetime import datetime, timedelta
from itertools import count

from gatework import ToldChannel
from web.book import Book
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.inbound import Receipt, ReceiptState
from zhizhi.gateways.permit import Failed, FailureKind, Unknown
from zhizhi.jobs.connecting import arrival_of
from zhizhi.jobs.outbox import Outbox
from zhizhi.store.inbox.arrivals import keep_arrivals
from zhizhi.store.models import Contradiction, Delivery, Party, Point
from zhizhi.store.transact.deliveries import cancel_expired
from zhizhi.usecases.propose_contact import ProposeContact, Proposed, propose_contact
from zhizhi.usecases.start_call import StartCall, start_call
from zhizhi.usecases.work_inbox import work_inbox

DAYS = count()  # caps count by the day: each message leaves in another week


def a_message_nobody_knows(book: Book, who: str, at: datetime) -> tuple[int, int]:
    """A message that its provider never answered for: person and delivery."""
    later = at + timedelta(days=7 * next(DAYS))
    cancel_expired(later)
    _propose(book, who, "sms", "notification", "plan-sms", "alice", later)
    silent = ToldChannel(answer=lambda _grant: Unknown("no_answer", Text("无应答", "no answer")))
    Outbox({"sink": {"sms": silent}}, "test").drain(later)
    return _latest(book.persons[who])


def a_message_that_a_receipt_contradicts(book: Book, who: str, at: datetime) -> tuple[int, int]:
    """A message that its provider refused, and then reported as delivered: person and contradiction."""
    later = at + timedelta(days=7 * next(DAYS))
    cancel_expired(later)
    permit = _propose(book, who, "sms", "notification", "plan-sms", "alice", later).permit_id
    refused = Failed(FailureKind.PERMANENT, "system_busy", Text("繁忙", "busy"))
    Outbox({"sink": {"sms": ToldChannel(answer=lambda _grant: refused)}}, "test").drain(later)
    person = book.persons[who]
    receipt = Receipt(f"r-{permit}", f"m-{permit}", f"{person}-{permit}", ReceiptState.DELIVERED, "", later)
    keep_arrivals("sink/receipts", [arrival_of(receipt)], "", later)
    assert work_inbox(later) == 1
    return person, Contradiction.objects.using("gate").filter(person_id=person).latest("id").id


def a_call_nobody_reported(book: Book, who: str, at: datetime) -> tuple[int, int]:
    """A call that was made, and whose outcome never came: person and delivery."""
    proposed = _propose(book, who, "voice", "interactive", "call-plan", "bob", at)
    assert proposed.permit_id is not None, proposed.decision
    start_call(StartCall(book.persons[who], proposed.permit_id, book.staff["bob"]), at)
    return _latest(book.persons[who])


def _propose(book: Book, who: str, channel: str, form: str, template: str, by: str, at: datetime) -> Proposed:
    person = book.persons[who]
    debtor = Party.objects.using("gate").get(person_id=person, role="debtor").id
    point = Point.objects.using("gate").get(person_id=person, party_id=debtor, kind="mobile").id
    wish = ProposeContact(person, debtor, point, channel, form, "collect", template, book.staff[by])
    proposed = propose_contact(wish, at)
    assert proposed.permit_id is not None, proposed.decision
    return proposed


def _latest(person: int) -> tuple[int, int]:
    return person, Delivery.objects.using("gate").filter(person_id=person).latest("id").id
