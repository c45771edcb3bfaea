"""A case that somebody tried, told to a person: the decision, every rule that was asked, and the days ahead."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.ahead import Span
from zhizhi.core.conduct.decision import Budget, Decision, Reason
from zhizhi.core.conduct.trace import Asked, Seen, Trace
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, day_in, wall, zone_of
from zhizhi.core.kernel.text import Text
from zhizhi.core.law.catalogue import FEATURES, OBLIGATIONS
from zhizhi.core.law.wording import Told, told_body, told_condition
from zhizhi.web.console.forms.case_words import value_text
from zhizhi.web.shared import vocabulary

DAYS_AHEAD = 7
_DAYS = (
    Text("周一", "Mon"),
    Text("周二", "Tue"),
    Text("周三", "Wed"),
    Text("周四", "Thu"),
    Text("周五", "Fri"),
    Text("周六", "Sat"),
    Text("周日", "Sun"),
)
_YES, _NO, _UNKNOWN = Text("是", "yes"), Text("否", "no"), Text("未知", "unknown")
_LISTS = {
    "contact.channel": ("", "channel"),
    "contact.purpose": ("", "purpose"),
    "contact.form": ("", "form"),
    "contact.recording": ("", "recording"),
    "contact.place": ("", "place"),
    "contact.content": ("", "content"),
    "party.role": ("", "role"),
    "point.source": ("", "source"),
    "collector.kind": ("collector", "kind"),
    "debtor.state": ("debtor", "state"),
    "debts.state": ("debts", "state"),
}
"""Where the words for the values of a feature stand: section and key of the case form."""


@dataclass(frozen=True, slots=True)
class TriedReason:
    """Why, with its pack and the clock time from which it no longer stands in the way."""

    reason: Reason
    pack: str
    until: Text | None


@dataclass(frozen=True, slots=True)
class TriedBudget:
    """A cap and how much of it is used."""

    budget: Budget
    pack: str
    resets_at: Text


@dataclass(frozen=True, slots=True)
class TriedRule:
    """One rule that was asked. `state`: blocks, released, lifted, permits or silent."""

    asked: Asked
    pack: str
    state: str
    when: Text
    lifting: tuple[Text, ...]
    body: Told
    seen: tuple[tuple[Text, Text, Seen], ...]
    used: Text | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a day in units of the strip, and its verdict."""

    start: float
    width: float
    verdict: str
    label: Text


@dataclass(frozen=True, slots=True)
class Day:
    """One civil day of the strip; `top`: where its bar is drawn."""

    day: date
    name: Text
    top: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """All that the page shows of an answer."""

    decision: Decision
    on: date
    at: Text
    next_permitted_at: Text | None
    must_end_by: Text | None
    reasons: tuple[TriedReason, ...]
    budgets: tuple[TriedBudget, ...]
    obligations: tuple[Text, ...]
    rules: tuple[TriedRule, ...]
    days: tuple[Day, ...]
    height: int

    @property
    def speaking(self) -> tuple[TriedRule, ...]:
        """Rules in the way, released or lifted, in this order."""
        return tuple(one for state in ("blocks", "released", "lifted") for one in self.rules if one.state == state)

    @property
    def permitting(self) -> tuple[TriedRule, ...]:
        """Rules that apply and are kept; those that count first."""
        return tuple(sorted((one for one in self.rules if one.state == "permits"), key=lambda one: one.used is None))

    @property
    def silent(self) -> tuple[TriedRule, ...]:
        """Rules that do not apply."""
        return tuple(one for one in self.rules if one.state == "silent")


def tell_tried(found: Trace, spans: Iterable[Span]) -> Tried:
    """The whole answer on the clock of the law's zone."""
    decision, zone = found.decision, zone_of(found.decision.zone)
    days = tuple(_days(spans, zone))
    return Tried(
        decision=decision,
        on=day_in(zone, found.at),
        at=_clock(found.at, zone),
        next_permitted_at=_maybe_clock(decision.next_permitted_at, zone),
        must_end_by=_maybe_clock(decision.must_end_by, zone),
        reasons=tuple(TriedReason(one, _pack(one.rule), _maybe_clock(one.until, zone)) for one in decision.reasons),
        budgets=tuple(TriedBudget(one, _pack(one.rule), _clock(one.resets_at, zone)) for one in decision.budgets),
        obligations=tuple(dict.fromkeys(OBLIGATIONS.get(one.do, Text(one.do, one.do)) for one in decision.obligations)),
        rules=tuple(_rule(one) for one in found.asked),
        days=days,
        height=BAR * len(days),
    )


