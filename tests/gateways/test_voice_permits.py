"""From the click to the log: a permitted call is placed, ended at the limit of the law, recorded, stored and proven."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gateways.calls import closed
from gateways.phones import (
    DESK_TONE,
    LINE_TONE,
    LOUDNESS,
    Phone,
    heard_in_wav,
    needs_engine,
    phone,
    settings_for,
    strength,
)
from gatework import TEN, propose_call, rows
from zhizhi.core.evidence.fsck import compare
from zhizhi.gateways.objects.folder import FolderObjects
from zhizhi.gateways.voice.channel import VoiceChannel
from zhizhi.jobs.keeping_call import Keeper, Surroundings
from zhizhi.store import channels, objects
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.models import Lender
from zhizhi.store.recordings.reads import load_recording, open_recording
from zhizhi.store.transact.live_calls import take_calls
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.place_call import PlaceCall, place_call
from zhizhi.usecases.start_call import RecordOutcome, record_outcome

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1, 1000))
LATE = TEN.replace(hour=21, minute=59, second=54)
KEEPER = "test"


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    channels.install({"sms": "sink", "voice": "sip"})
    return make_lender()


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return make_staff("limin", "collector", lender, 50).pk


@pytest.fixture
def who(lender: Lender) -> Borrower:
    return make_borrower(lender, next(NUMBERS))


class Floor:
    """One keeper's surroundings, whose clock begins at an instant of the test and runs with the real one."""

    def __init__(self, tmp_path: Path, begins: datetime, *, desk: int, line: int) -> None:
        started = time.monotonic()
        self.settings = settings_for(tmp_path / "spool", desk=desk, line=line)
        self.store = FolderObjects(tmp_path / "objects")
        objects.install(self.store)
        self.around = Surroundings(
            VoiceChannel(self.settings),
            self.settings.spool,
            lambda: begins + timedelta(seconds=time.monotonic() - started),
            time.monotonic,
            threading.Event(),
        )

    def now(self) -> datetime:
        return self.around.wall()

    def ask(self, who: Borrower, by: int) -> int:
        """Propose and click; answers the permit."""
        permit = propose_call(who, by, self.now()).permit_id
        assert permit is not None
        place_call(PlaceCall(who.person, permit, by), self.now())
        return permit

    def keep(self) -> None:
        """Keep the one call that was asked for, in this thread."""
        (call,) = take_calls(KEEPER, self.now(), 5)
        Keeper(call, self.around)._keep()


@contextmanager
def floor(tmp_path: Path, who: Borrower, begins: datetime, **line: object) -> Iterator[tuple[Floor, Phone]]:
    needs_engine()
    with (
        phone(tmp_path / "desk", "limin", DESK_TONE) as desk,
        phone(tmp_path / "line", who.number, LINE_TONE, **line) as other,  # type: ignore[arg-type]  # seconds, answers
    ):
        yield Floor(tmp_path, begins, desk=desk.port, line=other.port), other


def call_row(who: Borrower) -> tuple[object, ...]:
    return rows(
        "SELECT state, ended_because, outcome, talk_seconds, recording_failure FROM live_call WHERE person_id = %s",
        who.person,
    )[0]


def delivery(who: Borrower) -> tuple[object, ...]:
    """Delivery, permit, and the outcome of the contact."""
    return rows(
        "SELECT d.state, m.state, (SELECT c.outcome FROM contact c WHERE c.permit_id = m.id) FROM delivery d"
        " JOIN permit m ON m.person_id = d.person_id AND m.id = d.permit_id WHERE d.person_id = %s",
        who.person,
    )[0]


def findings() -> list[str]:
    """What the checker of the log finds, recordings read again."""
    sequence_all(TEN)
    with open_log() as log:
        stored = list(log.stored_leaves())
        return [finding.code for finding in compare(stored, [None] * len(stored), log.object_digest)]


def test_a_permitted_call_is_over_at_the_limit_of_the_law_and_its_recording_is_proven(
    tmp_path: Path, who: Borrower, by: int
) -> None:
    with floor(tmp_path, who, LATE) as (here, line):
        permit = here.ask(who, by)
        here.keep()
        assert closed(line)
        assert LATE.replace(second=58) < here.now() < LATE.replace(second=0) + timedelta(minutes=1)
    assert call_row(who)[:3] == ("ended", "limit", "connected")
    assert delivery(who) == ("claimed", "used", None)  # the desk is still to say what came of it

    record_outcome(RecordOutcome(who.person, permit, "conversation", None, None, None, True, True, by), here.now())
    assert delivery(who) == ("delivered", "used", "conversation")
    ((talked, said_by),) = rows("SELECT talk_seconds, staff_id FROM contact WHERE person_id = %s", who.person)
    assert 1 <= talked <= 5  # as the engine measured it, whatever the desk says
    assert said_by == by

    stored = load_recording(who.person, permit)
    assert stored is not None
    played = b"".join(open_recording(stored))
    assert hashlib.sha256(played).hexdigest() == stored.sha256
    left, right = heard_in_wav(played)
    assert strength(left, DESK_TONE) > 0.5 * LOUDNESS > 0.05 * LOUDNESS > strength(left, LINE_TONE)
    assert strength(right, LINE_TONE) > 0.5 * LOUDNESS > 0.05 * LOUDNESS > strength(right, DESK_TONE)
    assert not list((tmp_path / "spool").iterdir())  # nothing stays in the clear
    at_rest = next(path for path in (tmp_path / "objects").rglob("*") if path.is_file())
    assert b"RIFF" not in at_rest.read_bytes()

    assert findings() == []
    octets = bytearray(at_rest.read_bytes())
    octets[len(octets) // 2] ^= 1
    at_rest.write_bytes(octets)
    assert findings() == ["altered_object"]
    at_rest.unlink()
    assert findings() == ["missing_object"]
