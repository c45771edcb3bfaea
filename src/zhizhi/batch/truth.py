"""Conditions as three-valued columns: null is not known, and `and`, `or`, `not` of an engine are those of the law."""

from collections.abc import Callable, Iterable
from functools import reduce
from operator import and_, or_

import ibis

from zhizhi.batch.tables import Column
from zhizhi.core.law.catalogue import FEATURES
from zhizhi.core.law.nodes import All, Any, AtLeast, Condition, Is, Not

Lookup = Callable[[str], Column]
"""The column of a feature; of a set with a value, `feature=value`, the column that says whether it holds the value."""

YES, NO = ibis.literal(True), ibis.literal(False)  # what they are called


def column_of(feature: str, value: str | None = None) -> str:
    """The name of the column of a feature, or of one value of a set."""
    name = "f_" + feature.replace(".", "_")
    return name if value is None else f"{name}__{value}"


def truth(condition: Condition, look_up: Lookup) -> Column:
    """Whether a condition holds."""
    if isinstance(condition, Is):
        return _is(condition, look_up)
    if isinstance(condition, AtLeast):
        assert isinstance(condition.number, int), "numbers are filled in before a rule is compiled"
        return look_up(condition.feature) >= condition.number
    if isinstance(condition, Not):
        return ~truth(condition.condition, look_up)
    if isinstance(condition, All):
        return all_of(truth(inner, look_up) for inner in condition.conditions)
    assert isinstance(condition, Any), "conditions are a closed list"
    return any_of(truth(inner, look_up) for inner in condition.conditions)


def all_of(columns: Iterable[Column]) -> Column:
    """True if all are; false if one is; else null. YES and NO themselves are never written into a query."""
    found = list(columns)
    if any(column is NO for column in found):
        return NO
    found = [column for column in found if column is not YES]
    return reduce(and_, found) if found else YES


def any_of(columns: Iterable[Column]) -> Column:
    """True if one is; false if all are; else null. YES and NO themselves are never written into a query."""
    found = list(columns)
    if any(column is YES for column in found):
        return YES
    found = [column for column in found if column is not NO]
    return reduce(or_, found) if found else NO


def negated(column: Column) -> Column:
    """True if it is false; false if it is true; else null."""
    if column is NO:
        return YES
    return NO if column is YES else ~column


def surely(column: Column) -> Column:
    """Whether it is true; never null."""
    return column if column is NO or column is YES else column.fill_null(False)


def is_open(column: Column) -> Column:
    """Whether a truth is not known. Through a number: of a negation Ibis 12 writes `NOT x IS NULL`, another thing."""
    return column.cast("int8").isnull()


def _is(condition: Is, look_up: Lookup) -> Column:
    kind = FEATURES[condition.feature].type
    if kind == "set":
        return any_of(look_up(f"{condition.feature}={value}") for value in sorted(map(str, condition.values)))
    column = look_up(condition.feature)
    if kind == "flag":
        return any_of(column if value else ~column for value in sorted(map(bool, condition.values)))
    return column.isin(sorted(map(str, condition.values)))
