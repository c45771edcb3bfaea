"""From the click to the log: a permitted call is placed, ended at the limit of the law, recorded, stored and proven."""

import hashlib
import json
import multiprocessing
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from django.db import connections

from book import Borrower, make_borrower, make_lender, make_staff
from gateways.calls import closed
from gateways.phones import (
    DESK_TONE,
    LINE_TONE,
    LOUDNESS,
    Phone,
    answering,
    heard_in_wav,
    needs_engine,
    phone,
    settings_for,
    strength,
)
from gatework import TEN, propose_call, refused_by_database, rows
from outbound import LINE, stand
from zhizhi.config.databases import GATE_LOGIN
from zhizhi.core.evidence.fsck import compare
from zhizhi.gateways.objects.folder import FolderObjects
from zhizhi.gateways.voice.channel import VoiceChannel
from zhizhi.jobs import keeping_call
from zhizhi.jobs.keeping_call import Keeper, Surroundings
from zhizhi.jobs.voice import Switchboard
from zhizhi.ops.recording import recording
from zhizhi.store import channels, objects
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.models import Lender
from zhizhi.store.recordings.reads import load_recording, open_recording
from zhizhi.store.settlements.rows import Proof
from zhizhi.store.snapshot import load_facts
from zhizhi.store.transact.deliveries import settle_by_hand
from zhizhi.store.transact.live_calls import TakenCall, calls_of, note_stage, take_calls
from zhizhi.store.transact.person import NoSuchRow
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.claim_contacts import claim_contacts
from zhizhi.usecases.place_call import REPORT_WITHIN, HangUp, PlaceCall, hang_up, place_call, settle_unreported
from zhizhi.usecases.record_statement import RecordStatement, record_statement
from zhizhi.usecases.refused import UseCaseRefused
from zhizhi.usecases.start_call import RecordOutcome, record_outcome

pytestmark = pytest.mark.usefixtures("store")
NUMBERS = iter(range(1, 1000))
LATE = TEN.replace(hour=21, minute=59, second=50)
KEEPER = "test"
Login = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the recordings of the module lie."""
    return tmp_path_factory.mktemp("objects")


@pytest.fixture(scope="module")
def lender(store: str, kept: Path) -> Lender:
    channels.install({"sms": "sink", "voice": "sip"})
    objects.install(FolderObjects(kept))
    return make_lender()


@pytest.fixture(scope="module")
def registered(lender: Lender) -> Lender:
    """Another lender, which keeps a register of its outbound numbers."""
    registered = make_lender("R1")
    stand(registered, TEN)
    return registered


@pytest.fixture(scope="module")
def by(lender: Lender) -> int:
    return make_staff("limin", "collector", lender, 50).pk


@pytest.fixture(scope="module")
def gate(store: str) -> Iterator[Login]:
    with psycopg.connect(store, user=GATE_LOGIN, autocommit=True) as connection:
        yield connection


@pytest.fixture
def who(lender: Lender) -> Borrower:
    return make_borrower(lender, next(NUMBERS))


class Floor:
    """One keeper's surroundings."""

    def __init__(self, tmp_path: Path, begins: datetime, *, desk: int, line: int, **changes: object) -> None:
        self.begins = begins
        self.begun_at: float | None = None
        self.settings = settings_for(tmp_path / "spool", desk=desk, line=line, **changes)
        self.around = Surroundings(
            VoiceChannel(self.settings),
            self.settings.spool,
            self.now,
            time.monotonic,
            threading.Event(),
        )

    def now(self) -> datetime:
        """The clock of the test: it stands until a call is taken, whatever proposing takes, and runs from then on."""
        if self.begun_at is None:
            return self.begins
        return self.begins + timedelta(seconds=time.monotonic() - self.begun_at)

    def ask(self, who: Borrower, by: int) -> int:
        """Propose and click; answers the permit."""
        permit = propose_call(who, by, self.now()).permit_id
        assert permit is not None
        place_call(PlaceCall(who.person, permit, by), self.now())
        return permit

    def take(self, who: Borrower) -> TakenCall:
        """Take the call of a person."""
        self.begun_at = self.begun_at or time.monotonic()
        return next(call for call in take_calls(KEEPER, self.now(), 50) if call.person_id == who.person)

    def keep(self, who: Borrower) -> None:
        """Keep the call of a person, in this thread."""
        Keeper(self.take(who), self.around)._keep()


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


