"""Random rules of every width: each node of the vocabulary, with numbers that crowd where cases do."""

from random import Random

from zhizhi.core.law.catalogue import BREACHES, COUNTS, EDGES, FEATURES, KEYS
from zhizhi.core.law.nodes import (
    After,
    All,
    Any,
    AtLeast,
    Avoid,
    Body,
    Cap,
    Clause,
    Condition,
    Cooldown,
    Forbid,
    Fresh,
    Gate,
    Hold,
    Is,
    Not,
    Oblige,
    Require,
    Window,
)


def _test(rng: Random) -> Condition:
    name = rng.choice([name for name, feature in FEATURES.items() if feature.type != "day"])
    feature = FEATURES[name]
    if feature.type == "integer":
        return AtLeast(name, rng.randint(0, 3))
    values = [True, False] if feature.type == "flag" else sorted(feature.values)
    return Is(name, frozenset(rng.sample(values, rng.randint(1, max(1, len(values) // 2)))))


def condition(rng: Random, depth: int = 2) -> Condition:
    """A condition that is neither always nor hardly ever true."""
    shape = rng.randint(0, 5)
    if depth == 0 or shape < 3:
        return _test(rng)
    if shape == 3:
        return Not(condition(rng, depth - 1))
    parts = tuple(condition(rng, depth - 1) for _ in range(rng.randint(0, 3)))
    return All(parts) if shape == 4 else Any(parts)


def _per(rng: Random) -> frozenset[str]:
    usual = frozenset({"person", "lender"})
    return usual if rng.random() < 0.4 else frozenset(rng.sample(sorted(KEYS), rng.randint(0, 3)))


def _window(rng: Random) -> Window:
    opens, closes = rng.choice([(480, 1320), (540, 1260), (0, 1440), (600, 601), (0, 600), (1320, 1440)])
    flags = [rng.random() < 0.5 for _ in range(3)]
    return Window(opens, closes, *flags, edges=rng.choice(sorted(EDGES)))


def _cap(rng: Random) -> Cap:
    agreed = rng.choice([None, "conversations", "dials"])
    windows: list[tuple[int, int | None]] = [(1, None), (1, None), (2, None), (7, None), (1, 60), (1, 1440), (1, 10080)]
    days, minutes = rng.choice(windows)
    return Cap(
        rng.choice(sorted(COUNTS)), None if agreed and rng.random() < 0.3 else rng.randint(1, 4), agreed,
        rng.random() < 0.5, rng.choice([0, 6]), days, minutes, _per(rng), rng.choice([0, 0, 0, 7]),
    )  # fmt: skip


def _gate(rng: Random) -> Gate:
    return Gate(
        rng.randint(1, 3), rng.randint(1, 3), rng.random() < 0.5, rng.choice([0, 60]), rng.random() < 0.5,
        rng.choice(["opens", "needed", "ignored"]), rng.choice([0, 480]),
    )  # fmt: skip


def body(rng: Random) -> Body:
    """Any body that decides something."""
    makers = [
        lambda: _window(rng), lambda: _cap(rng), lambda: _cap(rng), lambda: _gate(rng),
        lambda: Avoid(rng.random() < 0.5, rng.random() < 0.5, rng.choice(["half_open", "closed"])),
        lambda: Cooldown(rng.choice([1, 2, 7, 8]), rng.choice(sorted(COUNTS)), _per(rng), rng.choice([0, 0, 7])),
        lambda: After(rng.choice(sorted(COUNTS)), rng.choice([0, 1, 3]), _per(rng)),
        lambda: Forbid(condition(rng)), lambda: Require(condition(rng)), lambda: Hold(condition(rng)),
        lambda: Fresh(rng.choice(["collector.trained_on", "collector.evaluated_on"]), 365, rng.random() < 0.5),
        lambda: Oblige("record_audio"),
    ]  # fmt: skip
    made: Body = rng.choice(makers)()
    return made


def wide_clauses(seed: int, number: int) -> list[Clause]:
    """So many rules of a seed."""
    rng = Random(seed)
    found = []
    for _ in range(number):
        when = All() if rng.random() < 0.6 else condition(rng, 1)
        unless = Any() if rng.random() < 0.6 else Any((condition(rng, 1),))
        breach = rng.choice(["forbid", "forbid", *sorted(BREACHES)])
        found.append(Clause(when, unless, body(rng), breach))
    return found
