"""Rule blocks: the notation of a rule in, frozen nodes out."""

import re
from collections.abc import Callable, Mapping

from zhizhi.core.kernel.text import Text
from zhizhi.core.law import mistakes as its
from zhizhi.core.law.catalogue import AGREED, BREACHES, COUNTS, EDGES, FEATURES, KEYS, OBLIGATIONS, TOPICS
from zhizhi.core.law.duty_words import ACTORS, DUTIES, KEEPERS, OCCASIONS, PERIODS, RECORDS
from zhizhi.core.law.located import At, listed, load
from zhizhi.core.law.nodes import (
    PERSON_OF_LENDER,
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
    Duty,
    Forbid,
    Fresh,
    Gate,
    Hold,
    Is,
    Not,
    Number,
    Oblige,
    Param,
    Require,
    Retain,
    Rule,
    Window,
)

READINGS = ("strict", "text")
CONFIDENCES = ("high", "medium", "low")
PLACEHOLDERS: Mapping[type, frozenset[str]] = {
    Cap: frozenset({"used", "limit", "release"}),
    Window: frozenset({"release"}),
    Avoid: frozenset({"release"}),
    Cooldown: frozenset({"release"}),
    After: frozenset({"release"}),
    Gate: frozenset({"release"}),
}
_PARAM = re.compile(r"param\(([a-z0-9_]+)\)")
_LABEL = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HOLE = re.compile(r"\{([^{}]*)\}")
_CLAUSE_KEYS = ("when", "unless", "breach")
_RULE_KEYS = ("rule", "topic", *_CLAUSE_KEYS, "reading", "rows", "explain")


class Origin:
    """Where a rule stands: its pack, article and row."""

    def __init__(self, pack: str, row: str, article: str, cites: str, confidence: str) -> None:
        self.pack, self.row, self.article, self.cites, self.confidence = pack, row, article, cites, confidence

    def rule_id(self, label: str) -> str:
        """`pack/article/label`; the row stands in for an article number that is not confirmed."""
        return f"{self.pack}/{self.article}/{label}"


def parse_rule(text: str, file: str, line: int, origin: Origin) -> Rule:
    """Read one rule block. Refuses: PackError with file, line and remedy."""
    block = load(text, file, line)
    keys = block.mapping((*_RULE_KEYS, *_BODIES), ("rule", "topic", "explain"))
    label = keys["rule"].text()
    if _LABEL.fullmatch(label) is None:
        raise keys["rule"].error(its.NO_LABEL, label=label)
    rows = [item.text() for item in keys["rows"].items()] if "rows" in keys else []
    if origin.confidence == "low" and "reading" not in keys:
        raise block.error(its.LOW_PERMITS)
    clauses = _clauses(block, keys)
    if origin.confidence == "low" and "text" in clauses:
        raise block.error(its.LOW_PERMITS)
    return Rule(
        id=origin.rule_id(label),
        row=origin.row,
        label=label,
        topic=keys["topic"].choice(TOPICS),
        cites=origin.cites,
        rows=frozenset({origin.row, *rows}),
        confidence=origin.confidence,
        clauses=clauses,
        explain=_explain(keys["explain"], clauses),
        notation=text,
        line=line,
    )


def _clauses(block: At, keys: Mapping[str, At]) -> dict[str, Clause]:
    readings = keys["reading"].mapping(READINGS) if "reading" in keys else {}
    clauses = {}
    for reading in READINGS:
        change = readings.get(reading)
        if change is not None and change.value is False:
            continue
        clauses[reading] = _clause(block, _changed(keys, change))
    if not clauses:
        raise block.error(its.NO_READING)
    return clauses


def _changed(keys: Mapping[str, At], change: At | None) -> dict[str, At]:
    """The keys of a rule with those that one reading writes differently; inside a body, key by key."""
    result = {key: at for key, at in keys.items() if key in (*_CLAUSE_KEYS, *_BODIES)}
    if change is None:
        return result
    for key, at in change.mapping((*_CLAUSE_KEYS, *_BODIES)).items():
        before = result.get(key)
        if key not in _CLAUSE_KEYS and before and isinstance(before.value, dict) and isinstance(at.value, dict):
            result[key] = At({**before.value, **at.value}, at.file, at.line)
        else:
            result[key] = at
    return result


