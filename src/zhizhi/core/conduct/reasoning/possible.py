"""Contacts that `realise` can write down, as formulas: everything the solver may choose when it looks for a witness.

Where these formulas have no answer and the axioms alone have one, there may be a contact that cannot be written here:
then no witness is built, and that is said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from zhizhi.core.conduct.case import parse_case
from zhizhi.core.conduct.hours import zones_abroad
from zhizhi.core.conduct.reasoning.build import realise
from zhizhi.core.conduct.reasoning.histories import Kind, Silence, kinds, silences
from zhizhi.core.conduct.reasoning.measured import Worth, measured
from zhizhi.core.conduct.reasoning.wanted import Clock, Wanted
from zhizhi.core.conduct.record import Record
from zhizhi.core.conduct.view import View
from zhizhi.core.kernel.instants import wall, zone_of
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.features import Value
from zhizhi.core.law.nodes import After, Body, Cap, Cooldown, Gate
from zhizhi.core.law.reasoning.axioms import TO_A_POINT
from zhizhi.core.law.reasoning.smt import Term, conj, constant, disj, flag, implies, neg, number, total
from zhizhi.core.law.reasoning.symbols import READ_TWICE, Symbol, Symbols

ABROAD = ("Asia/Tokyo", "Asia/Kolkata", "Europe/London", "America/New_York", "Asia/Shanghai", "Pacific/Auckland")
NOON, TEN, HALF_DAY = 54_000, 36_000, 43_200
EVENTS_MAX, ROOM_SECONDS, AGREED_MAX = 30, 120, 50
ADDED = ("certain", "possible")
"""Measures to which events add up, one by one."""
BROUGHT = ("barred", "perhaps_barred", "came", "perhaps_came")
"""Measures that one event is enough for."""
TOLD = ("party.told_before", "debtor.spoken_with")
"""Features that events of the history bring about."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The frame of a witness: what does not follow from the rules."""

    profile: str
    reading: str
    zone: str
    day: date


@dataclass(frozen=True, slots=True)
class Counted:
    """A kind of event, how many of it, and what one of it is worth to each measure where it matters."""

    kind: Kind
    number: Term


def ordinary(setting: Setting) -> Wanted:
    """A call to the debtor at ten with nothing against it: what a witness looks like where nothing else is needed."""
    values: dict[str, Value] = {name: False if feature.type == "flag" else None for name, feature in FEATURES.items()}
    recently = setting.day - timedelta(days=30)
    values |= {
        "contact.channel": "voice", "contact.form": "interactive", "contact.purpose": "collect",
        "contact.first": True, "contact.discloses_debt": True, "contact.identifies_collector": True,
        "contact.names_principal": True, "contact.recording": "on", "contact.team_size": 2, "contact.id_shown": True,
        "contact.content": frozenset(), "contact.place": None, "party.role": "debtor", "party.owes": True,
        "party.named_by_debtor": True, "point.source": "contract", "collector.kind": "lender",
        "collector.listed": True, "collector.contract_running": True, "collector.evaluated_on": recently,
        "collector.inspected_on": recently, "collector.trained_on": recently, "collector.person_acts": True,
        "debtor.state": frozenset({"normal"}), "debts.state": frozenset({"overdue"}),
        "case.unreachable_by_contract": "not_agreed", "party.consumer": True, "contact.opt_out_notice": True,
    }  # fmt: skip
    return Wanted(
        setting.profile, setting.reading, setting.zone, setting.day, values, named=True, clock=Clock(TEN, TEN)
    )


