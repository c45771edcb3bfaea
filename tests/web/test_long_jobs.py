"""Imports, weighings and audits when something breaks that nobody foresaw, and when the database goes away."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from web.book import AT, Book
from zhizhi.jobs.audits import work_waiting_audit
from zhizhi.jobs.impact import work_waiting_impact
from zhizhi.jobs.imports import work_waiting_import
from zhizhi.store.imports.uploads import upload_path
from zhizhi.store.law.releases import keep_releases
from zhizhi.store.models import AuditRun, ImpactRun, ImportedFile

Desk = Callable[[str], Client]
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "audit"
SECRET = "王小伟 10900000001"
VIOLATION, AWAY = "23514", "57P03"  # SQLSTATE: a check that a row breaks; a server that takes nobody now
NUMBERS = iter(range(1000))
PAYMENTS_MAP = """[file]
kind = "payments"
lender = "L1"
unit = "yuan"

[columns]
account = "账号"
reference = "流水"
amount = "金额"
paid_on = "日期"
"""


@dataclass(frozen=True)
class Kind:
    """One kind of long job: who brings it and how, the job, its row."""

    desk: str
    path: str
    form: Callable[[], dict[str, object]]
    work: Callable[[], bool]
    model: type[ImportedFile | ImpactRun | AuditRun]


def held(name: str, octets: bytes) -> io.BytesIO:
    file = io.BytesIO(octets)
    file.name = name
    return file


def payments() -> dict[str, object]:
    rows = f"账号,流水,金额,日期\nA-none,R{next(NUMBERS)},10.00,2026-03-01\n"
    map_file = SimpleUploadedFile("map.toml", PAYMENTS_MAP.encode())
    return {"file": SimpleUploadedFile("还款.csv", rows.encode()), "map": map_file}


def weighing() -> dict[str, object]:
    keep_releases(AT)
    number = {"parameter": "cn.gbt45251/valid_calls_per_day", "value": "1"}
    return {**number, "since": "2026-02-01", "until": "2026-03-31"}


def contacts() -> dict[str, object]:
    sent: dict[str, object] = {"profile": "cn.bank.online", "reading": "strict"}
    return sent | {field: held(f"calls.{end}", (EXAMPLES / f"calls.{end}").read_bytes())
                   for field, end in (("log", "csv"), ("map", "toml"))}  # fmt: skip


def uploads() -> Path:
    return upload_path(0).parent


KINDS = {
    "import": Kind("super", "/imports", payments, lambda: work_waiting_import(uploads(), AT), ImportedFile),
    "impact": Kind("head", "/impact", weighing, lambda: work_waiting_impact(AT), ImpactRun),
    "audit": Kind("head", "/audits", contacts, lambda: work_waiting_audit(uploads(), AT), AuditRun),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, book: Book) -> Kind:
    return KINDS[request.param]


@contextmanager
def refused_by_database(database: str, kind: Kind, sqlstate: str) -> Iterator[None]:
    """Within, the database refuses to note that a run of this kind is finished, and quotes a person in its message."""
    table = kind.model._meta.db_table
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(
            f"CREATE FUNCTION break_{table}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN RAISE EXCEPTION 'row of {SECRET}' USING ERRCODE = '{sqlstate}'; END $$"
        )
        owner.execute(
            f"CREATE TRIGGER break_it BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NEW.state = 'finished')"
            f" EXECUTE FUNCTION break_{table}()"
        )
        yield
        owner.execute(f"DROP FUNCTION break_{table} CASCADE")


def bring(kind: Kind, client: Client) -> str:
    answer = client.post(kind.path, kind.form())
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_a_fault_is_told_to_who_waits_logged_without_a_person_and_stops_nobody_else(
    kind: Kind, store: str, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    client = desk(kind.desk)
    address = bring(kind, client)
    number = address.rpartition("/")[2]
    with refused_by_database(store, kind, VIOLATION), caplog.at_level(logging.INFO):
        assert kind.work()
    shown = client.get(address).content.decode()
    assert f"请把编号 {number} 告知系统管理员" in shown
    assert SECRET not in shown
    assert kind.model.objects.using("gate").get(pk=number).state == "failed"
    (said,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert f"{number} broke: IntegrityError from CheckViolation at zhizhi." in said
    assert SECRET not in caplog.text
    following = bring(kind, client)
    assert kind.work()
    assert kind.model.objects.using("gate").get(pk=following.rpartition("/")[2]).state == "finished"


def test_a_database_that_goes_away_fails_nothing_and_the_run_is_taken_up_again(
    kind: Kind, store: str, desk: Desk
) -> None:
    number = bring(kind, desk(kind.desk)).rpartition("/")[2]
    with refused_by_database(store, kind, AWAY), pytest.raises(OperationalError):
        kind.work()
    assert kind.model.objects.using("gate").get(pk=number).state == "running"
    assert kind.work()
    assert kind.model.objects.using("gate").get(pk=number).state == "finished"
    assert not kind.work()


def test_a_log_is_kept_for_the_next_try_and_erased_once_its_audit_failed(book: Book, store: str, desk: Desk) -> None:
    kind = KINDS["audit"]
    number = bring(kind, desk(kind.desk)).rpartition("/")[2]
    log = uploads() / f"audit-{number}"
    with refused_by_database(store, kind, AWAY), pytest.raises(OperationalError):
        kind.work()
    assert log.exists()
    with refused_by_database(store, kind, VIOLATION):
        assert kind.work()
    assert not log.exists()


@pytest.mark.parametrize("name", ["import", "audit"])
def test_an_upload_whose_file_is_gone_says_so(name: str, book: Book, desk: Desk) -> None:
    kind = KINDS[name]
    client = desk(kind.desk)
    address = bring(kind, client)
    number = address.rpartition("/")[2]
    (uploads() / (number if name == "import" else f"audit-{number}")).unlink()
    assert kind.work()
    assert "请重新上传" in client.get(address).content.decode()
