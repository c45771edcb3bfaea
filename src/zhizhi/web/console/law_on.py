"""The law as it stands on a day, and what differs from another day: packs, articles, rules and numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zhizhi.core.kernel.text import Text
from zhizhi.core.law.law import filled_in
from zhizhi.core.law.nodes import Clause, Rule, params_of
from zhizhi.core.law.pack import Article, InForce, Pack, PackCase, Parameter, ParameterValue
from zhizhi.core.law.rules import READINGS
from zhizhi.core.law.wording import Told, ValueWord, told_body, told_condition
from zhizhi.web.shared.written import rule_number

PACK, ARTICLE, NUMBER = Text("规则包", "pack"), Text("条款", "article"), Text("数值", "number")
IN_FORCE, NOT_IN_FORCE = Text("在效", "in force"), Text("不在效", "not in force")


@dataclass(frozen=True, slots=True)
class PackOn:
    """A pack on a day. `when`: in_force, not_yet or over; `marked`: rows that somebody still has to check."""

    pack: Pack
    when: str
    articles: int
    rules: int
    marked: int
    differences: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same on the day shown as on the other one."""

    pack: Pack
    kind: Text
    row: str
    name: Text
    then: Text
    now: Text


@dataclass(frozen=True, slots=True)
class ReadingOn:
    """What a rule says under one reading on a day; nothing where it is silent under it."""

    reading: str
    when: Text | None
    lifting: tuple[Text, ...]
    body: Told | None
    breach: str


@dataclass(frozen=True, slots=True)
class ParameterOn:
    """A number as a dated series: the value on the day shown, and on the other one."""

    parameter: Parameter
    value: ParameterValue | None
    now: int | None

    @property
    def differs(self) -> bool:
        """Whether the number is another one today."""
        return (self.value.value if self.value else None) != self.now


@dataclass(frozen=True, slots=True)
class RuleOn:
    """A rule with its readings side by side, its numbers and its cases."""

    rule: Rule
    explain: Text
    readings: tuple[ReadingOn, ...]
    params: tuple[ParameterOn, ...]
    cases: tuple[PackCase, ...]

    @property
    def differs(self) -> bool:
        """Whether the two readings say different things."""
        first, second = ((one.when, one.lifting, one.body, one.breach) for one in self.readings)
        return first != second


def when_of(span: InForce, day: date) -> str:
    """Where a day lies against a span."""
    if day in span:
        return "in_force"
    return "not_yet" if day < span.first else "over"


def stands(pack: Pack, article: Article, day: date) -> bool:
    """Whether an article is in force on a day."""
    return day in pack.in_force and article.stands_on(day)


def is_marked(article: Article) -> bool:
    """Whether somebody still has to check the row against its source."""
    return article.confidence == "low" or bool(article.review)


def pack_on(pack: Pack, day: date, today: date) -> PackOn:
    """A pack as the list shows it."""
    standing = [article for article in pack.articles if stands(pack, article, day)]
    return PackOn(
        pack=pack,
        when=when_of(pack.in_force, day),
        articles=len(standing),
        rules=sum(len(article.rules) for article in standing),
        marked=sum(is_marked(article) for article in pack.articles),
        differences=sum(1 for _ in differences([pack], day, today)),
    )


def differences(packs: Iterable[Pack], then: date, now: date) -> Iterable[Difference]:
    """What stands differently on one day and on the other: a whole pack, else its articles and numbers."""
    for pack in packs:
        was, is_now = then in pack.in_force, now in pack.in_force
        if was != is_now:
            yield Difference(pack, PACK, "", pack.title, _standing(was), _standing(is_now))
            continue
        if not was:
            continue
        for article in pack.articles:
            before, after = article.stands_on(then), article.stands_on(now)
            if before != after:
                yield Difference(pack, ARTICLE, article.row, article.title, _standing(before), _standing(after))
        for parameter in pack.params.values():
            before_value, value = value_on(parameter, then), value_on(parameter, now)
            if (before_value and before_value.value) != (value and value.value):
                row = (value or before_value or parameter.values[0]).row
                yield Difference(
                    pack, NUMBER, row, parameter.text, _number(parameter, before_value), _number(parameter, value)
                )


def rule_on(pack: Pack, rule: Rule, day: date, today: date, word: ValueWord) -> RuleOn:
    """A rule as it stood on a day."""
    numbers = {name: parameter.on(day) for name, parameter in pack.params.items()}
    names = {name for clause in rule.clauses.values() for name in params_of(clause)}
    params = [pack.params[name] for name in sorted(names) if name in pack.params]
    return RuleOn(
        rule=rule,
        explain=rule.explain.fill(used="…", limit="…", release="…"),
        readings=tuple(_reading(reading, rule.clauses.get(reading), numbers, word) for reading in READINGS),
        params=tuple(ParameterOn(one, value_on(one, day), one.on(today)) for one in params),
        cases=tuple(case for case in pack.cases if case.rule == rule.label),
    )


def value_on(parameter: Parameter, day: date) -> ParameterValue | None:
    """The value in force on a day."""
    return next((value for value in parameter.values if day in value.span), None)


def _reading(reading: str, clause: Clause | None, numbers: dict[str, int | None], word: ValueWord) -> ReadingOn:
    if clause is None:
        return ReadingOn(reading, None, (), None, "")
    names = set(params_of(clause))
    if all(numbers.get(name) is not None for name in names):  # before the pack its numbers are named, not filled in
        clause = filled_in(clause, numbers)
        assert clause is not None, "a clause that was filled in is a clause"
    exceptions = getattr(clause.unless, "conditions", (clause.unless,))
    return ReadingOn(
        reading=reading,
        when=told_condition(clause.when, word),
        lifting=tuple(told_condition(one, word) for one in exceptions),
        body=told_body(clause.body, word),
        breach=getattr(clause, "breach", "forbid"),
    )


def _standing(stands_then: bool) -> Text:
    return IN_FORCE if stands_then else NOT_IN_FORCE


def _number(parameter: Parameter, value: ParameterValue | None) -> Text:
    written = "—" if value is None else rule_number(value.value, parameter.unit)
    return Text(written, written)