def told(words: list[str]) -> tuple[int, dict[str, Any]]:
    """What `zhizhi recording` answers, and how it ends."""
    result = CliRunner().invoke(recording, words)
    return result.exit_code, json.loads(result.output)


def wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def findings() -> list[str]:
    """What the checker of the log finds, recordings read again."""
    sequence_all(TEN)
    with open_log() as log:
        stored = list(log.stored_leaves())
        return [finding.code for finding in compare(stored, [None] * len(stored), log.object_digest)]


def test_a_permitted_call_is_over_at_the_limit_of_the_law_and_its_recording_is_proven(
    tmp_path: Path, who: Borrower, by: int, kept: Path
) -> None:
    with floor(tmp_path, who, LATE) as (here, line):
        permit = here.ask(who, by)
        here.keep(who)
        assert closed(line)
        assert LATE.replace(second=58) < here.now()
    assert call_row(who)[:3] == ("ended", "limit", "connected")
    assert delivery(who) == ("claimed", "used", None)  # the desk is still to say what came of it

    record_outcome(RecordOutcome(who.person, permit, "conversation", None, None, None, True, True, by), here.now())
    assert delivery(who) == ("delivered", "used", "conversation")
    ((talked, said_by),) = rows("SELECT talk_seconds, staff_id FROM contact WHERE person_id = %s", who.person)
    assert (
        1 <= talked < 10
    )  # between its ten seconds before the hour, and as the engine measured it, whatever the desk says
    assert said_by == by

    stored = load_recording(who.person, permit)
    assert stored is not None
    played = b"".join(open_recording(stored))
    assert hashlib.sha256(played).hexdigest() == stored.sha256
    left, right = heard_in_wav(played)
    assert strength(left, DESK_TONE) > 0.5 * LOUDNESS > 0.05 * LOUDNESS > strength(left, LINE_TONE)
    assert strength(right, LINE_TONE) > 0.5 * LOUDNESS > 0.05 * LOUDNESS > strength(right, DESK_TONE)
    assert not list((tmp_path / "spool").iterdir())  # nothing stays in the clear
    at_rest = next(path for path in kept.rglob("*") if path.is_file())
    whole = at_rest.read_bytes()
    assert b"RIFF" not in whole

    assert findings() == []
    wav = tmp_path / "call.wav"
    assert told(["export", str(who.person), str(permit), str(wav)])[0] == 0
    assert wav.read_bytes() == played
    code, report = told(["verify", str(who.person), str(permit)])
    assert (code, report["valid"], report["sha256"], report["signed"]) == (0, True, stored.sha256, True)
    assert report["keep_until"] == "2026-04-01"  # thirty days, as an operator of a call centre

    octets = bytearray(whole)
    octets[len(octets) // 2] ^= 1
    at_rest.write_bytes(octets)
    assert findings() == ["altered_object"]
    assert told(["verify", str(who.person), str(permit)])[0] == 1
    at_rest.unlink()
    assert findings() == ["missing_object"]
    at_rest.write_bytes(whole)


def test_a_busy_line_is_a_contact_at_once(tmp_path: Path, who: Borrower, by: int) -> None:
    needs_engine()
    with phone(tmp_path / "desk", "limin", DESK_TONE) as desk, answering(tmp_path / "line", "486 Busy Here") as line:
        here = Floor(tmp_path, TEN, desk=desk.port, line=line)
        here.ask(who, by)
        here.keep(who)
    assert call_row(who) == ("ended", "line_refused", "busy", None, None)
    assert delivery(who) == ("delivered", "used", "busy")
    assert load_facts([who.person], TEN)[who.person].document["events"][-1]["line_result"] == "busy"


def test_a_desk_that_is_not_picked_up_uses_no_permit(tmp_path: Path, who: Borrower, by: int) -> None:
    needs_engine()
    with phone(tmp_path / "desk", "limin", DESK_TONE, answers="manual") as desk:
        here = Floor(tmp_path, TEN, desk=desk.port, line=1, desk_seconds=0.5)
        here.ask(who, by)
        here.keep(who)
    assert call_row(who)[:2] == ("ended", "desk_no_answer")
    assert delivery(who) == ("waiting", "open", None)


@pytest.mark.parametrize(
    ("shows", "ended"),
    [("", ("ended", "number_falls")), ("01099999999", ("ended", "number_falls")), (LINE, ("ended", "line_refused"))],
)
def test_only_a_line_that_shows_a_number_of_the_register_is_dialled(
    tmp_path: Path, registered: Lender, shows: str, ended: tuple[str, str]
) -> None:
    needs_engine()
    by, who = make_staff(f"hai{next(NUMBERS)}", "collector", registered, 50), make_borrower(registered, next(NUMBERS))
    with phone(tmp_path / "desk", by.login, DESK_TONE) as desk, answering(tmp_path / "line", "486 Busy Here") as line:
        here = Floor(tmp_path, TEN, desk=desk.port, line=line, shows=shows)
        here.ask(who, by.pk)
        here.keep(who)
    assert call_row(who)[:2] == ended
    is_dialled = shows == LINE
    assert delivery(who) == (("delivered", "used", "busy") if is_dialled else ("waiting", "open", None))
    assert rows("SELECT count(*) FROM outbound_call WHERE person_id = %s", who.person) == [(int(is_dialled),)]


def test_what_is_said_while_the_desk_rings_beats_the_permit(tmp_path: Path, who: Borrower, by: int) -> None:
    with floor(tmp_path, who, TEN) as (here, line):
        here.ask(who, by)
        record_statement(RecordStatement(who.person, who.party, "claims_paid", {}, by), here.now())
        here.keep(who)
        assert not line.events(0.1)
    assert call_row(who)[:2] == ("ended", "permit_over")
    assert delivery(who) == ("cancelled", "released", None)


def test_the_desk_hangs_up_on_the_screen_and_says_nothing_more(tmp_path: Path, who: Borrower, by: int) -> None:
    with floor(tmp_path, who, TEN) as (here, line):
        permit = here.ask(who, by)
        call = here.take(who)
        keeping = threading.Thread(target=Keeper(call, here.around).keep)
        keeping.start()
        wait_for(lambda: call_row(who)[0] == "talks")
        with pytest.raises(UseCaseRefused, match="ended already"):
            hang_up(HangUp(who.person, permit, by + 1), here.now())
        hang_up(HangUp(who.person, permit, by), here.now())
        keeping.join()
        assert closed(line)
    assert call_row(who)[:3] == ("ended", "asked", "connected")
    assert settle_unreported(here.now()) == 0
    assert settle_unreported(here.now() + REPORT_WITHIN) == 1
    assert delivery(who) == ("delivered", "used", "connected")


def test_a_recording_that_stops_ends_the_call_where_a_rule_asks_for_it(tmp_path: Path, who: Borrower, by: int) -> None:
    with floor(tmp_path, who, TEN) as (here, line):
        here.ask(who, by)
        call = here.take(who)
        assert call.must_record
        keeping = threading.Thread(target=Keeper(call, here.around).keep)
        keeping.start()
        wait_for(lambda: call_row(who)[0] == "talks")
        shutil.rmtree(here.settings.spool / f"{call.person_id}-{call.call_id}" / "recordings")
        keeping.join()
        assert closed(line)
    state, because, _, talked, failure = call_row(who)
    assert (state, because, failure) == ("ended", "recorder_stopped", "recorder_stopped")
    assert talked is not None
    assert delivery(who)[0] == "claimed"


class TestAKeeperDied:
    """What it wrote, and what was recorded, settle its calls at the next start."""

    def test_before_the_line_was_placed(self, tmp_path: Path, who: Borrower, by: int) -> None:
        here = Floor(tmp_path, TEN, desk=1, line=1)
        here.ask(who, by)
        here.take(who)
        self.starts_again(here)
        assert call_row(who)[:3] == ("ended", "keeper_lost", None)
        assert delivery(who) == ("waiting", "open", None)

    def test_between_the_permit_and_the_number(self, tmp_path: Path, who: Borrower, by: int) -> None:
        here = Floor(tmp_path, TEN, desk=1, line=1)
        here.ask(who, by)
        call = here.take(who)
        claim_contacts(["sip"], here.now(), f"u{by}", only=(call.person_id, call.delivery_id))
        self.starts_again(here)
        assert delivery(who) == ("failed", "released", None)

    def test_after_the_number_was_dialled_nobody_knows(self, tmp_path: Path, who: Borrower, by: int) -> None:
        here = Floor(tmp_path, TEN, desk=1, line=1)
        here.ask(who, by)
        call = here.take(who)
        claim_contacts(["sip"], here.now(), f"u{by}", only=(call.person_id, call.delivery_id))
        note_stage(call, "placed", here.now())
        self.starts_again(here)
        assert delivery(who) == ("unknown", "used", None)

    def test_during_the_talk(self, tmp_path: Path, who: Borrower, by: int) -> None:
        with floor(tmp_path, who, TEN) as (here, line):
            permit = here.ask(who, by)
            call = here.take(who)
            connections.close_all()  # a process shares none with its child
            keeper = multiprocessing.get_context("fork").Process(target=Keeper(call, here.around).keep)
            keeper.start()
            wait_for(lambda: call_row(who)[0] == "talks")
            time.sleep(1.0)  # so much is said
            keeper.kill()
            keeper.join()
            assert closed(line)  # with a BYE, though nobody told the engine
            assert delivery(who) == ("claimed", "used", None)
            self.starts_again(here)
        assert call_row(who)[:3] == ("ended", "keeper_lost", "connected")
        stored = load_recording(who.person, permit)
        assert stored is not None
        assert stored.seconds == call_row(who)[3]
        assert 1 <= stored.seconds <= 20
        _, right = heard_in_wav(b"".join(open_recording(stored)))
        assert strength(right, LINE_TONE) > 0.5 * LOUDNESS
        assert findings() == []
        assert not list(here.settings.spool.iterdir())

    def starts_again(self, here: Floor) -> None:
        assert Switchboard(here.around, KEEPER).settle_left_behind() == 1
        assert calls_of(KEEPER) == []


def test_a_click_that_nobody_took_up_is_stale(tmp_path: Path, who: Borrower, by: int) -> None:
    here = Floor(tmp_path, TEN, desk=1, line=1)
    here.ask(who, by)
    assert take_calls(KEEPER, here.now() + timedelta(minutes=2), 5) == []
    assert call_row(who)[:2] == ("ended", "not_taken")


def test_a_store_that_takes_nothing_leaves_the_recording_in_the_spool(
    tmp_path: Path, who: Borrower, by: int, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping_call, "PAUSE_SECONDS", 0.01)
    (tmp_path / "objects").write_text("no folder")
    objects.install(FolderObjects(tmp_path / "objects"))
    with floor(tmp_path, who, LATE) as (here, _):
        here.ask(who, by)
        here.keep(who)
    objects.install(FolderObjects(kept))
    assert call_row(who)[4] == "not_stored"
    assert list(here.settings.spool.rglob("dump-*.wav"))


def test_nobody_gives_a_permit_back_whose_call_may_be_on(tmp_path: Path, who: Borrower, by: int) -> None:
    here = Floor(tmp_path, TEN, desk=1, line=1)
    here.ask(who, by)
    call = here.take(who)
    claim_contacts(["sip"], here.now(), f"u{by}", only=(call.person_id, call.delivery_id))
    with pytest.raises(NoSuchRow):
        settle_by_hand(
            call.person_id,
            call.delivery_id,
            left=False,
            outcome=None,
            proof=Proof("the line says so", reference="R1"),
            at=here.now(),
            by=by + 1,
        )
    assert delivery(who) == ("claimed", "used", None)


class TestWrongCodeBesideTheKeeper:
    def test_cannot_place_a_call_without_a_permit_in_use(
        self, tmp_path: Path, who: Borrower, by: int, gate: Login
    ) -> None:
        here = Floor(tmp_path, TEN, desk=1, line=1)
        here.ask(who, by)
        place = "UPDATE live_call SET state = 'placed', placed_at = now() WHERE person_id = %s"
        assert refused_by_database(gate, place, who.person) == "RestrictViolation"

    def test_cannot_change_what_ended(self, tmp_path: Path, who: Borrower, by: int, gate: Login) -> None:
        here = Floor(tmp_path, TEN, desk=1, line=1)
        here.ask(who, by)
        take_calls(KEEPER, here.now() + timedelta(minutes=2), 5)
        again = "UPDATE live_call SET talk_seconds = 1 WHERE person_id = %s"
        assert refused_by_database(gate, again, who.person) == "RestrictViolation"
        assert refused_by_database(gate, "DELETE FROM live_call WHERE person_id = %s", who.person) == (
            "InsufficientPrivilege"
        )
