"""A generated month of contacts and of what others recorded of them, with planted differences of every kind.

Permits are written past the triggers, by the owner: a month on the product's own way would take an hour, and the gate
has its own tests. Everything follows from the seed.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from django.db.models import Model
from psycopg import sql

from zhizhi.core.kernel.content import Content
from zhizhi.core.reconcile.facts import Kind
from zhizhi.store.keyring import Seal, SearchKeys, new_person_key
from zhizhi.store.models import Contact, Decision, Delivery, Party, Permit, Person, Point
from zhizhi.store.people.rows import customer_key, point_key, seal_content

BEIJING = ZoneInfo("Asia/Shanghai")
OURS = "02150000001"
FIRST_ID = 7 * 10**11  # far from every id of the product's own, and like no number
SHORT = "请联系我们。"
LONG = "您好,您的借款已经到期,请尽快与我们联系,我们可以一起商量适合您的还款安排。" * 3
CARRIER, PROVIDER, AGENCY = "carrier", "provider", "agency"
LOG_MAPS = {
    CARRIER: """
[log]
zone = "Asia/Shanghai"
[columns]
id = "流水号"
at = "开始时间"
number = "被叫号码"
caller = "主叫号码"
channel = { constant = "电话" }
direction = "呼叫方向"
line_result = "呼叫结果"
talk_seconds = "计费秒数"
reference = "透传参数"
""",
    PROVIDER: """
[log]
channel = "sms"
zone = "UTC"
[columns]
id = "message_id"
at = "submitted"
number = "phone"
outcome = { column = "state", values = { DELIVRD = "delivered", UNDELIV = "undelivered", PENDING = "sent" } }
parts = "segments"
""",
    AGENCY: """
[log]
channel = "voice"
zone = "Asia/Shanghai"
[columns]
at = "拨打时间"
person = "客户编号"
line_result = "接通状态"
talk_seconds = "通话秒数"
""",
}
SETTINGS = """
[carrier]
kind = "carrier"
name = "上海线路"
lender = "{lender}"
collector = "{lender}"
channels = ["voice"]
folder = "{folder}"
file = "cdr-{{day:%Y%m%d}}.csv"
map = "carrier.toml"
zone = "Asia/Shanghai"
since = 2026-03-01
due = "09:00"
callers = ["021-5000 0001"]
prefixes = ["0"]

[provider]
kind = "provider"
name = "短信服务商"
lender = "{lender}"
channels = ["sms"]
gateway = "sms_http"
folder = "{folder}"
file = "sms-{{day}}.csv"
map = "provider.toml"
zone = "Asia/Shanghai"
since = 2026-03-01
due = "09:00"
tolerance_seconds = 20

