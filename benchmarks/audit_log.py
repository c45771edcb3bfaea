"""A generated contact log of an agency and a lender, with breaches planted of every kind that a log can show.

Each person's days are episodes: ordinary ones, which break no rule of the profile, and planted ones, of which the truth
table names the row and the kind. Nothing in it is of a real person: numbers are of ranges that nobody has.
"""

import csv
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

FIRST_DAY = date(2026, 3, 2)
DAYS = 192
ROWS_PER_PERSON = 26
PROFILE = "cn.consumer_finance.online.cba"

_TABLE = """
    id 流水号, at 呼叫开始时间, channel 渠道, direction 方向, person 客户编号, number 被叫号码, role 对方身份,
    purpose 目的, collector 催收员, agency 机构, robot 机器人, form 形式, line_result 呼叫结果, outcome 触达结果,
    ring_seconds 振铃时长, talk_seconds 通话时长, recording 录音, marks 内容标记, discloses_debt 透露债务,
    identifies_collector 表明身份, names_principal 说明委托方, named_by_debtor 是否预留联系人,
    refused_before 已拒绝联系, wrong_number 已知非本人, point_source 号码来源, team_size 外访人数,
    id_shown 出示证件, place 地点类型, enters_premises 是否进入, visit_consent 同意上门, entry_consent 入户同意,
    debt_state 债务状态, debtor_state 客户状况, complaint_open 投诉未结, disputed 有异议,
    no_contact_order 禁止联系令, private_device 私人手机, private_device_approved 私人设备获批, debt 借据号
"""
_COLUMNS = [pair.split() for pair in _TABLE.split(",")]
FIELDS = tuple(field for field, _ in _COLUMNS)
HEADER = tuple(column for _, column in _COLUMNS)
MAP = (
    '# 合成日志的映射 · the map of the generated log\n[log]\nzone = "Asia/Shanghai"\ncomplete = true\n\n[columns]\n'
    + "".join(f'{name} = "{column}"\n' for name, column in zip(FIELDS, HEADER, strict=True))
)

Row = dict[str, object]


@dataclass(slots=True)
class Person:
    """One borrower: his number, the colleague and the contact he named."""

    name: str
    mobile: str
    contact: str
    colleague: str
    debt: str
    agency: str
    collector: str


