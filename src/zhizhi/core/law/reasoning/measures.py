"""Relations between the measures that rules ask for: hours, counts, letters, gates. Each with its reason.

What is exact is said exactly where the contact is ordinary (no agreement, or one; no zone abroad, or one); everywhere
else only what always holds: that the wider lets in what the narrower does.
"""

from collections.abc import Callable, Iterator
from itertools import permutations

from zhizhi.core.kernel.instants import MINUTES_PER_DAY
from zhizhi.core.law.catalogue import AGREED
from zhizhi.core.law.nodes import After, Avoid, Cap, Cooldown, Gate, Window
from zhizhi.core.law.reasoning.axioms import Axiom
from zhizhi.core.law.reasoning.smt import Term, choose, conj, disj, implies, neg, true
from zhizhi.core.law.reasoning.symbols import Dated, Symbols

MINUTE, DAY = 60, MINUTES_PER_DAY * 60
SHIFT_MAX = 26 * 3600
EDGES_BY_WIDTH = ("open", "half_open", "closed")
CONTAINS: tuple[tuple[str, str, str], ...] = (
    ("valid_calls", "answered_calls", "what is valid was answered"),
    ("connected_notices", "answered_calls", "what was put through was answered"),
    ("unanswered_dials_alike", "dials", "a dial without answer is a dial"),
    ("valid_visits", "visits", "a visit with a talk is a visit"),
    ("silent_calls", "placed_calls", "a call that nobody took was placed"),
)
"""Counts of which the first never exceeds the second, however long a call has to be for either."""


def measure_axioms(symbols: Symbols) -> Iterator[Axiom]:
    """Relations between the measures that were asked for so far."""
    yield from _clocks(symbols)
    yield from _windows(symbols)
    yield from _avoids(symbols)
    yield from _counts(symbols)
    yield from _agreements(symbols)
    yield from _cooldowns(symbols)
    yield from _afters(symbols)
    yield from _gates(symbols)


def _clocks(symbols: Symbols) -> Iterator[Axiom]:
    begin, end, shift = (symbols.clock(name) for name in ("begin", "end", "shift"))
    yield Axiom("begin of a day", "a day has at most 25 hours and a bit", conj([begin >= 0, begin < DAY + 2 * 3600]))
    yield Axiom("ends after it begins", "an end before the begin is refused", end >= begin)
    yield Axiom("offset", "no two zones are further apart", conj([shift > -SHIFT_MAX, shift < SHIFT_MAX]))
    yield Axiom("one sort of hours", "none or one", neg(conj([
        symbols.situation("hours.plain"), symbols.situation("hours.agreed")
    ])))  # fmt: skip
    yield Axiom("agreed with the debtor", "others' agreements replace nothing", implies(
        symbols.situation("hours.agreed"), symbols.holds("party.role", "debtor")
    ))  # fmt: skip
    yield Axiom("a whole day", "these hold on days of 24 hours only", implies(
        disj([symbols.situation("hours.plain"), symbols.situation("hours.agreed")]), begin < DAY
    ))  # fmt: skip
    yield Axiom("one zone abroad", "none or one", neg(conj([
        symbols.situation("abroad.none"), symbols.situation("abroad.one")
    ])))  # fmt: skip
    for first, last, situation in (
        ("agreed_from", "agreed_to", "hours.agreed"),
        ("avoid_from", "avoid_to", "spared.one"),
    ):
        start, stop = symbols.clock(first), symbols.clock(last)
        yield Axiom(f"{situation} begin before they end", "others are left open", implies(
            symbols.situation(situation), conj([start >= 0, start < stop, stop <= MINUTES_PER_DAY])
        ))  # fmt: skip


def _within(begin: Term, end: Term, opens: Term, closes: Term, edges: str = "half_open") -> Term:
    """Half-open: the begin lies inside, the end at most at the close; other edges move by a second."""
    first = opens * MINUTE + (1 if edges == "open" else 0)
    last = closes * MINUTE + (1 if edges == "closed" else 0)
    return conj([begin >= first, begin < last, end <= last])


def _abroad(symbols: Symbols, end: Term, inside: Callable[[Term, Term], Term]) -> Term:
    """Whether the hours hold on the clock of the one zone abroad, whichever day it is there."""
    begin, shift = symbols.clock("begin"), symbols.clock("shift")
    found = []
    for days in (-1, 0, 1, 2):
        there, until = begin + shift - days * DAY, end + shift - days * DAY
        found.append(conj([there >= 0, there < DAY, inside(there, until)]))
    return disj(found)


