"""Products that are broken on purpose: what each breaks, and the promise by which the auditor has to notice.

The second line in the database would refuse many of these, so its triggers rest: the auditor has to see by himself.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import connections

from simulation.changes import PACK, PARAMETER
from simulation.place import Place
from zhizhi.gateways.permit import PermitGrant, SendOutcome
from zhizhi.jobs import outbox
from zhizhi.store import packs, snapshot
from zhizhi.store.transact import claims, payments, receipts
from zhizhi.store.transact.claims import Claimed
from zhizhi.store.transact.deliveries import Settled
from zhizhi.store.transact.payments import NewPayment
from zhizhi.usecases import record_payment

PAYS = ("pays_part",)
CALM = ("promises",)  # nobody refuses, pays or dies: much is permitted
TABLES = ("permit", "delivery", "contact", "decision")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken product."""

    name: str
    promise: str
    change: Callable[[Place], AbstractContextManager[None]]
    only: tuple[str, ...] = CALM


@contextmanager
def _nothing(_: Place) -> Iterator[None]:
    yield


@contextmanager
def _expired_leaves(_: Place) -> Iterator[None]:
    """The outbox asks no permit for its end."""
    without = claims._DUE.replace("AND m.expires_at > %(at)s", "")
    assert without != claims._DUE
    with (
        patch.object(claims, "_DUE", without),
        patch.object(outbox, "cancel_expired", lambda *_, **__: 0),
        patch("simulation.carrier.refuse_unless_valid", lambda *_, **__: None),
    ):
        yield


@contextmanager
def _wrong_number(place: Place) -> Iterator[None]:
    """Somebody typed thirty for three."""
    root, before = place.folder / "wrong", packs.PACKS_ROOT
    shutil.copytree(before, root)
    file = root / PACK.replace(".", "/") / PARAMETER
    file.write_text(file.read_text(encoding="utf-8").replace("value: 3,", "value: 30,"), encoding="utf-8")
    packs.rewrite_manifest(PACK, root)
    packs.PACKS_ROOT = root
    packs.forget_laws()
    yield
    packs.PACKS_ROOT = before
    packs.forget_laws()


@contextmanager
def _later_receipt_wins(_: Place) -> Iterator[None]:
    """A receipt that overtook another is undone by it."""
    wins = {"undelivered": ("sent", "delivered"), "delivered": ("sent", "undelivered")}
    with patch.object(receipts, "REPLACES", wins):
        yield


@contextmanager
def _payment_pulls_nothing_back(_: Place) -> Iterator[None]:
    """Money arrives, and what waits leaves all the same."""
    begins = claims._DUE.index("      AND NOT (m.origin = 'system'")
    ends = claims._DUE.index("    ORDER BY d.due_at")
    with (
        patch.object(payments, "cancel_waiting", lambda *_: 0),
        patch.object(claims, "_DUE", claims._DUE[:begins] + claims._DUE[ends:]),
    ):
        yield


@contextmanager
def _words_are_not_read(_: Place) -> Iterator[None]:
    """What people said does not reach the law."""
    with patch.object(snapshot, "_statements", lambda *_: []):
        yield


@contextmanager
def _unknown_is_failed(_: Place) -> Iterator[None]:
    """No answer is taken for no departure."""

    def settled(claimed: Claimed, outcome: SendOutcome, at: datetime) -> Settled:
        return (
            Settled(claimed, "failed", at, failure="x") if not hasattr(outcome, "parts") else real(claimed, outcome, at)
        )

    real = outbox.settled_by
    with patch.object(outbox, "settled_by", settled):
        yield


@contextmanager
def _another_text(_: Place) -> Iterator[None]:
    """A word is added between permit and departure."""

    def grant_of(claimed: Claimed) -> PermitGrant:
        return replace(real(claimed), content=replace(claimed.content, body=claimed.content.body + "！"))

    real = outbox.grant_of
    with (
        patch.object(outbox, "grant_of", grant_of),
        patch("simulation.carrier.refuse_unless_valid", lambda *_, **__: None),
    ):
        yield


@contextmanager
def _money_without_leaf(_: Place) -> Iterator[None]:
    """A payment is written and leaves no trace in the log."""
    with patch.object(payments, "add_leaves", lambda _: None):
        yield


@contextmanager
def _a_fen_is_lost(_: Place) -> Iterator[None]:
    """Of each payment a fen is not posted."""
    real = NewPayment

    def short(**values: Any) -> Any:
        return real(**{**values, "amount_minor": max(1, values["amount_minor"] - 1)})

    with patch.object(record_payment, "NewPayment", short):
        yield


@contextmanager
def _lost_claims_are_sent_again(_: Place) -> Iterator[None]:
    """A worker died: its messages are queued once more."""

    def again(_at: datetime) -> int:
        with connections["gate"].cursor() as cursor:
            cursor.execute("UPDATE permit SET state = 'open', expires_at = expires_at + interval '1 day'"
                           " FROM delivery d WHERE d.permit_id = permit.id AND d.state IN ('unknown', 'claimed')"
                           " AND d.gateway = 'sink'")  # fmt: skip
            cursor.execute("UPDATE delivery SET state = 'waiting' WHERE state IN ('unknown', 'claimed')"
                           " AND gateway = 'sink'")  # fmt: skip
        return 0

    with patch("simulation.office.give_up_lost_claims", again):
        yield


UNHARMED = Mutant("unharmed", "", _nothing, ())
MUTANTS = (
    Mutant("what has expired leaves", "a permit is valid when its message leaves", _expired_leaves),
    Mutant("a cap of thirty", "no more valid calls a day", _wrong_number),
    Mutant("the later receipt wins", "a notice told twice changes nothing", _later_receipt_wins),
    Mutant("a payment pulls nothing back", "silence after words", _payment_pulls_nothing_back, PAYS),
    Mutant("words are not read", "silence after words", _words_are_not_read, ("refuses_medium",)),
    Mutant("unknown is failed", "what left is not called failed", _unknown_is_failed),
    Mutant("another text", "what leaves is what was permitted", _another_text),
    Mutant("money without a leaf", "everything has a leaf", _money_without_leaf, PAYS),
    Mutant("a fen is lost", "what was paid is applied or surplus", _a_fen_is_lost, PAYS),
    Mutant("lost claims are sent again", "a permit is for one contact", _lost_claims_are_sent_again),
)


@contextmanager
def living(mutant: Mutant, place: Place) -> Iterator[None]:
    """The broken product at work, its second line at rest."""
    with psycopg.connect(place.url, autocommit=True) as owner:
        for table in TABLES:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    with mutant.change(place):
        yield
