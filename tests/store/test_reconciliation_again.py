"""Files that come late, twice, torn or mended, in zones whose clock changes: what stays, what is explained, by whom."""

import os
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from click.testing import CliRunner
from django.db import Error, connections, transaction

from book import make_lender, make_staff
from call_records import BEIJING, Somebody, World
from gatework import rows
from zhizhi.core.evidence.fsck import compare
from zhizhi.core.evidence.leaf import LeafKind
from zhizhi.core.reconcile.facts import Kind
from zhizhi.jobs.reconcile import reconcile
from zhizhi.jobs.reconciliation import Worked, work_due
from zhizhi.store.evidence.log import open_log
from zhizhi.store.lenders.models import Agency, Lender
from zhizhi.store.models import BreachInquiry, InquiryStep, Leaf, ReconciliationRun, RejectedRecord
from zhizhi.store.reconciliation.runs import erase_rejected
from zhizhi.store.transact.inquiries import InquiryRefused, Ruling, rule_inquiry
from zhizhi.store.transact.sequencer import sequence_all
from zhizhi.usecases.authority import NotAllowed
from zhizhi.usecases.reconciliation import reconcile_records
from zhizhi.usecases.rule_inquiry import AnswerInquiry, RuleAnswer, answer_inquiry, rule_answer

pytestmark = pytest.mark.usefixtures("store")
ON = date(2026, 3, 10)
NUMBERS = count(1)
NEW_YORK = ZoneInfo("America/New_York")
MAP = '[log]\nchannel = "voice"\nzone = "{zone}"\n[columns]\nat = "at"\nnumber = "number"\ntalk_seconds = "talk"\n'
SETTINGS = """
[line]
kind = "carrier"
lender = "L1"
collector = "{code}"
channels = ["voice"]
folder = "{folder}"
file = "{{day}}.csv"
map = "map.toml"
zone = "{zone}"
since = {since}
due = "09:00"
"""


class Line:
    """An agency's line with a folder of its own, one person, and the means to let nights pass."""

    def __init__(self, store: str, lender: Lender, folder: Path, zone: ZoneInfo, since: date) -> None:
        self._store, self._folder, self.zone, self._since = store, folder, zone, since
        self._world = World(lender.pk, lender.code)
        self._world._next += next(NUMBERS) * 10_000
        self.who: Somebody = self._world.add_person(next(NUMBERS))
        self.code = f"line-{next(NUMBERS)}"
        Agency.objects.using("gate").create(code=self.code, name=self.code)
        settings = SETTINGS.format(folder=folder, zone=zone.key, since=since, code=self.code)
        settings = settings.replace("[line]", f"[{self.code}]")
        (folder / "records.toml").write_text(settings, encoding="utf-8")
        (folder / "map.toml").write_text(MAP.format(zone=zone.key), encoding="utf-8")

    def at(self, on: date, clock: str, fold: int = 0) -> datetime:
        """A wall clock time of the zone."""
        local = datetime.fromisoformat(f"{on} {clock}").replace(tzinfo=self.zone, fold=fold)
        return local.astimezone(UTC)

    def permit(self, at: datetime, talk: int = 60) -> int:
        made = self._world.add_permit(self.who, at, outcome="conversation", talk=talk, collector=self.code)
        with psycopg.connect(self._store, autocommit=True) as owner:
            self._world.copy(owner)
        return made

    def file(self, on: date, *calls: str, came: timedelta = timedelta(hours=30), octets: bytes | None = None) -> None:
        """Calls as `10:00:00` or `10:00:00,45`; the file came so long after the day began."""
        rows = [f"{on} {call}".replace(" ", "T").split(",") for call in calls]
        body = "at,number,talk\n" + "".join(f"{row[0]},{self.who.number},{(*row, '60')[1]}\n" for row in rows)
        path = self._folder / f"{on}.csv"
        path.write_bytes(body.encode() if octets is None else octets)
        stamp = (self.at(on, "00:00") + came).timestamp()
        os.utime(path, (stamp, stamp))

    def night(self, on: date, hours: float = 34) -> list[Worked]:
        """The worker looks, so many hours after the day began."""
        return work_due(self._folder / "records.toml", self.at(on, "00:00") + timedelta(hours=hours))

    def inquiries(self, on: date | None = None) -> dict[str, str]:
        found = BreachInquiry.objects.using("gate").filter(source=self.code)
        return dict((found.filter(on=on) if on else found).values_list("kind", "state"))

    def run(self, on: date) -> ReconciliationRun:
        return ReconciliationRun.objects.using("gate").get(source=self.code, on=on, is_current=True)

    def steps(self, kind: Kind) -> list[str]:
        found = InquiryStep.objects.using("gate").filter(inquiry__source=self.code, inquiry__kind=kind.value)
        return list(found.order_by("id").values_list("step", flat=True))