def _exact(term: Window) -> bool:
    """Hours that lie within one day; others are left open."""
    assert isinstance(term.opens, int), "numbers are filled in"
    assert isinstance(term.closes, int), "numbers are filled in"
    runs_on = term.closes == MINUTES_PER_DAY and (term.opens == 0 or term.edges == "closed")
    return 0 <= term.opens < term.closes <= MINUTES_PER_DAY and not runs_on


def _windows(symbols: Symbols) -> Iterator[Axiom]:
    terms: list[Window] = symbols.keys_of("inside")
    begin = symbols.clock("begin")
    for term in terms:
        if (term.opens, term.closes, term.edges) == (0, MINUTES_PER_DAY, "half_open"):
            ordinary = [symbols.situation("hours.plain"), symbols.clock("end") <= 2 * DAY]
            if term.zones:
                ordinary.append(disj([symbols.situation("abroad.none"), symbols.situation("abroad.one")]))
            yield Axiom(f"hours {term}", "hours around the clock run on", implies(
                conj(ordinary), symbols.of("inside", term)
            ))  # fmt: skip
        if not _exact(term):
            continue
        inside, end = symbols.of("inside", term), symbols.clock("end") if term.whole else begin
        start, stop = symbols.clock("agreed_from"), symbols.clock("agreed_to")
        lower = choose(start > term.opens, start, term.opens)
        upper = choose(stop < term.closes, stop, term.closes)
        clipped = _within(begin, end, lower, choose(upper > lower, upper, lower))
        widens = true() if term.clause_widens else symbols.situation("hours.specific")
        home = choose(
            symbols.situation("hours.agreed"),
            choose(widens, _within(begin, end, start, stop), clipped),
            _within(begin, end, term.opens, term.closes, term.edges),
        )
        abroad = true() if not term.zones else disj([
            symbols.situation("abroad.none"),
            _abroad(symbols, end, lambda b, e, t=term: _within(b, e, t.opens, t.closes, t.edges)),  # type: ignore[misc]  # bound here
        ])  # fmt: skip
        ordinary = [disj([symbols.situation("hours.plain"), symbols.situation("hours.agreed")])]
        if term.zones:
            ordinary.append(disj([symbols.situation("abroad.none"), symbols.situation("abroad.one")]))
        yield Axiom(f"hours {term}", "half-open hours of each day", implies(
            conj(ordinary), inside == conj([home, abroad])
        ))  # fmt: skip
    for narrow, wide in permutations(terms, 2):
        if _wider(wide, narrow):
            yield Axiom(f"hours {narrow} in {wide}", "the wider lets in what the narrower does", implies(
                symbols.of("inside", narrow), symbols.of("inside", wide)
            ))  # fmt: skip


def _wider(wide: Window, narrow: Window) -> bool:
    return (
        wide.opens <= narrow.opens  # type: ignore[operator]  # numbers are filled in
        and wide.closes >= narrow.closes  # type: ignore[operator]  # numbers are filled in
        and wide.whole <= narrow.whole
        and wide.zones <= narrow.zones
        and wide.clause_widens >= narrow.clause_widens
        and EDGES_BY_WIDTH.index(wide.edges) >= EDGES_BY_WIDTH.index(narrow.edges)
    )


def _avoids(symbols: Symbols) -> Iterator[Axiom]:
    terms: list[Avoid] = symbols.keys_of("spared")
    begin, first, last = (symbols.clock(name) for name in ("begin", "avoid_from", "avoid_to"))

    def spared(there: Term, until: Term, tail: int) -> Term:
        early = conj([there < first * MINUTE, until <= first * MINUTE])
        return disj([early, conj([there >= last * MINUTE + tail, until <= first * MINUTE + DAY])])

    for term in terms:
        inside, end = symbols.of("spared", term), symbols.clock("end") if term.whole else begin
        tail = 1 if term.edges == "closed" else 0
        yield Axiom(f"nobody asked: {term}", "without a wish every hour suits", implies(
            symbols.situation("spared.none"), inside
        ))  # fmt: skip
        abroad = true() if not term.zones else disj([
            symbols.situation("abroad.none"), _abroad(symbols, end, lambda b, e, t=tail: spared(b, e, t)),  # type: ignore[misc]  # bound here
        ])  # fmt: skip
        ordinary = [symbols.situation("spared.one")]
        if term.zones:
            ordinary.append(disj([symbols.situation("abroad.none"), symbols.situation("abroad.one")]))
        if tail:
            ordinary.append(last < MINUTES_PER_DAY)
        yield Axiom(f"one wish: {term}", "half-open hours of each day", implies(
            conj(ordinary), inside == conj([spared(begin, end, tail), abroad])
        ))  # fmt: skip
    for strict, mild in permutations(terms, 2):
        fewer = mild.edges in (strict.edges, "half_open")
        if mild.whole <= strict.whole and mild.zones <= strict.zones and fewer:
            yield Axiom(f"{strict} in {mild}", "the milder lets in what the stricter does", implies(
                symbols.of("spared", strict), symbols.of("spared", mild)
            ))  # fmt: skip


