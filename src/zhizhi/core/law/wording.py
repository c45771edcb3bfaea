"""Rules in words: a condition as a sentence, what a rule says as a list, in both languages.

Every node can be told: one that this page has no special words for is told field by field.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from zhizhi.core.kernel.text import Text
from zhizhi.core.law import catalogue, duty_words
from zhizhi.core.law.nodes import All, Any, AtLeast, Body, Condition, Is, Not, Param

__all__ = ["Told", "ValueWord", "told_body", "told_condition"]

ValueWord = Callable[[str, str], Text]
"""The word for a value of a feature."""

_BODIES: Mapping[str, Text] = {
    "Window": Text("只在时段之内", "only inside the hours"),
    "Avoid": Text("避开对方所称不便的时间", "not in hours named as inconvenient"),
    "Cap": Text("次数上限", "at most so many"),
    "Cooldown": Text("间隔期内不得", "not before a waiting time is over"),
    "After": Text("须在某事之后", "only after an event"),
    "Gate": Text("失联之后方可", "only after contact was lost"),
    "Forbid": Text("禁止", "forbidden"),
    "Require": Text("须满足", "required"),
    "Hold": Text("待人工核定", "a person has to look"),
    "Fresh": Text("须在有效期内", "must not be older"),
    "Oblige": Text("须做到", "whoever makes the contact has to"),
    "Duty": Text("限期义务", "a duty with a deadline"),
    "Retain": Text("保存期限", "records are kept"),
}
_FIELDS: Mapping[str, Text] = {
    "opens": Text("自", "from"),
    "closes": Text("至", "to"),
    "whole": Text("整个触达都须在内", "the whole contact has to lie inside"),
    "zones": Text("兼看对方可能所在的境外时区", "also on the clock of zones abroad"),
    "clause_widens": Text("格式条款可以放宽", "a standard clause may widen"),
    "edges": Text("端点", "edges"),
    "count": Text("计数", "count"),
    "limit": Text("上限", "limit"),
    "agreed": Text("当事人自定的数", "the party's own number"),
    "higher_counts": Text("约定较高的也算", "a higher agreed number counts too"),
    "min_seconds": Text("至少秒数", "seconds at least"),
    "days": Text("天数", "days"),
    "minutes": Text("分钟数", "minutes"),
    "per": Text("按", "per"),
    "consent_days": Text("同意之后的天数", "days from a consent on"),
    "attempts": Text("连续未接通次数", "failed attempts in a row"),
    "same_day": Text("当日即可", "at once, not the day after"),
    "spacing_minutes": Text("两次至少间隔分钟", "minutes between attempts at least"),
    "other_points": Text("其余号码也须试过", "every other number was tried too"),
    "contract": Text("合同约定的失联", "the contract's own case"),
    "opens_at": Text("自次日何时起", "from what time of the day on"),
    "condition": Text("条件", "condition"),
    "feature": Text("依据", "feature"),
    "anniversary": Text("按周年日计", "by the same date next year"),
    "do": Text("事项", "step"),
    "occasion": Text("起因", "occasion"),
    "within": Text("期限", "within"),
    "period": Text("单位", "unit"),
    "before": Text("在起因之前", "before the occasion"),
    "by": Text("由谁", "by whom"),
    "record": Text("记录", "record"),
    "most": Text("至多", "no longer"),
    "keeper": Text("保存人", "keeper"),
}
_CLOCKS = frozenset({"opens", "closes", "opens_at"})
_PERIODS: Mapping[str, Text] = {
    "minutes": Text("分钟", "minutes"),
    "hours": Text("小时", "hours"),
    "days": Text("日", "days"),
    "working_days": Text("工作日", "working days"),
    "months": Text("月", "months"),
    "years": Text("年", "years"),
}
_LISTS: Mapping[str, Mapping[str, Text]] = {
    "count": catalogue.COUNTS,
    "agreed": catalogue.AGREED,
    "do": {**catalogue.OBLIGATIONS, **duty_words.DUTIES},
    "occasion": duty_words.OCCASIONS,
    "record": duty_words.RECORDS,
    "keeper": {
        "lender": Text("贷款机构", "the lender"),
        "agency": Text("受托机构", "the agency"),
        "assignee": Text("受让人", "the assignee"),
    },
    "by": {"us": Text("我方", "our side"), "other": Text("他方", "another")},
    "period": _PERIODS,
    "per": getattr(catalogue, "KEYS", {}),
}
"""Where the words of a term's value stand; a value of no list stands for itself."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a rule says: the kind of its body, and its terms one by one."""

    kind: Text
    terms: tuple[Text, ...]