[agency]
kind = "agency"
name = "丙委外"
lender = "{lender}"
collector = "{agency}"
channels = ["voice"]
folder = "{folder}"
file = "calls-{{day}}.json"
map = "agency.toml"
zone = "Asia/Shanghai"
since = 2026-03-01
due = "09:00"
key = "person"
"""


@dataclass(frozen=True)
class Somebody:
    """A person with one mobile."""

    person: int
    party: int
    point: int
    number: str
    customer: str
    seal: Seal = field(repr=False)


@dataclass(frozen=True)
class Planted:
    """What has to be found: in whose file of which day, of which kind, of which permit or row."""

    source: str
    on: date
    kind: Kind
    permit: int | None = None
    row: int | None = None


class World:
    """Rows of one lender that wait to be copied in."""

    def __init__(self, lender_id: int, lender: str) -> None:
        self._keys = SearchKeys(lender_id)
        self._lender_id, self._lender = lender_id, lender
        self._next = FIRST_ID
        self._key, self._seal = new_person_key()
        self.rows: dict[type[Model], list[dict[str, Any]]] = {
            model: [] for model in (Person, Party, Point, Decision, Permit, Delivery, Contact)
        }

    def take(self) -> int:
        self._next += 1
        return self._next

    def add_person(self, n: int) -> Somebody:
        """One person; numbers of a range that no carrier has."""
        person, party, point = self.take(), self.take(), self.take()
        who = Somebody(person, party, point, f"100{n:08d}", f"C{n:07d}", self._seal)
        at = datetime(2026, 1, 1, tzinfo=UTC)
        self.rows[Person].append(
            {
                "id": person, "lender_id": self._lender_id, "subject": UUID(int=person),
                "identity_key": UUID(int=person),
                "customer_key": customer_key(self._keys, who.customer), "name_key": person, "data_key": self._key,
                "sealed": b"-", "masked": b"-", "created_at": at,
            }
        )  # fmt: skip
        self.rows[Party].append({"person_id": person, "id": party, "role": "debtor", "sealed": b"-"})
        self.rows[Point].append(
            {
                "person_id": person, "id": point, "party_id": party, "kind": "mobile", "sealed": b"-",
                "value_key": point_key(self._keys, who.number),
            }
        )  # fmt: skip
        return who

    def add_permit(
        self,
        who: Somebody,
        at: datetime,
        channel: str = "voice",
        *,
        outcome: str | None = None,
        talk: int | None = None,
        collector: str = "",
        gateway: str = "manual",
        text: str = "",
        released: bool = False,
        provider_key: str | None = None,
    ) -> int:
        """A permit that was used at an instant, as the product would have left it."""
        decision, permit, delivery = self.take(), self.take(), self.take()
        person = {"person_id": who.person}
        self.rows[Decision].append(
            person | {
                "id": decision, "at": at - timedelta(minutes=1), "verdict": "permit", "channel": channel, "facts": {},
                "body": {}, "by": "test",
            }
        )  # fmt: skip
        given_back = {"released_at": at, "released_because": "nothing_left"} if released else {}
        self.rows[Permit].append(
            person | given_back | {
                "id": permit, "decision_id": decision, "lender_id": self._lender_id, "party_id": who.party,
                "point_id": who.point, "channel": channel, "form": "interactive", "purpose": "collect", "debts": [],
                "collector": collector or self._lender, "content_digest": "0" * 64,
                "minted_at": at - timedelta(minutes=1), "not_before": at - timedelta(minutes=1),
                "expires_at": at + timedelta(minutes=9), "origin": "system",
                "state": "released" if released else "used", "used_at": at,
            }
        )  # fmt: skip
        sealed = b"-" if not text else seal_content(who.seal, Content(text).to_document(), delivery)
        self.rows[Delivery].append(
            person | {
                "id": delivery, "permit_id": permit, "channel": channel, "gateway": gateway,
                "state": "failed" if released else "delivered", "sealed": sealed, "due_at": at,
                "provider_key": provider_key, "finished_at": at,
            }
        )  # fmt: skip
        if not released:
            self.rows[Contact].append(
                person | {
                    "id": self.take(), "at": at, "channel": channel, "direction": "out", "party_id": who.party,
                    "point_id": who.point, "collector": collector or self._lender, "outcome": outcome,
                    "talk_seconds": talk, "permit_id": permit,
                }
            )  # fmt: skip
        return permit

    def copy(self, owner: psycopg.Connection[Any]) -> None:
        """Copy what waits into the database, as its owner and past the triggers."""
        with owner.transaction():
            owner.execute("SET LOCAL session_replication_role = replica")
            for model, rows in self.rows.items():
                copy_rows(owner, model, rows)
                rows.clear()


def copy_rows(owner: psycopg.Connection[Any], model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """Rows of a model by COPY; a column that a row does not name has the model's default."""
    fields = [each for each in model._meta.concrete_fields if each.column]
    names = [str(each.column) for each in fields]
    defaults = {name: each.get_default() for name, each in zip(names, fields, strict=True)}
    documents = {name for name, each in zip(names, fields, strict=True) if each.get_internal_type() == "JSONField"}
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with owner.cursor() as cursor, cursor.copy(statement) as copied:
        for row in rows:
            unknown = row.keys() - defaults.keys()
            assert not unknown, f"{model.__name__} has no {unknown}"
            cells = defaults | row
            copied.write_row(
                [
                    json.dumps(cells[name]) if name in documents and cells[name] is not None else cells[name]
                    for name in names
                ]
            )


