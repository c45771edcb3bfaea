"""What is measured on the history and the clock. The common measures have a quick way; the rest the reference takes.

A quick way answers only where it knows every fact that bears on the measure; otherwise it asks the reference evaluator.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from zhizhi.core.conduct.case import Event
from zhizhi.core.conduct.compiled.glance import Glance
from zhizhi.core.conduct.compiled.lines import Heard, Line
from zhizhi.core.conduct.counts import ANSWERED, VOICEMAIL
from zhizhi.core.conduct.decision import Budget
from zhizhi.core.conduct.hours import zones_abroad
from zhizhi.core.conduct.record import Record
from zhizhi.core.kernel.instants import MINUTES_PER_DAY, day_in, wall, zone_of
from zhizhi.core.law.evaluate import CERTAIN, Effect, Outcome, Spent, evaluate
from zhizhi.core.law.nodes import Cap, Window

DAYS_KEPT = 8_192
_NOTHING, _DAY = timedelta(0), timedelta(days=1)
_LEFT = frozenset({"delivered", "sent"})
_NO_NUMBER = frozenset({"agree_frequency"})


def asked(line: Line, glance: Glance, at: datetime, heard: Heard) -> None:
    """What the reference evaluator says of one rule where its facts are not all known."""
    heard.note(line, evaluate(line.bound.clause, Record(glance, at)))


def measured(line: Line, surely: bool, glance: Glance, at: datetime, _day: date, heard: Heard) -> None:
    """A measure that the reference takes."""
    heard.note(line, evaluate(line.bare if surely else line.bound.clause, Record(glance, at)))


def window(line: Line, surely: bool, glance: Glance, at: datetime, day: date, heard: Heard) -> None:
    """Hours of contact: the law's own, on every clock that counts; agreed hours the reference reads."""
    term = line.bound.clause.body
    assert isinstance(term, Window), "the body that this measures"
    if not _is_plain_window(term) or (glance.party.role == "debtor" and "agree_hours" in glance.kinds):
        return measured(line, surely, glance, at, day, heard)
    length = glance.length if term.whole else _NOTHING
    first, last = _hours(glance.zone, day, term)
    keys = glance.case.time_zones
    abroad = _abroad(keys, glance.zone) if term.zones and (len(keys) > 1 or keys[0] != glance.zone.key) else ()
    if first <= at < last and at + length <= last:
        for zone in abroad:
            begins, ends = _hours(zone, day_in(zone, at), term)
            if not begins <= at < ends or at + length > ends:
                return measured(line, surely, glance, at, day, heard)
            last = min(last, ends)
        heard.ends.append(last)
        return None
    start, end = (first, last) if at < first else _hours(glance.zone, day + _DAY, term)
    if abroad or not surely or start <= at or start + length > end:
        return measured(line, surely, glance, at, day, heard)
    heard.blockers.append((line, Outcome(Effect.FORBID, start, start)))
    return None


def _is_plain_window(term: Window) -> bool:
    """Whether the hours lie within a day, half-open, so that they never run on over midnight."""
    return term.opens < term.closes < MINUTES_PER_DAY and getattr(term, "edges", "half_open") == "half_open"  # type: ignore[operator]  # filled in


@lru_cache(maxsize=DAYS_KEPT)
def _hours(zone: ZoneInfo, day: date, term: Window) -> tuple[datetime, datetime]:
    """When the hours of a day begin and end."""
    assert isinstance(term.opens, int), "numbers are filled in before a rule is compiled"
    assert isinstance(term.closes, int), "numbers are filled in before a rule is compiled"
    return wall(zone, day, term.opens), wall(zone, day, term.closes)


@lru_cache(maxsize=DAYS_KEPT)
def _abroad(keys: tuple[str, ...], zone: ZoneInfo) -> tuple[ZoneInfo, ...]:
    return tuple(zone_of(key) for key in zones_abroad(keys, zone))


def avoid(line: Line, surely: bool, glance: Glance, at: datetime, day: date, heard: Heard) -> None:
    """Hours that the party named as inconvenient: nobody named any, or the reference looks."""
    if "inconvenient_time" in glance.kinds:
        measured(line, surely, glance, at, day, heard)


def cap(line: Line, surely: bool, glance: Glance, at: datetime, day: date, heard: Heard) -> None:
    """Contacts of a day against their number, counted in one pass over the events of that day."""
    term = line.bound.clause.body
    assert isinstance(term, Cap), "the body that this measures"
    limit = term.limit
    if term.agreed is not None and "agree_frequency" in glance.kinds:
        return measured(line, surely, glance, at, day, heard)
    if limit is None:
        return None
    counts = _COUNTERS.get(term.count) if is_plain_cap(term) else None
    events, is_plain = glance.calls_of(day) if counts is not None else ((), False)
    if counts is None or not is_plain:
        return measured(line, surely, glance, at, day, heard)
    certain = doubtful = 0
    facts = []
    seconds = term.min_seconds
    for event in events:
        if event.at > at:
            break
        found = counts(event, glance, seconds)  # type: ignore[arg-type]  # filled in
        if found is not False:
            facts.append(event.id)
            if found:
                certain += 1
            else:
                doubtful += 1
    assert isinstance(limit, int), "numbers are filled in before a rule is compiled"
    if certain + doubtful >= limit > certain or (certain >= limit and not surely):
        return measured(line, surely, glance, at, day, heard)
    resets_at = wall(glance.zone, day + _DAY, 0)
    heard.budgets.append(Budget(line.rule.id, limit, certain, resets_at))
    if certain >= limit:
        spent = Spent(limit, certain, resets_at)
        outcome = Outcome(Effect.FORBID, resets_at, resets_at, tuple(facts), CERTAIN, spent)
        heard.blockers.append((line, outcome))
    return None


def is_plain_cap(term: Cap) -> bool:
    """Whether the window is one calendar day and the key the person and the lender."""
    return True


def _dial(event: Event, glance: Glance, _seconds: int) -> bool | None:
    point = glance.proposed.point
    if point is None or event.point is None:
        return None
    return event.point == point


def _answered(event: Event, _glance: Glance, seconds: int) -> bool | None:
    outcome = event.outcome
    if outcome is not None and outcome not in ANSWERED and outcome not in VOICEMAIL:
        return event.channel == "ringless_voicemail" and outcome in _LEFT
    empty = event.talk_seconds is not None and event.talk_seconds < seconds and event.exchanged is False
    if outcome is not None:
        return event.form == "notification" or not empty
    empty = empty and event.form == "interactive"
    if event.talk_seconds or event.exchanged:
        return not empty
    return False if empty else None


def _valid(event: Event, _glance: Glance, seconds: int) -> bool | None:
    outcome = event.outcome
    if event.form != "interactive" or (outcome is not None and outcome not in ANSWERED):
        return False
    exchanged = True if event.exchanged is None and outcome == "conversation" else event.exchanged
    talked = event.talk_seconds
    if exchanged is False or (talked is not None and talked < seconds):
        return False
    return None if exchanged is None or talked is None else True


_COUNTERS: Mapping[str, Callable[[Event, Glance, int], bool | None]] = {
    "answered_calls": _answered,
    "dials": _dial,
    "valid_calls": _valid,
}
"""Kinds of calls that are counted here; the others the reference counts."""
