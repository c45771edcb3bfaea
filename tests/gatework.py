"""What tests of the gate do over and over: propose, call, deliver through a channel that answers as told."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import psycopg
from django.db import connections

from book import Borrower
from zhizhi.core.kernel.content import Content
from zhizhi.core.kernel.instants import BEIJING
from zhizhi.gateways.objects.folder import FolderObjects
from zhizhi.gateways.permit import PermitGrant, SendOutcome, Sent
from zhizhi.store import channels, objects
from zhizhi.store.recordings.keeping import keep_recording
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.gate import Decided, PermitTerms
from zhizhi.store.transact.live_calls import EndedCall, end_call, note_stage, take_calls
from zhizhi.usecases.claim_contacts import claim_contacts
from zhizhi.usecases.place_call import PlaceCall, place_call
from zhizhi.usecases.propose_contact import ProposeContact, Proposed, propose_contact
from zhizhi.usecases.start_call import RecordOutcome, StartCall, record_outcome, start_call

TEN = datetime(2026, 3, 2, 10, 0, tzinfo=BEIJING)
MINUTE = timedelta(minutes=1)


def propose_call(who: Borrower, by: int, at: datetime) -> Proposed:
    """Somebody at a desk wants to call."""
    return propose_contact(
        ProposeContact(who.person, who.party, who.mobile, "voice", "interactive", "collect", "call-plan", by), at
    )


def propose_sms(who: Borrower, by: int, at: datetime) -> Proposed:
    """Somebody at a desk wants to send an SMS."""
    return propose_contact(
        ProposeContact(who.person, who.party, who.mobile, "sms", "notification", "collect", "plan-sms", by), at
    )


def talk(who: Borrower, by: int, at: datetime, seconds: int = 60) -> int:
    """A whole call with a conversation; answers the permit."""
    permit = propose_call(who, by, at).permit_id
    assert permit is not None
    start_call(StartCall(who.person, permit, by), at)
    record_outcome(
        RecordOutcome(who.person, permit, "conversation", 5, "answered", seconds, True, True, by),
        at + timedelta(seconds=seconds + 10),
    )
    return permit


@dataclass
class ToldChannel:
    """A channel that answers what the test tells it, and remembers every grant: the test's own peer."""

    channel: str = "sms"
    answer: Callable[[PermitGrant], SendOutcome] = lambda grant: Sent(f"m-{grant.person_id}-{grant.permit_id}")
    sent: list[PermitGrant] = field(default_factory=list)

    def send(self, grant: PermitGrant, at: datetime) -> SendOutcome:
        """Answer as told."""
        del at
        self.sent.append(grant)
        return self.answer(grant)


def recorded_call(who: Borrower, by: int, at: datetime, kept: Path) -> None:
    """A call of the system's own as its keeper writes it, with a recording; no telephone rings."""
    channels.install({"sms": "sink", "voice": channels.SIP})
    objects.install(FolderObjects(kept))
    permit = propose_call(who, by, at).permit_id
    assert permit is not None
    place_call(PlaceCall(who.person, permit, by), at)
    call = next(call for call in take_calls("test", at, 50) if call.permit_id == permit)
    claim_contacts([channels.SIP], at, f"u{by}", only=(call.person_id, call.delivery_id))
    note_stage(call, "placed", at)
    note_stage(call, "talks", at + timedelta(seconds=4))
    recording = keep_recording(who.person, [b"RIFF", b"sound"], 30)
    end_call(EndedCall(call, at + MINUTE, "limit", "connected", "answered", 4, 30, recording=recording))
    channels.install({"sms": "sink", "email": "sink", "voice": "manual"})


T = TypeVar("T")


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run jobs in threads that start together, each on connections of its own; answers or exceptions in order."""
    gate = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T | Exception:
        try:
            connections["gate"].ensure_connection()
            gate.wait()
            return job()
        except Exception as error:  # the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def refused_by_database(login: psycopg.Connection[tuple[object, ...]], sql: str, *values: object) -> str:
    """Try a statement as somebody; answers the SQLSTATE class name of the refusal. Fails where it went through."""
    try:
        with login.transaction(force_rollback=True):
            done = login.execute(sql, values)
            assert done.rowcount != 0, f"nothing was there to be changed: {sql}"
    except psycopg.Error as refused:
        return type(refused).__name__
    raise AssertionError(f"the database let it through: {sql}")


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows as the gate sees them."""
    with connections["gate"].cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def decided(who: Borrower, data_key: bytes | None = None) -> Decided:
    """A message that the law permits, on the facts as they stand."""
    facts = load_facts([who.person], TEN)[who.person]
    proposed = {"at": TEN.isoformat(), "channel": "sms", "party": f"p{who.party}", "point": f"m{who.mobile}"}
    proposed |= {"form": "notification", "purpose": "collect"}
    body: dict[str, Any] = {
        "verdict": "permit", "reasons": [], "hold_for": None, "next_permitted_at": None, "must_end_by": None,
        "budgets": [], "packs": [], "engine": "test",
    }  # fmt: skip
    return Decided(
        person_id=who.person,
        version=facts.version,
        subject=facts.subject,
        lender_id=facts.lender_id,
        at=TEN,
        channel="sms",
        facts={"proposed": proposed, "collector": {"id": facts.lender}},
        body=body,
        by="u1",
        run_id=None,
        terms=PermitTerms(
            party_id=who.party,
            point_id=who.mobile,
            form="notification",
            purpose="collect",
            debts=(),
            collector=facts.lender,
            template_version_id=None,
            content=Content("测试"),
            not_before=TEN,
            expires_at=TEN + timedelta(minutes=5),
            must_end_by=None,
            origin="system",
            gateway="sink",
            data_key=data_key,
        ),
    )