@pytest.fixture(scope="module")
def lender(store: str) -> Lender:
    return make_lender()


@pytest.fixture
def line(store: str, lender: Lender, tmp_path: Path) -> Line:
    return Line(store, lender, tmp_path, BEIJING, ON)


def test_a_file_that_is_not_there_when_due_is_late_once_and_its_coming_is_noted(line: Line) -> None:
    assert line.night(ON, 32) == []  # due at 33 hours
    assert [one.state for one in line.night(ON, 33.5)] == ["late"]
    assert line.night(ON, 40) == []
    line.permit(line.at(ON, "10:00"))
    line.file(ON, "10:00:05", came=timedelta(hours=41))
    assert [one.state for one in line.night(ON, 42)] == ["matched"]
    assert line.inquiries() == {"file_late": "open"}
    assert line.steps(Kind.FILE_LATE) == ["opened", "file_came"]
    assert line.run(ON).agreed == 1


def test_a_file_that_came_after_the_hour_is_late_even_if_nobody_looked_before(line: Line) -> None:
    line.file(ON, came=timedelta(hours=41))
    assert [one.state for one in line.night(ON, 42)] == ["late", "matched"]


def test_a_file_that_may_still_be_growing_is_left_alone(line: Line) -> None:
    line.file(ON, came=timedelta(hours=30))
    assert line.night(ON, 30.01) == []
    assert [one.state for one in line.night(ON, 30.02)] == ["matched"]


def test_a_corrected_file_explains_what_was_missed_and_leaves_open_what_is_gone(line: Line) -> None:
    line.permit(line.at(ON, "10:00"))
    line.file(ON, "15:00:00")
    line.night(ON)
    assert line.inquiries() == {"permit_without_record": "open", "record_without_permit": "open"}
    line.file(ON, "10:00:02", came=timedelta(hours=50))
    assert [one.state for one in line.night(ON, 52)] == ["matched"]
    assert line.inquiries() == {"permit_without_record": "explained", "record_without_permit": "open"}
    assert line.steps(Kind.RECORD_WITHOUT_PERMIT) == ["opened", "left_file"]
    assert line.steps(Kind.PERMIT_WITHOUT_RECORD) == ["opened", "explained"]
    assert (line.run(ON).n, line.run(ON).agreed, line.run(ON).unmatched) == (2, 1, 0)
    line.file(ON, "10:00:02", "15:00:00", came=timedelta(hours=60))
    line.night(ON, 62)
    assert line.steps(Kind.RECORD_WITHOUT_PERMIT) == ["opened", "left_file", "found_again"]


def test_an_unreadable_correction_corrects_nothing(line: Line) -> None:
    line.permit(line.at(ON, "10:00"))
    line.file(ON, "10:00:00", "15:00:00")
    line.night(ON)
    line.file(ON, came=timedelta(hours=50), octets=b"PK\x03\x04")
    assert [one.state for one in line.night(ON, 52)] == ["unreadable"]
    assert (line.run(ON).n, line.run(ON).agreed) == (1, 1)
    assert line.inquiries() == {"record_without_permit": "open", "file_unreadable": "open"}
    line.file(ON, "10:00:00", "15:00:00", came=timedelta(hours=60))
    line.night(ON, 62)
    assert line.steps(Kind.FILE_UNREADABLE) == ["opened", "file_came"]
    assert line.steps(Kind.RECORD_WITHOUT_PERMIT) == ["opened"]