def _clause(block: At, keys: Mapping[str, At]) -> Clause:
    bodies = [key for key in keys if key in _BODIES]
    if len(bodies) != 1:
        raise block.error(its.MANY_THINGS, number=len(bodies), names=listed(_BODIES))
    if bodies[0] in ("duty", "retain") and ("when" in keys or "unless" in keys):
        raise block.error(its.DUTY_WITH_CONDITION)
    when = parse_condition(keys["when"]) if "when" in keys else All()
    unless: Condition = Any()
    if "unless" in keys:
        unless = Any(tuple(parse_condition(item) for item in keys["unless"].items()))
    breach = keys["breach"].choice(BREACHES) if "breach" in keys else "forbid"
    if breach != "forbid" and bodies[0] not in _BREAKABLE:
        raise keys["breach"].error(its.NOT_BREAKABLE, word=bodies[0], names=listed(_BREAKABLE))
    return Clause(when, unless, _BODIES[bodies[0]](keys[bodies[0]]), breach)


def parse_condition(at: At) -> Condition:
    """`{feature: test, …}`, all of which hold; `any: [{…}, …]` for alternatives. Refuses: PackError."""
    if not isinstance(at.value, dict) or not at.value:
        raise at.error(its.CONDITION_WANTED)
    found: list[Condition] = []
    for name, test in at.value.items():
        if name == "any":
            found.append(Any(tuple(parse_condition(item) for item in test.items())))
        elif name in FEATURES:
            found.append(_test(name, test))
        else:
            raise test.error(its.UNKNOWN_FEATURE, name=name)
    return found[0] if len(found) == 1 else All(tuple(found))


def _test(name: str, at: At) -> Condition:
    feature = FEATURES[name]
    if isinstance(at.value, dict):
        keys = at.mapping(("not", "at_least"))
        if len(keys) != 1:
            raise at.error(its.MANY_TESTS)
        if "not" in keys:
            return Not(_test(name, keys["not"]))
        if feature.type != "integer":
            raise at.error(its.FEATURE_NO_NUMBER, name=name)
        return AtLeast(name, _number(keys["at_least"]))
    if feature.type in ("integer", "day"):
        raise at.error(its.NOT_COMPARED, name=name, type=feature.type)
    written = at.items() if isinstance(at.value, list) else [at]
    values: set[str | bool] = set()
    for item in written:
        if feature.type == "flag":
            values.add(item.flag())
        else:
            values.add(item.choice(sorted(feature.values)))
    if not values:
        raise at.error(its.NOTHING_COMPARED)
    return Is(name, frozenset(values))


def _number(at: At) -> Number:
    if isinstance(at.value, str):
        match = _PARAM.fullmatch(at.value)
        if match is None:
            raise at.error(its.NO_NUMBER, word=at.value)
        return Param(match[1])
    return at.integer()


def _at_least_one(at: At) -> Number:
    number = _number(at)
    if isinstance(number, int) and number < 1:
        raise at.error(its.NOT_POSITIVE, number=number)
    return number


def _optional_number(keys: Mapping[str, At], key: str, default: int) -> Number:
    return _number(keys[key]) if key in keys else default


def _flag(keys: Mapping[str, At], key: str) -> bool:
    return keys[key].flag() if key in keys else False


def _window(at: At) -> Window:
    keys = at.mapping(("opens", "closes", "whole", "zones", "clause_widens", "edges"), ("opens", "closes"))
    return Window(
        opens=_number(keys["opens"]),
        closes=_number(keys["closes"]),
        whole=_flag(keys, "whole"),
        zones=_flag(keys, "zones"),
        clause_widens=_flag(keys, "clause_widens"),
        edges=keys["edges"].choice(EDGES) if "edges" in keys else "half_open",
    )


def _avoid(at: At) -> Avoid:
    keys = at.mapping(("whole", "zones", "edges"))
    edges = keys["edges"].choice(("half_open", "closed")) if "edges" in keys else "half_open"
    return Avoid(whole=_flag(keys, "whole"), zones=_flag(keys, "zones"), edges=edges)


def _per(keys: Mapping[str, At], default: frozenset[str]) -> frozenset[str]:
    return frozenset(item.choice(KEYS) for item in keys["per"].items()) if "per" in keys else default


def _cap(at: At) -> Cap:
    keys = at.mapping(
        ("limit", "count", "agreed", "higher_counts", "min_seconds", "days", "minutes", "per", "consent_days"),
        ("count",),
    )
    if "limit" not in keys and "agreed" not in keys:
        raise at.error(its.NO_LIMIT)
    if "days" in keys and "minutes" in keys:
        raise at.error(its.TWO_WINDOWS)
    return Cap(
        count=keys["count"].choice(COUNTS),
        limit=_number(keys["limit"]) if "limit" in keys else None,
        agreed=keys["agreed"].choice(AGREED) if "agreed" in keys else None,
        higher_counts=_flag(keys, "higher_counts"),
        min_seconds=_optional_number(keys, "min_seconds", 0),
        days=_optional_number(keys, "days", 1),
        minutes=_number(keys["minutes"]) if "minutes" in keys else None,
        per=_per(keys, PERSON_OF_LENDER),
        consent_days=_optional_number(keys, "consent_days", 0),
    )