class Month:
    """The month: permits in the world, files of every source and day, and what was planted."""

    def __init__(self, world: World, agency: str, seed: int, persons: int, days: int) -> None:
        self._world, self._agency, self._random = world, agency, Random(seed)
        self.people = [world.add_person(n) for n in range(persons)]
        self._first = date(2026, 3, 1)
        self.days = [self._first + timedelta(days=n) for n in range(days)]
        self.files: dict[tuple[str, date], bytes] = {}
        self.planted: set[Planted] = set()
        self._rows: dict[tuple[str, date], list[dict[str, Any]]] = {
            (source, on): [] for source in LOG_MAPS for on in self.days
        }
        self._marks: list[tuple[str, date, Kind, int]] = []
        for on in self.days:
            for plant, who in zip(self._plants(on), self._shuffled(), strict=False):
                plant(who, on)
        self._cross_midnight()
        self._write()

    def _shuffled(self) -> list[Somebody]:
        return self._random.sample(self.people, len(self.people))

    def _plants(self, on: date) -> Iterator[Any]:
        """Planted differences, one a person and day at most, and ordinary contacts around them."""
        plants = [
            self._missing, self._beside, self._unknown, self._shifted, self._longer, self._billed, self._twice,
            self._wrong_caller, self._other_day, self._given_back, self._other_number, self._broken_row, self._parts,
            self._undelivered, self._sms_missing, self._sms_moved, self._agency_beside, self._agency_missing,
        ]  # fmt: skip
        yield from (plant for plant in plants if self._random.random() < 0.5)
        ordinary = [self._call, self._two_calls, self._sms, self._agency_call, self._inbound, self._really_given_back]
        while True:
            yield self._random.choice(ordinary)

    def _at(self, on: date) -> datetime:
        local = datetime(on.year, on.month, on.day, 9, tzinfo=BEIJING) + timedelta(
            seconds=self._random.randrange(36_000)
        )
        return local.astimezone(UTC)

    def _jitter(self) -> timedelta:
        return timedelta(seconds=self._random.randint(-18, 18))

    def _record(self, on: date, number: str, at: datetime, talk: int, **more: str) -> dict[str, Any]:
        """A row of the carrier: local time, the number in one of the forms that carriers write."""
        written = self._random.choice(
            [number, f"+86{number}", f"{number[:3]} {number[3:7]} {number[7:]}", f"0{number}"]
        )
        row = {
            "流水号": f"R{self._world.take()}", "开始时间": at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "被叫号码": written, "主叫号码": OURS, "呼叫方向": "去电", "呼叫结果": "接通" if talk else "无人接听",
            "计费秒数": str(talk), "透传参数": "", **more,
        }  # fmt: skip
        self._rows[CARRIER, on].append(row)
        return row

    def _plant(
        self, source: str, on: date, kind: Kind, permit: int | None = None, at: dict[str, Any] | None = None
    ) -> None:
        if at is None:
            self.planted.add(Planted(source, on, kind, permit))
        else:
            at["planted"] = (kind, permit)

    def _answered(self) -> tuple[str, int]:
        return self._random.choice([("conversation", self._random.randint(20, 300)), ("no_answer", 0)])

    def _call(self, who: Somebody, on: date) -> None:
        at = self._at(on)
        outcome, talk = self._answered()
        permit = self._world.add_permit(who, at, outcome=self._random.choice([outcome, None]), talk=talk or None)
        reference = self._random.choice(["", f"{who.person}-{permit}", "not-ours"])
        self._record(
            on, who.number, at + self._jitter(), talk + self._random.randint(0, 2) * bool(talk), 透传参数=reference
        )

    def _two_calls(self, who: Somebody, on: date) -> None:
        at = self._at(on)
        for minute in (0, 1):
            began = at + timedelta(minutes=minute)
            self._world.add_permit(who, began, outcome="no_answer" if not minute else "conversation", talk=50 * minute)
            self._record(on, who.number, began + timedelta(seconds=self._random.randint(15, 29)), 50 * minute)

    def _inbound(self, who: Somebody, on: date) -> None:
        self._record(on, who.number, self._at(on), 60, 呼叫方向="来电")

    def _really_given_back(self, who: Somebody, on: date) -> None:
        self._world.add_permit(who, self._at(on), released=True)

    def _missing(self, who: Somebody, on: date) -> None:
        permit = self._world.add_permit(who, self._at(on), outcome="conversation", talk=60)
        self._plant(CARRIER, on, Kind.PERMIT_WITHOUT_RECORD, permit)

    def _beside(self, who: Somebody, on: date) -> None:
        self._plant(CARRIER, on, Kind.RECORD_WITHOUT_PERMIT, at=self._record(on, who.number, self._at(on), 45))

    def _unknown(self, _who: Somebody, on: date) -> None:
        number = f"109{self._random.randrange(10**8):08d}"
        self._plant(CARRIER, on, Kind.UNKNOWN_NUMBER, at=self._record(on, number, self._at(on), 45))

    def _shifted(self, who: Somebody, on: date) -> None:
        at = self._at(on)
        permit = self._world.add_permit(who, at, outcome="conversation", talk=60)
        minutes = self._random.choice([-20, -2, 2, 25])
        row = self._record(on, who.number, at + timedelta(minutes=minutes), 60)
        self._plant(CARRIER, on, Kind.TIMES_DIFFER, permit, row)

    def _longer(self, who: Somebody, on: date) -> None:
        at = self._at(on)
        permit = self._world.add_permit(who, at, outcome="conversation", talk=60)
        self._plant(CARRIER, on, Kind.LENGTH_DIFFERS, permit, self._record(on, who.number, at + self._jitter(), 90))

    def _billed(self, who: Somebody, on: date) -> None:
        at = self._at(on)
        permit = self._world.add_permit(who, at, outcome="no_answer")
        row = self._record(on, who.number, at + self._jitter(), 40, 呼叫结果="无人接听")
        self._plant(CARRIER, on, Kind.OUTCOME_DIFFERS, permit, row)

    def _twice(self, who: Somebody, on: date) -> None:
        at = self._at(on)
        self._world.add_permit(who, at, outcome="conversation", talk=60)
        first = self._record(on, who.number, at, 60)
        again = dict(first)
        self._rows[CARRIER, on].append(again)
        first["twin"] = again["twin"] = first["流水号"]

    def _wrong_caller(self, who: Somebody, on: date) -> None:
        at = self._at(on)
        permit = self._world.add_permit(who, at, outcome="conversation", talk=60)
        row = self._record(on, who.number, at + self._jitter(), 60, 主叫号码="13900000000")
        self._plant(CARRIER, on, Kind.WRONG_CALLER, permit, row)

    def _other_day(self, who: Somebody, on: date) -> None:
        row = self._record(on, who.number, self._at(on) - timedelta(days=2), 60)
        self._plant(CARRIER, on, Kind.OUTSIDE_DAY, at=row)

    def _given_back(self, who: Somebody, on: date) -> None:
        at = self._at(on)
        permit = self._world.add_permit(who, at, released=True)
        self._plant(CARRIER, on, Kind.RELEASED_PERMIT, permit, self._record(on, who.number, at + self._jitter(), 30))

    def _other_number(self, who: Somebody, on: date) -> None:
        at = self._at(on)
        permit = self._world.add_permit(who, at, outcome="conversation", talk=60)
        row = self._record(on, "10988888888", at, 60, 透传参数=f"{who.person}-{permit}")
        self._plant(CARRIER, on, Kind.NUMBER_DIFFERS, permit, row)

    def _broken_row(self, who: Somebody, on: date) -> None:
        self._record(on, who.number, self._at(on), 60)["开始时间"] = "昨天下午"
        self._plant(CARRIER, on, Kind.ROWS_UNREADABLE)

    def _message(
        self, who: Somebody, on: date, outcome: str, state: str, parts: int, late: int = 0
    ) -> tuple[int, dict[str, Any]]:
        at = self._at(on)
        text = SHORT if parts == 1 else LONG
        key = f"M{self._world.take()}"
        permit = self._world.add_permit(
            who, at, "sms", outcome=outcome, gateway="sms_http", text=text, provider_key=key
        )
        row = {
            "message_id": key, "submitted": (at + timedelta(seconds=2 + late)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "phone": who.number, "state": state, "segments": str(parts),
        }  # fmt: skip
        self._rows[PROVIDER, on].append(row)
        return permit, row

    def _sms(self, who: Somebody, on: date) -> None:
        outcome, state = self._random.choice(
            [("delivered", "DELIVRD"), ("undelivered", "UNDELIV"), ("sent", "DELIVRD"), ("delivered", "PENDING")]
        )
        self._message(who, on, outcome, state, self._random.choice([1, 2]))

    def _parts(self, who: Somebody, on: date) -> None:
        permit, row = self._message(who, on, "delivered", "DELIVRD", 2)
        row["segments"] = "4"
        self._plant(PROVIDER, on, Kind.PARTS_DIFFER, permit, row)

    def _undelivered(self, who: Somebody, on: date) -> None:
        permit, row = self._message(who, on, "delivered", "UNDELIV", 1)
        self._plant(PROVIDER, on, Kind.OUTCOME_DIFFERS, permit, row)

    def _sms_missing(self, who: Somebody, on: date) -> None:
        permit = self._world.add_permit(who, self._at(on), "sms", outcome="sent", gateway="sms_http", text=SHORT)
        self._plant(PROVIDER, on, Kind.PERMIT_WITHOUT_RECORD, permit)

    def _sms_moved(self, who: Somebody, on: date) -> None:
        permit, row = self._message(who, on, "delivered", "DELIVRD", 1, late=60)
        self._plant(PROVIDER, on, Kind.TIMES_DIFFER, permit, row)

    def _listed(self, who: Somebody, on: date, at: datetime, talk: int) -> dict[str, Any]:
        row = {
            "拨打时间": at.astimezone(BEIJING).strftime("%Y/%m/%d %H:%M:%S"), "客户编号": who.customer,
            "接通状态": "接通" if talk else "忙线", "通话秒数": talk,
        }  # fmt: skip
        self._rows[AGENCY, on].append(row)
        return row

    def _agency_call(self, who: Somebody, on: date) -> None:
        at = self._at(on)
        outcome, talk = self._answered()
        self._world.add_permit(who, at, outcome=outcome, talk=talk or None, collector=self._agency)
        self._listed(who, on, at + self._jitter(), talk)

    def _agency_beside(self, who: Somebody, on: date) -> None:
        self._plant(AGENCY, on, Kind.RECORD_WITHOUT_PERMIT, at=self._listed(who, on, self._at(on), 30))

    def _agency_missing(self, who: Somebody, on: date) -> None:
        permit = self._world.add_permit(who, self._at(on), outcome="conversation", talk=60, collector=self._agency)
        self._plant(AGENCY, on, Kind.PERMIT_WITHOUT_RECORD, permit)

    def _cross_midnight(self) -> None:
        """Ours a little before midnight, theirs a little after, and the other way round: both agree.

        One that stands in neither file is missed by the later of the two.
        """
        midnight = datetime.combine(self.days[5], datetime.min.time(), BEIJING).astimezone(UTC)
        seconds = timedelta(seconds=1)
        for who, ours, theirs, on in (
            (self.people[0], -20, 15, self.days[5]),
            (self.people[1], 10, -25, self.days[4]),
        ):
            self._world.add_permit(who, midnight + ours * seconds, outcome="conversation", talk=60)
            self._record(on, who.number, midnight + theirs * seconds, 60)
        lost = self._world.add_permit(self.people[2], midnight - 5 * seconds, outcome="conversation", talk=60)
        self._plant(CARRIER, self.days[5], Kind.PERMIT_WITHOUT_RECORD, lost)

    def _write(self) -> None:
        for (source, on), rows in self._rows.items():
            self._random.shuffle(rows)
            first = 1 if source == AGENCY else 2  # an array has no header
            twins: set[str] = set()
            for n, row in enumerate(rows, first):
                kind, permit = row.pop("planted", (None, None))
                twin = row.pop("twin", None)
                if twin is not None and twin in twins:  # whichever of the two stands later repeats the other
                    kind = Kind.RECORDED_TWICE
                twins.add(twin)
                if kind is not None:
                    self.planted.add(Planted(source, on, kind, permit, n))
            self.files[source, on] = _json(rows) if source == AGENCY else _csv(rows, source)


HEADERS = {
    CARRIER: ["流水号", "开始时间", "被叫号码", "主叫号码", "呼叫方向", "呼叫结果", "计费秒数", "透传参数"],
    PROVIDER: ["message_id", "submitted", "phone", "state", "segments"],
}


def _csv(rows: list[dict[str, Any]], source: str) -> bytes:
    written = io.StringIO(newline="")
    table = csv.DictWriter(written, HEADERS[source])
    table.writeheader()
    table.writerows(rows)
    return written.getvalue().encode("gb18030" if source == CARRIER else "utf-8")


def _json(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False).encode()
