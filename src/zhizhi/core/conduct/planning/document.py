"""A plan document: a conduct case and `wishes` beside it. Same errors, same codes, same order of checking as a case."""

from datetime import datetime, timedelta
from typing import Any

from zhizhi.core.conduct.case import Case, CaseCode, CaseError, parse_case
from zhizhi.core.conduct.errors import refuse_first
from zhizhi.core.conduct.planning.wish import (
    APART_MINUTES,
    CONTACTS_MAX,
    HORIZON_DAYS_MAX,
    LASTS_MINUTES,
    WISHES_MAX,
    Horizon,
    PlanCase,
    Times,
    Wish,
    points_for,
)
from zhizhi.core.conduct.reading import Reader
from zhizhi.core.conduct.shape import CLOCK, COUNT, INSTANT, PROPOSED, TEXT, Kind, Shape
from zhizhi.core.conduct.words import WEEKDAYS
from zhizhi.core.kernel.instants import MINUTES_PER_DAY
from zhizhi.core.kernel.text import Text

_SAID_ELSEWHERE = frozenset({"at", "direction", "expected_end_at"})
_CONTACT = Shape(
    {key: kind for key, kind in PROPOSED.keys.items() if key not in _SAID_ELSEWHERE},
    PROPOSED.needed - _SAID_ELSEWHERE,
)
_TIMES = Shape(
    {"from": CLOCK, "to": CLOCK, "days": Kind("choices", frozenset(WEEKDAYS), may_be_empty=False)}, frozenset()
)
_WISH = Shape(
    {
        "id": TEXT,
        "count": COUNT,
        "contact": Kind("object", shape=_CONTACT),
        "points": Kind("texts", may_be_empty=False),
        "lasts_minutes": COUNT,
        "apart_minutes": COUNT,
        "apart_days": COUNT,
        "prefer": Kind("object", shape=_TIMES),
        "only": Kind("object", shape=_TIMES),
    },
    frozenset({"id", "count", "contact"}),
)
_PLAN = Shape(
    {
        "wishes": Kind("objects", shape=_WISH, may_be_empty=False),
        "horizon": Kind("object", shape=Shape({"from": INSTANT, "until": INSTANT}, frozenset({"until"}))),
    },
    frozenset({"wishes", "horizon"}),
)
_NOT_OBJECT = Text("方案请求应为对象", "a plan document must be an object")
_NO_START = Text("缺失", "is missing; help: write `horizon.from`, or a `proposed` contact whose instant it begins at")
_EMPTY_SPAN = Text("应晚于开始时刻", "must lie after its beginning")
_TOO_LONG = Text(f"至多 {HORIZON_DAYS_MAX} 天", f"must lie within {HORIZON_DAYS_MAX} days of the beginning")
_TOO_MANY_WISHES = Text(f"至多 {WISHES_MAX} 项", f"must hold at most {WISHES_MAX} wishes")
_TOO_MANY = Text(f"合计至多 {CONTACTS_MAX} 次", f"must ask for at most {CONTACTS_MAX} contacts in all")
_NONE = Text("至少一次", "must be at least 1")
_TWICE = Text("重复使用了同一编号", "is used twice; help: give each its own id")
_UNDEFINED = Text("没有定义这个编号", "is not defined in this case")
_NOT_THEIRS = Text("不属于该当事人", "is no point of this party")


def parse_plan(document: object) -> PlanCase:
    """Read a plan document. Refuses: CaseError with the first finding, places of a wish by `wishes[n]`."""
    if not isinstance(document, dict):
        raise CaseError(CaseCode.BAD_JSON.value, _NOT_OBJECT)
    reader = Reader()
    read: Any = reader.read_object(_PLAN, {key: document[key] for key in _PLAN.keys if key in document}, "")
    refuse_first(reader.findings)
    rest = {key: value for key, value in document.items() if key not in _PLAN.keys}
    given = parse_case(rest) if "proposed" in rest else None
    horizon = _horizon(reader, read["horizon"], given)
    _check_wishes(reader, read["wishes"])
    refuse_first(reader.findings)
    cases = [_case_of(rest, wish, place, horizon) for place, wish in enumerate(document["wishes"])]
    for place, (wish, case) in enumerate(zip(read["wishes"], cases, strict=True)):
        _check_points(reader, wish, case, place)
    refuse_first(reader.findings)
    return PlanCase(
        cases[0], tuple(_wish(wish, case) for wish, case in zip(read["wishes"], cases, strict=True)), horizon
    )