def test_a_file_that_is_given_up_in_the_middle_leaves_no_row_behind(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile_records, "RECORDS_OF_ONE_NUMBER_MAX", 10)
    broken = "soon,12,60\n" * 600  # more than are written at once
    calls = "".join(f"{ON}T15:00:{n:02d},{line.who.number},60\n" for n in range(11))
    line.file(ON, octets=f"at,number,talk\n{broken}{calls}".encode())
    assert [one.state for one in line.night(ON)] == ["unreadable"]
    assert not RejectedRecord.objects.using("gate").filter(run__source=line.code).exists()
    assert line.inquiries() == {"file_unreadable": "open"}


def test_not_one_readable_row_is_an_unreadable_file(line: Line) -> None:
    line.file(ON, octets=b"at,number,talk\nsoon,12,x\nlater,13,y\n")
    assert [one.state for one in line.night(ON)] == ["unreadable"]
    assert RejectedRecord.objects.using("gate").filter(run__source=line.code).count() == 0


def test_a_day_without_contacts_is_a_file_with_headings(line: Line) -> None:
    line.file(ON)
    assert [one.state for one in line.night(ON)] == ["matched"]
    assert line.inquiries() == {}


def test_a_call_around_midnight_is_matched_by_whichever_file_holds_it(line: Line) -> None:
    line.permit(line.at(ON, "23:59:50"))
    line.file(ON)
    line.night(ON)
    assert line.inquiries() == {}
    assert line.run(ON).carried == 1
    line.file(ON + timedelta(days=1), "00:00:20")
    line.night(ON + timedelta(days=1))
    assert line.inquiries() == {}
    assert line.run(ON + timedelta(days=1)).agreed == 1


def test_a_call_around_midnight_that_nobody_recorded_is_missed_once(line: Line) -> None:
    line.permit(line.at(ON, "23:59:50"))
    line.permit(line.at(ON + timedelta(days=1), "00:00:10"))
    line.file(ON)
    line.night(ON)
    line.file(ON + timedelta(days=1))
    line.night(ON + timedelta(days=1))
    missed = BreachInquiry.objects.using("gate").filter(source=line.code)
    assert [one.kind for one in missed] == ["permit_without_record"] * 2


def test_a_permit_that_one_file_took_is_not_offered_to_the_other(line: Line) -> None:
    line.permit(line.at(ON, "23:59:50"))
    line.file(ON, "23:59:52")
    line.night(ON)
    line.file(ON + timedelta(days=1), "00:00:10")
    line.night(ON + timedelta(days=1))
    assert line.inquiries() == {"record_without_permit": "open"}


@pytest.mark.parametrize(("on", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)])
def test_a_day_on_which_the_clock_changes_is_reconciled_whole(
    store: str, lender: Lender, tmp_path: Path, on: date, hours: int
) -> None:
    line = Line(store, lender, tmp_path, NEW_YORK, on)
    for clock in ("00:30:00", "12:00:00", "23:30:00"):
        line.permit(line.at(on, clock))
    line.file(on, "00:30:00", "12:00:00", "23:30:00")
    assert [one.state for one in line.night(on, hours + 10)] == ["matched"]
    assert line.inquiries() == {}
    assert (line.run(on).agreed, line.run(on).permits) == (3, 3)


def test_an_hour_that_comes_twice_is_the_one_that_a_permit_was_used_in(
    store: str, lender: Lender, tmp_path: Path
) -> None:
    on = date(2026, 11, 1)
    line = Line(store, lender, tmp_path, NEW_YORK, on)
    line.permit(line.at(on, "01:30", fold=1))
    line.file(on, "01:30:10")
    line.night(on, 36)
    assert line.inquiries() == {}


