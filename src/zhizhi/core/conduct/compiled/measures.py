"""What is counted on the history, and what only the reference measures.

A quick way answers only where it knows every fact that bears on the measure; otherwise it asks the reference evaluator.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from zhizhi.core.conduct.case import Event
from zhizhi.core.conduct.compiled.glance import Glance
from zhizhi.core.conduct.compiled.lines import FORBID, HOLD, Heard, Line
from zhizhi.core.conduct.compiled.making import new_budget, new_outcome, new_spent
from zhizhi.core.conduct.counts import ANSWERED, UNANSWERED, VOICEMAIL
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.tally import agreed_number
from zhizhi.core.law.evaluate import CERTAIN, Spent, evaluate
from zhizhi.core.law.features import Doubt, limit_of
from zhizhi.core.law.nodes import PERSON_OF_LENDER, Cap, Gate

Lines = Sequence[Line]
"""Rules that measure the same under the same conditions, so that it is measured once."""

NOBODY: list[Event] = []
_VISITS = frozenset({"visits"})
_UNANSWERED = UNANSWERED - ANSWERED - VOICEMAIL
_LEFT = frozenset({"delivered", "sent"})


def asked(line: Line, glance: Glance, at: datetime, heard: Heard) -> None:
    """What the reference evaluator says of one rule where its facts are not all known."""
    heard.note(line, evaluate(line.bound.clause, Record(glance, at)))


def measured(lines: Lines, surely: bool, glance: Glance, at: datetime, _day: date, heard: Heard) -> None:
    """A measure that the reference takes."""
    record = Record(glance, at)
    for line in lines:
        heard.note(line, evaluate(line.bare if surely else line.bound.clause, record))


def gate(lines: Lines, surely: bool, glance: Glance, at: datetime, day: date, heard: Heard) -> None:
    """Lost contact. Where the contract agreed on nothing, it plays no part in any gate, and equal gates are one."""
    if not surely:
        return measured(lines, surely, glance, at, day, heard)
    for line in lines:
        term = line.bound.clause.body
        assert isinstance(term, Gate), "the body that this measures"
        state = glance.gate_at(term, at)
        if state.is_open is not True:
            effect = FORBID if state.is_open is False else HOLD
            said = new_outcome(effect, state.opens_at, state.opens_at, state.facts, state.doubt)
            heard.blockers.append((line, said))
    return None


def cap(lines: Lines, surely: bool, glance: Glance, at: datetime, day: date, heard: Heard) -> None:
    """Contacts of a day against their number, counted in one pass over the events of that day."""
    line = lines[0]
    term = line.bound.clause.body
    assert isinstance(term, Cap), "the body that this measures"
    agreed = None
    if term.agreed is not None and "agree_frequency" in glance.kinds:
        agreed = agreed_number(glance, term, at, day)
    limit = term.limit if agreed is None else limit_of(term, agreed)
    if limit is None:
        return None
    assert isinstance(limit, int), "numbers are filled in before a rule is compiled"
    events, is_plain = glance.visits_of(day) if term.count in _VISITS else glance.calls_of(day)
    certain, facts = 0, NOBODY
    if events:
        if not is_plain:
            return measured(lines, surely, glance, at, day, heard)
        if events[-1].at > at:
            events = [event for event in events if event.at <= at]
        certain, facts = COUNTERS[term.count](events, glance, term.min_seconds)  # type: ignore[arg-type]  # filled in
    if len(facts) < limit:
        if not heard.is_later:
            heard.budgets.append(new_budget(line.rule.id, limit, certain, heard.resets_at(glance.zone, day)))
        return None
    return _full(
        lines, surely, glance, at, day, heard, new_spent(limit, certain, heard.resets_at(glance.zone, day)), facts
    )


def _full(
    lines: Lines, surely: bool, glance: Glance, at: datetime, day: date, heard: Heard, spent: Spent, facts: list[Event]
) -> None:
    """A cap that is reached, or may be: by outcomes that are open, or by something that the reference names."""
    (line,) = lines
    if spent.used >= spent.limit:
        effect, doubt = FORBID, CERTAIN
    else:
        term = line.bound.clause.body
        open_ones = [event for event in facts if event.outcome is None]
        if not isinstance(term, Cap) or term.count != "answered_calls" or len(open_ones) != len(facts) - spent.used:
            return measured(lines, surely, glance, at, day, heard)
        doubt = Doubt(tuple([f"events.{event.id}.outcome" for event in open_ones]), only_outcomes=True)
        effect = HOLD
    if not surely:
        return measured(lines, surely, glance, at, day, heard)
    said = new_outcome(effect, spent.resets_at, spent.resets_at, tuple([event.id for event in facts]), doubt, spent)
    heard.note(line, said)
    return None


def is_counted_here(term: Cap) -> bool:
    """Whether the window is one calendar day, the key the person and the lender, and the kind one of this page."""
    plain = term.days == 1 and term.minutes is None and term.per == PERSON_OF_LENDER and term.consent_days == 0
    return plain and term.count in COUNTERS


Counter = Callable[[list[Event], Glance, int], tuple[int, list[Event]]]
"""How many events of a kind certainly are among some, and those that are or may be."""


def _dials(events: list[Event], glance: Glance, _seconds: int) -> tuple[int, list[Event]]:
    own = glance.proposed.point
    if own is None:
        return 0, events
    found = [event for event in events if event.point == own or event.point is None]
    return sum([event.point == own for event in found]), found


def _answered_calls(events: list[Event], _glance: Glance, seconds: int) -> tuple[int, list[Event]]:
    certain, found = 0, []
    for event in events:
        outcome = event.outcome
        if outcome in _UNANSWERED:
            continue
        counts = _answered(event, outcome, seconds)
        if counts is not False:
            found.append(event)
            if counts:
                certain += 1
    return certain, found


def _answered(event: Event, outcome: str | None, seconds: int) -> bool | None:
    if outcome is not None and outcome not in ANSWERED and outcome not in VOICEMAIL:
        return event.channel == "ringless_voicemail" and outcome in _LEFT
    empty = event.talk_seconds is not None and event.talk_seconds < seconds and event.exchanged is False
    if outcome is not None:
        return event.form == "notification" or not empty
    empty = empty and event.form == "interactive"
    if event.talk_seconds or event.exchanged:
        return not empty
    return False if empty else None


def _valid_calls(events: list[Event], _glance: Glance, seconds: int) -> tuple[int, list[Event]]:
    certain, found = 0, []
    for event in events:
        outcome, talked = event.outcome, event.talk_seconds
        if event.form != "interactive" or (outcome is not None and outcome not in ANSWERED):
            continue
        exchanged = True if event.exchanged is None and outcome == "conversation" else event.exchanged
        if exchanged is not False and (talked is None or talked >= seconds):
            found.append(event)
            if exchanged and talked is not None:
                certain += 1
    return certain, found


def _all_visits(events: list[Event], _glance: Glance, _seconds: int) -> tuple[int, list[Event]]:
    return len(events), events


COUNTERS: Mapping[str, Counter] = {
    "answered_calls": _answered_calls,
    "dials": _dials,
    "valid_calls": _valid_calls,
    "visits": _all_visits,
}
"""Kinds that are counted here; the others the reference counts."""