BAR = 24
"""Height of a day of the strip with the room around it."""

MINUTES_A_UNIT = 3
"""The strip is drawn in units of so many minutes."""


def word_of(feature: str, value: str) -> Text:
    """The word for a value of a feature."""
    return value_text(*_LISTS[feature], value) if feature in _LISTS else Text(value, value)


def _pack(rule: str) -> str:
    return rule.partition("/")[0]


def _clock(at: datetime, zone: ZoneInfo) -> Text:
    local = at.astimezone(zone)
    name = _DAYS[local.weekday()]
    hour = f"{local:%H:%M}" if local.second == 0 else f"{local:%H:%M:%S}"
    return Text(f"{local:%Y-%m-%d} {name.zh} {hour}", f"{local:%Y-%m-%d} {name.en} {hour}")


def _maybe_clock(at: datetime | None, zone: ZoneInfo) -> Text | None:
    return None if at is None else _clock(at, zone)


def _rule(asked: Asked) -> TriedRule:
    spent = asked.outcome.spent
    used = None if spent is None else Text(f"已用 {spent.used}/{spent.limit}", f"used {spent.used} of {spent.limit}")
    seen = tuple((FEATURES[one.feature].text, _value(one), one) for one in asked.seen)
    return TriedRule(
        asked=asked,
        pack=_pack(asked.rule.id),
        state=_state(asked),
        when=told_condition(asked.clause.when, word_of),
        lifting=tuple(told_condition(one, word_of) for one in asked.lifting),
        body=told_body(asked.clause.body, word_of),
        seen=seen,
        used=used,
    )


def _state(asked: Asked) -> str:
    if asked.blocks:
        return "blocks"
    if asked.released:
        return "released"
    if asked.applies is False:
        return "silent"
    return "lifted" if asked.lifted else "permits"


def _value(seen: Seen) -> Text:
    value = seen.value
    if value is None:
        return _UNKNOWN
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, frozenset):
        words = [word_of(seen.feature, one) for one in sorted(value)]
        return Text("、".join(w.zh for w in words) or "无", ", ".join(w.en for w in words) or "none")
    return word_of(seen.feature, value) if isinstance(value, str) else Text(str(value), str(value))


def _days(spans: Iterable[Span], zone: ZoneInfo) -> Iterable[Day]:
    """The spans cut at midnights; a day of summer time's change is drawn by its wall clock."""
    by_day: dict[date, list[Piece]] = {}
    for span in spans:
        day = day_in(zone, span.start)
        while wall(zone, day, 0) < span.until:
            start = max(span.start, wall(zone, day, 0))
            until = min(span.until, wall(zone, day, MINUTES_PER_DAY))
            if start < until:
                by_day.setdefault(day, []).append(_piece(span, start, until, zone))
            day += timedelta(days=1)
    for place, (day, pieces) in enumerate(sorted(by_day.items())):
        name = _DAYS[day.weekday()]
        yield Day(day, Text(f"{day:%m-%d} {name.zh}", f"{day:%m-%d} {name.en}"), place * BAR, tuple(pieces))


def _piece(span: Span, start: datetime, until: datetime, zone: ZoneInfo) -> Piece:
    first, last = start.astimezone(zone), until.astimezone(zone)
    opens = first.hour * 60 + first.minute
    closes = last.hour * 60 + last.minute if last.date() == first.date() else MINUTES_PER_DAY
    verdict = vocabulary.word("verdict", span.verdict.value)
    end = f"{last:%H:%M}" if last.date() == first.date() else "24:00"
    label = Text(f"{first:%H:%M}–{end} {verdict.zh}", f"{first:%H:%M}–{end} {verdict.en}")
    wide = max(1, closes - opens)
    return Piece(opens / MINUTES_A_UNIT, wide / MINUTES_A_UNIT, span.verdict.value, label)
