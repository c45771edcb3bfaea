"""What the solver chose, as a wanted contact; and what it should choose where the rules leave it free."""

from collections.abc import Iterator
from datetime import timedelta

from zhizhi.core.conduct.reasoning.possible import TEN, Possible, ordinary
from zhizhi.core.conduct.reasoning.wanted import Clock, Wanted
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.features import Value
from zhizhi.core.law.reasoning.smt import Found, Term, constant, flag, neg, total
from zhizhi.core.law.reasoning.symbols import Symbols


def wishes(possible: Possible) -> Iterator[Term]:
    """What makes a witness ordinary, the most telling first."""
    symbols, base = possible.symbols, ordinary(possible.setting)
    for name in ("hours.plain", "spared.none", "abroad.none", "point.named"):
        yield symbols.situation(name)
    yield flag(f"silence {possible.silences[0].name}")
    for kind in ("conversations", "dials"):
        yield neg(symbols.of("agrees", kind))
    for name, feature in FEATURES.items():
        value = base.values[name]
        yield symbols.known(name) == constant(value is not None)
        if feature.type in ("choice", "set", "flag"):
            options: list[str | bool] = [True] if feature.type == "flag" else sorted(feature.values)
            for option in options:
                wanted = option in value if isinstance(value, frozenset) else value == option
                if feature.type != "choice" or wanted:
                    yield symbols.holds(name, option) == constant(wanted)
        elif feature.type == "day":
            yield symbols.number(name) == 30
        else:
            yield symbols.number(name) == constant(2)
    yield symbols.clock("begin") == TEN
    yield symbols.clock("end") == symbols.clock("begin")
    for most in (12, 6, 3, 1):
        yield total(one.number for one in possible.counted) <= most
    for one in possible.counted:
        yield one.number == 0


def to_wanted(found: Found, possible: Possible) -> Wanted:
    """The contact that the solver's choice describes."""
    symbols, setting = possible.symbols, possible.setting
    values = {name: _value(found, symbols, name, possible) for name in FEATURES}
    events = {one.kind.name: count for one in possible.counted if (count := found.number(one.number))}
    silence = next(one.name for one in possible.silences if found.flag(flag(f"silence {one.name}")))
    agreed = {
        kind: found.number(symbols.of("agreed_number", kind))
        for kind in ("conversations", "dials")
        if found.flag(symbols.of("agrees", kind))
    }
    return Wanted(
        setting.profile, setting.reading, setting.zone, setting.day, values,
        named=found.flag(symbols.situation("point.named")), clock=_clock(found, possible),
        events=events, situation=silence, agreed=agreed,
    )  # fmt: skip


def _value(found: Found, symbols: Symbols, name: str, possible: Possible) -> Value:
    if not found.flag(symbols.known(name)):
        return None
    feature = FEATURES[name]
    if feature.type == "flag":
        return found.flag(symbols.holds(name, True))
    if feature.type == "day":
        return possible.setting.day - timedelta(days=found.number(symbols.number(name)))
    if feature.type == "integer":
        return found.number(symbols.number(name))
    chosen = [value for value in sorted(feature.values) if found.flag(symbols.holds(name, value))]
    return frozenset(chosen) if feature.type == "set" else chosen[0]


def _clock(found: Found, possible: Possible) -> Clock:
    symbols = possible.symbols
    begin, end, shift = (found.number(symbols.clock(name)) for name in ("begin", "end", "shift"))
    zone = None
    if found.flag(symbols.situation("abroad.one")):
        zone = next(key for key, seconds in possible.offsets().items() if seconds == shift)
    hours = [found.number(symbols.clock(name)) for name in ("agreed_from", "agreed_to", "avoid_from", "avoid_to")]
    return Clock(
        begin, end, zone,
        agreed=(hours[0], hours[1]) if found.flag(symbols.situation("hours.agreed")) else None,
        agreed_specific=found.flag(symbols.situation("hours.specific")),
        avoided=(hours[2], hours[3]) if found.flag(symbols.situation("spared.one")) else None,
    )  # fmt: skip