def _cooldown(at: At) -> Cooldown:
    keys = at.mapping(("days", "count", "per", "consent_days"), ("days",))
    return Cooldown(
        days=_number(keys["days"]),
        count=keys["count"].choice(COUNTS) if "count" in keys else "letters",
        per=_per(keys, frozenset({"person", "lender", "product"})),
        consent_days=_optional_number(keys, "consent_days", 0),
    )


def _after(at: At) -> After:
    keys = at.mapping(("count", "days", "per"), ("count",))
    return After(keys["count"].choice(COUNTS), _optional_number(keys, "days", 0), _per(keys, PERSON_OF_LENDER))


def _gate(at: At) -> Gate:
    keys = at.mapping(
        ("attempts", "days", "same_day", "spacing_minutes", "other_points", "contract", "opens_at"),
        ("attempts", "days"),
    )
    return Gate(
        attempts=_at_least_one(keys["attempts"]),
        days=_at_least_one(keys["days"]),
        same_day=_flag(keys, "same_day"),
        spacing_minutes=_optional_number(keys, "spacing_minutes", 0),
        other_points=_flag(keys, "other_points"),
        contract=keys["contract"].choice(("opens", "needed", "ignored")) if "contract" in keys else "ignored",
        opens_at=_optional_number(keys, "opens_at", 0),
    )


def _fresh(at: At) -> Fresh:
    keys = at.mapping(("feature", "days", "anniversary"), ("feature", "days"))
    days = [name for name, feature in FEATURES.items() if feature.type == "day"]
    return Fresh(keys["feature"].choice(days), _number(keys["days"]), _flag(keys, "anniversary"))


def _period(at: At, keys: Mapping[str, At]) -> tuple[Number, str]:
    """The one period that is written. Refuses: none where one is needed, several."""
    named = [name for name in PERIODS if name in keys]
    if len(named) != 1:
        raise at.error(its.MANY_PERIODS, number=len(named), names=listed(PERIODS))
    return _number(keys[named[0]]), named[0]


def _duty(at: At) -> Duty:
    keys = at.mapping(("do", "after", "before", "by", *PERIODS), ("do",))
    if ("after" in keys) == ("before" in keys):
        raise at.error(its.ONE_OCCASION)
    before = "before" in keys
    within, period = (0, "days") if before and not set(keys) & set(PERIODS) else _period(at, keys)
    return Duty(
        do=keys["do"].choice(DUTIES),
        occasion=keys["before" if before else "after"].choice(OCCASIONS),
        within=within,
        period=period,
        before=before,
        by=keys["by"].choice(ACTORS) if "by" in keys else "us",
    )


def _retain(at: At) -> Retain:
    keys = at.mapping(("record", "after", "most", "keeper", *PERIODS), ("record", "after"))
    within, period = _period(at, keys)
    return Retain(
        record=keys["record"].choice(RECORDS),
        occasion=keys["after"].choice(OCCASIONS),
        within=within,
        period=period,
        most=_flag(keys, "most"),
        keeper=keys["keeper"].choice(KEEPERS) if "keeper" in keys else None,
    )


def _always(at: At) -> Condition:
    return All() if at.value is True else parse_condition(at)


_BODIES: Mapping[str, Callable[[At], Body]] = {
    "window": _window,
    "avoid": _avoid,
    "cap": _cap,
    "cooldown": _cooldown,
    "after": _after,
    "gate": _gate,
    "forbid": lambda at: Forbid(_always(at)),
    "require": lambda at: Require(parse_condition(at)),
    "hold": lambda at: Hold(_always(at)),
    "fresh": _fresh,
    "oblige": lambda at: Oblige(at.choice(OBLIGATIONS)),
    "duty": _duty,
    "retain": _retain,
}


_BREAKABLE = ("window", "avoid", "cap", "cooldown", "after", "gate", "forbid", "require", "fresh")


def _explain(at: At, clauses: Mapping[str, Clause]) -> Text:
    keys = at.mapping(("zh", "en"), ("zh", "en"))
    for language in keys.values():
        for hole in _HOLE.findall(language.text()):
            for clause in clauses.values():
                if hole not in PLACEHOLDERS.get(type(clause.body), frozenset()):
                    raise language.error(its.UNKNOWN_HOLE, hole=hole)
    return Text(keys["zh"].text(), keys["en"].text())
