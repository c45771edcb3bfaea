"""A recording is kept as long as the law asks and no longer; wherever a process dies, it is whole or it is gone."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest

from book import Borrower, make_borrower, make_lender, make_staff
from gatework import TEN, recorded_call, refused_by_database, rows
from zhizhi.core.evidence.fsck import Finding, check_history, compare
from zhizhi.core.kernel.clocks import ClockState
from zhizhi.core.kernel.days import add_years
from zhizhi.gateways.objects.folder import FolderObjects
from zhizhi.store import objects
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.models import Lender
from zhizhi.store.operations import clock_guard
from zhizhi.store.operations.clock_guard import ClockNotTrusted
from zhizhi.store.recordings import erasing
from zhizhi.store.recordings.proof import verify_recording
from zhizhi.store.recordings.reads import StoredRecording, load_recording
from zhizhi.store.recordings.strays import STRAY_KEPT_FOR, erase_strays, stray_objects
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.erase_recordings import erase_recordings
from zhizhi.usecases.set_stop import LiftStop, SetStop, lift_stop, set_stop

pytestmark = pytest.mark.usefixtures("store")
BEIJING = ZoneInfo("Asia/Shanghai")
CLOSED_ON = TEN.date() + timedelta(days=40)
LAST_DAY = add_years(CLOSED_ON, 5)  # collection records of consumer finance and of the house


def midnight(day: date) -> datetime:
    """When a civil day of the lender begins."""
    return datetime.combine(day, datetime.min.time(), BEIJING)


class Kept:
    """A lender, somebody who records, and the folder of the recordings."""

    def __init__(self, lender: Lender, store: str, folder: Path) -> None:
        self._lender, self._store, self.folder = lender, store, folder
        self.by = make_staff("recorder", "supervisor", lender, 50).pk
        self._n = 100

    def call(self, *, closed: bool = True) -> tuple[Borrower, StoredRecording]:
        """A recorded call of a new person, whose case is closed afterwards."""
        self._n += 1
        who = make_borrower(self._lender, self._n, due_on=TEN.date() - timedelta(days=14))
        self.sql(
            "INSERT INTO collection_case (person_id, id, number, lender_id, team, stage, is_lost_contact,"
            " days_past_due, balance_minor, currency, product, masked, opened_on, aged_on, assigned_because)"
            " VALUES (%s, %s, %s, %s, '', 'early', false, 14, 1, 'CNY', 'instalment_loan', '', %s, %s, '')",
            who.person, -self._n, f"E{self._n}", self._lender.pk, TEN.date(), TEN.date(),
        )  # fmt: skip
        recorded_call(who, self.by, TEN, self.folder)
        if closed:
            self.close(who)
        permit = rows("SELECT permit_id FROM recording WHERE person_id = %s", who.person)[0][0]
        stored = load_recording(who.person, permit)
        assert stored is not None
        return who, stored

    def close(self, who: Borrower, how: str = "settled") -> None:
        self.sql(
            "UPDATE collection_case SET closed_on = %s, exit = %s WHERE person_id = %s", CLOSED_ON, how, who.person
        )
        if how == "settled":
            self.sql("UPDATE debt SET state = 'settled', balance_minor = 0 WHERE person_id = %s", who.person)

    def sql(self, statement: str, *values: object) -> None:
        with psycopg.connect(self._store, autocommit=True) as owner:
            owner.execute(statement, values)

    def lies(self, stored: StoredRecording) -> bool:
        return objects.objects().digest(stored.object_name) is not None


@pytest.fixture(scope="module")
def kept(store: str, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(make_lender(), store, tmp_path_factory.mktemp("objects"))


@pytest.fixture(autouse=True)
def folder(kept: Kept) -> None:
    objects.install(FolderObjects(kept.folder))


def findings() -> list[Finding]:
    """As `zhizhi evidence fsck`."""
    sequence_all(TEN)
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        found = list(check_history(log.entries(), log.notes(), log.verifiers()))
        return found + list(compare(log.stored_leaves(), iter([None] * size), log.object_digest))


def test_it_is_there_through_its_last_day_and_gone_on_the_next(kept: Kept) -> None:
    who, stored = kept.call()
    erase_recordings(midnight(LAST_DAY + timedelta(days=1)) - timedelta(seconds=1))
    assert kept.lies(stored)
    assert verify_recording(stored).fault is None
    erase_recordings(midnight(LAST_DAY + timedelta(days=1)))
    assert not kept.lies(stored)
    leaves = rows(
        "SELECT kind FROM leaf WHERE source_person_id = %s AND source_table = 'recording_erasure'", who.person
    )
    assert leaves == [("erasure",)]
    salts = "SELECT count(*) FROM salt s JOIN leaf l ON l.id = s.leaf_id WHERE l.source_table = %s AND l.source_id = %s"
    assert rows(salts, "recording", stored.recording_id) == [(0,)]


def test_the_log_stays_whole_and_fsck_says_when_it_was_erased(kept: Kept) -> None:
    _, stored = kept.call()
    erase_recordings(midnight(LAST_DAY + timedelta(days=1)))
    found = findings()
    assert [one for one in found if one.is_fault] == []
    told = [one.text.en for one in found if one.code == "erased_object"]
    assert f"the recording's time ended; erased on {LAST_DAY + timedelta(days=1)}" in told
    fault = verify_recording(stored).fault
    assert fault is not None
    assert str(LAST_DAY + timedelta(days=1)) in fault.en


def test_a_recording_that_vanishes_without_an_erasure_is_missing(kept: Kept) -> None:
    _, stored = kept.call(closed=False)
    body = b"".join(objects.objects().open(stored.object_name))
    objects.objects().remove(stored.object_name)
    try:
        assert "missing_object" in {one.code for one in findings() if one.is_fault}
    finally:
        objects.objects().put(stored.object_name, [body])


def test_an_erasure_that_somebody_only_writes_into_the_database_hides_nothing(kept: Kept) -> None:
    who, stored = kept.call(closed=False)
    kept.sql(
        "INSERT INTO recording_erasure (person_id, id, recording_id, object_name, kept_until, rule, erased_on,"
        " decided_at) VALUES (%s, -1, %s, %s, '2020-01-01', 'X', '2020-01-02', now())",
        who.person, stored.recording_id, stored.object_name,
    )  # fmt: skip
    body = b"".join(objects.objects().open(stored.object_name))
    objects.objects().remove(stored.object_name)
    try:
        assert "missing_object" in {one.code for one in findings() if one.is_fault}
    finally:
        objects.objects().put(stored.object_name, [body])
        kept.sql("ALTER TABLE recording_erasure DISABLE TRIGGER erasure_stands")
        kept.sql("DELETE FROM recording_erasure WHERE id = -1")
        kept.sql("ALTER TABLE recording_erasure ENABLE TRIGGER erasure_stands")


def test_an_erasure_that_somebody_alters_is_found_at_its_leaf(kept: Kept) -> None:
    _, stored = kept.call()
    erase_recordings(midnight(LAST_DAY + timedelta(days=1)))
    kept.sql("ALTER TABLE recording_erasure DISABLE TRIGGER erasure_stands")
    change = "UPDATE recording_erasure SET kept_until = kept_until + %s WHERE recording_id = %s"
    try:
        kept.sql(change, -1, stored.recording_id)
        assert [one.code for one in findings() if one.is_fault] == ["altered_row"]
    finally:
        kept.sql(change, 1, stored.recording_id)
        kept.sql("ALTER TABLE recording_erasure ENABLE TRIGGER erasure_stands")


LATE = midnight(add_years(LAST_DAY, 20))


def test_while_a_case_is_open_it_is_kept_however_old(kept: Kept) -> None:
    who, stored = kept.call(closed=False)
    erase_recordings(LATE)
    assert kept.lies(stored)
    kept.close(who)
    erase_recordings(LATE)
    assert not kept.lies(stored)


@pytest.mark.parametrize(("how", "goes"), [("cured", False), ("assigned", True)])
def test_a_debt_that_is_not_settled_keeps_it_unless_it_went_to_somebody_else(kept: Kept, how: str, goes: bool) -> None:
    who, stored = kept.call(closed=False)
    kept.close(who, how)
    erase_recordings(LATE)
    assert kept.lies(stored) is not goes


def test_a_complaint_keeps_it_and_its_time_runs_from_the_end_of_the_complaint(kept: Kept) -> None:
    who, stored = kept.call()
    stop = set_stop(
        SetStop(who.person, "complaint", None, "letter of 1 March", None, kept.by), TEN + timedelta(hours=1)
    )
    erase_recordings(LATE)
    assert kept.lies(stored)
    ended = midnight(LAST_DAY)
    lift_stop(LiftStop(who.person, stop, "answered", kept.by), ended)
    erase_recordings(midnight(add_years(LAST_DAY, 5) + timedelta(days=1)) - timedelta(seconds=1))
    assert kept.lies(stored)
    erase_recordings(midnight(add_years(LAST_DAY, 5) + timedelta(days=1)))
    assert not kept.lies(stored)


def test_a_law_that_this_release_does_not_know_erases_nothing(kept: Kept) -> None:
    _, stored = kept.call()
    kept.sql("UPDATE lender SET profile = 'cn.nobody' WHERE id = %s", kept._lender.pk)
    try:
        erase_recordings(LATE)
        assert kept.lies(stored)
    finally:
        kept.sql("UPDATE lender SET profile = 'cn.consumer_finance.online.cba' WHERE id = %s", kept._lender.pk)


class Killed(BaseException):
    """The process died here; no code may catch it."""


@pytest.mark.parametrize("where", ["decided", "octets gone"])
def test_a_process_that_dies_on_the_way_leaves_it_to_the_next_to_finish(
    kept: Kept, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stored = kept.call()
    remove = FolderObjects.remove

    def die(self: FolderObjects, name: str) -> None:
        if where == "octets gone":
            remove(self, name)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(FolderObjects, "remove", die)
        with pytest.raises(Killed):
            erase_recordings(LATE)
    assert kept.lies(stored) is (where == "decided")
    assert [one for one in findings() if one.is_fault] == [], "both sides of the gap are right"
    erase_recordings(LATE)
    assert not kept.lies(stored)
    gone = "SELECT count(*), count(gone_at) FROM recording_erasure WHERE recording_id = %s"
    assert rows(gone, stored.recording_id) == [(1, 1)]
    assert [one for one in findings() if one.is_fault] == []


def test_a_process_that_dies_before_the_decision_is_committed_leaves_everything(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stored = kept.call()

    def die(_leaves: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "add_leaves", die)
        with pytest.raises(Killed):
            erase_recordings(LATE)
    assert kept.lies(stored)
    assert verify_recording(stored).fault is None, "its salts are there too"


def test_what_came_up_since_it_was_listed_keeps_it(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    who, stored = kept.call()
    decide = erasing.decide_erasure

    def complained(*about: object) -> bool:
        if about[0].recording_id == stored.recording_id:  # type: ignore[attr-defined]  # an EndedRecording
            set_stop(SetStop(who.person, "complaint", None, "letter", None, kept.by), TEN + timedelta(hours=2))
        return decide(*about)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr("zhizhi.usecases.erase_recordings.decide_erasure", complained)
    erase_recordings(LATE)
    assert kept.lies(stored)


class WrongClock(clock_guard.ClockGuard):
    """A guard whose clock has stepped."""

    def look(self) -> clock_guard.Judged:
        step = timedelta(days=4000)
        return clock_guard.Judged(ClockState.STEPPED, step, step, step)


def test_a_clock_that_is_not_trusted_erases_nothing(kept: Kept) -> None:
    _, stored = kept.call()
    before = clock_guard.install(WrongClock())
    try:
        with pytest.raises(ClockNotTrusted):
            erase_recordings(LATE)
    finally:
        clock_guard.install(before)
    assert kept.lies(stored)


def test_the_database_takes_no_erasure_before_its_time_and_none_back(kept: Kept, store: str) -> None:
    _, stored = kept.call()
    erase_recordings(LATE)
    with psycopg.connect(store, autocommit=True) as owner:
        early = "UPDATE recording_erasure SET gone_at = NULL WHERE recording_id = %s"
        assert refused_by_database(owner, early, stored.recording_id) == "RestrictViolation"
        young = (
            "INSERT INTO recording_erasure (person_id, id, recording_id, object_name, kept_until, rule, erased_on,"
            " decided_at) SELECT person_id, -9, id, object_name, '2030-01-01', 'X', '2030-01-01', now() FROM recording"
            " WHERE id = %s"
        )
        assert refused_by_database(owner, young, stored.recording_id) in ("CheckViolation", "UniqueViolation")


def test_octets_without_a_row_go_after_their_deadline_and_erased_ones_that_came_back_at_once(kept: Kept) -> None:
    _, stored = kept.call()
    body = b"".join(objects.objects().open(stored.object_name))
    erase_recordings(LATE)
    objects.objects().put(stored.object_name, [body])
    assert "lingering_object" in {one.code for one in findings() if one.is_fault}
    lost = objects.objects().put(f"recording/{'0' * 32}", [b"nobody"]).name
    cut_short = kept.folder / "recording" / "00" / ".new-abc"
    cut_short.write_bytes(b"half")
    with open_log() as log:
        assert sum(1 for _ in stray_objects()) == 3
        assert log.object_digest(lost) is not None
    now = datetime.fromtimestamp(cut_short.stat().st_mtime, BEIJING)
    assert erase_strays(now + STRAY_KEPT_FOR - timedelta(hours=1), 10) == 1
    assert not kept.lies(stored)
    assert cut_short.exists()
    assert erase_strays(now + STRAY_KEPT_FOR + timedelta(hours=1), 10) == 2
    assert objects.objects().digest(lost) is None
    assert not cut_short.exists()
    assert [one for one in findings() if one.is_fault] == []