def _horizon(reader: Reader, read: Any, given: Case | None) -> Horizon:
    until: datetime = read["until"]
    start: datetime | None = read.get("from") or (given.proposed.at if given is not None else None)
    if start is None:
        reader.refuse(CaseCode.MISSING_KEY, "horizon.from", _NO_START)
        return Horizon(until, until)
    if until <= start:
        reader.refuse(CaseCode.BAD_ORDER, "horizon.until", _EMPTY_SPAN)
    elif until - start > timedelta(days=HORIZON_DAYS_MAX):
        reader.refuse(CaseCode.BAD_VALUE, "horizon.until", _TOO_LONG)
    return Horizon(start, until)


def _check_wishes(reader: Reader, wishes: Any) -> None:
    if len(wishes) > WISHES_MAX:
        reader.refuse(CaseCode.BAD_VALUE, "wishes", _TOO_MANY_WISHES)
    if sum(wish["count"] for wish in wishes) > CONTACTS_MAX:
        reader.refuse(CaseCode.BAD_VALUE, "wishes", _TOO_MANY)
    seen: set[str] = set()
    for place, wish in enumerate(wishes):
        if wish.get("apart_days", 0) > HORIZON_DAYS_MAX:
            reader.refuse(CaseCode.BAD_VALUE, f"wishes[{place}].apart_days", _TOO_LONG)
        if wish["count"] < 1:
            reader.refuse(CaseCode.BAD_VALUE, f"wishes[{place}].count", _NONE)
        if wish["id"] in seen:
            reader.refuse(CaseCode.BAD_REFERENCE, f"wishes[{place}].id", _TWICE)
        seen.add(wish["id"])


def _case_of(rest: dict[str, Any], wish: Any, place: int, horizon: Horizon) -> Case:
    """The case with the contact of a wish proposed in it, so that a wish is checked as any contact is."""
    proposed = {**wish["contact"], "direction": "out", "at": horizon.start.isoformat()}
    try:
        return parse_case({**rest, "proposed": proposed})
    except CaseError as wrong:
        here = f"`wishes[{place}].contact."
        zh, en = (text.replace("`proposed.", here) for text in (wrong.text.zh, wrong.text.en))
        raise CaseError(wrong.code, Text(zh, en)) from wrong


def _check_points(reader: Reader, wish: Any, case: Case, place: int) -> None:
    owners = {point.id: point.party for point in case.points}
    named = {f"wishes[{place}].points[{n}]": point for n, point in enumerate(wish.get("points", ()))}
    for where, point in named.items():
        if point not in owners:
            reader.refuse(CaseCode.BAD_REFERENCE, where, _UNDEFINED)
        elif owners[point] != case.proposed.party:
            reader.refuse(CaseCode.BAD_REFERENCE, where, _NOT_THEIRS)


def _wish(read: Any, case: Case) -> Wish:
    contact = case.proposed
    return Wish(
        id=read["id"],
        count=read["count"],
        contact=contact,
        points=read.get("points") or points_for(case, contact),
        lasts=timedelta(minutes=read.get("lasts_minutes", LASTS_MINUTES.get(contact.channel, 0))),
        apart=timedelta(minutes=read.get("apart_minutes", APART_MINUTES)),
        apart_days=read.get("apart_days", 0),
        prefer=_times(read.get("prefer")),
        only=_times(read.get("only")),
    )


def _times(read: Any) -> Times | None:
    return None if read is None else Times(read.get("from", 0), read.get("to", MINUTES_PER_DAY), read.get("days"))