def _counts(symbols: Symbols) -> Iterator[Axiom]:
    terms: list[Cap] = symbols.keys_of("certain")
    first = symbols.holds("contact.first", True)
    for term in terms:
        certain, possible = symbols.count(term)
        yield Axiom(f"certain {term}", "what is certain is possible", conj([certain >= 0, certain <= possible]))
        if _after_first(term):
            yield Axiom(f"first {term}", "a first contact has none before it", implies(first, possible == 0))
        if term.count in ("dials", "unanswered_dials_alike") or "point" in term.per:
            yield Axiom(f"number of {term}", "what goes to a number that is not named is not certain", implies(
                neg(symbols.situation("point.named")), certain == 0
            ))  # fmt: skip
    for low, high in permutations(terms, 2):
        why = never_above(low, high)
        if why is not None:
            (certain, possible), (more, most) = symbols.count(low), symbols.count(high)
            yield Axiom(f"{low} up to {high}", why, conj([certain <= more, possible <= most]))
    for days in symbols.keys_of("consented"):
        both = conj([symbols.of("consented", days), symbols.of("unconsented", days)])
        yield Axiom(f"consent {days}", "consented, or not, or not known", neg(both))


def _after_first(term: Dated) -> bool:
    """Whether only contacts of ours with that party count: there are none before the first."""
    return "person" in term.per and term.count != "talks"


def never_above(low: Cap, high: Cap) -> str | None:
    """Why the first count never exceeds the second; None where it may."""
    if low.consent_days != high.consent_days or not low.per >= high.per or not _window_within(low, high):
        return None
    if low.count == high.count:
        longer = low.min_seconds >= high.min_seconds  # type: ignore[operator]  # numbers are filled in
        return "fewer share the key, fall into the window, are long enough" if longer else None
    return next((why for one, other, why in CONTAINS if (low.count, high.count) == (one, other)), None)


def _window_within(low: Cap, high: Cap) -> bool:
    """Whether every window of the first lies in that of the second. Boundary: a day has 23 to 25 hours."""
    assert isinstance(low.days, int), "numbers are filled in"
    assert isinstance(high.days, int), "numbers are filled in"
    if low.minutes is None and high.minutes is None:
        return low.days <= high.days
    if low.minutes is not None and high.minutes is not None:
        return low.minutes <= high.minutes  # type: ignore[operator]  # numbers are filled in
    if low.minutes is not None:
        return low.minutes <= (high.days - 1) * MINUTES_PER_DAY - 60  # type: ignore[operator]  # numbers are filled in
    return low.days * MINUTES_PER_DAY + 60 <= high.minutes  # type: ignore[operator]  # numbers are filled in


def _agreements(symbols: Symbols) -> Iterator[Axiom]:
    for kind in symbols.keys_of("agreed_number"):
        assert kind in AGREED, "an agreement of the catalogue"
        numbers = [symbols.of("agreed_number", kind), symbols.of("narrow_number", kind)]
        yield Axiom(f"agreed {kind}", "nobody agrees to less than nothing", conj(number >= 0 for number in numbers))
    if {"conversations", "dials"} <= set(symbols.keys_of("agreed_number")):
        for says, count in (("agrees", "agreed_number"), ("narrows", "narrow_number")):
            talks, dials = symbols.of(says, "conversations"), symbols.of(says, "dials")
            lower = symbols.of(count, "dials") <= symbols.of(count, "conversations")
            yield Axiom(f"dials {says}", "what names no number binds dials too", implies(talks, conj([dials, lower])))