def test_what_ended_stays_ended_and_the_table_wants_two_persons(line: Line, lender: Lender) -> None:
    first, second = (make_staff(f"{line.code}-{role}", role, lender).pk for role in ("supervisor", "compliance"))
    line.file(ON, "15:00:00")
    line.night(ON)
    one = BreachInquiry.objects.using("gate").get(source=line.code)
    at = line.at(ON, "23:00") + timedelta(days=2)
    answer_inquiry(AnswerInquiry(one.pk, "technical", "运营商来函说明", first, lender.pk), at)
    with pytest.raises(NotAllowed):
        rule_answer(RuleAnswer(one.pk, True, "", first, lender.pk), at)
    with pytest.raises(InquiryRefused):  # the same person in another role
        rule_inquiry(Ruling(one.pk, "explained", first, lender.pk), at)
    stored = BreachInquiry.objects.using("gate").filter(pk=one.pk)
    with pytest.raises(Error), transaction.atomic(using="gate"):
        stored.update(state="explained", ended_at=at, ended_by=first)
    with pytest.raises(InquiryRefused):
        rule_answer(RuleAnswer(one.pk, True, "", second, lender.pk + 1), at)
    rule_answer(RuleAnswer(one.pk, True, "", second, lender.pk), at)
    with pytest.raises(Error), transaction.atomic(using="gate"):
        stored.update(state="open", ended_at=None)
    with pytest.raises(Error), transaction.atomic(using="gate"), connections["gate"].cursor() as cursor:
        cursor.execute("DELETE FROM breach_inquiry WHERE id = %s", [one.pk])
    assert Leaf.objects.using("gate").filter(kind=LeafKind.INQUIRY.value, subject=one.subject).count() == 2


def test_rejected_rows_are_erased_after_thirty_days_and_that_they_were_rejected_stays(line: Line) -> None:
    line.file(ON, octets=f"at,number,talk\nsoon,12,x\n{ON}T15:00:00,{line.who.number},60\n".encode())
    line.night(ON)
    kept = RejectedRecord.objects.using("gate").filter(run__source=line.code)
    assert [row.sealed is None for row in kept] == [False]
    erase_rejected(line.at(ON, "00:00") + timedelta(days=33))
    assert [row.sealed is None for row in kept.all()] == [True]


def test_the_evidence_log_says_what_the_rows_say(line: Line) -> None:
    line.file(ON, "15:00:00")
    line.night(ON)
    sequence_all(line.at(ON, "00:00") + timedelta(days=3))
    size = rows("SELECT max(size) FROM checkpoint")[0][0]
    with open_log() as log:
        assert list(compare(log.stored_leaves(), iter([None] * size), log.object_digest)) == []
    with connections["gate"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM leaf WHERE source_table = 'breach_inquiry'")
        assert cursor.fetchone()[0] > 0


def test_the_command_works_one_day_and_its_exit_says_whether_all_matched(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIZHI_STATE", str(tmp_path))
    monkeypatch.delenv("ZHIZHI_RECORDS", raising=False)
    asked = ["run", "--source", line.code, "--on", ON.isoformat()]
    call = CliRunner().invoke
    assert "没有这个文件" in call(reconcile, asked).output
    line.permit(line.at(ON, "10:00"))
    line.file(ON, "10:00:03")
    assert call(reconcile, asked).exit_code == 0
    line.file(ON, "10:00:03", "15:00:00", came=timedelta(hours=50))
    assert call(reconcile, asked).exit_code == 1
    assert line.inquiries() == {"record_without_permit": "open"}
    assert line.night(ON, 52) == [], "the worker knows the file that the command worked"
    checked = call(reconcile, ["check"])
    assert (checked.exit_code, line.code in checked.output) == (0, True)
    (tmp_path / "map.toml").write_text("[log]", encoding="utf-8")
    refused = call(reconcile, ["check"])
    assert (refused.exit_code, "map.toml" in refused.output) == (2, True)
    assert "没有来源" in call(reconcile, ["run", "--source", "nobody", "--on", ON.isoformat()]).output