class Possible:
    """The formulas of what can be written, for the measures that some rules ask for."""

    def __init__(self, views: Sequence[Symbols], setting: Setting, bodies: Iterable[Body]) -> None:
        self.views, self.symbols, self.setting, self.bodies = views, views[0], setting, list(bodies)
        for view in views:
            for name in TOLD:
                view.known(name)
                view.holds(name, True)
        self.silences = self._silences()
        self.kinds = {kind.name: kind for kind in self._kinds()}
        self._worth: dict[tuple[str, bool, bool], dict[Symbol, Worth]] = {}
        self.counted = list(self._counted())

    def _numbers(self, *names: str) -> list[int]:
        """What rules about the history name: days, minutes, seconds."""
        timed = [body for body in self.bodies if isinstance(body, Cap | Cooldown | After)]
        found = [getattr(body, name, None) for body in timed for name in names]
        return [value for value in found if isinstance(value, int) and value > 1]

    def _kinds(self) -> list[Kind]:
        seconds = [minutes * 60 for minutes in self._numbers("minutes")]
        return kinds(self._numbers("days"), seconds, self._numbers("min_seconds"))

    def _silences(self) -> list[Silence]:
        gates: list[Gate] = [symbol.key for symbol, _ in self.symbols.items() if symbol.kind == "open"]
        if not gates:
            return [Silence("nothing")]
        return silences(
            [gate.attempts for gate in gates if isinstance(gate.attempts, int)],
            [gate.days for gate in gates if isinstance(gate.days, int)],
            [gate.spacing_minutes for gate in gates if isinstance(gate.spacing_minutes, int)],
        )

    def records(self, wanted: Wanted) -> Mapping[str, Record]:
        """The reference reading of what would be written, under each reading of the law."""
        silence = next(one for one in self.silences if one.name == wanted.situation)
        document = realise(wanted, self.kinds, silence)
        cases = {reading: parse_case({**document, "reading": reading}) for reading in ("strict", "text")}
        found = {reading: Record(View(case, self.setting.zone), case.proposed.at) for reading, case in cases.items()}
        return {**found, "": found[self.setting.reading]}

    def _measured(self, named: bool, is_debtor: bool, kind: Kind | None) -> dict[Symbol, Worth]:
        """What one event of a kind is worth to every measure of history, in one of the circumstances that matter."""
        key = (kind.name if kind is not None else "", named, is_debtor)
        if key not in self._worth:
            base = ordinary(self.setting)
            values = dict(base.values) | {"contact.first": kind is None}
            if not is_debtor:
                values |= {"party.role": "contact", "party.owes": False}
            if not named:
                values["point.source"] = None
            events = {} if kind is None else {kind.name: 1}
            wanted = replace(base, values=values, named=named, clock=Clock(NOON, NOON), events=events)
            records = self.records(wanted)
            self._worth[key] = {
                symbol: measured(records[symbol.reading], symbol)
                for symbol, _ in self.symbols.items()
                if symbol.kind in (*ADDED, *BROUGHT) or _is_told(symbol)
            }
        return self._worth[key]

    def _counted(self) -> Iterator[Counted]:
        """The kinds of events that count to anything, one of those that count alike."""
        seen: set[tuple[tuple[str, Worth], ...]] = set()
        for kind in self.kinds.values():
            worth = [self._measured(named, debtor, kind) for named in (True, False) for debtor in (True, False)]
            alike = tuple((symbol.name, value) for one in worth for symbol, value in one.items())
            if any(value for _, value in alike) and alike not in seen:
                seen.add(alike)
                yield Counted(kind, number(f"events {kind.name}"))

    def formulas(self) -> Iterator[Term]:
        """All of it."""
        yield from self._features()
        yield from self._clocks()
        yield from self._history()
        yield from self._gates()
        yield from self._agreements()

    def _known(self, name: str) -> Term:
        return self.symbols.known(name)

    def _true(self, name: str) -> Term:
        return conj([self._known(name), self.symbols.holds(name, True)])

    def _false(self, name: str) -> Term:
        return conj([self._known(name), neg(self.symbols.holds(name, True))])

    def _features(self) -> Iterator[Term]:
        symbols, named = self.symbols, self.symbols.situation("point.named")
        others = [symbols.holds("debts.state", state) for state in FEATURES["debts.state"].values - {"not_due"}]
        yield symbols.holds("contact.reminder", True) == conj([
            symbols.holds("contact.purpose", "remind"), symbols.holds("debts.state", "not_due"), neg(disj(others)),
        ])  # fmt: skip
        stands = disj(
            symbols.holds("contact.channel", name) for name in ("voice", "ringless_voicemail", "letter", "visit")
        )
        at_place, at_work = "contact.at_inconvenient_place", "contact.at_prohibited_work"
        for name in (at_place, at_work):
            yield implies(neg(self._known(name)), stands)
        nowhere, employers = neg(self._known("contact.place")), self._true("point.employers")
        yield neg(conj([self._true(at_place), self._true(at_work), nowhere, neg(employers)]))
        yield implies(neg(self._known(at_work)), neg(employers))
        for name in ("callback.requested", "callback.timed"):
            yield self._known(name)
        for view in self.views[1:]:
            for name in sorted(READ_TWICE - set(TOLD)):
                yield conj([
                    view.known(name) == symbols.known(name), view.holds(name, True) == symbols.holds(name, True)
                ])  # fmt: skip
        yield from self._replies()
        yield from self._standing()
        refused = disj([
            self._true("party.refused"), self._true("party.refused_channel"), neg(self._false("point.refused")),
        ])  # fmt: skip
        confirmed = neg(self._false("party.refusal_confirmed"))
        yield implies(confirmed, conj([refused, neg(symbols.holds("contact.first", True))]))
        entry, employers = "entry.consented", "entry.employer_consented"
        yield implies(symbols.holds("party.role", "employer"), conj([
            self._known(entry) == self._known(employers), symbols.holds(entry, True) == symbols.holds(employers, True),
        ]))  # fmt: skip
        to_a_point = disj(symbols.holds("contact.channel", name) for name in TO_A_POINT)
        for name in ("point.refused", "point.objected"):
            yield implies(neg(self._known(name)), conj([neg(named), to_a_point]))
        for name, feature in FEATURES.items():
            if feature.type == "day":
                yield conj([symbols.number(name) >= -30, symbols.number(name) <= 1000])
            elif feature.type == "integer":
                yield symbols.number(name) <= 20

    def _replies(self) -> Iterator[Term]:
        """What the party sent lies one second before the contact; what it was and where it came from is chosen."""
        symbols, begin = self.symbols, self.symbols.clock("begin")
        answers = conj([self._true("contact.replies"), neg(self._true("contact.continues"))])
        first, last = symbols.clock("avoid_from") * 60, symbols.clock("avoid_to") * 60
        named = conj([symbols.situation("spared.one"), begin > first, begin <= last])
        yield self._true("reply.at_bad_time") == conj([answers, named])
        yield implies(conj([answers, symbols.situation("spared.one")]), conj([
            symbols.situation("abroad.none"), begin != last, begin != last + 1, begin > 0,
        ]))  # fmt: skip
        yield self._known("reply.unspent")
        yield implies(self._true("reply.unspent"), answers)
        yield implies(neg(answers), self._false("reply.same_point"))
        yield implies(conj([answers, neg(symbols.situation("point.named"))]), neg(self._known("reply.same_point")))
        yield implies(symbols.situation("point.named"), self._known("point.wrote_from"))

    def _standing(self) -> Iterator[Term]:
        """What was said and done about the debts, and what the history of a point rules out."""
        symbols, named = self.symbols, self.symbols.situation("point.named")
        debtor, ceased = symbols.holds("party.role", "debtor"), self._true("debts.ceased")
        yield implies(conj([debtor, ceased]), self._true("party.refused"))
        state = symbols.holds("debts.state", "disputed")
        yield implies(state, self._known("debts.unverified"))
        yield implies(self._true("callback.timed"), self._true("consent.time"))
        texts, refused = "point.text_refused", "point.refused"
        yield implies(self._true(refused), self._true(texts))
        yield implies(neg(named), conj([
            self._known(texts) == self._known(refused), implies(self._known(texts), self._false(texts)),
        ]))  # fmt: skip
        yield implies(named, self._known(texts))
        kinds = [(symbol.kind, symbol.key) for symbol, _ in symbols.items()]
        keys = [key for _, key in kinds if isinstance(key, Cap | Cooldown | After)]
        if any("place" in key.per for key in keys):
            yield neg(self._known("contact.place"))
        if any(key.count in ("placed_calls", "silent_calls", "talks") for key in keys):
            yield self._false("point.misdirected")
        consents = [key for kind, key in kinds if kind == "consented"]
        if consents:
            yield neg(self._true("callback.requested"))
        for view in self.views:
            for days in view.keys_of("consented"):
                yield conj([neg(view.of("consented", days)), view.of("unconsented", days)])

    def _clocks(self) -> Iterator[Term]:
        symbols = self.symbols
        begin, end, shift = (symbols.clock(name) for name in ("begin", "end", "shift"))
        yield conj([begin >= 0, begin < 86_400, end <= begin + HALF_DAY])
        for one, other in (
            ("hours.plain", "hours.agreed"),
            ("spared.none", "spared.one"),
            ("abroad.none", "abroad.one"),
        ):
            yield disj([symbols.situation(one), symbols.situation(other)])
            yield neg(conj([symbols.situation(one), symbols.situation(other)]))
        offsets = disj(shift == seconds for seconds in self.offsets().values())
        yield implies(symbols.situation("abroad.one"), offsets)
        leap = measured(self.records(ordinary(self.setting))[""], Symbol("situation", "leap"))
        yield symbols.situation("leap") == constant(leap)

    def offsets(self) -> dict[str, int]:
        """Zones that the debtor may be in besides, and how many seconds their clocks are ahead on that day."""
        home = zone_of(self.setting.zone)
        at = wall(home, self.setting.day, 720)
        found: dict[str, int] = {}
        for key in zones_abroad(ABROAD, home):
            around = {(at + timedelta(days=n)).astimezone(zone_of(key)).utcoffset() for n in range(-3, 5)}
            if len(around) == 1:
                found[key] = _offset(at, key) - _offset(at, self.setting.zone)
        return found

    def _history(self) -> Iterator[Term]:
        symbols, begin = self.symbols, self.symbols.clock("begin")
        numbers = [one.number for one in self.counted]
        some = total(numbers) if numbers else constant(0)
        yield conj([conj(one >= 0 for one in numbers), some <= EVENTS_MAX])
        yield implies(symbols.holds("contact.first", True), some == 0)
        yield implies(some > 0, begin >= ROOM_SECONDS)
        for one in self.counted:
            if one.kind.seconds is not None:
                rest = one.kind.seconds % 86_400
                yield implies(one.number > 0, (begin >= rest) == constant(rest <= NOON))
        for named in (True, False):
            for debtor in (True, False):
                where = conj([
                    symbols.situation("point.named") == constant(named),
                    symbols.holds("party.role", "debtor") == constant(debtor),
                ])  # fmt: skip
                yield implies(where, conj(self._adds_up(named, debtor)))

    def _adds_up(self, named: bool, debtor: bool) -> Iterator[Term]:
        worth = [(one, self._measured(named, debtor, one.kind)) for one in self.counted]
        for symbol, term in self.symbols.items():
            if symbol.kind in ADDED:
                parts = [one.number * values[symbol] for one, values in worth if values.get(symbol)]
                yield term == (total(parts) if parts else constant(0))
            if symbol.kind in BROUGHT:
                yield term == disj(one.number > 0 for one, values in worth if values.get(symbol))
        for view in self.views:
            yield from self._told(view, worth)

    def _told(self, view: Symbols, worth: list[tuple[Counted, dict[Symbol, Worth]]]) -> Iterator[Term]:
        """A feature is true where some event makes it so, false where every event leaves it so, else unknown."""
        for name in TOLD:
            known, yes = (view.symbol(*key) for key in (("known", name), ("holds", (name, True))))
            brings = disj(one.number > 0 for one, values in worth if values.get(known) and values.get(yes))
            if name == "party.told_before":
                confirmed = neg(self._false("party.refusal_confirmed"))
                brings = disj([brings, confirmed])
            opens = disj(one.number > 0 for one, values in worth if not values.get(known))
            yield view.holds(name, True) == brings
            yield view.known(name) == disj([brings, neg(opens)])

    def _gates(self) -> Iterator[Term]:
        """Third persons: one of the situations holds, and each gate says of it what it says."""
        chosen = [flag(f"silence {silence.name}") for silence in self.silences]
        yield disj(chosen)
        yield from (neg(conj([one, other])) for n, one in enumerate(chosen) for other in chosen[:n])
        yield implies(self.symbols.holds("party.role", "debtor"), chosen[0])
        gates = [(symbol, term) for symbol, term in self.symbols.items() if symbol.kind in ("open", "closed")]
        begin = self.symbols.clock("begin")
        turns = sorted({0, *(symbol.key.opens_at * 60 for symbol, _ in gates), 86_400})
        for silence, term in zip(self.silences, chosen, strict=True):
            for first, last in pairwise(turns):
                at = max(first, 2 * ROOM_SECONDS)
                base = ordinary(self.setting)
                values = dict(base.values) | {"party.role": "contact", "party.owes": False}
                if not gates or at >= last:
                    continue
                wanted = replace(base, values=values, clock=Clock(at, at), situation=silence.name)
                records = self.records(wanted)
                says = conj(gate == constant(measured(records[symbol.reading], symbol)) for symbol, gate in gates)
                yield implies(conj([term, begin >= first, begin < last]), says)
            yield implies(term, disj([begin >= 2 * ROOM_SECONDS, term == chosen[0]]))

    def _agreements(self) -> Iterator[Term]:
        symbols = self.symbols
        for kind in ("conversations", "dials"):
            yield neg(symbols.of("narrows", kind))
            yield conj([symbols.of("agreed_number", kind) >= 0, symbols.of("agreed_number", kind) <= AGREED_MAX])
        talks, dials = symbols.of("agrees", "conversations"), symbols.of("agrees", "dials")
        number_of_talks, number_of_dials = (symbols.of("agreed_number", kind) for kind in ("conversations", "dials"))
        yield implies(talks, conj([dials, number_of_dials <= number_of_talks]))
        same = conj([talks, number_of_dials == number_of_talks])
        yield implies(dials, disj([same, symbols.situation("point.named")]))


def _is_told(symbol: Symbol) -> bool:
    name = symbol.key[0] if symbol.kind == "holds" else symbol.key
    return symbol.kind in ("known", "holds") and name in TOLD


def _offset(at: datetime, key: str) -> int:
    offset = at.astimezone(zone_of(key)).utcoffset()
    assert offset is not None, "a zone has an offset"
    return offset // timedelta(seconds=1)