def _cooldowns(symbols: Symbols) -> Iterator[Axiom]:
    terms: list[Cooldown] = symbols.keys_of("barred")
    first = symbols.holds("contact.first", True)
    for term in terms:
        if _after_first(term):
            some = disj([symbols.of("barred", term), symbols.of("perhaps_barred", term)])
            yield Axiom(f"first {term}", "a first contact has none before it", implies(first, neg(some)))
    for low, high in permutations(terms, 2):
        alike = (low.count, low.consent_days) == (high.count, high.consent_days) and low.per >= high.per
        if alike and low.days <= high.days:  # type: ignore[operator]  # numbers are filled in
            (barred, perhaps), (more, most) = (
                (symbols.of("barred", term), disj([symbols.of("barred", term), symbols.of("perhaps_barred", term)]))
                for term in (low, high)
            )
            yield Axiom(f"{low} within {high}", "what bars for fewer days bars for more", conj([
                implies(barred, more), implies(perhaps, most),
            ]))  # fmt: skip


def _afters(symbols: Symbols) -> Iterator[Axiom]:
    terms: list[After] = symbols.keys_of("came")
    first = symbols.holds("contact.first", True)
    for term in terms:
        came, perhaps = symbols.of("came", term), symbols.of("perhaps_came", term)
        yield Axiom(f"came {term}", "what is certain is possible", implies(came, perhaps))
        if _after_first(term):
            yield Axiom(f"first {term}", "a first contact has none before it", implies(first, neg(perhaps)))
    for late, early in permutations(terms, 2):
        if late.count == early.count and late.per >= early.per and late.days >= early.days:  # type: ignore[operator]  # filled in
            yield Axiom(f"{late} after {early}", "what came long enough ago came", conj([
                implies(symbols.of("came", late), symbols.of("came", early)),
                implies(symbols.of("perhaps_came", late), symbols.of("perhaps_came", early)),
            ]))  # fmt: skip


def _gates(symbols: Symbols) -> Iterator[Axiom]:
    terms: list[Gate] = symbols.keys_of("open")
    for term in terms:
        both = conj([symbols.of("open", term), symbols.of("closed", term)])
        yield Axiom(f"gate {term}", "open, closed, or not known", neg(both))
    for strict, mild in permutations(terms, 2):
        if _stricter(strict, mild):
            yield Axiom(f"{strict} in {mild}", "the milder opens when the stricter does", conj([
                implies(symbols.of("open", strict), symbols.of("open", mild)),
                implies(symbols.of("closed", mild), symbols.of("closed", strict)),
            ]))  # fmt: skip


def _stricter(strict: Gate, mild: Gate) -> bool:
    return (
        strict.attempts >= mild.attempts  # type: ignore[operator]  # numbers are filled in
        and strict.days >= mild.days  # type: ignore[operator]  # numbers are filled in
        and strict.same_day <= mild.same_day
        and strict.spacing_minutes >= mild.spacing_minutes  # type: ignore[operator]  # numbers are filled in
        and strict.other_points >= mild.other_points
        and strict.opens_at >= mild.opens_at  # type: ignore[operator]  # numbers are filled in
    )


def reading_axioms(strict: Symbols, text: Symbols) -> Iterator[Axiom]:
    """Relations between what the two readings make of the same facts: strict opens nothing that text leaves closed."""
    gates: list[Gate] = text.keys_of("open")
    for mild in gates:
        for hard in strict.keys_of("open"):
            if hard == mild or _stricter(hard, mild):
                yield Axiom(f"strict {hard} in text {mild}", "strict takes every open point against the contact", conj([
                    implies(strict.of("open", hard), text.of("open", mild)),
                    implies(text.of("closed", mild), strict.of("closed", hard)),
                ]))  # fmt: skip
    for name in LIFTED_LESS:
        yield from _implied(name, strict, text, "strict lets less lift a rule")
    for name in SEEN_MORE:
        yield from _implied(name, text, strict, "strict sees a talk in more")
    for term in text.keys_of("certain"):
        if term.count == "talks" and not term.consent_days and term in strict.keys_of("certain"):
            (certain, possible), (more, most) = text.count(term), strict.count(term)
            yield Axiom(f"strict {term}", "strict sees a talk in more", conj([certain <= more, possible <= most]))


LIFTED_LESS = ("callback.requested", "callback.timed", "consent.time", "reply.at_bad_time", "reply.unspent")
SEEN_MORE = ("party.told_before", "debtor.spoken_with")


def _implied(name: str, first: Symbols, then: Symbols, why: str) -> Iterator[Axiom]:
    """Yes under the one reading is yes under the other, and no under the other is no under the one."""
    yes, also = (conj([view.known(name), view.holds(name, True)]) for view in (first, then))
    no, neither = (conj([view.known(name), view.holds(name, False)]) for view in (then, first))
    yield Axiom(f"{first.reading} {name}", why, conj([implies(yes, also), implies(no, neither)]))