@dataclass(slots=True)
class Made:
    """Rows of an episode; `planted`: which of them break something, and the kind; `said`: statements of the person."""

    rows: list[Row] = field(default_factory=list)
    planted: list[tuple[int, str]] = field(default_factory=list)
    said: list[dict[str, object]] = field(default_factory=list)

    def add(self, row: Row, kind: str = "") -> None:
        """One row, and what it breaks."""
        if kind:
            self.planted.append((len(self.rows), kind))
        self.rows.append(row)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A wall clock of a day."""
    return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - the log's own clock


def call(person: Person, when: datetime, **changes: object) -> Row:
    """An ordinary call to the debtor that he answered."""
    return {
        "呼叫开始时间": when,
        "渠道": "电话",
        "方向": "呼出",
        "客户编号": person.name,
        "被叫号码": person.mobile,
        "对方身份": "本人",
        "目的": "催收",
        "催收员": person.collector,
        "机构": person.agency,
        "机器人": "否",
        "形式": "交互式",
        "呼叫结果": "接通",
        "振铃时长": 12,
        "通话时长": 95,
        "录音": "有",
        "内容标记": "无",
        "透露债务": "是",
        "表明身份": "是",
        "说明委托方": "是",
        "是否预留联系人": "",
        "已拒绝联系": "否",
        "已知非本人": "否",
        "号码来源": "合同",
        "债务状态": "逾期",
        "客户状况": "正常",
        "投诉未结": "否",
        "有异议": "否",
        "禁止联系令": "否",
        "私人手机": "否",
        "借据号": person.debt,
        **changes,
    }


def missed(person: Person, when: datetime, **changes: object) -> Row:
    """A dial that nobody answered."""
    return call(person, when, **{"呼叫结果": "无人接听", "通话时长": 0, "振铃时长": 45, **changes})


def text(person: Person, when: datetime, **changes: object) -> Row:
    """A message."""
    changed = {
        "渠道": "短信",
        "呼叫结果": "",
        "触达结果": "送达",
        "振铃时长": "",
        "通话时长": "",
        "录音": "",
        **changes,
    }
    return call(person, when, **changed)


def notice(person: Person, when: datetime, **changes: object) -> Row:
    """A notification call of a robot."""
    return call(person, when, **{"形式": "告知式", "机器人": "是", "通话时长": 20, **changes})


def letter(person: Person, when: datetime, **changes: object) -> Row:
    """A letter."""
    return text(person, when, **{"渠道": "信函", "触达结果": "", "被叫号码": f"A{person.name}", **changes})


def visit(person: Person, when: datetime, **changes: object) -> Row:
    """A visit that was agreed to: two people, cards shown, recorded, nobody went in."""
    return text(
        person,
        when,
        **{
            "渠道": "外访",
            "触达结果": "见到",
            "被叫号码": f"A{person.name}",
            "录音": "有",
            "外访人数": 2,
            "出示证件": "是",
            "地点类型": "住所",
            "是否进入": "否",
            "同意上门": "是",
            "入户同意": "否",
            "通话时长": "",
            **changes,
        },
    )


def to_contact(person: Person, when: datetime, **changes: object) -> Row:
    """A call to the contact person whom the borrower named, asking to pass a message on, no debt named."""
    return call(
        person,
        when,
        **{
            "被叫号码": person.contact,
            "对方身份": "联系人",
            "目的": "转告",
            "透露债务": "否",
            "是否预留联系人": "是",
            **changes,
        },
    )


def lost(person: Person, day: date) -> list[Row]:
    """Three days of failed dials: from the day after, the contact person may be asked."""
    return [missed(person, at(day + timedelta(days=n), 10)) for n in range(3)]


Plant = Callable[[Person, date, random.Random], Made]
PLANTS: dict[str, Plant] = {}
LABELS: dict[str, frozenset[str]] = {}
"""Kind -> labels of the rules that it breaks: one of them has to be found, and no other."""

_CONTENT = {
    "threat": "威胁",
    "insult": "辱骂",
    "authority": "冒充公检法",
    "false_consequence": "虚假后果",
    "extra_fee": "额外收费",
    "new_loan": "以贷还贷",
    "public_notice": "曝光",
    "as_member": "冒充银行",
}
_CONTENT_LABELS = (
    "no-abuse no-threat-or-insult no-threat-or-deception no-false-identity no-false-consequence "
    "no-extra-fee no-extra-fee-or-new-loan no-new-borrowing polite-language no-public-notice "
    "not-as-member not-as-lender no-publication"
)
_THIRD = (
    "from-debtor-only no-third-person lawful-object only-who-owes named-by-debtor lost-contact-gate "
    "no-debt-data agreed-in-advance no-disclosure"
)


def plant(kind: str, labels: str) -> Callable[[Plant], Plant]:
    """A kind of breach, and the labels of the rules that it breaks."""

    def keep(make: Plant) -> Plant:
        PLANTS[kind] = make
        LABELS[kind] = frozenset(labels.split())
        return make

    return keep


def _one(kind: str, labels: str, make: Callable[[Person, date, random.Random], Row]) -> None:
    def planted(person: Person, day: date, chance: random.Random) -> Made:
        made = Made()
        made.add(make(person, day, chance), kind)
        return made

    plant(kind, labels)(planted)


_HIRED = {"机构": "外包甲", "催收员": "A01"}

_one("night", "contact-hours", lambda p, d, c: call(p, at(d, c.choice((22, 23, 0, 5, 7)), c.randrange(60))))
_one("night_message", "contact-hours", lambda p, d, c: text(p, at(d, c.choice((22, 23, 6)), c.randrange(60))))
_one("overrun", "contact-hours", lambda p, d, _: call(p, at(d, 21, 58), 通话时长=300))
_one("not_recorded", "call-recorded recorded", lambda p, d, _: call(p, at(d, 11), 录音="无"))
_one(
    "private_device",
    "no-private-device",
    lambda p, d, _: call(p, at(d, 11), 私人手机="是", 私人设备获批="否", **_HIRED),
)
_one("purchased_number", "lawful-source", lambda p, d, _: call(p, at(d, 11), 号码来源="购买"))
_one("wrong_number", "own-number", lambda p, d, _: call(p, at(d, 11), 已知非本人="是"))
_one("settled", "debt-settled", lambda p, d, _: call(p, at(d, 11), 债务状态="已结清"))
_one("transferred", "transfer-notified", lambda p, d, _: call(p, at(d, 11), 债务状态="未通知转让"))
_one("deceased", "debtor-deceased", lambda p, d, _: call(p, at(d, 11), 客户状况="身故"))
_one("bankruptcy", "bankruptcy-stay", lambda p, d, _: call(p, at(d, 11), 客户状况="破产"))
_one("no_capacity", "through-guardian", lambda p, d, _: call(p, at(d, 11), 客户状况="无行为能力"))
_one("no_contact_order", "no-contact-order", lambda p, d, _: call(p, at(d, 11), 禁止联系令="是"))
_one("visit_alone", "visit-team", lambda p, d, _: visit(p, at(d, 10), 外访人数=1))
_one("visit_no_card", "id-shown credentials-shown", lambda p, d, _: visit(p, at(d, 10), 出示证件="否"))
_one("visit_not_recorded", "visit-recorded recorded", lambda p, d, _: visit(p, at(d, 10), 录音="无"))
_one("visit_no_consent", "visit-consented", lambda p, d, _: visit(p, at(d, 10), 同意上门="否"))
_one("entry", "entry-consented", lambda p, d, _: visit(p, at(d, 10), 是否进入="是"))
_one(
    "third_person",
    _THIRD,
    lambda p, d, _: call(p, at(d, 10), 被叫号码=p.colleague, 对方身份="同事", 是否预留联系人="否"),
)
_one(
    "agency_unfit",
    "agency-listed agency-evaluated agency-inspected contract-running",
    lambda p, d, _: call(p, at(d, 10), 机构="外包丙", 催收员="C01"),
)
_one("untrained", "training-yearly", lambda p, d, _: call(p, at(d, 10), 催收员="X99"))
_one(
    "public_post",
    "no-public-post no-public-notice no-publication no-abuse",
    lambda p, d, _: text(p, at(d, 10), 渠道="张贴", 触达结果="", 被叫号码=""),
)
for _kind, _mark in _CONTENT.items():
    _one(f"content_{_kind}", _CONTENT_LABELS, lambda p, d, _, mark=_mark: call(p, at(d, 11), 内容标记=mark, **_HIRED))


@plant("fourth_call", "valid-calls-per-day")
def _fourth_call(person: Person, day: date, _: random.Random) -> Made:
    made = Made()
    for hour in (9, 11, 14):
        made.add(call(person, at(day, hour)))
    made.add(call(person, at(day, 16)), "fourth_call")
    return made


@plant("fourth_notice", "notices-per-day")
def _fourth_notice(person: Person, day: date, _: random.Random) -> Made:
    made = Made()
    for hour in (9, 11, 14):
        made.add(notice(person, at(day, hour)))
    made.add(notice(person, at(day, 16)), "fourth_notice")
    return made


@plant("seventh_dial", "dials-per-day")
def _seventh_dial(person: Person, day: date, _: random.Random) -> Made:
    made = Made()
    for hour in range(9, 15):
        made.add(missed(person, at(day, hour)))
    made.add(missed(person, at(day, 16)), "seventh_dial")
    return made


@plant("round_by_message", "no-way-round-by-message")
def _round_by_message(person: Person, day: date, _: random.Random) -> Made:
    made = Made()
    for hour in (9, 11, 14):
        made.add(call(person, at(day, hour)))
    made.add(text(person, at(day, 17)), "round_by_message")
    return made


@plant("second_visit", "visits-per-day")
def _second_visit(person: Person, day: date, _: random.Random) -> Made:
    made = Made()
    made.add(visit(person, at(day, 9)))
    made.add(visit(person, at(day, 15)), "second_visit")
    return made


@plant("letter_too_soon", "letter-interval")
def _letter_too_soon(person: Person, day: date, chance: random.Random) -> Made:
    made = Made()
    made.add(letter(person, at(day, 9)))
    made.add(letter(person, at(day + timedelta(days=chance.randrange(1, 7)), 9)), "letter_too_soon")
    return made


@plant("not_lost", "lost-contact-gate agreed-in-advance")
def _not_lost(person: Person, day: date, _: random.Random) -> Made:
    made = Made()
    made.add(call(person, at(day, 9)))
    made.add(to_contact(person, at(day, 10)), "not_lost")
    return made


@plant("not_named", "named-by-debtor agreed-in-advance")
def _not_named(person: Person, day: date, _: random.Random) -> Made:
    made = Made(lost(person, day))
    made.add(to_contact(person, at(day + timedelta(days=3), 10), 是否预留联系人="否"), "not_named")
    return made


@plant("refused", "refused")
def _refused(person: Person, day: date, _: random.Random) -> Made:
    made = Made(lost(person, day))
    made.add(to_contact(person, at(day + timedelta(days=3), 10), 已拒绝联系="是"), "refused")
    return made


@plant("disclosed", "no-debt-data no-disclosure")
def _disclosed(person: Person, day: date, _: random.Random) -> Made:
    made = Made(lost(person, day))
    made.add(to_contact(person, at(day + timedelta(days=3), 10), 透露债务="是"), "disclosed")
    return made


@plant("medium_refused", "medium-refused")
def _medium_refused(person: Person, day: date, _: random.Random) -> Made:
    made = Made(said=[{"at": f"{day}T08:30:00+08:00", "kind": "refuse_medium", "channel": "sms"}])
    made.said.append({"at": f"{day + timedelta(days=1)}T09:00:00+08:00", "kind": "withdraw", "of": "refuse_medium"})
    made.add(text(person, at(day, 10)), "medium_refused")
    return made


@plant("inconvenient_hours", "inconvenient-hours")
def _inconvenient_hours(person: Person, day: date, _: random.Random) -> Made:
    said = {"at": f"{day}T08:10:00+08:00", "kind": "inconvenient_time", "from": "12:00", "to": "14:00"}
    made = Made(said=[{**said, "until": str(day)}])
    made.add(call(person, at(day, 12, 30)), "inconvenient_hours")
    return made


NOT_JUDGED = ("nobody_screened", "complaint_open", "outcome_unknown")
"""Contacts that cannot be judged: a fact is missing, or a person may have looked first. The audit has to say so."""


def _cannot(kind: str, person: Person, day: date) -> Made:
    made = Made()
    if kind == "nobody_screened":
        made.add(call(person, at(day, 11), 内容标记=""), kind)
    elif kind == "complaint_open":
        made.add(call(person, at(day, 11), 投诉未结="是"), kind)
    else:
        for hour in (9, 11):
            made.add(call(person, at(day, hour)))
        made.add(call(person, at(day, 14), 呼叫结果="", 通话时长=""))
        made.add(call(person, at(day, 16)), kind)
    return made


def ordinary(person: Person, day: date, chance: random.Random) -> Made:
    """A day that breaks nothing, close to the edges as real ones are."""
    made = Made()
    match chance.randrange(9):
        case 0:
            made.rows = [missed(person, at(day, hour)) for hour in range(9, 9 + chance.randrange(1, 7))]
        case 1:
            made.rows = [call(person, at(day, hour)) for hour in (8, 13, 21)]
        case 2:
            made.rows = [text(person, at(day, 21, 59, 59)), call(person, at(day, 8, 0, 0))]
        case 3:
            made.rows = [notice(person, at(day, hour)) for hour in (9, 12, 15)]
        case 4:
            made.rows = [visit(person, at(day, 10))]
        case 5:
            incoming = call(person, at(day, 23, 10), 方向="呼入")
            made.rows = [call(person, at(day, 9, 30)), incoming]
        case 6:
            made.rows = [letter(person, at(day, 9)), missed(person, at(day, 10))]
        case 7:
            made.rows = [call(person, at(day, 21, 55), 通话时长=200), text(person, at(day, 9))]
        case _:
            made.rows = [text(person, at(day, 9 + n)) for n in range(chance.randrange(1, 4))]
    return made


def _person(number: int) -> Person:
    agency = ("自营", "外包甲", "外包乙")[number % 3]
    return Person(
        f"P{number:07d}",
        f"100{number:08d}",
        f"101{number:08d}",
        f"102{number:08d}",
        f"D{number:07d}",
        agency,
        f"{'SAB'[number % 3]}{number // 3 % 40:02d}",
    )


@dataclass(slots=True)
class Written:
    """What was generated."""

    rows: int
    planted: dict[int, str]
    persons: int


def write_log(folder: Path, rows: int, seed: int = 7, planted_share: float = 0.05) -> Written:
    """Write `log.csv`, `map.toml`, `facts.json` and `truth.csv`: about so many rows, the same for the same seed."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    truth: dict[int, str] = {}
    said: list[dict[str, object]] = []
    number = persons = 0
    with (folder / "log.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        while number < rows:
            person = _person(persons)
            persons += 1
            for made in _days(person, chance, planted_share):
                said += [{"person": person.name, **statement} for statement in made.said]
                kinds = dict(made.planted)
                for place, row in enumerate(made.rows):
                    number += 1
                    if place in kinds:
                        truth[number + 1] = kinds[place]
                    out.writerow([number, *(row.get(column, "") for column in HEADER[1:])])
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    (folder / "facts.json").write_text(json.dumps(_facts(said), ensure_ascii=False), encoding="utf-8")
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("row", "kind"), *truth.items()])
    return Written(number, truth, persons)


