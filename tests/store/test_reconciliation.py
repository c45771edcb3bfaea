"""A generated month reconciled: every planted difference found and named, no false alarm, every sum right."""

import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from book import make_lender
from call_records import AGENCY, CARRIER, LOG_MAPS, PROVIDER, SETTINGS, Month, Planted, World
from gatework import rows
from zhizhi.core.reconcile.facts import Kind
from zhizhi.jobs.reconciliation import Worked, work_due
from zhizhi.store.lenders.models import Agency
from zhizhi.store.models import BreachInquiry, ReconciliationFinding, ReconciliationRun, RejectedRecord

pytestmark = pytest.mark.usefixtures("store")
LATE, TORN = date(2026, 3, 9), date(2026, 3, 17)
AFTER = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
SEED = 20260301


def write(folder: Path, month: Month) -> None:
    """The files as they come in the night; one never comes, one is torn."""
    names = {CARRIER: "cdr-{:%Y%m%d}.csv", PROVIDER: "sms-{}.csv", AGENCY: "calls-{}.json"}
    for (source, on), octets in month.files.items():
        if (source, on) == (CARRIER, LATE):
            continue
        path = folder / names[source].format(on)
        path.write_bytes(octets[: len(octets) // 2] if (source, on) == (AGENCY, TORN) else octets)
        came = datetime(on.year, on.month, on.day, 20, tzinfo=UTC).timestamp()
        os.utime(path, (came, came))


@pytest.fixture(scope="module")
def folder(store: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("records")
    for source, log_map in LOG_MAPS.items():
        (made / f"{source}.toml").write_text(log_map, encoding="utf-8")
    (made / "records.toml").write_text(SETTINGS.format(lender="L1", agency="A1", folder=made), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def month(store: str, folder: Path) -> Month:
    lender = make_lender()
    Agency.objects.using("gate").create(code="A1", name="丙委外")
    world = World(lender.pk, lender.code)
    made = Month(world, "A1", SEED, persons=40, days=31)
    with psycopg.connect(store, autocommit=True) as owner:
        world.copy(owner)
    write(folder, made)
    return made


@pytest.fixture(scope="module")
def worked(folder: Path, month: Month) -> list[Worked]:
    return work_due(folder / "records.toml", AFTER)


def expected(month: Month) -> set[Planted]:
    """What was planted, less what nobody can see in a file that is not there or torn."""
    seen = {one for one in month.planted if (one.source, one.on) not in {(CARRIER, LATE), (AGENCY, TORN)}}
    return seen | {Planted(CARRIER, LATE, Kind.FILE_LATE), Planted(AGENCY, TORN, Kind.FILE_UNREADABLE)}


def found() -> set[Planted]:
    findings = ReconciliationFinding.objects.using("gate").select_related("run", "inquiry")
    return {
        Planted(one.run.source, one.run.on, Kind(one.kind), one.inquiry.permit_id, one.row_number) for one in findings
    }


def test_every_planted_difference_is_found_and_named_and_nothing_else(worked: list[Worked], month: Month) -> None:
    assert Counter(one.state for one in worked) == {"matched": 91, "late": 1, "unreadable": 1}
    assert found() == expected(month)
    kinds = {one.kind for one in found()}
    assert kinds == set(Kind), "the month holds differences of every kind"


def test_rows_and_permits_add_up_over_the_month(worked: list[Worked], month: Month) -> None:
    runs = ReconciliationRun.objects.using("gate").filter(state="matched")
    assert sum(run.rows for run in runs) == sum(one.counts.rows for one in worked if one.counts)
    for run in runs:
        assert run.rows == run.rejected + run.inbound + run.agreed + run.differing + run.unmatched
        assert run.permits == run.agreed + run.differing - run.released + run.missing + run.carried
    assert sum(run.rejected for run in runs) == RejectedRecord.objects.using("gate").count() > 0
    used = rows("SELECT count(*) FROM permit WHERE state = 'used'")[0][0]
    of_late = rows(
        "SELECT count(*) FROM permit WHERE state = 'used' AND (used_at AT TIME ZONE 'Asia/Shanghai')::date = ANY (%s)"
        " AND CASE WHEN channel = 'sms' THEN 'p' WHEN collector = 'A1' THEN 'a' ELSE 'c' END ="
        " CASE (used_at AT TIME ZONE 'Asia/Shanghai')::date WHEN %s THEN 'c' ELSE 'a' END",
        [LATE, TORN],
        LATE,
    )[0][0]
    assert sum(run.permits - run.carried for run in runs) == used - of_late


def test_what_was_worked_is_not_worked_again(worked: list[Worked], folder: Path) -> None:
    assert work_due(folder / "records.toml", AFTER + timedelta(minutes=5)) == []
    assert BreachInquiry.objects.using("gate").count() == ReconciliationFinding.objects.using("gate").count()


def test_no_number_stands_in_the_clear(worked: list[Worked], month: Month) -> None:
    tables = ("reconciliation_run", "breach_inquiry", "reconciliation_finding", "inquiry_step", "rejected_record")
    written = "".join(str(row) for table in tables for row in rows(f"SELECT t::text FROM {table} t"))
    assert not [who.number for who in month.people if who.number in written]
