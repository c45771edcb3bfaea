"""Products that are broken on purpose: what each breaks, and the promise by which the auditor has to notice.

The second line in the database would refuse many of these, so its triggers rest: the auditor has to see by himself.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import connections

from simulation import mutants_of_others as others
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

TABLES = ("permit", "delivery", "contact", "decision", "lease", "campaign", "campaign_target")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken product."""

    name: str
    promise: str
    change: Callable[[Place], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Harmed:
    """A world with several harms, none of which breaks the promise of another.

    `only`: what its people do; `world`: where all of them were met the last time that somebody looked.
    """

    name: str
    only: tuple[str, ...]
    mutants: tuple[Mutant, ...] = ()
    world: int = 0


@contextmanager
def _expired_leaves(_: Place) -> Iterator[None]:
    """The outbox asks no permit for its end."""
    without = claims._DUE_OF_NONE.replace("AND m.expires_at > %(at)s", "")
    assert without != claims._DUE_OF_NONE
    with (
        patch.object(claims, "_DUE_OF_NONE", without),
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
    wins = {**receipts.REPLACES, "undelivered": ("sent", "delivered")}
    with patch.object(receipts, "REPLACES", wins):
        yield


@contextmanager
def _payment_pulls_nothing_back(_: Place) -> Iterator[None]:
    """Money arrives, and what waits leaves all the same."""
    begins = claims._DUE_OF_NONE.index("      AND NOT (m.origin = 'system'")
    ends = claims._DUE_OF_NONE.index("    ORDER BY d.due_at")
    with (
        patch.object(payments, "cancel_waiting", lambda *_: 0),
        patch.object(claims, "_DUE_OF_NONE", claims._DUE_OF_NONE[:begins] + claims._DUE_OF_NONE[ends:]),
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
def _sent_again(_: Place) -> Iterator[None]:
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


WHOLE = Harmed("whole", ())
CALM = ("promises",)  # nobody refuses, pays or dies: much is permitted
HARMED = (
    Harmed(
        "content, counts and records",
        CALM,
        (
            Mutant("a cap of thirty", "no more valid calls a day", _wrong_number),
            Mutant("the later receipt wins", "a notice told twice changes nothing", _later_receipt_wins),
            Mutant("another text", "what leaves is what was permitted", _another_text),
            Mutant("unknown is failed", "what left is not called failed", _unknown_is_failed),
            Mutant("nothing is missed", "a difference is found and named", others.nothing_is_missed),
            Mutant("no clock may differ", "nothing else is found in a file", others.no_clock_may_differ),
        ),
        world=6,
    ),
    Harmed(
        "money and campaigns",
        ("pays_part",),
        (
            Mutant("a payment pulls nothing back", "silence after words", _payment_pulls_nothing_back),
            Mutant("money without a leaf", "everything has a leaf", _money_without_leaf),
            Mutant("a fen is lost", "what was paid is applied or surplus", _a_fen_is_lost),
            Mutant("a pause is only said", "a campaign that does not run sends nothing", others.a_pause_is_only_said),
            Mutant("throttles are full", "a campaign keeps its throttle", others.throttles_are_full),
            Mutant("no reason is written", "whoever is not written to has a reason", others.refused_without_a_reason),
            Mutant("written to again", "a member's end is what happened", others.written_to_again),
        ),
        world=9,
    ),
    Harmed(
        "words, time and leases",
        ("refuses_medium",),
        (
            Mutant("words are not read", "silence after words", _words_are_not_read),
            Mutant("what has expired leaves", "a permit is valid when its message leaves", _expired_leaves),
            Mutant("time gives back", "a lease counts until it is proven that it never rang", others.time_gives_back),
            Mutant("an abandoned call is nothing", "what was reported is a contact", others.abandoned_is_nothing),
            Mutant("nobody asks", "what should not be is asked about", others.nobody_asks),
            Mutant("everybody may", "what may not be is refused", others.everybody_may),
            Mutant("once leased is leased", "a confirmation obeys what came since", others.once_leased_is_leased),
        ),
    ),
    Harmed(
        "deaths and rights",
        CALM,
        (
            Mutant("lost claims are sent again", "a permit is for one contact", _sent_again),
            Mutant("nobody has a case", "whoever may is let through", others.nobody_has_a_case),
        ),
        world=1,
    ),
)


@contextmanager
def living(harmed: Harmed, place: Place) -> Iterator[None]:
    """The broken product at work, its second line at rest."""
    with psycopg.connect(place.url, autocommit=True) as owner:
        for table in TABLES:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    with ExitStack() as harms:
        for mutant in harmed.mutants:
            harms.enter_context(mutant.change(place))
        yield
