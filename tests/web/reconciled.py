"""Days of one carrier reconciled for the screens: a late file, an unreadable one, and one with findings."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg

from call_records import Somebody, World
from web.book import Book
from zhizhi.jobs.reconciliation import work_due
from zhizhi.store.models import Lender, Party, Point

AFTER = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
SETTINGS = """
[line]
name = "上海线路话单"
kind = "carrier"
lender = "L1"
channels = ["voice"]
folder = "{folder}"
file = "cdr-{{day}}.csv"
map = "line.map.toml"
zone = "Asia/Shanghai"
since = 2026-02-28
due = "09:00"
callers = ["02150000001"]
"""
MAP = """
[log]
channel = "voice"
[columns]
at = "时间"
number = "被叫"
caller = "主叫"
line_result = "结果"
talk_seconds = "秒数"
"""
HEADER = "时间,被叫,主叫,结果,秒数\n"


def reconcile(store: str, book: Book, folder: Path) -> str:
    """Work three days; answers the number of the borrower whose calls they hold."""
    who = _somebody(book)
    world = World(book.lender, "L1")
    call = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    world.add_permit(who, call, outcome="no_answer")
    world.add_permit(who, call + timedelta(hours=2), outcome="conversation", talk=60)
    with psycopg.connect(store, autocommit=True) as owner:
        world.copy(owner)
    (folder / "records.toml").write_text(SETTINGS.format(folder=folder), encoding="utf-8")
    (folder / "line.map.toml").write_text(MAP, encoding="utf-8")
    (folder / "cdr-2026-03-01.csv").write_bytes(b"PK\x03\x04 torn")
    put(folder, date(2026, 3, 2), [
        f"2026-03-02 10:00:08,{who.number},02150000001,无人接听,40",
        f"2026-03-02 15:30:00,{who.number},13900000000,接通,75",
        "2026-03-02 16:00:00,10977777777,02150000001,接通,12",
        "昨天下午,10977777777,02150000001,接通,12",
    ])  # fmt: skip
    os.utime(folder / "cdr-2026-03-01.csv", (AFTER.timestamp() - 26 * 3600,) * 2)
    work_due(folder / "records.toml", AFTER)
    return who.number


def put(folder: Path, on: date, lines: list[str]) -> None:
    """A file of the carrier as it comes in the morning."""
    path = folder / f"cdr-{on}.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    os.utime(path, (AFTER.timestamp() - 7200,) * 2)


def _somebody(book: Book) -> Somebody:
    person = book.persons["wang"]
    party = Party.objects.using("gate").get(person_id=person, role="debtor")
    point = Point.objects.using("gate").get(person_id=person, party_id=party.id, kind="mobile")
    assert Lender.objects.using("gate").get(pk=book.lender).code == "L1"
    return Somebody(person, party.id, point.id, f"1090000{person % 10000:04d}", "", None)  # type: ignore[arg-type]  # seals nothing
