"""Files that nobody will read again are deleted at their deadline; a run that keeps killing its worker is given up."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError

from book import make_lender, make_staff
from gatework import TEN, rows
from zhizhi.core.kernel.text import Text
from zhizhi.gateways.objects.folder import FolderObjects
from zhizhi.jobs import imports as import_jobs
from zhizhi.jobs.imports import work_waiting_import
from zhizhi.jobs.long_job import ATTEMPTS_MAX, GAVE_UP, leave_long_work
from zhizhi.store import objects
from zhizhi.store.evidence.log import open_log
from zhizhi.store.imports.left_uploads import UPLOAD_KEPT_FOR, erase_uploads
from zhizhi.store.imports.reads import load_import
from zhizhi.store.imports.rows import fail_waiting
from zhizhi.store.imports.uploads import Upload, keep_upload, upload_path
from zhizhi.store.inbox.arrivals import Arrival, erase_arrivals, keep_arrivals, waiting_arrivals
from zhizhi.store.law.impacts import erase_impacts
from zhizhi.store.models import ImpactRun, ImportedFile, PackRelease
from zhizhi.store.packs import list_profiles, load_law
from zhizhi.usecases.erase_arrivals import last_ended
from zhizhi.usecases.work_inbox import work_inbox

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture(scope="module")
def by(store: str) -> int:
    make_lender()
    return make_staff("head", "head").pk


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZHIZHI_STATE", str(tmp_path))
    return tmp_path / "uploads"


def brought(by: int) -> int:
    """An upload that waits."""
    return keep_upload(Upload("book.csv", [b"a,b\n1,2\n"], "accounts", "", "m", "L1", None, by))


def lies_since(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def test_the_file_of_a_failed_import_goes_thirty_days_after_it_came_and_its_page_knows(by: int, uploads: Path) -> None:
    file_id = brought(by)
    since = lies_since(upload_path(file_id))
    assert erase_uploads(uploads, since + 10 * UPLOAD_KEPT_FOR, 9) == 0, "it waits for the worker"
    fail_waiting(file_id, Text("坏", "bad"), "bad")
    assert erase_uploads(uploads, since + UPLOAD_KEPT_FOR, 9) == 0
    leaves = rows("SELECT count(*) FROM leaf WHERE kind = 'erasure'")[0][0]
    at = since + UPLOAD_KEPT_FOR + timedelta(seconds=1)
    assert erase_uploads(uploads, at, 9) == 1
    assert not upload_path(file_id).exists()
    assert rows("SELECT count(*) FROM leaf WHERE kind = 'erasure'")[0][0] == leaves + 1
    shown = load_import(file_id, using="gate")
    assert shown is not None
    assert shown.upload_erased_at == at


def test_a_process_that_dies_before_the_file_is_gone_leaves_it_to_the_next(
    by: int, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = brought(by)
    fail_waiting(file_id, Text("坏", "bad"), "bad")
    at = lies_since(upload_path(file_id)) + 2 * UPLOAD_KEPT_FOR

    class Killed(BaseException):
        """Here."""

    def die(_path: Path, missing_ok: bool = False) -> None:
        del missing_ok
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", die)
        with pytest.raises(Killed):
            erase_uploads(uploads, at, 9)
    assert erase_uploads(uploads, at, 9) == 1
    assert not upload_path(file_id).exists()


def test_what_a_killed_worker_left_of_a_finished_import_goes_at_once(by: int, uploads: Path) -> None:
    file_id = brought(by)
    ImportedFile.objects.using("gate").filter(pk=file_id).update(state="finished")
    assert erase_uploads(uploads, lies_since(upload_path(file_id)), 9) == 1


def test_files_of_no_row_are_told_by_fsck_and_go_at_their_deadline(uploads: Path) -> None:
    objects.install(FolderObjects(uploads.parent / "objects"))
    uploads.mkdir()
    names = ("999999999", "audit-999999999", "audit-999999999.facts", "somebody's copy.csv")
    for name in names:
        (uploads / name).write_bytes(b"rows")
        os.utime(uploads / name, (TEN.timestamp(), TEN.timestamp()))
    with open_log() as log:
        assert log.stray_files() == len(names)
    assert erase_uploads(uploads, TEN + UPLOAD_KEPT_FOR, 9) == 0
    assert erase_uploads(uploads, TEN + UPLOAD_KEPT_FOR + timedelta(seconds=1), 3) == 3, "in bounded batches"
    assert erase_uploads(uploads, TEN + UPLOAD_KEPT_FOR + timedelta(seconds=1), 3) == 1
    assert list(uploads.iterdir()) == []


class Killed(BaseException):
    """The worker died here; no code may catch it."""


def test_an_import_whose_worker_is_killed_three_times_is_failed_with_words(
    by: int, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = brought(by)

    def die(*_about: object) -> None:
        raise Killed

    monkeypatch.setattr(import_jobs, "_import", die)
    for _ in range(ATTEMPTS_MAX):
        with pytest.raises(Killed):
            work_waiting_import(uploads, TEN)
    assert load_import(file_id, using="gate").state == "running"  # type: ignore[union-attr]  # it is there
    assert work_waiting_import(uploads, TEN)
    shown = load_import(file_id, using="gate")
    assert shown is not None
    assert (shown.state, shown.failure) == ("failed", GAVE_UP.fill(times=ATTEMPTS_MAX, id=file_id))
    assert not work_waiting_import(uploads, TEN)


def test_a_database_that_was_away_and_a_worker_that_was_told_to_stop_do_not_count(
    by: int, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = brought(by)

    def away(*_about: object) -> None:
        raise OperationalError

    monkeypatch.setattr(import_jobs, "_import", away)
    for _ in range(3 * ATTEMPTS_MAX):
        with pytest.raises(OperationalError):
            work_waiting_import(uploads, TEN)

    def stopped(*_about: object) -> None:
        leave_long_work()
        raise Killed

    monkeypatch.setattr(import_jobs, "_import", stopped)
    for _ in range(3 * ATTEMPTS_MAX):
        with pytest.raises(Killed):
            work_waiting_import(uploads, TEN)
    assert load_import(file_id, using="gate").state == "running"  # type: ignore[union-attr]  # it is there
    fail_waiting(file_id, Text("止", "end"), "end")


def test_events_of_providers_go_when_the_longest_time_of_the_law_is_over(store: str) -> None:
    del store
    came = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    keep_arrivals("sink", [Arrival("k1", {"kind": "nothing known"})], "c", came)
    assert erase_arrivals(came + timedelta(days=400), came) == 0, "it waits to be worked"
    work_inbox(came)
    assert [one for one in waiting_arrivals() if one.source == "sink"] == []
    laws = [load_law(profile) for profile in list_profiles()]
    assert last_ended(laws, datetime(2026, 8, 2).date()) == datetime(2026, 3, 1).date()
    assert last_ended(laws, datetime(2026, 8, 3).date()) == datetime(2026, 3, 2).date()
    assert erase_arrivals(came, came) == 0
    assert erase_arrivals(came + timedelta(seconds=1), came) == 1
    assert rows("SELECT sealed FROM inbox_item WHERE idempotency_key = 'k1'") == [(None,)]


def test_what_an_impact_run_counted_goes_after_a_year(by: int) -> None:
    PackRelease.objects.using("gate").create(sha256="f" * 64, pack="p", version="1", body=b"", kept_at=TEN)
    run = ImpactRun.objects.using("gate").create(
        release_id="f" * 64, since_on=TEN.date(), until_on=TEN.date(), asked_at=TEN, asked_by=by,
        state="finished", finished_at=TEN, summary={"asked": 1},
    )  # fmt: skip
    assert erase_impacts(TEN + timedelta(days=366)) == 0
    assert erase_impacts(TEN + timedelta(days=367)) == 1
    run.refresh_from_db(using="gate")
    assert (run.summary, run.state) == (None, "finished")
    assert run.erased_at == TEN + timedelta(days=367)