def code_itself(_feature: str, value: str) -> Text:
    """The value as it is written."""
    return Text(value, value)


def told_condition(condition: Condition, word: ValueWord = code_itself) -> Text:
    """A condition as one sentence."""
    if isinstance(condition, All):
        return _joined(condition.conditions, word, Text("且", "and"), Text("一律", "always"))
    if isinstance(condition, Any):
        return _joined(condition.conditions, word, Text("或", "or"), Text("无", "never"))
    if isinstance(condition, Not):
        if isinstance(condition.condition, Is) and not _is_flag(condition.condition):
            return _among(condition.condition, word, Text("不为", "is none of"))
        inner = told_condition(condition.condition, word)
        return Text(f"并非({inner.zh})", f"not ({inner.en})")
    feature = catalogue.FEATURES[condition.feature].text
    if isinstance(condition, AtLeast):
        number = _number(condition.number)
        return Text(f"{feature.zh} ≥ {number}", f"{feature.en} ≥ {number}")
    return _among(condition, word, Text("为", "is")) if not _is_flag(condition) else _flag(condition, feature)


def told_body(body: Body, word: ValueWord = code_itself) -> Told:
    """What a rule says, term by term; what is not asked for is left out."""
    kind = type(body).__name__
    terms = []
    for part in fields(body):
        value = getattr(body, part.name)
        if value is False or value is None or value == part.default:
            continue
        name = _FIELDS.get(part.name, Text(part.name, part.name))
        terms.append(_term(part.name, name, value, word))
    return Told(_BODIES.get(kind, Text(kind, kind)), tuple(terms))


def _is_flag(condition: Is) -> bool:
    return catalogue.FEATURES[condition.feature].type == "flag"


def _flag(condition: Is, feature: Text) -> Text:
    if condition.values == {True}:
        return feature
    if condition.values == {False}:
        return Text(f"非“{feature.zh}”", f"not: {feature.en}")
    return Text(f"已知是否“{feature.zh}”", f"it is known whether: {feature.en}")


def _among(condition: Is, word: ValueWord, verb: Text) -> Text:
    feature = catalogue.FEATURES[condition.feature].text
    words = [word(condition.feature, str(value)) for value in sorted(condition.values, key=str)]
    zh, en = "、".join(text.zh for text in words), ", ".join(text.en for text in words)
    return Text(f"{feature.zh}{verb.zh}{zh}", f"{feature.en} {verb.en} {en}")


def _joined(conditions: tuple[Condition, ...], word: ValueWord, between: Text, empty: Text) -> Text:
    if not conditions:
        return empty
    told = [told_condition(one, word) for one in conditions]
    wrap = [isinstance(one, All | Any) and len(one.conditions) > 1 for one in conditions]
    zh = [f"({text.zh})" if inner else text.zh for text, inner in zip(told, wrap, strict=True)]
    en = [f"({text.en})" if inner else text.en for text, inner in zip(told, wrap, strict=True)]
    return Text(f", {between.zh}".join(zh), f" {between.en} ".join(en))


def _term(key: str, name: Text, value: object, word: ValueWord) -> Text:
    if value is True:
        return name
    if isinstance(value, Is | Not | All | Any | AtLeast):
        return told_condition(value, word)
    if isinstance(value, frozenset):
        words = [_listed(key, str(one)) for one in sorted(value)]
        return Text(f"{name.zh}: {'、'.join(w.zh for w in words)}", f"{name.en}: {', '.join(w.en for w in words)}")
    if key in _CLOCKS and isinstance(value, int):
        clock = f"{value // 60:02d}:{value % 60:02d}"
        return Text(f"{name.zh} {clock}", f"{name.en} {clock}")
    if isinstance(value, int | Param):
        return Text(f"{name.zh}: {_number(value)}", f"{name.en}: {_number(value)}")
    told = catalogue.FEATURES[str(value)].text if key == "feature" else _listed(key, str(value))
    return Text(f"{name.zh}: {told.zh}", f"{name.en}: {told.en}")


def _listed(key: str, code: str) -> Text:
    return _LISTS.get(key, {}).get(code, Text(code, code))


def _number(number: int | Param) -> str:
    return f"param({number.name})" if isinstance(number, Param) else str(number)
