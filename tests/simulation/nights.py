"""What carriers and providers write down of a day, with planted differences; and the night in which it is compared.

Rows are made of what really happened. What has to be found in a file is worked out here, by knowing which row is of
which permit, never by matching: rows name their permit where anything else could be meant.
"""

import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, TypeVar

from simulation.seeding import Seeded
from simulation.truth import Compared, Departure, Dial, Ring
from simulation.world import SHANGHAI, World
from zhizhi.jobs.reconciliation import work_due

OURS, NOT_OURS = "02150000001", "02159999999"
TOLERANCE, APART, LENGTH = timedelta(seconds=130), timedelta(minutes=30), 3
A_DAY = timedelta(days=1)
DUE, ARRIVES, ARRIVES_LATE, CORRECTED = time(9), time(6), time(11), time(14)
WORKED = (time(8, 30), time(9, 40), time(12, 30), time(15, 30))
EAGER_PLANTED, ORDINARY_PLANTED = 0.15, 0.04  # of rows
LATE_SHARE, TORN_SHARE, CORRECTED_SHARE = 0.05, 0.05, 0.15  # of files
WRONG_NUMBER, OTHER_NUMBER, NOBODYS_NUMBER = "10999999999", "10988888888", "10977777777"
ANSWERED = {"answered_dropped", "connected", "conversation", "voicemail_limited"}
NOT_ANSWERED = {"no_answer", "busy", "not_in_service", "rejected"}
HEAD = ("id", "at", "number", "caller", "result", "seconds", "state", "reference")
MAPS = {
    "voice": '[log]\nchannel = "voice"\nzone = "Asia/Shanghai"\n[columns]\nid = "id"\nat = "at"\nnumber = "number"\n'
    'caller = "caller"\nline_result = "result"\ntalk_seconds = "seconds"\nreference = "reference"\n',
    "sms": '[log]\nchannel = "sms"\nzone = "Asia/Shanghai"\n[columns]\nid = "id"\nat = "at"\nnumber = "number"\n'
    'outcome = "state"\nreference = "reference"\n',
}
SOURCE = """
[{code}]
kind = "{kind}"
lender = "{lender}"
channels = ["{channel}"]
folder = "{folder}"
file = "{code}-{{day}}.csv"
map = "{channel}.map.toml"
zone = "Asia/Shanghai"
since = {since}
due = "09:00"
tolerance_seconds = 130
callers = ["02150000001"]
{more}
"""
USED = """
SELECT p.person_id, p.id, p.state, p.used_at, c.outcome, c.line_result, c.talk_seconds, t.value_key
FROM decision d JOIN permit p ON p.person_id = d.person_id AND p.decision_id = d.id
JOIN point t ON t.person_id = p.person_id AND t.id = p.point_id
LEFT JOIN contact c ON c.person_id = p.person_id AND c.permit_id = p.id
WHERE p.lender_id = %s AND p.channel = %s AND p.used_at >= %s AND p.used_at < %s AND d.at >= %s
  AND p.state IN ('used', 'released')
"""
NUMBER = """
SELECT t.value_key FROM permit p JOIN point t ON t.person_id = p.person_id AND t.id = p.point_id
WHERE p.person_id = %s AND p.id = %s
"""
RUNS = 'SELECT source, "on", state FROM reconciliation_run WHERE worked_at = %s'
LENDERS = "SELECT id, lender_id FROM person"
Happened = TypeVar("Happened", Dial, Ring, Departure)
Finding = tuple[str, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file; `permit`: whose it truly is, None where it is nobody's; `wrong`: what stands in it."""

    identity: str
    at: datetime
    number: str
    person: int
    permit: int | None
    is_answered: bool | None = None
    talk_seconds: int | None = None
    state: str = ""
    caller: str = OURS
    is_named: bool = True
    wrong: str = ""

    def cells(self) -> tuple[str, ...]:
        """As it is written."""
        result = "" if self.is_answered is None else "接通" if self.is_answered else "无人接听"
        at = "昨天下午" if self.wrong == "unreadable" else f"{self.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        talk = "" if self.talk_seconds is None else str(self.talk_seconds)
        reference = f"{self.person}-{self.permit}" if self.is_named and self.permit is not None else ""
        return (self.identity, at, self.number, self.caller, result, talk, self.state, reference)


@dataclass(frozen=True, slots=True)
class Source:
    """Whose records of what."""

    code: str
    lender: int
    channel: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as it lies there, not compared yet."""

    source: Source
    on: date
    arrived_at: datetime
    rows: Sequence[Row] | None  # None: nobody can read it


@dataclass
class Nights:
    """Who writes the files of each day and has them compared on the next."""

    world: World
    seeded: Seeded
    waiting: dict[tuple[str, date], Sheet] = field(default_factory=dict)
    late: set[tuple[str, date]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.folder = self.world.place.folder / "records"
        self.folder.mkdir()
        self.sources = [
            Source(f"{channel}-{code.lower()}", lender, channel)
            for lender, code in self.seeded.lenders
            for channel in MAPS
            if channel == "voice" or lender == self.seeded.lenders[0][0]
        ]
        codes = dict(self.seeded.lenders)
        written = [
            SOURCE.format(
                code=one.code, lender=codes[one.lender], channel=one.channel, folder=self.folder,
                since=self.world.plan.begins_on, kind="carrier" if one.channel == "voice" else "provider",
                more='gateway = "sink"' if one.channel == "sms" else "",
            )
            for one in self.sources
        ]  # fmt: skip
        (self.folder / "records.toml").write_text("".join(written), encoding="utf-8")
        for channel, log_map in MAPS.items():
            (self.folder / f"{channel}.map.toml").write_text(log_map, encoding="utf-8")
        self.lender_of: dict[int, int] = {}

    def plan_day(self, day: int) -> None:
        """The files of the day before come, some late, some torn, some corrected later; all are looked at."""
        world, random = self.world, self.world.random
        if not day:
            return
        on = world.on(day - 1, time()).date()
        world.at(world.on(day, time(5, 30)), self._learn)
        for source in self.sources:
            roll = 1.0 if world.is_quiet else random.random()
            arrives = ARRIVES_LATE if roll < LATE_SHARE else ARRIVES
            is_torn = LATE_SHARE <= roll < LATE_SHARE + TORN_SHARE
            world.at(world.on(day, arrives), partial(self.write, source, on, is_torn=is_torn))
            if is_torn or (not world.is_quiet and random.random() < CORRECTED_SHARE):
                world.at(world.on(day, CORRECTED), partial(self.write, source, on, is_corrected=True))
        for clock in WORKED:
            world.at(world.on(day, clock), self.compare)

    def _learn(self) -> None:
        self.lender_of = dict(self.world.rows(LENDERS))

    def write(self, source: Source, on: date, *, is_torn: bool = False, is_corrected: bool = False) -> None:
        """One file of what happened that day, with something wrong in some rows; or half of one."""
        world = self.world
        rows = self._plain(self._happened(source, on), source, on)
        if not is_corrected:
            rows = self._spoilt(rows) + self._too_many(source, on, rows)
        path = self.folder / f"{source.code}-{on}.csv"
        with path.open("w", encoding="utf-8", newline="") as opened:
            if is_torn:
                opened.write("id,at\n1,")
            else:
                csv.writer(opened).writerows([HEAD, *(row.cells() for row in rows)])
        os.utime(path, (world.now.timestamp(),) * 2)
        world.truth.files.add((source.code, on))
        self.waiting[source.code, on] = Sheet(source, on, world.now, None if is_torn else rows)

    def _happened(self, source: Source, on: date) -> list[Row]:
        truth = self.world.truth
        if source.channel == "sms":
            return [
                Row(one.message, one.at, one.address, one.person, int(one.key.partition("-")[2]),
                    state=truth.states[one.message])
                for one in self._of(source, on, truth.departures)
                if one.channel == "sms"
            ]  # fmt: skip
        calls: list[Dial | Ring] = [*self._of(source, on, truth.dials), *self._of(source, on, truth.rings)]
        return [
            Row(f"c{one.order}", one.at, one.number, one.person, one.permit, one.is_answered, one.talk_seconds)
            for one in calls
        ]

    def _of(self, source: Source, on: date, happened: Sequence[Happened]) -> Iterator[Happened]:
        """What happened to persons of the lender on a day; they lie nearly in order, so the latest are looked at."""
        begins = datetime.combine(on, time(), SHANGHAI)
        for one in reversed(happened):
            if one.at < begins - A_DAY:
                return
            if begins <= one.at < begins + A_DAY and self.lender_of.get(one.person) == source.lender:
                yield one

    def _plain(self, rows: list[Row], source: Source, on: date) -> list[Row]:
        """Half of those that cannot be meant otherwise do not name their permit."""
        used = {(one[0], one[1]): one for one in self._used(source, on)}
        permits, numbers = Counter(one[-1] for one in used.values()), Counter(row.number for row in rows)

        def is_plain(row: Row) -> bool:
            permit = used.get((row.person, row.permit or 0))
            if permit is None or permit[2] != "used" or row.number == WRONG_NUMBER:
                return False
            return permits[permit[-1]] == numbers[row.number] == 1 and abs(permit[3] - row.at) <= TOLERANCE

        return [
            replace(row, is_named=False) if is_plain(row) and self.world.random.random() < 0.5 else row for row in rows
        ]

    def _used(self, source: Source, on: date) -> list[tuple[Any, ...]]:
        begins = datetime.combine(on, time(), SHANGHAI)
        return self.world.rows(USED, source.lender, source.channel, begins, begins + A_DAY, begins - A_DAY)

    def _spoilt(self, rows: list[Row]) -> list[Row]:
        """Some rows are missing, some stand there twice, some tell something else."""
        random = self.world.random
        ways = ("missing", "missing", "twice", "moved", "caller", "number", "longer", "state", "unreadable")
        share = ORDINARY_PLANTED if self.world.plan.is_ordinary else EAGER_PLANTED
        made: list[Row] = []
        for row in rows:
            if random.random() >= share:
                made.append(row)
                continue
            how = random.choice(ways)
            self.world.truth.tick(f"planted {how}")
            named = replace(row, is_named=True)
            match how:
                case "twice":
                    made += [row, row]
                case "moved":
                    made.append(replace(named, at=row.at + random.choice((-4, 5, 25)) * timedelta(minutes=1)))
                case "caller":
                    made.append(replace(row, caller=NOT_OURS))
                case "number":
                    made.append(replace(named, number=OTHER_NUMBER))
                case "longer":
                    made.append(replace(row, talk_seconds=row.talk_seconds and row.talk_seconds + 40))
                case "state":
                    made.append(self._contradicted(row))
                case "unreadable":
                    made.append(replace(row, wrong="unreadable"))
        return made

    def _contradicted(self, row: Row) -> Row:
        if row.state:
            return replace(row, state={"delivered": "undelivered"}.get(row.state, "delivered"))
        return replace(row, is_answered=not row.is_answered, talk_seconds=0 if row.is_answered else 40)

    def _too_many(self, source: Source, on: date, rows: Sequence[Row]) -> list[Row]:
        """A contact with somebody nobody knows, one beside the system, and one of another day."""
        random = self.world.random
        at = datetime.combine(on, time(10), SHANGHAI) + timedelta(seconds=random.randrange(30_000))
        more = []
        facts = {"is_answered": True, "talk_seconds": 30} if source.channel == "voice" else {"state": "delivered"}
        if random.random() < 0.3:
            more.append(Row("x1", at, NOBODYS_NUMBER, 0, None, wrong="unknown_number", **facts))
        if random.random() < 0.3 and rows:
            row = random.choice(rows)
            more.append(Row("x2", row.at - timedelta(days=3), row.number, 0, None, wrong="outside_day", **facts))
        known = [one for one in self.world.truth.departures[-200:] if one.channel == "sms"
                 and self.lender_of.get(one.person) == source.lender]  # fmt: skip
        if random.random() < 0.5 and known and self._is_free(one := random.choice(known), source, on):
            more.append(Row("x3", at, one.address, 0, None, wrong="record_without_permit", **facts))
        return more

    def _is_free(self, one: Departure, source: Source, on: date) -> bool:
        """Whether no permit of that day is for this number, whoever's it is."""
        permit = int(one.key.partition("-")[2])
        ((number,),) = self.world.rows(NUMBER, one.person, permit)
        return number not in {used[-1] for used in self._used(source, on)}

    def compare(self) -> None:
        """The worker looks at every source; what stood in the files that it worked is kept for the auditor."""
        world, at = self.world, self.world.now
        known = {key: self._differences(sheet) for key, sheet in self.waiting.items()}
        for _ in range(3):
            done = world.step("reconcile", lambda: work_due(self.folder / "records.toml", at))
            if not done.died:
                break
        if done.went_well and any(one.state == "refused" for one in done.value):
            world.goes_wrong(0, "the settings of a source were refused")
        for source, on, state in world.rows(RUNS, at):
            differences: Counter[Finding] = Counter()
            if state == "matched":
                differences = known.get((source, on), Counter())
            elif state == "late" and self._is_late(source, on, at):
                differences = Counter([("file_late", None, None)])
            elif state == "unreadable" and self._is_unreadable(source, on):
                differences = Counter([("file_unreadable", None, None)])
            world.truth.compared.append(Compared(at, source, on, state, differences))
            if state == "late":
                self.late.add((source, on))
        for source, on, state in world.rows(RUNS, at):
            if state != "late":
                self.waiting.pop((source, on), None)

    def _is_late(self, source: str, on: date, at: datetime) -> bool:
        due = datetime.combine(on + A_DAY, DUE, SHANGHAI)
        sheet = self.waiting.get((source, on))
        return (source, on) not in self.late and (at > due if sheet is None else sheet.arrived_at > due)

    def _is_unreadable(self, source: str, on: date) -> bool:
        sheet = self.waiting.get((source, on))
        return sheet is not None and all(row.wrong == "unreadable" for row in sheet.rows or ())

    def _differences(self, sheet: Sheet) -> Counter[Finding]:
        """What has to be found in a file, as the book stands now."""
        if sheet.rows is None:
            return Counter()
        used = {(row[0], row[1]): row for row in self._used(sheet.source, sheet.on)}
        found: Counter[Finding] = Counter()
        met, seen = set(), set()
        for line, row in enumerate(sheet.rows, 2):
            key = row.person, row.permit
            if row.wrong == "unreadable":
                found["rows_unreadable", None, None] = 1
            elif row.identity in seen:
                found["recorded_twice", None, line] += 1
            elif row.permit is None or key not in used:
                found[row.wrong or "record_without_permit", None, line] += 1
            else:
                met.add(key)
                kind = _differs(row, used[key])
                if kind is not None:
                    found[kind, row.permit, line] += 1
            seen.add(row.identity)
        for key in used.keys() - met:
            if used[key][2] == "used":
                found["permit_without_record", key[1], None] += 1
        return found


def _differs(row: Row, used: tuple[Any, ...]) -> str | None:
    """The gravest thing in which a row and its permit differ; what one side does not say is no difference."""
    _, _, state, used_at, outcome, line_result, talk, _ = used
    ours = True if outcome in ANSWERED or line_result == "answered" else False if outcome in NOT_ANSWERED else None
    theirs = row.is_answered or bool(row.talk_seconds) if row.is_answered is not None else None
    ends = {"delivered", "undelivered"}
    if state == "released":
        return "released_permit"
    if row.number in (OTHER_NUMBER, WRONG_NUMBER):
        return "number_differs"
    if row.caller == NOT_OURS and row.is_answered is not None:  # providers name no caller
        return "wrong_caller"
    if (ours is not None and theirs is not None and ours != theirs) or (
        {row.state, outcome} <= ends and row.state != outcome
    ):
        return "outcome_differs"
    if abs(used_at - row.at) > TOLERANCE:
        return "times_differ"
    if ours and theirs and talk is not None and row.talk_seconds is not None and abs(talk - row.talk_seconds) > LENGTH:
        return "length_differs"
    return None