def _days(person: Person, chance: random.Random, planted_share: float) -> Iterator[Made]:
    """Episodes sixteen days apart, so that none bears on the next."""
    kinds = [*PLANTS, *NOT_JUDGED]
    for step in range(0, DAYS, 16):
        day = FIRST_DAY + timedelta(days=step)
        if chance.random() >= planted_share * 2:
            yield ordinary(person, day, chance)
            continue
        kind = chance.choice(kinds)
        yield PLANTS[kind](person, day, chance) if kind in PLANTS else _cannot(kind, person, day)


def _facts(said: list[dict[str, object]]) -> dict[str, object]:
    good = {
        "listed": True,
        "evaluated_on": "2026-01-10",
        "inspected_on": "2026-01-10",
        "contract_ends_on": "2026-12-31",
    }
    collectors = [{"id": f"{letter}{n:02d}", "trained_on": "2026-01-05"} for letter in "SABC" for n in range(40)]
    return {
        "statements_complete": True,
        "statements": said,
        "agencies": [
            {"id": "外包甲", **good},
            {"id": "外包乙", **good},
            {
                "id": "外包丙",
                "listed": False,
                "evaluated_on": "2024-01-10",
                "inspected_on": "2024-01-10",
                "contract_ends_on": "2025-12-31",
            },
        ],
        "collectors": [*collectors, {"id": "X99", "trained_on": "2024-01-05"}],
    }
